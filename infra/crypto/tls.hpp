// infra/crypto/tls.hpp: TLS for servers, over sockets that don't block, by OpenSSL.
//
// TLS 1.2 and 1.3 with ephemeral elliptic curves and authenticated encryption only; no renegotiation, no compression,
// no session state kept here; ALPN offers http/1.1. OpenSSL writes to the socket itself, so whoever uses this ignores
// SIGPIPE.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace kiroku::crypto {

/// One conversation. Not thread-safe.
class TlsSession {
public:
    enum class Next {
        done,        ///< `bytes` were read or written
        wait_read,   ///< again, with the same arguments, once the socket can be read
        wait_write,  ///< again, once it can be written
        closed,      ///< the peer has ended it in an orderly way
        failed,      ///< no more of it; for a handshake, an alert was sent if one could be
    };
    struct Step {
        Next next = Next::failed;
        std::size_t bytes = 0;
    };

    Step shake_hands();
    Step read(void* into, std::size_t size);
    /// At most one record (16 KiB) at a time.
    Step write(const void* from, std::size_t size);
    /// Tells the peer that no more comes, as far as the socket takes it.
    void say_goodbye();

private:
    friend class TlsCertificate;
    struct Free {
        void operator()(ssl_st* session) const;
    };
    explicit TlsSession(std::unique_ptr<ssl_st, Free> session) : session_{std::move(session)} {}
    Step step(int result, std::size_t bytes);

    std::unique_ptr<ssl_st, Free> session_;
};

/// A certificate with its chain and key. Sessions outlive it.
class TlsCertificate {
public:
    /// PEM files. The error says what is wrong with them, and holds nothing of the key.
    static std::expected<TlsCertificate, std::string> load(const std::filesystem::path& certificate,
                                                           const std::filesystem::path& key);

    /// A server's side of a conversation over this socket, which stays the caller's.
    [[nodiscard]] TlsSession serve(int socket) const;

    /// When it ends to be valid.
    [[nodiscard]] std::chrono::sys_seconds expires() const;

private:
    struct Free {
        void operator()(ssl_ctx_st* context) const;
    };
    explicit TlsCertificate(std::unique_ptr<ssl_ctx_st, Free> context) : context_{std::move(context)} {}

    std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace kiroku::crypto
