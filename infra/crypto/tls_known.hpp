// infra/crypto/tls_known.hpp: a TLS server on this machine, known by the very certificate that its file holds.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct x509_st;

namespace kiroku::crypto {

/// Neither an authority nor a name is asked for: who answers on this machine's own address with this certificate, and
/// its key, is meant.
class KnownServer {
public:
    /// A PEM file; its first certificate counts. The error says what is wrong with it.
    static std::expected<KnownServer, std::string> load(const std::filesystem::path& certificate);

    /// The name by which other programs here may call the server and still find it in the certificate: 127.0.0.1, else
    /// localhost, else the first it has (`kiroku.` for a wildcard); 127.0.0.1 if it has none.
    [[nodiscard]] std::string local_name() const;

    /// Sends `request` and returns what comes back first, up to 4 KiB. The socket is connected, blocks, has its time
    /// limits set and stays the caller's. Nothing if it shows another certificate, or breaks off.
    [[nodiscard]] std::optional<std::string> exchange(int socket, std::string_view request) const;

private:
    struct Free {
        void operator()(x509_st* certificate) const;
    };
    explicit KnownServer(std::unique_ptr<x509_st, Free> certificate) : certificate_{std::move(certificate)} {}

    std::unique_ptr<x509_st, Free> certificate_;
};

}  // namespace kiroku::crypto
