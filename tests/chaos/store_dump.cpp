// tests/chaos/store_dump.cpp: kiroku-store-dump STATE: what a decider that doesn't run has kept, for the checkers.
//
// Reads lines `<context> <partition> <aggregate> <id>` and prints a line of JSON for each: how far the partition is
// kept and the aggregate's decisions. At the end a line says how many decisions the whole store holds, asked for or
// not.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <set>

#include "commands/decider/decision_store.hpp"
#include "infra/store/rocksdb_map.hpp"

namespace kiroku {
namespace {

std::string as_json(const commands::ProvenDecision& decision) {
    std::string events;
    for (const auto& event : decision.events) {
        events += fmt::format(R"({}{{"id":"{}","type":"{}","data":{}}})", events.empty() ? "" : ",",
                              to_string(event.id), event.type, event.data);
    }
    return fmt::format(R"({{"command":"{}","commandOffset":{},"lastEvent":{},"version":{},"events":[{}]}})",
                       to_string(decision.command), decision.command_offset.value, decision.last_event.value,
                       decision.first.value, events);
}

void dump(const std::filesystem::path& folder) {
    store::RocksdbMap map{folder};
    std::map<log::Partition, commands::DecisionStore> stores;
    std::set<std::string> names;  // keys refer to them
    std::string context, aggregate, id;
    for (int number = 0; std::cin >> context >> number >> aggregate >> id;) {
        const log::Partition partition{context, number};
        const auto& store = stores.try_emplace(partition, map, partition).first->second;
        std::string decisions;
        store.each_decision({*names.insert(aggregate).first, Uuid::parse(id).value()}, [&](const auto& decision) {
            decisions += (decisions.empty() ? "" : ",") + as_json(decision);
        });
        fmt::print(R"({{"context":"{}","partition":{},"next":{},"subject":"{}/{}","decisions":[{}]}})"
                   "\n",
                   context, number, store.progress().cursor.next.value, aggregate, id, decisions);
    }
    std::size_t held = 0;
    map.all([&](std::string_view key, auto) { held += key.starts_with('d'); });
    fmt::print(R"({{"held":{}}})"
               "\n",
               held);
}

}  // namespace
}  // namespace kiroku

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: kiroku-store-dump STATE/decide < aggregates\n");
        return 2;
    }
    try {
        kiroku::dump(argv[1]);
    } catch (const std::exception& error) {
        fmt::print(stderr, "kiroku-store-dump: {}\n", error.what());
        return 3;
    }
    return 0;
}
