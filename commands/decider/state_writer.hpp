// commands/decider/state_writer.hpp: what an aggregate holds as a JSON object, member by member.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schemas/core/json_writer.hpp"

namespace kiroku::commands {

/// What there is not is left out. Whoever writes generated types includes their `codec.hpp` first.
class StateWriter {
public:
    explicit StateWriter(std::string& out) : out_(out) { out_ += '{'; }
    ~StateWriter() { out_ += '}'; }
    StateWriter(const StateWriter&) = delete;
    StateWriter& operator=(const StateWriter&) = delete;

    template <class T>
    StateWriter& member(std::string_view name, const T& value) {
        if (!first_) out_ += ',';
        first_ = false;
        json::write(out_, name);
        out_ += ':';
        json::write(out_, value);
        return *this;
    }

    template <class T>
    StateWriter& member(std::string_view name, const std::optional<T>& value) {
        return value ? member(name, *value) : *this;
    }

private:
    std::string& out_;
    bool first_ = true;
};

}  // namespace kiroku::commands
