// infra/crypto/tls_known.cpp: a TLS server on this machine, known by the very certificate that its file holds.
#include "infra/crypto/tls_known.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <ctime>

namespace kiroku::crypto {
namespace {

template <auto release>
struct With {
    void operator()(auto* one) const { release(one); }
};

/// OpenSSL writes to sockets without saying that it wants no signal; what came meanwhile is taken.
class NoBrokenPipes {
public:
    NoBrokenPipes() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~NoBrokenPipes() {
        const timespec at_once{};
        if (sigismember(&before_, SIGPIPE) == 0) sigtimedwait(&pipe_, nullptr, &at_once);
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    NoBrokenPipes(const NoBrokenPipes&) = delete;
    NoBrokenPipes& operator=(const NoBrokenPipes&) = delete;

private:
    sigset_t pipe_{};
    sigset_t before_{};
};

std::string first_dns_name(X509* certificate) {
    const std::unique_ptr<GENERAL_NAMES, With<::GENERAL_NAMES_free>> names{
        static_cast<GENERAL_NAMES*>(::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DNS) continue;
        const auto* text = reinterpret_cast<const char*>(::ASN1_STRING_get0_data(name->d.dNSName));
        return {text, static_cast<std::size_t>(::ASN1_STRING_length(name->d.dNSName))};
    }
    return {};
}

}  // namespace

void KnownServer::Free::operator()(x509_st* certificate) const { ::X509_free(certificate); }

std::expected<KnownServer, std::string> KnownServer::load(const std::filesystem::path& certificate) {
    const std::unique_ptr<std::FILE, With<std::fclose>> file{std::fopen(certificate.c_str(), "re")};
    if (!file) return std::unexpected("the certificate can't be read");
    std::unique_ptr<X509, Free> first{::PEM_read_X509(file.get(), nullptr, nullptr, nullptr)};
    ::ERR_clear_error();
    if (!first) return std::unexpected("the certificate is none in PEM");
    return KnownServer{std::move(first)};
}

std::string KnownServer::local_name() const {
    constexpr std::string_view localhost = "localhost";
    if (::X509_check_ip_asc(certificate_.get(), "127.0.0.1", 0) == 1) return "127.0.0.1";
    if (::X509_check_host(certificate_.get(), localhost.data(), localhost.size(), 0, nullptr) == 1)
        return std::string{localhost};
    auto name = first_dns_name(certificate_.get());
    if (name.starts_with("*.")) name.replace(0, 1, "kiroku");
    return name.empty() ? "127.0.0.1" : name;
}

std::optional<std::string> KnownServer::exchange(int socket, std::string_view request) const {
    const NoBrokenPipes quiet;
    const std::unique_ptr<SSL_CTX, With<::SSL_CTX_free>> context{::SSL_CTX_new(::TLS_client_method())};
    const std::unique_ptr<SSL, With<::SSL_free>> session{context ? ::SSL_new(context.get()) : nullptr};
    const auto failed = [] { return ::ERR_clear_error(), std::nullopt; };
    if (!session || ::SSL_set_fd(session.get(), socket) != 1 || ::SSL_connect(session.get()) != 1) return failed();
    const std::unique_ptr<X509, Free> shown{::SSL_get1_peer_certificate(session.get())};
    if (!shown || ::X509_cmp(shown.get(), certificate_.get()) != 0) return failed();
    std::array<char, 4096> answer{};
    std::size_t size = 0;
    if (::SSL_write_ex(session.get(), request.data(), request.size(), &size) != 1) return failed();
    if (::SSL_read_ex(session.get(), answer.data(), answer.size(), &size) != 1) return failed();
    return std::string{answer.data(), size};
}

}  // namespace kiroku::crypto
