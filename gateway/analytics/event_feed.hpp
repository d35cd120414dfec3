// gateway/analytics/event_feed.hpp: the events that a query asks for, one after the other.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/analytics/events_query.hpp"

namespace kiroku::gateway {

/// One thread owns a feed. Of the log, or of a test.
class EventFeed {
public:
    virtual ~EventFeed() = default;

    /// False: enough, hand over no more.
    using OnEvent = std::function<bool(std::string_view event)>;

    /// Works for a moment, and hands over what has its turn. False: that was all, or enough. Throws what keeps it from
    /// going on.
    virtual bool turn(const OnEvent& on_event) = 0;

    /// What it hasn't handed over yet.
    [[nodiscard]] virtual std::vector<replay::Rest> rest() const = 0;
};

/// Makes a feed, on the thread that will own it. Throws replay::UnknownPartition for a position in partitions that
/// there aren't, kafka::BrokerError.
using OpenFeed = std::function<std::unique_ptr<EventFeed>(const EventsQuery& query)>;

/// Of the log, without what is withheld from analysts.
OpenFeed feeds_of_log(std::string bootstrap);

}  // namespace kiroku::gateway
