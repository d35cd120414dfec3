#include "commands/decider/decision_store.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <cstring>
#include <type_traits>
#include <utility>

namespace kiroku::commands {
namespace {

// Keys: <kind><context>/<partition>\0 then, for decisions, <aggregate>\0<id><version of the first event>.
constexpr std::size_t load_bytes = 32UL << 20;
constexpr char kind_decision = 'd';
constexpr char kind_progress = 'p';

// Numbers are big-endian, so that keys sort by them; texts follow their length.
template <class Number>
void append(std::string& bytes, Number number) {
    for (int shift = 8 * (sizeof(Number) - 1); shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
}

void append(std::string& bytes, const Uuid& id) {
    bytes.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

void append(std::string& bytes, std::string_view text) {
    append(bytes, static_cast<std::uint32_t>(text.size()));
    bytes += text;
}

/// What `append` wrote, from front to back.
class Bytes {
public:
    explicit Bytes(std::string_view rest) : rest_(rest) {}

    template <class Number>
    Number number() {
        std::make_unsigned_t<Number> value = 0;
        for (const char byte : take(sizeof(Number)))
            value = static_cast<decltype(value)>(value << 8 | static_cast<unsigned char>(byte));
        return static_cast<Number>(value);
    }
    Uuid uuid() {
        Uuid id;
        std::memcpy(id.bytes.data(), take(id.bytes.size()).data(), id.bytes.size());
        return id;
    }
    std::string_view text() { return take(number<std::uint32_t>()); }
    Offset offset() { return Offset{number<std::int64_t>()}; }

private:
    std::string_view take(std::size_t count) {
        if (count > rest_.size()) throw store::StoreError("the local store holds a decision that was cut");
        const auto taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }
    std::string_view rest_;
};

void write(const ProvenDecision& decision, std::string& bytes) {
    bytes.clear();
    append(bytes, decision.command.value);
    append(bytes, decision.hash);
    append(bytes, decision.command_offset.value);
    append(bytes, decision.last_event.value);
    append(bytes, static_cast<std::uint32_t>(decision.events.size()));
    for (const auto& event : decision.events) {
        append(bytes, event.id.value);
        append(bytes, event.time.time_since_epoch().count());
        append(bytes, event.type);
        append(bytes, event.data);
    }
}

void read(std::string_view value, log::Version first, const DecisionStore::Take& take) {
    Bytes bytes{value};
    ProvenDecision decision{.command = CommandId{bytes.uuid()},
                            .hash = bytes.text(),
                            .command_offset = bytes.offset(),
                            .last_event = bytes.offset(),
                            .first = first,
                            .events = {}};
    std::vector<ProvenEvent> events(bytes.number<std::uint32_t>());
    for (auto& event : events) {
        event.id = EventId{bytes.uuid()};
        event.time = Instant{Instant::duration{bytes.number<std::int64_t>()}};
        event.type = bytes.text();
        event.data = bytes.text();
    }
    decision.events = events;
    take(decision);
}

log::Version first_of(std::string_view key) {
    return log::Version{Bytes{key.substr(key.size() - sizeof(std::int64_t))}.number<std::int64_t>()};
}

// The value of progress is numbers and words in plain text, for whoever must look into a store one day.
template <class... Values>
std::string line(const Values&... values) {
    return fmt::format("{}", fmt::join(std::initializer_list<std::string>{fmt::format("{}", values)...}, " "));
}

std::string_view word(std::string_view& text) {
    const auto space = text.find(' ');
    const auto first = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    return first;
}

std::int64_t number(std::string_view& text) {
    const auto digits = word(text);
    std::int64_t value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ptr != digits.data() + digits.size()) {
        throw store::StoreError("the local store holds a number that is none");
    }
    return value;
}

}  // namespace

DecisionStore::DecisionStore(store::OrderedMap& store, log::Partition partition)
    : store_(store), prefix_(fmt::format("{}/{}", partition.context, partition.number)) {
    prefix_ += '\0';
    const auto text = store_.get(kind_progress + prefix_);
    if (!text) return;
    std::string_view rest{*text};
    progress_.cursor.next = Offset{number(rest)};
    progress_.cursor.standing = {log::Term{number(rest)}, log::Sequence{number(rest)}};
    progress_.command = Offset{number(rest)};
    progress_.last_event = Offset{number(rest)};
    if (const auto id = Uuid::parse(word(rest))) progress_.last_event_id = EventId{*id};
    if (rest.empty()) return;  // written before there was a clock
    progress_.clock.time = Instant{Instant::duration{number(rest)}};
    progress_.clock.commands = Offset{number(rest)};
}

DecisionStore::~DecisionStore() {
    try {
        finish_loads();
    } catch (const store::StoreError& damage) {
        spdlog::error("{}", damage.what());  // whoever uses the store next meets it, too
    }
}

Progress DecisionStore::progress() const { return progress_; }

std::string DecisionStore::key_of(const AggregateKey& key) const {
    std::string bytes;
    bytes.reserve(1 + prefix_.size() + key.name.size() + 1 + sizeof key.id + sizeof(std::int64_t));
    bytes += kind_decision;
    bytes += prefix_;
    bytes += key.name;
    bytes += '\0';
    append(bytes, key.id);
    return bytes;
}

std::string DecisionStore::key_of(const AggregateKey& key, log::Version first) const {
    auto bytes = key_of(key);
    append(bytes, first.value);
    return bytes;
}

log::Version DecisionStore::version_of(const AggregateKey& key) const {
    log::Version version{0};
    store_.last(key_of(key), [&](std::string_view found, std::string_view value) {
        read(value, first_of(found), [&](const ProvenDecision& decision) { version = decision.last(); });
    });
    return version;
}

void DecisionStore::each_decision(const AggregateKey& key, const Take& take) const {
    store_.scan(key_of(key),
                [&](std::string_view found, std::string_view value) { read(value, first_of(found), take); });
}

void DecisionStore::decision_at(const AggregateKey& key, log::Version first, const Take& take) const {
    const auto value = store_.get(key_of(key, first));
    if (!value) throw store::StoreError("the local store lacks a decision that it had");
    read(*value, first, take);
}

void DecisionStore::include(const AggregateKey& key, const ProvenDecision& decision, const log::Cursor& after) {
    unwritten_.insert(key);
    put(key, decision, after);
}

void DecisionStore::load(const AggregateKey& key, const ProvenDecision& decision, const log::Cursor& after) {
    put(key, decision, after);
    if (batch_.bytes() < load_bytes) return;
    put_progress();
    loading_ = store_.load(batch_);
}

void DecisionStore::put(const AggregateKey& key, const ProvenDecision& decision, const log::Cursor& after) {
    kiroku::commands::write(decision, value_);
    batch_.put(key_of(key, decision.first), value_);
    progress_.command = decision.command_offset;
    progress_.last_event = decision.last_event;
    progress_.last_event_id = decision.events.back().id;
    include(after);
}

void DecisionStore::include(const log::Cursor& after) {
    progress_.cursor = after;
    changed_ = true;
}

void DecisionStore::hear(const log::LogClock& clock) { progress_.clock.hear(clock); }

void DecisionStore::write() {
    if (!changed_) return;
    finish_loads();
    put_progress();
    store_.write(batch_);
    unwritten_.clear();
    changed_ = false;
}

void DecisionStore::put_progress() {
    batch_.put(kind_progress + prefix_,
               line(progress_.cursor.next.value, progress_.cursor.standing.term.value,
                    progress_.cursor.standing.sequence.value, progress_.command.value, progress_.last_event.value,
                    to_string(progress_.last_event_id), progress_.clock.time.time_since_epoch().count(),
                    progress_.clock.commands.value));
}

void DecisionStore::finish_loads() {
    if (loading_) store_.wait_for(*std::exchange(loading_, std::nullopt));
}

void DecisionStore::forget() {
    finish_loads();
    batch_ = {};
    unwritten_.clear();
    for (const char kind : {kind_decision, kind_progress}) store_.erase_all(kind + prefix_);
    progress_ = {};
    changed_ = false;
}

}  // namespace kiroku::commands
