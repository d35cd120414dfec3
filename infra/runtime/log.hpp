// infra/runtime/log.hpp: what a process tells its operator: text for a terminal, JSON lines for machines.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace kiroku::runtime {

enum class LogLevel { debug, info, warning, error, critical };
enum class LogFormat { automatic, text, json };  ///< automatic: text if standard error is a terminal, else JSON lines

/// Sets up spdlog's default logger, through which everything logs (`spdlog::info("{} partitions", n)`), to write to
/// standard error. Call once, in `main`. Never log personal data, keys or tokens: name people by id. Whatever is
/// logged stays one line: control characters are escaped.
void start_log(const std::string& process, LogLevel, LogFormat);

/// Which request a line is about. Said with the line: coroutines share a thread.
struct About {
    std::string request;  ///< its id; may be empty
    std::string trace;    ///< the W3C trace's id; may be empty
};

/// Whether a line of this level is written.
bool logs(LogLevel) noexcept;

/// A line with its request: in JSON as the members `request` and `trace`, in text behind the message.
void log(LogLevel, const About&, std::string_view message);

template <class First, class... Rest>
void log(LogLevel level, const About& about, fmt::format_string<First, Rest...> format, First&& first, Rest&&... rest) {
    if (logs(level)) log(level, about, fmt::format(format, std::forward<First>(first), std::forward<Rest>(rest)...));
}

/// Whether this process logs text rather than JSON lines.
bool logs_text() noexcept;

/// The present as RFC 3339 in UTC with milliseconds.
std::string timestamp_now();

/// A line of the JSON log: `{"at":…,"level":…,"process":…,"pid":…,"request":…,"trace":…,"message":…}`, for lines that
/// come from elsewhere; without what it isn't about. Bytes that aren't UTF-8 are shown as question marks.
std::string json_line(std::string_view at, std::string_view level, std::string_view process, int pid,
                      std::string_view text, const About& about = {});

/// As in a line of text: one line, whatever it holds.
std::string one_line(std::string_view text);

}  // namespace kiroku::runtime
