// infra/audit/audit.hpp: reads whole logs and holds them against what their writers promise and what was signed.
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "infra/audit/checkpoint.hpp"
#include "infra/audit/partition_audit.hpp"

namespace kiroku::audit {

struct Progress {
    std::uint64_t done = 0, all = 0;  ///< records
};

struct Settings {
    std::string bootstrap;
    std::vector<std::string> contexts;
    std::span<const crypto::SigningKey> keys;            ///< that may have signed
    std::function<void(const Progress&)> on_progress{};  ///< a few times a second
};

/// Reads what the log holds now, up to its present end. Empty if it was stopped before. Throws BrokerError.
std::vector<PartitionAudit> audit(const Settings& settings, const std::stop_token& stop);

/// Appends a signed checkpoint for each partition and waits until the broker has them. Throws BrokerError.
void sign(const std::string& bootstrap, std::span<const PartitionAudit> audits, const crypto::SigningKey& key,
          Instant now);

}  // namespace kiroku::audit
