// domain/gamification/runs.cpp: sorted vectors: what arrives in order is appended, what arrives late is inserted.
#include "domain/gamification/runs.hpp"

#include <algorithm>

namespace kiroku::gamification {
namespace {

void insert_sorted(std::vector<Instant>& instants, Instant at) {
    instants.insert(std::ranges::upper_bound(instants, at), at);
}

StreakCount distance(std::vector<Instant>::const_iterator from, std::vector<Instant>::const_iterator to) {
    return StreakCount{static_cast<std::int32_t>(to - from)};
}

}  // namespace

void ActiveDays::add(std::int32_t number) {
    const auto after = std::ranges::upper_bound(runs_, number, {}, &Run::first);
    const bool has_before = after != runs_.begin();
    if (has_before && number <= std::prev(after)->last) return;

    const bool extends_before = has_before && std::prev(after)->last == number - 1;
    const bool extends_after = after != runs_.end() && after->first == number + 1;
    if (extends_before && extends_after) {
        std::prev(after)->last = after->last;
        runs_.erase(after);
    } else if (extends_before) {
        std::prev(after)->last = number;
    } else if (extends_after) {
        after->first = number;
    } else {
        runs_.insert(after, Run{number, number});
    }
}

StreakCount ActiveDays::latest() const { return runs_.empty() ? StreakCount{0} : runs_.back().length(); }

StreakCount ActiveDays::longest() const {
    StreakCount longest{0};
    for (const auto& run : runs_) longest = std::max(longest, run.length());
    return longest;
}

void SessionEndings::add_completed(Instant at) { insert_sorted(completed_, at); }

void SessionEndings::add_abandoned(Instant at) { insert_sorted(abandoned_, at); }

StreakCount SessionEndings::latest() const {
    if (abandoned_.empty()) return distance(completed_.begin(), completed_.end());
    return distance(std::ranges::upper_bound(completed_, abandoned_.back()), completed_.end());
}

StreakCount SessionEndings::around(Instant at) const {
    const auto end = std::ranges::lower_bound(abandoned_, at);
    const auto first =
        end == abandoned_.begin() ? completed_.begin() : std::ranges::upper_bound(completed_, *std::prev(end));
    const auto last = end == abandoned_.end() ? completed_.end() : std::ranges::upper_bound(completed_, *end);
    return distance(first, last);
}

}  // namespace kiroku::gamification
