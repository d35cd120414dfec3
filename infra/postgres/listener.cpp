#include "infra/postgres/listener.hpp"

#include <poll.h>

#include <utility>

#include "infra/postgres/connection_handle.hpp"
#include "infra/postgres/translate.hpp"

namespace kiroku::postgres {

struct Listener::Ear : pqxx::notification_receiver {
    using notification_receiver::notification_receiver;
    void operator()(const std::string& said, int /*by*/) override { heard.push_back(said); }

    std::vector<std::string> heard;
};

Listener::Listener(const Session& session, const std::string& channel) : connection_(session) {
    translated("listening", [&] { ear_ = std::make_unique<Ear>(connection_.handle_->connection, channel); });
}

Listener::~Listener() = default;

std::vector<std::string> Listener::hear(std::chrono::milliseconds within, const runtime::Wakeup& wakeup) {
    return translated("listening", [&] {
        auto& connection = connection_.handle_->connection;
        if (connection.get_notifs() == 0) {  // some may have come with the answer to a question
            pollfd ready[] = {{connection.sock(), POLLIN, 0}, {wakeup.fd(), POLLIN, 0}};
            ::poll(ready, std::size(ready), static_cast<int>(within.count()));
            connection.get_notifs();
        }
        wakeup.forget();
        return std::exchange(ear_->heard, {});
    });
}

}  // namespace kiroku::postgres
