// gateway/realtime/hub.cpp: who listens to which channel, and what each of them is told.
#include "gateway/realtime/hub.hpp"

#include <algorithm>

#include "schemas/core/json.hpp"
#include "schemas/ws/codec.hpp"

namespace kiroku::gateway::realtime {
namespace {

/// With each decision so many clients are looked at: all of them, before the history that they rely on is forgotten.
constexpr int looked_at_each_time = 2;

template <auto Place>
void join(std::vector<Subscription*>& list, Subscription& subscription) {
    subscription.*Place = list.size();
    list.push_back(&subscription);
}

template <auto Place>
void part(std::vector<Subscription*>& list, Subscription& subscription) {
    auto* last = list.back();
    list[subscription.*Place] = last;
    last->*Place = subscription.*Place;
    list.pop_back();
}

}  // namespace

Subscription::~Subscription() { hub_.leave(*this); }

void Subscription::go_on() {
    if (late_ && late_->next) hub_.tell_late(*this);
}

Hub::Hub(Partitions partitions, std::vector<Offset> from, Positions positions, History::Bounds bounds)
    : partitions_(std::move(partitions)),
      positions_(std::move(positions)),
      history_(from, bounds),
      reached_(std::move(from)) {}

void Hub::take(std::shared_ptr<const PastDecision> decision) {
    const auto first = history_.next_arrival();
    history_.add(decision);
    for (auto arrival = first; arrival < history_.next_arrival(); ++arrival) {
        const auto& entry = *history_.at(arrival);
        reached_[entry.slot] = Offset{entry.event->offset.value + 1};
        publish(entry, arrival);
    }
    reach(decision->slot, decision->next);
    for (auto* late : std::vector{late_}) tell_late(*late);
    tell_position_to_some();
}

void Hub::reach(Slot slot, Offset next) { reached_[slot] = std::max(reached_[slot], next); }

void Hub::publish(const History::Entry& entry, Arrival arrival) {
    const auto found = listeners_.find(entry.channel);
    if (found == listeners_.end()) return;
    Frame shared;
    for (auto* listener : found->second.all) {
        if (listener->late_) {
            if (!listener->late_->next) listener->late_->next = arrival;
            continue;
        }
        if (!shared) {
            shared =
                std::make_shared<const std::string>(event_text(entry.channel, *entry.event, reached_in(found->second)));
        }
        listener->told_ = history_.added();
        listener->outbox_.push(shared);
        ++pushed_;
    }
}

std::unique_ptr<Subscription> Hub::subscribe(const Channel& channel, Outbox& outbox,
                                             std::optional<std::string_view> since) {
    auto subscription = std::make_unique<Subscription>(*this, channel, outbox);
    const auto& listeners = listen(*subscription);
    auto has = since ? positions_.read(channel, *since, listeners.slots.size()) : std::nullopt;
    const bool recovered = can_resume(listeners, has);
    if (!recovered) has = reached_in(listeners);
    outbox.push(json::encode(ws::Subscribed{
        .channel = name_of(channel), .position = positions_.write(channel, *has), .recovered = recovered}));
    subscription->told_ = history_.added();
    if (!recovered) return subscription;
    subscription->late_ = std::make_unique<Subscription::Late>(std::move(*has), history_.first_of(channel));
    late_.push_back(subscription.get());
    tell_late(*subscription);
    return subscription;
}

void Hub::tell_late(Subscription& late) {
    const auto& listeners = listeners_.at(late.channel_);
    auto& [has, next] = *late.late_;
    while (next && late.outbox_.has_room()) {
        const auto* entry = history_.at(*next);
        if (entry == nullptr) {
            late.outbox_.close(CloseCode::too_slow, "too slow: what comes next is forgotten here");
            return;
        }
        next = entry->next;
        auto& has_here = has[static_cast<std::size_t>(std::ranges::lower_bound(listeners.slots, entry->slot) -
                                                      listeners.slots.begin())];
        if (entry->event->offset < has_here) continue;
        has_here = Offset{entry->event->offset.value + 1};
        late.outbox_.push(event_text(late.channel_, *entry->event, has));
        ++pushed_;
    }
    if (next || !is_level(listeners, has)) return;
    late.told_ = history_.forgotten();  // the positions it was told say less than it has: tell it soon
    late.late_.reset();
    std::erase(late_, &late);
}

void Hub::tell_position_to_some() {
    if (history_.forgotten() == 0) return;
    const auto half_way = (history_.forgotten() + history_.added()) / 2;
    for (int i = 0; i < looked_at_each_time && !all_.empty(); ++i) {
        auto& listener = *all_[next_told_++ % all_.size()];
        if (listener.late_ || listener.told_ >= half_way) continue;
        const auto position = positions_.write(listener.channel_, reached_in(listeners_.at(listener.channel_)));
        listener.told_ = history_.added();
        listener.outbox_.push(json::encode(ws::Position{.channel = name_of(listener.channel_), .position = position}));
    }
}

Hub::Listeners& Hub::listen(Subscription& subscription) {
    auto& listeners = listeners_[subscription.channel_];
    if (listeners.all.empty()) listeners.slots = partitions_of(subscription.channel_, partitions_);
    join<&Subscription::place_in_channel_>(listeners.all, subscription);
    join<&Subscription::place_>(all_, subscription);
    return listeners;
}

void Hub::leave(Subscription& subscription) {
    const auto found = listeners_.find(subscription.channel_);
    part<&Subscription::place_in_channel_>(found->second.all, subscription);
    if (found->second.all.empty()) listeners_.erase(found);
    part<&Subscription::place_>(all_, subscription);
    if (subscription.late_) std::erase(late_, &subscription);
}

std::vector<Offset> Hub::reached_in(const Listeners& listeners) const {
    std::vector<Offset> reached;
    reached.reserve(listeners.slots.size());
    for (const auto slot : listeners.slots) reached.push_back(reached_[slot]);
    return reached;
}

bool Hub::can_resume(const Listeners& listeners, const std::optional<std::vector<Offset>>& has) const {
    if (!has) return false;
    for (std::size_t i = 0; i < has->size(); ++i) {
        const auto slot = listeners.slots[i];
        if ((*has)[i] < history_.complete_from(slot)) return false;
        if ((*has)[i].value > reached_[slot].value + furthest_ahead) return false;
    }
    return true;
}

bool Hub::is_level(const Listeners& listeners, const std::vector<Offset>& has) const {
    for (std::size_t i = 0; i < has.size(); ++i) {
        if (has[i] > reached_[listeners.slots[i]]) return false;
    }
    return true;
}

std::string Hub::event_text(const Channel& channel, const PastEvent& event, const std::vector<Offset>& has) const {
    const auto position = positions_.write(channel, has);
    const auto name = name_of(channel);
    const auto text = text_in(channel, event);
    std::string out;
    out.reserve(64 + name.size() + position.size() + text.size());
    out += R"({"type":"event","channel":")";
    out += name;
    out += R"(","position":")";
    out += position;
    out += R"(","event":)";
    out += text;
    out += '}';
    return out;
}

}  // namespace kiroku::gateway::realtime
