// infra/kiroku/what_if.cpp: kiroku what-if: what everybody would have, had other rules been in force.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <unordered_map>

#include "commands/gamification/context.hpp"
#include "infra/kiroku/loading.hpp"
#include "infra/kiroku/moment_option.hpp"
#include "infra/kiroku/output_lines.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/throw_away.hpp"
#include "infra/kiroku/verb.hpp"
#include "infra/postgres/read.hpp"
#include "infra/replay/ends_at.hpp"
#include "projections/what_if/chart.hpp"
#include "projections/what_if/report.hpp"

namespace kiroku {
namespace {

using runtime::Exit;
using runtime::Failure;

constexpr std::size_t columns_of_files = 100;

Instant now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

struct WhatIfSettings {
    runtime::Broker broker;
    runtime::Database database;
    std::filesystem::path rules;
    std::string since, until;
    std::vector<std::string> read_models{"leaderboard", "progress"};
    std::string schema, chart;
    std::size_t top = 10;
    LoadingOptions loading;
    bool json = false;
};

void declare(runtime::Options& options, WhatIfSettings& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    options.add("rules", settings.rules, "the rule book to try; Kiroku's own is domain/gamification/rules.v1.json");
    options.add("since", settings.since,
                "what was decided from this time on, or behind this position; all if not given");
    options.add("until", settings.until, "what was recorded by this time, or up to this position; all if not given");
    options.add("read-model", settings.read_models, "which ones to make; may be given again")->delimiter(',');
    options.add("schema", settings.schema, "where to make them; by default a new name, which is printed");
    options.add("chart", settings.chart, "also draw levels and moves into this SVG file");
    options.add("top", settings.top, "how many who rise, and who fall, to name")->check(CLI::Range(0, 10'000));
    declare(options, settings.loading);
    options.flag("json", settings.json, "as JSON: the schema, totals, levels, who rises and falls, who was left out");
}

constexpr const char* manual =
    R"(Decides every recorded activity again, by other rules for XP, streaks and achievements, in the order and at the time at
which it was decided then, and folds what would have come of it into read models in a schema that nobody else uses: there you can
ask anything with SQL. Prints what would be beside what is, at the same position: XP, awards, milestones, achievements, how levels
are spread, who rises and who falls on the leaderboard. Nothing that people see changes.

--rules FILE is a rule book as `kiroku decide --rules` takes it (schemas/gamification/rules.v1.json); copy Kiroku's own and change
it. Its versions take effect when they say; before all of them the first one holds, so a book of one version holds throughout.
--since: what was decided before that time, or up to that position, stays as it was; what was earned then is taken along.
--until: what was recorded by that time, or up to that position. Both take what `kiroku as-of` takes: 2026-11-01, 2h, positions.

A learner whose activity can't be decided again is left out of the comparison and named, with the reason; in the schema's tables
such a learner stands where that happened. That is no failure: the exit code is 0.

Sessions that gamification hasn't recorded yet don't count on either side. Learners are kept in memory, beside what --memory
allows: about 3 KB each, and 40 bytes for each activity. Drop the schema when you are done; nothing else knows it.

Examples:
  kiroku what-if --rules double.json
  kiroku what-if --rules double.json --since 2026-11-01 --chart double.svg --top 20
  kiroku what-if --rules no_streaks.json --read-model leaderboard,progress,xp_history --schema no_streaks --json
  psql "$KIROKU_POSTGRES" -c 'SELECT level, count(*) FROM no_streaks.progress GROUP BY level ORDER BY level'
)";

gamification::RuleBook rules_of(const WhatIfSettings& settings) {
    if (settings.rules.empty()) {
        throw Failure(Exit::usage, "What if which rules?",
                      "Say --rules FILE; a copy of domain/gamification/rules.v1.json is a good beginning.");
    }
    auto rules = commands::read_rule_book(settings.rules);
    if (rules) return *std::move(rules);
    throw Failure(Exit::config, fmt::format("The rule book: {}.", rules.error()),
                  "See schemas/gamification/rules.v1.json.");
}

/// Written under another name until it is whole; opened before the work begins, so that nobody waits in vain.
class ChartFile {
public:
    explicit ChartFile(const std::string& path) : path_(path), unfinished_(path + ".unfinished") {
        if (!path_.empty()) file_.open(unfinished_, std::ios::trunc);
        check();
    }
    ~ChartFile() {
        if (file_.is_open()) std::remove(unfinished_.c_str());
    }
    ChartFile(const ChartFile&) = delete;
    ChartFile& operator=(const ChartFile&) = delete;

    void write(const std::string& chart) {
        if (path_.empty()) return;
        file_ << chart << std::flush;
        check();
        file_.close();
        if (std::rename(unfinished_.c_str(), path_.c_str()) != 0) file_.setstate(std::ios::failbit);
        check();
    }

private:
    void check() const {
        if (!file_)
            throw Failure(Exit::config, fmt::format("{} can't be written.", path_), "Say another --chart FILE.");
    }

    std::string path_, unfinished_;
    std::ofstream file_;
};

class WhatIf {
public:
    WhatIf(const WhatIfSettings& settings, gamification::RuleBook rules)
        : settings_(settings),
          rules_(std::move(rules)),
          schema_(throw_away_name(settings.schema, settings.read_models.front() + "_what_if")),
          made_{.bootstrap = settings.broker.kafka,
                .session = session_of(settings.database),
                .read_models = read_models_named(settings.read_models),
                .load = load_settings(settings.loading),
                .as_of = {},
                .on_progress = {}} {
        if (std::ranges::none_of(made_.read_models, is_about_learners)) {
            throw Failure(Exit::usage, "None of these read models is made from what learners get.",
                          "Say --read-model leaderboard, progress or xp_history.");
        }
    }

    Exit operator()(const std::stop_token& stop) {
        ChartFile chart{settings_.chart};
        const auto since = this->since();
        made_.as_of = ends_at(made_.bootstrap, made_.read_models, settings_.until, "until");
        made_.load.make_retell = [&] {
            auto* part = parts_.emplace_back(std::make_unique<what_if::Retelling>(rules_, since)).get();
            return [part](const auto& chunk, const auto& step, auto& told) { part->tell(chunk, step, told); };
        };
        LoadingProgress progress{"what-if"};
        progress.follow(made_);
        const bool done = projections::make_as_of(made_, schema_, stop);
        progress.end();
        if (!done) return Exit::check_failed;
        auto comparison = what_if::compare(parts_, settings_.top);
        for (auto* moves : {&comparison.risers, &comparison.fallers}) name_all(*moves);
        const auto made = look_at(made_, schema_);
        chart.write(what_if::as_svg(comparison, what_was_compared()));
        print(comparison, made);
        return Exit::ok;
    }

private:
    static bool is_about_learners(const projections::ReadModel& model) {
        return std::ranges::find(model.contexts, "gamification") != model.contexts.end();
    }

    [[nodiscard]] what_if::Since since() const {
        const auto moment = moment_option("since", settings_.since, now(), context_names());
        if (!moment) return {};
        if (const auto* time = std::get_if<Instant>(&*moment)) return {.time = *time};
        return {.offsets = ends_at(made_.bootstrap, kiroku::read_models(), settings_.since, "since")};
    }

    /// As the leaderboard that was made knows them.
    void name_all(std::vector<what_if::Move>& moves) const {
        if (std::ranges::find(made_.read_models, "leaderboard", &projections::ReadModel::name) ==
            made_.read_models.end())
            return;
        postgres::Connection connection{projections::beside(made_.session, schema_)};
        postgres::Read read{connection};
        static const postgres::Statement statement{
            "names_of", "SELECT user_id, display_name FROM leaderboard_names WHERE user_id = ANY($1)"};
        std::vector<UserId> users;
        std::ranges::transform(moves, std::back_inserter(users), &what_if::Move::user);
        std::unordered_map<UserId, std::string> names;
        for (const auto& row : read.query(statement, postgres::array_of(users)))
            names.emplace(row.get<UserId>(0), row.get<std::string>(1));
        for (auto& move : moves) move.name = names[move.user];
    }

    [[nodiscard]] std::string what_was_compared() const {
        return fmt::format("{}{}, up to {}", settings_.rules.filename().string(),
                           settings_.since.empty() ? "" : " since " + settings_.since,
                           settings_.until.empty() ? to_string(now()) : settings_.until);
    }

    void print(const what_if::Comparison& comparison, const ThrowAway& made) const {
        if (settings_.json) {
            fmt::print("{{{},{}}}\n", made.json_members(), what_if::as_json_members(comparison));
            return;
        }
        const auto columns = terminal_width();
        fmt::print("{}\n{}", what_if::as_text(comparison, columns == 0 ? columns_of_files : columns), made.text());
    }

    const WhatIfSettings& settings_;
    gamification::RuleBook rules_;
    std::string schema_;
    projections::RebuildSettings made_;
    std::vector<std::unique_ptr<what_if::Retelling>> parts_;
};

Exit run(const WhatIfSettings& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    runtime::check_given(settings.database);
    return with_database_remedies([&] {
        WhatIf what_if{settings, rules_of(settings)};
        return what_if(shutdown.token());
    });
}

}  // namespace

void add_what_if(runtime::Program& program) {
    program.verb<WhatIfSettings>({"what-if", "what everybody would have by other rules", manual}, declare, run);
}

}  // namespace kiroku
