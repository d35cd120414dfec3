// tests/unit/replay/replayed_event.hpp: events made up by a test, as a replay hands them over.
#pragma once

#include <string>

#include "infra/replay/fields.hpp"
#include "tests/support/given.hpp"

namespace kiroku::test {

/// Owns what its Event looks at.
struct ReplayedEvent {
    log::Partition partition{"gamification", 3};
    std::string type = "gamification.xp_awarded.v1";
    std::string subject = "learner/" + to_string(named<UserId>("mika"));
    std::string actor = "policy/gamification.record_activity";
    std::string correlation = "asked";
    std::string organization{};
    std::string data = R"({"amount":35})";
    std::string id = "an event";
    Instant time = at("2026-03-06T12:00:00Z");
    Offset offset{123};
    std::string command = "a command";
    std::string causation{};
    log::Envelope envelope{};
    std::string text{};

    replay::Event event() {
        envelope.id = named<EventId>(id);
        envelope.type = type;
        envelope.subject = subject;
        envelope.aggregate = named<UserId>("mika").value;
        envelope.time = time;
        envelope.place = {log::Term{10}, log::Sequence{7}, 2, 4};
        envelope.version = log::Version{12};
        envelope.command = named<CommandId>(command);
        envelope.command_hash = "h";
        envelope.command_offset = Offset{977};
        envelope.correlation = correlation;
        envelope.causation = causation;
        envelope.actor = actor;
        envelope.organization = organization;
        envelope.data = data;
        text.clear();
        log::write_envelope(envelope, text);
        return {partition, offset, envelope, text};
    }
};

}  // namespace kiroku::test
