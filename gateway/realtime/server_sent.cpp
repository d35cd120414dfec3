// gateway/realtime/server_sent.cpp: messages as server-sent events write them.
#include "gateway/realtime/server_sent.hpp"

#include <fmt/format.h>

namespace kiroku::gateway::realtime {

std::string server_sent_retry(std::chrono::milliseconds after) { return fmt::format("retry: {}\n\n", after.count()); }

std::string server_sent(std::string_view event, std::string_view id, std::string_view data) {
    std::string out;
    out.reserve(32 + event.size() + id.size() + data.size());
    if (!id.empty()) fmt::format_to(std::back_inserter(out), "id: {}\n", id);
    fmt::format_to(std::back_inserter(out), "event: {}\ndata: ", event);
    for (const char one : data) {
        if (one == '\r') continue;
        out += one;
        if (one == '\n') out += "data: ";
    }
    out += "\n\n";
    return out;
}

}  // namespace kiroku::gateway::realtime
