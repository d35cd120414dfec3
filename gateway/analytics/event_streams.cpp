// gateway/analytics/event_streams.cpp: lets a bounded number of analysts read the log at a time.
#include "gateway/analytics/event_streams.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "gateway/analytics/pieces.hpp"
#include "gateway/core/metrics.hpp"
#include "infra/kafka/record.hpp"
#include "infra/replay/ranges.hpp"
#include "schemas/http/codec.hpp"

namespace kiroku::gateway {
namespace {

using Clock = std::chrono::steady_clock;
using http::PageEnd;

constexpr std::size_t piece_bytes = 64 * 1024;

}  // namespace

/// One on its way: but for the flags, the reading thread's.
struct EventStreams::Stream {
    EventsQuery query;
    UserId user;
    Arrival<std::optional<Problem>> opened;
    std::shared_ptr<Pieces> pieces;
    std::atomic<bool> told = false;  ///< all that its client gets is on its way
    std::atomic<bool> over = false;  ///< its thread is free again

    Clock::time_point until{};
    std::string piece{};
    std::int64_t events = 0;

    void run(EventStreams& all);
    std::unique_ptr<EventFeed> open(const OpenFeed& open);
    PageEnd read(EventFeed& feed, EventStreams& all);
    bool take(std::string_view event, EventStreams& all, std::optional<PageEnd>& ended);
    bool flush();
    [[nodiscard]] std::optional<PageEnd> reason_to_end(const EventStreams& all) const;
    void end(const EventFeed& feed, PageEnd ended, const EventStreams& all);
};

void EventStreams::Stream::run(EventStreams& all) {
    const auto feed = open(all.open_);
    if (feed) {
        const auto ended = read(*feed, all);
        if (!pieces->given_up()) end(*feed, ended, all);
    }
    told = true;
    pieces->end();
}

/// Null: the handler was told why.
std::unique_ptr<EventFeed> EventStreams::Stream::open(const OpenFeed& open) {
    std::unique_ptr<EventFeed> feed;
    std::optional<Problem> problem;
    try {
        feed = open(query);
    } catch (const replay::UnknownPartition& unknown) {
        const auto what = fmt::format("a position names {}, which there isn't", unknown.what());
        problem = Problem{CoreRefusal::invalid_parameter, culprit("parameter", "since or until", what)};
    } catch (const kafka::BrokerError& error) {
        spdlog::warn("gateway: the log can't be read for an analyst: {}", error.what());
        problem = Problem{CoreRefusal::unavailable};
    } catch (const std::exception& error) {
        spdlog::error("gateway: the log can't be read for an analyst: {}", error.what());
        problem = Problem{CoreRefusal::internal_error};
    }
    opened.deliver(std::move(problem));
    return feed;
}

PageEnd EventStreams::Stream::read(EventFeed& feed, EventStreams& all) {
    std::optional<PageEnd> ended;
    const auto take_one = [&](std::string_view event) { return take(event, all, ended); };
    try {
        for (;;) {
            const bool more = feed.turn(take_one);
            if (ended) return *ended;
            if (!more) return PageEnd::end;
            if ((ended = reason_to_end(all)) || !flush()) return ended.value_or(PageEnd::failed);
        }
    } catch (const std::exception& error) {
        spdlog::error("gateway: an analyst's stream of events broke off: {}", error.what());
    }
    return PageEnd::failed;
}

bool EventStreams::Stream::take(std::string_view event, EventStreams& all, std::optional<PageEnd>& ended) {
    piece += event;
    piece += '\n';
    ++events;
    ++all.events_;
    ended = events == query.limit ? PageEnd::limit : reason_to_end(all);
    if (!ended && piece.size() >= piece_bytes && !flush()) ended = PageEnd::failed;
    return !ended;
}

/// False: nobody reads any more.
bool EventStreams::Stream::flush() {
    if (piece.empty()) return !pieces->given_up();
    return pieces->put(std::exchange(piece, {}));
}

std::optional<PageEnd> EventStreams::Stream::reason_to_end(const EventStreams& all) const {
    if (all.draining_) return PageEnd::draining;
    if (Clock::now() >= until) return PageEnd::time;
    return std::nullopt;
}

void EventStreams::Stream::end(const EventFeed& feed, PageEnd ended, const EventStreams& all) {
    const http::EventsPage page{.events = events,
                                .complete = ended == PageEnd::end,
                                .ended = ended,
                                .next_cursor = all.cursors_.write({query.asked, feed.rest()}, query.filters)};
    json::encode(page, piece);
    piece += '\n';
    flush();
}

EventStreams::EventStreams(net::io_context& io, OpenFeed open, std::vector<std::string_view> contexts,
                           crypto::Secret key, Limits limits)
    : io_{io},
      open_{std::move(open)},
      contexts_{std::move(contexts)},
      cursors_{key},
      limits_{limits},
      workers_{io, limits.streams, limits.streams} {}

EventStreams::~EventStreams() {
    for (const auto& stream : streams_) stream->pieces->give_up();
}

std::optional<Problem> EventStreams::refusal_for(const UserId& user) const {
    const auto is_open = [](const auto& stream) { return !stream->told; };
    const auto is_theirs = [&](const auto& stream) { return is_open(stream) && stream->user == user; };
    if (draining_) return Problem{CoreRefusal::unavailable};
    if (std::ranges::count_if(streams_, is_theirs) >= static_cast<std::ptrdiff_t>(limits_.of_a_user))
        return Problem{CoreRefusal::too_many_requests};
    if (std::ranges::count_if(streams_, is_open) >= static_cast<std::ptrdiff_t>(limits_.streams))
        return Problem{CoreRefusal::overloaded};
    return std::nullopt;
}

Task<std::expected<std::shared_ptr<BodySource>, Problem>> EventStreams::open(EventsQuery query, UserId user) {
    if (auto problem = refusal_for(user)) {
        ++refused_;
        co_return std::unexpected(std::move(*problem));
    }
    std::erase_if(streams_, [](const auto& stream) { return stream->over.load(); });
    const Arrival<std::optional<Problem>> opened{io_};
    const auto stream = std::make_shared<Stream>(std::move(query), user, opened, std::make_shared<Pieces>(io_));
    stream->until = Clock::now() + limits_.within;
    streams_.push_back(stream);
    static_cast<void>(workers_.run([this, stream] {
        stream->run(*this);
        stream->over = true;
        return true;
    }));
    if (auto problem = co_await opened.wait()) co_return std::unexpected(std::move(*problem));
    ++opened_;
    const auto give_up = [pieces = stream->pieces](BodySource*) { pieces->give_up(); };
    co_return std::shared_ptr<BodySource>{stream->pieces.get(), give_up};
}

void EventStreams::drain() { draining_ = true; }

std::size_t EventStreams::open_streams() const {
    return static_cast<std::size_t>(std::ranges::count_if(streams_, [](const auto& stream) { return !stream->over; }));
}

void EventStreams::watch(Metrics& metrics) {
    metrics.watch("kiroku_event_streams", "Streams of events that analysts read now.",
                  [this] { return static_cast<double>(open_streams()); });
    metrics.watch_total("kiroku_event_streams_total", "Streams of events that were opened.",
                        [this] { return static_cast<double>(opened_); });
    metrics.watch_total("kiroku_event_streams_refused_total", "Streams of events refused because as many were open.",
                        [this] { return static_cast<double>(refused_); });
    metrics.watch_total("kiroku_event_streams_events_total", "Events handed over to them.",
                        [this] { return static_cast<double>(events_); });
}

}  // namespace kiroku::gateway
