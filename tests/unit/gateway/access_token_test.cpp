// tests/unit/gateway/access_token_test.cpp: which tokens are believed (bad inputs B21 to B24).
#include "gateway/core/access_token.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "infra/crypto/base64url.hpp"
#include "infra/crypto/key_set.hpp"

using namespace kiroku;
using namespace kiroku::gateway;
using namespace std::chrono_literals;

namespace {

const Instant noon = std::chrono::sys_days{std::chrono::year{2026} / 3 / 6} + 12h;
const Caller mika{UserId{uuid_v5({}, "mika")}, SessionId{uuid_v5({}, "phone")}, "Europe/Berlin", {"learner"}, {}};

struct Tokens {
    crypto::KeySet keys = crypto::KeySet::random();
    AccessTokens tokens{keys, {}};

    /// A token as somebody else might write it, signed with our own key.
    std::string forged(std::string_view header, std::string_view claims) const {
        const std::string signed_part = crypto::base64url(header) + "." + crypto::base64url(claims);
        return signed_part + "." + crypto::base64url(keys.signing().sign(signed_part));
    }
    std::string our_header() const {
        return fmt::format(R"({{"alg":"ES256","typ":"at+jwt","kid":"{}"}})", keys.signing().id());
    }
    static std::string claims(std::string_view issuer = "kiroku", std::string_view audience = "kiroku-api",
                              std::chrono::seconds life = 15min) {
        const auto at = std::chrono::floor<std::chrono::seconds>(noon).time_since_epoch().count();
        return fmt::format(
            R"({{"iss":"{}","aud":"{}","sub":"{}","sid":"{}","iat":{},"exp":{},"zoneinfo":"UTC","roles":[]}})", issuer,
            audience, to_string(mika.user), to_string(mika.session), at, at + life.count());
    }
};

std::string tampered(std::string token, std::size_t part) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < part; ++i) begin = token.find('.', begin) + 1;
    token[begin + 5] = token[begin + 5] == 'A' ? 'B' : 'A';
    return token;
}

}  // namespace

TEST_SUITE("gateway/access_token") {
TEST_CASE("a token says who it was issued to") {
    Tokens given;
    const auto caller = given.tokens.verify(given.tokens.issue(mika, noon), noon + 1min);
    REQUIRE(caller);
    CHECK(caller->user == mika.user);
    CHECK(caller->session == mika.session);
    CHECK(caller->timezone == "Europe/Berlin");
    CHECK(caller->roles == std::vector<std::string>{"learner"});
    CHECK(caller->expires == noon + 15min);
}

TEST_CASE("the same claims are the same token; others are another") {
    Tokens given;
    const auto token = given.tokens.issue(mika, noon);
    CHECK(given.tokens.issue(mika, noon + 500ms) == token);
    CHECK(given.tokens.issue(mika, noon + 1s) != token);
    CHECK(given.tokens.issue(mika, noon) == token);
}

TEST_CASE("a token ends 15 minutes later, give or take the leeway, whether it was seen before or not") {
    for (const bool seen : {false, true}) {
        CAPTURE(seen);
        Tokens given;
        const auto token = given.tokens.issue(mika, noon);
        if (seen) REQUIRE(given.tokens.verify(token, noon));
        CHECK(given.tokens.verify(token, noon + 15min + 29s));
        CHECK(given.tokens.verify(token, noon + 15min + 30s).error() == TokenProblem::expired);
    }
}

TEST_CASE("B21, B22: no other algorithm is believed, whoever signed") {
    Tokens given;
    for (const auto* header : {R"({"alg":"none","typ":"at+jwt"})", R"({"alg":"HS256","typ":"at+jwt"})"}) {
        const auto unsigned_part = crypto::base64url(header) + "." + crypto::base64url(Tokens::claims());
        const auto key = crypto::Secret::from_bytes(given.keys.public_jwks().substr(0, crypto::Secret::size));
        const auto mac = crypto::hmac_sha256(*key, unsigned_part);
        for (const std::string& token :
             {unsigned_part + ".", unsigned_part + "." + crypto::base64url(crypto::view(mac)),
              given.forged(header, Tokens::claims())}) {
            CHECK(given.tokens.verify(token, noon).error() == TokenProblem::unknown_header);
        }
    }
}

TEST_CASE("B23: signed by us for another issuer, audience or time") {
    Tokens given;
    CHECK(given.tokens.verify(given.forged(given.our_header(), Tokens::claims()), noon));
    CHECK(given.tokens.verify(given.forged(given.our_header(), Tokens::claims("other")), noon).error() ==
          TokenProblem::wrong_claims);
    CHECK(given.tokens.verify(given.forged(given.our_header(), Tokens::claims("kiroku", "other")), noon).error() ==
          TokenProblem::wrong_claims);
    CHECK(given.tokens.verify(given.forged(given.our_header(), Tokens::claims("kiroku", "kiroku-api", -1min)), noon)
              .error() == TokenProblem::expired);
    CHECK(given.tokens.verify(given.tokens.issue(mika, noon + 1min), noon).error() == TokenProblem::not_yet_valid);
}

TEST_CASE("B23, B24: another type, an unknown key, or a header that brings a key of its own") {
    Tokens given;
    const auto id = given.keys.signing().id();
    for (const std::string& header :
         {fmt::format(R"({{"alg":"ES256","typ":"JWT","kid":"{}"}})", id),
          std::string{R"({"alg":"ES256","typ":"at+jwt","kid":"x"})"},
          fmt::format(R"({{"alg":"ES256","typ":"at+jwt","kid":"{}","jku":"https://example.org"}})", id),
          fmt::format(R"({{"alg":"ES256","typ":"at+jwt","kid":"{}","jwk":{}}})", id,
                      given.keys.signing().public_jwk())}) {
        CAPTURE(header);
        CHECK(given.tokens.verify(given.forged(header, Tokens::claims()), noon).error() ==
              TokenProblem::unknown_header);
    }
}

TEST_CASE("a changed byte anywhere is noticed") {
    Tokens given;
    const auto token = given.tokens.issue(mika, noon);
    CHECK(given.tokens.verify(tampered(token, 0), noon).error() == TokenProblem::unknown_header);
    CHECK(given.tokens.verify(tampered(token, 1), noon).error() == TokenProblem::wrong_signature);
    CHECK(given.tokens.verify(tampered(token, 2), noon).error() == TokenProblem::wrong_signature);
    CHECK_FALSE(given.tokens.verify(token + "A", noon));
    CHECK_FALSE(given.tokens.verify(token + ".", noon));
}

TEST_CASE("what has no shape of a token is refused, however long it is") {
    Tokens given;
    for (const std::string& text : {std::string{}, std::string{"."}, std::string{".."}, std::string{"a.b"},
                                    std::string(100'000, 'a'), std::string(100, '.')}) {
        CHECK_FALSE(given.tokens.verify(text, noon));
    }
}

TEST_CASE("tokens of the key before the last change are believed as long as it is kept") {
    Tokens given;
    crypto::KeySet other = crypto::KeySet::random();
    AccessTokens elsewhere{other, {}};
    CHECK(given.tokens.verify(elsewhere.issue(mika, noon), noon).error() == TokenProblem::unknown_header);
}

TEST_CASE("no more tokens are remembered than allowed, and forgotten ones are checked again") {
    crypto::KeySet keys = crypto::KeySet::random();
    AccessTokens tokens{keys, {.most_remembered = 2}};
    std::vector<std::string> issued;
    for (int i = 0; i < 5; ++i) issued.push_back(tokens.issue(mika, noon - std::chrono::seconds{i}));
    for (int round = 0; round < 2; ++round) {
        for (const auto& token : issued) CHECK(tokens.verify(token, noon));
    }
}
}
