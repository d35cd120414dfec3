// gateway/realtime/conversation.cpp: the protocol `kiroku.v1.json`, without any input or output.
#include "gateway/realtime/conversation.hpp"

#include <algorithm>

#include "schemas/core/json.hpp"
#include "schemas/http/codec.hpp"
#include "schemas/ws/codec.hpp"

namespace kiroku::gateway::realtime {
namespace {

Instant clock_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

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
      messages_left_(parts.limits.messages_at_once),
      errands_(parts.ask, parts.limits.errands) {}

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
        parts_.on_refused(expired ? CoreRefusal::expired_token : CoreRefusal::invalid_token, user_);
        return outbox_.close(CloseCode::unauthorized, expired ? "the token has expired" : "the token is invalid");
    }
    if (user_ && *user_ != caller->user) {
        parts_.on_refused(CoreRefusal::forbidden, user_);
        return outbox_.close(CloseCode::forbidden, "the token is another user's");
    }
    const bool again = user_.has_value();
    user_ = caller->user;
    roles_ = caller->roles;
    token_ = message.token;
    deadline_ = caller->expires + parts_.tokens.settings().leeway;
    session_ = std::make_unique<OpenSession>(parts_.revoked, caller->session, caller->user, outbox_);
    if (again) outbox_.push(json::encode(ws::Authenticated{.user_id = caller->user, .expires_at = caller->expires}));
}

void Conversation::answer(const ws::Subscribe& message, Instant now) {
    const auto channel = channel_of(message.channel, *user_);
    if (!channel) return refuse("unknown_channel", "There is no such channel.", {.channel = message.channel});
    if (!allows(roles_, permission_for(*channel))) {
        parts_.on_refused(CoreRefusal::forbidden, user_);
        return refuse("forbidden", "You may not listen to this.", {.channel = message.channel});
    }
    if (channel->kind == Channel::Kind::challenge) return look_up(*channel, message);
    follow(*channel, message, now);
}

/// Whether there is that challenge, for this user: as GET says.
void Conversation::look_up(const Channel& channel, const ws::Subscribe& message) {
    auto request = request_of(Method::get, "/challenges/" + to_string(channel.challenge), token_);
    request.peer = parts_.client;
    const auto then = [this, channel, message](const Response& response) {
        if (response.status >= 300) return refuse(response, {.channel = message.channel});
        follow(channel, message, clock_now());
    };
    if (!errands_.run(std::move(request), then))
        refuse("too_many_requests", "Wait until what was asked for is answered.", {.channel = message.channel}, true);
}

void Conversation::follow(const Channel& channel, const ws::Subscribe& message, Instant now) {
    const About about{.channel = message.channel};
    if (find(channel) != channels_.end())
        return refuse("already_subscribed", "The channel is subscribed already.", about);
    if (channels_.size() >= parts_.limits.channels)
        return refuse("too_many_channels", "A connection listens to no more channels.", about);
    auto listening = listen(parts_.hub, parts_.presence, channel, *user_, outbox_, message.since, now);
    if (!listening) return refuse("channel_full", "As many are there as may be.", about, true);
    channels_.push_back(std::move(*listening));
}

void Conversation::answer(const ws::Unsubscribe& message, Instant) {
    const auto found = find(channel_of(message.channel, *user_));
    if (found == channels_.end())
        return refuse("not_subscribed", "The channel is not subscribed.", {.channel = message.channel});
    channels_.erase(found);
    outbox_.push(json::encode(ws::Unsubscribed{.channel = message.channel}));
}

void Conversation::answer(const ws::Publish& message, Instant now) {
    const auto published = json::decode_tagged<ws::PublishedMessage>(message.message.text);
    if (!published) return refuse("invalid_message", in_words(published.error()), {.id = message.id});
    std::visit([&](const auto& one) { publish(message.id, one, now); }, *published);
}

/// What is kept runs as the same POST would: checked, counted, and done once however often it is told.
void Conversation::publish(const std::string& id, const ws::RecordProgress& message, Instant) {
    auto request =
        request_of(Method::post, "/challenge-sessions/" + to_string(message.session_id) + "/progress", token_);
    request.peer = parts_.client;
    request.head.fields.add("content-type", json_type);
    request.head.fields.add("idempotency-key", id);
    request.body = message.progress.text;
    const auto then = [this, id](const Response& response) {
        if (response.status >= 300) return refuse(response, {.id = id});
        tell_done(id, response);
    };
    if (!errands_.run(std::move(request), then))
        refuse("too_many_requests", "Wait until what was published is answered.", {.id = id}, true);
}

void Conversation::publish(const std::string& id, const ws::ShowTyping& message, Instant now) {
    const auto found = find(channel_of(message.channel, *user_));
    if (found == channels_.end() || !found->attendance)
        return refuse("not_subscribed", "The channel is not subscribed, or has no typing.", {.id = id});
    parts_.presence.show_typing(*found->attendance, now);
    tell_done(id, Response{});
}

void Conversation::tell_done(const std::string& id, const Response& response) {
    ++parts_.published.done;
    ws::Ack ack{.id = id};
    if (!response.position.empty()) ack.position = response.position;
    if (response.replayed) ack.replayed = true;
    if (!response.body.empty()) ack.answer = RawJson{response.body};
    outbox_.push(json::encode(ack));
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
    for (auto& channel : channels_) channel.subscription->go_on();
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

void Conversation::refuse(std::string_view code, std::string_view why, About about, bool retryable) {
    if (about.id) ++parts_.published.refused;
    outbox_.push(json::encode(ws::Error{.code = std::string{code},
                                        .message = std::string{why},
                                        .id = std::move(about.id),
                                        .channel = std::move(about.channel),
                                        .retryable = retryable}));
}

/// As the route refused it.
void Conversation::refuse(const Response& response, About about) {
    const auto problem = json::decode<http::Problem>(response.body);
    if (!problem) return refuse("internal_error", "Something went wrong on our side.", std::move(about), true);
    refuse(problem->error.code, problem->error.message, std::move(about), problem->error.retryable);
}

std::vector<Listening>::iterator Conversation::find(const std::optional<Channel>& channel) {
    return std::ranges::find_if(channels_, [&](const auto& one) { return one.subscription->channel() == channel; });
}

}  // namespace kiroku::gateway::realtime
