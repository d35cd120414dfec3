// tests/bench/fill_log.cpp: writes a history of learners into an empty gamification log, for measuring how fast it is
// read.
#include "tests/bench/arguments.hpp"
#include "tests/bench/lives.hpp"

namespace kiroku::bench {
namespace {

constexpr int events_a_learner = 100;  // about

std::string measure(const Arguments& arguments) {
    const auto rules = commands::read_rule_book({});
    if (!rules) throw std::runtime_error(rules.error());
    const auto wanted = static_cast<std::size_t>(arguments.count("events", 300'000));
    OwnedLog log{arguments.text("kafka"), "gamification"};
    std::vector<Life> lives(std::max<std::size_t>(wanted / events_a_learner, 1));
    const auto begun = Clock::now();
    std::size_t written = 0;
    for (const auto term_ends : {wanted / 2, wanted}) {
        log.fence();
        while (written < term_ends) {
            for (auto& life : lives) {
                written += life.go_on(log, *rules).events;
                if (written >= term_ends) break;
            }
        }
    }
    log.flush();
    return fmt::format(R"({{"events":{},"learners":{},"seconds":{:.2f}}})", written, lives.size(),
                       std::chrono::duration<double>(Clock::now() - begun).count());
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
