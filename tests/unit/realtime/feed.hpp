// tests/unit/realtime/feed.hpp: decisions as the event tail hands them over, without a broker.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/realtime/hub.hpp"
#include "infra/kafka/record.hpp"
#include "schemas/core/json.hpp"
#include "schemas/ws/codec.hpp"

namespace kiroku::gateway::realtime::test {

template <class Id>
Id named(std::string_view name) {
    return Id{uuid_v5(Uuid{}, name)};
}

inline Instant at(std::string_view rfc3339) { return parse_instant(rfc3339).value(); }

/// So many partitions of the contexts that clients hear about, and one of identity.
inline Partitions partitions_of(int each) {
    std::vector<log::Partition> all;
    for (int number = 0; number < each; ++number) {
        all.push_back({"challenges", number});
        all.push_back({"gamification", number});
    }
    all.push_back({"identity", 0});
    return Partitions{std::move(all)};
}

inline std::vector<Offset> from_the_start(const Partitions& partitions) {
    return std::vector<Offset>(partitions.size());
}

/// Tells `name` to its owner and, if it is to be public, its name to everybody.
inline PastEvent event(std::string name, UserId owner, std::int64_t offset, bool is_public = false) {
    PastEvent event{.offset = Offset{offset}, .id = named<EventId>(name), .version = log::Version{1}, .time = {}};
    event.owner = owner;
    event.text = R"({"type":")" + name + R"(","data":{}})";
    event.type_at = 9;
    event.type_size = static_cast<std::uint32_t>(name.size());
    event.data_at = static_cast<std::uint32_t>(event.text.size() - 3);
    if (is_public) event.public_text = R"({"public":")" + name + R"("})";
    return event;
}

/// `next`: one behind its last event, unless void records follow.
inline std::shared_ptr<const PastDecision> decision(Slot slot, std::vector<PastEvent> events,
                                                    std::string_view command = "") {
    PastDecision decision{.slot = slot, .command = {}, .next = Offset{events.back().offset.value + 1}};
    decision.command = named<CommandId>(command.empty() ? to_string(events.front().id) : command);
    decision.events = std::move(events);
    return std::make_shared<const PastDecision>(std::move(decision));
}

/// The text of what a client would read next, and so on until nothing is left.
inline std::vector<std::string> read_all(Outbox& outbox) {
    std::vector<std::string> texts;
    while (!outbox.empty()) texts.push_back(*outbox.take());
    return texts;
}

template <class Message>
Message read_as(const std::string& text) {
    const auto message = json::decode_tagged<ws::ServerMessage>(text);
    REQUIRE_MESSAGE((message && std::holds_alternative<Message>(*message)), text);
    return std::get<Message>(*message);
}

/// "type" or "public" of an event as `event` above writes it.
inline std::string name_in(const std::string& event) {
    const auto start = event.find(":\"") + 2;
    return event.substr(start, event.find('"', start) - start);
}

inline crypto::Secret a_key() { return *crypto::Secret::from_bytes(std::string(crypto::Secret::size, 'k')); }

}  // namespace kiroku::gateway::realtime::test
