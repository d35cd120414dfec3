// infra/log/validity.hpp: the one rule that says which records of an event partition count.
//
// An owner that takes a partition over appends a fence; the fence's offset is its term. Its events carry that term, a
// number that is dense within it, and their place in their decision. A record counts if its term is the one in force
// (the latest fence's) and its number is the next one; a decision counts when it is whole. Everything else is void:
// what a fenced-off owner still had in flight, what follows a lost message, what a crash cut in half. See the
// architecture and its exhaustive model for why that gives exactly-once.
#pragma once

#include <cstdint>

#include "schemas/core/strong.hpp"

namespace kiroku::log {

/// The offset of the fence that an owner wrote. -1: no fence yet, so nothing counts.
using Term = Strong<std::int64_t, struct TermTag>;

/// A valid event's place in its term, dense from 1.
using Sequence = Strong<std::int64_t, struct SequenceTag>;

inline constexpr Term no_term{-1};

/// What a reader must know to go on from somewhere: the term in force there, and the last number that counted.
struct Standing {
    Term term = no_term;
    Sequence sequence{0};

    friend bool operator==(const Standing&, const Standing&) = default;
};

/// The parts of the rule. All are on, but in the tests that show what each of them is for.
struct Rule {
    bool term = true;
    bool sequence = true;
    bool whole = true;
};

/// Where an event says that it belongs.
struct Place {
    Term term;
    Sequence sequence;
    int part = 1;
    int parts = 1;
};

enum class Verdict {
    void_record,  ///< it never happened
    part,         ///< it counts once the rest of its decision is there
    decision,     ///< it counts, and completes its decision
};

/// Applies the rule to one partition's records, in offset order.
class Validity {
public:
    explicit Validity(Standing from = {}, Rule rule = {}) : standing_(from), rule_(rule) {}

    /// A fence lies at `offset`: its writer owns the partition from here on.
    void fence(Term offset) {
        standing_ = {offset, Sequence{0}};
        parts_seen_ = 0;
    }

    Verdict accept(const Place& place);

    [[nodiscard]] const Standing& standing() const { return standing_; }

private:
    Standing standing_;
    Rule rule_;
    int parts_seen_ = 0;
};

}  // namespace kiroku::log
