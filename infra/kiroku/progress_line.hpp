// infra/kiroku/progress_line.hpp: a line on a terminal that shows how far a verb is with the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace kiroku {

/// On standard error, if that is a terminal; else nothing is shown.
class ProgressLine {
public:
    explicit ProgressLine(std::string verb) : verb_(std::move(verb)) {}

    void show(std::uint64_t done, std::uint64_t all);

    /// At the end: gone without a trace, or left to be read.
    void clear() { finish("\r\033[K"); }
    void keep() { finish("\n"); }

private:
    void finish(const char* how);

    std::string verb_;
    bool begun_writing_ = false;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace kiroku
