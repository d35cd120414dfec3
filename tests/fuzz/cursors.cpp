// tests/fuzz/cursors.cpp: fuzzes what clients were given to come back with: positions, cursors, expressions, ids.
#include "gateway/analytics/events_query.hpp"
#include "gateway/realtime/positions.hpp"
#include "infra/crypto/base64url.hpp"
#include "infra/log/position.hpp"
#include "infra/replay/where.hpp"
#include "tests/fuzz/input.hpp"

using namespace kiroku;
using namespace kiroku::gateway;
using fuzz::must;

namespace {

const crypto::Secret key = *crypto::Secret::from_bytes("a key of thirty-two bytes, as is");

void check_position(std::string_view text) {
    const auto position = log::Position::parse(text);
    if (!position) return;
    const auto again = log::Position::parse(position->text());
    must(again && again->offsets() == position->offsets(), "a position is read as it was written");
}

void check_realtime_position(fuzz::Input input) {
    const realtime::Positions positions{key};
    const realtime::Channel channel{realtime::Channel::Kind::me, UserId{Uuid{}}};
    std::vector<Offset> offsets;
    while (!input.empty() && offsets.size() < 32)
        offsets.push_back(Offset{static_cast<std::int64_t>(input.number() >> 1)});
    const auto text = positions.write(channel, offsets);
    must(positions.read(channel, text, offsets.size()) == offsets || text.size() > realtime::Positions::longest,
         "a channel's position is read as it was written");
    must(!positions.read(realtime::leaderboard_channel, text, offsets.size()), "it is no other channel's");
    must(!positions.read(channel, text, offsets.size() + 1), "it is of no other number of partitions");
}

void check_cursor(fuzz::Input input) {
    const Cursors cursors{key};
    Cursor cursor{Instant{std::chrono::milliseconds{static_cast<std::int64_t>(input.number() >> 16)}}, {}};
    while (!input.empty() && cursor.rest.size() < 32) {
        const auto number = [&] { return static_cast<std::int64_t>(input.number() >> 1); };
        const auto partition = static_cast<int>(input.byte());
        const Offset first{number()}, next{number()};
        const log::Term term{number()};
        cursor.rest.push_back({{"challenges", partition}, first, {next, {term, log::Sequence{number()}}}});
    }
    const auto text = cursors.write(cursor, "filters");
    const auto again = cursors.read(text, "filters");
    must(again && cursors.write(*again, "filters") == text, "a cursor is read as it was written");
    must(!cursors.read(text, "other filters"), "it is no other stream's");
}

/// Nobody makes one up, and there is one text only for each.
void check_forged(std::string_view text) {
    must(!Cursors{key}.read(text, "filters"), "nobody makes a cursor up");
    must(!realtime::Positions{key}.read(realtime::leaderboard_channel, text, 4), "nobody makes a position up");
    const auto bytes = crypto::from_base64url(text);
    must(!bytes || crypto::base64url(*bytes) == text, "bytes have one text only");
    (void)Uuid::parse(text);
    (void)parse_instant(text);
}

void check_query(std::string_view text) {
    const auto query = read_target("/analytics/events?" + std::string{text});
    if (!query) return;
    Request request;
    request.target = *query;
    const Cursors cursors{key};
    const std::array<std::string_view, 2> contexts{"challenges", "gamification"};
    if (!refuse(request.target.query, events_parameters())) (void)read_events_query(request, contexts, cursors);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Input input{bytes, size};
    switch (input.byte() % 6) {
        case 0: check_position(input.rest()); break;
        case 1: check_realtime_position(input); break;
        case 2: check_cursor(input); break;
        case 3: check_forged(input.rest()); break;
        case 4: (void)replay::Where::parse(input.rest()); break;
        default: check_query(input.rest()); break;
    }
    return 0;
}
