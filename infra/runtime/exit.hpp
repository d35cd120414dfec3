// infra/runtime/exit.hpp: how a verb ends, and the one way to say why it can't go on.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace kiroku::runtime {

/// The program's exit codes. Documented in every `--help`; scripts depend on them.
enum class Exit : int {
    ok = 0,
    check_failed = 1,          ///< it ran, and what it checked is not as it should be
    usage = 2,                 ///< the command line makes no sense
    config = 3,                ///< a setting, a port, a folder or an installed program is wrong or missing
    broker_unreachable = 4,    ///< no Kafka broker answers
    database_unreachable = 5,  ///< no PostgreSQL server answers
    data_refused = 6,          ///< what is stored can't be trusted: corrupt, foreign or from another version
    bug = 70,                  ///< an error that nobody foresaw
};

/// What the exit code means, in a few words.
std::string_view meaning(Exit);

/// All exit codes with their meanings, a line each, for `--help`.
std::string exit_code_table();

/// Ends the verb: what happened, what the person can do about it, and the exit code. Thrown anywhere, printed once by
/// `main`. Both texts are whole sentences and hold no personal data.
class Failure : public std::runtime_error {
public:
    Failure(Exit exit, const std::string& happened, std::string remedy)
        : std::runtime_error{happened}, exit{exit}, remedy{std::move(remedy)} {}

    const Exit exit;
    const std::string remedy;  ///< may be empty
};

}  // namespace kiroku::runtime
