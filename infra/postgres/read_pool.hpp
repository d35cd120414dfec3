// infra/postgres/read_pool.hpp: asks the database from threads of its own, so that no io thread ever waits for it.
#pragma once

#include <condition_variable>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "infra/postgres/read.hpp"

namespace kiroku::postgres {

/// Why a read gave nothing.
struct ReadError {
    enum class Kind {
        queue_full,   ///< too many wait already: shed the load
        unavailable,  ///< the database can't be reached, or took too long: try again later
        failed,       ///< the query itself is wrong, or the tables are not there
    };
    Kind kind = Kind::failed;
    std::string message;  ///< for operators
};

template <class T>
using ReadResult = std::expected<T, ReadError>;

/// A fixed number of connections, a thread each, and one bounded queue before them. Connects when first asked, connects
/// again after a loss; while the server can't be reached, reads fail at once. `run` may be called from any thread.
class ReadPool {
public:
    struct Settings {
        Session session;
        int connections = 4;
        int most_waiting = 2'000;  ///< beyond it reads are refused as queue_full
    };

    explicit ReadPool(Settings settings);

    /// Lets running queries end, answers waiting ones as unavailable.
    ~ReadPool();

    /// `query(Read&) → T` on one of the pool's threads, then `done(ReadResult<T>)` there, once; if the queue is full,
    /// at once on the calling thread. `done` must neither throw nor block.
    template <class Query, class Done>
    void run(Query query, Done done) {
        submit([query = std::move(query), done = std::move(done)](Seat& seat) mutable { done(seat.attempt(query)); });
    }

    /// Waiting reads, for metrics and admission.
    [[nodiscard]] int waiting() const;

private:
    /// One thread's place: its connection, or why there is none.
    class Seat {
    public:
        explicit Seat(ReadPool& pool) : pool_(&pool) {}
        explicit Seat(ReadError refusal) : refusal_(std::make_unique<ReadError>(std::move(refusal))) {}

        template <class Query>
        auto attempt(Query& query) -> ReadResult<std::invoke_result_t<Query&, Read&>> {
            if (refusal_) return std::unexpected(*refusal_);
            try {
                Read read{connection()};
                return query(read);
            } catch (const DatabaseError& error) {
                return std::unexpected(failed(error));
            }
        }

    private:
        Connection& connection();
        ReadError failed(const DatabaseError& error);

        ReadPool* pool_ = nullptr;
        std::unique_ptr<ReadError> refusal_;
        std::unique_ptr<Connection> connection_;
    };

    using Task = std::move_only_function<void(Seat&)>;
    using Clock = std::chrono::steady_clock;

    void submit(Task task);
    static void refuse(Task& task, ReadError error);
    void work(const std::stop_token& stop);

    Settings settings_;
    mutable std::mutex mutex_;
    std::condition_variable_any wake_;
    std::deque<Task> tasks_;
    bool stopping_ = false;
    Clock::time_point unreachable_until_{};
    std::vector<std::jthread> threads_;
};

}  // namespace kiroku::postgres
