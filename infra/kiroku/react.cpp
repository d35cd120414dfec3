// infra/kiroku/react.cpp: kiroku react: sends the commands that follow from events.
#include "commands/reactor/reactor.hpp"
#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/operator_port.hpp"
#include "infra/kiroku/otlp.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/kiroku/verb.hpp"

namespace kiroku {
namespace {

using runtime::Exit;

struct ReactSettings {
    runtime::Broker broker;
    runtime::Folders folders;
    std::string instance;
    OperatorPortSettings metrics;
    OtlpSettings otlp;
};

void declare(runtime::Options& options, ReactSettings& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.folders);
    options.add("instance", settings.instance,
                "this reactor's name, the same after a restart; made from host and DATA if not given");
    declare(options, settings.metrics);
    declare(options, settings.otlp);
}

constexpr const char* manual =
    R"(Reads identity.events and challenges.events, writes identity.commands and gamification.commands: whenever an address is
claimed its user is registered; whenever a challenge session ends it counts for its learner. Several reactors share the
partitions out. Where one stands is kept by the broker; doing it twice does it once.

Examples:
  kiroku react
)";

Exit run(const ReactSettings& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    return with_remedies([&] {
        const auto instance =
            settings.instance.empty() ? instance_name("react", settings.folders.data) : settings.instance;
        shutdown.end_within(drain_deadline);
        runtime::Vitals vitals{commands::Reactor::measures()};
        const auto spans = exporter_of(settings.otlp, "react");
        watch_spans(spans.get(), vitals);
        const OperatorPort port{settings.metrics, vitals};
        commands::Reactor{policies(), {settings.broker.kafka, instance, &vitals, spans.get()}}.run(shutdown.token());
        return Exit::ok;
    });
}

}  // namespace

void add_react(runtime::Program& program) {
    program.verb<ReactSettings>({"react", "sends the commands that follow from events", manual}, declare, run);
}

}  // namespace kiroku
