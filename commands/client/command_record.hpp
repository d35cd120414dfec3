// commands/client/command_record.hpp: a command of the domain on its way into the log.
#pragma once

#include <variant>

#include "infra/log/command.hpp"
#include "schemas/core/json.hpp"

namespace kiroku::commands {

/// What the command itself says; who sends it, why and with which id is for the caller to fill in. Include the
/// context's `codec.hpp` first.
template <class Command>
log::CommandRecord command_record(const Uuid& id, const Command& command) {
    log::CommandRecord record;
    record.type = Command::type;
    record.aggregate = Command::aggregate;
    record.id = id;
    record.data = json::encode(command);
    return record;
}

template <class... Commands>
log::CommandRecord command_record(const Uuid& id, const std::variant<Commands...>& command) {
    return std::visit([&](const auto& one) { return command_record(id, one); }, command);
}

}  // namespace kiroku::commands
