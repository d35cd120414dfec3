#include "infra/store/sorted_loads.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace kiroku::store {
namespace {

constexpr std::size_t most_waiting = 2;

std::size_t shared(std::string_view one, std::string_view other) {
    return static_cast<std::size_t>(std::ranges::mismatch(one, other).in1 - one.begin());
}

/// How many bytes all the keys of one kind, their first byte, begin with.
std::size_t shared_by_most(const Batch& batch) {
    const auto first = batch.key(0);
    auto length = first.size();
    for (std::size_t place = 1; place < batch.size(); ++place) {
        const auto key = batch.key(place);
        if (key.substr(0, 1) == first.substr(0, 1)) length = std::min(length, shared(first, key));
    }
    return length;
}

/// The bytes from there on, as a number that sorts as they do.
std::uint64_t eight_from(std::string_view key, std::size_t from) {
    std::uint64_t number = 0;
    std::memcpy(&number, key.data() + std::min(from, key.size()),
                std::min(sizeof number, key.size() - std::min(from, key.size())));
    return __builtin_bswap64(number);
}

struct Keyed {
    std::uint64_t beginning;
    std::size_t place;
};

/// Most keys differ in the eight bytes behind what all begin with, which are compared without looking at the keys.
std::vector<std::size_t> sorted_places(const Batch& batch) {
    std::vector<std::size_t> places;
    if (batch.size() == 0) return places;
    const auto length = shared_by_most(batch);
    const auto beginning = batch.key(0).substr(0, length);
    std::vector<Keyed> alike, others;
    for (std::size_t place = 0; place < batch.size(); ++place) {
        const auto key = batch.key(place);
        (key.starts_with(beginning) ? alike : others).push_back({eight_from(key, length), place});
    }
    const auto by_key = [&](const Keyed& one, const Keyed& other) {
        const auto order = batch.key(one.place).compare(batch.key(other.place));
        return order != 0 ? order < 0 : one.place > other.place;  // of equal keys the last comes first
    };
    std::ranges::sort(alike, [&](const Keyed& one, const Keyed& other) {
        return one.beginning != other.beginning ? one.beginning < other.beginning : by_key(one, other);
    });
    std::ranges::sort(others, by_key);
    std::vector<Keyed> sorted;
    std::ranges::merge(alike, others, std::back_inserter(sorted), by_key);
    for (const auto& [ignored, place] : sorted)
        if (places.empty() || batch.key(places.back()) != batch.key(place)) places.push_back(place);
    return places;
}

}  // namespace

SortedLoads::~SortedLoads() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

std::uint64_t SortedLoads::add(Batch& batch) {
    std::unique_lock lock{mutex_};
    if (!thread_.joinable()) thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
    changed_.wait(lock, [&] { return waiting_.size() < most_waiting || failure_; });
    expect_no_failure();
    waiting_.push_back(std::move(batch));
    batch = {};
    if (!emptied_.empty()) {
        batch = std::move(emptied_.back());
        emptied_.pop_back();
    }
    changed_.notify_all();
    return ++added_;
}

void SortedLoads::wait_for(std::uint64_t load) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return done_ >= load || failure_; });
    expect_no_failure();
    if (done_ == added_) emptied_.clear();
}

void SortedLoads::expect_no_failure() const {
    if (failure_) std::rethrow_exception(failure_);
}

void SortedLoads::run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (changed_.wait(lock, stop, [&] { return !waiting_.empty(); }) && !failure_) {
        auto batch = std::move(waiting_.front());
        waiting_.pop_front();
        changed_.notify_all();
        lock.unlock();
        std::exception_ptr failure;
        try {
            take_in_(batch, sorted_places(batch));
        } catch (...) {
            failure = std::current_exception();
        }
        batch.clear();
        lock.lock();
        emptied_.push_back(std::move(batch));
        failure_ = failure;
        ++done_;
        changed_.notify_all();
    }
}

}  // namespace kiroku::store
