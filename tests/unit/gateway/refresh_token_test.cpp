// tests/unit/gateway/refresh_token_test.cpp: refresh tokens are derived, and can't be made by anybody else.
#include "gateway/core/refresh_token.hpp"

#include <doctest/doctest.h>

using namespace kiroku;
using namespace kiroku::gateway;

TEST_SUITE("gateway/refresh_token") {
const crypto::Secret key = crypto::Secret::random();
const RefreshToken third{UserId{uuid_v5({}, "mika")}, SessionId{uuid_v5({}, "phone")}, Generation{3}};

TEST_CASE("the same generation is the same text, and reads back") {
    CHECK(third.text(key) == RefreshToken{third}.text(key));
    CHECK(RefreshToken::read(third.text(key), key) == third);
}

TEST_CASE("another generation, session, user or key is another text") {
    RefreshToken fourth = third;
    fourth.generation = Generation{4};
    CHECK(fourth.text(key) != third.text(key));
    CHECK(third.text(crypto::Secret::random()) != third.text(key));
}

TEST_CASE("nothing else is a token") {
    const std::string good = third.text(key);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        CAPTURE(i);
        CHECK_FALSE(RefreshToken::read(bad, key));
    }
    CHECK_FALSE(RefreshToken::read("", key));
    CHECK_FALSE(RefreshToken::read(good + "A", key));
    CHECK_FALSE(RefreshToken::read(good.substr(4), key));
    CHECK_FALSE(RefreshToken::read(good, crypto::Secret::random()));
}
}
