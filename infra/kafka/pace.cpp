#include "infra/kafka/pace.hpp"

namespace kiroku::kafka {
namespace {

constexpr std::chrono::milliseconds window{250};
constexpr std::chrono::milliseconds trial{1000};  // the others change their pace, too
constexpr double many_a_second = 3'000;
constexpr double few_a_second = 2'000;
constexpr double many_at_once = 12;
constexpr double hardly_less = 0.75;
constexpr std::chrono::milliseconds pause{100};  // whoever sends has stopped for reasons of its own
constexpr std::chrono::seconds soon{1};
constexpr std::chrono::seconds for_a_while{10};

}  // namespace

bool Pace::drained(Clock::time_point now) {
    if (fresh_ > 0) {
        ++drains_;
        if (now - last_ >= pause) left_ = {};
        last_ = now;
    }
    records_ += fresh_;
    fresh_ = 0;
    const auto length = now - begun_;
    if (length < (gathers_ ? trial : window)) return false;
    const double rate = static_cast<double>(records_) / std::chrono::duration<double>(length).count();
    const double at_once = drains_ == 0 ? 0 : static_cast<double>(records_) / static_cast<double>(drains_);
    begun_ = now;
    records_ = drains_ = 0;
    if (settling_) return settling_ = false;
    if (!gathers_) {
        if (!worth_a_try(now, rate, at_once)) return false;
        rate_before_ = rate;
    } else {
        if (rate >= few_a_second && rate >= hardly_less * rate_before_) return false;
        left_ = now;
    }
    gathers_ = !gathers_;
    return settling_ = true;
}

bool Pace::worth_a_try(Clock::time_point now, double rate, double at_once) {
    if (now < not_before_ || rate < many_a_second || at_once < many_at_once) return false;
    if (now - left_ >= soon) return true;
    not_before_ = now + for_a_while;  // it was given up just now, and at once there are as many again
    return false;
}

}  // namespace kiroku::kafka
