// infra/audit/partition_audit.hpp: holds one partition of a context's log against all that its writers promise.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "infra/crypto/hash_chain.hpp"
#include "infra/log/partition.hpp"
#include "infra/log/partition_reader.hpp"

namespace kiroku::audit {

/// A promise that a record breaks.
struct Finding {
    Offset offset;
    std::string what;  ///< "version_hole: …": a name for programs, then a sentence
};

struct AuditCounts {
    std::uint64_t records = 0, decisions = 0, events = 0, fences = 0, void_records = 0, findings = 0;
};

/// All records of the partition are to be told, from the first there is. Remembers each command's id and each
/// aggregate's version: about 100 bytes a decision.
class PartitionAudit {
public:
    static constexpr std::size_t most_kept = 100;  ///< findings; all are counted

    explicit PartitionAudit(log::Partition partition);

    /// Somebody has signed how the chain stood before the record at `next`. Told before any record, in any order.
    void expect(Offset next, std::string chain);

    void take(const kafka::Record& record);

    /// There are no more records.
    void finish();

    /// Something about the partition that no record of it shows.
    void find(Offset offset, std::string what);

    [[nodiscard]] const log::Partition& partition() const { return partition_; }
    [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }
    [[nodiscard]] AuditCounts counts() const;
    [[nodiscard]] Offset next() const { return next_; }

    /// Over offset, key and value of every record so far, void ones too: the same history has the same chain, for ever.
    [[nodiscard]] std::string chain() const { return chain_.hex(); }

private:
    struct Aggregate {
        std::string name;
        Uuid id;
        friend bool operator==(const Aggregate&, const Aggregate&) = default;
    };
    struct HashAggregate {
        std::size_t operator()(const Aggregate& one) const {
            return std::hash<Uuid>{}(one.id) ^ std::hash<std::string>{}(one.name);
        }
    };

    void check(std::span<const log::RecordedEvent> decision);
    void check_versions(std::span<const log::RecordedEvent> decision);
    void compare();

    log::Partition partition_;
    log::PartitionReader reader_;
    crypto::HashChain chain_;
    Offset next_{0};
    Offset last_command_{-1};
    std::unordered_set<CommandId> commands_;
    std::unordered_map<Aggregate, std::int64_t, HashAggregate> versions_;
    std::multimap<Offset, std::string> expected_;
    std::vector<Finding> findings_;
    AuditCounts counts_;
};

}  // namespace kiroku::audit
