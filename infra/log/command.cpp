#include "infra/log/command.hpp"

#include <fmt/format.h>

#include <optional>

#include "infra/log/json_line.hpp"

namespace kiroku::log {
namespace {

std::optional<std::string_view> find(std::span<const Attribute> attributes, std::string_view name) {
    for (const auto& attribute : attributes) {
        if (attribute.name == name) return attribute.value;
    }
    return std::nullopt;
}

std::string text(std::span<const Attribute> attributes, std::string_view name) {
    return std::string{find(attributes, name).value_or("")};
}

bool uuid(std::span<const Attribute> attributes, std::string_view name, Uuid& id) {
    return read_uuid(find(attributes, name).value_or(""), id);
}

// Details come from checks of people's input: what needs an escape is shown as a question mark.
std::string plain(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) c = '?';
    }
    return out;
}

// A little more than what is written of it, so that the text doesn't grow step by step.
std::size_t room_for(const Reply& reply) {
    std::size_t room = 300 + reply.detail.size();
    for (const auto& event : reply.events) room += 200 + event.data.size();
    return room;
}

// {"type":"…","id":"…","version":"3","time":"…","data":{…}}
bool read_reply_event(std::string_view json, ReplyEvent& event) {
    const auto attributes = attributes_of(json);
    if (!attributes) return false;
    event.type = text(*attributes, "type");
    event.data = text(*attributes, "data");
    const auto time = parse_instant(find(*attributes, "time").value_or(""));
    if (time) event.time = *time;
    return time && uuid(*attributes, "id", event.id.value) &&
           read_number(find(*attributes, "version").value_or(""), event.version.value);
}

}  // namespace

std::string write_command(const CommandRecord& command) {
    std::string out = R"({"specversion":"1.0")";
    attribute(out, "id", command.delivery);
    attribute(out, "source", "/kiroku/commands");
    attribute(out, "type", command.type);
    attribute(out, "subject", fmt::format("{}/{}", command.aggregate, to_string(command.id)));
    attribute(out, "partitionkey", command.id);
    attribute(out, "datacontenttype", "application/json");
    attribute(out, "commandid", command.command.value);
    attribute(out, "commandhash", command.hash);
    attribute(out, "correlationid", command.correlation);
    attribute(out, "causationid", command.causation);
    attribute(out, "actor", command.actor);
    attribute(out, "roles", command.roles);
    attribute(out, "organization", command.organization);
    attribute(out, "traceparent", command.traceparent);
    if (command.expected) attribute(out, "expectedversion", command.expected->value);
    if (command.reply_to.wanted()) {
        out += fmt::format(",\"replyto\":{}", command.reply_to.partition);
        attribute(out, "asker", command.reply_to.asker);
        if (command.reply_to.reads_log) out += ",\"readslog\":1";
    }
    if (command.deadline != Instant{}) attribute(out, "deadline", command.deadline);
    out += ",\"data\":";
    out += command.data;
    out += '}';
    return out;
}

std::expected<CommandRecord, std::string> read_command(std::string_view json) {
    const auto attributes = attributes_of(json);
    if (!attributes) return std::unexpected(attributes.error());
    CommandRecord command;
    const auto subject = find(*attributes, "subject").value_or("");
    const auto slash = subject.find('/');
    if (slash == std::string_view::npos || !read_uuid(subject.substr(slash + 1), command.id))
        return std::unexpected("no subject");
    command.aggregate = subject.substr(0, slash);
    if (!uuid(*attributes, "id", command.delivery)) return std::unexpected("no id");
    if (!uuid(*attributes, "commandid", command.command.value)) return std::unexpected("no commandid");
    command.type = text(*attributes, "type");
    command.hash = text(*attributes, "commandhash");
    command.correlation = text(*attributes, "correlationid");
    command.causation = text(*attributes, "causationid");
    command.actor = text(*attributes, "actor");
    command.roles = text(*attributes, "roles");
    command.organization = text(*attributes, "organization");
    command.traceparent = text(*attributes, "traceparent");
    command.reply_to.asker = text(*attributes, "asker");
    command.reply_to.reads_log = find(*attributes, "readslog") == "1";
    if (const auto partition = find(*attributes, "replyto");
        partition && !read_number(*partition, command.reply_to.partition)) {
        return std::unexpected("replyto is no partition");
    }
    if (const auto expected = find(*attributes, "expectedversion")) {
        if (!read_number(*expected, command.expected.emplace().value))
            return std::unexpected("expectedversion is no number");
    }
    if (const auto deadline = find(*attributes, "deadline"))
        command.deadline = parse_instant(*deadline).value_or(Instant{});
    command.data = text(*attributes, "data");
    if (command.type.empty() || command.data.empty()) return std::unexpected("no type or no data");
    return command;
}

std::string write_reply(const Reply& reply) {
    std::string out;
    out.reserve(room_for(reply));
    out += reply.replayed ? R"({"replayed":1)" : R"({"replayed":0)";
    attribute(out, "asker", reply.asker);
    attribute(out, "delivery", reply.delivery);
    attribute(out, "commandid", reply.command.value);
    attribute(out, "refusal", reply.refusal);
    attribute(out, "detail", plain(reply.detail));
    attribute(out, "position", reply.position);
    for (const auto& event : reply.events) {
        out += R"(,"event":{"at":0)";
        attribute(out, "type", event.type);
        attribute(out, "id", event.id.value);
        attribute(out, "version", event.version.value);
        attribute(out, "time", event.time);
        out += ",\"data\":";
        out += event.data;
        out += '}';
    }
    out += '}';
    return out;
}

std::expected<Reply, std::string> read_reply(std::string_view json) {
    const auto attributes = attributes_of(json);
    if (!attributes) return std::unexpected(attributes.error());
    Reply reply;
    reply.asker = text(*attributes, "asker");
    reply.replayed = find(*attributes, "replayed") == "1";
    reply.refusal = text(*attributes, "refusal");
    reply.detail = text(*attributes, "detail");
    reply.position = text(*attributes, "position");
    if (!uuid(*attributes, "delivery", reply.delivery) || !uuid(*attributes, "commandid", reply.command.value)) {
        return std::unexpected("a reply to nothing");
    }
    std::vector<std::string_view> events;  // the next call reuses the attributes' memory
    for (const auto& [name, value] : *attributes) {
        if (name == "event") events.push_back(value);
    }
    for (const auto event : events) {
        if (!read_reply_event(event, reply.events.emplace_back())) return std::unexpected("an event in it is damaged");
    }
    return reply;
}

std::string command_topic(std::string_view context) { return fmt::format("{}.commands", context); }
std::string event_topic(std::string_view context) { return fmt::format("{}.events", context); }

}  // namespace kiroku::log
