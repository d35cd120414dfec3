// tests/unit/commands/owned_partition.hpp: an owner on a log of the tests' own, where anything can happen to records.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "commands/client/command_record.hpp"
#include "commands/decider/partition_owner.hpp"
#include "commands/identity/context.hpp"
#include "infra/store/rocksdb_map.hpp"
#include "schemas/identity/codec.hpp"
#include "tests/support/folder.hpp"

namespace kiroku::commands {

inline const log::Partition partition{"identity", 0};
inline const Uuid alice = *Uuid::parse("0195677c-1d80-7a3e-9c51-2f6b8d4e0a17");
inline const Uuid bob = *Uuid::parse("0195677c-1d80-7a3e-9c51-2f6b8d4e0a18");
inline const Uuid claim = *Uuid::parse("0195677c-1d80-8a3e-9c51-2f6b8d4e0a19");

/// One partition of an event topic; what was sent stays in flight until the test says what becomes of it.
class Log final : public Outlet {
public:
    struct InFlight {
        std::string value;
        std::uint64_t tag;
    };

    bool append(const log::Partition&, std::string_view, std::string_view value, std::uint64_t tag) override {
        if (full) return false;
        in_flight.push_back({std::string{value}, tag});
        return true;
    }
    void reply(const log::ReplyTo&, std::string_view value) override { replies.push_back(*log::read_reply(value)); }

    std::uint64_t new_round() override { return ++rounds; }

    /// The log takes the oldest record in flight and tells its owner.
    void take_one(PartitionOwner& owner) {
        const auto record = std::move(in_flight.front());
        in_flight.pop_front();
        records.push_back(record.value);
        owner.delivered(record.tag, Offset{static_cast<std::int64_t>(records.size()) - 1});
    }
    void take_all(PartitionOwner& owner) {
        while (!in_flight.empty()) take_one(owner);
    }

    /// Lets the owner read what it wants to know; false if it halted.
    bool read_all(PartitionOwner& owner) const {
        for (auto at = owner.read_from().value;
             at < std::ssize(records) && owner.phase() == PartitionOwner::Phase::catching_up; ++at) {
            if (!owner.read(record(at))) at = owner.read_from().value - 1;
        }
        return owner.phase() == PartitionOwner::Phase::owning;
    }
    [[nodiscard]] kafka::Record record(std::int64_t offset) const {
        return {.topic = "identity.events",
                .partition = 0,
                .offset = Offset{offset},
                .timestamp = {},
                .key = {},
                .value = records.at(static_cast<std::size_t>(offset))};
    }

    std::deque<InFlight> in_flight;
    std::vector<std::string> records;
    std::vector<log::Reply> replies;
    bool full = false;
    std::uint64_t rounds = 0;
};

using test::Folder;

/// A log, a store and commands for them.
struct World {
    Folder folder;
    Context context = identity_context();
    std::unique_ptr<store::RocksdbMap> store = std::make_unique<store::RocksdbMap>(folder.path);
    Log log;
    std::vector<std::string> commands;
    bool reads_log = false;  // whoever sends the next commands
    Instant deadline{};      // theirs
    std::string actor = "test", roles{};
    Instant recorded{std::chrono::seconds{1'700'000'000}};  // when the log takes commands in

    PartitionOwner owner(std::optional<Offset> answered = std::nullopt) {
        return {context, partition, *store, log, "test", answered};
    }

    void own(PartitionOwner& owner, Instant now = Instant{}) {
        owner.take_over(now, "test", Offset{static_cast<std::int64_t>(commands.size())});
        log.take_all(owner);
        REQUIRE(log.read_all(owner));
        owner.resume_commands();
    }

    template <class Command>
    std::size_t sent(std::string_view aggregate, const Uuid& id, const Command& command, const CommandId& intent,
                     const std::string& hash = "h") {
        auto record = command_record(id, command);
        record.aggregate = aggregate;
        record.delivery = random_uuid_v7();
        record.command = intent;
        record.hash = hash;
        record.correlation = "c";
        record.actor = actor;
        record.roles = roles;
        record.reply_to = {0, "test", reads_log};
        record.deadline = deadline;
        commands.push_back(log::write_command(record));
        return commands.size() - 1;
    }

    void hear(PartitionOwner& owner, std::size_t command, Instant clock = Instant{}) {
        owner.decide({.topic = "identity.commands",
                      .partition = 0,
                      .offset = Offset{static_cast<std::int64_t>(command)},
                      .timestamp = recorded,
                      .key = {},
                      .value = commands[command]},
                     clock);
    }
    void hear_from(PartitionOwner& owner) {
        for (auto at = owner.next_command().value; at < std::ssize(commands); ++at)
            hear(owner, static_cast<std::size_t>(at));
    }
};

inline identity::ClaimEmail claim_by(const Uuid& user) {
    return {.email_claim_id = EmailClaimId{claim},
            .user_id = UserId{user},
            .email = "a@b.c",
            .display_name = "A",
            .timezone = "Europe/Berlin",
            .credential = "x"};
}

inline CommandId intent() { return CommandId{random_uuid_v7()}; }

}  // namespace kiroku::commands
