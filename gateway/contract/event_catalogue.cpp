// gateway/contract/event_catalogue.cpp: every event there is: what it means, who writes it, and who reads it.
#include "gateway/contract/event_catalogue.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "gateway/realtime/past.hpp"
#include "infra/log/command.hpp"
#include "schemas/catalog.hpp"

namespace kiroku::gateway::contract {
namespace {

using schemas::Component;

int version_of(std::string_view type) {
    int version = 0;
    const auto digits = type.substr(type.rfind(".v") + 2);
    std::from_chars(digits.data(), digits.data() + digits.size(), version);
    return version;
}

bool reads(const projections::ReadModel& model, const Component& event) {
    if (std::ranges::find(model.contexts, event.context) == model.contexts.end()) return false;
    return std::ranges::any_of(model.make_tables(projections::Keep::some),
                               [&](const auto& table) { return table->reads(event.type); });
}

void add_readers(std::vector<std::string>& readers, const Component& event, const Parts& parts) {
    const auto add = [&](std::string reader) {
        if (std::ranges::find(readers, reader) == readers.end()) readers.push_back(std::move(reader));
    };
    for (const auto& model : parts.read_models) {
        if (reads(model, event)) add(fmt::format("read model {}", model.name));
    }
    for (const auto& policy : parts.policies) {
        if (policy.answers(event.type)) add(fmt::format("policy {}", policy.name));
    }
    if (const auto purpose = realtime::purpose_of(event.type); !purpose.empty()) add(std::string{purpose});
}

std::vector<std::string> upcasters_of(const std::vector<const Component*>& versions) {
    std::vector<std::string> upcasters;
    for (const auto* version : versions) {
        const auto* const older = schemas::older_version(version->type);
        if (older == nullptr) continue;
        const auto from = version_of(version->type);
        upcasters.push_back(fmt::format("v{} becomes v{} when it is read ({})", from, from + 1, older->upcasts));
    }
    return upcasters;
}

}  // namespace

std::vector<CataloguedEvent> catalogued_events(const Parts& parts) {
    std::vector<CataloguedEvent> events;
    for (const auto context : parts.contexts) {
        std::map<std::string_view, std::vector<const Component*>> by_name;
        for (const auto& component : schemas::components()) {
            if (component.kind != "event" || component.context != context) continue;
            by_name[component.type.substr(0, component.type.rfind(".v"))].push_back(&component);
        }
        for (auto& [name, versions] : by_name) {
            std::ranges::sort(versions, {}, [](const Component* one) { return version_of(one->type); });
            const auto aggregate = versions.back()->aggregate;
            CataloguedEvent event{.name = std::string{name},
                                  .versions = versions,
                                  .upcasters = upcasters_of(versions),
                                  .writer = fmt::format("the decider of {}, for {} (topic {})", context, aggregate,
                                                        log::event_topic(context)),
                                  .readers = {fmt::format("the decider of {}: {}'s own state", context, aggregate)}};
            for (const auto* version : versions) add_readers(event.readers, *version, parts);
            events.push_back(std::move(event));
        }
    }
    return events;
}

}  // namespace kiroku::gateway::contract
