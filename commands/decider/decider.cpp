#include "commands/decider/decider.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <mutex>
#include <thread>

#include "infra/store/rocksdb_map.hpp"

namespace kiroku::commands {
namespace {

constexpr const char* layout_key = "layout";

std::unique_ptr<store::RocksdbMap> new_store(const std::filesystem::path& folder) {
    store::RocksdbMap::destroy(folder);
    auto store = std::make_unique<store::RocksdbMap>(folder);
    store::Batch batch;
    batch.put(layout_key, std::string{DecisionStore::layout});
    store->write(batch);
    return store;
}

std::unique_ptr<store::RocksdbMap> open_store(const std::filesystem::path& folder) {
    try {
        auto store = std::make_unique<store::RocksdbMap>(folder);
        if (store->get(layout_key) == DecisionStore::layout) return store;
    } catch (const store::StoreInUse&) {
        throw;
    } catch (const store::StoreError& damage) {
        spdlog::error("{}; making it anew from the log", damage.what());
    }
    return new_store(folder);
}

/// Runs a thread a context until all have ended; the first to fail stops the others, and its failure is thrown.
void run_all(std::span<const Context> contexts, store::OrderedMap& store, const DeciderSettings& settings,
             const std::stop_token& stop) {
    std::stop_source stop_all;
    const std::stop_callback pass_on{stop, [&] { stop_all.request_stop(); }};
    std::mutex mutex;
    std::exception_ptr failure;
    {
        std::vector<std::jthread> threads;
        for (const auto& context : contexts) {
            threads.emplace_back([&, token = stop_all.get_token()] {
                try {
                    ContextRunner{
                        context,
                        store,
                        {settings.bootstrap, settings.instance, settings.group, settings.vitals, settings.spans}}
                        .run(token);
                } catch (...) {
                    const std::lock_guard lock{mutex};
                    if (!failure) failure = std::current_exception();
                    stop_all.request_stop();
                }
            });
        }
    }
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

void run_decider(std::span<const Context> contexts, const DeciderSettings& settings, const std::stop_token& stop) {
    auto store = open_store(settings.state);
    while (!stop.stop_requested()) {
        try {
            return run_all(contexts, *store, settings, stop);
        } catch (const store::StoreError& damage) {
            spdlog::error("{}; making it anew from the log", damage.what());
            store.reset();
            store = new_store(settings.state);
        }
    }
}

}  // namespace kiroku::commands
