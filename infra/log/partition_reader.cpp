#include "infra/log/partition_reader.hpp"

#include <fmt/format.h>

namespace kiroku::log {

std::span<const RecordedEvent> PartitionReader::accept(const kafka::Record& record) {
    if (complete_) {
        begin_anew();
        complete_ = false;
    }
    if (record.offset < next_) return {};
    if (record.offset > next_) {
        throw UnreadableRecord(fmt::format("{}/{}: the records from {} to {} are missing", record.topic,
                                           record.partition, next_.value, record.offset.value - 1));
    }
    next_ = Offset{record.offset.value + 1};

    auto envelope = read_envelope(record.value);
    if (!envelope) {
        throw UnreadableRecord(fmt::format("{}/{}@{} is no event of Kiroku's: {}", record.topic, record.partition,
                                           record.offset.value, envelope.error()));
    }
    if (envelope->is_fence()) {
        begin_anew();
        validity_.fence(Term{record.offset.value});
        cursor_ = {next_, validity_.standing()};
        clock_.hear({envelope->time, envelope->command_offset});
        ++counts_.fences;
        return {};
    }
    switch (validity_.accept(envelope->place)) {
        case Verdict::void_record:
            if (decision_.empty()) cursor_ = {next_, validity_.standing()};
            ++counts_.void_records;
            return {};
        case Verdict::part: keep({*envelope, record.offset, record.value}); return {};
        case Verdict::decision:
            decision_.push_back({*envelope, record.offset, record.value});
            counts_.events += decision_.size();
            cursor_ = {next_, validity_.standing()};
            complete_ = true;
            return decision_;
    }
    return {};
}

void PartitionReader::keep(const RecordedEvent& part) {
    if (kept_ == texts_.size()) texts_.emplace_back();
    auto& text = texts_[kept_++];
    text = part.text;
    decision_.push_back({moved_to(part.envelope, part.text, text), part.offset, text});
}

}  // namespace kiroku::log
