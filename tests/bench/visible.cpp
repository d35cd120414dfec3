// tests/bench/visible.cpp: how long a learner waits to see what a command changed: complete a session, then read the
// progress with the position of the answer. Each row read is checked against the reward that was answered.
#include "schemas/challenges/http/codec.hpp"
#include "schemas/gamification/http/codec.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/http_wire.hpp"
#include "tests/bench/latencies.hpp"

namespace kiroku::bench {
namespace {

using challenges::http::CompleteSessionResponse;
using gamification::http::ProgressResponse;

template <class Answer>
Answer decoded(std::string_view body) {
    auto answer = json::decode<Answer>(body);
    if (!answer)
        throw std::runtime_error(fmt::format("{} {} in {}", answer.error().path, answer.error().problem, body));
    return std::move(*answer);
}

/// A learner's requests, one after the other.
class Learner {
public:
    Learner(HttpClient& client, std::string token) : client_(client), token_(std::move(token)) {}

    std::string start(const std::string& challenge) {
        const auto body = client_.expect(201, post("/challenges/" + challenge + "/sessions", "{}"));
        return to_string(decoded<challenges::http::Session>(body).id);
    }

    /// Without a reward in it if that took too long.
    CompleteSessionResponse complete(const std::string& session) {
        const auto answer = client_.ask(
            post("/challenge-sessions/" + session + "/complete", R"({"performanceScore":90,"completionTime":1500})"));
        if (answer.status == 202) return {};
        if (answer.status != 200) throw std::runtime_error(fmt::format("complete: {}: {}", answer.status, answer.body));
        return decoded<CompleteSessionResponse>(answer.body);
    }

    ProgressResponse progress(const std::string& position) {
        return decoded<ProgressResponse>(
            client_.expect(200, {.method = "GET",
                                 .path = "/me/progress",
                                 .token = token_,
                                 .body = {},
                                 .headers = fmt::format("Kiroku-Min-Position: {}\r\n", position)}));
    }

private:
    HttpRequest post(std::string path, std::string body) const {
        return {.method = "POST",
                .path = std::move(path),
                .token = token_,
                .body = std::move(body),
                .headers = new_idempotency_key()};
    }

    HttpClient& client_;
    std::string token_;
};

struct Found {
    Latencies answered;  ///< the command, reward and all
    Latencies read;      ///< from its answer to the row
    Latencies visible;   ///< both
    int late_rewards = 0;
    int stale = 0;
};

void look(Learner& learner, const std::string& challenge, const Window& window, Found& found) {
    const auto session = learner.start(challenge);
    const auto began = Clock::now();
    const auto completed = learner.complete(session);
    const auto answered = Clock::now();
    if (!completed.reward) {
        ++found.late_rewards;
        return;
    }
    const auto progress = learner.progress(completed.position);
    const auto read = Clock::now();
    if (progress.total_xp < completed.reward->total_xp) ++found.stale;
    if (!window.holds(read)) return;
    found.answered.add(answered - began);
    found.read.add(read - answered);
    found.visible.add(read - began);
}

std::string measure(const Arguments& arguments) {
    const auto tokens = arguments.lines("tokens");
    const auto challenges = arguments.lines("challenges");
    HttpClient client{arguments.count("port", 8080)};
    const auto window = Window::after(arguments.number("warm", 1), arguments.number("seconds", 5));
    Found found;
    for (std::size_t round = 0; Clock::now() < window.to; ++round) {
        Learner learner{client, tokens[round % tokens.size()]};
        look(learner, challenges[round % challenges.size()], window, found);
    }
    return fmt::format(R"({{"answered":{{{}}},"read":{{{}}},"visible":{{{}}},"lateRewards":{},"stale":{}}})",
                       found.answered.members(), found.read.members(), found.visible.members(), found.late_rewards,
                       found.stale);
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
