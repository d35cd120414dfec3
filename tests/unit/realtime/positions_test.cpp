// tests/unit/realtime/positions_test.cpp: a position says what its reader has, and nobody can make one up.
#include "gateway/realtime/positions.hpp"

#include <algorithm>

#include "tests/unit/realtime/feed.hpp"

namespace kiroku::gateway::realtime::test {
namespace {

const Channel mine{Channel::Kind::me, named<UserId>("mika")};
const Channel hers{Channel::Kind::me, named<UserId>("yuki")};

std::vector<Offset> thirteen() {
    std::vector<Offset> offsets;
    for (int i = 0; i < 13; ++i) offsets.push_back(Offset{1'000'000 * i});
    return offsets;
}

TEST_SUITE("realtime: positions") {
TEST_CASE("come back as they went") {
    const Positions positions{a_key()};
    for (const auto offset : {0L, 1L, 127L, 128L, 16'383L, 16'384L, 1L << 40, (1L << 62)}) {
        const std::vector<Offset> offsets{Offset{offset}, Offset{0}, Offset{offset}};
        CHECK(positions.read(mine, positions.write(mine, offsets), 3) == offsets);
    }
}

TEST_CASE("are short") { CHECK(Positions{a_key()}.write(mine, thirteen()).size() <= 90); }

TEST_CASE("of somebody else, of another channel or of another log are not understood") {
    const Positions positions{a_key()};
    const auto text = positions.write(mine, thirteen());
    CHECK(positions.read(mine, text, 13));
    CHECK_FALSE(positions.read(hers, text, 13));
    CHECK_FALSE(positions.read(leaderboard_channel, text, 13));
    CHECK_FALSE(Positions{a_key(), "another"}.read(mine, text, 13));
    CHECK_FALSE(Positions{crypto::Secret::random()}.read(mine, text, 13));
}

TEST_CASE("with another number of partitions are not understood") {
    const Positions positions{a_key()};
    const auto text = positions.write(mine, thirteen());
    CHECK_FALSE(positions.read(mine, text, 12));
    CHECK_FALSE(positions.read(mine, text, 14));
    CHECK_FALSE(positions.read(mine, text, 0));
}

TEST_CASE("that were tampered with are not understood") {
    const Positions positions{a_key()};
    const auto text = positions.write(mine, thirteen());
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto forged = text;
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        CHECK_FALSE(positions.read(mine, forged, 13));
        CHECK_FALSE(positions.read(mine, text.substr(0, i), 13));
    }
    for (const auto* nonsense : {"", "A", "====", "challenges/7@4182", "\xff\xfe", "null"}) {
        CHECK_FALSE(positions.read(mine, nonsense, 13));
        CHECK_FALSE(positions.read(mine, nonsense, 0));
    }
    CHECK_FALSE(positions.read(mine, std::string(100'000, 'A'), 13));
}
}

}  // namespace
}  // namespace kiroku::gateway::realtime::test
