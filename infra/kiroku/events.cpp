// infra/kiroku/events.cpp: kiroku events: prints a context's valid events as NDJSON.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/kiroku/verb.hpp"
#include "infra/log/event_reader.hpp"

namespace kiroku {
namespace {

using runtime::Exit;
using runtime::Failure;

constexpr int wait_ms = 200;
constexpr int records_a_turn = 10'000;

struct EventsSettings {
    runtime::Broker broker;
    std::vector<std::string> contexts;
    std::vector<std::string> types;
    std::string subject;
    bool follow = false;
};

void declare(runtime::Options& options, EventsSettings& settings) {
    runtime::declare(options, settings.broker);
    options.words("context", settings.contexts, "whose events; all contexts if none is named")
        ->check(CLI::IsMember(context_names()));
    options.add("type", settings.types, "only these types, with or without context and version: xp_awarded");
    options.add("subject", settings.subject, "only this aggregate, as in learner/<id>, or all of a kind: learner");
    options.flag("follow", settings.follow, "go on with what comes, until Ctrl-C");
}

constexpr const char* manual =
    R"(Each line is one CloudEvent as it lies in the log. Only what counts is printed: no fences, nothing void, no decision
that isn't whole. Events of one partition come in their order.

Examples:
  kiroku events gamification --type xp_awarded | jq .data.amount
  kiroku events --subject learner/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17
  kiroku events challenges --follow
)";

/// "gamification.xp_awarded.v1" is meant by itself, "gamification.xp_awarded", "xp_awarded.v1" and "xp_awarded".
bool names(std::string_view wanted, std::string_view type) {
    const auto without_context = type.substr(type.find('.') + 1);
    const auto version = type.rfind('.');
    return wanted == type || wanted == without_context || wanted == type.substr(0, version) ||
           wanted == without_context.substr(0, without_context.find('.'));
}

bool wanted(const EventsSettings& settings, const log::Envelope& event) {
    if (!settings.subject.empty() && settings.subject != event.subject && settings.subject != event.aggregate_name())
        return false;
    const auto is_named = [&](const std::string& type) { return names(type, event.type); };
    return settings.types.empty() || std::ranges::any_of(settings.types, is_named);
}

/// Standard output, which whoever reads it may leave full or close: neither keeps Ctrl-C from ending the verb.
class Lines {
public:
    explicit Lines(runtime::Shutdown& shutdown) : shutdown_(shutdown) {}

    void add(std::string_view line) {
        text_ += line;
        text_ += '\n';
        if (text_.size() > enough) flush();
    }

    void flush() {
        std::string_view rest{text_};
        while (!rest.empty() && may_write()) {
            const auto written = ::write(STDOUT_FILENO, rest.data(), std::min(rest.size(), std::size_t{PIPE_BUF}));
            closed_ = written < 0;
            rest.remove_prefix(closed_ ? rest.size() : static_cast<std::size_t>(written));
        }
        text_.clear();
    }

    [[nodiscard]] bool closed() const { return closed_; }

private:
    static constexpr std::size_t enough = 1UL << 16;

    /// Waits until something can be written at once. False: nothing ever will be.
    bool may_write() {
        std::array<::pollfd, 2> waiting{{{STDOUT_FILENO, POLLOUT, 0}, {shutdown_.event_fd(), POLLIN, 0}}};
        while (!closed_ && !shutdown_.requested()) {
            static_cast<void>(::poll(waiting.data(), waiting.size(), -1));
            closed_ = (waiting[0].revents & (POLLERR | POLLNVAL)) != 0;
            if (!closed_ && waiting[0].revents != 0) return true;
        }
        return false;
    }

    runtime::Shutdown& shutdown_;
    std::string text_;
    bool closed_ = false;
};

void print(const EventsSettings& settings, const log::ReadDecision& decision, Lines& lines) {
    for (const auto& event : decision.events) {
        if (wanted(settings, event.envelope)) lines.add(event.text);
    }
}

Exit run(const EventsSettings& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    return with_remedies([&] {
        log::EventReader reader{settings.broker.kafka};
        std::map<log::Partition, log::Cursor> from;
        const auto take_all = [&](std::string_view context) {
            for (const auto& partition : reader.partitions_of(std::string{context})) from[partition] = {};
        };
        std::ranges::for_each(settings.contexts, take_all);
        if (settings.contexts.empty()) std::ranges::for_each(context_names(), take_all);
        reader.read(from);
        Lines lines{shutdown};
        while (!shutdown.requested() && !lines.closed()) {
            const int taken =
                reader.poll(wait_ms, records_a_turn, [&](const auto& decision) { print(settings, decision, lines); });
            if (taken > 0 && !settings.follow) continue;
            lines.flush();
            if (!settings.follow && reader.all_at_end()) break;
        }
        return Exit::ok;
    });
}

}  // namespace

void add_events(runtime::Program& program) {
    program.verb<EventsSettings>({"events", "prints valid events as NDJSON", manual}, declare, run);
}

}  // namespace kiroku
