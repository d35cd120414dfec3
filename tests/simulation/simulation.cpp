// tests/simulation/simulation.cpp: who takes part, and what may happen to them. How it ends: rest.cpp.
#include "tests/simulation/simulation.hpp"

#include <fmt/format.h>

#include <utility>

#include "tests/support/counter.hpp"

namespace kiroku::sim {
namespace {

using namespace std::chrono_literals;

constexpr int decider_count = 3;
constexpr int asker_count = 4;
constexpr int reactor_count = 2;
constexpr int projector_count = 2;
constexpr int counters_a_partition = 2;

Uuid numbered(std::string_view kind, std::size_t number) { return uuid_v5({}, fmt::format("{} {}", kind, number)); }

std::string shown(const commands::Answer& answer) {
    switch (answer.outcome) {
        case commands::Answer::Outcome::shed: return "shed";
        case commands::Answer::Outcome::not_sent: return "not sent";
        case commands::Answer::Outcome::no_answer: return "no answer";
        case commands::Answer::Outcome::decided: break;
    }
    if (!answer.reply.accepted()) return answer.reply.refusal;
    return fmt::format("{} events{}", answer.reply.events.size(), answer.reply.replayed ? ", again" : "");
}

}  // namespace

Simulation::Simulation(const Settings& settings)
    : settings_(settings), choices_(settings.seed), context_(test::counter_context(context_name)) {
    for (int number = 0; number < decider_count; ++number)
        deciders_.emplace_back(number, context_, settings_.rule.owner, surroundings_);
    for (int number = 0; number < asker_count; ++number)
        askers_.push_back(std::make_unique<AskingProcess>(number, number % 2 == 0, settings_.rule.owner.validity));
    for (int number = 0; number < partitions * counters_a_partition; ++number)
        counters_.emplace_back(numbered("counter", static_cast<std::size_t>(number)), number % partitions);
    for (int number = 0; number < reactor_count; ++number) {
        reactors_.emplace_back(
            surroundings_.topics.events, reactors_kept_, settings_.rule.owner.validity,
            [this, number](int life, auto value) {
                commands_.push_back({fmt::format("reactor {}'s command", number), 0, std::move(value),
                                     [this, number, life](std::optional<Offset> offset) {
                                         reactors_[static_cast<std::size_t>(number)].told(life, offset.has_value());
                                     }});
            });
    }
    server_.compare_and_set = settings_.rule.compare_and_set;
    for (int number = 0; number < projector_count; ++number) {
        projectors_.emplace_back(surroundings_.topics.events, server_, choices_, settings_.rule.owner.validity,
                                 [this] { before_database_call(); });
    }
    for (auto& decider : deciders_) decider.start();
    for (int number = 0; number < partitions; ++number) deciders_[static_cast<std::size_t>(number)].assign({number});
}

void Simulation::run() {
    static constexpr std::pair<int, Action> actions[] = {
        {60, &Simulation::ask_anew},         {15, &Simulation::ask_again},       {90, &Simulation::command_arrives},
        {4, &Simulation::command_gets_lost}, {180, &Simulation::event_arrives},  {6, &Simulation::event_gets_lost},
        {330, &Simulation::decider_steps},   {8, &Simulation::decider_crashes},  {30, &Simulation::decider_starts},
        {8, &Simulation::decider_pauses},    {20, &Simulation::decider_goes_on}, {8, &Simulation::rebalance},
        {8, &Simulation::clock_goes_wrong},  {25, &Simulation::reactor_steps},   {2, &Simulation::reactor_crashes},
        {10, &Simulation::reactor_starts},   {25, &Simulation::projector_steps}, {2, &Simulation::projector_crashes},
        {6, &Simulation::projector_starts},  {60, &Simulation::reply_arrives},   {70, &Simulation::asker_reads},
        {40, &Simulation::time_passes}};
    int sum = 0;
    for (const auto& [weight, action] : actions) sum += weight;
    for (step_ = 0; step_ < settings_.steps; ++step_) {
        int drawn = choices_.below(sum);
        const auto* at = std::begin(actions);
        for (; drawn >= at->first; ++at) drawn -= at->first;
        (this->*at->second)();
    }
    heal();
    come_to_rest();
    check();
}

void Simulation::ask_anew() {
    const auto& [counter, partition] = choices_.one_of(counters_);
    intents_.push_back({CommandId{numbered("intent", intents_.size())}, counter, partition, choices_.from(-3, 3)});
    send(intents_.back(), usual_patience);
}

void Simulation::ask_again() {
    if (intents_.empty()) return;
    auto intent = choices_.one_of(intents_);
    if (choices_.chance(20)) ++intent.amount;  // the same id with another body
    send(intent, usual_patience);
}

std::size_t Simulation::send(const Intent& intent, std::chrono::milliseconds within) {
    const auto attempt = attempts_.size();
    attempts_.push_back({intent});
    auto* asker = choices_.one_of(askers_).get();
    note("{} asks ({}) for {:+} in partition {}", asker->name(), attempt, intent.amount, intent.partition);
    auto sent = asker->ask(intent, surroundings_.now, within,
                           [this, attempt](const commands::Answer& answer) { heard(attempt, answer); });
    commands_.push_back({fmt::format("attempt {}", attempt), sent.partition, std::move(sent.value),
                         [this, attempt, asker, number = sent.number](std::optional<Offset> offset) {
                             if (!offset) return;
                             attempts_[attempt].offset = offset->value;
                             if (choices_.chance(90)) asker->lies_at(number, *offset);
                         }});
    return attempt;
}

void Simulation::heard(std::size_t number, const commands::Answer& answer) {
    auto& attempt = attempts_[number];
    note("attempt {} hears: {}", number, shown(answer));
    if (std::exchange(attempt.answered, true)) throw Violation("answered twice");
    if (answer.outcome == commands::Answer::Outcome::no_answer) return to_ask_again_.push_back(attempt.intent);
    ++answers_;
    oracle_.answered(attempt.intent, answer, attempt.offset);
}

Simulation::InFlight Simulation::some_command() {
    std::swap(choices_.one_of(commands_), commands_.back());
    auto command = std::move(commands_.back());
    commands_.pop_back();
    return command;
}

void Simulation::command_arrives() {
    if (commands_.empty()) return;
    auto command = some_command();
    const auto offset =
        surroundings_.topics.commands.append(command.partition, std::move(command.value), surroundings_.now);
    note("{} lies at {}/{}", command.what, command.partition, offset.value);
    command.told(offset);
}

void Simulation::command_gets_lost() {
    if (commands_.empty()) return;
    const auto command = some_command();
    note("{} gets lost", command.what);
    command.told(std::nullopt);
    ++losses_;
}

Session* Simulation::some_session_with_records(int& lane) {
    std::vector<std::pair<Session*, int>> found;
    for (auto& session : surroundings_.sessions) {
        for (int number = 0; number < partitions; ++number)
            if (!session.lanes[static_cast<std::size_t>(number)].empty()) found.emplace_back(&session, number);
    }
    if (found.empty()) return nullptr;
    lane = choices_.one_of(found).second;
    for (const auto& [session, number] : found)
        if (number == lane && choices_.chance(60)) return session;
    return std::ranges::find(found, lane, &std::pair<Session*, int>::second)->first;
}

void Simulation::event_arrives() {
    int lane = 0;
    auto* session = some_session_with_records(lane);
    if (session == nullptr) return;
    auto& records = session->lanes[static_cast<std::size_t>(lane)];
    const auto record = std::move(records.front());
    records.pop_front();
    const auto offset = surroundings_.topics.events.append(lane, record.value, surroundings_.now);
    note("events {}/{} is of decider {} in life {}", lane, offset.value, session->decider, session->life);
    oracle_.took(lane, offset, record.value);
    deciders_[static_cast<std::size_t>(session->decider)].tell(session->life, lane, record.tag, offset);
}

void Simulation::event_gets_lost() {
    int lane = 0;
    auto* session = some_session_with_records(lane);
    if (session == nullptr) return;
    auto& records = session->lanes[static_cast<std::size_t>(lane)];
    note("a record of decider {} for events {} gets lost", session->decider, lane);
    deciders_[static_cast<std::size_t>(session->decider)].tell(session->life, lane, records.front().tag, std::nullopt);
    records.pop_front();
    ++losses_;
}

void Simulation::decider_steps() {
    auto& decider = choices_.one_of(deciders_);
    if (!decider.runs()) return;
    const auto ended_at = decider.step(choices_);
    if (ended_at.empty()) return;
    note("decider {} crashes {}", decider.number(), ended_at);
    crashed(decider);
}

void Simulation::decider_crashes() {
    auto& decider = choices_.one_of(deciders_);
    if (!decider.lives()) return;
    note("decider {} crashes", decider.number());
    decider.crash();
    crashed(decider);
}

/// What its disk has kept of it.
void Simulation::crashed(DecidingProcess& decider) {
    ++crashes_;
    if (choices_.chance(15)) {
        decider.disk().lose_all();
    } else if (choices_.chance(60)) {
        decider.disk().lose_latest(choices_.below(decider.disk().unflushed() + 1));
    }
}

void Simulation::decider_starts() {
    auto& decider = choices_.one_of(deciders_);
    if (decider.lives()) return;
    decider.start();
    note("decider {} starts", decider.number());
}

void Simulation::decider_pauses() {
    auto& decider = choices_.one_of(deciders_);
    decider.pause();
    note("decider {} pauses", decider.number());
}

void Simulation::decider_goes_on() {
    auto& decider = choices_.one_of(deciders_);
    decider.go_on();
    note("decider {} goes on", decider.number());
}

/// Most of the time it is right within a few milliseconds.
void Simulation::clock_goes_wrong() {
    auto& decider = choices_.one_of(deciders_);
    const int ahead = choices_.chance(50) ? choices_.from(-5, 5) : choices_.from(-2'000, 2'000);
    note("decider {}'s clock is {} ms ahead", decider.number(), ahead);
    decider.set_clock(std::chrono::milliseconds{ahead});
}

/// Each partition goes to somebody; now and then two own it at once.
void Simulation::rebalance() {
    std::vector<std::set<int>> shares(decider_count);
    for (int partition = 0; partition < partitions; ++partition) {
        choices_.one_of(shares).insert(partition);
        if (choices_.chance(25)) choices_.one_of(shares).insert(partition);
    }
    for (std::size_t number = 0; number < shares.size(); ++number) {
        note("decider {} is to own {}", number, fmt::join(shares[number], " and "));
        deciders_[number].assign(std::move(shares[number]));
    }
}

void Simulation::reactor_steps() {
    auto& reactor = choices_.one_of(reactors_);
    if (reactor.lives()) reactor.step(choices_.below(partitions), choices_.from(1, 6));
}

void Simulation::reactor_crashes() {
    choices_.one_of(reactors_).crash();
    ++crashes_;
}

void Simulation::reactor_starts() {
    auto& reactor = choices_.one_of(reactors_);
    if (!reactor.lives()) reactor.start();
}

void Simulation::projector_steps() {
    auto& projector = choices_.one_of(projectors_);
    if (!projector.lives()) return;
    try {
        if (projector.step(choices_.from(1, 8))) projector.crash();
    } catch (const Crash&) {
        projector.crash();
        ++crashes_;
    }
}

void Simulation::projector_crashes() { choices_.one_of(projectors_).crash(); }

void Simulation::projector_starts() {
    const auto number = static_cast<std::size_t>(choices_.below(projector_count));
    if (!projectors_[number].lives()) start_projector(number);
}

void Simulation::start_projector(std::size_t number) {
    note("projector {} claims the read model", number);
    try {
        projectors_[number].start();
    } catch (const Crash&) {
        ++crashes_;
    }
}

/// Whoever calls may end there, or another one claims the read model just then.
void Simulation::before_database_call() {
    if (!trouble_at_database_) return;
    if (choices_.chance(2)) throw Crash{"before its database"};
    if (!choices_.chance(3)) return;
    trouble_at_database_ = false;
    projector_starts();
    trouble_at_database_ = true;
}

void Simulation::reply_arrives() {
    auto& replies = surroundings_.replies;
    if (replies.empty()) return;
    std::swap(choices_.one_of(replies), replies.back());
    const auto reply = replies.back();
    if (!choices_.chance(10)) replies.pop_back();  // else it comes once more
    if (choices_.chance(5)) return;
    for (auto& asker : askers_)
        if (asker->name() == reply.asker) asker->hear_reply(reply.value);
}

void Simulation::asker_reads() {
    auto& asker = *choices_.one_of(askers_);
    if (asker.reads_log()) asker.read(surroundings_.topics.events, choices_.below(partitions), choices_.from(1, 6));
}

void Simulation::time_passes() {
    surroundings_.now += std::chrono::milliseconds{choices_.from(1, 60)};
    for (auto& asker : askers_) asker->give_up(surroundings_.now);
    for (const auto& intent : std::exchange(to_ask_again_, {}))
        if (choices_.chance(70)) send(intent, usual_patience);
}

}  // namespace kiroku::sim
