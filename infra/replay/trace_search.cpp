#include "infra/replay/trace_search.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <deque>

#include "infra/replay/records.hpp"
#include "infra/replay/scan.hpp"

namespace kiroku::replay {
namespace {

constexpr int most_rounds = 3;                             // a request, those that its trace leads to, and theirs
constexpr std::size_t version_at = 14, trace_digits = 32;  // of a UUID's text; of a trace id, which may be one
constexpr std::array<std::size_t, 4> dashes_at{8, 13, 18, 23};

std::string lower_case(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// What an id may be the id of, but a request: those may be written as clients like.
class Sought {
public:
    explicit Sought(const std::string& id) : id_(lower_case(id)) {
        if (const auto trace = trace_id_of(id_); !trace.empty()) id_ = trace;
        if (const auto uuid = Uuid::parse(id_)) uuid_ = *uuid;
    }

    [[nodiscard]] bool is(const log::CommandRecord& command) const {
        return is_any_of(command.command.value, command.delivery, command.traceparent);
    }
    [[nodiscard]] bool is(const log::Envelope& event) const {
        return is_any_of(event.command.value, event.id.value, event.traceparent);
    }
    [[nodiscard]] const std::string& text() const { return id_; }

private:
    [[nodiscard]] bool is_any_of(const Uuid& command, const Uuid& record, std::string_view traceparent) const {
        return (uuid_ != Uuid{} && (command == uuid_ || record == uuid_)) || trace_id_of(traceparent) == id_;
    }

    std::string id_;
    Uuid uuid_{};
};

class Finder {
public:
    Finder(const TraceSearch& search, std::stop_token stop)
        : search_(search), stop_(std::move(stop)), sought_(search.id) {
        found_.requests.insert(search.id);
    }

    FoundRecords find() {
        for (int round = 0; round < most_rounds; ++round) {
            const auto known = found_.requests.size();
            found_.commands.clear();
            found_.events.clear();
            if (!read_commands() || !read_events()) return {};
            if (found_.requests.size() == known) break;
        }
        if (found_.commands.empty() && found_.events.empty()) return std::move(found_);
        if (!read_replies() || !read_times()) return {};
        if (!is_request(search_.id)) found_.requests.erase(search_.id);
        return std::move(found_);
    }

private:
    /// Or was it the id of something else?
    [[nodiscard]] bool is_request(const std::string& id) const {
        return std::ranges::any_of(found_.commands, [&](const auto& one) { return one.record.correlation == id; }) ||
               std::ranges::any_of(found_.events, [&](const auto& one) { return one.envelope.correlation == id; });
    }

    bool read_commands() {
        std::vector<std::string> topics;
        for (const auto& context : search_.contexts) topics.push_back(log::command_topic(context));
        const auto visit = [this](const kafka::Record& record) {
            if (may_hold_any(record.value)) take_command(record);
        };
        return each_record(search_.bootstrap, topics, search_.since, visit, news_of("commands"), stop_);
    }

    /// Most records aren't meant, and need no parsing to show that.
    [[nodiscard]] bool may_hold_any(std::string_view text) const {
        return text.find(sought_.text()) != std::string_view::npos ||
               std::ranges::any_of(found_.requests,
                                   [&](const auto& request) { return text.find(request) != std::string_view::npos; });
    }

    void take_command(const kafka::Record& record) {
        auto command = log::read_command(record.value);
        if (!command || !(found_.requests.contains(command->correlation) || sought_.is(*command))) return;
        if (!command->correlation.empty()) found_.requests.insert(command->correlation);
        const auto context = record.topic.substr(0, record.topic.find('.'));
        found_.commands.push_back({log::Partition{std::string{context}, record.partition}, record.offset,
                                   record.timestamp, std::move(*command)});
    }

    bool read_events() {
        std::set<CommandId> commands;
        for (const auto& command : found_.commands) commands.insert(command.record.command);
        std::deque<std::vector<KeptEvent>> shares;
        const auto make_visit = [&]() -> Visit {
            return [&, &share = shares.emplace_back()](const Event& event) {
                const auto& envelope = event.envelope;
                const bool meant = found_.requests.contains(envelope.correlation) ||
                                   commands.contains(envelope.command) || sought_.is(envelope);
                if (meant) share.push_back(keep(event));
            };
        };
        const Period period{.since = Moment{search_.since}};
        const auto news = news_of("events");
        const bool whole = run({.bootstrap = search_.bootstrap,
                                .ranges = ranges_of(search_.bootstrap, search_.contexts, period, std::nullopt),
                                .filter = {},
                                .make_visit = make_visit,
                                .on_progress =
                                    [&](auto done, auto all) {
                                        news({done, all});
                                    }},
                               stop_);
        for (auto& share : shares) std::ranges::move(share, std::back_inserter(found_.events));
        for (const auto& event : found_.events)
            if (sought_.is(event.envelope) && !event.envelope.correlation.empty())
                found_.requests.emplace(event.envelope.correlation);
        return whole;
    }

    bool read_replies() {
        std::set<Uuid> deliveries;
        auto since = Instant::max();
        for (const auto& command : found_.commands) {
            if (!command.record.reply_to.wanted()) continue;
            deliveries.insert(command.record.delivery);
            since = std::min(since, command.written);
        }
        if (deliveries.empty()) return true;
        const auto visit = [&](const kafka::Record& record) {
            auto reply = log::read_reply(record.value);
            if (reply && deliveries.contains(reply->delivery))
                found_.replies.push_back({record.timestamp, std::move(*reply)});
        };
        const std::vector topics{std::string{log::replies_topic}};
        return each_record(search_.bootstrap, topics, since, visit, news_of("replies"), stop_);
    }

    bool read_times() {
        std::set<Place> places;
        for (const auto& event : found_.events)
            places.insert({{log::event_topic(event.partition.context), event.partition.number}, event.offset});
        for (const auto& [place, time] : times_of(search_.bootstrap, std::move(places), stop_)) {
            const auto context = place.first.topic.substr(0, place.first.topic.find('.'));
            found_.written.emplace(PlaceIn{{context, place.first.partition}, place.second}, time);
        }
        return !stop_.stop_requested();
    }

    [[nodiscard]] std::function<void(const RecordsRead&)> news_of(std::string_view what) const {
        return [this, what](const RecordsRead& read) {
            if (search_.on_progress) search_.on_progress(what, read.done, read.all);
        };
    }

    const TraceSearch& search_;
    std::stop_token stop_;
    Sought sought_;
    FoundRecords found_;
};

}  // namespace

FoundRecords find(const TraceSearch& search, const std::stop_token& stop) { return Finder{search, stop}.find(); }

std::optional<Instant> time_in(std::string_view id) {
    std::string text{trace_id_of(id).empty() ? id : trace_id_of(id)};
    if (text.size() == trace_digits)
        for (const auto dash : dashes_at) text.insert(dash, 1, '-');
    const auto uuid = Uuid::parse(text);
    if (!uuid || text[version_at] != '7') return std::nullopt;
    std::int64_t ms = 0;
    for (std::size_t byte = 0; byte < 6; ++byte) ms = ms << 8 | uuid->bytes[byte];
    return Instant{std::chrono::milliseconds{ms}};
}

}  // namespace kiroku::replay
