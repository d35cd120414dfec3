#include "tests/support/counter.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "infra/kafka/admin.hpp"
#include "infra/log/topics.hpp"

namespace kiroku::test {
namespace {

constexpr std::string_view total_field = R"({"total":)";

struct Total : commands::AggregateState {
    int value = 0;
};

class Counter final : public commands::AggregateType {
public:
    Counter(std::string_view name, std::string stepped) : name_(name), stepped_(std::move(stepped)) {}

    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] std::unique_ptr<commands::AggregateState> initial() const override {
        return std::make_unique<Total>();
    }
    void evolve(commands::AggregateState& state, std::string_view, std::string_view data) const override {
        static_cast<Total&>(state).value = total_of(data);
    }
    commands::Decided decide(commands::AggregateState& state, std::string_view, std::string_view data,
                             const DecisionContext&, bool is_stale) const override {
        auto& total = static_cast<Total&>(state).value;
        const int amount = std::atoi(data.substr(data.find(':') + 1).data());
        if (total + amount < 0) return std::unexpected(commands::Refused{"below_zero", {}});
        if (is_stale) return std::unexpected(commands::Refused{"precondition_failed", {}});
        if (amount == 666) throw std::runtime_error("a bug");
        std::vector<commands::DecidedEvent> events;
        for (int step = 0; step < std::abs(amount); ++step) {
            total += amount > 0 ? 1 : -1;
            events.push_back({stepped_, fmt::format("{}{}}}", total_field, total)});
        }
        return events;
    }
    [[nodiscard]] std::string show(const commands::AggregateState& state) const override {
        return fmt::format("{}{}}}", total_field, static_cast<const Total&>(state).value);
    }

private:
    std::string_view name_;
    std::string stepped_;
};

}  // namespace

commands::Context counter_context() {
    std::string name = "t_";
    for (const char digit : to_string(random_uuid_v7()).substr(24))
        name += digit >= 'a' ? digit : static_cast<char>('g' + digit - '0');
    return counter_context(name);
}

commands::Context counter_context(const std::string& name) {
    commands::Context context{name, {}};
    context.aggregates.push_back(std::make_unique<Counter>("counter", name + ".stepped.v1"));
    context.aggregates.push_back(std::make_unique<Counter>("mirror", name + ".mirrored.v1"));
    return context;
}

void make_topics(const std::string& bootstrap, const std::string& context, int partitions) {
    kafka::Admin admin{bootstrap};
    const std::string_view name{context};
    for (const auto& plan : log::topic_plans({&name, 1}, partitions, 1)) static_cast<void>(admin.create(plan, 1));
}

log::CommandRecord add(const std::string& context, const Uuid& counter, int amount, CommandId intent) {
    log::CommandRecord record;
    record.type = context + ".add.v1";
    record.aggregate = "counter";
    record.id = counter;
    record.command = intent;
    record.data = fmt::format(R"({{"amount":{}}})", amount);
    record.hash = fmt::format("{}", amount);
    record.correlation = "test";
    record.actor = "test";
    return record;
}

int total_of(std::string_view data) { return std::atoi(data.substr(total_field.size()).data()); }

}  // namespace kiroku::test
