// tests/unit/commands/decision_store_test.cpp: a store that is loaded holds what one that is written holds.
#include "commands/decider/decision_store.hpp"

#include <doctest/doctest.h>

#include "tests/unit/commands/owned_partition.hpp"

namespace kiroku::commands {
namespace {

constexpr int decisions = 2'500;
const std::string much(16'384, 'x');  // 40 MB in all: more than goes at once

AggregateKey learner(int number) { return {"learner", uuid_v5(Uuid{}, std::to_string(number % 1'000))}; }

ProvenDecision decision(int number, std::span<const ProvenEvent> events) {
    return {CommandId{uuid_v5(Uuid{}, fmt::format("command {}", number))},
            "hash",
            Offset{number},
            Offset{number},
            log::Version{number / 1'000 + 1},
            events};
}

/// Takes in what it is given to load only when it is waited for.
class LateMap final : public store::OrderedMap {
public:
    [[nodiscard]] std::optional<std::string> get(std::string_view) const override { return std::nullopt; }
    void scan(std::string_view, const Take&) const override {}
    void last(std::string_view, const Take&) const override {}
    void write(store::Batch& batch) override { done.emplace_back("write"), batch.clear(); }
    std::uint64_t load(store::Batch& batch) override { return batch.clear(), ++loads; }
    void wait_for(std::uint64_t load) override { done.push_back(fmt::format("load {}", load)); }
    void erase_all(std::string_view) override { done.emplace_back("erase"); }
    void flush() override {}

    std::uint64_t loads = 0;
    std::vector<std::string> done;
};

log::Cursor after(int number) { return {Offset{number + 1}, {log::Term{0}, log::Sequence{number + 1}}}; }

}  // namespace

TEST_SUITE("commands/decision_store") {
TEST_CASE("many decisions that are loaded are found again, with how far they go") {
    const Folder folder;
    store::RocksdbMap map{folder.path};
    const log::Partition partition{"identity", 3};
    const std::vector<ProvenEvent> events{{EventId{uuid_v5(Uuid{}, "event")}, Instant{}, "identity.seen.v1", much}};
    {
        DecisionStore store{map, partition};
        for (int number = 0; number < decisions; ++number)
            store.load(learner(number), decision(number, events), after(number));
        CHECK(store.unwritten() < decisions / 2);
        store.write();
        CHECK(store.unwritten() == 0);
        CHECK(store.version_of(learner(1)) == log::Version{3});
    }
    const DecisionStore again{map, partition};
    CHECK(again.progress().cursor == after(decisions - 1));
    CHECK(again.progress().command == Offset{decisions - 1});
    std::vector<std::int64_t> found;
    again.each_decision(learner(7), [&](const ProvenDecision& one) {
        found.push_back(one.command_offset.value);
        CHECK(one.events.front().data == much);
    });
    CHECK(found == std::vector<std::int64_t>{7, 1'007, 2'007});
}

TEST_CASE("what is given away has come in before anything else happens to it") {
    using Done = std::vector<std::string>;
    LateMap map;
    const std::vector<ProvenEvent> events{{EventId{uuid_v5(Uuid{}, "event")}, Instant{}, "identity.seen.v1", much}};
    const auto load_one = [&](DecisionStore& store) {
        for (int number = 0; number < decisions; ++number)
            store.load(learner(number), decision(number, events), after(number));
    };
    {
        DecisionStore store{map, {"identity", 3}};
        load_one(store);
        CHECK(map.done == Done{});
        store.forget();
        CHECK(map.done == Done{"load 1", "erase", "erase"});
        load_one(store);
        store.write();
        CHECK(map.done == Done{"load 1", "erase", "erase", "load 2", "write"});
        load_one(store);
    }
    CHECK(map.done.back() == "load 3");
}

TEST_CASE("one that is forgotten before all of it has come in stays empty") {
    const Folder folder;
    store::RocksdbMap map{folder.path};
    const std::vector<ProvenEvent> events{{EventId{uuid_v5(Uuid{}, "event")}, Instant{}, "identity.seen.v1", much}};
    DecisionStore store{map, {"identity", 3}};
    for (int number = 0; number < decisions; ++number)
        store.load(learner(number), decision(number, events), after(number));
    store.forget();
    int left = 0;
    map.all([&](auto, auto) { ++left; });
    CHECK(left == 0);
    CHECK(store.progress().cursor.next == Offset{0});
}
}

}  // namespace kiroku::commands
