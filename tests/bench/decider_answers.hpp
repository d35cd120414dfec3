// tests/bench/decider_answers.hpp: what a decider has answered, found in the log itself or in its replies.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "infra/log/command.hpp"
#include "infra/log/event_reader.hpp"
#include "tests/bench/raw_kafka.hpp"

namespace kiroku::bench {

constexpr Uuid repeated(std::uint8_t byte) {
    Uuid uuid;
    uuid.bytes.fill(byte);
    return uuid;
}
inline constexpr Uuid some_learner = repeated(0x11), some_command = repeated(0x22);

/// A record of which all is fixed but some ids: where `stand_in` stood at first.
class Text {
public:
    explicit Text(std::string text) : text_(std::move(text)) {}

    [[nodiscard]] std::vector<std::size_t> places_of(const Uuid& stand_in) const {
        std::vector<std::size_t> places;
        const auto wanted = to_string(stand_in);
        for (auto at = text_.find(wanted); at != std::string::npos; at = text_.find(wanted, at + 1))
            places.push_back(at);
        return places;
    }
    void fill(const std::vector<std::size_t>& places, const Uuid& id) {
        for (const auto at : places) to_chars(id, text_.data() + at);
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

/// Where the answers come from: each tells which command it is about, and whether that was accepted.
class Answers {
public:
    using Take = std::function<void(const Uuid& command, bool accepted)>;

    virtual ~Answers() = default;
    /// Waits for the first up to `timeout_ms`, then takes what is there.
    virtual void take(int timeout_ms, const Take& take) = 0;
};

/// From the replies, where others are answered, too: after a kill, whoever asked last hears it again.
class Replies final : public Answers {
public:
    Replies(RawClient consumer, const std::string& topic, const std::string& asker)
        : consumer_(std::move(consumer)),
          expected_(log::write_reply({.asker = asker,
                                      .delivery = some_command,
                                      .command = CommandId{some_command},
                                      .position = "gamification/"})) {
        std::int64_t first = 0, next = 0;
        rd_kafka_query_watermark_offsets(consumer_.get(), topic.c_str(), 0, &first, &next, metadata_patience_ms);
        read_from(consumer_.get(), topic, 0, 1, next);
    }
    void take(int timeout_ms, const Take& take) override {
        reader_.take(timeout_ms, [&](const rd_kafka_message_t& message) {
            const std::string_view text{static_cast<const char*>(message.payload), message.len};
            if (!is_ours(text)) return;
            const auto command = command_of(text);
            take(command, accepts(text, command));
        });
    }

private:
    [[nodiscard]] bool is_ours(std::string_view answer) const {
        const auto asker = std::string_view{expected_.text()}.substr(0, command_at_.front()).substr(asker_at);
        return answer.size() > asker_at && answer.substr(asker_at).starts_with(asker);
    }
    [[nodiscard]] Uuid command_of(std::string_view answer) const {
        const auto at = command_at_.front();
        const auto id = answer.size() > at ? Uuid::parse(answer.substr(at, 36)) : std::nullopt;
        return id.value_or(Uuid{});
    }
    [[nodiscard]] bool accepts(std::string_view answer, const Uuid& command) {
        static constexpr std::string_view event = R"("event":{"at":0,"type":"gamification.activity_recorded.v1")";
        expected_.fill(command_at_, command);
        const std::string_view beginning{expected_.text()};
        return answer.starts_with(beginning.substr(0, beginning.size() - 2)) &&
               answer.find(event) != std::string_view::npos;
    }

    static constexpr auto asker_at = std::string_view{R"({"replayed":0)"}.size();
    RawClient consumer_;
    RawReader reader_{consumer_.get()};
    Text expected_;
    std::vector<std::size_t> command_at_ = expected_.places_of(some_command);
};

/// From the log, whole valid decisions only.
class Decisions final : public Answers {
public:
    Decisions(RawClient consumer, const std::string& bootstrap) : consumer_(std::move(consumer)) {
        log::EventReader before{bootstrap};
        auto* list = rd_kafka_topic_partition_list_new(0);
        for (const auto& partition : before.partitions_of("gamification")) {
            const auto cursor = before.cursor_before(partition, before.watermarks(partition).next);
            readers_.emplace_back(cursor);
            rd_kafka_topic_partition_list_add(list, log::event_topic(partition.context).c_str(), partition.number)
                ->offset = cursor.next.value;
        }
        rd_kafka_assign(consumer_.get(), list);
        rd_kafka_topic_partition_list_destroy(list);
    }
    void take(int timeout_ms, const Take& take) override {
        reader_.take(timeout_ms, [&](const rd_kafka_message_t& message) {
            const auto decision = readers_.at(static_cast<std::size_t>(message.partition))
                                      .accept({.topic = {},
                                               .partition = message.partition,
                                               .offset = Offset{message.offset},
                                               .timestamp = {},
                                               .key = {},
                                               .value = {static_cast<const char*>(message.payload), message.len}});
            if (decision.empty()) return;
            const auto& event = decision.front().envelope;
            take(event.command.value, decision.size() == 1 && event.type == "gamification.activity_recorded.v1");
        });
    }

private:
    RawClient consumer_;
    RawReader reader_{consumer_.get()};
    std::vector<log::PartitionReader> readers_;  // by partition
};

}  // namespace kiroku::bench
