// gateway/core/kept_answers.hpp: answers that many ask for again a moment later, kept for that moment.
#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

#include "gateway/core/request.hpp"
#include "gateway/core/response.hpp"

namespace kiroku::gateway {

/// Each says by its `Kiroku-Position` what it includes; who needs more (`Kiroku-Min-Position`) doesn't get it from
/// here. On the io thread.
class KeptAnswers {
public:
    static constexpr std::size_t most = 10'000;
    using Clock = std::chrono::steady_clock;

    /// Null: this request's handler must be asked. Whoever comes first behind an answer's end is told so, and those who
    /// come before the new answer get the old one once more.
    const Response* find(const std::string& name, const log::Position& needed, Clock::time_point now);

    /// If it is an answer that tells its position.
    void keep(const std::string& name, const Response& response, Clock::time_point until);

    /// What is asked, and by whom.
    static std::string name_of(const Request& request);

private:
    struct Kept {
        Response response;
        log::Position position;
        Clock::time_point until;
    };
    std::unordered_map<std::string, Kept> answers_;
};

}  // namespace kiroku::gateway
