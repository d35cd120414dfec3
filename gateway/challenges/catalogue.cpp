// gateway/challenges/catalogue.cpp: looking for a challenge, and making one's own.
#include "gateway/challenges/handlers.hpp"
#include "gateway/challenges/shelf.hpp"
#include "gateway/core/commands.hpp"
#include "gateway/core/reads.hpp"
#include "gateway/pages.hpp"
#include "gateway/services.hpp"
#include "projections/challenges/challenge_catalogue.hpp"
#include "schemas/challenges/codec.hpp"
#include "schemas/challenges/http/codec.hpp"

namespace kiroku::gateway {
namespace {

using namespace challenges;

constexpr std::string_view made_by_user = "user";

http::Challenge shown(const ChallengeRow& row) {
    return {.id = row.challenge,
            .type = row.type,
            .title = row.title,
            .description = row.description,
            .difficulty = row.difficulty,
            .estimated_duration = row.estimated_duration,
            .instructions = row.instructions,
            .success_criteria = row.success_criteria,
            .rewards = row.rewards,
            .created_by = row.created_by,
            .created_at = row.created_at};
}

http::Challenge shown(const ChallengeId& id, const ChallengeCreated& event, Instant at) {
    return {.id = id,
            .type = event.challenge_type,
            .title = event.title,
            .description = event.description,
            .difficulty = event.difficulty,
            .estimated_duration = event.estimated_duration,
            .instructions = event.instructions,
            .success_criteria = event.success_criteria,
            .rewards = event.rewards,
            .created_by = event.created_by,
            .created_at = at};
}

CatalogueFilter filter_of(const Request& request) {
    CatalogueFilter filter;
    ChallengeType type{};
    if (from_string(request.text("type"), type)) filter.type = type;
    if (const int difficulty = request.number("difficulty", 0); difficulty > 0)
        filter.difficulty = Difficulty{difficulty};
    return filter;
}

CreateChallenge command_of(http::CreateChallengeRequest body, const UserId& owner) {
    return {.challenge_type = body.type,
            .title = std::move(body.title),
            .description = std::move(body.description),
            .difficulty = body.difficulty,
            .estimated_duration = body.estimated_duration,
            .instructions = std::move(body.instructions),
            .success_criteria = std::move(body.success_criteria),
            .rewards = std::move(body.rewards),
            .created_by = std::string{made_by_user},
            .owner = owner};
}

}  // namespace

Task<Answer> list_challenges(Request request, Services services) {
    const auto page = read_page(request, catalogue_orders.front(), services.cursors);
    if (!page) co_return page.error();
    const auto query = [learner = request.user().user, filter = filter_of(request),
                        page = *page](postgres::Read& read) { return challenges_for(read, learner, filter, page); };
    const auto rows = co_await services.reads.run(query);
    if (!rows) co_return rows.error();
    http::ChallengesResponse body{.items = {}, .next_cursor = cursor_behind(rows->next, request, services.cursors)};
    for (const auto& row : rows->rows) body.items.push_back(shown(row));
    co_return page_answer(body, request);
}

Task<Answer> one_challenge(Request request, ChallengeId id, Services services) {
    const auto query = [learner = request.user().user, id](postgres::Read& read) {
        return challenge_for(read, learner, id);
    };
    const auto row = co_await services.reads.run(query);
    if (!row) co_return row.error();
    if (!*row) co_return Problem{info_of(Refusal::challenge_not_found), RawJson{"{}"}};
    co_return Response{.body = json::encode(shown(**row))};
}

Task<Answer> create_challenge(Request request, http::CreateChallengeRequest body, Services services) {
    const auto intent = services.intents.begin(request, caller_name(request), json::encode(body));
    if (!intent) co_return intent.error();
    const ChallengeId id{intent->new_id("challenge")};
    const CreateChallenge command = command_of(std::move(body), request.user().user);
    const auto decided = co_await services.commands.send(id.value, command, *intent);
    if (!decided) co_return decided.error();
    const auto created = find_event<ChallengeCreated>(decided->events);
    if (!created) co_return Problem{CoreRefusal::internal_error};
    services.shelf.put(id, {created->challenge_type, created->difficulty, created->owner});
    auto answer = shown(id, *created, decided->events.front().time);
    answer.position = decided->position;
    Response response{
        .status = 201, .body = json::encode(answer), .position = decided->position, .replayed = decided->replayed};
    response.headers.emplace_back("Location", "/challenges/" + to_string(id));
    co_return response;
}

}  // namespace kiroku::gateway
