#include "commands/decider/decision_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace kiroku::commands {
namespace {

// Keys: <kind><context>/<partition>\0 then, for events and decisions, <aggregate>\0<id> and <version> or <command id>.
constexpr char kind_event = 'e';
constexpr char kind_decision = 'd';
constexpr char kind_progress = 'p';

void append(std::string& key, const Uuid& id) {
    key.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

void append_big_endian(std::string& key, std::int64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(number >> shift & 0xff);
}

std::int64_t read_big_endian(std::string_view bytes) {
    std::int64_t number = 0;
    for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

// Values of progress and decisions are numbers and words in plain text, for whoever must look into a store one day.
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
        throw rocksdb::StoreError("the local store holds a number that is none");
    }
    return value;
}

}  // namespace

DecisionStore::DecisionStore(rocksdb::Store& store, log::Partition partition)
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
}

Progress DecisionStore::progress() const { return progress_; }

std::string DecisionStore::key_of(char kind, const AggregateKey& key) const {
    std::string text = kind + prefix_;
    text += key.name;
    text += '\0';
    append(text, key.id);
    return text;
}

bool DecisionStore::knows(const AggregateKey& key) const {
    auto first = key_of(kind_event, key);
    append_big_endian(first, 1);
    return store_.get(first).has_value();
}

void DecisionStore::each_event(const AggregateKey& key, const std::function<void(std::string_view)>& take) const {
    store_.scan(key_of(kind_event, key), [&](std::string_view, std::string_view event) {
        take(event);
        return true;
    });
}

log::Version DecisionStore::version_of(const AggregateKey& key) const {
    log::Version version{0};
    store_.scan(key_of(kind_event, key), [&](std::string_view found, std::string_view) {
        version = log::Version{read_big_endian(found.substr(found.size() - 8))};
        return true;
    });
    return version;
}

std::optional<Remembered> DecisionStore::remembered(const AggregateKey& key, CommandId command) const {
    auto id = key_of(kind_decision, key);
    append(id, command.value);
    const auto text = store_.get(id);
    if (!text) return std::nullopt;
    std::string_view rest{*text};
    Remembered decision;
    decision.hash = word(rest);
    decision.command_offset = Offset{number(rest)};
    decision.last_event = Offset{number(rest)};
    decision.first = log::Version{number(rest)};
    decision.events = static_cast<int>(number(rest));
    return decision;
}

std::vector<std::string> DecisionStore::events_of(const AggregateKey& key, const Remembered& decision) const {
    std::vector<std::string> events;
    for (int place = 0; place < decision.events; ++place) {
        auto id = key_of(kind_event, key);
        append_big_endian(id, decision.first.value + place);
        auto event = store_.get(id);
        if (!event) throw rocksdb::StoreError("the local store lacks an event of a decision that it remembers");
        events.push_back(std::move(*event));
    }
    return events;
}

void DecisionStore::include(const AggregateKey& key, const ProvenDecision& decision, const log::Cursor& after) {
    unwritten_.insert(key);
    const auto event_key = key_of(kind_event, key);
    auto version = decision.first.value;
    for (const auto& event : decision.events) {
        auto id = event_key;
        append_big_endian(id, version++);
        batch_.put(id, event.text);
    }
    const auto& last = decision.events.back();
    auto id = key_of(kind_decision, key);
    append(id, decision.command.value);
    batch_.put(id, line(decision.hash, decision.command_offset.value, last.offset.value, decision.first.value,
                        decision.events.size()));
    progress_.command = decision.command_offset;
    progress_.last_event = last.offset;
    progress_.last_event_id = last.id;
    include(after);
}

void DecisionStore::include(const log::Cursor& after) {
    progress_.cursor = after;
    changed_ = true;
}

void DecisionStore::write() {
    if (!changed_) return;
    batch_.put(kind_progress + prefix_, line(progress_.cursor.next.value, progress_.cursor.standing.term.value,
                                             progress_.cursor.standing.sequence.value, progress_.command.value,
                                             progress_.last_event.value, to_string(progress_.last_event_id)));
    store_.write(batch_);
    unwritten_.clear();
    changed_ = false;
}

void DecisionStore::forget() {
    batch_ = {};
    unwritten_.clear();
    for (const char kind : {kind_event, kind_decision, kind_progress}) store_.erase_all(kind + prefix_);
    progress_ = {};
    changed_ = false;
}

}  // namespace kiroku::commands
