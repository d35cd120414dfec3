// tests/unit/gateway/address_test.cpp: when two e-mail addresses are the same one.
#include "gateway/identity/address.hpp"

#include <doctest/doctest.h>

using namespace kiroku;
using namespace kiroku::gateway;

TEST_SUITE("gateway/address") {
TEST_CASE("case and blanks around it don't matter") {
    CHECK(normal_address(" Mika.Tanaka+a@Example.ORG\t") == "mika.tanaka+a@example.org");
    CHECK(normal_address("m\xC3\xBCller@example.org") == "m\xC3\xBCller@example.org");
}

TEST_CASE("letters beyond ASCII are taken as they come: another form is another address") {
    CHECK(normal_address("u\xCC\x88@example.org") != normal_address("\xC3\xBC@example.org"));
}

TEST_CASE("what can't be an address") {
    for (const std::string& bad :
         {std::string{}, std::string{"  "}, std::string{"mika"}, std::string{"@example.org"}, std::string{"mika@"},
          std::string{"mika@example"}, std::string{"a@b@example.org"}, std::string{"mika@.org"},
          std::string{"mika@org."}, std::string{"mika@a..org"}, std::string{"mi ka@example.org"},
          std::string{"mika@exa\nmple.org"}, std::string{"\xFF@example.org"}, std::string(65, 'a') + "@example.org",
          "a@" + std::string(250, 'b') + ".org"}) {
        CAPTURE(bad);
        CHECK_FALSE(normal_address(bad));
    }
}

TEST_CASE(
    "B19: what looks like another address or name but isn't is refused; joiners that scripts need stay in names") {
    for (const std::string hidden :
         {"\u200B", "\u200C", "\u200D", "\u200E", "\u202E", "\u2066", "\u2060", "\uFEFF", "\u00AD"}) {
        CAPTURE(hidden);
        CHECK_FALSE(normal_address("mi" + hidden + "ka@example.org"));
        CHECK(has_invisible("Mi" + hidden + "ka", false));
        CHECK(has_invisible("Mi" + hidden + "ka", true) == (hidden != "\u200C" && hidden != "\u200D"));
    }
    for (const char* visible : {"Mika 記録", "Zoë", "نیما", "👩‍🚀", "‐—…"})
        CHECK_FALSE(has_invisible(visible, true));
    CHECK(normal_address("zoë@example.org"));
}

TEST_CASE("its name in the log tells nothing without the key") {
    const auto key = crypto::Secret::random();
    CHECK(claim_on("mika@example.org", key) == claim_on("mika@example.org", key));
    CHECK(claim_on("mika@example.org", key) != claim_on("noor@example.org", key));
    CHECK(claim_on("mika@example.org", key) != claim_on("mika@example.org", crypto::Secret::random()));
}
}
