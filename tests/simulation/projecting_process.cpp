#include "tests/simulation/projecting_process.hpp"

#include "tests/simulation/step_counts.hpp"

namespace kiroku::sim {

void ProjectingProcess::start() {
    auto projector = std::make_unique<projections::Projector>(
        step_counts(), std::make_unique<MemoryDatabase>(server_, choices_, before_), std::stop_token{});
    std::vector<log::Partition> all;
    for (int number = 0; number < partitions; ++number) all.push_back({context_name, number});
    projector->claim(all);
    life_ = Life{std::move(projector)};
    for (const auto& [partition, checkpoint] : life_->projector->checkpoints()) {
        life_->readers.emplace_back(checkpoint.cursor, rule_);
        life_->at.push_back(checkpoint.cursor.next.value);
    }
}

bool ProjectingProcess::step(int most) {
    const Uuid log_id = uuid_v5({}, context_name);
    const auto chunk = std::make_shared<projections::Chunk>();
    for (int number = 0; number < partitions; ++number) {
        auto& reader = life_->readers[static_cast<std::size_t>(number)];
        auto& at = life_->at[static_cast<std::size_t>(number)];
        const log::Partition partition{context_name, number};
        for (int taken = 0; taken < most && at < events_.size(number); ++taken) {
            const auto events = reader.accept(events_.record(number, at++));
            if (!events.empty()) chunk->add({partition, events, reader.cursor()}, log_id);
        }
        chunk->add_end(partition, reader.cursor(), log_id);
    }
    try {
        const projections::ChunkPointer chunks[]{chunk};
        life_->projector->apply(chunks);
    } catch (const projections::Fenced&) {
        return true;
    }
    return false;
}

bool ProjectingProcess::idle() const {
    if (!life_) return false;
    for (int number = 0; number < partitions; ++number)
        if (life_->at[static_cast<std::size_t>(number)] < events_.size(number)) return false;
    return true;
}

}  // namespace kiroku::sim
