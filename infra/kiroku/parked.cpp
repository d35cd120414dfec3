// infra/kiroku/parked.cpp: kiroku parked: keys of read models that wait because an event of theirs can't be digested.
#include "projections/engine/parked.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "infra/kiroku/progress.hpp"
#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"
#include "schemas/core/json_writer.hpp"

namespace kiroku {
namespace {

using projections::ParkedKey;
using projections::StoredDecision;
using runtime::Exit;
using runtime::Failure;

struct ParkedVerb {
    runtime::Broker broker;
    runtime::Database database;
    std::vector<std::string> words;  // list [READ-MODEL] | show, retry, drop READ-MODEL
    std::string key;
    bool yes = false;
    bool json = false;
};

void declare(runtime::Options& options, ParkedVerb& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    options.words("what", settings.words, "list [READ-MODEL], show READ-MODEL, retry READ-MODEL or drop READ-MODEL");
    options.add("key", settings.key, "one aggregate's only, as in learner/<id> or <id>");
    options.flag("yes", settings.yes, "don't ask");
    options.flag("json", settings.json, "list as JSON, an array with an object for each key");
}

constexpr const char* manual =
    R"(A decision that a read model can't digest is parked there, by its place in the log, and so is all that follows of its
aggregate; everything else goes on. `retry` puts what waits into the tables through this program's code, in order, all of a
key or none. `drop` waits no longer: the key's rows lack those events until `kiroku rebuild`, which `list` goes on to tell.

Examples:
  kiroku parked list
  kiroku parked show progress --key learner/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17
  kiroku parked retry progress
)";

/// All that is parked of one key.
struct Waiting {
    std::string read_model;
    ParkedKey key;
    std::vector<StoredDecision> decisions;

    [[nodiscard]] bool is_given_up() const { return decisions.back().given_up_at.has_value(); }
    [[nodiscard]] const std::string& reason() const { return decisions.front().decision.reason; }
};

std::vector<Waiting> by_key(const std::vector<StoredDecision>& decisions) {
    std::vector<Waiting> keys;
    for (const auto& one : decisions) {
        const ParkedKey key{one.decision.partition.context, one.decision.aggregate};
        if (keys.empty() || keys.back().key != key || keys.back().read_model != one.read_model ||
            keys.back().is_given_up() != one.given_up_at.has_value()) {
            keys.push_back({one.read_model, key, {}});
        }
        keys.back().decisions.push_back(one);
    }
    return keys;
}

std::vector<Waiting> chosen(const ParkedVerb& settings, const postgres::Session& session) {
    postgres::Connection connection{session};
    postgres::Transaction transaction{connection};
    auto keys = by_key(projections::parked_in(transaction, settings.words.size() > 1 ? settings.words[1] : ""));
    if (settings.key.empty()) return keys;
    const auto id = Uuid::parse(std::string_view{settings.key}.substr(settings.key.find('/') + 1));
    if (!id)
        throw Failure(Exit::usage, fmt::format("--key {} is no aggregate.", settings.key),
                      "Say learner/<id>, or <id>.");
    std::erase_if(keys, [&](const Waiting& one) { return one.key.aggregate != *id; });
    if (keys.empty()) throw Failure(Exit::usage, fmt::format("{} is not parked.", settings.key), "");
    return keys;
}

std::string as_text(const Waiting& one) {
    const auto& first = one.decisions.front();
    return fmt::format("{:<20} {} {:>5} {} since {}\n  {}/{}@{} {}\n", one.read_model, to_string(one.key.aggregate),
                       one.decisions.size(), one.is_given_up() ? "given up" : "waiting", to_string(first.parked_at),
                       one.key.context, first.decision.partition.number, first.decision.first.value, one.reason());
}

std::string as_json(const Waiting& one) {
    const auto& first = one.decisions.front();
    std::string reason;
    json::write(reason, one.reason());
    return fmt::format(
        R"({{"readModel":"{}","context":"{}","partition":{},"aggregate":"{}","decisions":{},"firstOffset":{},"state":"{}","since":"{}","reason":{}}})",
        one.read_model, one.key.context, first.decision.partition.number, to_string(one.key.aggregate),
        one.decisions.size(), first.decision.first.value, one.is_given_up() ? "given_up" : "waiting",
        to_string(first.parked_at), reason);
}

Exit list(const ParkedVerb& settings, const std::vector<Waiting>& keys) {
    std::string out = settings.json ? "[" : "";
    for (const auto& one : keys) {
        if (settings.json && out.size() > 1) out += ',';
        out += settings.json ? as_json(one) : as_text(one);
    }
    out += settings.json ? "]\n" : keys.empty() ? "nothing is parked\n" : "";
    std::fputs(out.c_str(), stdout);
    return Exit::ok;
}

Exit show(const ParkedVerb& settings, const std::vector<Waiting>& keys) {
    runtime::check_given(settings.broker);
    for (const auto& one : keys) {
        fmt::print(stderr, "{}", as_text(one));
        for (const auto& decision : one.decisions) {
            for (const auto& record : projections::records_of(settings.broker.kafka, decision.decision))
                fmt::print("{}\n", record);
        }
    }
    return Exit::ok;
}

Exit retry(const ParkedVerb& settings, const postgres::Session& session, const std::vector<Waiting>& keys) {
    runtime::check_given(settings.broker);
    const auto model = read_models_named({settings.words[1]}).front();
    bool all = true;
    for (const auto& one : keys) {
        if (one.is_given_up()) continue;
        const auto still = projections::take_up(settings.broker.kafka, session, model, one.key);
        fmt::print(
            "{} {}: {}\n", one.read_model, to_string(one.key.aggregate),
            still ? "still can't be digested: " + *still : fmt::format("{} decisions are in", one.decisions.size()));
        all = all && !still;
    }
    return all ? Exit::ok : Exit::check_failed;
}

Exit drop(const ParkedVerb& settings, const postgres::Session& session, const std::vector<Waiting>& keys) {
    if (!confirmed(fmt::format("Wait no longer for {} keys of {}?", keys.size(), settings.words[1]), settings.yes))
        return Exit::ok;
    for (const auto& one : keys) {
        if (one.is_given_up()) continue;
        fmt::print("{} {}: {} decisions are given up\n", one.read_model, to_string(one.key.aggregate),
                   projections::give_up(session, one.read_model, one.key));
    }
    return Exit::ok;
}

Exit run(const ParkedVerb& settings, runtime::Shutdown&) {
    runtime::check_given(settings.database);
    return with_database_remedies([&] {
        const auto& words = settings.words;
        const auto what = words.empty() ? "list" : words[0];
        if (words.size() > 1) static_cast<void>(read_models_named({words[1]}));
        const auto session = session_of(settings.database);
        if (what == "list" && words.size() < 3) return list(settings, chosen(settings, session));
        if (what == "show" && words.size() == 2) return show(settings, chosen(settings, session));
        if (what == "retry" && words.size() == 2) return retry(settings, session, chosen(settings, session));
        if (what == "drop" && words.size() == 2) return drop(settings, session, chosen(settings, session));
        throw Failure(Exit::usage, "That isn't something to do with what is parked.",
                      "Say `list`, or `show`, `retry` or `drop` and a read model.");
    });
}

}  // namespace

void add_parked(runtime::Program& program) {
    program.verb<ParkedVerb>({"parked", "keys that read models can't go on with: lists, retries, drops", manual},
                             declare, run);
}

}  // namespace kiroku
