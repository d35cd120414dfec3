// tests/unit/audit/checkpoint_test.cpp: a checkpoint is believed as it was signed, by a key that is here, and not
// otherwise.
#include "infra/audit/checkpoint.hpp"

#include <doctest/doctest.h>

using namespace kiroku;
using namespace kiroku::audit;

namespace {

std::vector<crypto::SigningKey> keys(int count) {
    std::vector<crypto::SigningKey> made;
    for (; count > 0; --count) made.push_back(crypto::SigningKey::generate());
    return made;
}

const Checkpoint some{
    {"identity", 3}, Offset{4711}, std::string(64, 'a'), Instant{std::chrono::seconds{1'700'000'000}}};

}  // namespace

TEST_SUITE("audit/checkpoint") {
TEST_CASE("it is read as it was written, whichever of the keys signed it") {
    const auto known = keys(2);
    for (const auto& key : known) {
        const auto read = read_checkpoint(write_checkpoint(some, key), known);
        REQUIRE(read);
        CHECK(read->partition == some.partition);
        CHECK(read->next == some.next);
        CHECK(read->chain == some.chain);
        CHECK(read->at == some.at);
    }
}

TEST_CASE("any change of it is noticed") {
    const auto known = keys(1);
    const auto text = write_checkpoint(some, known[0]);
    const std::pair<std::string, std::string> changes[]{{"identity", "gamification"},
                                                        {R"("partition":"3")", R"("partition":"2")"},
                                                        {"4711", "4712"},
                                                        {"aaaa", "aaab"},
                                                        {"2023-11-14", "2023-11-13"}};
    for (const auto& [from, to] : changes) {
        auto changed = text;
        REQUIRE(changed.find(from) != std::string::npos);
        changed.replace(changed.find(from), from.size(), to);
        CAPTURE(changed);
        CHECK(read_checkpoint(changed, known).error() == "its signature is wrong");
    }
}

TEST_CASE("another key's signature is not believed, nor what is none") {
    const auto known = keys(1);
    const auto text = write_checkpoint(some, keys(1)[0]);
    CHECK(read_checkpoint(text, known).error() == "it is signed by a key that isn't here");
    for (const auto* none : {"", "{", "{}", R"({"partition":"x","next":"1","at":"2023-11-14T00:00:00Z"})"})
        CHECK(read_checkpoint(none, known).error().starts_with("it is no checkpoint"));
}
}
