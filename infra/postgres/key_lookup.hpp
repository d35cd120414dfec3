// infra/postgres/key_lookup.hpp: answers many who ask for a row by its key with one query.
//
// A query by one key costs the database, the network and two thread switches some 50 µs, a further key in the same
// query two. So whoever asks while a query is under way waits for the next one, which asks for all of them. Nobody
// waits for anything else: alone, a key is asked for at once.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "infra/postgres/read_pool.hpp"

namespace kiroku::postgres {

/// `find` may be called from any thread. The pool must outlive it.
template <class Key, class Row>
class KeyLookup {
public:
    using Query = std::function<std::vector<Row>(Read&, std::span<const Key>)>;
    using Found = std::move_only_function<void(ReadResult<std::optional<Row>>)>;

    static constexpr std::size_t most_keys_a_query = 256;
    static constexpr std::size_t most_waiting = 20'000;  ///< beyond it reads are refused as queue_full

    /// `rows_of` gives the rows that there are, in any order; `key` is the row's.
    KeyLookup(ReadPool& pool, Query rows_of, Key Row::*key)
        : shared_(std::make_shared<Shared>(pool, std::move(rows_of), key)) {}

    /// `found` is called once, on a thread of the pool (if its queue is full, on the caller's), with the row as it was
    /// after this call, or nothing.
    void find(const Key& key, Found found) {
        std::unique_lock lock{shared_->mutex};
        if (shared_->waiting.size() >= most_waiting) {
            lock.unlock();
            return found(std::unexpected(ReadError{ReadError::Kind::queue_full, "too many wait for rows by key"}));
        }
        shared_->waiting.push_back({key, std::move(found)});
        if (std::exchange(shared_->asking, true)) return;
        lock.unlock();
        ask(shared_);
    }

private:
    struct Asked {
        Key key;
        Found found;
    };
    struct Shared {
        Shared(ReadPool& pool, Query rows_of, Key Row::*key) : pool(pool), rows_of(std::move(rows_of)), key(key) {}
        ReadPool& pool;
        const Query rows_of;
        Key Row::*const key;
        std::mutex mutex;
        std::vector<Asked> waiting;
        bool asking = false;
    };

    static void ask(std::shared_ptr<Shared> shared) {
        auto batch = std::make_shared<std::vector<Asked>>();
        auto query = [shared, batch](Read& read) {
            *batch = take(*shared);  // only now: whoever came while the task waited in the pool's queue is in it
            return shared->rows_of(read, keys_of(*batch));
        };
        shared->pool.run(std::move(query), [shared, batch](ReadResult<std::vector<Row>> rows) {
            if (!rows && batch->empty()) *batch = take(*shared);
            answer(*shared, *batch, rows);
            if (go_on(*shared)) ask(shared);
        });
    }

    static std::vector<Asked> take(Shared& shared) {
        const std::lock_guard lock{shared.mutex};
        if (shared.waiting.size() <= most_keys_a_query) return std::exchange(shared.waiting, {});
        const auto end = shared.waiting.begin() + most_keys_a_query;
        std::vector<Asked> first(std::make_move_iterator(shared.waiting.begin()), std::make_move_iterator(end));
        shared.waiting.erase(shared.waiting.begin(), end);
        return first;
    }

    static std::vector<Key> keys_of(const std::vector<Asked>& batch) {
        std::vector<Key> keys;
        keys.reserve(batch.size());
        for (const auto& asked : batch) keys.push_back(asked.key);
        return keys;
    }

    static void answer(const Shared& shared, std::vector<Asked>& batch, const ReadResult<std::vector<Row>>& rows) {
        std::unordered_map<Key, const Row*> by_key;
        if (rows) {
            for (const auto& row : *rows) by_key.emplace(row.*shared.key, &row);
        }
        for (auto& asked : batch) {
            if (!rows) {
                asked.found(std::unexpected(rows.error()));
                continue;
            }
            const auto row = by_key.find(asked.key);
            asked.found(row == by_key.end() ? std::optional<Row>{} : std::optional<Row>{*row->second});
        }
    }

    static bool go_on(Shared& shared) {
        const std::lock_guard lock{shared.mutex};
        shared.asking = !shared.waiting.empty();
        return shared.asking;
    }

    std::shared_ptr<Shared> shared_;
};

}  // namespace kiroku::postgres
