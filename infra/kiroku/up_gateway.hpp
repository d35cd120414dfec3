// infra/kiroku/up_gateway.hpp: how people and programs on this machine speak to the gateway that is supervised.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace kiroku::up {

/// By HTTP, or by TLS if the gateway is given a certificate.
class Door {
public:
    /// PEM files; both empty: HTTP. What isn't given here is looked for in the file that KIROKU_CONFIG names, where the
    /// gateway would find it. Throws Failure(config) if they can't be used.
    Door(const std::filesystem::path& certificate, const std::filesystem::path& key);

    [[nodiscard]] bool encrypted() const { return !certificate_.empty(); }

    /// With a name that its certificate has.
    [[nodiscard]] std::string url(std::uint16_t port) const;

    /// `curl`, with what it needs to trust the gateway and find it here.
    [[nodiscard]] std::string curl(std::uint16_t port) const;

    /// Options for the gateway.
    [[nodiscard]] std::vector<std::string> options() const;

    /// Variables for who comes to it, and for more gateways like it; names of files, nothing secret.
    [[nodiscard]] std::map<std::string, std::string> variables() const;

    /// Whether it says that it does its work.
    [[nodiscard]] bool ready(std::uint16_t port, std::chrono::milliseconds patience) const;

private:
    std::filesystem::path certificate_, key_;
    std::string name_ = "127.0.0.1";
};

}  // namespace kiroku::up
