// gateway/core/deadlines.cpp: ends connections that take too long, with one timer for all of them.
#include "gateway/core/deadlines.hpp"

#include <boost/asio/as_tuple.hpp>

namespace kiroku::gateway {

Deadlines::Watched::Watched(Deadlines& deadlines, std::function<void()> expire)
    : deadlines_{deadlines}, expire_{std::move(expire)} {
    deadlines_.watched_.push_front(this);
    place_ = deadlines_.watched_.begin();
}

Deadlines::Watched::~Watched() { deadlines_.watched_.erase(place_); }

Task<void> Deadlines::run() {
    while (!stopped_) {
        timer_.expires_after(precision);
        co_await timer_.async_wait(net::as_tuple(resume));
        const auto now = Clock::now();
        for (Watched* watched : watched_) {
            if (now >= watched->until_) watched->expire_();
        }
    }
}

void Deadlines::remind_all() {
    for (Watched* watched : watched_) watched->expire_();
}

void Deadlines::stop() {
    stopped_ = true;
    timer_.cancel();
}

}  // namespace kiroku::gateway
