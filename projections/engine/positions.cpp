#include "projections/engine/positions.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>
#include <tuple>

#include "infra/postgres/listener.hpp"
#include "infra/runtime/wakeup.hpp"

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

const postgres::Statement look_statement{"positions_look",
                                         "SELECT read_model, context, part, next_offset FROM checkpoint"};

/// "progress gamification 3 1042", as the database tells it; false for anything else.
bool read_move(const std::string& line, Place& place, Offset& next) {
    std::istringstream words{line};
    return static_cast<bool>(words >> std::get<0>(place) >> std::get<1>(place) >> std::get<2>(place) >> next.value);
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
    [[nodiscard]] bool is_needed();
    void follow();
    [[nodiscard]] bool should_look();
    void look();
    void hear();
    void note(const std::string& told, Clock::time_point now);
    [[nodiscard]] bool is_met(const Need& need, Clock::time_point now) const;
    [[nodiscard]] bool is_doubtful(const Need& need) const;
    void answer_all(Reached late);

    postgres::Session session_;
    std::map<std::string, std::set<std::string>> contexts_;  // by read model
    const runtime::Wakeup wakeup_;

    // Of the watcher's thread:
    std::unique_ptr<postgres::Listener> listener_;
    Clock::time_point last_needed_, next_look_;

    std::mutex mutex_;
    std::vector<Waiting> waiting_;
    std::map<Place, Seen> seen_;
    bool look_now_ = false;
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
    wakeup_.wake();
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
    if (needs.empty() || waiting_.size() >= most_waiting) {
        lock.unlock();
        return done(needs.empty() ? Reached::yes : Reached::unavailable);
    }
    const bool urgent =
        within < look_every || std::ranges::any_of(needs, [this](const Need& need) { return is_doubtful(need); });
    const bool first = waiting_.empty();
    look_now_ = look_now_ || urgent;
    waiting_.push_back({std::move(needs), now + within, std::move(done)});
    lock.unlock();
    if (urgent || first) wakeup_.wake();
}

bool Positions::Watcher::is_met(const Need& need, Clock::time_point now) const {
    return is_doubtful(need) && now - seen_.at(need.place).at < believed_for;
}

/// It was met when it was seen, which may be too long ago.
bool Positions::Watcher::is_doubtful(const Need& need) const {
    const auto seen = seen_.find(need.place);
    return seen != seen_.end() && seen->second.next > need.offset;
}

void Positions::Watcher::watch(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (!is_needed()) {
            listener_.reset();
            wakeup_.sleep(std::chrono::hours{1});
            continue;
        }
        try {
            follow();
        } catch (const postgres::DatabaseError&) {
            listener_.reset();
            answer_all(Reached::unavailable);
            std::this_thread::sleep_for(rest_after_failure);
        }
    }
}

bool Positions::Watcher::is_needed() {
    const std::lock_guard lock{mutex_};
    if (!waiting_.empty()) last_needed_ = Clock::now();
    return Clock::now() - last_needed_ < listens_for;
}

/// It listens before it looks, so nothing is missed in between.
void Positions::Watcher::follow() {
    if (!listener_) {
        listener_ = std::make_unique<postgres::Listener>(session_, "kiroku_positions");
        next_look_ = {};
    }
    if (should_look()) look();
    answer_all(Reached::too_late);
    hear();
    answer_all(Reached::too_late);
}

bool Positions::Watcher::should_look() {
    const std::lock_guard lock{mutex_};
    return std::exchange(look_now_, false) || (!waiting_.empty() && Clock::now() >= next_look_);
}

void Positions::Watcher::look() {
    const auto at = Clock::now();
    const auto rows = listener_->connection().run(look_statement, {});
    next_look_ = at + look_every;
    const std::lock_guard lock{mutex_};
    seen_.clear();
    for (const auto& row : rows) {
        seen_[{row.get<std::string>(0), row.get<std::string>(1), row.get<int>(2)}] = {row.get<Offset>(3), at};
    }
}

void Positions::Watcher::hear() {
    auto until = Clock::now() + listens_for;
    {
        const std::lock_guard lock{mutex_};
        if (!waiting_.empty()) until = next_look_;
    }
    const auto within = std::max(Clock::duration{}, until - Clock::now());
    const auto heard = listener_->hear(std::chrono::ceil<std::chrono::milliseconds>(within), wakeup_);
    const auto now = Clock::now();
    for (const auto& told : heard) note(told, now);
}

void Positions::Watcher::note(const std::string& told, Clock::time_point now) {
    std::istringstream lines{told};
    std::string line;
    if (!std::getline(lines, line) || line != session_.schema) return;
    const std::lock_guard lock{mutex_};
    bool complete = false;
    Place place;
    Offset next;
    while (std::getline(lines, line)) {
        complete = read_move(line, place, next);
        if (complete) seen_[place] = {next, now};
    }
    look_now_ = look_now_ || !complete;
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
