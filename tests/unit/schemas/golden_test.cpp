// tests/unit/schemas/golden_test.cpp: every golden example is read and written again without losing a byte.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "schemas/catalog.hpp"

namespace {

using kiroku::schemas::Entry;

std::string example_of(const Entry& entry) {
    auto path = std::string{KIROKU_SOURCE_DIR} + "/" + std::string{entry.file};
    path.replace(path.rfind(".json"), 5, ".example.json");
    std::ifstream file{path};
    REQUIRE_MESSAGE(file.good(), path);
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    REQUIRE(text.ends_with('\n'));
    text.pop_back();
    return text;
}

std::string with_unknown_member(std::string text) {
    text.pop_back();
    return text + (text.size() > 1 ? "," : "") + R"("unheardOf":{"a":[1,null]}})";
}

}  // namespace

TEST_SUITE("schemas/golden") {
TEST_CASE("each example is read and written again, byte for byte") {
    CHECK(kiroku::schemas::catalog().size() > 50);
    for (const auto& entry : kiroku::schemas::catalog()) {
        CAPTURE(entry.file);
        const auto text = example_of(entry);
        const auto again = entry.recode(text);
        REQUIRE_MESSAGE(again.has_value(), again.error().path, " ", again.error().problem);
        CHECK(*again == text);
    }
}

TEST_CASE("an unknown member is refused where somebody asks for something, and ignored where something is told") {
    for (const auto& entry : kiroku::schemas::catalog()) {
        CAPTURE(entry.file);
        const auto text = example_of(entry);
        const auto again = entry.recode(with_unknown_member(text));
        if (entry.closed) {
            REQUIRE_FALSE(again.has_value());
            CHECK(again.error().kind == kiroku::json::Kind::invalid);
            CHECK(again.error().path == "/unheardOf");
        } else {
            REQUIRE_MESSAGE(again.has_value(), again.error().path, " ", again.error().problem);
            CHECK(*again == text);
        }
    }
}

TEST_CASE("an example that is cut short anywhere is malformed") {
    for (const auto& entry : kiroku::schemas::catalog()) {
        CAPTURE(entry.file);
        const auto text = example_of(entry);
        for (std::size_t size = 0; size < text.size(); ++size) {
            const auto again = entry.recode(std::string_view{text}.substr(0, size));
            CAPTURE(size);
            REQUIRE_FALSE(again.has_value());
            CHECK(again.error().kind == kiroku::json::Kind::malformed);
        }
    }
}
}
