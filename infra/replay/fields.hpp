// infra/replay/fields.hpp: what an event holds, asked for by path.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "infra/replay/event.hpp"
#include "infra/replay/path.hpp"

namespace kiroku::replay {

/// An array or an object in an event's data.
using Nested = simdjson::dom::element;

/// A JSON value; what isn't there is null. Views live until the next event is looked at.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string_view, Nested>;

Value value_of(Nested element);

/// Looks at one event after the other. Its data is parsed when it is asked for first. One thread owns it.
class Fields {
public:
    void look_at(const Event& event) {
        event_ = &event;
        parsed_ = false;
    }

    /// Of the event that was looked at last, which must still be there.
    Value value(const Path& path);

    /// The same as text for a reader: texts without quotes, nothing for null, JSON for what is nested.
    void append_text(const Path& path, std::string& out);

private:
    Value attribute(Attribute attribute);
    Value in_data(const Path& path);

    const Event* event_ = nullptr;
    std::array<std::string, attributes> written_;  ///< those that the envelope doesn't hold as text
    bool parsed_ = false;
    simdjson::dom::parser parser_;
    Value data_;
};

}  // namespace kiroku::replay
