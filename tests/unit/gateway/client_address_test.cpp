// tests/unit/gateway/client_address_test.cpp: whom a request comes from, and whose word on that is believed.
#include "gateway/core/client_address.hpp"

#include <doctest/doctest.h>

#include "gateway/core/guests.hpp"

using namespace kiroku::gateway;

namespace {

ClientAddress address(const char* text) { return *ClientAddress::parse(text); }

std::string client(const TrustedProxies& proxies, const char* peer,
                   std::vector<std::pair<std::string_view, std::string_view>> sent) {
    Fields fields;
    for (const auto& [name, value] : sent) fields.add(name, value);
    return proxies.client(address(peer), fields).text();
}

}  // namespace

TEST_SUITE("gateway/client_address") {
TEST_CASE("addresses are read in all their forms, and nothing else is") {
    CHECK(address("192.0.2.1").text() == "192.0.2.1");
    CHECK(address("::ffff:192.0.2.1") == address("192.0.2.1"));
    CHECK(address("2001:DB8::1").text() == "2001:db8::1");
    CHECK(address("2001:db8:1:2:3:4:5:6").network().text() == "2001:db8:1:2::");
    CHECK(address("192.0.2.1").network() == address("192.0.2.1"));
    for (const char* bad :
         {"", "a", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::1%eth0", "1.2.3.4:80", "[::1]", " 1.2.3.4"}) {
        CAPTURE(bad);
        CHECK_FALSE(ClientAddress::parse(bad));
    }
}

TEST_CASE("ranges of proxies") {
    const auto proxies = TrustedProxies::parse({"10.0.0.0/8", "192.0.2.7", "2001:db8::/33", "172.16.0.0/12"});
    REQUIRE(proxies);
    for (const char* in : {"10.1.2.3", "192.0.2.7", "2001:db8:7fff::1", "172.31.0.1"})
        CHECK(proxies->holds(address(in)));
    for (const char* out : {"11.0.0.1", "192.0.2.8", "2001:db8:8000::1", "172.32.0.1", "::1"})
        CHECK_FALSE(proxies->holds(address(out)));
    CHECK(TrustedProxies::parse({"0.0.0.0/0"})->holds(address("8.8.8.8")));
    CHECK_FALSE(TrustedProxies::parse({"0.0.0.0/0"})->holds(address("2001:db8::1")));
    for (const char* bad : {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "proxy.example", "::/129"}) {
        CAPTURE(bad);
        CHECK_FALSE(TrustedProxies::parse({bad}));
    }
}

TEST_CASE("strangers' headers are not believed") {
    const auto proxies = *TrustedProxies::parse({"10.0.0.0/8"});
    CHECK(client(proxies, "192.0.2.1", {{"X-Forwarded-For", "198.51.100.9"}}) == "192.0.2.1");
    CHECK(client(TrustedProxies{}, "10.0.0.1", {{"X-Forwarded-For", "198.51.100.9"}}) == "10.0.0.1");
}

TEST_CASE("a proxy's are, from the right, up to the first whom nobody vouches for") {
    const auto proxies = *TrustedProxies::parse({"10.0.0.0/8"});
    const char* proxy = "10.0.0.1";
    CHECK(client(proxies, proxy, {{"X-Forwarded-For", "198.51.100.9"}}) == "198.51.100.9");
    CHECK(client(proxies, proxy, {{"X-Forwarded-For", "1.1.1.1, 198.51.100.9 , 10.2.2.2"}}) == "198.51.100.9");
    CHECK(client(proxies, proxy, {{"X-Forwarded-For", "1.1.1.1"}, {"x-forwarded-for", "198.51.100.9"}}) ==
          "198.51.100.9");
    CHECK(client(proxies, proxy, {{"X-Forwarded-For", "198.51.100.9:4711"}}) == "198.51.100.9");
    CHECK(client(proxies, proxy, {{"X-Forwarded-For", "[2001:db8::5]:4711"}}) == "2001:db8::5");
    CHECK(client(proxies, proxy, {{"Forwarded", "for=1.1.1.1, by=10.0.0.3;For=\"[2001:db8::5]:80\";proto=https"}}) ==
          "2001:db8::5");
    CHECK(client(proxies, proxy, {}) == proxy);
    CHECK(client(proxies, proxy, {{"X-Forwarded-For", "unknown"}}) == proxy);
    CHECK(client(proxies, proxy, {{"X-Forwarded-For", "1.1.1.1, nonsense"}}) == proxy);
    CHECK(client(proxies, proxy, {{"X-Forwarded-For", "198.51.100.9, 10.2.2.2, 10.3.3.3"}}) == "198.51.100.9");
}

TEST_CASE("if both headers are there, one of them is the client's own: neither counts") {
    const auto proxies = *TrustedProxies::parse({"10.0.0.0/8"});
    CHECK(client(proxies, "10.0.0.1", {{"X-Forwarded-For", "198.51.100.9"}, {"Forwarded", "for=1.1.1.1"}}) ==
          "10.0.0.1");
}

TEST_CASE("each address has so many seats, which are free again when they are left") {
    Guests guests{2};
    const auto here = address("192.0.2.1");
    auto first = guests.seat(here);
    auto second = guests.seat(here);
    CHECK(first);
    CHECK(second);
    CHECK_FALSE(guests.seat(here));
    CHECK(guests.seat(address("192.0.2.2")));
    first.reset();
    CHECK(guests.seat(here));
    second.reset();
    auto again = guests.seat(here);
    CHECK(again);
    auto last = std::make_unique<Guests>(1);
    const auto seat = last->seat(here);
    last.reset();
    CHECK(seat);
}
}
