// infra/kiroku/up_gateway.cpp: how people and programs on this machine speak to the gateway that is supervised.
#include "infra/kiroku/up_gateway.hpp"

#include <fmt/format.h>

#include "gateway/core/certificates.hpp"
#include "infra/crypto/tls_known.hpp"
#include "infra/kiroku/up_report.hpp"
#include "infra/runtime/options.hpp"
#include "infra/runtime/probe.hpp"

namespace kiroku::up {
namespace {

namespace fs = std::filesystem;

constexpr const char* certificate_option = "tls-certificate";
constexpr const char* key_option = "tls-key";

/// As the gateway would find it by itself, absolute.
fs::path given(const fs::path& here, const std::string& option) {
    if (!here.empty()) return fs::absolute(here);
    const auto config = runtime::process_environment()(runtime::Options::variable("config"));
    if (!config || config->empty()) return {};
    const auto found = runtime::ConfigFile{*config}.find("gateway", option);
    return found.empty() || found.back().empty() ? fs::path{} : fs::absolute(found.back());
}

}  // namespace

Door::Door(const fs::path& certificate, const fs::path& key)
    : certificate_{given(certificate, certificate_option)}, key_{given(key, key_option)} {
    if (certificate_.empty() && key_.empty()) return;
    gateway::Certificates::load({certificate_, key_});
    if (const auto known = crypto::KnownServer::load(certificate_)) name_ = known->local_name();
}

std::string Door::url(std::uint16_t port) const {
    return fmt::format("{}://{}:{}", encrypted() ? "https" : "http", name_, port);
}

std::string Door::curl(std::uint16_t port) const {
    if (!encrypted()) return "curl -s";
    const bool is_found = name_ == "127.0.0.1" || name_ == "localhost";
    return fmt::format("curl -s --cacert {}{}", shell_quoted(certificate_.string()),
                       is_found ? "" : fmt::format(" --resolve {}:{}:127.0.0.1", name_, port));
}

std::vector<std::string> Door::options() const {
    if (!encrypted()) return {};
    return {fmt::format("--{}", certificate_option), certificate_, fmt::format("--{}", key_option), key_};
}

std::map<std::string, std::string> Door::variables() const {
    if (!encrypted()) return {};
    return {{runtime::Options::variable(certificate_option), certificate_},
            {runtime::Options::variable(key_option), key_}};
}

/// The file is read each time: the gateway takes up a new one, too.
bool Door::ready(std::uint16_t port, std::chrono::milliseconds patience) const {
    if (!encrypted()) return runtime::http_status(port, "/readyz", patience) == 200;
    const auto known = crypto::KnownServer::load(certificate_);
    const auto exchange = [&](int socket, std::string_view request) { return known->exchange(socket, request); };
    return known && runtime::http_status(port, "/readyz", patience, exchange) == 200;
}

}  // namespace kiroku::up
