// infra/kiroku/state.cpp: kiroku state: an aggregate as it was at a moment: the events that made it, and their causes.
#include <fmt/format.h>

#include <cstdio>
#include <deque>
#include <set>

#include "commands/gamification/context.hpp"
#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/moment_option.hpp"
#include "infra/kiroku/output_lines.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/kiroku/progress.hpp"
#include "infra/kiroku/state_report.hpp"
#include "infra/kiroku/verb.hpp"
#include "infra/replay/scan.hpp"

namespace kiroku {
namespace {

using replay::KeptEvent;
using runtime::Exit;
using runtime::Failure;

struct StateSettings {
    runtime::Broker broker;
    std::vector<std::string> aggregates;
    std::string as_of;
    bool alone = false, json = false;
};

void declare(runtime::Options& options, StateSettings& settings) {
    runtime::declare(options, settings.broker);
    options.words("aggregate", settings.aggregates, "which, as in learner/<id>")->required()->expected(1);
    options.add("as-of", settings.as_of, "before this time, or up to this position, itself included; default: now");
    options.flag("alone", settings.alone, "only its own events and their commands, which is much faster in a long log");
    options.flag("json", settings.json, "as JSON, one object");
}

constexpr const char* manual =
    R"(Reads the aggregate's own partition, folds its events as the decider does, and shows what it was then, as decisions on it
saw it. Below that its events, in the order of what led to what: the request, the command that it became, the events that this decided, the commands that policies answered these with, their
events, and so on, in all contexts. Its own events have a star; each shows its version and its data. For causes and
consequences the whole log is read once.

--as-of takes a time (2026-03-06T12:00:00Z, 2026-03-06: midnight UTC), how long ago (45s, 30m, 2h, 7d), or a position as answers
give it (gamification/3@123). Ends with 1 if there was no such aggregate.

Examples:
  kiroku state learner/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17
  kiroku state learner/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17 --as-of 2026-03-06T12:00:00Z
  kiroku state learner/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17 --alone --json | jq .state.totalXp
)";

[[noreturn]] void refuse(const std::string& happened) {
    throw Failure(Exit::usage, happened, "see `kiroku state --help`.");
}

/// The aggregate's own code, and whose it is.
struct Kind {
    std::string context;
    std::unique_ptr<commands::AggregateType> type;
};

Kind kind_of(const replay::EventFilter& filter) {
    const auto name = filter.subject.substr(0, filter.subject.find('/'));
    std::string known;
    for (auto& context : contexts(*commands::read_rule_book({}))) {
        for (auto& type : context.aggregates) {
            if (type->name() == name) return {context.name, std::move(type)};
            known += fmt::format("{}{}", known.empty() ? "" : ", ", type->name());
        }
    }
    refuse(fmt::format("There is no kind of aggregate called `{}`; there are {}.", name, known));
}

struct Question {
    replay::EventFilter filter;
    replay::Period period;
    Kind kind;
};

Question question_of(const StateSettings& settings) {
    Question question;
    question.filter.subject = settings.aggregates.front();
    if (!question.filter.aggregate())
        refuse(fmt::format("`{}` is no aggregate, as in learner/<id>.", settings.aggregates.front()));
    question.kind = kind_of(question.filter);
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    question.period.until = moment_option("as-of", settings.as_of, now, context_names());
    if (question.period.until && std::holds_alternative<Instant>(*question.period.until))
        question.filter.until = std::get<Instant>(*question.period.until);
    return question;
}

/// All events of these contexts that `wanted` holds for. Empty, too, if it was stopped.
std::vector<KeptEvent> events_of(const StateSettings& settings, const Question& question,
                                 std::span<const std::string> contexts, const std::optional<Uuid>& aggregate,
                                 runtime::Shutdown& shutdown, const std::function<bool(const log::Envelope&)>& wanted) {
    Progress progress{"state", "records"};
    std::deque<std::vector<KeptEvent>> shares;
    const auto make_visit = [&]() -> replay::Visit {
        return [&wanted, &share = shares.emplace_back()](const replay::Event& event) {
            if (wanted(event.envelope)) share.push_back(replay::keep(event));
        };
    };
    replay::EventFilter at_that_time;
    at_that_time.until = question.filter.until;
    const bool whole =
        replay::run({.bootstrap = settings.broker.kafka,
                     .ranges = replay::ranges_of(settings.broker.kafka, contexts, question.period, aggregate),
                     .filter = at_that_time,
                     .make_visit = make_visit,
                     .on_progress =
                         [&](auto done, auto all) {
                             progress.show({{"", done, all}});
                         }},
                    shutdown.token());
    progress.end();
    std::vector<KeptEvent> events;
    for (auto& share : shares) std::ranges::move(share, std::back_inserter(events));
    return whole ? std::move(events) : std::vector<KeptEvent>{};
}

/// Folded as the decider does before it decides: each version once, and none that today's code can't read. As JSON.
std::string folded(const Kind& kind, const std::vector<const KeptEvent*>& own) {
    const auto state = kind.type->initial();
    for (std::int64_t version = 0; const auto* event : own) {
        const auto& envelope = event->envelope;
        if (envelope.version.value != ++version)
            throw log::UnreadableRecord(fmt::format("version {} of {} is missing", version, envelope.subject));
        try {
            kind.type->evolve(*state, envelope.type, envelope.data);
        } catch (const commands::UndigestedEvent& event_of_tomorrow) {
            throw Failure(Exit::data_refused,
                          fmt::format("This program can't read an event: {}.", event_of_tomorrow.what()),
                          "Install the one that wrote it.");
        }
    }
    return kind.type->show(*state);
}

std::vector<const KeptEvent*> own_of(const std::vector<KeptEvent>& events, const std::string& subject) {
    std::vector<const KeptEvent*> own;
    for (const auto& event : events)
        if (event.envelope.subject == subject) own.push_back(&event);
    std::ranges::sort(own, {}, [](const KeptEvent* event) { return event->offset; });
    return own;
}

std::vector<KeptEvent> with_causes(const StateSettings& settings, const Question& question, std::vector<KeptEvent> own,
                                   runtime::Shutdown& shutdown) {
    std::set<std::string, std::less<>> requests;
    for (const auto& event : own) requests.emplace(event.envelope.correlation);
    const auto names = context_names();
    const std::vector<std::string> everywhere{names.begin(), names.end()};
    return events_of(settings, question, everywhere, std::nullopt, shutdown, [&](const log::Envelope& event) {
        return event.subject == question.filter.subject ||
               (!event.correlation.empty() && requests.contains(event.correlation));
    });
}

Exit run(const StateSettings& settings, runtime::Shutdown& shutdown) {
    const auto question = question_of(settings);
    runtime::check_given(settings.broker);
    return with_remedies([&] {
        auto events =
            events_of(settings, question, std::span{&question.kind.context, 1}, question.filter.aggregate(), shutdown,
                      [&](const log::Envelope& event) { return event.subject == question.filter.subject; });
        if (shutdown.requested()) return Exit::ok;
        if (events.empty())
            throw Failure(Exit::check_failed, fmt::format("{} has no events up to then.", settings.aggregates.front()),
                          "");
        if (!settings.alone) events = with_causes(settings, question, std::move(events), shutdown);
        if (shutdown.requested()) return Exit::ok;
        const auto own = own_of(events, settings.aggregates.front());
        const AggregateHistory history{question.filter.subject, own.front()->partition, folded(question.kind, own), own,
                                       replay::correlations_of(events)};
        OutputLines lines{shutdown};
        lines.text() = settings.json ? as_json(history) : as_text(history, terminal_width());
        lines.flush();
        return Exit::ok;
    });
}

}  // namespace

void add_state(runtime::Program& program) {
    program.verb<StateSettings>(
        {"state", "an aggregate as it was then: its state, its events, and what led to them", manual}, declare, run);
}

}  // namespace kiroku
