#include "infra/replay/withheld.hpp"

#include <simdjson.h>

#include <algorithm>

#include "infra/log/envelope.hpp"
#include "infra/log/partition_reader.hpp"

namespace kiroku::replay {
namespace {

/// A value as it is written, for any kind of it.
std::string_view written(simdjson::ondemand::value value) {
    switch (value.type()) {
        case simdjson::ondemand::json_type::object: return value.get_object().value().raw_json();
        case simdjson::ondemand::json_type::array: return value.get_array().value().raw_json();
        default: break;
    }
    const std::string_view token = value.raw_json_token();
    return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

/// An object without these members.
std::string kept_of(std::string_view object, std::span<const std::string_view> members) {
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded{object};
    std::string kept = "{";
    auto document = parser.iterate(padded);
    for (auto member : document.get_object()) {
        const auto* const name_at = member.key().value().raw() - 1;
        const std::string_view name = member.unescaped_key();
        const bool is_withheld = std::ranges::find(members, name) != members.end();
        const auto value = written(member.value());
        if (is_withheld) continue;
        if (kept.size() > 1) kept += ',';
        kept.append(name_at, value.data() + value.size());
    }
    return kept + '}';
}

}  // namespace

Withheld::Withheld(std::vector<Rule> rules, std::vector<std::string_view> closed)
    : rules_(std::move(rules)), closed_(std::move(closed)) {}

const Withheld::Rule* Withheld::rule_for(std::string_view type) const {
    const auto found = std::ranges::find(rules_, type, &Rule::type);
    return found == rules_.end() ? nullptr : &*found;
}

bool Withheld::hides(std::string_view type) const {
    const auto context = type.substr(0, type.find('.'));
    return std::ranges::find(closed_, context) != closed_.end() && rule_for(type) == nullptr;
}

std::span<const std::string_view> Withheld::hidden_in(std::string_view type) const {
    const auto* rule = rule_for(type);
    return rule == nullptr ? std::span<const std::string_view>{} : std::span{rule->members};
}

std::string without(std::string_view text, std::span<const std::string_view> members) {
    const auto envelope = log::read_envelope(text);
    if (!envelope) throw log::UnreadableRecord(envelope.error());
    const auto data = static_cast<std::size_t>(envelope->data.data() - text.data());
    std::string out{text.substr(0, data)};
    out += kept_of(envelope->data, members);
    out += text.substr(data + envelope->data.size());
    return out;
}

}  // namespace kiroku::replay
