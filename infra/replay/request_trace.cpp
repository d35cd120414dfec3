#include "infra/replay/request_trace.hpp"

#include <algorithm>
#include <tuple>

namespace kiroku::replay {
namespace {

constexpr std::size_t trace_id_at = 3, trace_id_size = 32, traceparent_size = 55;

/// A command and what it led to, before it has its place in the tree.
struct Node {
    const WrittenCommand* written = nullptr;
    std::vector<const KeptEvent*> events;
};

class Tracer {
public:
    explicit Tracer(const FoundRecords& found) : found_(found) {
        for (const auto& command : found.commands) nodes_[{command.partition, command.offset}].written = &command;
        for (const auto& event : found.events) {
            const PlaceIn answers{event.partition, event.envelope.command_offset};
            if (found.requests.contains(event.envelope.correlation) || nodes_.contains(answers))
                nodes_[answers].events.push_back(&event);
        }
        for (auto& [place, node] : nodes_) {
            std::ranges::sort(node.events, {}, &KeptEvent::offset);
            for (const auto* event : node.events) ids_.insert(to_string(event->envelope.id));
        }
        for (const auto& [place, node] : nodes_)
            if (const auto cause = cause_of(node); ids_.contains(cause)) answers_[std::string{cause}].push_back(place);
    }

    RequestTrace trace() {
        for (const auto& [place, node] : nodes_) {
            note_trace(node);
            if (!ids_.contains(cause_of(node))) trace_.commands.push_back(told(place));
        }
        sort(trace_.commands);
        for (const auto& command : trace_.commands) trace_.begin = std::min(trace_.begin, command.begin());
        return std::move(trace_);
    }

private:
    static std::string_view cause_of(const Node& node) {
        if (node.written != nullptr) return node.written->record.causation;
        return node.events.front()->envelope.causation;
    }

    void note_trace(const Node& node) {
        const std::string_view parent = node.written != nullptr ? std::string_view{node.written->record.traceparent}
                                                                : node.events.front()->envelope.traceparent;
        if (const auto id = trace_id_of(parent); !id.empty()) trace_.traces.emplace(id);
    }

    static void sort(std::vector<TracedCommand>& commands) {
        std::ranges::sort(commands, [](const TracedCommand& left, const TracedCommand& right) {
            return std::tuple{left.begin(), left.partition, left.offset} <
                   std::tuple{right.begin(), right.partition, right.offset};
        });
    }

    TracedCommand told(const PlaceIn& place) {
        const auto& node = nodes_.at(place);
        TracedCommand command{
            .id = node.written != nullptr ? node.written->record.command : node.events.front()->envelope.command,
            .partition = place.first,
            .offset = place.second,
            .written = node.written,
            .fate = Fate::unknown,
            .reply = reply_to(node),
            .decided_before = nullptr,
            .events = {}};
        find_fate(command, node);
        for (const auto* event : node.events) command.events.push_back(told(*event));
        trace_.end = std::max(trace_.end, command.end());
        return command;
    }

    TracedEvent told(const KeptEvent& event) {
        const auto written = found_.written.find({event.partition, event.offset});
        TracedEvent traced{&event, written == found_.written.end() ? event.envelope.time : written->second, {}};
        const auto answers =
            answers_.extract(to_string(event.envelope.id));  // each once, whatever claims to cause what
        if (answers.empty()) return traced;
        for (const auto& answer : answers.mapped()) traced.commands.push_back(told(answer));
        sort(traced.commands);
        return traced;
    }

    [[nodiscard]] const WrittenReply* reply_to(const Node& node) const {
        if (node.written == nullptr) return nullptr;
        const auto is_its = [&](const WrittenReply& one) {
            return one.reply.delivery == node.written->record.delivery;
        };
        const auto reply = std::ranges::find_if(found_.replies, is_its);
        return reply == found_.replies.end() ? nullptr : &*reply;
    }

    void find_fate(TracedCommand& command, const Node& node) const {
        if (!node.events.empty()) {
            command.fate = Fate::decided;
            return;
        }
        const auto before = std::ranges::find_if(found_.events, [&](const KeptEvent& event) {
            return event.envelope.command == command.id && event.partition == command.partition &&
                   event.envelope.place.part == 1;
        });
        const auto* reply = command.reply;
        if (reply != nullptr && !reply->reply.accepted()) {
            command.fate = Fate::refused;
        } else if (before != found_.events.end() || (reply != nullptr && reply->reply.replayed)) {
            command.fate = Fate::repeated;
            if (before != found_.events.end()) command.decided_before = &*before;
        } else if (reply != nullptr) {
            command.fate = Fate::quiet;
        }
    }

    const FoundRecords& found_;
    std::map<PlaceIn, Node> nodes_;  // by where the command lies
    std::set<std::string, std::less<>> ids_;
    std::map<std::string, std::vector<PlaceIn>, std::less<>> answers_;  // commands by the event that they answer
    RequestTrace trace_{{}, {}, Instant::max(), Instant::min()};
};

}  // namespace

std::string_view TracedCommand::actor() const {
    return written != nullptr ? std::string_view{written->record.actor} : events.front().event->envelope.actor;
}

Instant TracedCommand::begin() const {
    return written != nullptr ? written->written : events.front().event->envelope.time;
}

Instant TracedCommand::end() const {
    auto end = begin();
    for (const auto& event : events) end = std::max(end, event.written);
    if (reply != nullptr) end = std::max(end, reply->written);
    return end;
}

RequestTrace trace_of(const FoundRecords& found) { return Tracer{found}.trace(); }

std::string_view trace_id_of(std::string_view traceparent) {
    if (traceparent.size() < traceparent_size || traceparent[trace_id_at - 1] != '-') return {};
    return traceparent.substr(trace_id_at, trace_id_size);
}

}  // namespace kiroku::replay
