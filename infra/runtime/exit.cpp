// infra/runtime/exit.cpp: the exit codes in words.
#include "infra/runtime/exit.hpp"

#include <fmt/format.h>

#include <array>

namespace kiroku::runtime {

std::string_view meaning(Exit exit) {
    switch (exit) {
        case Exit::ok: return "all is well";
        case Exit::check_failed: return "it ran, and what it checked is not as it should be";
        case Exit::usage: return "the command line makes no sense";
        case Exit::config: return "a setting, a port, a folder or an installed program is wrong or missing";
        case Exit::broker_unreachable: return "no Kafka broker answers";
        case Exit::database_unreachable: return "no PostgreSQL server answers";
        case Exit::data_refused: return "what is stored can't be trusted: corrupt, foreign or from another version";
        case Exit::bug: return "an error that nobody foresaw: please report it";
    }
    return "unknown";
}

std::string exit_code_table() {
    constexpr std::array all{Exit::ok,
                             Exit::check_failed,
                             Exit::usage,
                             Exit::config,
                             Exit::broker_unreachable,
                             Exit::database_unreachable,
                             Exit::data_refused,
                             Exit::bug};
    std::string table = "Exit codes:\n";
    for (const Exit exit : all) table += fmt::format("  {:<3} {}\n", static_cast<int>(exit), meaning(exit));
    return table;
}

}  // namespace kiroku::runtime
