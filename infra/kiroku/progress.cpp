#include "infra/kiroku/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <utility>

namespace kiroku {
namespace {

constexpr std::chrono::seconds between_lines{10};  // where there is no terminal
constexpr std::size_t most_parts = 24;             // with a line each
constexpr int wide = 30, narrow = 16;              // bars, in characters

double share(std::uint64_t done, std::uint64_t all) {
    return all == 0 ? 1 : static_cast<double>(done) / static_cast<double>(all);
}

std::string bar(double share, int width) {
    const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * width);
    return fmt::format("[{:=<{}}{:{}}]", "", full, "", static_cast<std::size_t>(width) - full);
}

}  // namespace

Progress::Progress(std::string work, std::string unit)
    : work_(std::move(work)), unit_(std::move(unit)), on_terminal_(::isatty(STDERR_FILENO) == 1) {}

void Progress::step(const std::string& what) {
    end();
    step_ = what + ' ';
    begun_ = said_ = Clock::now();
    first_ = true;
    fmt::print(stderr, "{}: {}\n", work_, what);
}

void Progress::show(const std::vector<Part>& parts) {
    std::uint64_t done = 0;
    std::uint64_t all = 0;
    for (const auto& part : parts) {
        done += part.done;
        all += part.all;
    }
    if (std::exchange(first_, false)) done_before_ = done;
    if (!on_terminal_) {
        if (Clock::now() - said_ < between_lines) return;
        said_ = Clock::now();
        fmt::print(stderr, "{}: {}{}\n", work_, step_, summary(done, all));
        return;
    }
    end();
    auto text = fmt::format("{} {}\n", bar(share(done, all), wide), summary(done, all));
    lines_ = 1;
    for (std::size_t number = 0; number < parts.size() && number < most_parts; ++number, ++lines_) {
        const auto& part = parts[number];
        if (part.name.empty()) break;
        text += fmt::format("  {:<20} {} {:>12} of {}\n", part.name, bar(share(part.done, part.all), narrow), part.done,
                            part.all);
    }
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

std::string Progress::summary(std::uint64_t done, std::uint64_t all) const {
    const double seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
    const double rate = seconds > 0 ? static_cast<double>(done - std::min(done, done_before_)) / seconds : 0;
    const double left = rate > 0 ? static_cast<double>(all - std::min(all, done)) / rate : 0;
    return fmt::format("{:.0f} %, {} of {} {}, {:.0f}/s, {:.0f} s left", 100 * share(done, all), done, all, unit_, rate,
                       left);
}

void Progress::end() {
    for (; lines_ > 0; --lines_) std::fputs("\033[1A\033[2K", stderr);
    std::fflush(stderr);
}

bool confirmed(const std::string& question, bool yes) {
    if (yes || ::isatty(STDIN_FILENO) != 1) return true;
    fmt::print(stderr, "{} [Y/n] ", question);
    std::fflush(stderr);
    std::string answer;
    if (!std::getline(std::cin, answer)) return false;
    return answer.empty() || answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace kiroku
