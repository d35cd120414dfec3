// infra/kafka/producer.hpp: writes records in order, each at most once, and reports where they came to lie.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "infra/kafka/record.hpp"

namespace kiroku::kafka {

/// What became of one record.
struct Delivery {
    std::uint64_t tag = 0;  ///< as given to `send`
    int partition = 0;
    Offset offset;  ///< where it lies; meaningless unless delivered
    bool delivered = false;
    bool perhaps = false;  ///< not known to be delivered, but it may lie in the log all the same
    std::string error;     ///< why it is not delivered
};

/// An idempotent producer (acks=all, no linger). One thread owns it: sends, polls, destroys.
/// Records of one partition are appended in the order of `send`, or not at all (but one that is reported as `perhaps`
/// delivered may still arrive behind later ones); after a fatal error none is any more.
/// A partition has one batch under way; what is sent meanwhile, and for some milliseconds after a large one, becomes
/// the next, so that a busy log takes fewer, larger requests and an idle one answers at once.
class Producer {
public:
    using OnDelivery = std::function<void(const Delivery&)>;

    Producer(std::string bootstrap, OnDelivery on_delivery);
    ~Producer();
    Producer(Producer&&) noexcept;
    Producer& operator=(Producer&&) noexcept;

    /// Queues a record (key and value are copied); the next `poll` sends it. False: the queue is full (bounded).
    [[nodiscard]] bool send(const std::string& topic, int partition, std::string_view key, std::string_view value,
                            std::uint64_t tag);

    /// Sends what is queued, serves delivery reports, and sends again; waits for the first report up to `timeout_ms`.
    void poll(int timeout_ms = 0);

    /// How long the owner may sleep, at most `most_ms`, before something that is held has to be polled on its way.
    [[nodiscard]] int patience(int most_ms) const;

    /// Waits until everything sent is delivered or has failed. False: the time was up.
    bool flush(int timeout_ms);

    /// Why this producer can't write any more, empty while it can. The remedy is a new producer.
    [[nodiscard]] std::string fatal_error() const;

    /// Partitions of a topic, by the broker's metadata; waits up to 5 s. Throws BrokerError.
    int partitions_of(const std::string& topic);

    /// Writes to `fd` (an eventfd) whenever a report is there to be polled.
    void wake(int fd);

private:
    struct Handle;
    std::unique_ptr<Handle> handle_;
};

}  // namespace kiroku::kafka
