#include "tests/simulation/exhaustive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

namespace kiroku::sim {
namespace {

constexpr int owners = 2;
constexpr int commands = 3;
constexpr int most_sessions = 2;
constexpr int most_losses = 1;

int events_of(int command) { return 1 + command % 2; }

/// Kept in one byte each, so that a state is a short text and can be looked up.
struct Record {
    char owner = 0;  ///< of a fence; -1: an event
    char term = 0, sequence = 0, command = 0, part = 0, parts = 0;
    char basis = 0;  ///< how many commands were decided in the state that it was decided on

    [[nodiscard]] bool is_fence() const { return owner >= 0; }
};

struct Owner {
    enum Phase : char { idle, fencing, owning };
    char phase = idle;
    char session = 0;  ///< counted from 1
    char term = 0, sequence = 0, next = 0;
};

struct State {
    std::vector<Record> log;
    std::vector<std::vector<Record>> sessions;  ///< what each has in flight
    std::array<Owner, owners> owner{};
    char losses = 0;
    char told = 0;  ///< a bit for each command

    [[nodiscard]] std::string key() const {
        std::string bytes;
        const auto add = [&](const std::vector<Record>& records) {
            bytes += static_cast<char>(records.size());
            bytes.append(reinterpret_cast<const char*>(records.data()), records.size() * sizeof(Record));
        };
        add(log);
        for (const auto& session : sessions) add(session);
        bytes.append(reinterpret_cast<const char*>(owner.data()), sizeof owner);
        bytes += losses;
        bytes += told;
        return bytes;
    }
};

struct Reading {
    struct Decision {
        int command, basis;
        bool whole;
    };
    log::Standing standing;
    std::vector<Decision> decisions;
};

Reading read(const std::vector<Record>& log, log::Rule rule) {
    log::Validity validity{{}, rule};
    Reading reading;
    int parts = 0;
    for (std::size_t at = 0; at < log.size(); ++at) {
        const auto& record = log[at];
        if (record.is_fence()) {
            validity.fence(log::Term{static_cast<std::int64_t>(at)});
            parts = 0;
            continue;
        }
        const auto verdict =
            validity.accept({log::Term{record.term}, log::Sequence{record.sequence}, record.part, record.parts});
        if (verdict == log::Verdict::void_record) continue;
        ++parts;
        if (verdict != log::Verdict::decision) continue;
        reading.decisions.push_back({record.command, record.basis, parts == record.parts});
        parts = 0;
    }
    reading.standing = validity.standing();
    return reading;
}

std::string fault_of(const State& state, const SearchRule& rule) {
    const auto decisions = read(state.log, rule.validity).decisions;
    for (std::size_t at = 0; at < decisions.size(); ++at) {
        const auto& [command, basis, whole] = decisions[at];
        if (command != static_cast<int>(at) + 1 || !whole) return "not once, whole and in order";
        if (basis != static_cast<int>(at)) return "decided on a state that it doesn't extend";
    }
    for (int command = static_cast<int>(decisions.size()) + 1; command <= commands; ++command)
        if ((state.told >> command & 1) != 0) return "told, yet not in the log";
    return {};
}

/// The states that may follow, each with what happened.
class Steps {
public:
    Steps(const State& from, const SearchRule& rule) : from_(from), rule_(rule) {}

    template <class Take>
    void each(const Take& take) const {
        for (int number = 0; number < owners; ++number) owner_steps(number, take);
        for (std::size_t session = 0; session < from_.sessions.size(); ++session)
            if (!from_.sessions[session].empty()) session_steps(session, take);
    }

private:
    template <class Take>
    void owner_steps(int number, const Take& take) const {
        const auto& owner = from_.owner[static_cast<std::size_t>(number)];
        if (owner.phase == Owner::idle && std::ssize(from_.sessions) < most_sessions) {
            auto next = from_;
            next.sessions.push_back({Record{.owner = static_cast<char>(number)}});
            next.owner[static_cast<std::size_t>(number)] = {Owner::fencing, static_cast<char>(next.sessions.size())};
            take(std::move(next), [=] { return fmt::format("owner {} fences", number); });
        }
        if (owner.phase == Owner::owning && owner.next <= commands) {
            const int command = owner.next;
            auto next = from_;
            auto& me = next.owner[static_cast<std::size_t>(number)];
            for (int part = 1; part <= events_of(command); ++part) {
                next.sessions[static_cast<std::size_t>(owner.session - 1)].push_back(
                    {.owner = -1,
                     .term = owner.term,
                     .sequence = ++me.sequence,
                     .command = static_cast<char>(command),
                     .part = static_cast<char>(part),
                     .parts = static_cast<char>(events_of(command)),
                     .basis = static_cast<char>(command - 1)});
            }
            ++me.next;
            take(std::move(next), [=] { return fmt::format("owner {} decides command {}", number, command); });
        }
        if (owner.phase != Owner::idle) {
            auto next = from_;
            next.owner[static_cast<std::size_t>(number)] = {};
            take(std::move(next), [=] { return fmt::format("owner {} ends", number); });
        }
    }

    template <class Take>
    void session_steps(std::size_t session, const Take& take) const {
        auto next = from_;
        const auto record = next.sessions[session].front();
        next.sessions[session].erase(next.sessions[session].begin());
        if (from_.losses < most_losses) {
            auto lost = next;
            ++lost.losses;
            take(std::move(lost), [=] { return fmt::format("session {} loses a record", session); });
        }
        next.log.push_back(record);
        for (auto& owner : next.owner)
            if (owner.session == static_cast<char>(session + 1)) hear(next, owner, record);
        take(std::move(next), [=] {
            return fmt::format("the log takes {} of session {}", record.is_fence() ? "the fence" : "an event", session);
        });
    }

    void hear(State& next, Owner& owner, const Record& record) const {
        if (record.is_fence() && owner.phase == Owner::fencing) {
            const auto decided = read(next.log, rule_.validity).decisions.size();
            owner = {Owner::owning, owner.session, static_cast<char>(next.log.size() - 1), 0,
                     static_cast<char>(decided + 1)};
        } else if (!record.is_fence() && record.part == record.parts && is_proven(next, record)) {
            next.told = static_cast<char>(next.told | 1 << record.command);
        }
    }

    [[nodiscard]] bool is_proven(const State& next, const Record& record) const {
        return !rule_.proof || read(next.log, rule_.validity).standing ==
                                   log::Standing{log::Term{record.term}, log::Sequence{record.sequence}};
    }

    const State& from_;
    const SearchRule& rule_;
};

struct Visited {
    State state;
    std::size_t from;
    std::string how;
};

}  // namespace

Found search(const SearchRule& rule) {
    std::vector<Visited> visited{{{}, 0, {}}};
    std::unordered_map<std::string, std::size_t> known{{visited[0].state.key(), 0}};
    for (std::size_t at = 0; at < visited.size(); ++at) {
        const State state = visited[at].state;
        if (auto fault = fault_of(state, rule); !fault.empty()) {
            Found found{.fault = std::move(fault), .states = visited.size()};
            for (auto step = at; step != 0; step = visited[step].from) found.history.push_back(visited[step].how);
            std::ranges::reverse(found.history);
            return found;
        }
        Steps{state, rule}.each([&](State next, const auto& how) {
            if (known.try_emplace(next.key(), visited.size()).second) visited.push_back({std::move(next), at, how()});
        });
    }
    return {.states = visited.size()};
}

std::vector<std::string> parts_of_the_search() { return {"term", "sequence", "whole", "proof"}; }

SearchRule without(const std::string& part) {
    return {.validity = {.term = part != "term", .sequence = part != "sequence", .whole = part != "whole"},
            .proof = part != "proof"};
}

}  // namespace kiroku::sim
