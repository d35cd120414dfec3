// gateway/realtime/conversation.hpp: the protocol `kiroku.v1.json`, without any input or output: what a client says,
// and what it is answered. PROTOCOL.md tells it to clients.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/core/access_token.hpp"
#include "gateway/realtime/errands.hpp"
#include "gateway/realtime/listening.hpp"
#include "gateway/realtime/revoked_sessions.hpp"
#include "schemas/ws/types.hpp"

namespace kiroku::gateway::realtime {

struct ConversationLimits {
    std::chrono::milliseconds authenticate_within{10'000};
    int messages_at_once = 60;   ///< a client may send so many without a pause …
    int messages_a_second = 20;  ///< … and so many for ever; pings count
    std::size_t channels = 8;    ///< listened to at a time
    std::size_t errands = 8;     ///< published, or asked for, and not answered yet
};

/// Of all connections.
struct PublishCounts {
    std::uint64_t done = 0, refused = 0;
};

/// Told what was refused, and to whom as far as that is known.
using OnRefused = std::function<void(CoreRefusal, const std::optional<UserId>&)>;

/// What conversations share, which outlives them, and from where this one is led.
struct ConversationParts {
    Hub& hub;
    Presence& presence;
    RevokedSessions& revoked;
    AccessTokens& tokens;
    const AskRoute& ask;
    PublishCounts& published;
    ConversationLimits limits;
    ClientAddress client{};
    OnRefused on_refused = [](CoreRefusal, const std::optional<UserId>&) {};
};

/// One client's. One thread. Answers go into the outbox, as do reasons to close.
class Conversation {
public:
    Conversation(ConversationParts parts, Outbox& outbox, Instant now);
    ~Conversation();
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    /// A text message came.
    void hear(std::string_view message, Instant now);

    /// A control frame came.
    void hear_ping(Instant now) { count_message(now); }

    /// When `pass` must be called next, unless the conversation is closed before: the end of the token, or of patience.
    [[nodiscard]] Instant deadline() const { return deadline_; }
    void pass(Instant now);

    /// There is room in the outbox again.
    void go_on();

private:
    /// What an error answers: a channel, something published, or just what was said.
    struct About {
        std::optional<std::string> channel{}, id{};
    };

    void answer(const ws::Authenticate& message, Instant now);
    void answer(const ws::Subscribe& message, Instant now);
    void answer(const ws::Unsubscribe& message, Instant now);
    void answer(const ws::Publish& message, Instant now);
    void answer(const ws::Ping& message, Instant now);

    void publish(const std::string& id, const ws::RecordProgress& message, Instant now);
    void publish(const std::string& id, const ws::ShowTyping& message, Instant now);

    bool count_message(Instant now);
    void look_up(const Channel& channel, const ws::Subscribe& message);
    void follow(const Channel& channel, const ws::Subscribe& message, Instant now);
    void tell_done(const std::string& id, const Response& response);
    void refuse(std::string_view code, std::string_view why, About about, bool retryable = false);
    void refuse(const Response& response, About about);
    [[nodiscard]] std::vector<Listening>::iterator find(const std::optional<Channel>& channel);

    ConversationParts parts_;
    Outbox& outbox_;
    Instant deadline_;
    Instant messages_counted_;
    double messages_left_;
    std::optional<UserId> user_;
    std::vector<std::string> roles_;
    std::string token_;
    std::unique_ptr<OpenSession> session_;
    std::vector<Listening> channels_;
    Errands errands_;  // last: what it still brings uses the rest
};

}  // namespace kiroku::gateway::realtime
