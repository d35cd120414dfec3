// tests/bench/push_book.hpp: which command was due when, which event was pushed when, and how they belong together.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "infra/log/json_line.hpp"
#include "tests/bench/latencies.hpp"

namespace kiroku::bench {

/// A member of a JSON object, a string without its quotes; empty if there is none.
inline std::string attribute_of(std::string_view json, std::string_view name) {
    const auto attributes = log::attributes_of(json);
    if (!attributes) throw std::runtime_error(fmt::format("{} in {}", attributes.error(), json));
    for (const auto& [known, value] : *attributes) {
        if (known == name) return std::string{value};
    }
    return {};
}

/// Brings together when a command was due and when its event came, whichever is told first.
class Meetings {
public:
    explicit Meetings(Window window) : window_(window) {}

    void due(const std::string& name, Clock::time_point when) {
        auto& meeting = meetings_[name];
        meeting.due = when;
        settle(meeting);
    }
    void came(const std::string& name, Clock::time_point when) {
        auto& meeting = meetings_[name];
        if (meeting.came) return;
        meeting.came = when;
        settle(meeting);
    }
    [[nodiscard]] std::optional<Clock::time_point> due_of(const std::string& name) { return meetings_[name].due; }

    [[nodiscard]] const Latencies& latencies() const { return latencies_; }
    [[nodiscard]] int missing() const {
        int count = 0;
        for (const auto& [name, meeting] : meetings_)
            count += meeting.due && window_.holds(*meeting.due) && !meeting.came;
        return count;
    }

private:
    struct Meeting {
        std::optional<Clock::time_point> due, came;
    };
    void settle(const Meeting& meeting) {
        if (meeting.due && meeting.came && window_.holds(*meeting.due)) latencies_.add(*meeting.came - *meeting.due);
    }

    Window window_;
    std::map<std::string, Meeting> meetings_;
    Latencies latencies_;
};

/// What was commanded and what was pushed, of all learners.
class Book {
public:
    explicit Book(Window window) : events_(window), rewards_(window), window_(window) {}

    void started(const std::string& session, Clock::time_point due) {
        events_.due("challenges.session_started.v1 " + session, due);
    }
    void completing(const std::string& session, Clock::time_point due) {
        events_.due("challenges.session_completed.v1 " + session, due);
    }
    void answered(Clock::time_point due) {
        if (window_.holds(due)) answers_.add(Clock::now() - due);
    }

    /// An event of the channel.
    void pushed(std::string_view event) {
        const auto now = Clock::now();
        const auto type = attribute_of(event, "type");
        if (type == "gamification.xp_awarded.v1")
            return rewards_.came(attribute_of(attribute_of(event, "data"), "sourceEventId"), now);
        if (!type.starts_with("challenges.session_")) return;
        const auto subject = attribute_of(event, "subject");
        const auto name = type + " " + subject.substr(subject.find('/') + 1);
        events_.came(name, now);
        if (type != "challenges.session_completed.v1") return;
        if (const auto due = events_.due_of(name)) rewards_.due(attribute_of(event, "id"), *due);
    }

    [[nodiscard]] std::string json() const {
        return fmt::format(R"({{"event":{{{}}},"reward":{{{}}},"answer":{{{}}},"missing":{}}})",
                           events_.latencies().members(window_.length()), rewards_.latencies().members(),
                           answers_.members(), events_.missing() + rewards_.missing());
    }

private:
    Meetings events_;
    Meetings rewards_;  // by the event that they are for
    Latencies answers_;
    Window window_;
};

}  // namespace kiroku::bench
