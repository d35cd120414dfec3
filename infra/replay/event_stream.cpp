#include "infra/replay/event_stream.hpp"

#include <algorithm>

namespace kiroku::replay {
namespace {

constexpr int records_a_turn = 2'000;
constexpr std::size_t few = 64;  // a partition's share of what may wait

}  // namespace

EventStream::EventStream(const std::string& bootstrap, std::vector<Range> ranges, EventFilter filter, Ending ending,
                         std::size_t most_waiting, Withheld withheld)
    : most_waiting_(most_waiting),
      few_waiting_(most_waiting / few),
      reader_(bootstrap, std::move(ranges), ending),
      ending_(ending),
      filter_(std::move(filter)),
      withheld_(std::move(withheld)),
      merge_(reader_.ranges().size()),
      begins_(reader_.ranges().size()),
      held_(reader_.ranges().size(), 0) {}

bool EventStream::turn(int timeout_ms, const OnEvent& on_event) {
    now_ = TimeMerge::Clock::now();
    reader_.poll(timeout_ms, records_a_turn, [this](std::size_t slot, const Event& event) { take(slot, event); });
    look_ahead();
    if (!hand_over(on_event)) return false;
    balance();
    return ending_ == Ending::never || !reader_.all_finished() || merge_.bytes() > 0;
}

void EventStream::take(std::size_t slot, const Event& event) {
    merge_.reach(slot, event.envelope.time);
    if (withheld_.hides(event.envelope.type)) return;
    if (const auto hidden = withheld_.hidden_in(event.envelope.type); !hidden.empty())
        return take_what_is_shown(slot, event, hidden);
    if (filter_.matches(event, fields_)) add(slot, event.offset, event.text);
}

void EventStream::add(std::size_t slot, Offset offset, std::string_view text) {
    merge_.add(slot, offset, text, now_);
    begins_[slot].push_back(reader_.begin(slot));
}

void EventStream::take_what_is_shown(std::size_t slot, const Event& event, std::span<const std::string_view> hidden) {
    const auto shown = without(event.text, hidden);
    const auto envelope = log::read_envelope(shown);
    if (!envelope) throw log::UnreadableRecord(envelope.error());
    if (filter_.matches({event.partition, event.offset, *envelope, shown}, fields_)) add(slot, event.offset, shown);
}

std::vector<Rest> EventStream::rest() const {
    std::vector<Rest> rest;
    for (std::size_t slot = 0; slot < held_.size(); ++slot) {
        const auto waiting = merge_.first(slot);
        rest.push_back(waiting ? Rest{reader_.ranges()[slot].partition, *waiting, begins_[slot].front()}
                               : reader_.rest(slot));
    }
    return rest;
}

void EventStream::look_ahead() {
    using Outlook = TimeMerge::Outlook;
    for (std::size_t slot = 0; slot < held_.size(); ++slot) {
        const bool quiet = ending_ == Ending::never && reader_.at_end(slot);
        merge_.expect(slot, reader_.finished(slot) ? Outlook::nothing : quiet ? Outlook::quiet : Outlook::more);
    }
}

bool EventStream::hand_over(const OnEvent& on_event) {
    const auto patient_until = TimeMerge::Clock::now() - patience;
    while (const auto slot = merge_.next(patient_until)) {
        const auto event = merge_.take(*slot);
        begins_[*slot].pop_front();
        if (!on_event({reader_.ranges()[*slot].partition, event.offset, event.text})) return false;
    }
    return true;
}

void EventStream::balance() {
    for (std::size_t slot = 0; slot < held_.size(); ++slot) {
        if (reader_.finished(slot)) continue;
        const auto waiting = merge_.bytes(slot);
        if (held_[slot] != 0 && waiting < few_waiting_) {
            reader_.go_on(slot);
            held_[slot] = 0;
        } else if (held_[slot] == 0 && merge_.bytes() > most_waiting_ && waiting > few_waiting_) {
            reader_.hold(slot);
            held_[slot] = 1;
        }
    }
}

}  // namespace kiroku::replay
