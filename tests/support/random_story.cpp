#include "tests/support/random_story.hpp"

#include "schemas/challenges/codec.hpp"
#include "schemas/gamification/codec.hpp"
#include "schemas/identity/codec.hpp"

namespace kiroku::test {
namespace {

class Teller {
public:
    Teller(unsigned seed, int learners) : random_(seed) {
        for (int number = 0; number < learners; ++number)
            learners_.push_back({named<UserId>("learner " + std::to_string(seed + number)), {}, {}});
    }

    std::vector<Told> tell(int decisions) {
        for (auto& learner : learners_) register_learner(learner);
        while (static_cast<int>(story_.size()) < decisions) go_on(learners_[below(learners_.size())]);
        return std::move(story_);
    }

private:
    struct Learner {
        UserId user;
        std::int64_t total = 0;
        std::vector<ChallengeSessionId> open{};
    };

    std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random_); }
    bool chance(double probability) { return std::bernoulli_distribution{probability}(random_); }
    Instant moment() {
        now_ += std::chrono::milliseconds{1 + below(600'000)};
        return now_;
    }
    template <class Id>
    Id fresh(std::string_view kind) {
        return named<Id>(std::string{kind} + std::to_string(++made_) + to_string(learners_.front().user));
    }
    Difficulty difficulty() { return Difficulty{static_cast<std::int32_t>(1 + below(5))}; }

    void register_learner(const Learner& learner);
    void go_on(Learner& learner);
    void create_challenge(const Learner& learner);
    void change_role(const Learner& learner);
    void start(Learner& learner);
    void progress(const Learner& learner);
    void finish(Learner& learner);
    void reward(Learner& learner, gamification::ActivityKind kind, Instant occurred);

    std::mt19937 random_;
    std::vector<Learner> learners_;
    std::vector<Told> story_;
    Instant now_ = at("2025-12-20T00:00:00Z");
    int made_ = 0;
};

void Teller::register_learner(const Learner& learner) {
    const auto claim = fresh<EmailClaimId>("claim");
    const auto email = to_string(learner.user) + "@example.org";
    const std::string name = chance(0.5) ? "O'Hara \"\\\" {,}" : "Mika 三";
    const auto time = moment();
    story_.push_back({on(claim, time,
                         identity::EmailClaimed{.email_claim_id = claim,
                                                .user_id = learner.user,
                                                .email = email,
                                                .display_name = name,
                                                .timezone = "UTC",
                                                .credential = "sealed"})});
    story_.push_back({on(learner.user, time,
                         identity::UserRegistered{.email_claim_id = claim,
                                                  .email = email,
                                                  .display_name = name,
                                                  .timezone = "UTC",
                                                  .credential = "sealed"})});
}

void Teller::go_on(Learner& learner) {
    if (chance(0.05)) return create_challenge(learner);
    if (chance(0.02)) return change_role(learner);
    if (learner.open.empty() || chance(0.2)) return start(learner);
    return chance(0.5) ? progress(learner) : finish(learner);
}

void Teller::create_challenge(const Learner& learner) {
    challenges::ChallengeCreated created{
        .challenge_type = chance(0.5) ? ChallengeType::pomodoro : ChallengeType::custom,
        .title = "A title",
        .description = "It's, \"so\" {to} \\say\n",
        .difficulty = difficulty(),
        .estimated_duration = Minutes{25},
        .instructions = {"one, \"two\"", "\\"},
        .success_criteria = RawJson{R"({"left":0,"a":{"b":[1,null]}})"},
        .rewards = {RawJson{R"({"kind":"badge"})"}},
        .created_by = "user"};
    if (chance(0.5)) created.owner = learner.user;
    story_.push_back({on(fresh<ChallengeId>("challenge"), moment(), created)});
}

void Teller::change_role(const Learner& learner) {
    const auto role = chance(0.5) ? identity::Role::analyst : identity::Role::operator_;
    const auto time = moment();
    story_.push_back({chance(0.6) ? on(learner.user, time, identity::RoleGranted{.role = role})
                                  : on(learner.user, time, identity::RoleRevoked{.role = role})});
}

void Teller::start(Learner& learner) {
    const auto session = learner.open.emplace_back(fresh<ChallengeSessionId>("session"));
    const auto time = moment();
    story_.push_back({on(session, time,
                         challenges::SessionStarted{.challenge_id = named<ChallengeId>("tomato"),
                                                    .user_id = learner.user,
                                                    .challenge_type = ChallengeType::pomodoro,
                                                    .difficulty = difficulty(),
                                                    .timezone = "UTC",
                                                    .current_phase = "started",
                                                    .started_at = time})});
}

void Teller::progress(const Learner& learner) {
    const auto time = moment();
    challenges::SessionProgressed progressed{
        .user_id = learner.user, .current_phase = {}, .distraction_events = {}, .session_data = {}};
    if (chance(0.5)) progressed.current_phase = "focus";
    if (chance(0.7))
        progressed.distraction_events.push_back({.at = time, .kind = "phone", .note = "a \"call\", \\ {}"});
    if (chance(0.5)) progressed.session_data = RawJson{R"({"timer":)" + std::to_string(below(1500)) + "}"};
    story_.push_back({on(learner.open[below(learner.open.size())], time, progressed)});
}

void Teller::finish(Learner& learner) {
    const auto chosen = static_cast<std::ptrdiff_t>(below(learner.open.size()));
    const auto session = learner.open[static_cast<std::size_t>(chosen)];
    learner.open.erase(learner.open.begin() + chosen);
    const auto time = moment();
    const auto occurred = time - std::chrono::hours{chance(0.2) ? below(40) : 0};
    if (chance(0.3)) {
        const challenges::SessionAbandonedV1 abandoned{.user_id = learner.user,
                                                       .challenge_id = named<ChallengeId>("tomato"),
                                                       .challenge_type = ChallengeType::pomodoro,
                                                       .difficulty = Difficulty{2},
                                                       .occurred_at = occurred,
                                                       .timezone = "UTC"};
        auto today = upcast(abandoned);
        today.reason = challenges::AbandonReason::interrupted;
        const bool is_old = story_.size() % 2 == 0;  // logs hold what every program has written
        story_.push_back({is_old ? on(session, time, abandoned) : on(session, time, today)});
        return reward(learner, gamification::ActivityKind::abandoned, occurred);
    }
    story_.push_back({on(session, time,
                         challenges::SessionCompleted{.user_id = learner.user,
                                                      .challenge_id = named<ChallengeId>("tomato"),
                                                      .challenge_type = ChallengeType::pomodoro,
                                                      .difficulty = Difficulty{2},
                                                      .performance_score = PerformanceScore{80},
                                                      .completion_time = Seconds{1500},
                                                      .occurred_at = occurred,
                                                      .timezone = "UTC"})});
    reward(learner, gamification::ActivityKind::completed, occurred);
}

void Teller::reward(Learner& learner, gamification::ActivityKind kind, Instant occurred) {
    using namespace gamification;
    const auto time = moment();
    const auto source = fresh<EventId>("source");
    const LocalDate day{std::chrono::floor<std::chrono::days>(occurred).time_since_epoch()};
    Told told{on(learner.user, time,
                 ActivityRecorded{.source_event_id = source,
                                  .kind = kind,
                                  .challenge_type = ChallengeType::pomodoro,
                                  .difficulty = Difficulty{2},
                                  .occurred_at = occurred,
                                  .local_date = day,
                                  .timezone = "UTC"})};
    if (kind == ActivityKind::abandoned) {
        told.push_back(
            on(learner.user, time,
               StreakEnded{
                   .streak_type = StreakType::challenge_completion, .count = StreakCount{1}, .occurred_at = occurred}));
        story_.push_back(std::move(told));
        return;
    }
    const auto amount = static_cast<std::int64_t>(10 + below(60));
    learner.total += amount;
    told.push_back(on(learner.user, time,
                      XpAwarded{.award_id = fresh<AwardId>("award"),
                                .source_event_id = source,
                                .rule = "session_completed",
                                .rules_version = RulesVersion{1},
                                .amount = Xp{amount},
                                .total_xp = Xp{learner.total},
                                .reason = "Completed, \"well\"",
                                .occurred_at = occurred}));
    for (const auto type : {StreakType::daily, StreakType::weekly, StreakType::challenge_completion}) {
        const auto count = static_cast<std::int32_t>(1 + below(9));
        told.push_back(on(learner.user, time,
                          StreakExtended{.streak_type = type,
                                         .count = StreakCount{count},
                                         .longest = StreakCount{count + 1},
                                         .local_date = day,
                                         .timezone = "UTC"}));
    }
    if (chance(0.1))
        told.push_back(
            on(learner.user, time,
               AchievementUnlocked{.achievement_id = "a", .rarity = Rarity::epic, .title = "It's \"so\" {good}"}));
    if (chance(0.2))
        told.push_back(
            on(learner.user, time, LevelReached{.level = Level{static_cast<std::int32_t>(2 + learner.total / 100)}}));
    story_.push_back(std::move(told));
}

}  // namespace

std::vector<Told> random_story(unsigned seed, int learners, int decisions) {
    return Teller{seed, learners}.tell(decisions);
}

}  // namespace kiroku::test
