// schemas/core/uuid.hpp: the identity of people, things, events and commands.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/core/strong.hpp"
#include "schemas/core/time.hpp"

namespace kiroku {

/// 16 bytes in network order; compares as its text does. The default is the nil UUID.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    friend auto operator<=>(const Uuid&, const Uuid&) = default;

    /// Reads 36 characters, hex digits in either case and dashes; nothing else.
    static std::optional<Uuid> parse(std::string_view text);
};

/// 36 characters, lower case.
std::string to_string(const Uuid& uuid);
/// The same into `out[0..35]`, without a terminating zero.
void to_chars(const Uuid& uuid, char* out);

template <class Tag>
std::string to_string(const Strong<Uuid, Tag>& id) {
    return to_string(id.value);
}

/// RFC 9562 version 5: the same name in the same namespace is the same id, for ever.
Uuid uuid_v5(const Uuid& name_space, std::string_view name);

/// RFC 9562 version 7 with `seed` in the place of randomness: same time, same seed, same id. Sorts by time (before the
/// year 10889; a time before 1970 counts as 1970).
Uuid uuid_v7(Instant time, const Uuid& seed);

/// RFC 9562 version 7 from the clock and the kernel's randomness. Any thread.
Uuid random_uuid_v7();

}  // namespace kiroku

template <>
struct std::hash<kiroku::Uuid> {
    std::size_t operator()(const kiroku::Uuid& uuid) const noexcept {
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        std::memcpy(&high, uuid.bytes.data(), sizeof high);
        std::memcpy(&low, uuid.bytes.data() + sizeof high, sizeof low);
        std::uint64_t mixed = (high ^ (low * 0x9E3779B97F4A7C15ULL)) * 0xD6E8FEB86659FD93ULL;
        return static_cast<std::size_t>(mixed ^ (mixed >> 32));
    }
};
