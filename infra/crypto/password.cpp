// infra/crypto/password.cpp: Argon2id by libsodium.
#include "infra/crypto/password.hpp"

#include <fmt/format.h>
#include <sodium.h>

namespace kiroku::crypto {
namespace {

std::string base64(const std::uint8_t* bytes, std::size_t size) {
    constexpr int variant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    std::string out(sodium_base64_encoded_len(size, variant), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes, size, variant);
    out.pop_back();  // libsodium's terminating zero
    return out;
}

}  // namespace

std::optional<std::string> hash_password(std::string_view password, const Salt& salt, PasswordCost cost) {
    static_assert(std::tuple_size_v<Salt> == crypto_pwhash_argon2id_SALTBYTES);
    std::array<std::uint8_t, 32> hash{};
    if (crypto_pwhash_argon2id(hash.data(), hash.size(), password.data(), password.size(), salt.data(), cost.passes,
                               cost.memory_bytes, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
        return std::nullopt;
    }
    return fmt::format("$argon2id$v=19$m={},t={},p=1${}${}", cost.memory_bytes / 1024, cost.passes,
                       base64(salt.data(), salt.size()), base64(hash.data(), hash.size()));
}

bool verify_password(const std::string& hash, std::string_view password) {
    return crypto_pwhash_argon2id_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace kiroku::crypto
