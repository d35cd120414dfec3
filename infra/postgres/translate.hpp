// infra/postgres/translate.hpp: libpqxx's exceptions as ours; for this folder only.
#pragma once

#include <string>
#include <string_view>

#include "infra/postgres/error.hpp"

namespace kiroku::postgres {

/// Without the details and the context, which quote rows: messages go to logs.
std::string one_line(std::string_view message);

/// What a statement's failure means by its SQLSTATE.
[[noreturn]] void throw_by_state(std::string_view state, const std::string& message);

/// Within a catch block: throws what the exception in flight means. `doing` completes "while …".
[[noreturn]] void translate(const std::string& doing);

/// `action()`, with libpqxx's exceptions translated.
template <class Action>
auto translated(const char* doing, Action action) -> decltype(action()) {
    try {
        return action();
    } catch (...) {
        translate(doing);
    }
}

}  // namespace kiroku::postgres
