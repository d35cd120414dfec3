#include "infra/log/json_line.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <cstring>
#include <vector>

namespace kiroku::log {
namespace {

using simdjson::ondemand::json_type;

constexpr std::size_t most_attributes = 40;

// simdjson reads a few bytes past the end, so a record is parsed in a padded copy; views are moved back to the
// original.
class PaddedCopy {
public:
    explicit PaddedCopy(std::string_view json) : json_(json) {
        const auto needed = json.size() + simdjson::SIMDJSON_PADDING;
        if (buffer().size() < needed) buffer().resize(2 * needed);
        std::memcpy(buffer().data(), json.data(), json.size());
        std::memset(buffer().data() + json.size(), 0,
                    simdjson::SIMDJSON_PADDING);  // no leftovers to complete a cut record
    }

    [[nodiscard]] simdjson::padded_string_view view() const {
        return simdjson::padded_string_view{buffer().data(), json_.size(), buffer().size()};
    }
    [[nodiscard]] std::string_view original(std::string_view copy) const {
        return json_.substr(static_cast<std::size_t>(copy.data() - buffer().data()), copy.size());
    }

private:
    static std::vector<char>& buffer() {
        thread_local std::vector<char> reused;
        return reused;
    }
    std::string_view json_;
};

struct Escaped {};

std::string_view up_to_quote(const char* text) {
    return {text, static_cast<std::size_t>(std::strchr(text, '"') - text)};
}

std::string_view text_of(simdjson::ondemand::value value) {
    switch (value.type()) {
        case json_type::object: {
            simdjson::ondemand::object object = value.get_object();
            return object.raw_json();
        }
        case json_type::array: {
            simdjson::ondemand::array array = value.get_array();
            return array.raw_json();
        }
        case json_type::string: {
            const auto text = up_to_quote(value.get_raw_json_string().value().raw());
            if (text.find('\\') != std::string_view::npos) throw Escaped{};
            return text;
        }
        default: {
            const auto token = value.raw_json_token();
            static_cast<void>(value.get_int64().value());
            return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
        }
    }
}

}  // namespace

void attribute(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += ",\"";
    out += name;
    out += "\":\"";
    out += value;
    out += '"';
}

void attribute(std::string& out, std::string_view name, std::int64_t value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    attribute(out, name, std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void attribute(std::string& out, std::string_view name, const Uuid& value) {
    std::array<char, 36> text{};
    to_chars(value, text.data());
    attribute(out, name, std::string_view{text.data(), text.size()});
}

void attribute(std::string& out, std::string_view name, Instant value) {
    out += ",\"";
    out += name;
    out += "\":\"";
    append(out, value);
    out += '"';
}

std::expected<std::span<const Attribute>, std::string> attributes_of(std::string_view json) {
    thread_local simdjson::ondemand::parser parser;
    thread_local std::array<Attribute, most_attributes> attributes;
    const PaddedCopy copy{json};
    std::size_t count = 0;
    try {
        simdjson::ondemand::document document = parser.iterate(copy.view());
        simdjson::ondemand::object object = document.get_object();
        for (auto field : object) {
            if (count == most_attributes) return std::unexpected("more attributes than a record of ours has");
            const auto name = up_to_quote(field.key().value().raw());
            attributes[count++] = {copy.original(name), copy.original(text_of(field.value()))};
        }
        if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
            return std::unexpected("something follows the object");
    } catch (const Escaped&) {
        return std::unexpected("an attribute has an escape in it");
    } catch (const simdjson::simdjson_error& error) {
        return std::unexpected(fmt::format("{}", simdjson::error_message(error.error())));
    }
    return std::span<const Attribute>{attributes.data(), count};
}

}  // namespace kiroku::log
