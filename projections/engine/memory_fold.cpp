#include "projections/engine/memory_fold.hpp"

namespace kiroku::projections {

MemoryFold::MemoryFold(const ReadModel& model, const Checkpoints& up_to, Places left_out)
    : tables_(model.make_tables(Keep::all)), left_out_(std::move(left_out)) {
    for (const auto& [partition, checkpoint] : up_to) ends_.emplace(partition, checkpoint.cursor.next);
}

bool MemoryFold::includes(const Chunk& chunk, const Step& step) const {
    const auto end = ends_.find(step.partition);
    if (end == ends_.end() || step.after.next > end->second || step.events == 0) return false;
    return left_out_.empty() || !left_out_.contains({step.partition, chunk.events_of(step)->offset});
}

void MemoryFold::apply(const Chunk& chunk, const OnRow& on_row) {
    for (const auto& step : chunk.steps()) {
        if (!includes(chunk, step)) continue;
        events_ += step.events;
        for (const auto& event : std::span{chunk.events_of(step), step.events}) {
            for (const auto& table : tables_) table->take(event);
        }
    }
    for (std::size_t number = 0; number < tables_.size(); ++number) {
        auto& table = *tables_[number];
        table.fold();
        if (table.appends()) table.each_changed([&](const auto& row) { on_row(number, row); });
        table.settle();
    }
}

void read_log(const std::string& bootstrap, const Ends& ends, const std::function<void(const Chunk&)>& on_chunk) {
    std::map<log::Partition, log::Cursor> starts;
    for (const auto& [partition, end] : ends) starts.emplace(partition, log::Cursor{});
    LogWalk{bootstrap, starts}.to(ends, {}, [&](const Chunk& chunk, int) { on_chunk(chunk); });
}

}  // namespace kiroku::projections
