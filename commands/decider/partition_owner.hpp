// commands/decider/partition_owner.hpp: owns one partition of a context: fences, recovers, decides, answers what is
// proven.
//
// It does no input or output of its own: what it hears (deliveries, records) is told to it, what it says goes to an
// Outlet. Whenever it is not sure that the log is as it thinks, it takes the partition over anew: it drops what it
// holds in memory, fences, and reads what is true up to its own fence. There is no other recovery path.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "commands/decider/aggregate.hpp"
#include "commands/decider/decision_store.hpp"
#include "infra/log/command.hpp"

namespace kiroku::commands {

/// A command that an owner is through with.
struct DoneCommand {
    const log::CommandRecord& command;
    Offset offset;
    Instant taken;             ///< up, by the owner's clock
    std::string_view refusal;  ///< a code; empty: none
    std::size_t events;
};

/// Where an owner writes to: Kafka, or a simulated log.
class Outlet {
public:
    virtual ~Outlet() = default;

    /// Appends to the event partition. The outcome is told later, with `tag`, in order. False: it can't take more now.
    virtual bool append(const log::Partition& partition, std::string_view key, std::string_view value,
                        std::uint64_t tag) = 0;
    virtual void reply(const log::ReplyTo& to, std::string_view value) = 0;

    /// A number that no owner has been given before who wrote here: what is told of an earlier one's records is
    /// nobody's.
    virtual std::uint64_t new_round() = 0;

    /// For those who watch: its events are proven, or it made none.
    virtual void done(const DoneCommand&) {}
};

/// What an owner has done so far, for metrics.
struct OwnerCounts {
    std::uint64_t accepted = 0, refused = 0, quiet = 0, replayed = 0, skipped = 0, takeovers = 0;
    std::uint64_t expired = 0;       ///< of those refused
    std::uint64_t forbidden = 0;     ///< of those refused: their sender may not send them
    std::uint64_t poison = 0;        ///< of those refused: deciding them failed
    std::uint64_t unreadable = 0;    ///< commands that are none
    std::uint64_t events_read = 0;   ///< while catching up
    std::uint64_t void_records = 0;  ///< met while catching up
};

/// What an owner's answers rest on. All are on, but in the simulations that show what each of them is for.
struct OwnerRule {
    log::Rule validity{};
    bool proof = true;       ///< success is told only when no foreign record lies between its own
    bool order = true;       ///< answers leave in the order of the commands
    bool recall = true;      ///< a command that was decided is answered with its first decision
    bool fence_time = true;  ///< what has expired is told by the fences in the log, not by a decider's clock
    std::chrono::milliseconds note_time_after{5'000};  ///< a fence is no older than this when a command is overdue
};

class PartitionOwner {
public:
    enum class Phase {
        idle,         ///< not asked to own yet
        fencing,      ///< the fence is on its way
        catching_up,  ///< reading the partition up to the fence
        owning,       ///< deciding
        halted,       ///< history can't be trusted or understood; an operator must look (see the log)
    };

    /// `answered`: up to which command the group says that all were answered. It must have been asked for already: what
    /// a successor keeps there behind our fence rests on events that we don't read, and skipping to it would be wrong.
    PartitionOwner(const Context& context, log::Partition partition, store::OrderedMap& store, Outlet& outlet,
                   std::string owner, std::optional<Offset> answered = std::nullopt, OwnerRule rule = {});

    /// Begins, or begins again after any doubt. `why` is for the log. `now`, which the fence will tell, is by our own
    /// clock, says which commands have expired of those before `commands`, the end of their topic, asked for before.
    void take_over(Instant now, std::string_view why, Offset commands = Offset{0});

    void delivered(std::uint64_t tag, Offset offset);
    void failed(std::uint64_t tag, std::string_view error);

    /// While catching up: from where to read the event partition, and each record there.
    [[nodiscard]] Offset read_from() const;
    /// False: this isn't the log that the local store was made from; the store is empty now, and reading must begin
    /// again from `read_from`.
    [[nodiscard]] bool read(const kafka::Record& record);
    /// The log doesn't hold `read_from`: the same consequence.
    void start_over(std::string_view why);

    /// Decides the next command. Commands of before `next_command` are ignored. `clock` is the decider's own: if the
    /// command is overdue by it, and our fence is not of late, we are in doubt: only the time that a fence tells
    /// counts, as everybody reads the same there (infra/decisions/0009).
    void decide(const kafka::Record& command, Instant clock);

    /// From where to read commands, once it owns. Until this is called it ignores what it is told to decide.
    Offset resume_commands();
    [[nodiscard]] bool hears_commands() const { return phase_ == Phase::owning && resumed_; }
    /// Whether the log answers commands that the topic, which ends here, doesn't hold; if it does end here.
    [[nodiscard]] bool misses_commands(Offset end) const { return phase_ == Phase::owning && decided_ >= end; }
    /// What the topic holds, looked up because what was to be read isn't there. To be resumed once more after that.
    void resume_within(kafka::Watermarks held);
    [[nodiscard]] Offset next_command() const { return next_command_; }
    [[nodiscard]] std::optional<Offset> answered() const;  ///< every command before this one has been answered

    /// Puts what is proven into the local store, and lets go of aggregates that are too many to keep in memory.
    void write();

    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] const log::Partition& partition() const { return partition_; }
    [[nodiscard]] std::size_t unproven() const { return pending_.size(); }
    [[nodiscard]] const OwnerCounts& counts() const { return counts_; }
    [[nodiscard]] Offset term() const { return fence_; }                    ///< -1: none yet
    [[nodiscard]] const std::string& alarm() const { return alarm_; }       ///< why it is halted
    [[nodiscard]] Instant last_recorded() const { return last_recorded_; }  ///< of the last command looked at
    [[nodiscard]] std::optional<Instant> oldest_unproven() const;           ///< when it was recorded

private:
    struct Loaded {
        std::unique_ptr<AggregateState> state;
        log::Version version;
        int unproven = 0;
        std::vector<std::pair<CommandId, log::Version>> decided{};  // by which commands, and their first versions

        [[nodiscard]] std::optional<log::Version> decided_by(CommandId command) const;
    };
    struct Pending {  // a decision whose events are on their way, or an answer that waits for those before it
        log::CommandRecord command;
        Offset command_offset;
        Instant recorded{}, taken{};
        const AggregateType* type = nullptr;
        log::Reply reply;
        log::Version first;
        log::Sequence last;
        std::vector<DecidedEvent> decided;
        std::vector<ProvenEvent> events;  // views into `decided`
        std::vector<std::string> texts;   // as they go to the log
        Offset last_event;                // of the last one that was delivered
        std::size_t delivered = 0;

        [[nodiscard]] ProvenDecision decision() const;
    };

    void halt(std::string_view alarm, std::string_view why);
    void fenced(Offset fence);
    void include(std::span<const log::RecordedEvent> decision);
    void caught_up();

    [[nodiscard]] bool is_overdue(const log::CommandRecord& command, Instant clock) const;
    [[nodiscard]] bool has_expired(const Pending& pending, Instant now, Instant clock) const;
    [[nodiscard]] bool is_allowed(const log::CommandRecord& command, Instant now) const;
    void outcome(Pending& pending, Instant now, Instant clock);
    void decide_on(Loaded& loaded, Pending& pending, Instant now);
    void refuse(Pending& pending, std::string_view code, std::string_view detail);
    void recall(Pending& pending, log::Version first);
    [[nodiscard]] const Pending* unproven_at(const Pending& like, log::Version first) const;
    void repeat(Pending& pending, const ProvenDecision& earlier);
    void skip(Pending& pending);
    void accept(Loaded& loaded, Pending& pending, Instant now);
    [[nodiscard]] bool append(const Pending& pending);
    void settle();
    void send_reply(Pending& pending);

    Loaded& load(const AggregateKey& key, const AggregateType& type);
    [[nodiscard]] const AggregateType* type_named(std::string_view name) const;
    [[nodiscard]] std::string position_at(Offset offset) const;

    const Context& context_;
    log::Partition partition_;
    DecisionStore store_;
    Outlet& outlet_;
    std::string owner_;
    OwnerRule rule_;

    Phase phase_ = Phase::idle;
    std::uint64_t round_ = 0;  // of taking over: deliveries of earlier rounds don't matter
    std::uint64_t sent_ = 0;   // records in this round
    Offset fence_{-1};
    log::Standing standing_;  // own term and the last number given out
    Offset next_offset_{0};   // where the next own record must come to lie, if nobody else has written
    Offset next_command_{0};
    Offset decided_{-1};     // the last command that the log had an event of when we took over
    Instant fenced_at_{};    // by our clock
    log::LogClock clock_{};  // as all fences up to our own set it
    bool resumed_ = false;   // since we took over
    std::optional<Offset> answered_;
    log::PartitionReader reader_;
    bool from_nothing_ = false;  // the store was empty: what isn't in `versions_` has no history
    boost::unordered_flat_map<AggregateKey, log::Version, std::hash<AggregateKey>> versions_;  // seen while catching up
    std::vector<ProvenEvent> read_events_;  // of the decision at hand, to save its room
    std::deque<Pending> pending_;
    std::unordered_map<AggregateKey, Loaded> aggregates_;
    OwnerCounts counts_;
    std::string alarm_;
    Instant last_recorded_{};
};

}  // namespace kiroku::commands
