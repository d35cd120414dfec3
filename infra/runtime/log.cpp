// infra/runtime/log.cpp: spdlog does the writing; the JSON line is made here, because spdlog's pattern can't escape.
#include "infra/runtime/log.hpp"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <memory>

namespace kiroku::runtime {
namespace {

constexpr const char* text_pattern = "%H:%M:%S.%e %^%-7l%$ %v";
constexpr const char* text_name = "text";  // the logger of a process that logs text is called so

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

/// RFC 3339 in UTC with milliseconds.
std::string timestamp(std::chrono::system_clock::time_point at) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count() % 1000;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                       utc.tm_hour, utc.tm_min, utc.tm_sec, ms);
}

/// Control characters, quotes and backslashes are escaped; the rest is taken to be UTF-8.
void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
}

class JsonLines : public spdlog::formatter {
public:
    explicit JsonLines(std::string process) : process_{std::move(process)} {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const auto level = spdlog::level::to_string_view(message.level);
        const auto line = json_line(timestamp(message.time), {level.data(), level.size()}, process_, ::getpid(),
                                    {message.payload.data(), message.payload.size()});
        out.append(line.data(), line.data() + line.size());
        out.push_back('\n');
    }

    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonLines>(process_); }

private:
    std::string process_;
};

}  // namespace

void start_log(const std::string& process, LogLevel level, LogFormat format) {
    const bool text = format == LogFormat::text || (format == LogFormat::automatic && ::isatty(STDERR_FILENO) == 1);
    auto logger = std::make_shared<spdlog::logger>(text ? text_name : process,
                                                   std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>());
    if (text) {
        logger->set_pattern(text_pattern);
    } else {
        logger->set_formatter(std::make_unique<JsonLines>(process));
    }
    logger->set_level(to_spdlog(level));
    logger->flush_on(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
}

bool logs_text() noexcept { return spdlog::default_logger_raw()->name() == text_name; }

std::string timestamp_now() { return timestamp(std::chrono::system_clock::now()); }

std::string json_line(std::string_view at, std::string_view level, std::string_view process, int pid,
                      std::string_view text) {
    std::string line =
        fmt::format(R"({{"at":"{}","level":"{}","process":"{}","pid":{},"message":")", at, level, process, pid);
    append_escaped(line, text);
    return line + "\"}";
}

}  // namespace kiroku::runtime
