#include "projections/engine/rebuild.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "projections/engine/finish_tables.hpp"
#include "projections/engine/parked.hpp"
#include "projections/engine/positions.hpp"

namespace kiroku::projections {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds short_round{500};
constexpr int most_rounds = 20;

/// Makes the positions of tables beside the live ones ours. Throws LogMismatch if they are of another log.
void take_over(const RebuildSettings& settings, const ReadModel& model, const std::string& schema) {
    LogProbe probe{settings.bootstrap};
    postgres::Connection connection{beside(settings.session, schema)};
    probe.check(model.name,
                claim(connection, model.name, probe.partitions_of(model.contexts), random_uuid_v7(), false));
}

Ends ends_of(const Checkpoints& checkpoints) {
    Ends ends;
    for (const auto& [partition, checkpoint] : checkpoints) ends.emplace(partition, checkpoint.cursor.next);
    return ends;
}

/// Two events have made rows of one key. In bulk that shows only once the key is made; with the key made first, the
/// second one is refused when it comes, and parked.
struct KeyTwice {
    std::string read_model;
};

void finish(const RebuildSettings& settings, const ReadModel& model, const postgres::Session& session) {
    settings.on_step("indexing " + model.name);
    try {
        finish_tables(session, model, {.jobs = settings.load.jobs, .most_bytes = settings.load.most_bytes});
    } catch (const postgres::ValueRefused& refused) {
        spdlog::warn("{}: loading it again, its key first: {}", model.name, refused.what());
        throw KeyTwice{model.name};
    }
}

void make_keys(const ReadModel& model, const postgres::Session& session) {
    for (const auto& table : model.make_tables(Keep::some)) ensure_key(session, table->shape());
}

/// Round after round, each shorter, for the log grows meanwhile. False: stopped.
bool catch_up(BulkLoad& load, const std::stop_token& stop) {
    for (int round = 0; round < most_rounds; ++round) {
        const auto begun = steady_clock::now();
        if (!load.to(load.ends(), stop)) return false;
        if (steady_clock::now() - begun < short_round) break;
    }
    return true;
}

/// One read model on its way.
struct Building {
    ReadModel model;
    std::unique_ptr<VersionLock> lock;
    Version version;
};

class Rebuild {
public:
    /// `key_first`: a read model to make anew, its key before its rows; may be empty.
    Rebuild(const RebuildSettings& settings, const std::stop_token& stop, const std::string& key_first)
        : settings_(settings), stop_(stop), key_first_(key_first) {}

    std::vector<Rebuilt> operator()() {
        begin();
        BulkLoad load{settings_.bootstrap, targets(), limits()};
        settings_.on_step("loading");
        if (!load.to(settings_.as_of.value_or(load.ends()), stop_, settings_.on_progress)) return {};
        for (const auto& one : building_) {
            finish(settings_, one.model, beside(settings_.session, one.version.schema));
        }
        if (!settings_.as_of && !catch_up(load, stop_)) return {};
        for (const auto& one : building_) {
            check_parked(one);
            verify_one(one);
        }
        if (stop_.stop_requested()) return {};
        std::vector<Rebuilt> done;
        for (const auto& one : building_) {
            if (settings_.as_of)
                mark_ready(settings_.session, one.version);
            else
                put_in_place(load, one);
            done.push_back({one.version, position_of(one), !settings_.as_of});
        }
        return done;
    }

private:
    [[nodiscard]] LoadSettings limits() const {
        auto limits = settings_.load;
        limits.exact = settings_.as_of.has_value();
        return limits;
    }

    void begin() {
        for (const auto& model : settings_.read_models) {
            auto lock = std::make_unique<VersionLock>(settings_.session, model.name);
            const bool key_first = model.name == key_first_;
            auto version = begin_version(settings_.session, model, settings_.anew || key_first);
            take_over(settings_, model, version.schema);
            if (key_first) make_keys(model, beside(settings_.session, version.schema));
            building_.push_back({model, std::move(lock), std::move(version)});
        }
    }

    [[nodiscard]] std::vector<LoadTarget> targets() const {
        std::vector<LoadTarget> targets;
        for (const auto& one : building_) targets.push_back({one.model, beside(settings_.session, one.version.schema)});
        return targets;
    }

    void check_parked(const Building& one) const {
        if (settings_.force) return;
        postgres::Connection connection{beside(settings_.session, one.version.schema)};
        postgres::Transaction transaction{connection};
        const auto parked = parked_in(transaction, one.model.name);
        if (parked.empty()) return;
        const auto& first = parked.front().decision;
        throw KeysParked(fmt::format("the new {} can't digest {} decisions, first {}/{}@{}: {}", one.model.name,
                                     parked.size(), first.partition.context, first.partition.number, first.first.value,
                                     first.reason));
    }

    void verify_one(const Building& one) const {
        if (!settings_.verify) return;
        settings_.on_step("verifying " + one.model.name);
        const auto verdict = verify({.bootstrap = settings_.bootstrap,
                                     .session = beside(settings_.session, one.version.schema),
                                     .read_models = {one.model}})
                                 .front();
        if (verdict.holds()) return;
        const auto first = verdict.differences.empty() ? "" : ", first " + verdict.differences.front().key;
        throw NotVerified(fmt::format("{} rows of the new {} are not what the log says{}", verdict.differing_rows,
                                      one.model.name, first));
    }

    /// From here on a stop waits: it would leave some of them switched, and others not.
    void put_in_place(BulkLoad& load, const Building& one) {
        settings_.on_step("switching " + one.model.name);
        catch_up(load, {});
        swap_in(settings_.session, one.version,
                [&](const Checkpoints& live) { static_cast<void>(load.to(ends_of(live), {})); });
        load.leave(one.model.name);
    }

    [[nodiscard]] log::Position position_of(const Building& one) const {
        postgres::Connection connection{settings_.as_of ? beside(settings_.session, one.version.schema)
                                                        : settings_.session};
        postgres::Read read{connection};
        return projections::position_of(read, one.model.name);
    }

    const RebuildSettings& settings_;
    const std::stop_token& stop_;
    const std::string& key_first_;
    std::vector<Building> building_;
};

bool make_schema(const RebuildSettings& settings, const std::string& schema, bool keys_first,
                 const std::stop_token& stop) {
    const auto session = beside(settings.session, schema);
    {
        postgres::Connection connection{settings.session};
        postgres::Transaction transaction{connection};
        create_beside(transaction, settings.session.schema, schema, settings.read_models);
        transaction.commit();
    }
    const auto drop = [&] {
        postgres::Connection{session}.execute(
            fmt::format("SET client_min_messages = warning; DROP SCHEMA \"{}\" CASCADE", schema));
        return false;
    };
    try {
        std::vector<LoadTarget> targets;
        for (const auto& model : settings.read_models) {
            take_over(settings, model, schema);
            if (keys_first) make_keys(model, session);
            targets.push_back({model, session});
        }
        auto limits = settings.load;
        limits.exact = true;
        BulkLoad load{settings.bootstrap, targets, limits};
        settings.on_step("loading");
        if (!load.to(*settings.as_of, stop, settings.on_progress)) return drop();
        for (const auto& model : settings.read_models) finish(settings, model, session);
        return true;
    } catch (...) {
        drop();
        throw;
    }
}

}  // namespace

std::vector<Rebuilt> rebuild(const RebuildSettings& settings, const std::stop_token& stop) {
    std::string key_first;
    for (auto attempt = settings;; attempt.anew = false) {
        try {
            return Rebuild{attempt, stop, key_first}();
        } catch (const KeyTwice& twice) {
            key_first = twice.read_model;
        }
    }
}

bool switch_version(const RebuildSettings& settings, const Version& to, bool first_catch_up,
                    const std::stop_token& stop) {
    const auto& model = settings.read_models.front();
    if (to.shape != model.shape) {
        throw VersionRefused(fmt::format("version {} of {} has shape {}, this program writes shape {}", to.number,
                                         to.read_model, to.shape, model.shape));
    }
    const VersionLock lock{settings.session, model.name};
    take_over(settings, model, to.schema);
    if (!first_catch_up) {
        swap_in(settings.session, to, nullptr);
        return true;
    }
    BulkLoad load{settings.bootstrap, {{model, beside(settings.session, to.schema)}}, settings.load};
    settings.on_step("catching up");
    if (!load.to(load.ends(), stop, settings.on_progress) || !catch_up(load, stop)) return false;
    settings.on_step("switching");
    swap_in(settings.session, to, [&](const Checkpoints& live) { static_cast<void>(load.to(ends_of(live), {})); });
    return true;
}

bool make_as_of(const RebuildSettings& settings, const std::string& schema, const std::stop_token& stop) {
    try {
        return make_schema(settings, schema, false, stop);
    } catch (const KeyTwice&) {
        return make_schema(settings, schema, true, stop);
    }
}

}  // namespace kiroku::projections
