// gateway/gamification/routes.cpp: how far you are, what for, and where that puts you among others.
#include "gateway/gamification/routes.hpp"

#include "gateway/core/reads.hpp"
#include "gateway/gamification/standing.hpp"
#include "gateway/lookups.hpp"
#include "gateway/pages.hpp"
#include "projections/gamification/leaderboard.hpp"
#include "projections/gamification/xp_history.hpp"
#include "schemas/gamification/http/codec.hpp"

namespace kiroku::gateway {
namespace {

using namespace gamification;

constexpr int leaderboard_limit = 100;
constexpr std::array<std::string_view, 2> history_orders{"-occurredAt", "occurredAt"};
constexpr std::chrono::milliseconds board_moment{100};
constexpr int usual_leaderboard = 10;

Task<Answer> my_progress(Request request, Services services) {
    const UserId user = request.user().user;
    auto row = co_await services.reads.find(services.lookups.progress, user);
    if (!row) co_return row.error();
    if (!*row) *row = {ProgressFold::start(user)};
    auto body = progress_response(**row, request.received, services.rules);
    if ((*row)->incomplete) body.incomplete = true;
    co_return Response{.body = json::encode(body)};
}

http::XpHistoryItem item_of(const XpHistoryRow& row) {
    return {.award_id = row.award,
            .amount = row.amount,
            .rule = row.rule,
            .reason = row.reason,
            .total_xp = row.total_xp,
            .occurred_at = row.occurred_at,
            .recorded_at = row.recorded_at,
            .source_event_id = row.source_event};
}

Task<Answer> my_xp_history(Request request, Services services) {
    const auto page = read_page(request, history_orders.front(), services.cursors);
    if (!page) co_return page.error();
    const auto query = [user = request.user().user, page = *page](postgres::Read& read) {
        return xp_history_of(read, user, page);
    };
    const auto rows = co_await services.reads.run(query);
    if (!rows) co_return rows.error();
    http::XpHistoryResponse body{.items = {}, .next_cursor = cursor_behind(rows->next, request, services.cursors)};
    if (rows->incomplete) body.incomplete = true;
    for (const auto& row : rows->rows) body.items.push_back(item_of(row));
    co_return page_answer(body, request);
}

http::LeaderboardEntry entry_of(const Ranked& ranked) {
    return {.rank = ranked.rank,
            .user_id = ranked.user,
            .display_name = ranked.display_name,
            .xp = ranked.xp,
            .incomplete = ranked.incomplete ? std::optional{true} : std::nullopt};
}

Task<Answer> global_leaderboard(Request request, Services services) {
    Timeframe timeframe = Timeframe::all;
    from_string(request.text("timeframe", "all"), timeframe);
    const auto query =
        [window = window_at(timeframe, request.received), limit = request.number("limit", usual_leaderboard),
         me = request.user().user](postgres::Read& read) { return leaderboard_in(read, window, limit, me); };
    const auto board = co_await services.reads.run(query);
    if (!board) co_return board.error();
    http::LeaderboardResponse body{.items = {}, .me = {}, .as_of = board->as_of.value_or(request.received)};
    for (const auto& ranked : board->items) body.items.push_back(entry_of(ranked));
    if (board->me) body.me = entry_of(*board->me);
    co_return Response{.body = json::encode(body), .position = board->position.text()};
}

}  // namespace

void add_gamification_routes(Router& router) {
    router.about("gamification");
    router.get("/me/progress", Permission::own_progress, my_progress)
        .called("showMyProgress", "XP, level, streaks and achievements.")
        .reads({"progress"})
        .gives<http::ProgressResponse>(200)
        .tagged();
    router.get("/me/xp-history", Permission::own_progress, my_xp_history)
        .called("listMyXp", "What the XP were awarded for, newest first.")
        .query(page_parameters({history_orders.begin(), history_orders.end()}))
        .reads({"xp_history"})
        .gives<http::XpHistoryResponse>(200)
        .tagged();
    router.get("/leaderboards/global", Permission::see_leaderboards, global_leaderboard)
        .called("showLeaderboard", "Who earned most, and where one stands oneself.")
        .query({choice("timeframe", {"daily", "weekly", "monthly", "all"}, "in UTC; all if it isn't said"),
                integer("limit", 1, leaderboard_limit, "how many at most; 10 if it isn't said")})
        .reads({"leaderboard"})
        .gives<http::LeaderboardResponse>(200)
        .kept(board_moment)
        .tagged();
}

}  // namespace kiroku::gateway
