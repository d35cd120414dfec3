#include "infra/kiroku/trace_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "infra/replay/harmless.hpp"

namespace kiroku {
namespace {

using replay::Fate;
using replay::TracedCommand;
using replay::TracedEvent;

constexpr std::int64_t bar_width = 24;

std::int64_t ms_between(Instant begin, Instant end) { return (end - begin).count(); }

std::string place_of(const log::Partition& partition, Offset offset) {
    return fmt::format("{}/{}@{}", partition.context, partition.number, offset.value);
}

/// What became of it, where that isn't told by its events.
std::string fate_of(const TracedCommand& command) {
    switch (command.fate) {
        case Fate::decided: return "";
        case Fate::repeated: {
            if (command.decided_before == nullptr) return ": repeated, answered with its first decision";
            const auto& before = *command.decided_before;
            return fmt::format(": repeated, decided before at {}, request {}",
                               place_of(before.partition, before.offset), before.envelope.correlation);
        }
        case Fate::refused: {
            const auto& reply = command.reply->reply;
            return fmt::format(": refused, {}{}{}", reply.refusal, reply.detail.empty() ? "" : ": ", reply.detail);
        }
        case Fate::quiet: return ": nothing to do, accepted without an event";
        case Fate::unknown: break;
    }
    if (command.written != nullptr && command.written->record.reply_to.wanted())
        return ": no event, and no reply: not decided yet, or refused or quiet longer ago than replies are kept";
    return ": no event: not decided yet, refused, or nothing to do (its sender hears no reply)";
}

class Text {
public:
    Text(const TraceReport& report, std::size_t width) : report_(report), width_(width) {}

    std::string all() {
        const auto& trace = report_.trace;
        line(fmt::format("request {}: {} ms from its first record to its last, begun {}",
                         fmt::join(report_.found.requests, ", "), ms_between(trace.begin, trace.end),
                         to_string(trace.begin)));
        if (!trace.traces.empty()) line(fmt::format("trace {}", fmt::join(trace.traces, ", ")));
        line("");
        for (const auto& command : trace.commands) tell(command, 0);
        line("");
        tell_read_models();
        return std::move(text_);
    }

private:
    void tell(const TracedCommand& command, std::size_t depth) {
        const std::string type = command.written != nullptr ? command.written->record.type : "no longer in its topic,";
        std::string subject;
        if (command.written != nullptr)
            subject = fmt::format(" {}/{}", command.written->record.aggregate, to_string(command.written->record.id));
        if (depth == 0 && command.written != nullptr && !command.written->record.causation.empty())
            subject += fmt::format(" because of event {}, which isn't here", command.written->record.causation);
        step(command.begin(), command.end(), depth,
             fmt::format("command {}{} by {} at {}.commands/{}@{}{}", type, subject, command.actor(),
                         command.partition.context, command.partition.number, command.offset.value, fate_of(command)));
        for (const auto& event : command.events) tell(event, depth + 1);
    }

    void tell(const TracedEvent& traced, std::size_t depth) {
        const auto& event = traced.event->envelope;
        step(traced.written, traced.written, depth,
             fmt::format("event {} {} version {} at {}, term {} number {}", event.type, event.subject,
                         event.version.value, place_of(traced.event->partition, traced.event->offset),
                         event.place.term.value, event.place.sequence.value));
        for (const auto& command : traced.commands) tell(command, depth + 1);
    }

    /// From when to when, as a number and as a bar, and what.
    void step(Instant begin, Instant end, std::size_t depth, const std::string& what) {
        const auto all = std::max<std::int64_t>(1, ms_between(report_.trace.begin, report_.trace.end));
        const auto column = [&](Instant at) {
            return std::clamp<std::int64_t>(ms_between(report_.trace.begin, at) * (bar_width - 1) / all, 0,
                                            bar_width - 1);
        };
        std::string bar(static_cast<std::size_t>(bar_width), ' ');
        for (auto at = column(begin); at <= column(end); ++at) bar[static_cast<std::size_t>(at)] = '=';
        line(fmt::format("{:>7} ms |{}| {:{}}{}", ms_between(report_.trace.begin, begin), bar, "", 2 * depth, what));
    }

    void tell_read_models() {
        if (!report_.not_projected.empty()) return line("read models: " + report_.not_projected);
        for (const auto& one : report_.projected) {
            line(fmt::format("read model {}: {} ({} of {} events{})", one.read_model, one.done() ? "yes" : "not yet",
                             one.passed, one.events,
                             one.parked > 0 ? fmt::format(", {} parked: see `kiroku parked list`", one.parked) : ""));
        }
    }

    void line(const std::string& line) {
        const auto shown = replay::harmless(line);
        text_ += width_ == 0 ? std::string_view{shown} : replay::cut(shown, width_);
        text_ += '\n';
    }

    const TraceReport& report_;
    std::size_t width_;
    std::string text_;
};

}  // namespace

std::string as_text(const TraceReport& report, std::size_t width) { return Text{report, width}.all(); }

}  // namespace kiroku
