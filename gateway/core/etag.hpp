// gateway/core/etag.hpp: the tag by which a copy of what was answered is known (RFC 9110, section 8.8).
//
// What an aggregate alone makes is tagged by its version, strongly: that tag may be sent as `If-Match`. Everything else
// is tagged by its content, weakly, whichever way it is compressed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infra/log/command.hpp"

namespace kiroku::gateway {

/// W/"…": other bytes, another tag; the same on every gateway.
std::string content_tag(std::string_view body);

/// "7". `incomplete`: events are missing in what is shown, so nothing may be changed on its strength.
std::string version_tag(std::int64_t version, bool incomplete = false);

/// What the events of a decision left behind; empty: there are none.
std::string tag_after(const std::vector<log::ReplyEvent>& events);

/// Whether `If-None-Match` names this tag, compared weakly.
bool names(std::string_view if_none_match, std::string_view tag);

/// What `If-Match` asks of an aggregate.
struct Precondition {
    /// The version that it must have; -1: one that no aggregate has. Nothing: any.
    std::optional<std::int64_t> version;
};

/// Null: neither `*` nor one entity tag.
std::optional<Precondition> read_if_match(std::string_view text);

}  // namespace kiroku::gateway
