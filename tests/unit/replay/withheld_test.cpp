// tests/unit/replay/withheld_test.cpp: what is withheld isn't shown, and can't be asked for.
#include "infra/replay/withheld.hpp"

#include <doctest/doctest.h>

#include "tests/unit/replay/replayed_event.hpp"

using namespace kiroku;
using namespace kiroku::replay;

namespace {

std::string shown(std::string data, const std::vector<std::string_view>& members) {
    test::ReplayedEvent made;
    made.data = std::move(data);
    const auto event = made.event();
    const auto text = without(event.text, members);
    const auto envelope = log::read_envelope(text);
    REQUIRE(envelope.has_value());
    CHECK(envelope->subject == event.envelope.subject);
    CHECK(envelope->id == event.envelope.id);
    return std::string{envelope->data};
}

}  // namespace

TEST_SUITE("replay/withheld") {
TEST_CASE("members are left out, wherever they stand, and all others stay byte for byte") {
    const std::string data = R"({"a":1.50,"b":"x","c":{"b":[1,"b"]},"d":[],"e":null,"f":true})";
    CHECK(shown(data, {}) == data);
    CHECK(shown(data, {"a"}) == R"({"b":"x","c":{"b":[1,"b"]},"d":[],"e":null,"f":true})");
    CHECK(shown(data, {"b", "d"}) == R"({"a":1.50,"c":{"b":[1,"b"]},"e":null,"f":true})");
    CHECK(shown(data, {"f", "c", "nowhere"}) == R"({"a":1.50,"b":"x","d":[],"e":null})");
    CHECK(shown(data, {"a", "b", "c", "d", "e", "f"}) == "{}");
    CHECK(shown("{}", {"a"}) == "{}");
}

TEST_CASE("escapes hide no name, and quotes in texts end nothing") {
    CHECK(shown(R"({"a":"\"b\":1,","b":"\\","c":"\u00e9}"})", {"b"}) == R"({"a":"\"b\":1,","c":"\u00e9}"})");
    CHECK(shown(R"({"\u0062":"secret","c":1})", {"b"}) == R"({"c":1})");
}

TEST_CASE("data that can't be read is not shown") {
    test::ReplayedEvent made;
    made.data = R"({"a":"x" "b":"secret"})";
    const auto event = made.event();
    const std::vector<std::string_view> members{"b"};
    CHECK_THROWS(without(event.text, members));
}

TEST_CASE("of a closed context only what has a rule is shown") {
    const Withheld withheld{{{"a.known.v1", {"x"}}, {"a.open.v1"}, {"b.other.v1", {"y"}}}, {"a"}};
    CHECK_FALSE(withheld.hides("a.known.v1"));
    CHECK_FALSE(withheld.hides("a.open.v1"));
    CHECK(withheld.hides("a.open.v2"));
    CHECK_FALSE(withheld.hides("b.whatever.v1"));
    CHECK(withheld.hidden_in("a.known.v1").size() == 1);
    CHECK(withheld.hidden_in("a.open.v1").empty());
    CHECK(withheld.hidden_in("b.other.v1").size() == 1);
    CHECK(withheld.hidden_in("b.whatever.v1").empty());
}
}
