// infra/kiroku/trace_json.cpp: the way of a request, for programs.
#include <fmt/format.h>

#include "infra/kiroku/trace_report.hpp"
#include "schemas/core/json_writer.hpp"

namespace kiroku {
namespace {

using replay::Fate;
using replay::TracedCommand;
using replay::TracedEvent;

std::string_view name_of(Fate fate) {
    switch (fate) {
        case Fate::decided: return "decided";
        case Fate::repeated: return "repeated";
        case Fate::refused: return "refused";
        case Fate::quiet: return "quiet";
        case Fate::unknown: break;
    }
    return "unknown";
}

class Json {
public:
    explicit Json(const TraceReport& report) : report_(report) {}

    std::string all() {
        const auto& trace = report_.trace;
        out_ = '{';
        names("requests", report_.found.requests);
        names("traces", trace.traces);
        text("begin", to_string(trace.begin));
        number("milliseconds", (trace.end - trace.begin).count());
        commands(trace.commands);
        name("readModels");
        each(report_.projected, [this](const Projected& one) {
            out_ += '{';
            text("readModel", one.read_model);
            name("passed");
            out_ += one.done() ? "true" : "false";
            number("events", static_cast<std::int64_t>(one.events));
            number("passedEvents", static_cast<std::int64_t>(one.passed));
            number("parkedEvents", static_cast<std::int64_t>(one.parked));
            out_ += '}';
        });
        return std::move(out_) + "}\n";
    }

private:
    void name(std::string_view name) {
        if (out_.back() != '{' && out_.back() != '[') out_ += ',';
        json::write(out_, name);
        out_ += ':';
    }
    void text(std::string_view of, std::string_view value) {
        name(of);
        json::write(out_, value);
    }
    void number(std::string_view of, std::int64_t value) {
        name(of);
        json::write(out_, value);
    }
    void names(std::string_view of, const auto& values) {
        name(of);
        each(values, [this](const std::string& value) { json::write(out_, value); });
    }
    void each(const auto& items, auto&& write) {
        out_ += '[';
        for (const auto& item : items) {
            if (out_.back() != '[') out_ += ',';
            write(item);
        }
        out_ += ']';
    }

    void commands(const std::vector<TracedCommand>& commands) {
        name("commands");
        each(commands, [this](const TracedCommand& command) { tell(command); });
    }

    void tell(const TracedCommand& command) {
        out_ += '{';
        text("id", to_string(command.id));
        text("actor", command.actor());
        text("topic", log::command_topic(command.partition.context));
        number("partition", command.partition.number);
        number("offset", command.offset.value);
        at(command.begin());
        if (command.written != nullptr) {
            const auto& record = command.written->record;
            text("type", record.type);
            text("subject", record.aggregate + "/" + to_string(record.id));
            text("correlationid", record.correlation);
            if (!record.causation.empty()) text("causationid", record.causation);
            if (!record.traceparent.empty()) text("traceparent", record.traceparent);
        }
        text("fate", name_of(command.fate));
        if (command.fate == Fate::refused) text("refusal", command.reply->reply.refusal);
        if (command.reply != nullptr) text("repliedAt", to_string(command.reply->written));
        if (command.decided_before != nullptr) {
            const auto& before = *command.decided_before;
            text("decidedBeforeAs", before.envelope.correlation);
        }
        name("events");
        each(command.events, [this](const TracedEvent& event) { tell(event); });
        out_ += '}';
    }

    void tell(const TracedEvent& event) {
        const auto& [kept, written, answers] = event;
        out_ += '{';
        text("topic", log::event_topic(kept->partition.context));
        number("partition", kept->partition.number);
        number("offset", kept->offset.value);
        at(written);
        name("event");
        out_ += *kept->text;
        commands(answers);
        out_ += '}';
    }

    void at(Instant written) {
        text("writtenAt", to_string(written));
        number("afterMilliseconds", (written - report_.trace.begin).count());
    }

    const TraceReport& report_;
    std::string out_;
};

}  // namespace

std::string as_json(const TraceReport& report) { return Json{report}.all(); }

}  // namespace kiroku
