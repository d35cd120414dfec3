// gateway/services.hpp: all that a route may use. The program makes each of them; they outlive every request.
#pragma once

namespace kiroku::crypto {
class KeySet;
class Seal;
}
namespace kiroku::gamification {
struct RuleBook;
}
namespace kiroku::tracing {
class Exporter;
}

namespace kiroku::gateway {

class AccessTokens;
class Audit;
class CausedDecisions;
class ChallengeShelf;
class Commands;
class Consequences;
class Copies;
class EventStreams;
class Intents;
class KeptAnswers;
class Lookups;
class Metrics;
class Passwords;
class RateLimits;
class Readiness;
class Reads;
class Revocations;
namespace realtime {
class Realtime;
}
struct Contract;
struct Settings;

struct Services {
    const Settings& settings;
    const crypto::KeySet& keys;
    const gamification::RuleBook& rules;
    Reads& reads;
    Lookups& lookups;
    Commands& commands;
    Intents& intents;
    CausedDecisions& caused;
    Consequences& consequences;
    AccessTokens& tokens;
    const Revocations& revocations;
    Passwords& passwords;
    ChallengeShelf& shelf;
    Metrics& metrics;
    const Readiness& readiness;
    EventStreams& event_streams;
    const Contract& contract;
    realtime::Realtime& realtime;
    Audit& audit;
    RateLimits& rate_limits;
    Copies& copies;
    KeptAnswers& kept;
    const crypto::Seal& cursors;
    tracing::Exporter* spans = nullptr;  ///< null: nobody wants them
};

}  // namespace kiroku::gateway
