// infra/crypto/secret.cpp: 32 secret bytes, and what is done with them, by libsodium.
#include "infra/crypto/secret.hpp"

#include <sodium.h>

#include <algorithm>
#include <stdexcept>

#include "infra/crypto/base64url.hpp"

namespace kiroku::crypto {
namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }
std::uint8_t* bytes_of(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

}  // namespace

Secret Secret::random() {
    Secret secret;
    fill_random(secret.bytes_.data(), size);
    return secret;
}

std::optional<Secret> Secret::from_bytes(std::string_view bytes) {
    if (bytes.size() != size) return std::nullopt;
    Secret secret;
    std::copy_n(bytes_of(bytes), size, secret.bytes_.begin());
    return secret;
}

Secret::~Secret() { sodium_memzero(bytes_.data(), bytes_.size()); }

Digest hmac_sha256(const Secret& key, std::string_view message) {
    static_assert(Secret::size == crypto_auth_hmacsha256_KEYBYTES);
    Digest digest;
    crypto_auth_hmacsha256(digest.data(), bytes_of(message), message.size(), key.data());
    return digest;
}

Uuid keyed_uuid(const Secret& key, std::string_view name) {
    const Digest digest = hmac_sha256(key, name);
    Uuid uuid;
    std::copy_n(digest.begin(), uuid.bytes.size(), uuid.bytes.begin());
    uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0F) | 0x80);
    uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3F) | 0x80);
    return uuid;
}

Fingerprint fingerprint(const Secret& key, std::string_view text) {
    Fingerprint out;
    crypto_generichash(out.data(), out.size(), bytes_of(text), text.size(), key.data(), Secret::size);
    return out;
}

bool equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void fill_random(std::uint8_t* out, std::size_t size) {
    static const bool ready = sodium_init() >= 0;
    if (!ready) throw std::runtime_error{"libsodium finds no randomness"};
    randombytes_buf(out, size);
}

std::string seal(const Secret& key, std::string_view plain, std::string_view owner) {
    std::string box(nonce_size + plain.size() + tag_size, '\0');
    fill_random(bytes_of(box), nonce_size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(box) + nonce_size, nullptr, bytes_of(plain), plain.size(),
                                               bytes_of(owner), owner.size(), nullptr, bytes_of(box), key.data());
    return base64url(box);
}

std::optional<std::string> open(const Secret& key, std::string_view sealed, std::string_view owner) {
    const auto box = from_base64url(sealed);
    if (!box || box->size() < nonce_size + tag_size) return std::nullopt;
    const std::string_view cipher = std::string_view{*box}.substr(nonce_size);
    std::string plain(cipher.size() - tag_size, '\0');
    const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(plain), nullptr, nullptr, bytes_of(cipher),
                                                                  cipher.size(), bytes_of(owner), owner.size(),
                                                                  bytes_of(std::string_view{*box}), key.data());
    if (failed != 0) return std::nullopt;
    return plain;
}

}  // namespace kiroku::crypto
