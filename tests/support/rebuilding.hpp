// tests/support/rebuilding.hpp: rebuilds of a test's own read models.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "projections/engine/rebuild.hpp"
#include "tests/support/projected.hpp"

namespace kiroku::test {

/// Of the read models of these names; of all, if none is named.
inline projections::RebuildSettings rebuilding(const ProjectedWorld& world,
                                               const std::vector<std::string>& names = {}) {
    projections::RebuildSettings settings{.bootstrap = kafka_server(),
                                          .session = world.schema.session(),
                                          .read_models = {},
                                          .load = {},
                                          .as_of = {},
                                          .on_progress = {}};
    for (const auto& model : world.models) {
        if (names.empty() || std::ranges::find(names, model.name) != names.end()) settings.read_models.push_back(model);
    }
    return settings;
}

/// Flushes all the time, keeps nothing in memory, is stopped and goes on until it is done. How often it was begun.
inline int rebuild_in_pieces(projections::RebuildSettings settings) {
    using namespace std::chrono_literals;
    settings.load.jobs = 3;
    settings.load.flush_every = 0s;
    settings.load.most_bytes = 1;
    settings.load.most_records_a_second = 4'000;
    int starts = 0;
    for (bool done = false; !done; ++starts) {
        std::stop_source stop;
        std::jthread soon{[&] {
            std::this_thread::sleep_for(300ms + 100ms * starts);
            stop.request_stop();
        }};
        done = projections::rebuild(settings, stop.get_token()).size() == settings.read_models.size();
    }
    return starts;
}

/// Drops what a test has made beside its schema.
struct Beside {
    const ProjectedWorld& world;
    ~Beside() {
        auto connection = world.connect();
        for (const auto& one : projections::versions_of(connection))
            connection.execute(
                fmt::format(R"(SET client_min_messages = warning; DROP SCHEMA IF EXISTS "{}" CASCADE)", one.schema));
    }
};

}  // namespace kiroku::test
