#include "infra/replay/event_filter.hpp"

#include <algorithm>
#include <cmath>

namespace kiroku::replay {
namespace {

bool names_type(std::string_view wanted, std::string_view type) {
    if (wanted == type) return true;
    const auto without_context = type.substr(type.find('.') + 1);
    return wanted == without_context || wanted == type.substr(0, type.rfind('.')) ||
           wanted == without_context.substr(0, without_context.find('.'));
}

/// "learner" means all that begins with "learner/".
bool names(std::string_view wanted, std::string_view found) {
    return wanted.empty() || wanted == found || wanted == found.substr(0, found.find('/'));
}

bool in_share(const EventId& id, double share) {
    return share >= 1 || static_cast<double>(chance_of(id)) < std::ldexp(share, 64);
}

}  // namespace

bool EventFilter::matches(const Event& event, Fields& fields) const {
    const auto& envelope = event.envelope;
    if (since && envelope.time < *since) return false;
    if (until && envelope.time >= *until) return false;
    if (!names(subject, envelope.subject) || !names(actor, envelope.actor)) return false;
    if (!organization.empty() && organization != envelope.organization) return false;
    const auto is_type = [&](const std::string& wanted) { return names_type(wanted, envelope.type); };
    if (!types.empty() && std::ranges::none_of(types, is_type)) return false;
    if (where) {
        fields.look_at(event);
        if (!where->holds(fields)) return false;
    }
    return in_share(envelope.id, share);
}

std::optional<Uuid> EventFilter::aggregate() const {
    const auto slash = subject.find('/');
    return slash == std::string::npos ? std::nullopt : Uuid::parse(std::string_view{subject}.substr(slash + 1));
}

std::vector<std::string> contexts_of(std::vector<std::string> named, std::span<const std::string> types,
                                     std::span<const std::string_view> all) {
    if (named.empty()) {
        for (const auto& type : types) {
            const auto context = type.substr(0, type.find('.'));
            if (std::ranges::find(all, context) == all.end()) return {all.begin(), all.end()};
            named.push_back(context);
        }
    }
    std::ranges::sort(named);
    named.erase(std::ranges::unique(named).begin(), named.end());
    return named.empty() ? std::vector<std::string>{all.begin(), all.end()} : named;
}

std::uint64_t chance_of(const EventId& id) {
    std::uint64_t mixed = 0;
    for (const auto byte : id.value.bytes) {  // splitmix64's finish, a byte at a time
        mixed = (mixed ^ byte) + 0x9E3779B97F4A7C15ULL;
        mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBULL;
        mixed ^= mixed >> 31U;
    }
    return mixed;
}

}  // namespace kiroku::replay
