// infra/kiroku/up_report.cpp: prefixes, colours and the first steps.
#include "infra/kiroku/up_report.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include "infra/runtime/log.hpp"

namespace kiroku::up {
namespace {

constexpr int name_width = 8;

/// A terminal colour (31 to 36, bright ones too) that stays the same for a name.
int colour_of(const std::string& process) {
    constexpr std::array colours{36, 32, 33, 35, 34, 96, 92, 95};
    unsigned sum = 0;
    for (const char c : process) sum = sum * 31 + static_cast<unsigned char>(c);
    return colours[sum % colours.size()];
}

}  // namespace

MergedLog::MergedLog()
    : text_{runtime::logs_text()},
      coloured_{text_ && ::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr} {}

void MergedLog::line(const std::string& process, std::string_view text) const {
    if (coloured_) {
        fmt::print(stderr, "\033[{}m{:<{}} |\033[0m {}\n", colour_of(process), process, name_width, text);
    } else if (text_) {
        fmt::print(stderr, "{:<{}} | {}\n", process, name_width, text);
    } else if (text.starts_with('{')) {
        fmt::print(stderr, "{}\n", text);
    } else {
        fmt::print(stderr, "{}\n", runtime::json_line(runtime::timestamp_now(), "info", process, 0, text));
    }
}

std::string shell_quoted(std::string_view text) {
    std::string quoted{"'"};
    for (const char c : text) quoted += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return quoted + "'";
}

std::string first_steps(const std::string& url, const std::string& curl, const std::string& env_file, double seconds) {
    return fmt::format(R"text(
Kiroku is ready after {seconds:.1f} s: {url}

Try, in another terminal:
  {curl} {url}/auth/register -H 'Content-Type: application/json' -H 'Idempotency-Key: mika-1' -d '{{"email":"mika@example.org","password":"a long pass phrase","displayName":"Mika","timezone":"Europe/Berlin"}}'
  TOKEN=$({curl} {url}/auth/login -H 'Content-Type: application/json' -H 'Idempotency-Key: mika-2' -d '{{"email":"mika@example.org","password":"a long pass phrase"}}' | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')
  {curl} {url}/challenges -H "Authorization: Bearer $TOKEN"

`source {env}` lets every verb of kiroku, and psql "$KIROKU_POSTGRES", find what runs here.
infra/demo lets 50 learners live through 30 days; it needs a wider window for what happened offline (48 h by default):
  KIROKU_OCCURRED_WITHIN_HOURS=800 infra/up        then        source {env}; infra/demo
Ctrl-C stops everything; nothing is lost.
)text",
                       fmt::arg("url", url), fmt::arg("curl", curl), fmt::arg("env", env_file),
                       fmt::arg("seconds", seconds));
}

}  // namespace kiroku::up
