// gateway/core/body.cpp: which bodies are read at all.
#include "gateway/core/body.hpp"

namespace kiroku::gateway {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return "";
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_json(std::string_view media_type) {
    const auto semicolon = media_type.find(';');
    if (!equal_ignoring_case(trimmed(media_type.substr(0, semicolon)), json_type)) return false;
    if (semicolon == std::string_view::npos) return true;
    const auto parameter = trimmed(media_type.substr(semicolon + 1));
    return equal_ignoring_case(parameter, "charset=utf-8") || equal_ignoring_case(parameter, "charset=\"utf-8\"");
}

}  // namespace

std::optional<Problem> refuse_media_type(const Request& request) {
    if (request.body.empty() || is_json(request.fields.find("content-type").value_or(""))) return std::nullopt;
    return Problem{CoreRefusal::unsupported_media_type};
}

Task<Answer> at_once(Answer answer) { co_return answer; }

}  // namespace kiroku::gateway
