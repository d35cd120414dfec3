// tests/unit/projections/dictionary_test.cpp: what is told of read models to people who ask their tables with SQL.
#include "projections/engine/dictionary.hpp"

#include "projections/engine/analysts.hpp"
#include "projections/read_models.hpp"
#include "tests/support/given.hpp"

using namespace kiroku;
using namespace kiroku::projections;

namespace {

TableShape shelf() {
    TableShape shape{"shelf",
                     {{"user_id", "uuid", false, true, ""},
                      {"xp", "bigint", false, false, "CHECK (xp >= 0 | true)"},
                      {"note", "jsonb", true, false, ""}},
                     {"xp DESC"},
                     "A learner's shelf."};
    shape.columns[0].meaning = "Whose.";
    shape.columns[1].meaning = "XP on it.";
    shape.columns[2].meaning = "Theirs.";
    return shape;
}

bool is_sentence(std::string_view text) { return text.size() >= 8 && text.back() == '.' && text.find(" (") != 0; }

}  // namespace

TEST_SUITE("data dictionary") {
TEST_CASE("every table and column of every read model says what it means") {
    for (const auto& model : all_read_models()) {
        INFO(model.name, ": ", model.question);
        CHECK(model.question.ends_with('?'));
        for (const auto& table : model.make_tables(Keep::some)) {
            INFO(table->shape().name, ": ", table->shape().meaning);
            CHECK(is_sentence(table->shape().meaning));
            for (const auto& column : table->shape().columns) {
                INFO(column.name, ": ", column.meaning);
                CHECK(is_sentence(column.meaning));
                CHECK((!column.nullable || column.meaning.find("null: ") != std::string::npos));
            }
        }
    }
}

TEST_CASE("who somebody is and how they log in is not for analysts") {
    for (const auto& model : all_read_models()) {
        for (const auto& table : model.make_tables(Keep::some)) {
            for (const auto& column : table->shape().columns) {
                INFO(table->shape().name, ".", column.name);
                const auto has = [&](std::string_view word) { return column.name.find(word) != std::string::npos; };
                if (has("credential")) CHECK(column.privacy == Privacy::secret);
                if (has("email") || has("name") || has("biometric")) CHECK(column.privacy == Privacy::personal);
                if (column.name == "user_id") CHECK(column.privacy == Privacy::open);
            }
        }
    }
}

TEST_CASE("what is open is granted, after what was granted before is taken back") {
    auto shape = shelf();
    CHECK(grants("s", shape, "reader") ==
          "REVOKE ALL ON \"s\".shelf FROM reader;\nGRANT SELECT ON \"s\".shelf TO reader;\n");
    shape.columns[2].privacy = Privacy::personal;
    CHECK(grants("s", shape, "reader") ==
          "REVOKE ALL ON \"s\".shelf FROM reader;\nGRANT SELECT (user_id, xp) ON \"s\".shelf TO reader;\n");
    for (auto& column : shape.columns) column.privacy = Privacy::secret;
    CHECK(grants("s", shape, "reader") == "REVOKE ALL ON \"s\".shelf FROM reader;\n");
}

TEST_CASE("comments say what is personal, and quote what they must") {
    auto shape = shelf();
    shape.columns[2].privacy = Privacy::personal;
    CHECK(comments("s", shape) ==
          "COMMENT ON TABLE \"s\".shelf IS 'A learner''s shelf.';\n"
          "COMMENT ON COLUMN \"s\".shelf.user_id IS 'Whose.';\nCOMMENT ON COLUMN \"s\".shelf.xp IS 'XP on it.';\n"
          "COMMENT ON COLUMN \"s\".shelf.note IS 'Theirs. (personal)';\n");
}

TEST_CASE("the dictionary tells all of them, in Markdown and in JSON") {
    const auto models = all_read_models();
    const auto markdown = dictionary_as_markdown(models);
    const auto json = dictionary_as_json(models);
    for (const auto& model : models) {
        CHECK(markdown.find("\n## " + model.name + ": " + model.question) != std::string::npos);
        CHECK(json.find("{\"readModel\":\"" + model.name + "\",") != std::string::npos);
        for (const auto& table : model.make_tables(Keep::some)) {
            CHECK(markdown.find("\n### " + table->shape().name + "\n") != std::string::npos);
            for (const auto& column : table->shape().columns) {
                CHECK(markdown.find("| `" + column.name + "` | " + column.sql + " | ") != std::string::npos);
                CHECK(json.find("\"name\":\"" + column.name + "\",\"type\":\"" + column.sql) != std::string::npos);
            }
        }
    }
    CHECK(markdown.find("| `credential` | text | **secret** | The password") != std::string::npos);
    CHECK(markdown.find("| `user_id` | uuid | key | The user") != std::string::npos);
    CHECK(markdown.find("Indexed by `user_id, occurred_at, total_xp, award_id`.") != std::string::npos);
    CHECK(markdown.find("may be null, **personal** | About the learner's body") != std::string::npos);
}
}
