// tests/unit/realtime/resume_test.cpp: whatever the interleaving of gateways, disconnects and slow readers, a client
// gets each event of its channel once, in the order of its partition, or is told that something may be missing.
#include <algorithm>
#include <random>

#include "gateway/realtime/hub.hpp"
#include "tests/unit/realtime/feed.hpp"

namespace kiroku::gateway::realtime::test {
namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t bound) { return random() % bound; }

/// Decisions by partition, and which of their events concern which channel.
struct Story {
    Partitions partitions = test::partitions_of(3);
    std::vector<std::vector<std::shared_ptr<const PastDecision>>> decisions{partitions.size()};

    void grow(Random& random, const std::vector<UserId>& users) {
        const auto& user = users[below(random, users.size())];
        const bool practised = below(random, 2) == 0;
        const Slot slot = practised ? partitions.of("challenges", named<UserId>(std::to_string(random())).value)
                                    : partitions.of("gamification", user.value);
        auto& told = decisions[slot];
        auto next = (told.empty() ? 0 : told.back()->next.value) + static_cast<std::int64_t>(below(random, 3));
        std::vector<PastEvent> events;
        const auto count = practised ? 1 : 1 + below(random, 4);
        for (std::size_t i = 0; i < count; ++i, ++next) {
            events.push_back(
                event(std::to_string(slot) + "@" + std::to_string(next), user, next, !practised && i == 0));
        }
        told.push_back(decision(slot, std::move(events)));
    }

    /// The first of the channel's events in this partition from `from` on; -1: there is none.
    [[nodiscard]] std::int64_t first_in(const Channel& channel, Slot slot, Offset from) const {
        for (const auto& decision : decisions[slot]) {
            for (const auto& event : decision->events) {
                if (event.offset >= from && !text_in(channel, event).empty()) return event.offset.value;
            }
        }
        return -1;
    }
};

/// Reads the story's partitions in an order of its own.
struct Gateway {
    Gateway(const Story& story, History::Bounds bounds)
        : hub(story.partitions, from_the_start(story.partitions), Positions{a_key()}, bounds),
          read(story.partitions.size()) {}

    bool step(const Story& story, Slot slot) {
        if (read[slot] == story.decisions[slot].size()) return false;
        hub.take(story.decisions[slot][read[slot]++]);
        return true;
    }

    void read_on(const Story& story, Random& random, std::size_t steps) {
        for (std::size_t i = 0; i < steps; ++i) step(story, static_cast<Slot>(below(random, story.partitions.size())));
    }

    void read_all(const Story& story) {
        for (Slot slot = 0; slot < story.partitions.size(); ++slot) {
            while (step(story, slot)) {
            }
        }
    }

    Hub hub;
    std::vector<std::size_t> read;
};

/// Checks each message against the story.
class Client {
public:
    Client(const Story& story, Channel channel, Outbox::Bounds bounds)
        : story_(story),
          channel_(channel),
          slots_(partitions_of(channel, story.partitions)),
          has_(slots_.size()),
          bounds_(bounds) {}

    void connect(Gateway& gateway) {
        disconnect();
        outbox_ = std::make_unique<Outbox>(bounds_, [] {});
        subscription_ =
            gateway.hub.subscribe(channel_, *outbox_, position_.empty() ? std::nullopt : std::optional{position_});
    }

    void disconnect() {
        subscription_.reset();
        outbox_.reset();
    }

    void read(std::size_t messages) {
        for (; messages > 0 && outbox_ && !outbox_->empty(); --messages) {
            const auto text = *outbox_->take();
            subscription_->go_on();
            hear(*json::decode_tagged<ws::ServerMessage>(text));
        }
        if (outbox_ && outbox_->empty() && outbox_->closing()) disconnect();
    }

    [[nodiscard]] bool connected() const { return outbox_ != nullptr; }
    [[nodiscard]] bool waits() const { return outbox_ && outbox_->empty() && !outbox_->closing(); }
    [[nodiscard]] int lost() const { return lost_; }

    void check_has_everything() const {
        for (std::size_t i = 0; i < slots_.size(); ++i) CHECK(story_.first_in(channel_, slots_[i], has_[i]) == -1);
    }

private:
    void hear(const ws::ServerMessage& message) {
        if (const auto* subscribed = std::get_if<ws::Subscribed>(&message)) {
            const auto said = offsets_in(subscribed->position);
            if (position_.empty() || !subscribed->recovered) {
                if (!position_.empty()) ++lost_;
                has_ = said;
            }
            move_to(said);
            position_ = subscribed->position;
        } else if (const auto* event = std::get_if<ws::Event>(&message)) {
            hear_event(*event);
        } else {
            const auto& told = std::get<ws::Position>(message);
            move_to(offsets_in(told.position));
            position_ = told.position;
        }
    }

    void hear_event(const ws::Event& event) {
        const auto name = name_in(event.event.text);
        const auto slot = static_cast<Slot>(std::stoi(name));
        const Offset offset{std::stoll(name.substr(name.find('@') + 1))};
        auto& has = has_[static_cast<std::size_t>(std::ranges::find(slots_, slot) - slots_.begin())];
        CHECK(offset.value == story_.first_in(channel_, slot, has));  // neither again nor too early
        has = Offset{offset.value + 1};
        move_to(offsets_in(event.position));
        position_ = event.position;
    }

    /// A position may say more or less than what was told, but the difference holds nothing of this channel's.
    void move_to(const std::vector<Offset>& said) {
        for (std::size_t i = 0; i < said.size(); ++i) {
            const auto [low, high] = std::minmax(said[i], has_[i]);
            const auto between = story_.first_in(channel_, slots_[i], low);
            CHECK((between == -1 || between >= high.value));
            has_[i] = high;
        }
    }

    [[nodiscard]] std::vector<Offset> offsets_in(const std::string& position) const {
        return Positions{a_key()}.read(channel_, position, slots_.size()).value();
    }

    const Story& story_;
    Channel channel_;
    std::vector<Slot> slots_;
    std::vector<Offset> has_;
    Outbox::Bounds bounds_;
    std::unique_ptr<Outbox> outbox_;
    std::unique_ptr<Subscription> subscription_;
    std::string position_;
    int lost_ = 0;
};

struct Run {
    Run(std::uint64_t seed, std::size_t remembered) : random(seed) {
        for (int i = 0; i < 3; ++i)
            gateways.push_back(std::make_unique<Gateway>(story, History::Bounds{remembered, 1 << 24}));
        for (const auto& user : users)
            clients.push_back(std::make_unique<Client>(story, Channel{Channel::Kind::me, user}, bounds));
        clients.push_back(std::make_unique<Client>(story, leaderboard_channel, bounds));
    }

    void step() {
        auto& gateway = *gateways[below(random, gateways.size())];
        auto& client = *clients[below(random, clients.size())];
        switch (below(random, 8)) {
            case 0: client.connect(gateway); break;
            case 1: client.disconnect(); break;
            case 2:
            case 3: story.grow(random, users); break;
            case 4:
            case 5: gateway.read_on(story, random, 1 + below(random, 20)); break;
            default: client.read(below(random, 12)); break;
        }
    }

    void finish() {
        for (auto& gateway : gateways) gateway->read_all(story);
        for (auto& client : clients) {
            do {
                if (!client->connected()) client->connect(*gateways[below(random, gateways.size())]);
                client->read(1000);
            } while (!client->waits());
            client->check_has_everything();
        }
    }

    Random random;
    std::vector<UserId> users{named<UserId>("a"), named<UserId>("b"), named<UserId>("c")};
    Outbox::Bounds bounds{.frames = 6, .bytes = 1 << 20};
    Story story;
    std::vector<std::unique_ptr<Gateway>> gateways;
    std::vector<std::unique_ptr<Client>> clients;  // last: their subscriptions go first
};

TEST_SUITE("realtime: resume") {
TEST_CASE("a long memory loses nothing, whatever happens") {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        CAPTURE(seed);
        Run run{seed, 100'000};
        for (int i = 0; i < 600; ++i) run.step();
        run.finish();
        for (const auto& client : run.clients) CHECK(client->lost() == 0);
    }
}

TEST_CASE("a short memory loses something at times, and says so") {
    int lost = 0;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        CAPTURE(seed);
        Run run{seed, 15};
        for (int i = 0; i < 600; ++i) run.step();
        run.finish();
        for (const auto& client : run.clients) lost += client->lost();
    }
    CHECK(lost > 100);
}
}

}  // namespace
}  // namespace kiroku::gateway::realtime::test
