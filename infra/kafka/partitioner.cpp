// infra/kafka/partitioner.cpp: Kafka's murmur2, as Java's default partitioner computes it for keyed records.
#include <cstring>

#include "infra/kafka/record.hpp"

namespace kiroku::kafka {
namespace {

std::uint32_t murmur2(std::string_view key) {
    constexpr std::uint32_t multiplier = 0x5bd1e995;
    std::uint32_t hash = 0x9747b28c ^ static_cast<std::uint32_t>(key.size());
    const char* at = key.data();
    std::size_t left = key.size();
    for (; left >= 4; at += 4, left -= 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, at, 4);
        word *= multiplier;
        word ^= word >> 24;
        hash = hash * multiplier ^ word * multiplier;
    }
    for (std::size_t rest = left; rest > 0; --rest) {
        hash ^= std::uint32_t{static_cast<unsigned char>(at[rest - 1])} << (8 * (rest - 1));
    }
    if (left > 0) hash *= multiplier;
    hash ^= hash >> 13;
    hash *= multiplier;
    return hash ^ hash >> 15;
}

}  // namespace

int partition_of(std::string_view key, int partitions) {
    return static_cast<int>((murmur2(key) & 0x7fffffffU) % static_cast<std::uint32_t>(partitions));
}

}  // namespace kiroku::kafka
