// gateway/core/commands.hpp: sends what callers want to the deciders and waits for what was decided.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <string>

#include "commands/client/command_client.hpp"
#include "commands/client/command_record.hpp"
#include "gateway/core/arrival.hpp"
#include "gateway/core/intents.hpp"
#include "gateway/core/problem.hpp"
#include "infra/tracing/exporter.hpp"

namespace kiroku::gateway {

/// What the log has proved: an accepted reply, whose events may be none.
using Decided = std::expected<log::Reply, Problem>;

/// Used on the io thread.
class Commands {
public:
    /// CommandClient::send, or a log in memory.
    using Send = std::function<void(log::CommandRecord, std::chrono::milliseconds, commands::CommandClient::OnAnswer)>;

    /// `spans` gets one for each command of a sampled trace; may be null.
    Commands(net::io_context& io, Send send, std::chrono::milliseconds timeout, tracing::Exporter* spans = nullptr)
        : io_{io}, send_{std::move(send)}, timeout_{timeout}, spans_{spans} {}

    /// A refusal by the rules comes back as its problem; so does a command that was not accepted, or whose fate is not
    /// known in time. Include the context's `codec.hpp` first.
    template <class Command>
    Task<Decided> send(const Uuid& aggregate, const Command& command, const Intent& intent) {
        return decide(commands::command_record(aggregate, command), intent);
    }

    /// A command whose sender, cause and id are filled in already.
    Task<Decided> send(log::CommandRecord record);

private:
    Task<Decided> decide(log::CommandRecord record, Intent intent);

    net::io_context& io_;
    Send send_;
    std::chrono::milliseconds timeout_;
    tracing::Exporter* spans_;
};

/// The first event of that type in an answer; null if there is none. Include the context's `codec.hpp` first.
template <class Event>
std::optional<Event> find_event(const std::vector<log::ReplyEvent>& events) {
    for (const auto& event : events) {
        if (!json::reads_as<Event>(event.type)) continue;
        if (auto decoded = json::decode_as<Event>(event.type, event.data)) return std::move(*decoded);
    }
    return std::nullopt;
}

/// The problem that a context's refusal is answered with. `command_type` names the context.
Problem refused(std::string_view command_type, std::string_view code, std::string_view detail);

}  // namespace kiroku::gateway
