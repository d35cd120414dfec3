#include "infra/kiroku/failures.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "infra/kafka/record.hpp"
#include "infra/log/partition_reader.hpp"
#include "infra/replay/ranges.hpp"
#include "infra/store/rocksdb_map.hpp"
#include "schemas/core/uuid.hpp"

namespace kiroku {

using runtime::Exit;
using runtime::Failure;

Exit with_remedies(const std::function<Exit()>& work) {
    try {
        return work();
    } catch (const kafka::BrokerError& error) {
        throw Failure(
            Exit::broker_unreachable, fmt::format("Kafka: {}.", error.what()),
            "Check --kafka (KIROKU_KAFKA) and that the broker runs; `kiroku topics` makes and checks the topics.");
    } catch (const replay::UnknownPartition& unknown) {
        throw Failure(Exit::usage, fmt::format("The position names {}, which there isn't.", unknown.what()),
                      "Positions are those that Kiroku gave, for this log.");
    } catch (const log::UnreadableRecord& error) {
        throw Failure(Exit::data_refused, fmt::format("The log is damaged: {}.", error.what()),
                      "Nothing was skipped. Find out what wrote that record before going on.");
    } catch (const store::StoreInUse& error) {
        throw Failure(Exit::config, fmt::format("{}.", error.what()), "");
    } catch (const store::StoreError& error) {
        throw Failure(Exit::config, fmt::format("The local store: {}.", error.what()),
                      "Check the disk and --state (KIROKU_STATE).");
    }
}

std::string instance_name(const std::string& verb, const std::string& folder) {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    const auto place = fmt::format("{}:{}", host.data(), std::filesystem::absolute(folder).lexically_normal().string());
    return fmt::format("{}-{}", verb, to_string(uuid_v5({}, place)));
}

}  // namespace kiroku
