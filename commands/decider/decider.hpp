// commands/decider/decider.hpp: decides some contexts, a thread each, over one local store.
#pragma once

#include <filesystem>
#include <span>
#include <stop_token>
#include <string>

#include "commands/decider/context_runner.hpp"

namespace kiroku::commands {

struct DeciderSettings {
    std::string bootstrap;
    std::filesystem::path state;          ///< the local store's folder; it belongs to this decider alone
    std::string instance;                 ///< the same after a restart, unique among deciders
    std::string group = "kiroku-decide";  ///< deciders of one group share the partitions out
    runtime::Vitals* vitals = nullptr;    ///< is told how it goes, context by context; may be null
    tracing::Exporter* spans = nullptr;   ///< may be null
};

/// Runs until stopped. A store that is damaged, or of another layout, is removed and made anew from the log. Throws
/// BrokerError, StoreInUse.
void run_decider(std::span<const Context> contexts, const DeciderSettings& settings, const std::stop_token& stop);

}  // namespace kiroku::commands
