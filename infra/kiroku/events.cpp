// infra/kiroku/events.cpp: kiroku events: streams, counts and samples the log's valid events.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <deque>

#include "infra/kiroku/events_request.hpp"
#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/output_lines.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/kiroku/progress.hpp"
#include "infra/kiroku/verb.hpp"
#include "infra/replay/event_stats.hpp"
#include "infra/replay/event_stream.hpp"
#include "infra/replay/sample.hpp"
#include "infra/replay/scan.hpp"

namespace kiroku {
namespace {

using replay::Event;
using runtime::Exit;

constexpr int wait_ms = 100;

void declare(runtime::Options& options, EventsSettings& settings) {
    runtime::declare(options, settings.broker);
    options.words("context", settings.contexts, "whose events; all contexts if none is named")
        ->check(CLI::IsMember(context_names()));
    options.add("type", settings.types, "only these types, with or without context and version: xp_awarded");
    options.add("subject", settings.subject, "only this aggregate, as in learner/<id>, or all of a kind: learner");
    options.add("actor", settings.actor, "only what this one caused, as in user/<id>, or all of a kind: policy");
    options.add("organization", settings.organization, "only this organization's, by its id");
    options.add("since", settings.since, "from this time or position on (see below)");
    options.add("until", settings.until, "before this time, or up to this position, itself included");
    options.add("where", settings.where, "only those that this expression holds for (see below)");
    options.add("sample", settings.sample,
                "a share, 0.01, or so many of all, 1000, chosen by their ids: always the same");
    options
        .add("format", settings.format,
             "ndjson, csv or table; a table on a terminal, else NDJSON, or CSV with --columns")
        ->check(CLI::IsMember({"ndjson", "csv", "table"}));
    options.add("columns", settings.columns, "of a table or of CSV: time,type,data.amount");
    options.add("limit", settings.limit, "end after so many; 0: no limit");
    options.flag("follow", settings.follow, "go on with what comes, until Ctrl-C");
    options.flag("count", settings.count, "only how many");
    options.flag("stats", settings.stats, "only a table of types: how many, per second, bytes, first and last");
    options.flag("json", settings.json, "with --stats: as JSON");
}

constexpr const char* manual =
    R"(Only what counts is shown: no fences, nothing void, no decision that isn't whole. With NDJSON each line is one CloudEvent as
it lies in the log. Without --follow it ends where the log ended when it began.

Order: by time; at the same time by partition. An aggregate's events always come in their order. With --follow, a partition
where nothing happens holds the others up for half a second at most; an event that comes later than that is printed late.

--since and --until take a time (2026-03-06T12:00:00Z, 2026-03-06: midnight UTC), how long ago (45s, 30m, 2h, 7d, 1d12h), or a
position as answers, `kiroku status` and the column `position` give them (gamification/3@123,challenges/5@77). --since includes
that moment or record. --until ends before that time, but includes a position's record. Of partitions that a position doesn't
name, --since takes all and --until goes to the present end. An event's time is when its command reached the broker.

--where: paths, numbers, texts in either quotes, true, false, null; == != < <= > >= in contains startsWith endsWith && || ! ( ).
Paths: id type subject time actor organization correlationid causationid commandid commandoffset aggregateversion traceparent
term sequence part parts aggregate aggregateid context partition offset position, and data with what is in it: data.amount,
data.items[0].name, data["odd name"]. What isn't there is null, equals only null, and is neither less nor greater than anything.

A type's rate in --stats is over the time from the first to the last event of all, so that rates compare.

Examples:
  kiroku events gamification --type xp_awarded | jq .data.amount
  kiroku events --subject learner/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17
  kiroku events --where 'data.amount > 30 && type == "gamification.xp_awarded.v1"' --since 7d
  kiroku events --where 'data.rule in ["streak", "level"] || !(subject startsWith "learner/")' --limit 20
  kiroku events --type session_completed --columns time,subject,data.performanceScore --format csv > scores.csv
  kiroku events --since 2026-03-01 --until 2026-04-01 --stats
  kiroku events --count --type xp_awarded --since 1h
  kiroku events --sample 1000 > some.ndjson
  kiroku events challenges --follow --since 0s
)";

std::vector<replay::Range> ranges_of(const EventsSettings& settings, const EventsRequest& request) {
    return replay::ranges_of(settings.broker.kafka, request.contexts, request.period, request.filter.aggregate());
}

/// `Tally` takes events, and adds another one to itself. False: it was stopped before the end.
template <class Tally>
bool tally(const EventsSettings& settings, const EventsRequest& request, runtime::Shutdown& shutdown, Tally& sum) {
    Progress progress{"events", "records"};
    std::deque<Tally> shares;
    const bool whole =
        replay::run({.bootstrap = settings.broker.kafka,
                     .ranges = ranges_of(settings, request),
                     .filter = request.filter,
                     .make_visit = [&]() -> replay::Visit {
                         return [&share = shares.emplace_back(sum)](const Event& event) { share.take(event); };
                     },
                     .on_progress =
                         [&](auto done, auto all) {
                             progress.show({{"", done, all}});
                         }},
                    shutdown.token());
    progress.end();
    for (auto& share : shares) sum.add(std::move(share));
    return whole;
}

struct Count {
    std::uint64_t events = 0;
    void take(const Event&) { ++events; }
    void add(const Count& other) { events += other.events; }
};

std::unique_ptr<replay::EventWriter> writer_of(const EventsRequest& request) {
    switch (request.format) {
        case EventsFormat::ndjson: return replay::ndjson_writer();
        case EventsFormat::csv: return replay::csv_writer(request.columns);
        case EventsFormat::table: return replay::table_writer(request.columns, terminal_width());
    }
    return nullptr;
}

void print_sample(const EventsSettings& settings, const EventsRequest& request, runtime::Shutdown& shutdown) {
    replay::Sample sample{request.sample};
    if (!tally(settings, request, shutdown, sample)) return;
    OutputLines lines{shutdown};
    const auto writer = writer_of(request);
    writer->begin(lines.text());
    for (const auto& chosen : std::move(sample).in_order()) {
        writer->write({chosen.partition, chosen.offset, chosen.text}, lines.text());
        lines.flush_if_enough();
    }
    writer->settle(lines.text());
    lines.flush();
}

void stream(const EventsSettings& settings, const EventsRequest& request, runtime::Shutdown& shutdown) {
    const auto ending = settings.follow ? replay::Ending::never : replay::Ending::at_range;
    replay::EventStream events{settings.broker.kafka, ranges_of(settings, request), request.filter, ending};
    OutputLines lines{shutdown};
    const auto writer = writer_of(request);
    writer->begin(lines.text());
    std::uint64_t printed = 0;
    const auto print = [&](const replay::StreamedEvent& event) {
        writer->write(event, lines.text());
        lines.flush_if_enough();
        return ++printed != settings.limit && !shutdown.requested() && !lines.closed();
    };
    while (!shutdown.requested() && !lines.closed()) {
        const auto before = printed;
        if (!events.turn(wait_ms, print)) break;
        if (printed != before) continue;
        if (settings.follow) writer->settle(lines.text());
        lines.flush();
    }
    writer->settle(lines.text());
    lines.flush();
}

Exit run(const EventsSettings& settings, runtime::Shutdown& shutdown) {
    const bool on_terminal = ::isatty(STDOUT_FILENO) == 1;
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto request = request_of(settings, context_names(), now, on_terminal);
    runtime::check_given(settings.broker);
    return with_remedies([&] {
        if (settings.count) {
            Count count;
            if (tally(settings, request, shutdown, count)) fmt::print("{}\n", count.events);
        } else if (settings.stats) {
            replay::EventStats stats;
            if (tally(settings, request, shutdown, stats))
                std::fputs(settings.json ? (stats.as_json() + '\n').c_str() : stats.as_text().c_str(), stdout);
        } else if (request.sample > 0) {
            print_sample(settings, request, shutdown);
        } else {
            stream(settings, request, shutdown);
        }
        return Exit::ok;
    });
}

}  // namespace

void add_events(runtime::Program& program) {
    program.verb<EventsSettings>({"events", "streams, filters, counts and samples events", manual}, declare, run);
}

}  // namespace kiroku
