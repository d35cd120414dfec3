// gateway/contract/asyncapi.cpp: the WebSocket and the Kafka topics in AsyncAPI 3.0, from the schemas.
#include "gateway/contract/asyncapi.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "gateway/contract/components.hpp"
#include "gateway/contract/json_text.hpp"
#include "gateway/contract/openapi.hpp"
#include "infra/log/command.hpp"
#include "infra/log/topics.hpp"

namespace kiroku::gateway::contract {
namespace {

using Names = std::set<std::string, std::less<>>;
using schemas::Component;

constexpr std::string_view introduction =
    R"(What happens, told as it happens: to clients over the WebSocket, to services over Kafka topics.

Records of the topics are CloudEvents 1.0 in structured mode, keyed by the aggregate's id, so that all of an aggregate lies in one
partition, in order. Not every record counts: see `term`, `sequence` and infra/decisions; `kiroku events` shows those that do.)";

constexpr std::string_view websocket_description =
    R"(Say `authenticate` first, within 10 s. Then `subscribe` to `me` (what happens to me), `leaderboard:global` or
`challenge:<id>` (who practises it now), with the `position` that was told last as `since`: `recovered` says whether nothing was
missed. `publish` is answered by `ack`, or by `error` with its id. Closed with 1008: too many messages; 1012:
restart, come back; 1013: read too slowly, come back; 4400: bad message; 4401: get a new token; 4403: log in again; 4406: ask for
kiroku.v1.json; 4408: no `authenticate` in time.)";

constexpr std::string_view stream_description =
    R"(`GET`, with an access token and `channel`. Each event is named by its `type` and holds the message; its `id`, sent back as
`Last-Event-ID`, is where to go on. The last one is `close`, with the WebSocket's codes.)";

constexpr std::string_view signals_description =
    "Who is there and who is typing, from gateway to gateway. Nothing of the "
    "log: what is lost is made up for in seconds.";

constexpr auto streamed = std::to_array<std::string_view>(
    {"ws/subscribed.v1", "ws/event.v1", "ws/position.v1", "ws/presence.v1", "ws/presence_changed.v1", "ws/typing.v1"});

constexpr std::string_view servers = R"({
"http":{"host":"localhost:8080","protocol":"http","description":"A gateway; https behind whatever ends TLS.",
"security":[{"$ref":"#/components/securitySchemes/accessToken"}]},
"gateway":{"host":"localhost:8080","protocol":"ws","description":"A gateway; wss behind whatever ends TLS.",
"security":[{"$ref":"#/components/securitySchemes/accessToken"}]},
"broker":{"host":"localhost:9092","protocol":"kafka","description":"KIROKU_KAFKA names the brokers."}})";

constexpr std::string_view security_schemes =
    R"({"accessToken":{"type":"http","scheme":"bearer","bearerFormat":"JWT","description":"In `authenticate`."}})";

/// What the channel `me` tells: an event without what only the log needs.
constexpr std::string_view own_event =
    R"({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"type":{"type":"string"},)"
    R"("subject":{"type":"string"},"time":{"type":"string","format":"date-time"},"traceparent":{"type":"string",)"
    R"("pattern":"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$","description":"W3C Trace Context, as the stored )"
    R"(event has it: the trace of the request that led to it"},"data":{"type":"object"}},)"
    R"("required":["id","type","subject","time","data"]})";

constexpr std::string_view websocket_bindings =
    R"({"ws":{"method":"GET","headers":{"type":"object","properties":{"Sec-WebSocket-Protocol":{"type":"string",)"
    R"("const":"kiroku.v1.json"}},"required":["Sec-WebSocket-Protocol"]},"bindingVersion":"0.1.0"}})";

constexpr std::string_view record_bindings =
    R"({"kafka":{"key":{"type":"string","format":"uuid","description":"the aggregate's id"},"bindingVersion":"0.5.0"}})";

/// What the document is put together from while its channels are told.
struct Draft {
    Object channels{};
    Object operations{};
    Object messages{};
    Names used{};
};

std::vector<const Component*> messages_where(auto matches) {
    std::vector<const Component*> found;
    for (const auto& component : schemas::components()) {
        if (matches(component)) found.push_back(&component);
    }
    return found;
}

/// WebSocket messages, by who says them.
std::vector<const Component*> of_union(std::string_view name) {
    return messages_where([&](const Component& one) { return one.kind == "ws" && one.union_name == name; });
}

/// The envelope, with this type and data within.
std::string record(const Component& component, std::string_view envelope, Names& used) {
    const std::string value = Object{}
                                  .json("allOf", array_of({schema_ref(component.type, used)}))
                                  .json("examples", array_of({std::string{component.example}}))
                                  .done();
    const std::string type = Object{}.text("type", "string").text("const", component.type).done();
    const std::string members = Object{}.json("type", type).json("data", value).done();
    const std::string narrowed =
        Object{}.json("properties", members).json("required", R"(["subject","partitionkey"])").done();
    return Object{}.json("allOf", array_of({schema_ref(envelope, used), narrowed})).done();
}

void add_record(Draft& draft, const Component& component, std::string_view envelope) {
    draft.messages.json(component.name, Object{}
                                            .text("name", component.type)
                                            .text("title", component.type)
                                            .text("summary", component.description)
                                            .text("contentType", "application/cloudevents+json")
                                            .json("tags", array_of({Object{}.text("name", component.aggregate).done()}))
                                            .json("bindings", record_bindings)
                                            .json("payload", record(component, envelope, draft.used))
                                            .done());
}

/// A message whose member is one of these.
std::string narrowed_frame(const Component& component, std::string_view member, const std::vector<std::string>& held,
                           Names& used) {
    const std::string any = Object{}.json("anyOf", array_of(held)).done();
    const std::string narrowed = Object{}.json("properties", Object{}.json(member, any).done()).done();
    return Object{}.json("allOf", array_of({schema_ref(component.type, used), narrowed})).done();
}

/// What clients may publish.
std::vector<std::string> published(Names& used) {
    std::vector<std::string> all;
    for (const auto* message : of_union("PublishedMessage")) all.push_back(schema_ref(message->type, used));
    return all;
}

/// A message; an `event` or `publish` with what it can hold.
std::string frame(const Component& component, Names& used) {
    if (component.type == "ws/publish.v1") return narrowed_frame(component, "message", published(used), used);
    if (component.type != "ws/event.v1") return schema_ref(component.type, used);
    return narrowed_frame(component, "event", {schema_ref("ws/leaderboard_item.v1", used), std::string{own_event}},
                          used);
}

void add_frame(Draft& draft, const Component& component) {
    const std::string example = Object{}.json("payload", component.example).done();
    draft.messages.json(component.name, Object{}
                                            .text("name", component.name)
                                            .text("title", component.name)
                                            .text("summary", component.description)
                                            .json("payload", frame(component, draft.used))
                                            .json("examples", array_of({example}))
                                            .done());
}

std::string messages_of_channel(const std::vector<const Component*>& messages) {
    Object all;
    for (const auto* message : messages) {
        all.json(message->name, reference_to(fmt::format("/components/messages/{}", message->name)));
    }
    return all.done();
}

void add_operation(Draft& draft, std::string_view name, std::string_view action, std::string_view channel,
                   const std::vector<const Component*>& messages, std::string_view summary) {
    std::vector<std::string> refs;
    for (const auto* message : messages) {
        refs.push_back(reference_to(fmt::format("/channels/{}/messages/{}", channel, message->name)));
    }
    draft.operations.json(name, Object{}
                                    .text("action", action)
                                    .text("summary", summary)
                                    .json("channel", reference_to(fmt::format("/channels/{}", channel)))
                                    .json("messages", array_of(refs))
                                    .done());
}

void add_websocket(Draft& draft) {
    std::vector<const Component*> all;
    for (const auto whom : {"ClientMessage", "PublishedMessage", "ServerMessage"})
        std::ranges::copy(of_union(whom), std::back_inserter(all));
    for (const auto* message : all) add_frame(draft, *message);
    draft.channels.json("websocket", Object{}
                                         .text("address", "/ws")
                                         .text("title", "kiroku.v1.json")
                                         .text("description", websocket_description)
                                         .json("servers", array_of({reference_to("/servers/gateway")}))
                                         .json("messages", messages_of_channel(all))
                                         .json("bindings", websocket_bindings)
                                         .done());
    add_operation(draft, "hearClients", "receive", "websocket", of_union("ClientMessage"), "What clients say.");
    add_operation(draft, "hearPublished", "receive", "websocket", of_union("PublishedMessage"),
                  "What `publish` holds as its `message`.");
    add_operation(draft, "tellClients", "send", "websocket", of_union("ServerMessage"), "What they are told.");
}

/// Server-sent events: what a WebSocket would tell, and how it ends.
void add_stream(Draft& draft) {
    const auto own = of_union("StreamMessage");
    for (const auto* message : own) add_frame(draft, *message);
    auto all =
        messages_where([](const Component& one) { return std::ranges::find(streamed, one.type) != streamed.end(); });
    std::ranges::copy(own, std::back_inserter(all));
    draft.channels.json("stream", Object{}
                                      .text("address", "/events/stream")
                                      .text("title", "server-sent events")
                                      .text("description", stream_description)
                                      .json("servers", array_of({reference_to("/servers/http")}))
                                      .json("messages", messages_of_channel(all))
                                      .json("bindings", "{}")
                                      .done());
    add_operation(draft, "streamToClients", "send", "stream", all, "What clients are told by server-sent events.");
}

std::string topic_bindings(std::string_view topic, std::string_view keeps) {
    return fmt::format(
        R"({{"kafka":{{"topic":{},"topicConfiguration":{{"cleanup.policy":["delete"],"retention.ms":{}}},)"
        R"("bindingVersion":"0.5.0"}}}})",
        quoted(topic), keeps);
}

/// From gateway to gateway; of nobody else's interest, but there.
void add_signals(Draft& draft) {
    const auto all = of_union("GatewaySignal");
    for (const auto* message : all) add_frame(draft, *message);
    draft.channels.json("signals", Object{}
                                       .text("address", log::signals_topic)
                                       .text("description", signals_description)
                                       .json("servers", array_of({reference_to("/servers/broker")}))
                                       .json("messages", messages_of_channel(all))
                                       .json("bindings", topic_bindings(log::signals_topic, "600000"))
                                       .done());
    add_operation(draft, "tellGateways", "send", "signals", all, "What gateways tell each other.");
}

/// A topic that holds what of a context is of this kind.
struct Topic {
    std::string name;
    std::string_view context;
    std::string_view kind;
    std::string_view envelope;
    std::string_view action;
    std::string_view keeps_ms;
    std::string_view description;
};

void add_topic(Draft& draft, const Topic& topic) {
    const auto messages =
        messages_where([&](const Component& one) { return one.kind == topic.kind && one.context == topic.context; });
    if (messages.empty()) return;
    for (const auto* message : messages) add_record(draft, *message, topic.envelope);
    draft.channels.json(topic.name, Object{}
                                        .text("address", topic.name)
                                        .text("description", topic.description)
                                        .json("servers", array_of({reference_to("/servers/broker")}))
                                        .json("messages", messages_of_channel(messages))
                                        .json("bindings", topic_bindings(topic.name, topic.keeps_ms))
                                        .done());
    const std::string name = fmt::format("{}-{}", topic.action, topic.name);
    add_operation(draft, name, topic.action, topic.name, messages, topic.description);
}

}  // namespace

std::string asyncapi(std::span<const std::string_view> contexts) {
    Draft draft;
    add_websocket(draft);
    add_stream(draft);
    add_signals(draft);
    for (const auto context : contexts) {
        add_topic(draft, {log::event_topic(context), context, "event", "core/envelope.v1", "send", "-1",
                          "What happened, for ever. Only this context's deciders write here."});
        add_topic(draft, {log::command_topic(context), context, "command", "core/command.v1", "receive", "604800000",
                          "What is asked of this context's deciders, for a week."});
    }
    const std::string components = Object{}
                                       .json("schemas", schemas_used(draft.used))
                                       .json("messages", draft.messages.done())
                                       .json("securitySchemes", security_schemes)
                                       .done();
    const std::string about =
        Object{}.text("title", "Kiroku").text("version", contract_version).text("description", introduction).done();
    return Object{}
        .text("asyncapi", "3.0.0")
        .json("info", about)
        .text("defaultContentType", "application/json")
        .json("servers", servers)
        .json("channels", draft.channels.done())
        .json("operations", draft.operations.done())
        .json("components", components)
        .done();
}

}  // namespace kiroku::gateway::contract
