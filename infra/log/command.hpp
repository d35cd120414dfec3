// infra/log/command.hpp: a command and its answer, as they lie in the command topics and in `replies`.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infra/log/envelope.hpp"

namespace kiroku::log {

/// Whom to tell what was decided: a partition of the `replies` topic, and who of its readers asked. -1: nobody.
struct ReplyTo {
    int partition = -1;
    std::string asker;       ///< a name without quotes or escapes
    bool reads_log = false;  ///< the asker sees events in the log itself: replied is only what makes none

    [[nodiscard]] bool wanted() const { return partition >= 0; }
};

/// A request to decide something. `command` is its sender's intent, `delivery` this one attempt to have it decided.
struct CommandRecord {
    Uuid delivery;
    std::string type;       ///< "<context>.<command>.v<N>"
    std::string aggregate;  ///< its name, as in "learner"
    Uuid id;                ///< the aggregate's; its text is the record's key
    CommandId command;
    std::string hash;  ///< of what the caller asked for: the same id with another hash is refused
    std::string correlation;
    std::string causation;
    std::string actor;         ///< user/<id>, policy/<name>, operator/<name>, gateway/<name> or anonymous
    std::string roles;         ///< of a user, as the gateway saw them: comma-separated
    std::string organization;  ///< the caller's tenant; empty: none
    std::string traceparent;
    std::optional<Version> expected;  ///< decided only if the aggregate has this version
    ReplyTo reply_to;
    Instant deadline;  ///< after this it is not decided any more; the epoch: never
    std::string data;  ///< the command's own fields, a JSON object
};

std::string write_command(const CommandRecord& command);
std::expected<CommandRecord, std::string> read_command(std::string_view json);

/// An event as an answer tells it.
struct ReplyEvent {
    std::string type;
    EventId id;
    Version version;
    Instant time;
    std::string data;
};

/// What was decided. Sent only once the log proves it.
struct Reply {
    std::string asker{};
    Uuid delivery{};
    CommandId command{};
    bool replayed = false;   ///< decided earlier, by the same command id
    std::string refusal{};   ///< a code of the context's refusals; empty: accepted
    std::string detail{};    ///< about a refusal that needs it; may be empty
    std::string position{};  ///< "<context>/<partition>@<offset>": the log up to here includes the decision
    std::vector<ReplyEvent> events{};

    [[nodiscard]] bool accepted() const { return refusal.empty(); }
};

std::string write_reply(const Reply& reply);
std::expected<Reply, std::string> read_reply(std::string_view json);

inline constexpr std::string_view replies_topic = "replies";
std::string command_topic(std::string_view context);  ///< "<context>.commands"
std::string event_topic(std::string_view context);    ///< "<context>.events"

}  // namespace kiroku::log
