// tests/bench/sockets.cpp: many WebSockets: connecting, holding them, and what reaches them how soon.
//
//   --server kiroku --channel leaderboard:global   20 awards a second, each told to all clients
//   --server kiroku --channel me                   20 awards a second to each client
//   --server nchan                                 20 messages a second, each told to all clients
//   --hold SECONDS                                 only connect, and stay so long
// Awards are appended to the log as an owner of the learners' partitions would; no decider may run there. Counted from
// when a message was due until a client has read it.
#include <unordered_map>

#include "gateway/core/access_token.hpp"
#include "infra/crypto/key_set.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/crowd.hpp"
#include "tests/bench/http_wire.hpp"
#include "tests/bench/lives.hpp"

namespace kiroku::bench {
namespace {

constexpr int sent_a_turn = 32;
constexpr std::chrono::milliseconds longest_listening{1};
constexpr std::chrono::seconds grace{3};      // for what is on its way at the end
constexpr std::chrono::seconds patience{60};  // until all are connected

/// What one message is known by: the text of it that tells it from all others of its client.
std::string_view name_in(std::string_view text, std::string_view before, std::size_t size) {
    const auto at = text.find(before);
    if (at == std::string_view::npos) return {};
    const auto name = text.substr(at + before.size(), size);
    return name.substr(0, name.find_first_of("\",}"));
}

/// Which messages were due when, and how long each client waited for them.
class Deliveries {
public:
    Deliveries(Window window, std::size_t hearers) : window_(window), hearers_(hearers) {}

    void due(std::string name, Clock::time_point when) { due_[std::move(name)] = when; }
    void heard(std::string_view name, Clock::time_point now) {
        const auto found = due_.find(std::string{name});
        if (found == due_.end() || !window_.holds(found->second)) return;
        latencies_.add(now - found->second);
    }
    [[nodiscard]] std::size_t missing() const {
        std::size_t wanted = 0;
        for (const auto& [name, when] : due_) wanted += window_.holds(when) ? hearers_ : 0;
        return wanted - std::min(wanted, latencies_.size());
    }
    [[nodiscard]] const Latencies& latencies() const { return latencies_; }
    [[nodiscard]] const Window& window() const { return window_; }

private:
    Window window_;
    std::size_t hearers_;
    std::unordered_map<std::string, Clock::time_point> due_;
    Latencies latencies_;
};

std::vector<Greeting> learners(const Arguments& arguments, const std::vector<Uuid>& users, const std::string& channel) {
    const auto keys = crypto::KeySet::load(arguments.text("keys"));
    gateway::AccessTokens tokens{keys, {}};
    std::vector<Greeting> greetings;
    for (const auto& user : users) {
        const gateway::Caller caller{UserId{user}, SessionId{random_uuid_v7()}, "UTC", {"learner"}, {}};
        greetings.push_back({.protocol = "kiroku.v1.json",
                             .messages = {fmt::format(R"({{"type":"authenticate","token":"{}"}})",
                                                      tokens.issue(caller, OwnedLog::now())),
                                          fmt::format(R"({{"type":"subscribe","channel":"{}"}})", channel)},
                             .ready_at = R"("type":"subscribed")"});
    }
    return greetings;
}

/// One learner who is awarded XP again and again.
class Awarded {
public:
    explicit Awarded(const Uuid& user) : key_(to_string(user)), subject_("learner/" + key_), user_(user) {}

    /// Appends an award; gives the event's id and the learner's XP after it.
    std::pair<std::string, std::string> award(OwnedLog& log) {
        const auto now = OwnedLog::now();
        const CommandId command{random_uuid_v7()};
        total_ += 1;
        const auto data = json::encode(gamification::XpAwarded{.award_id = AwardId{random_uuid_v7()},
                                                               .source_event_id = EventId{random_uuid_v7()},
                                                               .rule = "session_completed",
                                                               .rules_version = RulesVersion{1},
                                                               .amount = Xp{1},
                                                               .total_xp = Xp{total_},
                                                               .reason = "Pomodoro completed",
                                                               .occurred_at = now});
        const auto text = to_string(command);
        std::vector<log::Envelope> decision(1);
        auto& envelope = decision.front();
        envelope.id = EventId{random_uuid_v7()};
        envelope.type = gamification::XpAwarded::type;
        envelope.subject = subject_;
        envelope.aggregate = user_;
        envelope.time = now;
        envelope.version = log::Version{++version_};
        envelope.command = command;
        envelope.command_hash = text;
        envelope.correlation = text;
        envelope.actor = "policy/record_activity";
        envelope.data = data;
        const auto id = to_string(envelope.id);
        log.append(key_, decision);
        return {id, std::to_string(total_)};
    }

private:
    std::string key_, subject_;
    Uuid user_;
    std::int64_t version_ = 0, total_ = 0;
};

std::string report(const Deliveries& deliveries, std::chrono::nanoseconds connecting, std::size_t clients) {
    return fmt::format(R"({{{},"missing":{},"clients":{},"connectSeconds":{:.3f},"clientCpu":{:.2f}}})",
                       deliveries.latencies().members(deliveries.window().length()), deliveries.missing(), clients,
                       std::chrono::duration<double>(connecting).count(), own_cpu_seconds());
}

/// Sends with `send(at)` at a steady rate until the window ends, and listens all the while.
template <class Send, class SentAll>
void run(Crowd& crowd, const Deliveries& deliveries, double rate, Send send, SentAll sent_all) {
    const auto begun = Clock::now();
    std::size_t sent = 0;
    const auto due = [&] { return begun + seconds(static_cast<double>(sent) / rate); };
    while (due() < deliveries.window().to) {
        for (int some = 0; some < sent_a_turn && due() <= Clock::now() && due() < deliveries.window().to; ++some) {
            send(sent, due());
            ++sent;
        }
        crowd.listen(std::min(due(), Clock::now() + longest_listening));
    }
    sent_all();
    crowd.listen(Clock::now() + grace);
}

std::string measure_kiroku(const Arguments& arguments) {
    const auto clients = static_cast<std::size_t>(arguments.count("clients", 2'000));
    const auto channel = arguments.text("channel", "leaderboard:global");
    const bool personal = channel == "me";
    std::vector<Uuid> users(clients);
    for (auto& user : users) user = random_uuid_v7();
    std::optional<Deliveries> deliveries;
    Crowd crowd{arguments.count("port", 8080), learners(arguments, users, channel),
                [&](std::size_t, std::string_view text, Clock::time_point now) {
                    if (!deliveries) return;
                    deliveries->heard(
                        personal ? name_in(text, R"("event":{"id":")", 36) : name_in(text, R"("totalXp":)", 20), now);
                }};
    const auto connecting = crowd.gather(500, patience);
    if (const auto hold = arguments.number("hold", 0); hold > 0) {
        std::fprintf(stderr, "holding %zu\n", clients);
        crowd.listen(Clock::now() + std::chrono::duration_cast<Clock::duration>(seconds(hold)));
        return fmt::format(R"({{"clients":{},"connectSeconds":{:.3f}}})", clients,
                           std::chrono::duration<double>(connecting).count());
    }
    OwnedLog log{arguments.text("kafka"), "gamification"};
    log.fence();
    std::vector<Awarded> lives;
    for (const auto& user : users) lives.emplace_back(user);
    deliveries.emplace(Window::after(arguments.number("warm", 2), arguments.number("seconds", 10)),
                       personal ? 1 : clients);
    const double rate = arguments.number("rate", 20) * (personal ? static_cast<double>(clients) : 1);
    run(
        crowd, *deliveries, rate,
        [&](std::size_t sent, Clock::time_point at) {
            auto [id, total] = lives[personal ? sent % clients : 0].award(log);
            deliveries->due(personal ? std::move(id) : std::move(total), at);
        },
        [&] { log.flush(); });
    return report(*deliveries, connecting, clients);
}

/// One connection that publishes; the answer is read while waiting for the next.
class Publisher {
public:
    explicit Publisher(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int one = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
            throw std::runtime_error("nginx can't be reached");
    }
    ~Publisher() { ::close(fd_); }
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    void publish(const std::string& text) {
        const auto request =
            text_of({.method = "POST", .path = "/publish/board", .token = {}, .body = text, .headers = {}});
        if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) < 0) throw std::runtime_error("nginx hung up");
        std::array<char, 8192> answer;
        while (::recv(fd_, answer.data(), answer.size(), MSG_DONTWAIT) > 0) {
        }
    }

private:
    int fd_;
};

std::string measure_nchan(const Arguments& arguments) {
    const auto clients = static_cast<std::size_t>(arguments.count("clients", 2'000));
    std::optional<Deliveries> deliveries;
    Crowd crowd{arguments.count("port", 8080), std::vector<Greeting>(clients, Greeting{.path = "/subscribe/board"}),
                [&](std::size_t, std::string_view text, Clock::time_point now) {
                    if (deliveries) deliveries->heard(name_in(text, R"("totalXp":)", 20), now);
                }};
    const auto connecting = crowd.gather(500, patience);
    Publisher publisher{arguments.count("port", 8080)};
    deliveries.emplace(Window::after(arguments.number("warm", 2), arguments.number("seconds", 10)), clients);
    // As long as what Kiroku tells of an award.
    const std::string position(60, 'p');
    run(
        crowd, *deliveries, arguments.number("rate", 20),
        [&](std::size_t sent, Clock::time_point at) {
            deliveries->due(std::to_string(sent), at);
            publisher.publish(fmt::format(
                R"({{"type":"event","channel":"leaderboard:global","position":"{}","event":{{"type":"leaderboard_item","userId":"{}","xpAwarded":1,"totalXp":{},"occurredAt":"2026-03-06T12:25:00.000Z"}}}})",
                position, to_string(Uuid{}), sent));
        },
        [] {});
    return report(*deliveries, connecting, clients);
}

std::string measure(const Arguments& arguments) {
    if (!allow_open_files(static_cast<std::size_t>(arguments.count("clients", 2'000)) + 100))
        throw std::runtime_error("too few open files are allowed (ulimit -n)");
    return arguments.text("server", "kiroku") == "nchan" ? measure_nchan(arguments) : measure_kiroku(arguments);
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
