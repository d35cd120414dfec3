// infra/postgres/translate.hpp: libpqxx's exceptions as ours; for this folder only.
#pragma once

#include <string>

#include "infra/postgres/error.hpp"

namespace kiroku::postgres {

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
