#include "tests/simulation/memory_map.hpp"

namespace kiroku::sim {

std::optional<std::string> MemoryMap::get(std::string_view key) const {
    const auto found = now_.find(key);
    return found == now_.end() ? std::nullopt : std::optional{found->second};
}

void MemoryMap::scan(std::string_view group, const Take& take) const {
    for (auto at = now_.lower_bound(group); at != now_.end() && at->first.starts_with(group); ++at)
        take(at->first, at->second);
}

void MemoryMap::last(std::string_view group, const Take& take) const {
    const std::pair<const std::string, std::string>* found = nullptr;
    for (auto at = now_.lower_bound(group); at != now_.end() && at->first.starts_with(group); ++at) found = &*at;
    if (found != nullptr) take(found->first, found->second);
}

void MemoryMap::write(store::Batch& batch) {
    pass("before it writes");
    Entries entries;
    for (std::size_t place = 0; place < batch.size(); ++place)
        entries.insert_or_assign(std::string{batch.key(place)}, std::string{batch.value(place)});
    for (const auto& [key, value] : entries) now_.insert_or_assign(key, value);
    batches_.push_back(std::move(entries));
    batch.clear();
    pass("after it wrote");
}

void MemoryMap::erase_all(std::string_view prefix) {
    std::erase_if(now_, [&](const auto& entry) { return entry.first.starts_with(prefix); });
    flush();
}

void MemoryMap::flush() {
    flushed_ = now_;
    batches_.clear();
}

void MemoryMap::lose_latest(int batches) {
    for (; batches > 0 && !batches_.empty(); --batches) batches_.pop_back();
    now_ = flushed_;
    for (const auto& batch : batches_) {
        for (const auto& [key, value] : batch) now_.insert_or_assign(key, value);
    }
}

void MemoryMap::lose_all() {
    now_.clear();
    flush();
}

}  // namespace kiroku::sim
