#include "infra/replay/fields.hpp"

#include <fmt/format.h>

#include "schemas/core/time.hpp"

namespace kiroku::replay {
namespace {

using simdjson::dom::element_type;

Value text_or_null(std::string_view text) { return text.empty() ? Value{} : Value{text}; }

/// False: there is nothing of that name, or in that place.
bool go_in(simdjson::dom::element& into, const Step& step) {
    if (const auto* name = std::get_if<std::string>(&step)) {
        simdjson::dom::object object;
        return into.get_object().get(object) == simdjson::SUCCESS &&
               object.at_key(*name).get(into) == simdjson::SUCCESS;
    }
    simdjson::dom::array array;
    return into.get_array().get(array) == simdjson::SUCCESS &&
           array.at(std::get<std::size_t>(step)).get(into) == simdjson::SUCCESS;
}

struct Append {
    std::string& out;
    void operator()(std::monostate) const {}
    void operator()(bool truth) const { out += truth ? "true" : "false"; }
    void operator()(std::int64_t number) const { fmt::format_to(std::back_inserter(out), "{}", number); }
    void operator()(double number) const { fmt::format_to(std::back_inserter(out), "{}", number); }
    void operator()(std::string_view text) const { out += text; }
    void operator()(Nested nested) const { out += simdjson::minify(nested); }
};

}  // namespace

Value value_of(Nested element) {
    switch (element.type()) {
        case element_type::STRING: return element.get_string().value_unsafe();
        case element_type::BOOL: return element.get_bool().value_unsafe();
        case element_type::INT64: return element.get_int64().value_unsafe();
        case element_type::UINT64: return static_cast<double>(element.get_uint64().value_unsafe());
        case element_type::DOUBLE: return element.get_double().value_unsafe();
        case element_type::NULL_VALUE: return {};
        case element_type::ARRAY:
        case element_type::OBJECT: return element;
    }
    return {};
}

Value Fields::value(const Path& path) {
    return path.attribute == Attribute::data ? in_data(path) : attribute(path.attribute);
}

void Fields::append_text(const Path& path, std::string& out) {
    if (path.attribute == Attribute::data && path.steps.empty()) {
        out += event_->envelope.data;
    } else {
        std::visit(Append{out}, value(path));
    }
}

Value Fields::in_data(const Path& path) {
    if (!parsed_) {
        parsed_ = true;
        const auto json = event_->envelope.data;
        Nested root;
        const bool readable = parser_.parse(json.data(), json.size()).get(root) == simdjson::SUCCESS;
        data_ = readable ? value_of(root) : Value{};
    }
    const auto* root = std::get_if<Nested>(&data_);
    if (root == nullptr || path.steps.empty()) return data_;
    auto at = *root;
    for (const auto& step : path.steps)
        if (!go_in(at, step)) return {};
    return value_of(at);
}

Value Fields::attribute(Attribute attribute) {
    const auto& envelope = event_->envelope;
    const auto written = [&](std::string text) {
        return std::string_view{written_[static_cast<std::size_t>(attribute)] = std::move(text)};
    };
    switch (attribute) {
        case Attribute::id: return written(to_string(envelope.id));
        case Attribute::type: return envelope.type;
        case Attribute::subject: return envelope.subject;
        case Attribute::time: return written(to_string(envelope.time));
        case Attribute::actor: return text_or_null(envelope.actor);
        case Attribute::organization: return text_or_null(envelope.organization);
        case Attribute::correlationid: return text_or_null(envelope.correlation);
        case Attribute::causationid: return text_or_null(envelope.causation);
        case Attribute::commandid: return written(to_string(envelope.command));
        case Attribute::commandoffset: return envelope.command_offset.value;
        case Attribute::aggregateversion: return envelope.version.value;
        case Attribute::traceparent: return text_or_null(envelope.traceparent);
        case Attribute::term: return envelope.place.term.value;
        case Attribute::sequence: return envelope.place.sequence.value;
        case Attribute::part: return std::int64_t{envelope.place.part};
        case Attribute::parts: return std::int64_t{envelope.place.parts};
        case Attribute::aggregate: return envelope.aggregate_name();
        case Attribute::aggregateid: return envelope.subject.substr(envelope.subject.find('/') + 1);
        case Attribute::context: return std::string_view{event_->partition.context};
        case Attribute::partition: return std::int64_t{event_->partition.number};
        case Attribute::offset: return event_->offset.value;
        case Attribute::position:
            return written(
                fmt::format("{}/{}@{}", event_->partition.context, event_->partition.number, event_->offset.value));
        case Attribute::data: break;
    }
    return {};
}

}  // namespace kiroku::replay
