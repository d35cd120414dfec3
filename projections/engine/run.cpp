#include "projections/engine/run.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>

#include "projections/engine/pass.hpp"

namespace kiroku::projections {
namespace {

/// What the threads of a run tell the one that waits for them.
class News {
public:
    explicit News(std::size_t workers) : working_(workers) {}

    void worker_ended(std::exception_ptr why) {
        const std::lock_guard lock{mutex_};
        --working_;
        if (!failure_) failure_ = std::move(why);
        changed_.notify_all();
    }
    void failed(std::exception_ptr why) {
        const std::lock_guard lock{mutex_};
        if (!failure_) failure_ = std::move(why);
        changed_.notify_all();
    }

    /// Waits for a stop, a failure, or until nobody works any more. The failure, or null.
    std::exception_ptr wait(const std::stop_token& stop) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, stop, [this] { return failure_ != nullptr || working_ == 0; });
        return failure_;
    }

private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::size_t working_;
    std::exception_ptr failure_;
};

using Workers = std::vector<std::unique_ptr<Worker>>;

Workers claim_all(const RunSettings& settings, const std::stop_token& stop, News& news) {
    LogProbe probe{settings.bootstrap};
    Workers workers;
    for (const auto& model : settings.read_models) {
        auto projector = std::make_unique<Projector>(model, settings.session, stop);
        projector->claim(probe.partitions_of(model.contexts), settings.retry_halted);
        probe.check(model.name, projector->checkpoints());
        const auto watched = settings.watched.find(model.name);
        auto ended = [&news](std::exception_ptr why) { news.worker_ended(std::move(why)); };
        workers.push_back(std::make_unique<Worker>(std::move(projector), std::move(ended),
                                                   watched == settings.watched.end() ? Watched{} : watched->second));
    }
    return workers;
}

std::vector<Pass> passes_for(const Workers& workers) {
    std::vector<Pass> passes;
    for (const auto& worker : workers) {
        const auto pass = std::ranges::find_if(passes, [&](const Pass& one) { return one.suits(*worker); });
        if (pass == passes.end())
            passes.emplace_back(*worker);
        else
            pass->add(*worker);
    }
    return passes;
}

void run_until(const RunSettings& settings, std::stop_source& stop) {
    News news{settings.read_models.size()};
    auto workers = claim_all(settings, stop.get_token(), news);
    auto passes = passes_for(workers);
    spdlog::info("projecting {} read models, reading the log {} times", workers.size(), passes.size());

    std::vector<std::jthread> threads;
    for (auto& pass : passes) {
        threads.emplace_back([&pass, &news, bootstrap = settings.bootstrap, token = stop.get_token()] {
            try {
                pass.run(bootstrap, token);
            } catch (...) {
                news.failed(std::current_exception());
            }
        });
    }
    for (const auto& worker : workers) worker->start();
    const auto failure = news.wait(stop.get_token());
    stop.request_stop();
    threads.clear();
    workers.clear();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

void run_projectors(const RunSettings& settings, std::stop_token stop) {
    for (;;) {
        std::stop_source ours;  // stops everything, also where a failure ends the run
        const std::stop_callback theirs{stop, [&ours] { ours.request_stop(); }};
        try {
            return run_until(settings, ours);
        } catch (const Stopped&) {  // while claiming
            return;
        } catch (const TablesChanged& news) {
            spdlog::info("{}; going on with that", news.what());
        } catch (const PositionMoved& news) {
            spdlog::warn("{} Going on from the position stored now", news.what());
        }
    }
}

}  // namespace kiroku::projections
