#include "infra/kiroku/state_report.hpp"

#include <fmt/format.h>

#include "infra/replay/harmless.hpp"
#include "schemas/core/json_writer.hpp"

namespace kiroku {
namespace {

using replay::CausingCommand;
using replay::KeptEvent;

std::string position_of(const KeptEvent& event) {
    return fmt::format("{}/{}@{}", event.partition.context, event.partition.number, event.offset.value);
}

class Text {
public:
    Text(const AggregateHistory& history, std::size_t width) : history_(history), width_(width) {}

    std::string all() {
        const auto& last = history_.own.back()->envelope;
        line(fmt::format("{}: version {} of {}, by {} in {}", history_.subject, last.version.value,
                         to_string(last.time), last.actor, position_of(*history_.own.back())));
        text_ += fmt::format("state {}\n", replay::harmless(history_.state));  // whole, however wide the terminal is
        for (const auto& correlation : history_.correlations) {
            line("");
            line(fmt::format("request {}", correlation.id.empty() ? "unknown" : correlation.id));
            for (const auto& command : correlation.commands) tell(command, 1);
        }
        return std::move(text_);
    }

private:
    void tell(const CausingCommand& command, std::size_t depth) {
        const std::string indent(2 * depth, ' ');
        line(fmt::format("{}command {} by {}", indent, to_string(command.id), command.first().actor));
        for (const auto& [event, commands] : command.events) {
            const auto& envelope = event->envelope;
            const bool own = envelope.subject == history_.subject;
            line(fmt::format("{}{} {} {} {} {}", indent, own ? "*" : "-", to_string(envelope.time), envelope.type,
                             own ? fmt::format("version {}", envelope.version.value) : std::string{envelope.subject},
                             envelope.data));
            for (const auto& answer : commands) tell(answer, depth + 1);
        }
    }
    void line(const std::string& line) {
        const auto shown = replay::harmless(line);
        text_ += width_ == 0 ? std::string_view{shown} : replay::cut(shown, width_);
        text_ += '\n';
    }

    const AggregateHistory& history_;
    std::size_t width_;
    std::string text_;
};

class Json {
public:
    std::string all(const AggregateHistory& history) {
        out_ = fmt::format(
            R"({{"aggregate":"{}","context":"{}","partition":{},"version":{},"position":"{}","state":{},"events":[)",
            history.subject, history.partition.context, history.partition.number,
            history.own.back()->envelope.version.value, position_of(*history.own.back()), history.state);
        each(history.own, [this](const KeptEvent* event) { out_ += *event->text; });
        out_ += R"(],"correlations":[)";
        each(history.correlations, [this](const auto& correlation) {
            out_ += R"({"id":)";
            json::write(out_, correlation.id);
            out_ += R"(,"commands":)";
            commands(correlation.commands);
            out_ += '}';
        });
        return std::move(out_) + "]}\n";
    }

private:
    void each(const auto& items, auto&& write) {
        for (bool begun = false; const auto& item : items) {
            if (begun) out_ += ',';
            begun = true;
            write(item);
        }
    }
    void commands(const std::vector<CausingCommand>& commands) {
        out_ += '[';
        each(commands, [this](const CausingCommand& command) {
            out_ += fmt::format(R"({{"id":"{}","actor":)", to_string(command.id));
            json::write(out_, command.first().actor);
            out_ += R"(,"events":[)";
            each(command.events, [this](const replay::CausedEvent& caused) {
                out_ += R"({"event":)" + *caused.event->text + R"(,"commands":)";
                this->commands(caused.commands);
                out_ += '}';
            });
            out_ += "]}";
        });
        out_ += ']';
    }

    std::string out_;
};

}  // namespace

std::string as_text(const AggregateHistory& history, std::size_t width) { return Text{history, width}.all(); }

std::string as_json(const AggregateHistory& history) { return Json{}.all(history); }

}  // namespace kiroku
