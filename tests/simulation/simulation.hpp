// tests/simulation/simulation.hpp: deciders, askers and the log between them, with all that can go wrong, by a seed.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/asking_process.hpp"
#include "tests/simulation/deciding_process.hpp"
#include "tests/simulation/oracle.hpp"
#include "tests/simulation/projecting_process.hpp"
#include "tests/simulation/reacting_process.hpp"

namespace kiroku::sim {

inline constexpr std::chrono::milliseconds usual_patience{500};  ///< of whoever asks

/// What everything rests on. All is on, but in the simulations that show what each part is for.
struct Rule {
    commands::OwnerRule owner{.note_time_after = std::chrono::milliseconds{150}};
    bool compare_and_set = true;  ///< a projector moves its position only from where it thinks that it is
};

struct Settings {
    std::uint64_t seed = 1;
    int steps = 1'000;  ///< before all is healed
    Rule rule{};
    std::function<void(const std::string&)> tell{};  ///< what happens, a line each; may be null
};

/// What a run, or several, went through.
struct Outcome {
    std::string violation{};  ///< empty: none
    std::size_t commands = 0, decisions = 0, answers = 0;
    std::size_t fences = 0, void_records = 0, crashes = 0, losses = 0;

    Outcome& operator+=(const Outcome& other);
};

/// The same settings give the same outcome, always.
Outcome simulate(const Settings& settings);

/// The names of what can be switched off; nothing of it may be left out.
std::vector<std::string> parts_of_the_rule();
Rule rule_without(const std::string& part);

std::string json_of(const Outcome& outcome, std::uint64_t seeds, std::uint64_t last_seed);

class Simulation {
public:
    explicit Simulation(const Settings& settings);

    void run();  ///< throws Violation
    [[nodiscard]] Outcome outcome() const;

private:
    struct InFlight {
        std::string what;
        int partition;
        std::string value;
        std::function<void(std::optional<Offset>)> told;  ///< where it lies; null: lost
    };
    struct Attempt {
        Intent intent;
        std::int64_t offset = -1;  ///< in the command topic
        bool answered = false;
    };
    using Action = void (Simulation::*)();

    template <class... Values>
    void note(fmt::format_string<Values...> text, Values&&... values) {
        if (settings_.tell)
            settings_.tell(fmt::format("{:5}  {}", step_, fmt::format(text, std::forward<Values>(values)...)));
    }

    void ask_anew();
    void ask_again();
    void command_arrives();
    void command_gets_lost();
    void event_arrives();
    void event_gets_lost();
    void decider_steps();
    void decider_crashes();
    void crashed(DecidingProcess& decider);
    void decider_starts();
    void decider_pauses();
    void decider_goes_on();
    void clock_goes_wrong();
    void rebalance();
    void reactor_steps();
    void reactor_crashes();
    void reactor_starts();
    void projector_steps();
    void projector_crashes();
    void projector_starts();
    void reply_arrives();
    void asker_reads();
    void time_passes();

    void start_projector(std::size_t number);
    void before_database_call();
    std::size_t send(const Intent& intent, std::chrono::milliseconds within);
    void heard(std::size_t attempt, const commands::Answer& answer);
    InFlight some_command();
    Session* some_session_with_records(int& lane);
    void heal();
    void come_to_rest();
    void settle_once();
    void check();

    Settings settings_;
    Choices choices_;
    commands::Context context_;
    Surroundings surroundings_;
    Oracle oracle_;
    std::deque<DecidingProcess> deciders_;
    std::vector<std::unique_ptr<AskingProcess>> askers_;
    commands::Reaction::Cursors reactors_kept_;
    std::deque<ReactingProcess> reactors_;
    ServerTables server_;
    std::deque<ProjectingProcess> projectors_;
    bool trouble_at_database_ = true;
    std::vector<InFlight> commands_;
    std::deque<Attempt> attempts_;
    std::vector<Intent> intents_;
    std::vector<Intent> to_ask_again_;
    std::vector<std::pair<Uuid, int>> counters_;  ///< and their partitions
    int step_ = 0;
    std::size_t crashes_ = 0, losses_ = 0, answers_ = 0;
};

}  // namespace kiroku::sim
