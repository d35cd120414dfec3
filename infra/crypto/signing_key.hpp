// infra/crypto/signing_key.hpp: ECDSA on P-256 with SHA-256, as JOSE's ES256 (RFC 7518) has it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace kiroku::crypto {

/// A private key with its public half. Any thread may use it.
class SigningKey {
public:
    static SigningKey generate();
    /// Null unless the text is an unencrypted PEM private key on P-256.
    static std::optional<SigningKey> from_pem(std::string_view pem);

    [[nodiscard]] std::string pem() const;

    /// 64 bytes, r and s.
    [[nodiscard]] std::string sign(std::string_view message) const;
    [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

    /// The RFC 7638 thumbprint of the public half: the same key has the same name everywhere.
    [[nodiscard]] const std::string& id() const { return id_; }

    /// The public half as a JSON Web Key.
    [[nodiscard]] const std::string& public_jwk() const { return public_jwk_; }

private:
    struct Free {
        void operator()(evp_pkey_st* key) const;
    };
    using Handle = std::unique_ptr<evp_pkey_st, Free>;

    explicit SigningKey(Handle handle);

    Handle handle_;
    std::string id_;
    std::string public_jwk_;
};

}  // namespace kiroku::crypto
