// infra/runtime/log.hpp: what a process tells its operator: text for a terminal, JSON lines for machines.
#pragma once

#include <string>
#include <string_view>

namespace kiroku::runtime {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { automatic, text, json };  ///< automatic: text if standard error is a terminal, else JSON lines

/// Sets up spdlog's default logger, through which everything logs (`spdlog::info("{} partitions", n)`), to write to
/// standard error. Call once, in `main`. Never log personal data, keys or tokens: name people by id.
void start_log(const std::string& process, LogLevel, LogFormat);

/// Whether this process logs text rather than JSON lines.
bool logs_text() noexcept;

/// The present as RFC 3339 in UTC with milliseconds.
std::string timestamp_now();

/// A line of the JSON log: `{"at":…,"level":…,"process":…,"pid":…,"message":…}`, for lines that come from elsewhere.
std::string json_line(std::string_view at, std::string_view level, std::string_view process, int pid,
                      std::string_view text);

}  // namespace kiroku::runtime
