// gateway/realtime/past.cpp: what has happened, in the shape in which the gateway keeps it and tells it to clients.
#include "gateway/realtime/past.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "schemas/catalog.hpp"
#include "schemas/challenges/codec.hpp"
#include "schemas/core/json.hpp"
#include "schemas/gamification/codec.hpp"
#include "schemas/identity/codec.hpp"
#include "schemas/ws/codec.hpp"

namespace kiroku::gateway::realtime {
namespace {

using log::Envelope;

/// The event's data, or nothing (and a line in the log) if it isn't what its schema says.
template <class Event>
std::optional<Event> data_of(const Envelope& envelope) {
    auto data = json::decode<Event>(envelope.data);
    if (data) return std::move(*data);
    spdlog::warn("event {} ({}) is not pushed: {} {}", to_string(envelope.id), envelope.type, data.error().path,
                 data.error().problem);
    return std::nullopt;
}

constexpr std::size_t traced = 72;  // bytes that a traceparent takes

void tell_learner(PastEvent& event, const Envelope& envelope) { event.owner = UserId{envelope.aggregate}; }

void tell_everybody(PastEvent& event, const Envelope& envelope) {
    tell_learner(event, envelope);
    const auto award = data_of<gamification::XpAwarded>(envelope);
    if (!award) return;
    json::encode(ws::LeaderboardItem{.user_id = event.owner,
                                     .xp_awarded = award->amount,
                                     .total_xp = award->total_xp,
                                     .occurred_at = award->occurred_at},
                 event.public_text);
}

template <class Event>
void tell_user(PastEvent& event, const Envelope& envelope) {
    if (const auto data = data_of<Event>(envelope)) event.owner = data->user_id;
}

void end_session(PastEvent& event, const Envelope& envelope) {
    if (const auto data = data_of<identity::SessionRevoked>(envelope)) event.revoked = data->session_id;
}

void take_role(PastEvent& event, const Envelope& envelope) { event.demoted = UserId{envelope.aggregate}; }
constexpr std::string_view pushed_to_learner = "gateways push it on the channel me";
constexpr std::string_view pushed_to_all = "gateways push it on the channels me and leaderboard:global";
constexpr std::string_view ends_session = "gateways refuse the session's tokens and end its connections";
constexpr std::string_view takes_role = "gateways close the user's open sockets with 4403";

struct Meaning {
    std::string_view type;
    void (*apply)(PastEvent&, const Envelope&);
    std::string_view purpose = pushed_to_learner;
};

constexpr std::array meanings{
    Meaning{gamification::XpAwarded::type, tell_everybody, pushed_to_all},
    Meaning{gamification::LevelReached::type, tell_learner},
    Meaning{gamification::StreakExtended::type, tell_learner},
    Meaning{gamification::StreakEnded::type, tell_learner},
    Meaning{gamification::StreakMilestoneReached::type, tell_learner},
    Meaning{gamification::AchievementUnlocked::type, tell_learner},
    Meaning{challenges::SessionStarted::type, tell_user<challenges::SessionStarted>},
    Meaning{challenges::SessionProgressed::type, tell_user<challenges::SessionProgressed>},
    Meaning{challenges::SessionCompleted::type, tell_user<challenges::SessionCompleted>},
    Meaning{challenges::SessionAbandoned::type, tell_user<challenges::SessionAbandoned>},
    Meaning{identity::SessionRevoked::type, end_session, ends_session},
    Meaning{identity::RoleRevoked::type, take_role, takes_role},
};

/// The trace that it belongs to, as CloudEvents' extension names it, for who is told the whole event.
void write_trace(PastEvent& event, const Envelope& envelope) {
    if (event.owner == UserId{}) return;
    const auto trace = tracing::read_traceparent(envelope.traceparent);
    if (!trace.known()) return;
    event.text += R"(","traceparent":")";
    event.text += tracing::traceparent(trace);
}

void write_text(PastEvent& event, const Envelope& envelope) {
    const auto data = is_kept_whole(envelope.context()) ? envelope.data : std::string_view{"{}"};
    auto& text = event.text;
    text.reserve(140 + traced + envelope.type.size() + envelope.subject.size() + data.size());
    text += R"({"id":")";
    text += to_string(envelope.id);
    text += R"(","type":")";
    event.type_at = static_cast<std::uint32_t>(text.size());
    event.type_size = static_cast<std::uint32_t>(envelope.type.size());
    text += envelope.type;
    text += R"(","subject":")";
    text += envelope.subject;
    text += R"(","time":")";
    append(text, envelope.time);
    write_trace(event, envelope);
    text += R"(","data":)";
    event.data_at = static_cast<std::uint32_t>(text.size());
    text += data;
    text += '}';
}

/// An event of an older version is told as today's, so that nobody need know more than those.
Envelope as_today(Envelope envelope, std::string& data) {
    const auto* const older = schemas::older_version(envelope.type);
    if (older == nullptr) return envelope;
    auto renewed = older->renew(envelope.type, envelope.data);
    if (!renewed) return envelope;
    data = std::move(*renewed);
    envelope.type = older->today;
    envelope.data = data;
    return envelope;
}

PastEvent past_event(const log::RecordedEvent& recorded) {
    std::string renewed;
    const auto envelope = as_today(recorded.envelope, renewed);
    PastEvent event{.offset = recorded.offset, .id = envelope.id, .version = envelope.version, .time = envelope.time};
    for (const auto& meaning : meanings) {
        if (meaning.type == envelope.type) meaning.apply(event, envelope);
    }
    write_text(event, envelope);
    return event;
}

}  // namespace

bool is_kept_whole(std::string_view context) { return context != "identity"; }

std::string_view purpose_of(std::string_view type) {
    const auto* const older = schemas::older_version(type);
    const auto found = std::ranges::find(meanings, older == nullptr ? type : older->today, &Meaning::type);
    return found == meanings.end() ? std::string_view{} : found->purpose;
}

std::size_t PastDecision::bytes() const {
    std::size_t bytes = sizeof *this;
    for (const auto& event : events) bytes += sizeof event + event.text.capacity() + event.public_text.capacity();
    return bytes;
}

log::Position PastDecision::position(const Partitions& partitions) const {
    log::Position position;
    position.include(partitions[slot].context, partitions[slot].number, Offset{next.value - 1});
    return position;
}

std::vector<log::ReplyEvent> PastDecision::told() const {
    std::vector<log::ReplyEvent> told;
    told.reserve(events.size());
    for (const auto& event : events)
        told.push_back({std::string{event.type()}, event.id, event.version, event.time, std::string{event.data()}});
    return told;
}

PastDecision past_decision(const log::ReadDecision& read, const Partitions& partitions) {
    const auto& first = read.events.front().envelope;
    PastDecision decision{.slot = partitions.slot(read.partition),
                          .command = first.command,
                          .answers = first.command_offset,
                          .next = read.after.next};
    if (tracing::may_be_sampled(first.traceparent)) decision.trace = tracing::read_traceparent(first.traceparent);
    decision.events.reserve(read.events.size());
    for (const auto& recorded : read.events) decision.events.push_back(past_event(recorded));
    return decision;
}

}  // namespace kiroku::gateway::realtime
