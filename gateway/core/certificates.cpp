// gateway/core/certificates.cpp: what connections are encrypted with, as it stands in the files right now.
#include "gateway/core/certificates.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <boost/asio/as_tuple.hpp>
#include <csignal>

#include "infra/runtime/exit.hpp"

namespace kiroku::gateway {
namespace {

constexpr std::chrono::milliseconds look_again{1'000};

}  // namespace

crypto::TlsCertificate Certificates::load(const Files& files) {
    auto certificate = crypto::TlsCertificate::load(files.certificate, files.key);
    if (certificate) return std::move(*certificate);
    throw runtime::Failure{
        runtime::Exit::config, fmt::format("The TLS certificate can't be used: {}.", certificate.error()),
        "Give --tls-certificate and --tls-key: PEM files that belong together, readable for this user."};
}

/// OpenSSL writes to sockets without saying that it wants no signal.
Certificates::Certificates(net::io_context& io, Files files)
    : files_{std::move(files)}, current_{load(files_)}, loaded_{look()}, timer_{io}, hangups_{io} {
    std::signal(SIGPIPE, SIG_IGN);
    hangups_.add(SIGHUP);
}

std::unique_ptr<Encryption> Certificates::encrypt(Socket socket) const {
    auto session = current_.serve(socket.native_handle());
    return std::make_unique<Encryption>(std::move(socket), std::move(session));
}

/// What changes when a file is written or replaced; the same for one that is not there.
Certificates::Seen Certificates::look() const {
    Seen seen;
    for (const auto& file : {files_.certificate, files_.key}) {
        struct stat found {};
        if (::stat(file.c_str(), &found) != 0) found = {};
        for (const std::int64_t part :
             {static_cast<std::int64_t>(found.st_ino), static_cast<std::int64_t>(found.st_size),
              static_cast<std::int64_t>(found.st_mtim.tv_sec), static_cast<std::int64_t>(found.st_mtim.tv_nsec)})
            seen.push_back(part);
    }
    return seen;
}

/// One file is replaced before the other: a change counts once nothing has changed for a whole look.
Task<void> Certificates::watch() {
    Seen before = loaded_;
    while (!stopped_) {
        timer_.expires_after(look_again);
        co_await timer_.async_wait(net::as_tuple(resume));
        if (stopped_) co_return;
        auto seen = look();
        if (seen == before && seen != loaded_) reload();
        before = std::move(seen);
    }
}

Task<void> Certificates::listen_for_hangups() {
    while (!stopped_) {
        const auto [failed, signal] = co_await hangups_.async_wait(net::as_tuple(resume));
        if (failed || stopped_) co_return;
        reload();
    }
}

void Certificates::reload() {
    loaded_ = look();
    auto certificate = crypto::TlsCertificate::load(files_.certificate, files_.key);
    if (certificate) {
        current_ = std::move(*certificate);
        ++reloads_;
        spdlog::info("gateway: a new TLS certificate is in use");
    } else {
        ++refused_;
        spdlog::error("gateway: ALARM tls_certificate: the new one can't be used, the old one goes on: {}",
                      certificate.error());
    }
}

void Certificates::stop() {
    stopped_ = true;
    timer_.cancel();
    hangups_.cancel();
}

}  // namespace kiroku::gateway
