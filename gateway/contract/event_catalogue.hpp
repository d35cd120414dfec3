// gateway/contract/event_catalogue.hpp: every event there is: what it means, who writes it, and who reads it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/contract/contract.hpp"
#include "schemas/components.hpp"

namespace kiroku::gateway::contract {

/// An event in all versions that the log may hold.
struct CataloguedEvent {
    std::string name;                                 ///< gamification.xp_awarded
    std::vector<const schemas::Component*> versions;  ///< ascending; the last is the one that is written
    std::vector<std::string> upcasters;               ///< in words; of each version but the last
    std::string writer;                               ///< in words
    std::vector<std::string> readers;                 ///< in words
};

/// By context, in the order of `contexts`, then by name.
std::vector<CataloguedEvent> catalogued_events(const Parts& parts);

std::string catalogue_as_markdown(const Parts& parts);

/// A whole page; its style is /docs/style.css.
std::string catalogue_as_html(const Parts& parts);

}  // namespace kiroku::gateway::contract
