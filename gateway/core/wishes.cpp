// gateway/core/wishes.cpp: how a client would like to get its answer.
#include "gateway/core/wishes.hpp"

#include "gateway/core/etag.hpp"

namespace kiroku::gateway {
namespace {

constexpr std::string_view ask_each_time = "private, no-cache";

bool is_read(const Route* route) { return route != nullptr && route->method == Method::get; }

void tag(const Wishes& wishes, const Route& route, Response& response) {
    if (!route.is_tagged || response.status != 200 || response.stream) return;
    if (response.etag.empty()) response.etag = content_tag(response.body);
    if (response.cache_control == "no-store") response.cache_control = ask_each_time;
    if (wishes.if_none_match.empty() || !names(wishes.if_none_match, response.etag)) return;
    response.status = 304;
    response.body.clear();
}

void compress_stream(const Wishes& wishes, Response& response) {
    if (!wishes.accepted.gzip) return;
    response.stream = gzipped(std::move(response.stream));
    response.coding = Coding::gzip;
}

/// A strong tag stands for these very bytes. What comes of a POST may repeat what was sent, next to secrets: it stays
/// as it is, so that nobody learns from its size (BREACH).
void compress(const Wishes& wishes, Copies& copies, Response& response) {
    const bool strong = !response.etag.empty() && !response.etag.starts_with("W/");
    const bool has_copy = response.status == 304;
    const bool is_live = response.stream && response.content_type != ndjson_type;  // a compressor each is too much
    if (strong || is_live || (response.status != 200 && !has_copy) || !is_text(response.content_type)) return;
    response.varies_by_coding = true;
    if (response.stream) return compress_stream(wishes, response);
    const Coding coding = wishes.accepted.best();
    if (response.body.size() < least_encoded_bytes || coding == Coding::identity) return;
    const bool same_for_all = response.cache_control.starts_with("public") && !response.etag.empty();
    response.body = same_for_all ? copies.of(response.etag, coding, response.body) : encoded(coding, response.body);
    response.coding = coding;
}

}  // namespace

Wishes Wishes::of(const Fields& fields) {
    return {.origin = std::string{fields.find("origin").value_or("")},
            .if_none_match = std::string{fields.find("if-none-match").value_or("")},
            .accepted = Accepted::read(fields.find("accept-encoding").value_or(""))};
}

const std::string& Copies::of(const std::string& etag, Coding coding, std::string_view body) {
    const auto key = std::pair{etag, coding};
    if (const auto known = copies_.find(key); known != copies_.end()) return known->second;
    if (copies_.size() >= most) copies_.clear();
    return copies_.emplace(key, encoded(coding, body)).first->second;
}

void fulfil(const Wishes& wishes, const Route* route, const Origins& origins, Copies& copies, Response& response) {
    if (is_read(route)) {
        tag(wishes, *route, response);
        compress(wishes, copies, response);
    }
    origins.admit(wishes.origin, response);
}

}  // namespace kiroku::gateway
