// infra/kiroku/export.cpp: kiroku export: what happened, in the words of other systems.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "gateway/xapi/statement.hpp"
#include "infra/kiroku/events_request.hpp"
#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/output_lines.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/kiroku/verb.hpp"
#include "infra/log/envelope.hpp"
#include "infra/replay/event_stream.hpp"

namespace kiroku {
namespace {

using runtime::Exit;
using runtime::Failure;

constexpr int wait_ms = 100;

struct ExportSettings {
    EventsSettings events;
    std::vector<std::string> what;
    std::string home_page = "https://kiroku.invalid", format = "ndjson", out;
};

void declare(runtime::Options& options, ExportSettings& settings) {
    runtime::declare(options, settings.events.broker);
    options.words("what", settings.what, "xapi")->check(CLI::IsMember({"xapi"}));
    options.add("home-page", settings.home_page, "your Kiroku's address: accounts and activities are named under it");
    options.add("since", settings.events.since, "from this time or position on");
    options.add("until", settings.events.until, "before this time, or up to this position, itself included");
    options.add("subject", settings.events.subject, "only this aggregate's, as in learner/<id>, or all of a kind");
    options.add("organization", settings.events.organization, "only this organization's, by its id");
    options.add("where", settings.events.where, "only of events that this expression holds for");
    options.add("format", settings.format, "ndjson: a statement a line; array: one JSON array")
        ->check(CLI::IsMember({"ndjson", "array"}));
    options.add("out", settings.out, "the file to write; it is there once it is whole");
}

constexpr const char* manual =
    R"(xapi: learning events as statements of xAPI 1.0.3, by time, for a learning record store. Sessions are initialized, completed
(score, duration) or abandoned; achievements and levels are earned. A statement has its event's id, a UUID of version 7, so that
sending one twice does no harm. Learners are accounts, named by their user id; there is no e-mail address and no name in it.
Whatever is named under --home-page keeps its name as long as you give the same one.

--since, --until, --where and the rest mean what they mean in `kiroku events --help`. Sessions are no subjects of learners: say
--where 'data.userId == "…"' for theirs.

Examples:
  kiroku export xapi --home-page https://academy.example --since 7d > statements.ndjson
  kiroku export xapi --home-page https://academy.example --format array --out statements.json
  kiroku export xapi --where 'type == "challenges.session_completed.v1" && data.performanceScore >= 80'
)";

/// Standard output goes into a file of another name, which gets its own at the end.
class OutputFile {
public:
    explicit OutputFile(std::string path) : path_(std::move(path)), unfinished_(path_ + ".unfinished") {
        if (path_.empty()) return;
        const int file = ::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (file < 0 || ::dup2(file, STDOUT_FILENO) < 0) fail(unfinished_);
        ::close(file);
    }

    void finish() {
        if (path_.empty()) return;
        if (::fsync(STDOUT_FILENO) != 0 || std::rename(unfinished_.c_str(), path_.c_str()) != 0) fail(path_);
    }

private:
    [[noreturn]] static void fail(const std::string& path) {
        throw Failure(Exit::config, fmt::format("{} can't be written: {}.", path, std::strerror(errno)),
                      "Give another one with --out FILE.");
    }

    std::string path_, unfinished_;
};

EventsRequest checked(const ExportSettings& settings) {
    if (settings.what.size() != 1) throw Failure(Exit::usage, "Export what?", "Say `kiroku export xapi`.");
    if (!xapi::is_home_page(settings.home_page)) {
        throw Failure(Exit::usage, fmt::format("--home-page {}: nothing can be named under it.", settings.home_page),
                      "It is an address as in https://academy.example, without a query.");
    }
    auto events = settings.events;
    for (const auto type : xapi::learning_events()) events.types.emplace_back(type);
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    return request_of(events, context_names(), now, false);
}

std::string statement_of(const replay::StreamedEvent& event, const std::string& home_page) {
    log::Position position;
    position.include(event.partition.context, event.partition.number, event.offset);
    const auto envelope = log::read_envelope(event.text);
    auto statement = xapi::statement_of(envelope.value(), position.text(), home_page);
    if (statement) return *std::move(statement);
    throw Failure(Exit::data_refused,
                  fmt::format("The event at {} can't be read: {} {}.", position.text(), statement.error().path,
                              statement.error().problem),
                  "Is the log newer than this program?");
}

/// False: it was stopped, or nobody reads any more.
bool print(const ExportSettings& settings, const EventsRequest& request, runtime::Shutdown& shutdown) {
    const auto& broker = settings.events.broker.kafka;
    const auto ranges = replay::ranges_of(broker, request.contexts, request.period, request.filter.aggregate());
    replay::EventStream events{broker, ranges, request.filter, replay::Ending::at_range};
    OutputLines lines{shutdown};
    const bool as_array = settings.format == "array";
    const char* before = as_array ? "[\n" : "";
    const auto take = [&](const replay::StreamedEvent& event) {
        lines.text() += std::exchange(before, as_array ? ",\n" : "");
        lines.text() += statement_of(event, settings.home_page);
        if (!as_array) lines.text() += '\n';
        lines.flush_if_enough();
        return !shutdown.requested() && !lines.closed();
    };
    while (!shutdown.requested() && !lines.closed() && events.turn(wait_ms, take)) continue;
    if (shutdown.requested() || lines.closed()) return false;
    if (as_array) lines.text() += *before == '[' ? "[]\n" : "\n]\n";
    lines.flush();
    return !lines.closed();
}

Exit run(const ExportSettings& settings, runtime::Shutdown& shutdown) {
    const auto request = checked(settings);
    runtime::check_given(settings.events.broker);
    return with_remedies([&] {
        OutputFile file{settings.out};
        if (!print(settings, request, shutdown)) return settings.out.empty() ? Exit::ok : Exit::check_failed;
        file.finish();
        return Exit::ok;
    });
}

}  // namespace

void add_export(runtime::Program& program) {
    program.verb<ExportSettings>({"export", "learning events as xAPI statements", manual}, declare, run);
}

}  // namespace kiroku
