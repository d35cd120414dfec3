#include "projections/engine/projector.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace kiroku::projections {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_rest{20};
constexpr int most_doublings = 7;  // 20 ms … 2.5 s
constexpr int log_every = 16;      // failures in a row

std::string name_of(const log::Partition& partition) {
    return fmt::format("{}/{}", partition.context, partition.number);
}

}  // namespace

Projector::Projector(ReadModel model, std::unique_ptr<ModelDatabase> database, std::stop_token stop)
    : model_(std::move(model)),
      database_(std::move(database)),
      stop_(std::move(stop)),
      owner_(random_uuid_v7()),
      folds_(model_.make_tables(Keep::some)) {}

Projector::Projector(ReadModel model, postgres::Session session, std::stop_token stop)
    : Projector(model, in_postgres(model, std::move(session)), std::move(stop)) {}

Projector::~Projector() = default;

void Projector::claim(std::span<const log::Partition> partitions, bool retry_halted) {
    for (;;) {
        try {
            checkpoints_ = database_->claim(partitions, owner_, retry_halted);
            intake_.know(database_->parked());
            break;
        } catch (const postgres::SchemaMissing&) {
            throw;
        } catch (const postgres::DatabaseError& error) {
            database_->reconnect();
            rest(error.what());
        }
    }
    failures_ = 0;
    for (const auto& [partition, checkpoint] : checkpoints_) {
        if (!checkpoint.halted.empty())
            spdlog::error("{}: {} stays halted: {}", model_.name, name_of(partition), checkpoint.halted);
    }
}

void Projector::apply(std::span<const ChunkPointer> chunks) {
    std::vector<Work> works;
    for (const auto& chunk : chunks) {
        for (const auto& step : chunk->steps()) {
            if (checkpoints_.contains(step.partition)) works.push_back({chunk.get(), &step});
        }
    }
    apply(Works{works});
}

void Projector::apply(Works works) {
    Checkpoints to;
    for (;;) {
        try {
            to = gather(works);
            if (to.empty() || database_->write(checkpoints_, to, folds_, intake_.fresh())) return accept(to);
            forget();
        } catch (const postgres::ValueRefused& error) {
            forget();
            return apply_one_by_one(works, error.what());
        } catch (const postgres::SchemaMissing&) {
            throw;
        } catch (const postgres::DatabaseError& error) {
            forget();
            count(error);
            if (dynamic_cast<const postgres::ConnectionLost*>(&error) != nullptr) database_->reconnect();
            rest(error.what());
        }
        if (is_in(to)) return accept(to);
    }
}

/// One of these decisions holds a value that the tables refuse: find which, park it, and let the others through.
void Projector::apply_one_by_one(Works works, const std::string& refused) {
    if (works.size() == 1) {
        intake_.refuse(*works.front().chunk, *works.front().step, refused);
        return apply(works);
    }
    for (const auto& work : works) apply(Works{&work, 1});
}

/// Hands the works' events to the tables, and says where that leads.
Checkpoints Projector::gather(Works works) {
    Checkpoints to;
    for (const auto& work : works) gather_one(work, to);
    return to;
}

void Projector::gather_one(const Work& work, Checkpoints& to) {
    const auto& step = *work.step;
    const auto& known = checkpoints_.at(step.partition);
    if (!known.halted.empty()) return;
    if (!step.gap.empty()) return halt(step.partition, step.gap);
    const auto moved = to.find(step.partition);
    const auto& now = moved == to.end() ? known : moved->second;
    if (step.after.next <= now.cursor.next) return;
    intake_.take(*work.chunk, step);

    go_on(to.try_emplace(step.partition, known).first->second, *work.chunk, step);
}

void Projector::look() {
    try {
        is_in({});
    } catch (const Fenced&) {  // whose next batch would tell it
    }
}

/// After a failure: whether the batch is in the tables all the same. If it isn't, they must be as they were before it:
/// a database may have lost what was written long ago, in other partitions, too.
bool Projector::is_in(const Checkpoints& to) {
    for (;;) {
        try {
            const auto stored = database_->checkpoints();
            bool behind = true;
            bool before = true;
            for (const auto& [partition, known] : checkpoints_) {
                const auto found = stored.find(partition);
                const auto next = to.find(partition);
                if (found != stored.end() && found->second.epoch > known.epoch) throw_taken(partition, found->second);
                const auto is_at = [&](const Checkpoint& expected) {
                    return found != stored.end() && found->second.epoch == known.epoch &&
                           found->second.cursor.next == expected.cursor.next;
                };
                behind = behind && is_at(next == to.end() ? known : next->second);
                before = before && is_at(known);
            }
            if (behind) return true;
            if (before) return false;
            throw PositionMoved(fmt::format(
                "{}: the position in the database was moved, but not by a projector: was a backup restored?",
                model_.name));
        } catch (const postgres::SchemaMissing&) {
            throw;
        } catch (const postgres::DatabaseError& error) {
            database_->reconnect();
            rest(error.what());
        }
    }
}

void Projector::throw_taken(const log::Partition& partition, const Checkpoint& by) const {
    if (!by.owner) throw TablesChanged(fmt::format("{}: its tables were changed by an operator", model_.name));
    throw Fenced(fmt::format("{}: another projector has taken over {}", model_.name, name_of(partition)));
}

void Projector::accept(const Checkpoints& to) {
    failures_ = 0;
    for (const auto& fold : folds_) fold->settle();
    for (const auto& one : intake_.fresh()) {
        if (one.reason.empty()) continue;
        spdlog::error("ALARM parked_key {}: {} of {} waits from offset {} on: {}", model_.name,
                      to_string(one.aggregate), name_of(one.partition), one.first.value, one.reason);
    }
    intake_.settle();
    for (const auto& [partition, next] : to) {
        auto& known = checkpoints_.at(partition);
        auto halted = std::move(known.halted);
        known = next;
        known.halted = std::move(halted);
    }
    note_halts();
}

void Projector::halt(const log::Partition& partition, const std::string& why) {
    auto& halted = checkpoints_.at(partition).halted;
    if (!halted.empty()) return;
    halted = why;
    halts_to_note_.push_back(partition);
    spdlog::error("{}: {} is halted: {}", model_.name, name_of(partition), why);
}

/// For operators only: the halt itself needs no record, for the position stays where it is.
void Projector::note_halts() {
    for (const auto& partition : std::exchange(halts_to_note_, {})) {
        try {
            database_->note_halt(partition, checkpoints_.at(partition));
        } catch (const postgres::DatabaseError& error) {
            database_->reconnect();
            spdlog::warn("{}: can't note that {} is halted: {}", model_.name, name_of(partition), error.what());
        }
    }
}

/// Nothing of the batch is in the tables; what halted in it is looked at again.
void Projector::forget() {
    for (const auto& fold : folds_) fold->forget();
    intake_.forget();
    for (const auto& partition : std::exchange(halts_to_note_, {})) checkpoints_.at(partition).halted.clear();
}

void Projector::count(const postgres::DatabaseError& error) {
    if (counts_ == nullptr) return;
    ++counts_->retries;
    if (dynamic_cast<const postgres::CommitInDoubt*>(&error) != nullptr) ++counts_->in_doubt;
}

void Projector::rest(std::string_view because) {
    if (failures_ % log_every == 0) spdlog::warn("{}: trying again: {}", model_.name, because);
    database_->rest(first_rest * (1 << std::min(failures_, most_doublings)), stop_);
    ++failures_;
    if (stop_.stop_requested()) throw Stopped{};
}

}  // namespace kiroku::projections
