#include "infra/kiroku/progress_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace kiroku {

void ProgressLine::show(std::uint64_t done, std::uint64_t all) {
    if (::isatty(STDERR_FILENO) != 1) return;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    const double left = rate > 0 ? static_cast<double>(all - done) / rate : 0;
    fmt::print(stderr, "\r\033[K{}: {} of {} records, {:.0f}/s, {:.0f} s left", verb_, done, all, rate, left);
    std::fflush(stderr);
    begun_writing_ = true;
}

void ProgressLine::finish(const char* how) {
    if (!begun_writing_) return;
    std::fputs(how, stderr);
    std::fflush(stderr);
    begun_writing_ = false;
}

}  // namespace kiroku
