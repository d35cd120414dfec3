// tests/unit/gateway/etag_test.cpp: tags of what was answered, and what clients ask of them.
#include "gateway/core/etag.hpp"

#include <doctest/doctest.h>

using namespace kiroku::gateway;

TEST_SUITE("gateway/etag") {
TEST_CASE("another content, another tag; the same, the same") {
    CHECK(content_tag("{}") == content_tag("{}"));
    CHECK(content_tag("{}") != content_tag("{ }"));
    CHECK(content_tag("{}").starts_with("W/\""));
    CHECK(content_tag("").size() == content_tag(std::string(100'000, 'x')).size());
}

TEST_CASE("If-None-Match: a list, compared weakly") {
    const auto tag = content_tag("{}");
    CHECK(names("*", tag));
    CHECK(names(tag, tag));
    CHECK(names(tag.substr(2), tag));
    CHECK(names("\"a\", " + tag + " , \"b\"", tag));
    CHECK(names("W/\"7\"", "\"7\""));
    for (const auto* other : {"", "\"", "7", "\"77\"", "W/\"\"", "\"a\", \"7", "\"a,7\""})
        CHECK_FALSE(names(other, "\"7\""));
}

TEST_CASE("If-Match: one version, compared strongly, or any") {
    const auto asked = [](std::string_view text) {
        const auto precondition = read_if_match(text);
        return precondition ? precondition->version : std::optional<std::int64_t>{-2};
    };
    CHECK(asked("*") == std::nullopt);
    CHECK(asked(version_tag(7)) == 7);
    CHECK(asked(version_tag(7, true)) == -1);
    for (const auto* never :
         {"W/\"7\"", "\"\"", "\"seven\"", "\"7 \"", "\"99999999999999999999\"", "\"-incomplete\""}) {
        CHECK_MESSAGE(asked(never) == -1, never);
    }
    for (const auto* none : {"", "7", "\"7", "\"7\", \"8\"", "\"7\" ", "W/", "*, \"7\""}) {
        CHECK_MESSAGE(asked(none) == -2, none);
    }
}
}
