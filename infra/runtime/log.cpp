// infra/runtime/log.cpp: spdlog does the writing; the JSON line is made here, because spdlog's pattern can't escape.
#include "infra/runtime/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <memory>

namespace kiroku::log {
namespace {

constexpr const char* text_pattern = "%H:%M:%S.%e %^%-7l%$ %v";

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug: return spdlog::level::debug;
        case Level::info: return spdlog::level::info;
        case Level::warn: return spdlog::level::warn;
        case Level::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

Level from_spdlog(spdlog::level::level_enum level) {
    if (level <= spdlog::level::debug) return Level::debug;
    if (level == spdlog::level::info) return Level::info;
    return level == spdlog::level::warn ? Level::warn : Level::error;
}

std::string_view word(Level level) {
    constexpr std::string_view words[]{"debug", "info", "warn", "error"};
    return words[static_cast<int>(level)];
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

/// Other bytes below 0x20, quotes and backslashes are escaped; the rest is taken to be UTF-8.
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
        const std::string_view text{message.payload.data(), message.payload.size()};
        const auto line = json_line(timestamp(message.time), from_spdlog(message.level), process_, ::getpid(), text);
        out.append(line.data(), line.data() + line.size());
        out.push_back('\n');
    }

    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonLines>(process_); }

private:
    std::string process_;
};

std::shared_ptr<spdlog::logger> make_logger(const std::string& process) {
    return std::make_shared<spdlog::logger>(process, std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>());
}

/// The process has one log; until `start` it is a quiet one.
struct Process {
    std::shared_ptr<spdlog::logger> logger;
    bool text = true;
};

Process& current() {
    static Process process = [] {
        Process quiet{make_logger("kiroku")};
        quiet.logger->set_pattern(text_pattern);
        quiet.logger->set_level(spdlog::level::warn);
        return quiet;
    }();
    return process;
}

}  // namespace

void start(const std::string& process, Level level, Format format) {
    auto started = make_logger(process);
    const bool text = format == Format::text || (format == Format::automatic && ::isatty(STDERR_FILENO) == 1);
    if (text) {
        started->set_pattern(text_pattern);
    } else {
        started->set_formatter(std::make_unique<JsonLines>(process));
    }
    started->set_level(to_spdlog(level));
    started->flush_on(spdlog::level::debug);
    current() = {std::move(started), text};
}

bool is_text() noexcept { return current().text; }

bool enabled(Level level) noexcept { return current().logger->should_log(to_spdlog(level)); }

void write(Level level, std::string_view text) {
    current().logger->log(to_spdlog(level), spdlog::string_view_t{text.data(), text.size()});
}

std::string now() { return timestamp(std::chrono::system_clock::now()); }

std::string json_line(std::string_view at, Level level, std::string_view process, int pid, std::string_view text) {
    std::string line =
        fmt::format(R"({{"at":"{}","level":"{}","process":"{}","pid":{},"message":")", at, word(level), process, pid);
    append_escaped(line, text);
    return line + "\"}";
}

}  // namespace kiroku::log
