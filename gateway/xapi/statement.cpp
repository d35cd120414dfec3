#include "gateway/xapi/statement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>
#include <vector>

#include "schemas/challenges/codec.hpp"
#include "schemas/core/json_writer.hpp"
#include "schemas/gamification/codec.hpp"

namespace kiroku::xapi {
namespace {

using Learning = std::variant<challenges::SessionStarted, challenges::SessionCompleted, challenges::SessionAbandoned,
                              gamification::AchievementUnlocked, gamification::LevelReached>;

template <class... E>
std::vector<std::string_view> types_in(std::type_identity<std::variant<E...>>) {
    return json::types_of_all<E...>();
}

struct Verb {
    std::string_view id, display;
};
constexpr Verb initialized{"http://adlnet.gov/expapi/verbs/initialized", "initialized"};
constexpr Verb completed{"http://adlnet.gov/expapi/verbs/completed", "completed"};
constexpr Verb abandoned{"https://w3id.org/xapi/adl/verbs/abandoned", "abandoned"};
constexpr Verb earned{"http://id.tincanapi.com/verb/earned", "earned"};  // cmi5 knows no such thing

constexpr std::string_view lesson = "http://adlnet.gov/expapi/activities/lesson";
constexpr std::string_view badge = "http://activitystrea.ms/schema/1.0/badge";
constexpr std::string_view level = "https://w3id.org/xapi/seriousgames/activity-types/level";

std::string json_text(std::string_view text) {
    std::string out;
    json::write(out, text);
    return out;
}

/// As a segment of an IRI's path.
std::string segment(std::string_view text) {
    std::string out;
    for (const unsigned char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                           c == '_' || c == '.' || c == '~';
        out += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
    }
    return out;
}

struct Statement {
    Verb verb;
    std::string activity;  ///< its path under the home page
    std::string_view activity_type;
    UserId learner;
    Instant timestamp;
    std::string activity_name{};                                         ///< may be empty
    std::string result{};                                                ///< an object, or empty
    std::optional<ChallengeSessionId> registration{};                    ///< the session that it belongs to
    std::vector<std::pair<std::string_view, std::string>> extensions{};  ///< of the context: names, and values as JSON
};

template <class E>
Statement of_session(Verb verb, const E& event, Instant happened, const log::Envelope& envelope) {
    return {.verb = verb,
            .activity = "challenges/" + to_string(event.challenge_id),
            .activity_type = lesson,
            .learner = event.user_id,
            .timestamp = happened,
            .registration = ChallengeSessionId{envelope.aggregate},
            .extensions = {{"challenge-type", json_text(to_string(event.challenge_type))},
                           {"difficulty", std::to_string(event.difficulty.value)},
                           {"timezone", json_text(event.timezone)}}};
}

Statement told(const challenges::SessionStarted& event, const log::Envelope& envelope) {
    return of_session(initialized, event, event.started_at, envelope);
}

Statement told(const challenges::SessionCompleted& event, const log::Envelope& envelope) {
    auto statement = of_session(completed, event, event.occurred_at, envelope);
    const auto score = event.performance_score.value;
    statement.result =
        fmt::format(R"({{"score":{{"scaled":{},"raw":{},"min":0,"max":100}},"completion":true,"duration":"PT{}S"}})",
                    score / 100.0, score, event.completion_time.value);
    return statement;
}

Statement told(const challenges::SessionAbandoned& event, const log::Envelope& envelope) {
    auto statement = of_session(abandoned, event, event.occurred_at, envelope);
    statement.result = R"({"completion":false})";
    return statement;
}

Statement told(const gamification::AchievementUnlocked& event, const log::Envelope& envelope) {
    return {.verb = earned,
            .activity = "achievements/" + segment(event.achievement_id),
            .activity_type = badge,
            .learner = UserId{envelope.aggregate},
            .timestamp = envelope.time,
            .activity_name = event.title,
            .extensions = {{"rarity", json_text(to_string(event.rarity))}}};
}

Statement told(const gamification::LevelReached& event, const log::Envelope& envelope) {
    return {.verb = earned,
            .activity = fmt::format("levels/{}", event.level.value),
            .activity_type = level,
            .learner = UserId{envelope.aggregate},
            .timestamp = envelope.time,
            .activity_name = fmt::format("Level {}", event.level.value)};
}

std::string definition_of(const Statement& statement) {
    const auto name = statement.activity_name.empty()
                          ? std::string{}
                          : fmt::format(R"("name":{{"en":{}}},)", json_text(statement.activity_name));
    return fmt::format(R"({{{}"type":"{}"}})", name, statement.activity_type);
}

std::string context_of(Statement statement, const log::Envelope& envelope, std::string_view position,
                       std::string_view home) {
    statement.extensions.emplace_back("position", json_text(position));
    if (!envelope.organization.empty())
        statement.extensions.emplace_back("organization", json_text(envelope.organization));
    std::string extensions;
    for (const auto& [name, value] : statement.extensions)
        extensions += fmt::format(R"({}"{}/xapi/{}":{})", extensions.empty() ? "" : ",", home, name, value);
    const auto registration = statement.registration
                                  ? fmt::format(R"("registration":"{}",)", to_string(*statement.registration))
                                  : std::string{};
    return fmt::format(R"({{{}"platform":"Kiroku","extensions":{{{}}}}})", registration, extensions);
}

std::string json_of(const Statement& statement, const log::Envelope& envelope, std::string_view position,
                    std::string_view home) {
    auto text = fmt::format(R"({{"id":"{}","actor":{{"objectType":"Agent","account":{{"homePage":"{}","name":"{}"}}}},)"
                            R"("verb":{{"id":"{}","display":{{"en":"{}"}}}},)"
                            R"("object":{{"objectType":"Activity","id":"{}/{}","definition":{}}},)",
                            to_string(envelope.id), home, to_string(statement.learner), statement.verb.id,
                            statement.verb.display, home, statement.activity, definition_of(statement));
    if (!statement.result.empty()) text += fmt::format(R"("result":{},)", statement.result);
    return text + fmt::format(R"("context":{},"timestamp":"{}","version":"1.0.0"}})",
                              context_of(statement, envelope, position, home), to_string(statement.timestamp));
}

}  // namespace

std::span<const std::string_view> learning_events() {
    static const auto types = types_in(std::type_identity<Learning>{});
    return types;
}

bool is_home_page(std::string_view text) {
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos) return false;
    const auto fits = [](unsigned char c) {
        return c > ' ' && c != 0x7F &&
               std::string_view{"\"<>\\^`{|}#?"}.find(static_cast<char>(c)) == std::string::npos;
    };
    const auto rest = text.substr(scheme + 3);
    return (text.starts_with("https://") || text.starts_with("http://")) && !rest.empty() && rest.front() != '/' &&
           std::ranges::all_of(rest, fits);
}

std::expected<std::string, json::Violation> statement_of(const log::Envelope& event, std::string_view position,
                                                         std::string_view home_page) {
    const auto learning = json::decode_variant<Learning>(event.type, event.data);
    if (!learning) return std::unexpected(learning.error());
    while (home_page.ends_with('/')) home_page.remove_suffix(1);
    const auto statement = std::visit([&](const auto& one) { return told(one, event); }, *learning);
    return json_of(statement, event, position, home_page);
}

}  // namespace kiroku::xapi
