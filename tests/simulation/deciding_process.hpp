// tests/simulation/deciding_process.hpp: a decider on simulated topics and a simulated disk: real owners, one step at a
// time.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>

#include "commands/decider/partition_owner.hpp"
#include "tests/simulation/choices.hpp"
#include "tests/simulation/memory_map.hpp"
#include "tests/simulation/topics.hpp"

namespace kiroku::sim {

/// A reply on its way to whoever asked.
struct SentReply {
    std::string asker;
    std::string value;
};

/// What deciders see of the world.
struct Surroundings {
    Topics topics;
    std::list<Session> sessions;
    std::deque<SentReply> replies;
    Instant now{std::chrono::seconds{1'700'000'000}};
};

class DecidingProcess final : private commands::Outlet {
public:
    DecidingProcess(int number, const commands::Context& context, commands::OwnerRule rule, Surroundings& surroundings)
        : number_(number), context_(context), rule_(rule), surroundings_(surroundings) {}

    /// Which partitions it is told to own; it notices when it runs.
    void assign(std::set<int> partitions) { assigned_ = std::move(partitions); }
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] const std::set<int>& assigned() const { return assigned_; }

    /// Its clock goes wrong, or right again.
    void set_clock(std::chrono::milliseconds ahead) { ahead_ = ahead; }

    void start();
    void crash() { life_.reset(); }
    void pause() { paused_ = true; }
    void go_on() { paused_ = false; }
    [[nodiscard]] bool lives() const { return life_.has_value(); }
    [[nodiscard]] bool runs() const { return lives() && !paused_; }
    MemoryMap& disk() { return disk_; }

    /// What became of a record that it sent in that life.
    void tell(int life, int partition, std::uint64_t tag, std::optional<Offset> offset);

    /// Does one thing that a decider does. Where it ends in the midst of that: at which point.
    std::string_view step(Choices& choices);
    /// Does all there is to do.
    void work_off();

    /// All commands of its partitions are decided and told.
    [[nodiscard]] bool idle() const;
    [[nodiscard]] std::string phases() const;

private:
    struct Told {
        int partition;
        std::uint64_t tag;
        std::optional<Offset> offset;
    };
    struct Life {
        Session* session;
        std::map<int, commands::PartitionOwner> owners{};
        std::deque<Told> inbox{};
        std::map<int, std::int64_t> reading{};  // where in the events, of those that catch up
        std::set<int> deciding{};
    };

    bool append(const log::Partition& partition, std::string_view key, std::string_view value,
                std::uint64_t tag) override;
    void reply(const log::ReplyTo& to, std::string_view value) override;
    std::uint64_t new_round() override { return ++rounds_; }

    void follow_assignment();
    void act(Choices& choices);
    bool hear();
    bool look_after(int partition, int most);
    bool catch_up(int partition, int most);
    bool decide(int partition, int most);
    void commit(int partition);
    [[nodiscard]] std::optional<Offset> committed(int partition) const;

    [[nodiscard]] Instant clock() const { return surroundings_.now + ahead_; }

    int number_;
    const commands::Context& context_;
    commands::OwnerRule rule_;
    Surroundings& surroundings_;
    CrashPoints points_;
    MemoryMap disk_{&points_};
    std::set<int> assigned_;
    bool paused_ = false;
    std::chrono::milliseconds ahead_{0};
    int lives_ = 0;
    std::uint64_t rounds_ = 0;
    std::optional<Life> life_;
};

}  // namespace kiroku::sim
