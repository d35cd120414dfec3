#include "infra/log/envelope.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "infra/log/json_line.hpp"

namespace kiroku::log {
namespace {

constexpr std::size_t usual_attributes_bytes = 1'000;  // of an event, beside its data: so that its text grows once

bool read_subject(Envelope& event, std::string_view subject) {
    const auto slash = subject.find('/');
    event.subject = subject;
    return slash != std::string_view::npos && read_uuid(subject.substr(slash + 1), event.aggregate);
}

bool read_time(Envelope& event, std::string_view text) {
    const auto time = parse_instant(text);
    if (time) event.time = *time;
    return time.has_value();
}

bool pass_over(Envelope&, std::string_view) { return true; }  // for others to read

template <auto Member>
bool take_text(Envelope& event, std::string_view text) {
    event.*Member = text;
    return true;
}

struct Reader {
    std::string_view name;
    bool (*read)(Envelope&, std::string_view);
};

// All that write_envelope gives, in its order, so that the search for a name usually ends at its first step.
constexpr std::array readers{
    Reader{"specversion", [](Envelope&, std::string_view version) { return version == "1.0"; }},
    Reader{"id", [](Envelope& e, std::string_view text) { return read_uuid(text, e.id.value); }},
    Reader{"source", pass_over},
    Reader{"type", take_text<&Envelope::type>},
    Reader{"subject", read_subject},
    Reader{"partitionkey", pass_over},
    Reader{"time", read_time},
    Reader{"datacontenttype", pass_over},
    Reader{"dataschema", pass_over},
    Reader{"term", [](Envelope& e, std::string_view text) { return read_number(text, e.place.term.value); }},
    Reader{"sequence", [](Envelope& e, std::string_view text) { return read_number(text, e.place.sequence.value); }},
    Reader{"part", [](Envelope& e, std::string_view text) { return read_number(text, e.place.part); }},
    Reader{"parts", [](Envelope& e, std::string_view text) { return read_number(text, e.place.parts); }},
    Reader{"aggregateversion", [](Envelope& e, std::string_view text) { return read_number(text, e.version.value); }},
    Reader{"commandid", [](Envelope& e, std::string_view text) { return read_uuid(text, e.command.value); }},
    Reader{"commandhash", take_text<&Envelope::command_hash>},
    Reader{"commandoffset",
           [](Envelope& e, std::string_view text) { return read_number(text, e.command_offset.value); }},
    Reader{"correlationid", take_text<&Envelope::correlation>},
    Reader{"causationid", take_text<&Envelope::causation>},
    Reader{"actor", take_text<&Envelope::actor>},
    Reader{"organization", take_text<&Envelope::organization>},
    Reader{"traceparent", take_text<&Envelope::traceparent>},
    Reader{"personalkeys", take_text<&Envelope::personal_keys>},
    Reader{"data", take_text<&Envelope::data>},
};

const Reader* reader_of(std::string_view name, std::size_t& expected) {
    for (std::size_t tried = 0; tried < readers.size(); ++tried) {
        const auto& reader = readers[(expected + tried) % readers.size()];
        if (reader.name != name) continue;
        expected = (expected + tried + 1) % readers.size();
        return &reader;
    }
    return nullptr;
}

std::string missing_in(const Envelope& event) {
    if (event.type.empty()) return "it has no type";
    if (event.data.empty()) return "it has no data";
    if (event.is_fence()) return event.type.ends_with(".fence.v1") ? "" : "an event without a subject";
    if (event.place.sequence.value < 1 || event.place.part < 1 || event.version.value < 1)
        return "it has no place in the log";
    return "";
}

void write_head(const Uuid& id, std::string_view type, std::string& out) {
    out += R"({"specversion":"1.0")";
    attribute(out, "id", id);
    out += R"(,"source":"/kiroku/)";
    out += type.substr(0, type.find('.'));
    out += '"';
    attribute(out, "type", type);
}

}  // namespace

std::expected<Envelope, std::string> read_envelope(std::string_view json) {
    const auto attributes = attributes_of(json);
    if (!attributes) return std::unexpected(attributes.error());
    Envelope event;
    std::size_t expected = 0;
    for (const auto& [name, value] : *attributes) {
        const auto* reader = reader_of(name, expected);
        if (reader != nullptr && !reader->read(event, value))
            return std::unexpected(fmt::format("{} is {}", name, value));
    }
    if (auto missing = missing_in(event); !missing.empty()) return std::unexpected(std::move(missing));
    return event;
}

Envelope moved_to(Envelope event, std::string_view text, std::string_view copy) {
    for (auto* view : {&event.type, &event.subject, &event.command_hash, &event.correlation, &event.causation,
                       &event.actor, &event.organization, &event.traceparent, &event.personal_keys, &event.data}) {
        if (!view->empty()) *view = copy.substr(static_cast<std::size_t>(view->data() - text.data()), view->size());
    }
    return event;
}

void write_envelope(const Envelope& event, std::string& out) {
    out.reserve(out.size() + usual_attributes_bytes + event.data.size());
    write_head(event.id.value, event.type, out);
    attribute(out, "subject", event.subject);
    attribute(out, "partitionkey", event.subject.substr(event.subject.find('/') + 1));
    attribute(out, "time", event.time);
    attribute(out, "datacontenttype", "application/json");
    out += ",\"dataschema\":\"urn:kiroku:schema:";
    out += event.type;
    out += '"';
    attribute(out, "term", event.place.term.value);
    attribute(out, "sequence", event.place.sequence.value);
    fmt::format_to(std::back_inserter(out), ",\"part\":{},\"parts\":{}", event.place.part, event.place.parts);
    attribute(out, "aggregateversion", event.version.value);
    attribute(out, "commandid", event.command.value);
    attribute(out, "commandhash", event.command_hash);
    attribute(out, "commandoffset", event.command_offset.value);
    attribute(out, "correlationid", event.correlation);
    attribute(out, "causationid", event.causation);
    attribute(out, "actor", event.actor);
    attribute(out, "organization", event.organization);
    attribute(out, "traceparent", event.traceparent);
    attribute(out, "personalkeys", event.personal_keys);
    out += ",\"data\":";
    out += event.data;
    out += '}';
}

std::string fence_record(std::string_view context, std::string_view owner, Instant now, Offset commands) {
    std::string out;
    write_head(random_uuid_v7(), fmt::format("{}.fence.v1", context), out);
    attribute(out, "time", now);
    attribute(out, "datacontenttype", "application/json");
    attribute(out, "commandoffset", commands.value);
    out += fmt::format(R"(,"data":{{"owner":"{}"}}}})", owner);
    return out;
}

}  // namespace kiroku::log
