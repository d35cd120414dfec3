#include "projections/engine/positions.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

#include "infra/postgres/connection.hpp"

namespace kiroku::projections {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds rest_after_failure{50};

using Place = std::tuple<std::string, std::string, int>;  // read model, context, partition

struct Need {
    Place place;
    Offset offset;
};

struct Waiting {
    std::vector<Need> needs;
    Clock::time_point until;
    std::function<void(Reached)> done;
};

struct Seen {
    Offset next;
    Clock::time_point at;
};

const postgres::Statement& look_statement() {
    static const postgres::Statement statement{
        "positions_look", "SELECT read_model, context, part, next_offset FROM checkpoint WHERE read_model = ANY($1)"};
    return statement;
}

}  // namespace

class Positions::Watcher {
public:
    Watcher(postgres::Session session, const std::vector<ReadModel>& read_models);
    ~Watcher();

    void wait(const std::vector<std::string>& read_models, const log::Position& position,
              std::chrono::milliseconds within, std::function<void(Reached)> done);

private:
    void watch(const std::stop_token& stop);
    void look();
    [[nodiscard]] std::vector<std::string> awaited();
    [[nodiscard]] bool is_met(const Need& need, Clock::time_point now) const;
    void answer_all(Reached late);

    postgres::Session session_;
    std::map<std::string, std::set<std::string>> contexts_;  // by read model
    std::unique_ptr<postgres::Connection> connection_;       // the watcher's thread's
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::vector<Waiting> waiting_;
    std::map<Place, Seen> seen_;
    std::jthread thread_;
};

Positions::Watcher::Watcher(postgres::Session session, const std::vector<ReadModel>& read_models)
    : session_(std::move(session)) {
    session_.read_only = true;
    session_.application = "kiroku positions";
    session_.statement_timeout = std::chrono::seconds{1};
    for (const auto& model : read_models) contexts_[model.name] = {model.contexts.begin(), model.contexts.end()};
    thread_ = std::jthread{[this](const std::stop_token& stop) { watch(stop); }};
}

Positions::Watcher::~Watcher() {
    thread_.request_stop();
    thread_.join();
    for (auto& one : waiting_) one.done(Reached::unavailable);
}

void Positions::Watcher::wait(const std::vector<std::string>& read_models, const log::Position& position,
                              std::chrono::milliseconds within, std::function<void(Reached)> done) {
    std::vector<Need> needs;
    for (const auto& model : read_models) {
        const auto& reads = contexts_.at(model);
        for (const auto& [key, offset] : position.offsets()) {
            if (reads.contains(key.first)) needs.push_back({{model, key.first, key.second}, offset});
        }
    }
    const auto now = Clock::now();
    std::unique_lock lock{mutex_};
    std::erase_if(needs, [&](const Need& need) { return is_met(need, now); });
    const bool full = waiting_.size() >= most_waiting;
    if (!needs.empty() && !full) {
        waiting_.push_back({std::move(needs), now + within, std::move(done)});
        wake_.notify_one();
        return;
    }
    lock.unlock();
    done(needs.empty() ? Reached::yes : Reached::unavailable);
}

bool Positions::Watcher::is_met(const Need& need, Clock::time_point now) const {
    const auto seen = seen_.find(need.place);
    return seen != seen_.end() && seen->second.next > need.offset && now - seen->second.at < believed_for;
}

void Positions::Watcher::watch(const std::stop_token& stop) {
    for (;;) {
        {
            std::unique_lock lock{mutex_};
            if (!wake_.wait(lock, stop, [this] { return !waiting_.empty(); }) || stop.stop_requested()) return;
        }
        const auto begun = Clock::now();
        try {
            look();
            answer_all(Reached::too_late);
            std::this_thread::sleep_until(begun + look_every);
        } catch (const postgres::DatabaseError&) {
            connection_.reset();
            answer_all(Reached::unavailable);
            std::this_thread::sleep_for(rest_after_failure);
        }
    }
}

void Positions::Watcher::look() {
    const auto models = awaited();
    if (!connection_) connection_ = std::make_unique<postgres::Connection>(session_);
    const auto at = Clock::now();
    const auto rows = connection_->run(look_statement(), postgres::parameters(postgres::array_of(models)));
    const std::lock_guard lock{mutex_};
    for (const auto& row : rows) {
        seen_[{row.get<std::string>(0), row.get<std::string>(1), row.get<int>(2)}] = {row.get<Offset>(3), at};
    }
}

std::vector<std::string> Positions::Watcher::awaited() {
    const std::lock_guard lock{mutex_};
    std::set<std::string> models;
    for (const auto& one : waiting_) {
        for (const auto& need : one.needs) models.insert(std::get<0>(need.place));
    }
    return {models.begin(), models.end()};
}

/// Tells those who have what they wait for, and those whose time is up (`late`).
void Positions::Watcher::answer_all(Reached late) {
    std::vector<std::pair<Waiting, Reached>> answers;
    {
        const std::lock_guard lock{mutex_};
        const auto now = Clock::now();
        std::erase_if(waiting_, [&](Waiting& one) {
            std::erase_if(one.needs, [&](const Need& need) { return is_met(need, now); });
            if (!one.needs.empty() && now < one.until) return false;
            const auto reached = one.needs.empty() ? Reached::yes : late;
            answers.emplace_back(std::move(one), reached);
            return true;
        });
    }
    for (auto& [one, reached] : answers) one.done(reached);
}

Positions::Positions(postgres::Session session, const std::vector<ReadModel>& read_models)
    : watcher_(std::make_unique<Watcher>(std::move(session), read_models)) {}

Positions::~Positions() = default;

void Positions::wait(const std::vector<std::string>& read_models, const log::Position& position,
                     std::chrono::milliseconds within, std::function<void(Reached)> done) {
    watcher_->wait(read_models, position, within, std::move(done));
}

log::Position position_of(postgres::Read& read, const std::string& read_model) {
    static const postgres::Statement statement{
        "position_of",
        "SELECT context, part, next_offset - 1 FROM checkpoint WHERE read_model = $1 AND next_offset > 0"};
    log::Position position;
    for (const auto& row : read.query(statement, read_model)) {
        position.include(row.get<std::string>(0), row.get<int>(1), row.get<Offset>(2));
    }
    return position;
}

}  // namespace kiroku::projections
