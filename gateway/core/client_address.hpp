// gateway/core/client_address.hpp: from where somebody asks: the other end of the connection, or whom a proxy names.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/core/fields.hpp"

namespace kiroku::gateway {

/// An IPv6 address; those of IPv4 in their mapped form (::ffff:192.0.2.1).
struct ClientAddress {
    std::array<std::uint8_t, 16> bytes{};

    /// "192.0.2.1", "2001:db8::1". Null if it is anything else; a port or brackets around it are not.
    static std::optional<ClientAddress> parse(std::string_view text);

    [[nodiscard]] bool is_ipv4() const;
    [[nodiscard]] std::string text() const;

    /// Whom one customer of a network has: the /64 of an IPv6 address, all of an IPv4 address.
    [[nodiscard]] ClientAddress network() const;

    friend bool operator==(const ClientAddress&, const ClientAddress&) = default;
};

/// Proxies whose word on `X-Forwarded-For` and `Forwarded` is believed.
class TrustedProxies {
public:
    TrustedProxies() = default;

    /// Addresses and ranges, as "10.0.0.0/8", "192.0.2.7" or "2001:db8::/32". Null if one of them is none.
    static std::optional<TrustedProxies> parse(const std::vector<std::string>& ranges);

    [[nodiscard]] bool holds(const ClientAddress& address) const;

    /// Whoever speaks to us, unless that is a proxy: then the last address before the trusted ones. A proxy adds to one
    /// of the two headers and may pass on the other as it came, so if both are there neither is believed.
    [[nodiscard]] ClientAddress client(const ClientAddress& peer, const Fields& fields) const;

private:
    struct Range {
        ClientAddress network;
        int bits = 128;
    };
    std::vector<Range> ranges_;
};

}  // namespace kiroku::gateway
