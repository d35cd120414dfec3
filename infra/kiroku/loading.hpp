// infra/kiroku/loading.hpp: what verbs share that load read models in bulk: options, and how they show how far they
// are.
#pragma once

#include <memory>
#include <string>

#include "infra/kiroku/progress.hpp"
#include "infra/runtime/options.hpp"
#include "projections/engine/rebuild.hpp"

namespace kiroku {

struct LoadingOptions {
    int jobs = 0;  ///< 0: as many as there are processors
    double max_rate = 0;
    std::string memory = "4GB";
};

void declare(runtime::Options& options, LoadingOptions& loading);

/// Throws Failure(usage) for a size that is none.
projections::LoadSettings load_settings(const LoadingOptions& loading);

/// Where the log stood at a moment, as typed (a time, a date, "2h" ago, a position), in the contexts that these read
/// models read; where it stands now, if nothing was typed. Throws Failure(usage) for what is no moment. `option`: what
/// it was typed for.
projections::Ends ends_at(const std::string& bootstrap, const std::vector<projections::ReadModel>& read_models,
                          const std::string& moment, const std::string& option = "as-of");

/// Shows what a rebuild does.
class LoadingProgress {
public:
    explicit LoadingProgress(const std::string& work) : shown_(std::make_unique<Progress>(work, "records")) {}

    /// Must outlive the rebuild.
    void follow(projections::RebuildSettings& rebuild);
    void end() { shown_.reset(); }

private:
    std::unique_ptr<Progress> shown_;
};

}  // namespace kiroku
