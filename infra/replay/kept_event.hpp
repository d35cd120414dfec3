// infra/replay/kept_event.hpp: an event that stays after the call that it was handed over in.
#pragma once

#include <memory>
#include <string>

#include "infra/replay/event.hpp"

namespace kiroku::replay {

struct KeptEvent {
    log::Partition partition;
    Offset offset;
    std::unique_ptr<const std::string> text;
    log::Envelope envelope;  ///< looks into `text`
};

inline KeptEvent keep(const Event& event) {
    auto text = std::make_unique<const std::string>(event.text);
    const auto envelope = *log::read_envelope(*text);
    return {event.partition, event.offset, std::move(text), envelope};
}

}  // namespace kiroku::replay
