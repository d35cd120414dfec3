#include "tests/support/projected.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "projections/engine/checkpoint.hpp"
#include "projections/engine/migrate.hpp"
#include "projections/read_models.hpp"

namespace kiroku::test {

using namespace std::chrono_literals;

ProjectedWorld::ProjectedWorld(int partitions) : log(partitions), models(read_models_of(log.context())) {
    projections::migrate(schema.session(), models);
}

std::vector<projections::ReadModel> ProjectedWorld::read_models_of(const std::string& context) {
    auto models = projections::all_read_models();
    for (auto& model : models) model.contexts = {context};
    return models;
}

const projections::ReadModel& ProjectedWorld::model(const std::string& name) const {
    return *std::ranges::find(models, name, &projections::ReadModel::name);
}

std::vector<log::Partition> ProjectedWorld::partitions() const {
    std::vector<log::Partition> all;
    for (int number = 0; number < log.partitions(); ++number) all.push_back({log.context(), number});
    return all;
}

void ProjectedWorld::wait_until_read(std::vector<std::string> names, std::chrono::seconds within) {
    log.settle();
    if (names.empty()) std::ranges::transform(models, std::back_inserter(names), &projections::ReadModel::name);
    const auto ends = log.ends();
    const auto give_up = std::chrono::steady_clock::now() + within;
    auto connection = connect();
    const auto is_there = [&](const std::string& name) {
        const auto checkpoints = projections::read_checkpoints(connection, name);
        return std::ranges::all_of(ends, [&](const auto& end) {
            const auto found = checkpoints.find(end.first);
            return found != checkpoints.end() && found->second.cursor.next >= end.second;
        });
    };
    while (!std::ranges::all_of(names, is_there)) {
        REQUIRE_MESSAGE(std::chrono::steady_clock::now() < give_up, "the read models don't get to the end of the log");
        std::this_thread::sleep_for(5ms);
    }
}

void ProjectedWorld::check_verified(std::uint64_t at_least_rows) const {
    for (const auto& verdict : projections::verify({kafka_server(), schema.session(), models})) {
        INFO(verdict.read_model, " at ", verdict.position.text());
        for (const auto& one : verdict.differences)
            MESSAGE(one.table, " ", one.key, " ", one.column, ": ", one.live, " / ", one.folded);
        CHECK(verdict.differing_rows == 0);
        CHECK(verdict.rows >= at_least_rows);
    }
}

std::int64_t ProjectedWorld::number(const std::string& sql) const {
    const auto rows = connect().execute(sql);
    return rows[0].get<std::int64_t>(0);
}

RunningProjectors::RunningProjectors(projections::RunSettings settings)
    : thread_([this, settings = std::move(settings)] {
          try {
              projections::run_projectors(settings, stop_.get_token());
          } catch (const std::exception& error) {
              failure_ = error.what();
          }
          ended_ = true;
      }) {}

RunningProjectors::~RunningProjectors() { stop(); }

void RunningProjectors::stop() {
    stop_.request_stop();
    if (thread_.joinable()) thread_.join();
}

std::string RunningProjectors::wait_for_end(std::chrono::seconds within) {
    const auto give_up = std::chrono::steady_clock::now() + within;
    while (!ended_ && std::chrono::steady_clock::now() < give_up) std::this_thread::sleep_for(5ms);
    REQUIRE_MESSAGE(ended_, "the projectors go on");
    return failure_;
}

}  // namespace kiroku::test
