// infra/audit/checkpoint.hpp: how a partition stood when somebody audited it, signed, as it lies in the topic `audit`.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "infra/crypto/signing_key.hpp"
#include "infra/kafka/record.hpp"
#include "infra/log/partition.hpp"

namespace kiroku::audit {

inline constexpr std::string_view topic = "audit";

struct Checkpoint {
    log::Partition partition;
    Offset next;        ///< the chain is over all records before this one
    std::string chain;  ///< see PartitionAudit::chain
    Instant at;
};

/// One line of JSON.
std::string write_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key);

/// The error says why it can't be trusted.
std::expected<Checkpoint, std::string> read_checkpoint(std::string_view json, std::span<const crypto::SigningKey> keys);

}  // namespace kiroku::audit
