#include "tests/simulation/reacting_process.hpp"

#include "tests/support/counter.hpp"

namespace kiroku::sim {

const Uuid mirror = uuid_v5({}, "mirror");

commands::Policy mirror_policy() {
    static const std::string stepped = context_name + ".stepped.v1";
    const std::string name = context_name + ".mirror";
    return {name, stepped, {stepped}, [name](const commands::Cause& cause) {
                auto record = test::add(context_name, mirror, 1, policy_command_id(cause.id, name));
                record.aggregate = "mirror";
                return std::optional{record};
            }};
}

void ReactingProcess::start() {
    ++lives_;
    life_ = Life{commands::Reaction{{mirror_policy()}}};
    auto from = kept_;
    for (int number = 0; number < partitions; ++number) from.try_emplace({context_name, number});
    life_->reaction.begin(from);
    read_from(from);
}

void ReactingProcess::read_from(const commands::Reaction::Cursors& cursors) {
    life_->readers.clear();
    life_->at.clear();
    for (const auto& [partition, cursor] : cursors) {
        life_->readers.emplace_back(cursor, rule_);
        life_->at.push_back(cursor.next.value);
    }
}

void ReactingProcess::step(int number, int most) {
    if (life_->on_their_way > 0) return;
    auto& at = life_->at.at(static_cast<std::size_t>(number));
    const log::Partition partition{context_name, number};
    for (; most > 0 && at < events_.size(number); --most) {
        auto& reader = life_->readers.at(static_cast<std::size_t>(number));
        const auto events = reader.accept(events_.record(number, at++));
        if (events.empty()) continue;
        life_->reaction.respond({partition, events, reader.cursor()}, [&](log::CommandRecord command) {
            ++life_->on_their_way;
            command.delivery = uuid_v5(command.command.value, std::to_string(lives_));
            send_(lives_, log::write_command(command));
        });
    }
    if (life_->on_their_way > 0) return;
    for (const auto& [where, cursor] : life_->reaction.keep()) kept_[where] = cursor;
}

void ReactingProcess::told(int life, bool delivered) {
    if (!life_ || life != lives_) return;
    life_->failed = life_->failed || !delivered;
    if (--life_->on_their_way > 0) return;
    if (std::exchange(life_->failed, false)) {
        read_from(life_->reaction.go_back());
    } else {
        for (const auto& [where, cursor] : life_->reaction.keep()) kept_[where] = cursor;
    }
}

bool ReactingProcess::idle() const {
    if (!life_ || life_->on_their_way > 0) return false;
    for (int number = 0; number < partitions; ++number)
        if (life_->at[static_cast<std::size_t>(number)] < events_.size(number)) return false;
    return true;
}

}  // namespace kiroku::sim
