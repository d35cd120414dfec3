// tests/unit/gateway/crypto_test.cpp: keys, signatures, sealed texts and password hashes do what is relied upon.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "infra/crypto/base64url.hpp"
#include "infra/crypto/key_set.hpp"
#include "infra/crypto/password.hpp"
#include "infra/runtime/exit.hpp"

using namespace kiroku;
using namespace kiroku::crypto;

namespace {

constexpr PasswordCost cheap{.passes = 2, .memory_bytes = 1 << 20};

std::filesystem::path fresh_folder() {
    return std::filesystem::temp_directory_path() / ("kiroku-keys-" + to_string(random_uuid_v7()));
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char byte : bytes) (out += digits[static_cast<std::uint8_t>(byte) >> 4]) += digits[byte & 15];
    return out;
}

}  // namespace

TEST_SUITE("gateway/crypto") {
TEST_CASE("base64url writes RFC 4648's examples without padding and reads them back") {
    const std::pair<std::string_view, std::string_view> examples[]{
        {"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"\xFF\xFE\xFD", "__79"}};
    for (const auto& [bytes, text] : examples) {
        CHECK(base64url(bytes) == text);
        CHECK(from_base64url(text) == std::string{bytes});
    }
}

TEST_CASE("base64url has one text for each value: everything else is refused") {
    for (const std::string_view text : {"Zg==", "Z", "Zh", "Zm9=", "Zm 8", "Zm+8", "Zm/8", "Zm8\n"}) {
        CAPTURE(text);
        CHECK_FALSE(from_base64url(text));
    }
}

TEST_CASE("sha256 is FIPS 180-4's, each time anew") {
    for (int time = 0; time < 2; ++time) {
        CHECK(hex(view(sha256("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        CHECK(hex(view(sha256(""))) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}

TEST_CASE("hmac_sha256 is RFC 4231's") {
    const auto key = Secret::from_bytes(std::string(20, '\x0b') + std::string(12, '\0'));  // HMAC pads keys with zeros
    REQUIRE(key);
    CHECK(hex(view(hmac_sha256(*key, "Hi There"))) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

TEST_CASE("what is sealed opens for its owner with its key, and in no other way") {
    const Secret key = Secret::random();
    const std::string sealed = seal(key, "$argon2id$…", "mika");
    CHECK(open(key, sealed, "mika") == "$argon2id$…");
    CHECK_FALSE(open(key, sealed, "noor"));
    CHECK_FALSE(open(Secret::random(), sealed, "mika"));
    CHECK_FALSE(open(key, sealed.substr(1), "mika"));
    CHECK_FALSE(open(key, "", "mika"));
    CHECK(seal(key, "x", "mika") != seal(key, "x", "mika"));
}

TEST_CASE("a keyed id is a UUID of version 8 that depends on the key") {
    const Secret key = Secret::random();
    const Uuid id = keyed_uuid(key, "mika@example.org");
    CHECK(id == keyed_uuid(key, "mika@example.org"));
    CHECK(id != keyed_uuid(Secret::random(), "mika@example.org"));
    CHECK(to_string(id)[14] == '8');
    CHECK(std::string_view{"89ab"}.find(to_string(id)[19]) != std::string_view::npos);
}

TEST_CASE("a password's hash is Argon2id's, the same for the same salt, and of no other password") {
    const Salt salt{1, 2, 3};
    const auto hash = hash_password("correct horse", salt, cheap);
    REQUIRE(hash);
    CHECK(hash->starts_with("$argon2id$v=19$m=1024,t=2,p=1$AQIDAAAAAAAAAAAAAAAAAA$"));
    CHECK(hash == hash_password("correct horse", salt, cheap));
    CHECK(verify_password(*hash, "correct horse"));
    CHECK_FALSE(verify_password(*hash, "correct horses"));
    CHECK_FALSE(verify_password("", "correct horse"));
    CHECK_FALSE(verify_password("$argon2id$nonsense", "correct horse"));
}

TEST_CASE("a signature is good for its message and key only") {
    const SigningKey key = SigningKey::generate();
    const std::string signature = key.sign("message");
    CHECK(signature.size() == 64);
    CHECK(key.verify("message", signature));
    CHECK_FALSE(key.verify("messages", signature));
    CHECK_FALSE(SigningKey::generate().verify("message", signature));
    CHECK_FALSE(key.verify("message", signature.substr(1)));
    CHECK_FALSE(key.verify("message", std::string(64, '\0')));
}

TEST_CASE("a signing key keeps its name through PEM; other kinds of keys are refused") {
    const SigningKey key = SigningKey::generate();
    const auto again = SigningKey::from_pem(key.pem());
    REQUIRE(again);
    CHECK(again->id() == key.id());
    CHECK(again->verify("message", key.sign("message")));
    CHECK_FALSE(SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
    CHECK_FALSE(SigningKey::from_pem(""));
}

TEST_CASE("a folder of keys is made once, for its owner alone, and read from then on") {
    const auto folder = fresh_folder();
    const KeySet first = KeySet::load(folder);
    const KeySet second = KeySet::load(folder);
    CHECK(first.signing().id() == second.signing().id());
    CHECK(first.refresh().bytes() == second.refresh().bytes());
    CHECK(first.refresh().bytes() != first.credentials().bytes());
    for (const auto& file : std::filesystem::directory_iterator{folder}) {
        CAPTURE(file.path().string());
        CHECK((file.status().permissions() & std::filesystem::perms::mask) ==
              (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    }
    std::filesystem::remove_all(folder);
}

TEST_CASE("gateways that start at once end with the same keys") {
    const auto folder = fresh_folder();
    std::vector<std::string> ids(8);
    {
        std::vector<std::jthread> starting;
        for (auto& id : ids) starting.emplace_back([&] { id = std::string{KeySet::load(folder).requests().bytes()}; });
    }
    for (const auto& id : ids) CHECK(id == ids.front());
    std::filesystem::remove_all(folder);
}

TEST_CASE("a second signing key verifies, the first one signs, and both are published") {
    const auto folder = fresh_folder();
    const KeySet before = KeySet::load(folder);
    std::ofstream{folder / "signing-next.pem"} << SigningKey::generate().pem();
    const KeySet after = KeySet::load(folder);
    CHECK(after.signing().id() == before.signing().id());
    REQUIRE(after.verifying().size() == 2);
    CHECK(after.public_jwks().find(after.verifying()[1].id()) != std::string::npos);
    std::filesystem::remove_all(folder);
}

TEST_CASE("a damaged key is refused by name, never replaced") {
    const auto folder = fresh_folder();
    KeySet::load(folder);
    std::ofstream{folder / "refresh.key"} << "short";
    CHECK_THROWS_WITH_AS(KeySet::load(folder), doctest::Contains("refresh.key"), runtime::Failure);
    std::filesystem::remove_all(folder);
}
}
