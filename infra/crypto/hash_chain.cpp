#include "infra/crypto/hash_chain.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <stdexcept>

namespace kiroku::crypto {
namespace {

using Border = std::array<unsigned char, 8>;

Border border(std::uint64_t number) {
    Border bytes{};
    for (std::size_t at = 0; at < bytes.size(); ++at) bytes[at] = static_cast<unsigned char>(number >> (56 - 8 * at));
    return bytes;
}

void expect(int success) {
    if (success != 1) throw std::runtime_error("OpenSSL fails at SHA-256");
}

}  // namespace

void HashChain::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

HashChain::HashChain(std::string_view name) : context_(EVP_MD_CTX_new()) {
    expect(EVP_DigestInit_ex2(context_.get(), EVP_sha256(), nullptr));
    add(0, "kiroku", name);
}

void HashChain::add(std::int64_t number, std::string_view first, std::string_view second) {
    auto* context = context_.get();
    expect(EVP_DigestInit_ex2(context, nullptr, nullptr));
    expect(EVP_DigestUpdate(context, link_.data(), link_.size()));
    for (const auto& head : {border(static_cast<std::uint64_t>(number)), border(first.size())})
        expect(EVP_DigestUpdate(context, head.data(), head.size()));
    expect(EVP_DigestUpdate(context, first.data(), first.size()));
    expect(EVP_DigestUpdate(context, second.data(), second.size()));
    expect(EVP_DigestFinal_ex(context, link_.data(), nullptr));
}

std::string HashChain::hex() const { return fmt::format("{:02x}", fmt::join(link_, "")); }

}  // namespace kiroku::crypto
