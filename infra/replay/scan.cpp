#include "infra/replay/scan.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <exception>
#include <thread>

#include "infra/replay/range_reader.hpp"

namespace kiroku::replay {
namespace {

using std::chrono::steady_clock;

constexpr int wait_ms = 100;
constexpr int records_a_turn = 2'000;
constexpr std::chrono::milliseconds between_news{200};
constexpr std::chrono::milliseconds look_every{5};

std::uint64_t records_in(const Range& range) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, range.end.value - range.from.next.value));
}

/// A thread and the ranges that it reads.
struct Share {
    std::vector<Range> ranges;
    Visit visit;
    std::exception_ptr failure;
};

/// The largest ranges first, each to whoever has least.
std::deque<Share> shares_of(const Scan& scan) {
    const auto threads =
        std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, std::max<std::size_t>(1, scan.ranges.size()));
    auto ranges = scan.ranges;
    std::ranges::sort(ranges, std::greater{}, records_in);
    std::deque<Share> shares(threads);
    std::vector<std::uint64_t> records(threads, 0);
    for (auto& range : ranges) {
        const auto least = static_cast<std::size_t>(std::ranges::min_element(records) - records.begin());
        records[least] += records_in(range);
        shares[least].ranges.push_back(std::move(range));
    }
    for (auto& share : shares) share.visit = scan.make_visit();
    return shares;
}

void read(const Scan& scan, Share& share, std::atomic<std::uint64_t>& done, const std::stop_token& stop) {
    RangeReader reader{scan.bootstrap, share.ranges, Ending::at_range};
    Fields fields;
    while (!reader.all_finished() && !stop.stop_requested()) {
        done += static_cast<std::uint64_t>(reader.poll(wait_ms, records_a_turn, [&](std::size_t, const Event& event) {
            if (scan.filter.matches(event, fields)) share.visit(event);
        }));
    }
}

}  // namespace

bool run(const Scan& scan, const std::stop_token& stop) {
    auto shares = shares_of(scan);
    std::uint64_t all = 0;
    for (const auto& range : scan.ranges) all += records_in(range);
    std::atomic<std::uint64_t> done = 0;
    std::atomic<std::size_t> running = shares.size();
    std::stop_source stop_all;
    const std::stop_callback pass_on{stop, [&] { stop_all.request_stop(); }};
    {
        std::vector<std::jthread> threads;
        for (auto& share : shares) {
            threads.emplace_back([&] {
                try {
                    read(scan, share, done, stop_all.get_token());
                } catch (...) {
                    share.failure = std::current_exception();
                    stop_all.request_stop();
                }
                --running;
            });
        }
        for (auto next = steady_clock::now() + between_news; running > 0; std::this_thread::sleep_for(look_every)) {
            if (steady_clock::now() < next) continue;
            if (scan.on_progress) scan.on_progress(std::min(done.load(), all), all);
            next = steady_clock::now() + between_news;
        }
    }
    for (const auto& share : shares)
        if (share.failure) std::rethrow_exception(share.failure);
    return !stop.stop_requested();
}

}  // namespace kiroku::replay
