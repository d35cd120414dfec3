// infra/runtime/log.hpp: what a process tells its operator, as text for a terminal and as JSON lines for machines.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace kiroku::log {

enum class Level { debug, info, warn, error };
enum class Format { automatic, text, json };  ///< automatic: text if standard error is a terminal, else JSON lines

/// How this process logs. Call once, in `main`, before the first line; until then only warnings go out, as text.
void start(const std::string& process, Level, Format);

/// Whether this process logs text rather than JSON lines.
bool is_text() noexcept;

/// Writes a line to standard error. Thread-safe. Never put personal data, keys or tokens into it: name people by id.
void write(Level, std::string_view text);
bool enabled(Level) noexcept;

template <class... Args>
void debug(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::debug)) write(Level::debug, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::info)) write(Level::info, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::warn)) write(Level::warn, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::error)) write(Level::error, fmt::format(text, std::forward<Args>(args)...));
}

/// The present as RFC 3339 in UTC with milliseconds.
std::string now();

/// A JSON line of the log: `{"at":…,"level":…,"process":…,"pid":…,"message":…}`;
/// for lines that come from elsewhere.
std::string json_line(std::string_view at, Level, std::string_view process, int pid, std::string_view text);

}  // namespace kiroku::log
