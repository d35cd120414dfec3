// gateway/core/refresh_token.cpp: user, session and generation, and an HMAC over them.
#include "gateway/core/refresh_token.hpp"

#include <algorithm>

#include "infra/crypto/base64url.hpp"

namespace kiroku::gateway {
namespace {

constexpr std::size_t id_size = 16;
constexpr std::size_t generation_size = 4;
constexpr std::size_t body_size = 2 * id_size + generation_size;
constexpr std::size_t whole_size = body_size + sizeof(crypto::Digest);
constexpr std::string_view purpose = "kiroku.refresh.v1\n";

std::string proof_of(std::string_view body, const crypto::Secret& key) {
    return std::string{crypto::view(crypto::hmac_sha256(key, std::string{purpose}.append(body)))};
}

std::string_view bytes_of(const Uuid& id) { return {reinterpret_cast<const char*>(id.bytes.data()), id_size}; }

Uuid uuid_in(std::string_view bytes) {
    Uuid id;
    std::copy_n(bytes.begin(), id_size, id.bytes.begin());
    return id;
}

}  // namespace

std::string RefreshToken::text(const crypto::Secret& key) const {
    std::string body;
    body.append(bytes_of(user.value)).append(bytes_of(session.value));
    const auto number = static_cast<std::uint32_t>(generation.value);
    for (int shift = 24; shift >= 0; shift -= 8) body += static_cast<char>(number >> shift & 0xFF);
    return crypto::base64url(body + proof_of(body, key));
}

std::optional<RefreshToken> RefreshToken::read(std::string_view text, const crypto::Secret& key) {
    const auto bytes = crypto::from_base64url(text);
    if (!bytes || bytes->size() != whole_size) return std::nullopt;
    const std::string_view body = std::string_view{*bytes}.substr(0, body_size);
    if (!crypto::equal(std::string_view{*bytes}.substr(body_size), proof_of(body, key))) return std::nullopt;
    std::uint32_t number = 0;
    for (const char byte : body.substr(2 * id_size)) number = number << 8 | static_cast<std::uint8_t>(byte);
    return RefreshToken{UserId{uuid_in(body)}, SessionId{uuid_in(body.substr(id_size))},
                        Generation{static_cast<std::int32_t>(number)}};
}

}  // namespace kiroku::gateway
