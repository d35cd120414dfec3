// infra/crypto/signing_key.cpp: ECDSA on P-256 by OpenSSL's EVP interface.
#include "infra/crypto/signing_key.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdexcept>

#include "infra/crypto/base64url.hpp"
#include "infra/crypto/secret.hpp"

namespace kiroku::crypto {
namespace {

constexpr int scalar_size = 32;

struct FreeOpenssl {
    void operator()(BIO* bio) const { BIO_free_all(bio); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void expect(bool success, const char* doing) {
    if (!success) throw std::runtime_error{fmt::format("OpenSSL fails at {}", doing)};
}

std::string coordinate(const EVP_PKEY* key, const char* name) {
    BIGNUM* raw = nullptr;
    expect(EVP_PKEY_get_bn_param(key, name, &raw) == 1, "reading a public key");
    const Owned<BIGNUM> number{raw};
    std::string bytes(scalar_size, '\0');
    expect(BN_bn2binpad(number.get(), bytes_of(bytes), scalar_size) == scalar_size, "writing a public key");
    return base64url(bytes);
}

bool is_p256(const EVP_PKEY* key) {
    char group[32] = {};
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, nullptr) == 1 &&
           std::string_view{group} == SN_X9_62_prime256v1;
}

std::string der_of(std::string_view signature) {
    const Owned<ECDSA_SIG> parts{ECDSA_SIG_new()};
    ECDSA_SIG_set0(parts.get(), BN_bin2bn(bytes_of(signature), scalar_size, nullptr),
                   BN_bin2bn(bytes_of(signature) + scalar_size, scalar_size, nullptr));
    std::string der(i2d_ECDSA_SIG(parts.get(), nullptr), '\0');
    unsigned char* out = bytes_of(der);
    i2d_ECDSA_SIG(parts.get(), &out);
    return der;
}

}  // namespace

void SigningKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

SigningKey::SigningKey(Handle handle) : handle_{std::move(handle)} {
    const std::string x = coordinate(handle_.get(), OSSL_PKEY_PARAM_EC_PUB_X);
    const std::string y = coordinate(handle_.get(), OSSL_PKEY_PARAM_EC_PUB_Y);
    id_ = base64url(view(sha256(fmt::format(R"({{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}})", x, y))));
    public_jwk_ = fmt::format(R"({{"kty":"EC","crv":"P-256","x":"{}","y":"{}","use":"sig","alg":"ES256","kid":"{}"}})",
                              x, y, id_);
}

SigningKey SigningKey::generate() {
    Handle handle{EVP_EC_gen("P-256")};
    expect(handle != nullptr, "making a signing key");
    return SigningKey{std::move(handle)};
}

std::optional<SigningKey> SigningKey::from_pem(std::string_view pem) {
    const Owned<BIO> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };
    Handle handle{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
    ERR_clear_error();
    if (!handle || !is_p256(handle.get())) return std::nullopt;
    return SigningKey{std::move(handle)};
}

std::string SigningKey::pem() const {
    const Owned<BIO> bio{BIO_new(BIO_s_mem())};
    expect(PEM_write_bio_PKCS8PrivateKey(bio.get(), handle_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
           "writing a signing key");
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string SigningKey::sign(std::string_view message) const {
    const Owned<EVP_MD_CTX> context{EVP_MD_CTX_new()};
    std::string der(80, '\0');
    std::size_t size = der.size();
    expect(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, handle_.get()) == 1 &&
               EVP_DigestSign(context.get(), bytes_of(der), &size, bytes_of(message), message.size()) == 1,
           "signing");
    const unsigned char* in = bytes_of(der);
    const Owned<ECDSA_SIG> parts{d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(size))};
    std::string signature(2 * scalar_size, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), bytes_of(signature), scalar_size);
    BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), bytes_of(signature) + scalar_size, scalar_size);
    return signature;
}

bool SigningKey::verify(std::string_view message, std::string_view signature) const {
    if (signature.size() != 2 * scalar_size) return false;
    const std::string der = der_of(signature);
    const Owned<EVP_MD_CTX> context{EVP_MD_CTX_new()};
    const bool valid =
        EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, handle_.get()) == 1 &&
        EVP_DigestVerify(context.get(), bytes_of(der), der.size(), bytes_of(message), message.size()) == 1;
    ERR_clear_error();
    return valid;
}

}  // namespace kiroku::crypto
