// gateway/realtime/routes.cpp: what happens, for those who can't do WebSocket.
#include "gateway/realtime/routes.hpp"

#include <algorithm>

#include "gateway/challenges/handlers.hpp"
#include "gateway/realtime/realtime.hpp"
#include "gateway/realtime/server_sent.hpp"
#include "gateway/services.hpp"

namespace kiroku::gateway {
namespace {

using realtime::Channel;

constexpr std::size_t most_channels = 4;

Problem bad_channel(std::string_view problem) {
    return {CoreRefusal::invalid_parameter, culprit("parameter", "channel", problem)};
}

std::expected<std::vector<Channel>, Problem> read_channels(const Request& request) {
    std::vector<Channel> channels;
    const std::string names = request.text("channel", "me");
    for (std::size_t begin = 0; begin <= names.size();) {
        const auto end = std::min(names.find(',', begin), names.size());
        const auto channel = realtime::channel_of(names.substr(begin, end - begin), request.user().user);
        begin = end + 1;
        if (!channel) return std::unexpected(bad_channel("names a channel that there isn't"));
        if (!allows(request.user().roles, permission_for(*channel))) return std::unexpected(CoreRefusal::forbidden);
        if (std::ranges::find(channels, *channel) != channels.end())
            return std::unexpected(bad_channel("names a channel twice"));
        channels.push_back(*channel);
        if (channels.size() > most_channels) return std::unexpected(bad_channel("names too many channels"));
    }
    return channels;
}

/// A challenge that there isn't, or not for this caller, is refused as GET refuses it.
Task<std::optional<Problem>> look_up(Request request, std::vector<Channel> channels, Services services) {
    for (const auto& channel : channels) {
        if (channel.kind != Channel::Kind::challenge) continue;
        auto answer = co_await one_challenge(request, channel.challenge, services);
        if (auto* problem = std::get_if<Problem>(&answer)) co_return std::move(*problem);
    }
    co_return std::nullopt;
}
/// Each event is a message of the WebSocket's; the last one is `close` (schemas/ws/close.v1.json).
Task<Answer> stream_live(Request request, Services services) {
    auto channels = read_channels(request);
    if (!channels) co_return std::move(channels.error());
    auto problem = co_await look_up(request, *channels, services);
    if (problem) co_return std::move(*problem);
    Response response{.content_type = realtime::event_stream_type};
    response.headers.emplace_back("X-Accel-Buffering", "no");  // nginx passes events on as they come
    if (request.method == Method::head) {
        response.stream = std::make_shared<NoBody>();
        co_return response;
    }
    const Caller& caller = request.user();
    auto stream =
        services.realtime.stream({.user = caller.user,
                                  .session = caller.session,
                                  .until = caller.expires + services.tokens.settings().leeway,
                                  .channels = std::move(*channels),
                                  .last_event_id = std::string{request.fields.find("last-event-id").value_or("")}});
    if (!stream) co_return std::move(stream.error());
    response.stream = std::move(*stream);
    co_return response;
}

}  // namespace

void add_realtime_routes(Router& router) {
    router.about("realtime");
    router.get("/events/stream", Permission::own_account, stream_live)
        .called("streamLive", "What happens, as server-sent events; `Last-Event-ID` goes on where one left off.")
        .query({text("channel", 400,
                     "me, leaderboard:global or challenge:<id>, or several with "
                     "commas; me if not given")})
        .counts_as(RateClass::stream)
        .refuses(CoreRefusal::too_many_requests, CoreRefusal::unavailable, challenges::Refusal::challenge_not_found)
        .gives_media(200, realtime::event_stream_type);
}

}  // namespace kiroku::gateway
