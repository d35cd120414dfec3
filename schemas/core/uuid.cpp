// schemas/core/uuid.cpp: reading, writing and making UUIDs.
#include "schemas/core/uuid.hpp"

#include <sys/random.h>

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>
#include <chrono>
#include <cstddef>
#include <span>
#include <system_error>

namespace kiroku {
namespace {

constexpr std::size_t text_size = 36;
constexpr std::uint8_t not_hex = 0xFF;
// Where each byte's two digits begin in the text.
constexpr std::array<std::uint8_t, 16> digit_at{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

constexpr std::array<std::uint8_t, 256> hex_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(not_hex);
    for (std::uint8_t i = 0; i < 10; ++i) values['0' + i] = i;
    for (std::uint8_t i = 0; i < 6; ++i) values['a' + i] = values['A' + i] = static_cast<std::uint8_t>(10 + i);
    return values;
}

void fill_random(std::span<std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const auto got = ::getrandom(bytes.data(), bytes.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw std::system_error(errno, std::generic_category(), "getrandom");
        bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
}

Uuid random_seed() {
    constexpr std::size_t batch = 64;  // ids for one call of the kernel
    thread_local std::array<Uuid, batch> seeds;
    thread_local std::size_t used = batch;
    if (used == batch) {
        fill_random({seeds.front().bytes.data(), sizeof seeds});
        used = 0;
    }
    return seeds[used++];
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
    static constexpr auto hex = hex_values();
    if (text.size() != text_size) return std::nullopt;
    if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return std::nullopt;
    Uuid uuid;
    std::uint8_t bad = 0;
    for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
        const std::uint8_t high = hex[static_cast<std::uint8_t>(text[digit_at[i]])];
        const std::uint8_t low = hex[static_cast<std::uint8_t>(text[digit_at[i] + 1U])];
        bad |= static_cast<std::uint8_t>((high | low) & 0xF0);
        uuid.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    if (bad != 0) return std::nullopt;
    return uuid;
}

void to_chars(const Uuid& uuid, char* out) {
    static constexpr std::string_view digits = "0123456789abcdef";
    out[8] = out[13] = out[18] = out[23] = '-';
    for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
        out[digit_at[i]] = digits[uuid.bytes[i] >> 4];
        out[digit_at[i] + 1U] = digits[uuid.bytes[i] & 0x0F];
    }
}

std::string to_string(const Uuid& uuid) {
    std::string text(text_size, '\0');
    to_chars(uuid, text.data());
    return text;
}

Uuid uuid_v5(const Uuid& name_space, std::string_view name) {
    boost::uuids::uuid parent;
    std::ranges::copy(name_space.bytes, parent.begin());
    const auto child = boost::uuids::name_generator_sha1{parent}(name.data(), name.size());
    Uuid uuid;
    std::ranges::copy(child, uuid.bytes.begin());
    return uuid;
}

Uuid uuid_v7(Instant time, const Uuid& seed) {
    Uuid uuid = seed;
    // The bytes that the time takes are folded into the last ones, so that seeds differing only there stay apart.
    for (std::size_t i = 0; i < 6; ++i) uuid.bytes[10 + i] ^= seed.bytes[i];
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.time_since_epoch().count()));
    for (std::size_t i = 0; i < 6; ++i) uuid.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    uuid.bytes[6] = static_cast<std::uint8_t>(0x70 | (uuid.bytes[6] & 0x0F));
    uuid.bytes[8] = static_cast<std::uint8_t>(0x80 | (uuid.bytes[8] & 0x3F));
    return uuid;
}

Uuid random_uuid_v7() {
    return uuid_v7(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()), random_seed());
}

}  // namespace kiroku
