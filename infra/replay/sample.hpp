// infra/replay/sample.hpp: so many of all events, chosen by their ids.
#pragma once

#include <string>
#include <vector>

#include "infra/replay/event_filter.hpp"

namespace kiroku::replay {

/// Keeps the events whose ids' chances are the lowest: each has the same one, and the choice is the same each time.
class Sample {
public:
    explicit Sample(std::size_t most) : most_(most) {}

    void take(const Event& event);
    void add(Sample&& other);

    struct Chosen {
        std::uint64_t chance;
        Instant time;
        log::Partition partition;
        Offset offset;
        std::string text;
    };

    /// By time, then partition and offset.
    [[nodiscard]] std::vector<Chosen> in_order() &&;

private:
    void keep(Chosen chosen);

    std::size_t most_;
    std::vector<Chosen> chosen_;  // a heap: whoever must leave first is in front
};

}  // namespace kiroku::replay
