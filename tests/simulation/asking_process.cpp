#include "tests/simulation/asking_process.hpp"

#include <fmt/format.h>

#include "tests/support/counter.hpp"

namespace kiroku::sim {
namespace {

using std::chrono::steady_clock;

steady_clock::time_point steady(Instant now) { return steady_clock::time_point{now.time_since_epoch()}; }

Uuid delivery_of(int asker, std::uint64_t number) { return uuid_v5({}, fmt::format("delivery {} {}", asker, number)); }

log::Reply reply_of(std::span<const log::RecordedEvent> decision) {
    log::Reply reply{.command = decision.front().envelope.command};
    for (const auto& [event, offset, text] : decision) {
        reply.events.push_back({std::string{event.type}, event.id, event.version, event.time, std::string{event.data}});
        reply.position = fmt::format("{}@{}", context_name, offset.value);
    }
    return reply;
}

}  // namespace

AskingProcess::AskingProcess(int number, bool reads_log, log::Rule rule)
    : number_(number),
      name_(fmt::format("asker-{}", number)),
      reads_log_(reads_log),
      readers_(partitions, log::PartitionReader{{}, rule}),
      reading_(partitions) {}

SentCommand AskingProcess::ask(const Intent& intent, Instant now, std::chrono::milliseconds within,
                               OnAnswer on_answer) {
    const auto number = ++last_number_;
    auto command = test::add(context_name, intent.counter, intent.amount, intent.id);
    command.delivery = delivery_of(number_, number);
    command.reply_to = {0, name_, reads_log_};
    command.deadline = now + within;
    awaited_.await(number, {intent.id,
                            {context_name, intent.partition},
                            reads_log_,
                            steady(now),
                            steady(now + within),
                            std::move(on_answer)});
    return {number_, number, intent.partition, log::write_command(command)};
}

void AskingProcess::hear_reply(const std::string& value) {
    auto reply = log::read_reply(value);
    if (!reply) throw std::logic_error("a reply can't be read: " + reply.error());
    for (std::uint64_t number = 1; number <= last_number_; ++number) {
        if (reply->delivery != delivery_of(number_, number)) continue;
        return awaited_.answer(number, {commands::Answer::Outcome::decided, std::move(*reply)});
    }
}

void AskingProcess::read(const Topic& events, int partition, int most) {
    auto& reader = readers_.at(static_cast<std::size_t>(partition));
    auto& at = reading_.at(static_cast<std::size_t>(partition));
    for (; most > 0 && at < events.size(partition); --most) {
        const auto decision = reader.accept(events.record(partition, at++));
        if (decision.empty()) continue;
        const auto& first = decision.front().envelope;
        awaited_.hear({context_name, partition}, first.command, first.command_offset,
                      [&] { return reply_of(decision); });
    }
}

void AskingProcess::give_up(Instant now) { awaited_.give_up(steady(now)); }

}  // namespace kiroku::sim
