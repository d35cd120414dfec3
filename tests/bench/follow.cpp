// tests/bench/follow.cpp: how long it takes from an event's appending until read models that run include it, and
// whether they keep up: appends decisions at a given rate, and listens to where the checkpoints are put.
#include <map>
#include <sstream>

#include "infra/postgres/listener.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/lives.hpp"

namespace kiroku::bench {
namespace {

constexpr int learners = 2'000;
constexpr int decisions_a_turn = 64;
constexpr std::chrono::milliseconds longest_hearing{2};
constexpr std::chrono::seconds patience{60};  // for what is not visible at the end

struct Appended {
    Offset last;
    Clock::time_point at;
    std::size_t events;
};

/// What waits to be seen, and what the checkpoints say.
class Followed {
public:
    Followed(std::vector<std::string> read_models, std::string schema, Window window)
        : read_models_(std::move(read_models)), schema_(std::move(schema)), window_(window) {}

    void append(const Life::Told& told, Clock::time_point at) { decisions_[told.number] = {{}, at, told.events}; }
    void appended(int partition, Offset last, std::uint64_t number) { arrivals_.push_back({partition, last, number}); }

    /// Lines as the database tells them, the schema's first.
    void hear(const std::string& told) {
        std::istringstream lines{told};
        std::string line;
        if (!std::getline(lines, line) || line != schema_) return;
        while (std::getline(lines, line)) {
            std::istringstream words{line};
            std::string read_model, context;
            int partition = 0;
            Offset next;
            words >> read_model >> context >> partition >> next.value;
            if (context == "gamification") next_[partition][read_model] = next;
        }
    }

    void settle(Clock::time_point now) {
        for (const auto& [partition, last, number] : std::exchange(arrivals_, {})) {
            auto decision = decisions_.extract(number).mapped();
            decision.last = last;
            waiting_[partition].push_back(decision);
        }
        for (auto& [partition, queue] : waiting_) {
            const auto next = seen(partition);
            for (; !queue.empty() && queue.front().last < next; queue.pop_front()) see(queue.front(), now);
        }
    }

    [[nodiscard]] bool all_seen() const {
        return decisions_.empty() && std::ranges::all_of(waiting_, [](const auto& one) { return one.second.empty(); });
    }
    [[nodiscard]] const Latencies& latencies() const { return latencies_; }
    [[nodiscard]] std::size_t events() const { return events_; }

private:
    /// What all read models include of a partition.
    Offset seen(int partition) {
        auto least = Offset{std::numeric_limits<std::int64_t>::max()};
        for (const auto& name : read_models_) least = std::min(least, next_[partition][name]);
        return least;
    }
    void see(const Appended& decision, Clock::time_point now) {
        if (window_.holds(now)) events_ += decision.events;
        if (window_.holds(decision.at)) latencies_.add(now - decision.at);
    }

    std::vector<std::string> read_models_;
    std::string schema_;
    Window window_;
    struct Arrival {
        int partition;
        Offset last;
        std::uint64_t number;
    };
    std::map<std::uint64_t, Appended> decisions_;  // on their way to the broker
    std::vector<Arrival> arrivals_;                // there
    std::map<int, std::deque<Appended>> waiting_;
    std::map<int, std::map<std::string, Offset>> next_;
    Latencies latencies_;  // a decision each
    std::size_t events_ = 0;
};

std::string measure(const Arguments& arguments) {
    const auto rules = commands::read_rule_book({});
    if (!rules) throw std::runtime_error(rules.error());
    const postgres::Session session{.server = arguments.text("postgres"), .application = "bench"};
    postgres::Listener listener{session, "kiroku_positions"};
    const runtime::Wakeup never;
    const double rate = arguments.number("rate", 1'000);
    const auto window = Window::after(arguments.number("warm", 2), arguments.number("seconds", 10));
    Followed followed{arguments.all("read-model"), session.schema, window};
    OwnedLog log{arguments.text("kafka"), "gamification",
                 [&](int partition, Offset last, std::uint64_t number) { followed.appended(partition, last, number); }};
    log.fence();
    std::vector<Life> lives(learners);
    const auto begun = Clock::now();
    std::size_t next_life = 0;
    double written = 0;
    const auto due = [&] { return begun + seconds(written / rate); };
    while (Clock::now() < window.to || (!followed.all_seen() && Clock::now() < window.to + patience)) {
        for (int some = 0; some < decisions_a_turn && Clock::now() < window.to && Clock::now() >= due(); ++some) {
            const auto at = due();  // if it is late, that counts as waiting
            const auto told = lives[next_life++ % lives.size()].go_on(log, *rules);
            followed.append(told, at);
            written += static_cast<double>(told.events);
        }
        log.poll();
        const auto rest = std::clamp<Clock::duration>(due() - Clock::now(), {}, longest_hearing);
        for (const auto& one : listener.hear(std::chrono::ceil<std::chrono::milliseconds>(rest), never))
            followed.hear(one);
        followed.settle(Clock::now());
    }
    if (!followed.all_seen()) throw std::runtime_error("the read models don't come to the end of the log");
    return fmt::format(R"({{{},"asked":{:.1f},"rate":{:.1f}}})", followed.latencies().members(), rate,
                       static_cast<double>(followed.events()) / window.length());
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
