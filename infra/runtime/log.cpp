// infra/runtime/log.cpp: spdlog does the writing; the JSON line is made here, because spdlog's pattern can't escape.
#include "infra/runtime/log.hpp"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace kiroku::runtime {
namespace {

constexpr const char* text_pattern = "%H:%M:%S.%e %^%-7l%$ %v";
constexpr std::string_view quoted = "\"\\";
constexpr const char* text_name = "text";  // the logger of a process that logs text is called so

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::error: return spdlog::level::err;
        case LogLevel::critical: return spdlog::level::critical;
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

/// How many bytes the UTF-8 character takes that begins there; 0: none does. (RFC 3629: neither overlong nor
/// surrogate.)
std::size_t character_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return static_cast<unsigned char>(at + i < text.size() ? text[at + i] : 0);
    };
    const auto goes_on = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    if (byte(0) < 0x80) return 1;
    if (byte(0) >= 0xC2 && byte(0) < 0xE0) return goes_on(1) ? 2 : 0;
    if (byte(0) >= 0xE0 && byte(0) < 0xF0) {
        const bool wrong = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xED && byte(1) > 0x9F);
        return goes_on(1) && goes_on(2) && !wrong ? 3 : 0;
    }
    const bool wrong = (byte(0) == 0xF0 && byte(1) < 0x90) || (byte(0) == 0xF4 && byte(1) > 0x8F) || byte(0) > 0xF4;
    return byte(0) >= 0xF0 && goes_on(1) && goes_on(2) && goes_on(3) && !wrong ? 4 : 0;
}

/// C0, DEL, and C1, which some terminals obey.
bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    return character.size() == 1
               ? first < 0x20 || first == 0x7F
               : character.size() == 2 && first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

/// Control characters are escaped, and those of `also` get a backslash; what is no UTF-8 becomes a question mark.
void append_escaped(std::string& out, std::string_view text, std::string_view also) {
    for (std::size_t at = 0; at < text.size();) {
        const auto size = character_at(text, at);
        const auto character = text.substr(at, std::max<std::size_t>(size, 1));
        at += character.size();
        if (size == 0) {
            out += '?';
        } else if (is_control(character)) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(character.back()));
        } else {
            if (also.find(character[0]) != std::string_view::npos) out += '\\';
            out += character;
        }
    }
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += fmt::format(R"("{}":")", name);
    append_escaped(out, value, quoted);
    out += R"(",)";
}

// spdlog knows no fields; the place in the source, which nothing here uses, carries them to the formatters. A line is
// formatted within the call that logs it.
constexpr int carries_fields = 1;

About about_of(const spdlog::details::log_msg& message) {
    if (message.source.line != carries_fields) return {};
    return {message.source.filename, message.source.funcname};
}

class OneLine : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
        auto line = one_line({message.payload.data(), message.payload.size()});
        const auto [request, trace] = about_of(message);
        if (!request.empty()) line += fmt::format(", request {}", one_line(request));
        if (!trace.empty()) line += fmt::format(", trace {}", trace);
        out.append(line.data(), line.data() + line.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<OneLine>(); }
};

class JsonLines : public spdlog::formatter {
public:
    explicit JsonLines(std::string process) : process_{std::move(process)} {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const auto level = spdlog::level::to_string_view(message.level);
        const auto line = json_line(timestamp(message.time), {level.data(), level.size()}, process_, ::getpid(),
                                    {message.payload.data(), message.payload.size()}, about_of(message));
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
        auto formatter = std::make_unique<spdlog::pattern_formatter>();
        formatter->add_flag<OneLine>('v').set_pattern(text_pattern);
        logger->set_formatter(std::move(formatter));
    } else {
        logger->set_formatter(std::make_unique<JsonLines>(process));
    }
    logger->set_level(to_spdlog(level));
    logger->flush_on(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
}

bool logs(LogLevel level) noexcept { return spdlog::default_logger_raw()->should_log(to_spdlog(level)); }

void log(LogLevel level, const About& about, std::string_view message) {
    spdlog::default_logger_raw()->log(spdlog::source_loc{about.request.c_str(), carries_fields, about.trace.c_str()},
                                      to_spdlog(level), spdlog::string_view_t{message.data(), message.size()});
}

bool logs_text() noexcept { return spdlog::default_logger_raw()->name() == text_name; }

std::string timestamp_now() { return timestamp(std::chrono::system_clock::now()); }

std::string json_line(std::string_view at, std::string_view level, std::string_view process, int pid,
                      std::string_view text, const About& about) {
    std::string line = fmt::format(R"({{"at":"{}","level":"{}","process":"{}","pid":{},)", at, level, process, pid);
    append_member(line, "request", about.request);
    append_member(line, "trace", about.trace);
    line += R"("message":")";
    append_escaped(line, text, quoted);
    return line + "\"}";
}

std::string one_line(std::string_view text) {
    std::string line;
    append_escaped(line, text, "");
    return line;
}

}  // namespace kiroku::runtime
