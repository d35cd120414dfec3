// gateway/core/client_address.cpp: from where somebody asks: the other end of the connection, or whom a proxy names.
#include "gateway/core/client_address.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace kiroku::gateway {
namespace {

namespace ip = boost::asio::ip;

constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr int ipv4_bits = 96;  // before which an IPv4 address begins
constexpr std::size_t network_bytes = 8;
constexpr int most_hops = 16;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// "192.0.2.1:80", "[2001:db8::1]:80" and "\"[2001:db8::1]\"", as proxies write them.
std::optional<ClientAddress> parse_node(std::string_view text) {
    text = trimmed(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        return end == std::string_view::npos ? std::nullopt : ClientAddress::parse(text.substr(1, end - 1));
    }
    if (std::ranges::count(text, ':') == 1) text = text.substr(0, text.find(':'));
    return ClientAddress::parse(text);
}

/// What stands behind `for=` in one element of `Forwarded`.
std::string_view for_in(std::string_view element) {
    while (!element.empty()) {
        const auto pair = trimmed(element.substr(0, element.find(';')));
        element.remove_prefix(std::min(
            element.size(), element.find(';') == std::string_view::npos ? element.size() : element.find(';') + 1));
        if (pair.size() > 4 && equal_ignoring_case(pair.substr(0, 4), "for=")) return pair.substr(4);
    }
    return {};
}

/// All elements of all fields of that name, in order.
std::vector<std::string_view> elements_of(const Fields& fields, std::string_view name) {
    std::vector<std::string_view> elements;
    fields.each([&](std::string_view field, std::string_view value) {
        if (!equal_ignoring_case(field, name)) return;
        for (auto comma = value.find(','); comma != std::string_view::npos; comma = value.find(',')) {
            elements.push_back(value.substr(0, comma));
            value.remove_prefix(comma + 1);
        }
        elements.push_back(value);
    });
    return elements;
}

}  // namespace

std::optional<ClientAddress> ClientAddress::parse(std::string_view text) {
    boost::system::error_code failed;
    const auto address = ip::make_address(std::string{text}, failed);
    if (failed || text.find('%') != std::string_view::npos) return std::nullopt;
    const auto v6 = address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()) : address.to_v6();
    return ClientAddress{v6.to_bytes()};
}

bool ClientAddress::is_ipv4() const { return std::equal(mapped.begin(), mapped.end(), bytes.begin()); }

std::string ClientAddress::text() const {
    const ip::address_v6 v6{bytes};
    return is_ipv4() ? ip::make_address_v4(ip::v4_mapped, v6).to_string() : v6.to_string();
}

ClientAddress ClientAddress::network() const {
    ClientAddress network = *this;
    if (!is_ipv4()) std::fill(network.bytes.begin() + network_bytes, network.bytes.end(), std::uint8_t{0});
    return network;
}

std::optional<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& ranges) {
    TrustedProxies proxies;
    for (const std::string_view range : ranges) {
        const auto slash = range.find('/');
        const auto address = ClientAddress::parse(range.substr(0, slash));
        if (!address) return std::nullopt;
        int bits = address->is_ipv4() ? 32 : 128;
        if (slash != std::string_view::npos) {
            const auto digits = range.substr(slash + 1);
            int asked = -1;
            const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), asked);
            if (failed != std::errc{} || end != digits.data() + digits.size() || asked < 0 || asked > bits)
                return std::nullopt;
            bits = asked;
        }
        proxies.ranges_.push_back({*address, address->is_ipv4() ? bits + ipv4_bits : bits});
    }
    return proxies;
}

bool TrustedProxies::holds(const ClientAddress& address) const {
    return std::ranges::any_of(ranges_, [&](const Range& range) {
        const auto whole = static_cast<std::size_t>(range.bits / 8);
        if (!std::equal(address.bytes.begin(), address.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                        range.network.bytes.begin()))
            return false;
        const int rest = range.bits % 8;
        if (rest == 0) return true;
        return ((address.bytes[whole] ^ range.network.bytes[whole]) >> (8 - rest)) == 0;
    });
}

ClientAddress TrustedProxies::client(const ClientAddress& peer, const Fields& fields) const {
    if (ranges_.empty() || !holds(peer)) return peer;
    const auto listed = elements_of(fields, "x-forwarded-for");
    const auto forwarded = elements_of(fields, "forwarded");
    if (listed.empty() == forwarded.empty()) return peer;
    const auto& hops = listed.empty() ? forwarded : listed;
    ClientAddress client = peer;
    int seen = 0;
    for (auto hop = hops.rbegin(); hop != hops.rend() && seen < most_hops && holds(client); ++hop, ++seen) {
        const auto named = parse_node(listed.empty() ? for_in(*hop) : *hop);
        if (!named) break;
        client = *named;
    }
    return client;
}

}  // namespace kiroku::gateway
