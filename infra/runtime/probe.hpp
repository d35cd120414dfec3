// infra/runtime/probe.hpp: questions about this machine: is a port free, does somebody answer, is there room?
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kiroku::runtime {

/// Whether a server could listen there now, on the loopback address.
bool port_is_free(std::uint16_t port);

/// A port that is free now. Somebody else may take it before it is used.
std::uint16_t some_free_port();

/// Sends bytes to a loopback port and returns what comes back first, up to 4 KiB; nothing if nobody answers in time.
std::optional<std::string> ask(std::uint16_t port, std::string_view request, std::chrono::milliseconds patience);

/// Sends bytes over a connected socket and returns what comes back first; nothing if that fails.
using Exchange = std::function<std::optional<std::string>(int socket, std::string_view request)>;

/// The status of `GET path`; nothing if nobody answers in time. `exchange`: how it is spoken to, if not in plain text.
std::optional<int> http_status(std::uint16_t port, std::string_view path, std::chrono::milliseconds patience,
                               const Exchange& exchange = {});

/// The process, if it still runs and was started when `recorded` (made by `identify`) was written: pids are reused.
std::optional<int> still_running(std::string_view recorded);

/// "pid starttime" of a running process, to be kept in a file.
std::string identify(int pid);

}  // namespace kiroku::runtime
