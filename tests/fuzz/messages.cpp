// tests/fuzz/messages.cpp: fuzzes a WebSocket's conversation: a message a line, after an `authenticate` or before.
#include <fmt/format.h>

#include "gateway/realtime/conversation.hpp"
#include "infra/crypto/key_set.hpp"
#include "schemas/core/json.hpp"
#include "schemas/ws/codec.hpp"
#include "tests/fuzz/input.hpp"

using namespace kiroku;
using namespace kiroku::gateway;
using namespace kiroku::gateway::realtime;
using fuzz::must;

namespace {

const Instant start{std::chrono::milliseconds{1'772'798'400'000}};

/// A gateway that has read a little, and keeps nothing from one input to the next but its keys.
struct World {
    Partitions partitions{{{"challenges", 0}, {"gamification", 0}, {"gamification", 1}, {"identity", 0}}};
    crypto::KeySet keys = crypto::KeySet::random();
    AccessTokens tokens{keys, {}};
    RevokedSessions revoked{std::chrono::minutes{16}};
    Caller mika{UserId{uuid_v5({}, "mika")}, SessionId{uuid_v5({}, "phone")}, "UTC", {"learner"}, {}};
    std::string token = tokens.issue(mika, start);
};

void hear_all(World& world, fuzz::Input input) {
    Hub hub{world.partitions, std::vector<Offset>(world.partitions.size()), Positions{world.keys.requests()}, {}};
    Outbox outbox{{}, [] {}};
    Presence presence{uuid_v5({}, "gateway"), [](const std::string&) {}, {}};
    const AskRoute ask = [](RawRequest, std::function<void(Response)> then) { then(Response{.status = 404}); };
    PublishCounts published;
    Conversation talk{{hub, presence, world.revoked, world.tokens, ask, published, {}}, outbox, start};
    const auto flags = input.byte();
    Instant now = start;
    if ((flags & 1U) != 0) talk.hear(fmt::format(R"({{"type":"authenticate","token":"{}"}})", world.token), now);
    while (!input.empty()) {
        talk.hear(input.line(), now);
        if ((flags & 2U) != 0) now += std::chrono::milliseconds{1} * (flags >> 2);
        talk.pass(now);
        talk.go_on();
        presence.pass(now);
    }
    must(outbox.size() <= Outbox::Bounds{}.frames, "what waits to be sent is bounded");
    must(hub.subscriptions() <= 16, "subscriptions are bounded");
    while (!outbox.empty()) {
        const auto frame = outbox.take();
        must(json::decode_tagged<ws::ServerMessage>(*frame).has_value(), "what we say is of the protocol");
    }
    if (outbox.closing()) must(outbox.closing()->reason.size() <= 120, "a reason to close fits its frame");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static World world;
    hear_all(world, {bytes, size});
    return 0;
}
