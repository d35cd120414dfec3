// gateway/realtime/positions.cpp: "I have everything of this channel up to here", as clients keep it and send it back.
#include "gateway/realtime/positions.hpp"

#include "infra/crypto/base64url.hpp"

namespace kiroku::gateway::realtime {
namespace {

constexpr std::size_t tag_size = 12;

void append_number(std::string& out, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
    out += static_cast<char>(number);
}

std::optional<std::int64_t> take_number(std::string_view& bytes) {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        number |= std::uint64_t{byte & 0x7FU} << shift;
        if (byte < 0x80) return static_cast<std::int64_t>(number);
    }
    return std::nullopt;
}

}  // namespace

std::string Positions::write(const Channel& channel, std::span<const Offset> offsets) const {
    std::string bytes;
    for (const auto offset : offsets) append_number(bytes, static_cast<std::uint64_t>(offset.value));
    bytes += tag(channel, bytes);
    return crypto::base64url(bytes);
}

std::optional<std::vector<Offset>> Positions::read(const Channel& channel, std::string_view text,
                                                   std::size_t partitions) const {
    if (text.size() > longest) return std::nullopt;
    const auto bytes = crypto::from_base64url(text);
    if (!bytes || bytes->size() < tag_size) return std::nullopt;
    auto numbers = std::string_view{*bytes}.substr(0, bytes->size() - tag_size);
    if (!crypto::equal(tag(channel, numbers), std::string_view{*bytes}.substr(numbers.size()))) return std::nullopt;

    std::vector<Offset> offsets;
    while (!numbers.empty() && offsets.size() < partitions) {
        const auto number = take_number(numbers);
        if (!number) return std::nullopt;
        offsets.push_back(Offset{*number});
    }
    if (!numbers.empty() || offsets.size() != partitions) return std::nullopt;
    return offsets;
}

std::string Positions::tag(const Channel& channel, std::string_view numbers) const {
    std::string signed_text = "realtime position 1\n";
    signed_text += log_;
    signed_text += '\n';
    signed_text += static_cast<char>(channel.kind);
    signed_text.append(reinterpret_cast<const char*>(channel.user.value.bytes.data()), channel.user.value.bytes.size());
    if (channel.kind == Channel::Kind::challenge) signed_text += to_string(channel.challenge);
    signed_text += numbers;
    const auto print = crypto::fingerprint(key_, signed_text);
    return {reinterpret_cast<const char*>(print.data()), tag_size};
}

}  // namespace kiroku::gateway::realtime
