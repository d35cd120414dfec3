// tests/bench/stages.cpp: where a command's time goes, one in flight, by the times that its records carry.
//
// The broker stamps a command when it appends it, the decider stamps an event when it sends it; then the gateway reads
// it in the log and answers. All are whole milliseconds of one machine's clock, so only means over many commands tell
// something; pauses of random length keep the loop from falling into step with that clock.
#include <map>
#include <random>
#include <set>
#include <thread>

#include "infra/kafka/consumer.hpp"
#include "infra/log/command.hpp"
#include "schemas/challenges/http/codec.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/http_wire.hpp"
#include "tests/bench/latencies.hpp"

namespace kiroku::bench {
namespace {

constexpr int patience_ms = 5'000;
constexpr int longest_pause_us = 2'000;

Instant wall_clock() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

/// One command's way, in whole milliseconds.
struct Journey {
    Instant sent, appended, decided, answered;

    [[nodiscard]] bool whole() const { return appended != Instant{} && decided != Instant{}; }
};

/// By the text of the session's id, which is the key of the command and of its event.
using Journeys = std::map<std::string, Journey, std::less<>>;

std::vector<kafka::TopicPartition> places_to_read(kafka::Consumer& consumer) {
    std::vector<kafka::TopicPartition> places;
    for (const auto& topic : {log::command_topic("challenges"), log::event_topic("challenges")}) {
        const int count = consumer.partitions_of(topic);
        for (int number = 0; number < count; ++number) places.push_back({topic, number});
    }
    return places;
}

void travel(const Arguments& arguments, Journeys& journeys) {
    const auto tokens = arguments.lines("tokens");
    const auto challenges = arguments.lines("challenges");
    HttpClient client{arguments.count("port", 8080)};
    std::minstd_rand random{1};
    const int count = arguments.count("commands", 1000);
    for (int number = 0; number < count; ++number) {
        const auto turn = static_cast<std::size_t>(number);
        const HttpRequest request{.method = "POST",
                                  .path = "/challenges/" + challenges[turn % challenges.size()] + "/sessions",
                                  .token = tokens[turn % tokens.size()],
                                  .body = "{}",
                                  .headers = new_idempotency_key()};
        const auto sent = wall_clock();
        const auto body = client.expect(201, request);
        const auto answered = wall_clock();
        const auto session = json::decode<challenges::http::Session>(body);
        if (!session) throw std::runtime_error(std::string{body});
        journeys[to_string(session->id)] = {.sent = sent, .appended = {}, .decided = {}, .answered = answered};
        std::this_thread::sleep_for(std::chrono::microseconds{random() % longest_pause_us});
    }
}

/// Notes the time that a record tells.
void note(const kafka::Record& record, Journeys& journeys) {
    const auto journey = journeys.find(record.key);
    if (journey == journeys.end()) return;
    auto& time = record.topic == log::event_topic("challenges") ? journey->second.decided : journey->second.appended;
    time = record.timestamp;
}

/// Reads to the end of these places.
void read_back(kafka::Consumer& consumer, const std::vector<kafka::Start>& starts, Journeys& journeys) {
    std::set<kafka::TopicPartition> open;
    for (const auto& start : starts) open.insert(start.where);
    consumer.assign(starts);
    while (!open.empty()) {
        const auto message = consumer.poll(patience_ms);
        if (message.kind() == kafka::Message::Kind::nothing) throw std::runtime_error("the log can't be read back");
        if (message.kind() == kafka::Message::Kind::record) note(message.record(), journeys);
        if (message.kind() == kafka::Message::Kind::end_of_partition) {
            open.erase({std::string{message.record().topic}, message.record().partition});
        }
    }
}

std::string told(const Journeys& journeys) {
    std::int64_t count = 0;
    std::chrono::milliseconds in{}, deciding{}, out{};
    for (const auto& [session, journey] : journeys) {
        if (!journey.whole()) continue;
        ++count;
        in += journey.appended - journey.sent;
        deciding += journey.decided - journey.appended;
        out += journey.answered - journey.decided;
    }
    if (count == 0) throw std::runtime_error("no command's records were found in the log");
    const auto mean = [&](std::chrono::milliseconds sum) {
        return static_cast<double>(sum.count()) / static_cast<double>(count);
    };
    return fmt::format(
        R"({{"count":{},"requestToAppended":{:.3f},"appendedToDecided":{:.3f},"decidedToAnswered":{:.3f},"whole":{:.3f}}})",
        count, mean(in), mean(deciding), mean(out), mean(in + deciding + out));
}

std::string measure(const Arguments& arguments) {
    kafka::Consumer consumer{arguments.text("kafka")};
    std::vector<kafka::Start> starts;
    for (const auto& place : places_to_read(consumer)) starts.push_back({place, consumer.watermarks(place).next});
    Journeys journeys;
    travel(arguments, journeys);
    read_back(consumer, starts, journeys);
    return told(journeys);
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
