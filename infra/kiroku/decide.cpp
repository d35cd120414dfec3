// infra/kiroku/decide.cpp: kiroku decide: turns commands into events.
#include <fmt/format.h>

#include <algorithm>

#include "commands/decider/decider.hpp"
#include "commands/gamification/context.hpp"
#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/operator_port.hpp"
#include "infra/kiroku/otlp.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/kiroku/verb.hpp"
#include "infra/log/topics.hpp"

namespace kiroku {
namespace {

using runtime::Exit;
using runtime::Failure;

struct DecideSettings {
    runtime::Broker broker;
    runtime::Folders folders;
    std::vector<std::string> contexts;
    std::string instance;
    std::string group = "kiroku-decide";
    std::filesystem::path rules;
    OperatorPortSettings metrics;
    OtlpSettings otlp;
};

void declare(runtime::Options& options, DecideSettings& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.folders);
    options.words("context", settings.contexts, "contexts to decide; all if none is named")
        ->check(CLI::IsMember(context_names()));
    options.add("instance", settings.instance,
                "this decider's name, the same after a restart; made from host and STATE if not given");
    options.add("group", settings.group,
                "deciders that share the partitions out; two groups would fight for them, which is safe and slow");
    options.add("rules", settings.rules, "a rule book for XP, streaks and achievements; Kiroku's own if not given");
    declare(options, settings.metrics);
    declare(options, settings.otlp);
}

constexpr const char* manual =
    R"(Reads <context>.commands, writes <context>.events and replies. Owns its share of the partitions; several deciders
share them out. STATE/decide holds a cache of the log: it may be deleted when no decider runs, and is made anew.
Answers only what the log proves; after any doubt it fences and reads what is true.

Examples:
  kiroku decide                                   all contexts
  kiroku decide gamification --state /srv/d2      one of them, beside another decider
)";

std::vector<commands::Context> chosen(const DecideSettings& settings) {
    auto rules = commands::read_rule_book(settings.rules);
    if (!rules) {
        throw Failure(Exit::config, fmt::format("The rule book: {}.", rules.error()),
                      "See schemas/gamification/rules.v1.json.");
    }
    auto all = contexts(std::move(*rules));
    if (settings.contexts.empty()) return all;
    std::erase_if(all, [&](const auto& context) {
        return std::ranges::find(settings.contexts, context.name) == settings.contexts.end();
    });
    return all;
}

Exit run(const DecideSettings& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    const auto contexts = chosen(settings);
    return with_remedies([&] {
        std::vector<std::string_view> names;
        for (const auto& context : contexts) names.push_back(context.name);
        log::expect_sound_topics(settings.broker.kafka, names);
        const auto state = settings.folders.state_folder() / "decide";
        const auto instance = settings.instance.empty() ? instance_name("decide", state) : settings.instance;
        shutdown.end_within(drain_deadline);
        runtime::Vitals vitals{commands::decider_measures()};
        const auto spans = exporter_of(settings.otlp, "decide");
        watch_spans(spans.get(), vitals);
        const OperatorPort port{settings.metrics, vitals};
        commands::run_decider(contexts, {settings.broker.kafka, state, instance, settings.group, &vitals, spans.get()},
                              shutdown.token());
        return Exit::ok;
    });
}

}  // namespace

void add_decide(runtime::Program& program) {
    program.verb<DecideSettings>({"decide", "turns commands into events", manual}, declare, run);
}

}  // namespace kiroku
