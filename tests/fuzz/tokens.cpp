// tests/fuzz/tokens.cpp: fuzzes access tokens and refresh tokens: made up, and good ones with something changed.
#include "gateway/core/access_token.hpp"
#include "gateway/core/refresh_token.hpp"
#include "infra/crypto/key_set.hpp"
#include "tests/fuzz/input.hpp"

using namespace kiroku;
using namespace kiroku::gateway;
using fuzz::must;

namespace {

const Instant now{std::chrono::milliseconds{1'772'798'400'000}};

struct Issued {
    crypto::KeySet keys = crypto::KeySet::random();
    AccessTokens tokens{keys, {}};
    Caller caller{UserId{uuid_v5({}, "mika")}, SessionId{uuid_v5({}, "phone")}, "Asia/Tokyo", {"learner"}, {}};
    std::string access = tokens.issue(caller, now);
    RefreshToken parts{caller.user, caller.session, Generation{7}};
    std::string refresh = parts.text(keys.refresh());
};

/// Each three bytes of the input put another character somewhere; some are left out or doubled.
std::string changed(std::string text, fuzz::Input input) {
    while (!input.empty() && !text.empty()) {
        const std::size_t place = (input.byte() * 256U + input.byte()) % text.size();
        const std::uint8_t how = input.byte();
        if (how == 0) {
            text.erase(place, 1);
        } else if (how == 1) {
            text.insert(place, 1, text[place]);
        } else {
            text[place] = static_cast<char>(how);
        }
    }
    return text;
}

void check_access(Issued& issued, std::string_view text) {
    const auto caller = issued.tokens.verify(text, now);
    must(!caller || text == issued.access, "no other text is a good token");
}

void check_refresh(Issued& issued, std::string_view text) {
    const auto token = RefreshToken::read(text, issued.keys.refresh());
    must(!token || text == issued.refresh, "no other text is a good refresh token");
}

/// Whatever a token says, it is read as it was said, and its end is kept.
void check_issued(Issued& issued, fuzz::Input input) {
    Caller caller = issued.caller;
    caller.timezone = std::string{input.line()};
    caller.roles = {std::string{input.rest()}};
    const auto token = issued.tokens.issue(caller, now);
    const auto read = issued.tokens.verify(token, now);
    if (read)
        must(read->user == caller.user && read->roles == caller.roles && read->timezone == caller.timezone,
             "a token says what it was told");
    must(!issued.tokens.verify(token, now + std::chrono::hours{1}), "a token ends");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static Issued issued;
    fuzz::Input input{bytes, size};
    switch (input.byte() % 5) {
        case 0: check_access(issued, input.rest()); break;
        case 1: check_access(issued, changed(issued.access, input)); break;
        case 2: check_refresh(issued, input.rest()); break;
        case 3: check_refresh(issued, changed(issued.refresh, input)); break;
        default:
            if (size < 200) check_issued(issued, input);
            break;
    }
    return 0;
}
