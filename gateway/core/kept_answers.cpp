// gateway/core/kept_answers.cpp: answers that many ask for again a moment later.
#include "gateway/core/kept_answers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kiroku::gateway {
namespace {

constexpr std::chrono::milliseconds until_refreshed{250};

bool includes(const log::Position& has, const log::Position& needed) {
    return std::ranges::all_of(needed.offsets(), [&](const auto& need) {
        const auto found = has.offsets().find(need.first);
        return found != has.offsets().end() && found->second >= need.second;
    });
}

}  // namespace

const Response* KeptAnswers::find(const std::string& name, const log::Position& needed, Clock::time_point now) {
    const auto found = answers_.find(name);
    if (found == answers_.end() || !includes(found->second.position, needed)) return nullptr;
    auto& kept = found->second;
    if (now < kept.until) return &kept.response;
    if (now >= kept.until + until_refreshed) {
        answers_.erase(found);
        return nullptr;
    }
    kept.until = now + until_refreshed;
    return nullptr;
}

void KeptAnswers::keep(const std::string& name, const Response& response, Clock::time_point until) {
    auto position = log::Position::parse(response.position);
    if (response.status != 200 || response.stream || !position || position->empty()) return;
    if (answers_.size() >= most) answers_.clear();
    answers_.insert_or_assign(name, Kept{response, std::move(*position), until});
}

std::string KeptAnswers::name_of(const Request& request) {
    auto name = fmt::format("{}\n{}\n", to_string(request.user().user), request.target.path);
    for (const auto& [parameter, value] : request.target.query.all()) name += fmt::format("{}={}\n", parameter, value);
    return name;
}

}  // namespace kiroku::gateway
