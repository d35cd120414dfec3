// infra/crypto/seal.cpp: short texts that clients keep for us and can't make up.
#include "infra/crypto/seal.hpp"

#include <fmt/format.h>

#include "infra/crypto/base64url.hpp"

namespace kiroku::crypto {
namespace {

constexpr std::size_t tag_size = 12;

}  // namespace

std::string Seal::close(std::string_view text, std::string_view bound_to) const {
    return base64url(tag(text, bound_to).append(text));
}

std::optional<std::string> Seal::open(std::string_view closed, std::string_view bound_to) const {
    auto bytes = from_base64url(closed);
    if (!bytes || bytes->size() < tag_size) return std::nullopt;
    const auto text = std::string_view{*bytes}.substr(tag_size);
    if (!equal(tag(text, bound_to), std::string_view{*bytes}.substr(0, tag_size))) return std::nullopt;
    return bytes->substr(tag_size);
}

std::string Seal::tag(std::string_view text, std::string_view bound_to) const {
    const auto print = fingerprint(key_, fmt::format("{}\n{}\n{}\n{}", purpose_, bound_to.size(), bound_to, text));
    return {reinterpret_cast<const char*>(print.data()), tag_size};
}

}  // namespace kiroku::crypto
