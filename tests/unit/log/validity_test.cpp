// tests/unit/log/validity_test.cpp: what counts in a partition, and that each part of the rule is needed.
#include "infra/log/validity.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace kiroku::log;

namespace {

/// Fences and events of a partition, fed in order; what was readable afterwards.
struct History {
    Validity validity;
    std::int64_t next = 0;
    std::vector<Verdict> verdicts;

    explicit History(Rule rule = {}) : validity{{}, rule} {}

    Term fence() {
        validity.fence(Term{next});
        return Term{next++};
    }
    Verdict event(Term term, std::int64_t sequence, int part = 1, int parts = 1) {
        ++next;
        return validity.accept({term, Sequence{sequence}, part, parts});
    }
};

}  // namespace

TEST_SUITE("log/validity") {
TEST_CASE("nothing counts before the first fence") {
    History log;
    CHECK(log.event(Term{0}, 1) == Verdict::void_record);
}

TEST_CASE("an owner's events count in their order") {
    History log;
    const auto term = log.fence();
    CHECK(log.event(term, 1) == Verdict::decision);
    CHECK(log.event(term, 2) == Verdict::decision);
    CHECK(log.validity.standing() == Standing{term, Sequence{2}});
}

TEST_CASE("what a fenced-off owner still writes is void, and only with that part of the rule") {
    for (const bool term_matters : {true, false}) {
        History log{{.term = term_matters}};
        const auto old = log.fence();
        CHECK(log.event(old, 1) == Verdict::decision);
        static_cast<void>(log.fence());
        CHECK((log.event(old, 1) == Verdict::void_record) == term_matters);
    }
}

TEST_CASE("what follows a lost message is void until the next fence, and only with that part of the rule") {
    for (const bool sequence_matters : {true, false}) {
        History log{{.sequence = sequence_matters}};
        const auto term = log.fence();
        CHECK(log.event(term, 1) == Verdict::decision);
        CHECK((log.event(term, 3) == Verdict::void_record) == sequence_matters);
        CHECK((log.event(term, 4) == Verdict::void_record) == sequence_matters);
        CHECK(log.event(log.fence(), 1) == Verdict::decision);
    }
}

TEST_CASE("a record told twice counts once") {
    History log;
    const auto term = log.fence();
    CHECK(log.event(term, 1) == Verdict::decision);
    CHECK(log.event(term, 1) == Verdict::void_record);
}

TEST_CASE("half a decision never counts, and does without that part of the rule") {
    for (const bool whole : {true, false}) {
        History log{{.whole = whole}};
        CHECK((log.event(log.fence(), 1, 1, 2) == Verdict::decision) == !whole);
        const auto next = log.fence();
        CHECK(log.event(next, 1, 1, 2) != Verdict::void_record);
        CHECK(log.event(next, 2, 2, 2) == Verdict::decision);
    }
}

TEST_CASE("a reader that begins in the middle of a term goes on from what it was told") {
    Validity validity{{Term{40}, Sequence{7}}};
    CHECK(validity.accept({Term{12}, Sequence{8}}) == Verdict::void_record);
    CHECK(validity.accept({Term{40}, Sequence{9}}) == Verdict::void_record);
    CHECK(validity.accept({Term{40}, Sequence{8}}) == Verdict::decision);
}

TEST_CASE("parts out of step void the rest of their term") {
    History log;
    const auto term = log.fence();
    CHECK(log.event(term, 1, 2, 2) == Verdict::void_record);
    CHECK(log.event(term, 2) == Verdict::void_record);
}
}
