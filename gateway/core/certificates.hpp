// gateway/core/certificates.hpp: what connections are encrypted with, as it stands in the files right now.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

#include "gateway/core/transport.hpp"
#include "infra/crypto/tls.hpp"

namespace kiroku::gateway {

/// Used on the io thread only. A new pair of files is taken up for the connections that come after it, within two
/// seconds or at once when told; one that can't be used is refused with an alarm in the log, and the last good one goes
/// on.
class Certificates {
public:
    struct Files {
        std::filesystem::path certificate, key;  ///< PEM; the certificate's chain behind it
    };

    /// Throws runtime::Failure (config) if the files can't be used.
    static crypto::TlsCertificate load(const Files& files);

    /// Throws what `load` throws.
    Certificates(net::io_context& io, Files files);

    std::unique_ptr<Encryption> encrypt(Socket socket) const;

    /// Looks at the files again and again, and on SIGHUP, until `stop`.
    Task<void> watch();
    Task<void> listen_for_hangups();
    void stop();

    /// Reads the files, changed or not.
    void reload();

    /// When the certificate in use ends.
    [[nodiscard]] std::chrono::sys_seconds expires() const { return current_.expires(); }
    [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
    [[nodiscard]] std::uint64_t refused() const { return refused_; }

private:
    using Seen = std::vector<std::int64_t>;
    [[nodiscard]] Seen look() const;

    Files files_;
    crypto::TlsCertificate current_;
    Seen loaded_;
    net::steady_timer timer_;
    net::basic_signal_set<Executor> hangups_;
    std::uint64_t reloads_ = 0;
    std::uint64_t refused_ = 0;
    bool stopped_ = false;
};

}  // namespace kiroku::gateway
