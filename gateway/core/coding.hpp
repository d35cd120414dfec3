// gateway/core/coding.hpp: answers made smaller for who can read them (RFC 9110, section 8.4).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/core/body_source.hpp"
#include "gateway/core/response.hpp"

namespace kiroku::gateway {

/// A JSON value a line, as streams for programs are.
inline constexpr std::string_view ndjson_type = "application/x-ndjson";

/// As in `Content-Encoding`.
std::string_view to_string(Coding coding);

/// What `Accept-Encoding` accepts. Without the header, or if it can't be read: nothing but identity.
struct Accepted {
    bool gzip = false;
    bool brotli = false;

    static Accepted read(std::string_view accept_encoding);
    [[nodiscard]] Coding best() const;
};

/// Whether bodies of this type get smaller by it.
bool is_text(std::string_view media);

/// A body below this many bytes takes as many packets with as without.
inline constexpr std::size_t least_encoded_bytes = 1024;

std::string encoded(Coding coding, std::string_view text);

/// The same body, piece by piece in gzip: each piece can be read as soon as it has come.
std::shared_ptr<BodySource> gzipped(std::shared_ptr<BodySource> body);

}  // namespace kiroku::gateway
