// infra/postgres/listener.hpp: hears what others say on a channel (LISTEN and NOTIFY), as soon as they have committed.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "infra/postgres/connection.hpp"
#include "infra/runtime/wakeup.hpp"

namespace kiroku::postgres {

/// A connection that listens from the start. What was said before isn't heard: ask for it. One thread at a time.
class Listener {
public:
    /// Throws ConnectionLost.
    Listener(const Session& session, const std::string& channel);
    ~Listener();

    /// For asking between two hearings. What is told in the meantime is heard afterwards.
    [[nodiscard]] Connection& connection() { return connection_; }

    /// What was said since, in the order of the commits; waits for it, but no longer than this, nor once it is woken.
    /// Throws ConnectionLost.
    std::vector<std::string> hear(std::chrono::milliseconds within, const runtime::Wakeup& wakeup);

private:
    struct Ear;
    Connection connection_;
    std::unique_ptr<Ear> ear_;
};

}  // namespace kiroku::postgres
