// infra/log/envelope.hpp: an event as it lies in its topic: one CloudEvents 1.0 event in structured JSON a record.
// The attributes and their order are those of schemas/core/envelope.v1.json.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "infra/kafka/record.hpp"
#include "infra/log/validity.hpp"
#include "schemas/core/types.hpp"

namespace kiroku::log {

/// A place in an aggregate's own history, dense from 1.
using Version = Strong<std::int64_t, struct VersionTag>;

/// An event with its attributes. Views point into the record (or whatever else the text came in).
struct Envelope {
    EventId id;
    std::string_view type;     ///< "<context>.<event>.v<N>"
    std::string_view subject;  ///< "<aggregate>/<id>"; empty for a fence
    Uuid aggregate;            ///< the id in `subject`
    Instant time;              ///< when it was recorded: the command record's own time
    Place place;
    Version version;
    CommandId command;
    std::string_view command_hash;
    Offset command_offset;          ///< of a fence: where the command topic ended before it was written
    std::string_view correlation;   ///< the request that began it all
    std::string_view causation;     ///< the event that a policy answered with the command; may be empty
    std::string_view actor;         ///< "user/<id>", "policy/<name>", "operator/<name>", "anonymous"
    std::string_view organization;  ///< may be empty, as the next two
    std::string_view traceparent;
    std::string_view personal_keys;
    std::string_view data;  ///< the event's own fields, a JSON object

    [[nodiscard]] bool is_fence() const { return subject.empty(); }

    /// "identity" of "identity.user_registered.v1".
    [[nodiscard]] std::string_view context() const { return type.substr(0, type.find('.')); }

    /// "user" of "user/3f2…".
    [[nodiscard]] std::string_view aggregate_name() const { return subject.substr(0, subject.find('/')); }
};

/// The same event, told by a copy of the text that it was read from.
Envelope moved_to(Envelope event, std::string_view text, std::string_view copy);

/// Reads one record's value. The error says what is wrong with it.
std::expected<Envelope, std::string> read_envelope(std::string_view json);

/// Appends the event as one line of JSON.
void write_envelope(const Envelope& event, std::string& out);

/// A fence of `context` by `owner` (a name for operators), written when the command partition ended at `commands`.
std::string fence_record(std::string_view context, std::string_view owner, Instant now, Offset commands = Offset{0});

}  // namespace kiroku::log
