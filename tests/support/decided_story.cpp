#include "tests/support/decided_story.hpp"

#include <deque>

#include "domain/gamification/learner.hpp"
#include "domain/gamification/policy.hpp"
#include "schemas/challenges/codec.hpp"
#include "schemas/gamification/codec.hpp"
#include "schemas/identity/codec.hpp"

namespace kiroku::test {
namespace {

using namespace gamification;

constexpr std::array zones{"UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Tokyo", "Pacific/Kiritimati"};

class Deciding {
public:
    Deciding(unsigned seed, int learners, const RuleBook& rules) : random_(seed), rules_(rules) {
        for (int number = 0; number < learners; ++number) {
            learners_.push_back({named<UserId>("decided " + std::to_string(seed) + '/' + std::to_string(number)), {}});
            register_one(learners_.back().user, number);
        }
    }

    std::vector<Told> tell(int activities) {
        for (int number = 0; number < activities; ++number) {
            end_session(learners_[below(learners_.size())]);
            const std::size_t patience = chance(0.9) ? 1 : 4;
            while (waiting_.size() > patience) decide_one();
        }
        return std::move(story_);
    }

private:
    struct Somebody {
        UserId user;
        Learner learner;
    };
    struct Waiting {
        Somebody* who;
        EventId cause;
        LearnerCommand command;
    };

    std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random_); }
    bool chance(double probability) { return std::bernoulli_distribution{probability}(random_); }
    Instant moment() { return now_ += std::chrono::milliseconds{1 + below(3'600'000)}; }

    void register_one(const UserId& user, int number) {
        const std::string name = number % 3 == 0 ? "O'Hara <\"&\\> {,}" : "Mika 三 " + std::to_string(number);
        story_.push_back({on(user, moment(),
                             identity::UserRegistered{.email_claim_id = named<EmailClaimId>(to_string(user)),
                                                      .email = to_string(user) + "@example.org",
                                                      .display_name = name,
                                                      .timezone = "UTC",
                                                      .credential = "sealed"})});
    }

    void end_session(Somebody& who) {
        const auto session = named<ChallengeSessionId>("session " + std::to_string(story_.size()));
        const auto type = static_cast<ChallengeType>(below(challenge_type_count));
        const Difficulty difficulty{static_cast<std::int32_t>(1 + below(5))};
        const auto time = moment();
        const auto occurred = time - std::chrono::minutes{chance(0.25) ? below(5'000) : 0};
        const std::string zone = zones[below(zones.size())];
        const auto challenge = named<ChallengeId>("challenge");
        if (chance(0.15)) {
            return end(who, session, time,
                       challenges::SessionAbandoned{.user_id = who.user,
                                                    .challenge_id = challenge,
                                                    .challenge_type = type,
                                                    .difficulty = difficulty,
                                                    .occurred_at = occurred,
                                                    .timezone = zone});
        }
        end(who, session, time,
            challenges::SessionCompleted{
                .user_id = who.user,
                .challenge_id = challenge,
                .challenge_type = type,
                .difficulty = difficulty,
                .performance_score = PerformanceScore{chance(0.2) ? 100 : static_cast<std::int32_t>(40 + below(60))},
                .completion_time = Seconds{static_cast<std::int32_t>(300 + below(3'000))},
                .occurred_at = occurred,
                .timezone = zone});
    }

    template <class E>
    void end(Somebody& who, const ChallengeSessionId& session, Instant time, const E& event) {
        auto fact = on(session, time, event);
        fact.id = named<EventId>(to_string(session));
        waiting_.push_back({&who, fact.id, whenever(event, fact.id)->command});
        story_.push_back({std::move(fact)});
    }

    void decide_one() {
        const auto at = static_cast<std::ptrdiff_t>(chance(0.2) ? waiting_.size() - 1 : 0);
        const auto [who, cause, command] = std::move(waiting_[static_cast<std::size_t>(at)]);
        waiting_.erase(waiting_.begin() + at);
        const auto now = moment();
        const Context context{{.now = now, .command = policy_command_id(cause, record_activity_policy)}, rules_};
        const auto events = decide(who->learner, std::get<RecordActivity>(command), context);
        Told told;
        for (const auto& event : events.value()) {
            std::visit([&](const auto& one) { told.push_back(on(who->user, now, one)); }, event);
            who->learner = evolve(std::move(who->learner), event);
        }
        story_.push_back(std::move(told));
    }

    std::mt19937 random_;
    const RuleBook& rules_;
    std::deque<Somebody> learners_;
    std::deque<Waiting> waiting_;
    std::vector<Told> story_;
    Instant now_ = test::at("2026-01-20T00:00:00Z");
};

}  // namespace

std::vector<Told> decided_story(unsigned seed, int learners, int activities, const RuleBook& rules) {
    return Deciding{seed, learners, rules}.tell(activities);
}

}  // namespace kiroku::test
