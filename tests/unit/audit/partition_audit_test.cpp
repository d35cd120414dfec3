// tests/unit/audit/partition_audit_test.cpp: a sound history has no findings, and each kind of damage has its own.
#include "infra/audit/partition_audit.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace kiroku;
using audit::PartitionAudit;

namespace {

Uuid named(std::string_view name) { return uuid_v5({}, name); }

/// A partition's records, made as an owner makes them; a test changes them before they are read.
struct History {
    struct Decision {
        std::string aggregate = "a";
        std::string command;
        std::int64_t command_offset = 0;
        std::int64_t first_version = 1;
        int events = 1;
        std::string type = "test.done.v1";
    };
    std::vector<std::string> records;
    log::Term term = log::no_term;
    std::int64_t sequence = 0;

    void fence() {
        term = log::Term{std::ssize(records)};
        sequence = 0;
        records.push_back(log::fence_record("test", "owner", {}));
    }
    void decide(const Decision& decision) {
        for (int part = 1; part <= decision.events; ++part) {
            const auto subject = fmt::format("thing/{}", to_string(named(decision.aggregate)));
            log::Envelope event{.id = EventId{named(fmt::format("{} {}", decision.command, part))},
                                .type = decision.type,
                                .subject = subject,
                                .aggregate = named(decision.aggregate),
                                .time = {},
                                .place = {term, log::Sequence{++sequence}, part, decision.events},
                                .version = log::Version{decision.first_version + part - 1},
                                .command = CommandId{named(decision.command)},
                                .command_hash = "h",
                                .command_offset = Offset{decision.command_offset},
                                .correlation = "c",
                                .causation = {},
                                .actor = "test",
                                .organization = {},
                                .traceparent = {},
                                .personal_keys = {},
                                .data = "{}"};
            log::write_envelope(event, records.emplace_back());
        }
    }
    /// A fence, two decisions about one aggregate, one about another.
    static History sound() {
        History history;
        history.fence();
        history.decide({.command = "one", .command_offset = 0, .events = 2});
        history.decide({.command = "two", .command_offset = 3, .first_version = 3});
        history.decide({.aggregate = "b", .command = "three", .command_offset = 4});
        return history;
    }
};

void take_all(PartitionAudit& audit, const History& history, std::size_t without = 1000) {
    for (std::size_t at = 0; at < history.records.size(); ++at) {
        if (at == without) continue;
        audit.take({.topic = "test.events",
                    .partition = 0,
                    .offset = Offset{static_cast<std::int64_t>(at)},
                    .timestamp = {},
                    .key = "key",
                    .value = history.records[at]});
    }
}

PartitionAudit audited(const History& history, std::size_t without = 1000) {
    PartitionAudit audit{{"test", 0}};
    take_all(audit, history, without);
    return audit;
}

std::string first_finding(const PartitionAudit& audit) {
    if (audit.findings().empty()) return "none";
    const auto& what = audit.findings().front().what;
    return fmt::format("{} {}", audit.findings().front().offset.value, what.substr(0, what.find(':')));
}

}  // namespace

TEST_SUITE("audit/partition_audit") {
TEST_CASE("a sound history has no findings, and is counted") {
    auto history = History::sound();
    const auto before = history.term;
    history.fence();
    history.term = before;
    history.decide({.command = "late", .command_offset = 5, .first_version = 4});  // void: of the term before
    const auto audit = audited(history);
    CHECK(first_finding(audit) == "none");
    CHECK(audit.counts().records == 7);
    CHECK(audit.counts().decisions == 3);
    CHECK(audit.counts().events == 4);
    CHECK(audit.counts().fences == 2);
    CHECK(audit.counts().void_records == 1);
    CHECK(audit.next() == Offset{7});
}

TEST_CASE("each kind of damage is found where it lies") {
    auto history = History::sound();
    SUBCASE("a command decided twice") {
        history.decide({.command = "one", .command_offset = 9, .first_version = 4});
        CHECK(first_finding(audited(history)) == "5 decided_twice");
    }
    SUBCASE("decisions out of the order of their commands") {
        history.decide({.command = "four", .command_offset = 2, .first_version = 4});
        CHECK(first_finding(audited(history)) == "5 out_of_order");
    }
    SUBCASE("a version that is missing") {
        history.decide({.command = "four", .command_offset = 9, .first_version = 5});
        CHECK(first_finding(audited(history)) == "5 version_hole");
    }
    SUBCASE("a version that is there twice") {
        history.decide({.command = "four", .command_offset = 9, .first_version = 3});
        CHECK(first_finding(audited(history)) == "5 version_hole");
    }
    SUBCASE("an event of another context") {
        history.decide({.command = "four", .command_offset = 9, .first_version = 4, .type = "other.done.v1"});
        CHECK(first_finding(audited(history)) == "5 foreign_event");
    }
    SUBCASE("a record that is none") {
        history.records.emplace_back("{");
        CHECK(first_finding(audited(history)) == "5 unreadable_record");
    }
    SUBCASE("a record that was taken out") { CHECK(first_finding(audited(history, 3)) == "3 records_missing"); }
    SUBCASE("a beginning that was cut off") { CHECK(first_finding(audited(history, 0)) == "0 records_missing"); }
}

TEST_CASE("findings beyond the first hundred are counted only") {
    auto history = History::sound();
    for (int count = 0; count < 150; ++count) history.records.emplace_back("{");
    const auto audit = audited(history);
    CHECK(audit.findings().size() == PartitionAudit::most_kept);
    CHECK(audit.counts().findings == 150);
}

TEST_CASE("the same history has the same chain; a change anywhere gives another one") {
    const auto history = History::sound();
    const auto chain = audited(history).chain();
    CHECK(chain.size() == 64);
    CHECK(chain == audited(history).chain());
    CHECK(PartitionAudit{{"test", 0}}.chain() != PartitionAudit{{"test", 1}}.chain());
    for (std::size_t changed = 0; changed < history.records.size(); ++changed) {
        auto other = history;
        other.records[changed].insert(other.records[changed].size() - 1, " ");
        CHECK(audited(other).chain() != chain);
        CHECK(audited(history, changed).chain() != chain);
    }
}

TEST_CASE("what was signed earlier is found again, or what became of it") {
    const auto history = History::sound();
    auto shorter = history;
    shorter.records.resize(3);
    const auto signed_chain = audited(shorter).chain();
    const auto audit_expecting = [&](const History& now, std::int64_t next, const std::string& chain) {
        PartitionAudit audit{{"test", 0}};
        audit.expect(Offset{next}, chain);
        take_all(audit, now);
        audit.finish();
        return first_finding(audit);
    };
    CHECK(audit_expecting(history, 3, signed_chain) == "none");
    CHECK(audit_expecting(shorter, 3, signed_chain) == "none");
    auto rewritten = history;
    rewritten.records[1].insert(1, " ");
    CHECK(audit_expecting(rewritten, 3, signed_chain) == "3 rewritten");
    CHECK(audit_expecting(shorter, 5, audited(history).chain()) == "3 cut_off");
    CHECK(audit_expecting(History{}, 3, signed_chain) == "0 cut_off");
}
}
