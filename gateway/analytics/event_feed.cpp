// gateway/analytics/event_feed.cpp: the events of the log that a query asks for, by time.
#include "gateway/analytics/event_feed.hpp"

#include "gateway/analytics/withheld.hpp"
#include "infra/replay/event_stream.hpp"

namespace kiroku::gateway {
namespace {

constexpr int wait_ms = 100;
constexpr std::size_t most_waiting = 8UL << 20U;  // bytes of partitions that are ahead of others

std::vector<replay::Range> ranges_for(const std::string& bootstrap, const EventsQuery& query) {
    if (!query.rest.empty()) return replay::ranges_of(bootstrap, query.rest, query.period);
    return replay::ranges_of(bootstrap, query.contexts, query.period, query.filter.aggregate());
}

class LogFeed final : public EventFeed {
public:
    LogFeed(const std::string& bootstrap, const EventsQuery& query)
        : stream_{bootstrap,    ranges_for(bootstrap, query), query.filter, replay::Ending::at_range,
                  most_waiting, withheld_from_analysts()} {}

    bool turn(const OnEvent& on_event) override {
        return stream_.turn(wait_ms, [&](const replay::StreamedEvent& event) { return on_event(event.text); });
    }
    [[nodiscard]] std::vector<replay::Rest> rest() const override { return stream_.rest(); }

private:
    replay::EventStream stream_;
};

}  // namespace

OpenFeed feeds_of_log(std::string bootstrap) {
    return [bootstrap = std::move(bootstrap)](const EventsQuery& query) {
        return std::make_unique<LogFeed>(bootstrap, query);
    };
}

}  // namespace kiroku::gateway
