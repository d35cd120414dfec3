#include "commands/gamification/context.hpp"

#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "commands/embedded.hpp"
#include "commands/gamification/states.hpp"
#include "domain/gamification/policy.hpp"
#include "domain/gamification/rules.hpp"
#include "schemas/challenges/codec.hpp"
#include "schemas/gamification/codec.hpp"

namespace kiroku::commands {

std::expected<gamification::RuleBook, std::string> read_rule_book(const std::filesystem::path& file) {
    std::string text{embedded::rule_book};
    if (!file.empty()) {
        std::ifstream in{file};
        std::ostringstream read;
        if (!(read << in.rdbuf())) return std::unexpected(fmt::format("{} can't be read", file.string()));
        text = read.str();
    }
    auto book = json::decode<gamification::RuleBook>(text);
    if (!book) return std::unexpected(fmt::format("{} {}", book.error().path, book.error().problem));
    if (const auto flaw = gamification::flaw_in(*book)) return std::unexpected(*flaw);
    return *book;
}

Context gamification_context(gamification::RuleBook rules) {
    using namespace gamification;
    const auto with_rules = [rules =
                                 std::make_shared<const RuleBook>(std::move(rules))](const DecisionContext& context) {
        return gamification::Context{context, *rules};
    };
    commands::Context context{"gamification", {}, may_send};
    context.aggregates.push_back(aggregate<Learner, LearnerEvent, LearnerCommand>("learner", with_rules));
    return context;
}

std::vector<Policy> gamification_policies() {
    const std::string name{gamification::record_activity_policy};
    const auto record_activity = [](const auto& event, EventId id) { return gamification::whenever(event, id); };
    return {policy<challenges::SessionCompleted>(name, record_activity),
            policy<challenges::SessionAbandoned>(name, record_activity)};
}

}  // namespace kiroku::commands
