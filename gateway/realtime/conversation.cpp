// gateway/realtime/conversation.cpp: the protocol `kiroku.v1.json`, without any input or output.
#include "gateway/realtime/conversation.hpp"

#include <algorithm>

#include "schemas/core/json.hpp"
#include "schemas/ws/codec.hpp"

namespace kiroku::gateway::realtime {
namespace {

std::string in_words(const json::Violation& violation) {
    const auto where = violation.path.empty() ? std::string{"the message"} : violation.path.substr(0, 60);
    return where + " " + violation.problem.substr(0, 50);
}

}  // namespace

Conversation::Conversation(ConversationParts parts, Outbox& outbox, Instant now)
    : parts_(parts),
      outbox_(outbox),
      deadline_(now + parts.limits.authenticate_within),
      messages_counted_(now),
      messages_left_(parts.limits.messages_at_once) {}

Conversation::~Conversation() = default;

void Conversation::hear(std::string_view message, Instant now) {
    if (outbox_.closing() || !count_message(now)) return;
    const auto said = json::decode_tagged<ws::ClientMessage>(message);
    if (!said) return outbox_.close(CloseCode::bad_message, in_words(said.error()));
    if (!user_ && !std::holds_alternative<ws::Authenticate>(*said)) {
        return outbox_.close(CloseCode::unauthorized, "authenticate first");
    }
    std::visit([&](const auto& one) { answer(one, now); }, *said);
}

void Conversation::answer(const ws::Authenticate& message, Instant now) {
    const auto caller = parts_.tokens.verify(message.token, now);
    if (!caller) {
        const bool expired = caller.error() == TokenProblem::expired;
        return outbox_.close(CloseCode::unauthorized, expired ? "the token has expired" : "the token is invalid");
    }
    if (user_ && *user_ != caller->user) return outbox_.close(CloseCode::forbidden, "the token is another user's");
    const bool again = user_.has_value();
    user_ = caller->user;
    roles_ = caller->roles;
    deadline_ = caller->expires + parts_.tokens.settings().leeway;
    session_ = std::make_unique<OpenSession>(parts_.revoked, caller->session, caller->user, outbox_);
    if (again) outbox_.push(json::encode(ws::Authenticated{.user_id = caller->user, .expires_at = caller->expires}));
}

void Conversation::answer(const ws::Subscribe& message, Instant) {
    const auto channel = channel_of(message.channel, *user_);
    if (!channel) return refuse("unknown_channel", "There is no such channel.");
    if (!allows(roles_, permission_for(*channel))) return refuse("forbidden", "You may not listen to this.");
    if (find(channel) != subscriptions_.end())
        return refuse("already_subscribed", "The channel is subscribed already.");
    subscriptions_.push_back(parts_.hub.subscribe(*channel, outbox_, message.since));
}

void Conversation::answer(const ws::Unsubscribe& message, Instant) {
    const auto found = find(channel_of(message.channel, *user_));
    if (found == subscriptions_.end()) return refuse("not_subscribed", "The channel is not subscribed.");
    subscriptions_.erase(found);
    outbox_.push(json::encode(ws::Unsubscribed{.channel = message.channel}));
}

void Conversation::answer(const ws::Ping&, Instant) { outbox_.push(json::encode(ws::Pong{})); }

void Conversation::pass(Instant now) {
    if (now < deadline_) return;
    if (user_) {
        outbox_.close(CloseCode::unauthorized, "the token has expired");
    } else {
        outbox_.close(CloseCode::not_authenticated, "no authenticate in time");
    }
}

void Conversation::go_on() {
    for (auto& subscription : subscriptions_) subscription->go_on();
}

bool Conversation::count_message(Instant now) {
    const std::chrono::duration<double> passed = std::max(now, messages_counted_) - messages_counted_;
    messages_counted_ = std::max(now, messages_counted_);
    messages_left_ = std::min<double>(parts_.limits.messages_at_once,
                                      messages_left_ + passed.count() * parts_.limits.messages_a_second);
    if (messages_left_ < 1) {
        outbox_.close(CloseCode::too_many_messages, "too many messages");
        return false;
    }
    messages_left_ -= 1;
    return true;
}

void Conversation::refuse(std::string_view code, std::string_view why) {
    outbox_.push(json::encode(ws::Error{.code = std::string{code}, .message = std::string{why}}));
}

std::vector<std::unique_ptr<Subscription>>::iterator Conversation::find(const std::optional<Channel>& channel) {
    return std::ranges::find_if(subscriptions_,
                                [&](const auto& subscription) { return subscription->channel() == channel; });
}

}  // namespace kiroku::gateway::realtime
