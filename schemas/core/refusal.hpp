// schemas/core/refusal.hpp: how a "no" is told to the one who asked.
#pragma once

#include <string_view>

namespace kiroku {

/// One line of a context's refusals.json.
struct RefusalEntry {
    std::string_view code;     ///< stable, for programs: `email_taken`
    int status;                ///< the HTTP status it is answered with
    std::string_view message;  ///< a sentence for people, without anything internal
    bool retryable;            ///< true: the same request may succeed later
};

}  // namespace kiroku
