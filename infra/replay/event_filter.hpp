// infra/replay/event_filter.hpp: which events are meant.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "infra/replay/where.hpp"

namespace kiroku::replay {

/// An event must suit all of it. What is empty suits every event.
struct EventFilter {
    /// "gamification.xp_awarded.v1", or without its context, its version or both.
    std::vector<std::string> types{};
    std::string subject{};                    ///< "learner/<id>", or "learner" for all of a kind
    std::string actor{};                      ///< "user/<id>", or "user"
    std::string organization{};               ///< its id
    std::optional<Instant> since{}, until{};  ///< the first time that is meant, and the first that no longer is
    std::optional<Where> where{};
    double share = 1;  ///< of all that suit, chosen by their ids: the same ones each time

    /// `fields` is the calling thread's own.
    [[nodiscard]] bool matches(const Event& event, Fields& fields) const;

    /// The only aggregate that events may be of, if `subject` names one.
    [[nodiscard]] std::optional<Uuid> aggregate() const;
};

/// The contexts to read: those named; else those of the types, if each says its own; else all.
std::vector<std::string> contexts_of(std::vector<std::string> named, std::span<const std::string> types,
                                     std::span<const std::string_view> all);

/// Spread evenly over all numbers, the same for an id at all times and everywhere.
std::uint64_t chance_of(const EventId& id);

}  // namespace kiroku::replay
