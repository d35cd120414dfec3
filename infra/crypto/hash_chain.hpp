// infra/crypto/hash_chain.hpp: a SHA-256 over all that was added so far, in order.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace kiroku::crypto {

/// Each link is the hash of the one before it and of what is added; so one link tells all that led to it, and nothing
/// can be changed, left out or put in before it without another one coming out.
class HashChain {
public:
    explicit HashChain(std::string_view name);  ///< two names never meet in a link

    /// Fields keep their borders: ("ab", "c") isn't ("a", "bc").
    void add(std::int64_t number, std::string_view first, std::string_view second);

    [[nodiscard]] std::string hex() const;  ///< 64 digits

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
    std::array<unsigned char, 32> link_{};
};

}  // namespace kiroku::crypto
