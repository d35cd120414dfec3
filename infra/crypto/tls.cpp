// infra/crypto/tls.cpp: TLS for servers, over sockets that don't block, by OpenSSL.
#include "infra/crypto/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <ctime>
#include <stdexcept>
#include <string_view>

namespace kiroku::crypto {
namespace {

constexpr const char* ciphers_of_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::string_view http_1_1 = "\x08http/1.1";

/// The first error that OpenSSL keeps for this thread; forgets them all.
std::string last_error(std::string_view otherwise) {
    const auto code = ::ERR_get_error();
    ::ERR_clear_error();
    if (code == 0) return std::string{otherwise};
    const char* reason = ::ERR_reason_error_string(code);
    return reason == nullptr ? std::string{otherwise} : std::string{reason};
}

/// Who offers protocols must offer ours; who offers none is taken at their word.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
    const auto* ours = reinterpret_cast<const unsigned char*>(http_1_1.data());
    const int found = ::SSL_select_next_proto(const_cast<unsigned char**>(out), out_size, ours,
                                              static_cast<unsigned int>(http_1_1.size()), offered, offered_size);
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool set_up(SSL_CTX* context) {
    ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                       SSL_OP_IGNORE_UNEXPECTED_EOF);
    ::SSL_CTX_set_mode(context,
                       SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    ::SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    return ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           ::SSL_CTX_set_cipher_list(context, ciphers_of_1_2) == 1;
}

}  // namespace

void TlsSession::Free::operator()(ssl_st* session) const { ::SSL_free(session); }
void TlsCertificate::Free::operator()(ssl_ctx_st* context) const { ::SSL_CTX_free(context); }

std::expected<TlsCertificate, std::string> TlsCertificate::load(const std::filesystem::path& certificate,
                                                                const std::filesystem::path& key) {
    std::unique_ptr<SSL_CTX, Free> context{::SSL_CTX_new(::TLS_server_method())};
    if (!context || !set_up(context.get())) return std::unexpected(last_error("OpenSSL can't be set up"));
    if (::SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1)
        return std::unexpected("the certificate: " + last_error("can't be read"));
    if (::SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
        return std::unexpected("the key: " + last_error("can't be read"));
    if (::SSL_CTX_check_private_key(context.get()) != 1)
        return std::unexpected("the key is another certificate's: " + last_error("they don't fit"));
    return TlsCertificate{std::move(context)};
}

std::chrono::sys_seconds TlsCertificate::expires() const {
    std::tm parts{};
    const X509* certificate = ::SSL_CTX_get0_certificate(context_.get());
    if (certificate == nullptr || ::ASN1_TIME_to_tm(::X509_get0_notAfter(certificate), &parts) != 1) return {};
    return std::chrono::sys_seconds{std::chrono::seconds{::timegm(&parts)}};
}

TlsSession TlsCertificate::serve(int socket) const {
    std::unique_ptr<SSL, TlsSession::Free> session{::SSL_new(context_.get())};
    if (!session || ::SSL_set_fd(session.get(), socket) != 1) throw std::runtime_error{last_error("no TLS session")};
    ::SSL_set_accept_state(session.get());
    return TlsSession{std::move(session)};
}

TlsSession::Step TlsSession::step(int result, std::size_t bytes) {
    if (result == 1) return {Next::done, bytes};
    const int error = ::SSL_get_error(session_.get(), result);
    ::ERR_clear_error();
    switch (error) {
        case SSL_ERROR_WANT_READ: return {Next::wait_read};
        case SSL_ERROR_WANT_WRITE: return {Next::wait_write};
        case SSL_ERROR_ZERO_RETURN: return {Next::closed};
        default: return {Next::failed};
    }
}

TlsSession::Step TlsSession::shake_hands() {
    ::ERR_clear_error();
    return step(::SSL_do_handshake(session_.get()), 0);
}

TlsSession::Step TlsSession::read(void* into, std::size_t size) {
    std::size_t bytes = 0;
    ::ERR_clear_error();
    const int result = ::SSL_read_ex(session_.get(), into, size, &bytes);
    return step(result, bytes);
}

TlsSession::Step TlsSession::write(const void* from, std::size_t size) {
    std::size_t bytes = 0;
    ::ERR_clear_error();
    const int result = ::SSL_write_ex(session_.get(), from, size, &bytes);
    return step(result, bytes);
}

void TlsSession::say_goodbye() {
    ::ERR_clear_error();
    if (::SSL_is_init_finished(session_.get()) != 0) ::SSL_shutdown(session_.get());
    ::ERR_clear_error();
}

}  // namespace kiroku::crypto
