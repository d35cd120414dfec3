// infra/kiroku/roles.cpp: kiroku roles: who may do more than everybody may.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "commands/client/command_client.hpp"
#include "commands/client/command_record.hpp"
#include "gateway/identity/address.hpp"
#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"
#include "infra/postgres/read.hpp"
#include "projections/engine/migrate.hpp"
#include "projections/identity/accounts.hpp"
#include "schemas/core/json_writer.hpp"
#include "schemas/identity/codec.hpp"

namespace kiroku {
namespace {

using identity::AccountRow;
using identity::Role;
using runtime::Exit;
using runtime::Failure;

constexpr std::chrono::seconds patience{20};
constexpr Role all_roles[] = {Role::analyst, Role::operator_};

struct RolesVerb {
    runtime::Broker broker;
    runtime::Database database;
    std::vector<std::string> words;
    bool json = false;
};

void declare(runtime::Options& options, RolesVerb& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    options.words("what", settings.words,
                  "grant EMAIL-OR-USER-ID ROLE, revoke EMAIL-OR-USER-ID ROLE, or list [EMAIL-OR-USER-ID]");
    options.flag("json", settings.json, "as JSON: list an array with an object for each user, else one object");
}

constexpr const char* manual =
    R"(Everybody is a learner. An analyst may read the log by GET /analytics/events, but for what is personal or secret; operator
is for what is to come. Roles are events of identity, so the log tells who had which and when, and who granted it (`actor`: the
name of whoever typed this). A role is in force with the user's next access token, at the next login or refresh. One that was
revoked ends with the tokens that have it, after 15 minutes at the most; the user's open WebSockets are closed at once.

`grant` and `revoke` need a running `kiroku decide`; to find somebody by address, and to `list`, the database is asked.

Examples:
  kiroku roles grant ana@example.org analyst
  kiroku roles revoke 0195677c-1d80-7a3e-9c51-2f6b8d4e0a17 analyst
  kiroku roles list
  kiroku events identity --type role_granted --columns time,subject,actor,data.role
)";

Role role_named(const std::string& name) {
    Role role{};
    if (from_string(name, role)) return role;
    std::vector<std::string_view> known;
    for (const auto one : all_roles) known.push_back(to_string(one));
    throw Failure(Exit::usage, fmt::format("There is no role {}.", name),
                  fmt::format("There are {}; learner is everybody's.", fmt::join(known, " and ")));
}

[[noreturn]] void nobody(const std::string& who) {
    throw Failure(Exit::usage, fmt::format("There is no user {}.", who),
                  "Say the e-mail address that they registered with, or their id.");
}

template <class Query>
auto asked(const RolesVerb& settings, Query query) {
    runtime::check_given(settings.database);
    auto session = session_of(settings.database);
    session.read_only = true;
    postgres::Connection connection{session};
    projections::check_migrated(connection, read_models_named({"accounts"}));
    postgres::Read read{connection};
    return query(read);
}

std::optional<AccountRow> account_of(const RolesVerb& settings, const std::string& who) {
    const auto id = Uuid::parse(who);
    return asked(settings, [&](postgres::Read& read) {
        return id ? identity::account_of(read, UserId{*id})
                  : identity::account_by_email(read, gateway::normal_address(who).value_or(who));
    });
}

/// An id is believed: the decider knows whether there is such a user.
UserId user_named(const RolesVerb& settings, const std::string& who) {
    if (const auto id = Uuid::parse(who)) return UserId{*id};
    const auto account = account_of(settings, who);
    if (!account) nobody(who);
    return account->user;
}

std::string typist() {
    const char* name = std::getenv("USER");
    std::string actor =
        fmt::format("operator/{}", name != nullptr && *name != '\0' ? name : std::to_string(::getuid()));
    std::erase_if(actor, [](char c) { return c <= ' ' || c > '~' || c == '"' || c == '\\'; });
    return actor;
}

template <class Command>
log::Reply decided(const RolesVerb& settings, const UserId& user, const Command& command) {
    auto record = commands::command_record(user.value, command);
    record.command = CommandId{random_uuid_v7()};
    record.hash = to_string(uuid_v5(user.value, record.data));
    record.correlation = to_string(record.command);
    record.actor = typist();
    commands::CommandClient client{
        {.bootstrap = settings.broker.kafka, .name = fmt::format("roles-{}", to_string(random_uuid_v7()))}};
    auto answer = client.send_and_wait(std::move(record), patience);
    if (answer.outcome != commands::Answer::Outcome::decided)
        throw Failure(Exit::broker_unreachable, "No decider answered.", "Start `kiroku decide`, then try again.");
    return std::move(answer.reply);
}

template <class Command>
Exit change(const RolesVerb& settings, std::string_view done, std::string_view was_so) {
    const auto& who = settings.words[1];
    const auto role = role_named(settings.words[2]);
    runtime::check_given(settings.broker);
    const auto user = user_named(settings, who);
    const auto reply = decided(settings, user, Command{.role = role});
    if (reply.refusal == identity::info_of(identity::Refusal::unknown_user).code) nobody(who);
    if (!reply.accepted()) throw Failure(Exit::check_failed, fmt::format("It was refused: {}.", reply.refusal), "");
    const bool changed = !reply.events.empty();
    if (settings.json) {
        fmt::print("{{\"userId\":\"{}\",\"role\":\"{}\",\"changed\":{}}}\n", to_string(user), to_string(role), changed);
    } else {
        fmt::print("{} {} {}\n", who, changed ? done : was_so, to_string(role));
    }
    return Exit::ok;
}

std::string as_text(const AccountRow& account) {
    return fmt::format("{} {:<40} {}\n", to_string(account.user), account.email,
                       account.roles.empty() ? "(learner only)" : fmt::format("{}", fmt::join(account.roles, " ")));
}

std::string as_json(const AccountRow& account) {
    std::string email, roles;
    json::write(email, account.email);
    json::write(roles, account.roles);
    return fmt::format(R"({{"userId":"{}","email":{},"roles":{}}})", to_string(account.user), email, roles);
}

Exit list(const RolesVerb& settings) {
    std::vector<AccountRow> accounts;
    if (settings.words.size() == 2) {
        const auto account = account_of(settings, settings.words[1]);
        if (!account) nobody(settings.words[1]);
        accounts.push_back(*account);
    } else {
        accounts = asked(settings, identity::accounts_with_roles);
    }
    std::string out = settings.json ? "[" : accounts.empty() ? "nobody has a role but learner\n" : "";
    for (const auto& account : accounts) {
        if (settings.json && out.size() > 1) out += ',';
        out += settings.json ? as_json(account) : as_text(account);
    }
    std::fputs((out + (settings.json ? "]\n" : "")).c_str(), stdout);
    return Exit::ok;
}

Exit run(const RolesVerb& settings, runtime::Shutdown&) {
    return with_database_remedies([&] {
        const auto& words = settings.words;
        const auto what = words.empty() ? "list" : words[0];
        if (what == "list" && words.size() < 3) return list(settings);
        if (what == "grant" && words.size() == 3) return change<identity::GrantRole>(settings, "is now", "was already");
        if (what == "revoke" && words.size() == 3)
            return change<identity::RevokeRole>(settings, "is no longer", "wasn't");
        throw Failure(Exit::usage, "That isn't something to do with roles.",
                      "Say `list`, or `grant` or `revoke`, an e-mail address or a user's id, and a role.");
    });
}

}  // namespace

void add_roles(runtime::Program& program) {
    program.verb<RolesVerb>({"roles", "who may do more than everybody: grants, revokes, lists", manual}, declare, run);
}

}  // namespace kiroku
