#include "projections/engine/bulk_load.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>

namespace kiroku::projections {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds between_news{200};
constexpr std::chrono::milliseconds look_every{5};

/// Lets so many through in a second.
class Throttle {
public:
    explicit Throttle(double a_second) : a_second_(a_second) {}

    void passed(int records, const std::stop_token& stop) {
        if (a_second_ <= 0) return;
        due_ = std::max(due_, Clock::now()) +
               std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(records / a_second_));
        while (Clock::now() < due_ && !stop.stop_requested())
            std::this_thread::sleep_until(std::min(due_, Clock::now() + between_news));
    }

private:
    double a_second_;
    Clock::time_point due_ = Clock::now();
};

}  // namespace

/// A thread's share: some partitions, and what all read models make of them.
class BulkLoad::Job {
public:
    Job(const std::string& bootstrap, const std::vector<LoadTarget>& targets,
        const std::function<bool(const log::Partition&)>& has, const LoadSettings& settings)
        : settings_(settings),
          loads_(loads_of(bootstrap, targets, has, settings)),
          walk_(bootstrap, starts_of(loads_)),
          throttle_(settings.most_records_a_second / settings.jobs),
          retell_(settings.make_retell ? settings.make_retell() : nullptr) {
        for (const auto& [partition, cursor] : starts_of(loads_)) done_.emplace(partition, cursor.next);
    }

    [[nodiscard]] bool reads_nothing() const { return done_.empty(); }
    [[nodiscard]] std::map<log::Partition, Offset> done() const {
        const std::lock_guard lock{mutex_};
        return done_;
    }

    void leave(const std::string& read_model) {
        std::erase_if(loads_, [&](const auto& load) { return load->model().name == read_model; });
    }

    void to(const Ends& ends, const std::stop_token& stop) {
        if (settings_.exact) {
            for (auto& load : loads_) load->end_at(ends);
        }
        walk_.to(ends, stop, [&](const Chunk& chunk, int records) {
            if (retell_)
                take(retold(chunk, ends), stop);
            else
                take(chunk, stop);
            note(chunk);
            keep_within_bounds(stop);
            throttle_.passed(records, stop);
        });
        flush(stop);
    }

private:
    using Loads = std::vector<std::unique_ptr<ParkingLoad>>;

    static Loads loads_of(const std::string& bootstrap, const std::vector<LoadTarget>& targets,
                          const std::function<bool(const log::Partition&)>& has, const LoadSettings& settings) {
        // What is retold is told once.
        const auto log = settings.make_retell ? std::nullopt : std::optional{bootstrap};
        Loads loads;
        for (const auto& [model, session] : targets) {
            postgres::Connection connection{session};
            auto checkpoints = read_checkpoints(connection, model.name);
            std::erase_if(checkpoints, [&](const auto& one) { return !has(one.first); });
            if (!checkpoints.empty()) loads.push_back(std::make_unique<ParkingLoad>(log, model, session, checkpoints));
        }
        return loads;
    }

    static std::map<log::Partition, log::Cursor> starts_of(const Loads& loads) {
        std::map<log::Partition, log::Cursor> starts;
        for (const auto& load : loads) {
            for (const auto& [partition, checkpoint] : load->checkpoints()) {
                const auto [start, is_new] = starts.emplace(partition, checkpoint.cursor);
                if (!is_new && checkpoint.cursor.next < start->second.next) start->second = checkpoint.cursor;
            }
        }
        return starts;
    }

    void take(const Chunk& chunk, const std::stop_token& stop) {
        for (auto& load : loads_) load->take(chunk, stop);
    }

    [[nodiscard]] Chunk retold(const Chunk& chunk, const Ends& ends) const {
        Chunk told;
        for (const auto& step : chunk.steps()) {
            const auto end = ends.find(step.partition);
            const bool is_wanted = end == ends.end() || step.after.next <= end->second;
            if (is_wanted && step.events > 0)
                retell_(chunk, step, told);
            else
                told.add_end(step.partition, step.after, step.log_id);
        }
        return told;
    }

    void note(const Chunk& chunk) {
        const std::lock_guard lock{mutex_};
        for (const auto& step : chunk.steps()) done_[step.partition] = step.after.next;
    }

    void keep_within_bounds(const std::stop_token& stop) {
        std::size_t bytes = 0;
        for (const auto& load : loads_) bytes += load->bytes();
        const bool full = bytes > settings_.most_bytes / static_cast<std::size_t>(settings_.jobs);
        if (!full && Clock::now() - flushed_ < settings_.flush_every) return;
        flush(stop);
        if (!full) return;
        for (auto& load : loads_) load->make_room();
    }

    void flush(const std::stop_token& stop) {
        for (auto& load : loads_) load->flush(stop);
        flushed_ = Clock::now();
    }

    const LoadSettings& settings_;
    Loads loads_;
    LogWalk walk_;
    Throttle throttle_;
    Retell retell_;
    Clock::time_point flushed_ = Clock::now();
    mutable std::mutex mutex_;
    std::map<log::Partition, Offset> done_;
};

BulkLoad::BulkLoad(std::string bootstrap, const std::vector<LoadTarget>& targets, LoadSettings settings)
    : bootstrap_(std::move(bootstrap)), settings_(std::move(settings)) {
    for (int number = 0; number < settings_.jobs; ++number) {
        const auto has = [&](const log::Partition& partition) { return partition.number % settings_.jobs == number; };
        auto job = std::make_unique<Job>(bootstrap_, targets, has, settings_);
        if (!job->reads_nothing()) jobs_.push_back(std::move(job));
    }
}

BulkLoad::~BulkLoad() = default;

Ends BulkLoad::ends() {
    LogProbe probe{bootstrap_};
    Ends ends;
    for (const auto& job : jobs_) {
        for (const auto& one : job->done()) ends[one.first] = probe.watermarks(one.first).next;
    }
    return ends;
}

bool BulkLoad::to(const Ends& ends, const std::stop_token& stop,
                  const std::function<void(const LoadProgress&)>& on_progress) {
    std::stop_source stop_all;
    const std::stop_callback pass_on{stop, [&] { stop_all.request_stop(); }};
    std::atomic<std::size_t> running = jobs_.size();
    std::vector<std::exception_ptr> failures(jobs_.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t number = 0; number < jobs_.size(); ++number) {
            threads.emplace_back([&, number] {
                try {
                    jobs_[number]->to(ends, stop_all.get_token());
                } catch (...) {
                    failures[number] = std::current_exception();
                    stop_all.request_stop();
                }
                --running;
            });
        }
        for (auto next = Clock::now(); running > 0; std::this_thread::sleep_for(look_every)) {
            if (!on_progress || Clock::now() < next) continue;
            on_progress(progress(ends));
            next = Clock::now() + between_news;
        }
    }
    for (const auto& failure : failures)
        if (failure) std::rethrow_exception(failure);
    if (on_progress) on_progress(progress(ends));
    return !stop.stop_requested();
}

void BulkLoad::leave(const std::string& read_model) {
    for (auto& job : jobs_) job->leave(read_model);
}

LoadProgress BulkLoad::progress(const Ends& ends) const {
    LoadProgress all;
    for (const auto& job : jobs_) {
        for (const auto& [partition, done] : job->done()) {
            const auto end = ends.find(partition);
            const auto last = end == ends.end() ? done : end->second;
            all.push_back({partition, std::min(done, last).value, last.value});
        }
    }
    std::ranges::sort(all, {}, &PartitionProgress::partition);
    return all;
}

}  // namespace kiroku::projections
