// tests/unit/gateway/audit_test.cpp: what is kept for the record, and that a flood of it stays small.
#include "gateway/core/audit.hpp"

#include "schemas/identity/codec.hpp"
#include "tests/unit/gateway/house.hpp"

using namespace kiroku;
using namespace kiroku::test;
using namespace std::chrono_literals;
using gateway::Access;
using gateway::Audit;
using gateway::Problem;
using identity::AuditOutcome;

namespace {

const Instant noon = *parse_instant("2026-11-22T12:00:00Z");
const Problem forbidden{CoreRefusal::forbidden}, forged{CoreRefusal::invalid_token},
    expired{CoreRefusal::expired_token};
const Problem missing{identity::info_of(identity::Refusal::unknown_user), RawJson{"{}"}};

Access access(const std::string& address = "203.0.113.7") {
    return {.user = House::user("mika"),
            .method = "GET",
            .pattern = "/analytics/events",
            .path = "/analytics/events",
            .address = address,
            .user_agent = "curl/8",
            .request = "request-1",
            .permission = gateway::Permission::train};
}

/// An audit whose commands stay here; they are answered as the test says.
struct Noted {
    net::io_context io;
    std::vector<log::CommandRecord> commands;
    commands::Answer::Outcome outcome = commands::Answer::Outcome::decided;
    Audit audit;

    explicit Noted(Audit::Limits limits = {})
        : audit{io,
                [this](log::CommandRecord record, std::chrono::milliseconds,
                       const commands::CommandClient::OnAnswer& done) {
                    commands.push_back(std::move(record));
                    done({.outcome = outcome, .reply = {}});
                },
                limits} {}

    [[nodiscard]] identity::AuditAccess last() const {
        return *json::decode<identity::AuditAccess>(commands.back().data);
    }
};

}  // namespace

TEST_SUITE("gateway/audit") {
TEST_CASE("what was refused to whom, at what, from where: at once") {
    Noted told;
    told.audit.note(access(), forbidden, noon);
    REQUIRE(told.commands.size() == 1);
    CHECK(told.last() == identity::AuditAccess{.principal = "user/" + to_string(House::user("mika")),
                                               .action = "GET /analytics/events",
                                               .target = "/analytics/events",
                                               .outcome = AuditOutcome::denied,
                                               .reason = "forbidden",
                                               .address = "203.0.113.7",
                                               .user_agent = "curl/8",
                                               .count = 1,
                                               .first_at = noon,
                                               .last_at = noon});
    const auto& record = told.commands.back();
    CHECK(record.actor == "gateway/audit");
    CHECK(record.correlation == "request-1");
    CHECK(may_send({record.actor, record.roles}, record.type));
}

TEST_CASE("which answers matter") {
    const auto outcome = [](const Access& who, const gateway::Answer& answer) -> std::string {
        Noted told;
        told.audit.note(who, answer, noon);
        return told.commands.empty() ? "" : std::string{to_string(told.last().outcome)};
    };
    auto anonymous = access();
    anonymous.user.reset();
    auto analyst = access();
    analyst.permission = gateway::Permission::read_events;
    CHECK(outcome(access(), forbidden) == "denied");
    CHECK(outcome(access(), missing) == "denied");
    CHECK(outcome(anonymous, missing) == "");
    CHECK(outcome(anonymous, forged) == "failed");
    CHECK(outcome(anonymous, Problem{CoreRefusal::invalid_refresh_token}) == "failed");
    CHECK(outcome(anonymous, Problem{identity::info_of(identity::Refusal::invalid_credentials), RawJson{"{}"}}) ==
          "failed");
    CHECK(outcome(anonymous, expired) == "");
    CHECK(outcome(anonymous, Problem{CoreRefusal::unauthenticated}) == "");
    CHECK(outcome(access(), gateway::Response{}) == "");
    CHECK(outcome(analyst, gateway::Response{}) == "allowed");
}

TEST_CASE("a flood of one kind is one event, and one more for each minute of it") {
    Noted told;
    for (int i = 0; i < 50'000; ++i) told.audit.note(access(), forged, noon + std::chrono::milliseconds{i});
    CHECK(told.commands.size() == 1);
    told.audit.tell(noon + 59s);
    CHECK(told.commands.size() == 1);
    told.audit.tell(noon + 60s);
    REQUIRE(told.commands.size() == 2);
    CHECK(told.last().count == 49'999);
    CHECK(told.last().first_at == noon + 1ms);
    CHECK(told.last().last_at == noon + 49'999ms);
    told.audit.tell(noon + 120s);
    CHECK(told.commands.size() == 2);
    told.audit.note(access(), forged, noon + 121s);
    CHECK(told.last().count == 1);
    CHECK(told.commands.size() == 3);
}

TEST_CASE("kinds are bounded: what is beyond is counted, and there is room again once some are over") {
    Noted told{{.kinds = 3}};
    for (int i = 0; i < 10; ++i) told.audit.note(access("203.0.113." + std::to_string(i)), forged, noon);
    CHECK(told.commands.size() == 3);
    CHECK(told.audit.noted() == 3);
    CHECK(told.audit.dropped() == 7);
    told.audit.tell(noon + 60s);
    told.audit.note(access("203.0.113.9"), forged, noon + 61s);
    CHECK(told.commands.size() == 4);
}

TEST_CASE("what the log didn't take is counted, and nobody fails for it") {
    Noted told;
    told.outcome = commands::Answer::Outcome::shed;
    told.audit.note(access(), forbidden, noon);
    CHECK(told.audit.dropped() == 1);
}

TEST_CASE("what is still being counted is told before the gateway ends") {
    Noted told;
    told.audit.note(access(), forbidden, noon);
    told.audit.note(access(), forbidden, noon + 1s);
    told.audit.tell(noon + 2s, true);
    CHECK(told.commands.size() == 2);
    CHECK(told.last().count == 1);
}

TEST_CASE("the audit trail keeps what others wrote without trusting it") {
    Noted told;
    auto odd = access("fe80::1%eth0");
    odd.user_agent = "a\"\\\n\xff" + std::string(500, 'x');
    odd.path = "/" + std::string(4'000, 'y');
    told.audit.note(odd, forbidden, noon);
    CHECK(told.last().user_agent->starts_with("a\"\\??xxx"));
    CHECK(told.last().user_agent->size() == 200);
    CHECK(told.last().target.size() == 500);
}

TEST_CASE("a gateway notes forged tokens, wrong passwords, and what somebody may not do or see") {
    House house;
    const auto last = [&] {
        REQUIRE_FALSE(house.audited.empty());
        return *json::decode<identity::AuditAccess>(house.audited.back().data);
    };
    CHECK(house.get("/me", "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.\r\nUser-Agent: forger\r\n").status == 401);
    CHECK(last().principal == "anonymous");
    CHECK(last().action == "GET /me");
    CHECK(last().outcome == AuditOutcome::failed);
    CHECK(last().address == "127.0.0.1");
    CHECK(last().user_agent == "forger");
    CHECK(house.get("/analytics/events?limit=1", house.bearer()).status == 403);
    CHECK(last().principal == "user/" + to_string(House::user("mika")));
    CHECK(last().reason == "forbidden");
    const auto path = "/challenge-sessions/" + to_string(House::user("another's session")) + "/abandon";
    CHECK(house.post(path, "{}", house.bearer()).status == 404);
    CHECK(last().action == "POST /challenge-sessions/{id}/abandon");
    CHECK(last().target == path);
    CHECK(last().reason == "session_not_found");
    const auto so_far = house.audited.size();
    CHECK(house.get("/me").status == 401);
    CHECK(house.get("/nowhere").status == 404);
    CHECK(house.audited.size() == so_far);
}
}
