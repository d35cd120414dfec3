// tests/unit/crypto/tls_known_test.cpp: a server on this machine is known by its certificate, and by that alone.
#include "infra/crypto/tls_known.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <thread>

#include "infra/crypto/tls.hpp"

using namespace kiroku::crypto;
namespace fs = std::filesystem;

namespace {

/// A folder with certificates made by OpenSSL's own program; gone with its life.
class Folder {
public:
    Folder() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] fs::path at(const std::string& name) const { return fs::path{path_} / name; }

    /// NAME.pem and NAME.key; `names` as in "DNS:localhost,IP:127.0.0.1".
    fs::path certificate(const std::string& name, const std::string& names = "") const {
        const auto extension = names.empty() ? "" : fmt::format("-addext subjectAltName={}", names);
        const auto command = fmt::format(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=academy "
            "-keyout {0}.key -out {0}.pem {1} 2>/dev/null",
            at(name).string(), extension);
        REQUIRE(std::system(command.c_str()) == 0);
        return at(name + ".pem");
    }

private:
    std::string path_ = "/tmp/kiroku-certificates-XXXXXX";
};

std::string name_in(const fs::path& certificate) { return KnownServer::load(certificate)->local_name(); }

/// What `known` is answered by one who does `serve` with the other end of a connection.
std::optional<std::string> asked(const KnownServer& known, const std::function<void(int)>& serve) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    std::thread server{[&] {
        sigset_t pipe{};  // a server's own care, as tls.hpp says
        sigaddset(&pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        serve(ends[1]);
        ::close(ends[1]);
    }};
    auto answer = known.exchange(ends[0], "hello");
    ::close(ends[0]);
    server.join();
    return answer;
}

/// Answers `hello` with what it heard and "!".
void greet(const TlsCertificate& certificate, int socket) {
    auto session = certificate.serve(socket);
    std::array<char, 64> heard{};
    if (session.shake_hands().next != TlsSession::Next::done) return;
    const auto read = session.read(heard.data(), heard.size());
    if (read.next != TlsSession::Next::done) return;
    heard.at(read.bytes) = '!';
    session.write(heard.data(), read.bytes + 1);
}

TEST_SUITE("crypto/tls_known") {
TEST_CASE("it is called by a name that its certificate has and that leads here") {
    const Folder folder;
    CHECK(name_in(folder.certificate("both", "DNS:localhost,IP:127.0.0.1")) == "127.0.0.1");
    CHECK(name_in(folder.certificate("named", "DNS:academy.example,DNS:localhost")) == "localhost");
    CHECK(name_in(folder.certificate("other", "DNS:academy.example,DNS:www.academy.example")) == "academy.example");
    CHECK(name_in(folder.certificate("any", "DNS:*.academy.example")) == "kiroku.academy.example");
    CHECK(name_in(folder.certificate("none")) == "127.0.0.1");
}

TEST_CASE("what holds no certificate is told") {
    const Folder folder;
    folder.certificate("one");
    CHECK(KnownServer::load(folder.at("nothing")).error() == "the certificate can't be read");
    CHECK(KnownServer::load(folder.at("one.key")).error() == "the certificate is none in PEM");
}

TEST_CASE("who has the certificate is believed, whatever its name; nobody else is") {
    const Folder folder;
    const auto file = folder.certificate("one", "DNS:academy.example");
    const auto other = folder.certificate("two", "DNS:academy.example");
    const auto certificate = TlsCertificate::load(file, folder.at("one.key"));
    const auto serve = [&](int socket) { greet(*certificate, socket); };
    CHECK(asked(*KnownServer::load(file), serve) == "hello!");
    CHECK_FALSE(asked(*KnownServer::load(other), serve));
}

TEST_CASE("who speaks no TLS, or leaves at once, harms nobody") {
    const Folder folder;
    const auto known = KnownServer::load(folder.certificate("one"));
    CHECK_FALSE(asked(*known, [](int socket) {
        const std::string plain = "HTTP/1.1 200 OK\r\n\r\n";
        [[maybe_unused]] const auto sent = ::send(socket, plain.data(), plain.size(), MSG_NOSIGNAL);
    }));
    CHECK_FALSE(asked(*known, [](int) {}));
}
}

}  // namespace
