// gateway/core/wishes.hpp: how a client would like to get its answer, whatever the answer is.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "gateway/core/coding.hpp"
#include "gateway/core/fields.hpp"
#include "gateway/core/origins.hpp"
#include "gateway/core/response.hpp"
#include "gateway/core/route.hpp"

namespace kiroku::gateway {

/// What the header says of it, kept while the request is with its handler.
struct Wishes {
    std::string origin;         ///< empty: no page asks, or its own
    std::string if_none_match;  ///< empty: there is no copy
    Accepted accepted;

    static Wishes of(const Fields& fields);
};

/// Compressed copies of what is the same for all: each is made once. On the io thread.
class Copies {
public:
    const std::string& of(const std::string& etag, Coding coding, std::string_view body);

private:
    static constexpr std::size_t most = 64;  // there are a dozen documents
    std::map<std::pair<std::string, Coding>, std::string> copies_;
};

/// Tags the answer where its route promises that, leaves its body out if the client has it, and compresses what gets
/// smaller by it. `route` may be null.
void fulfil(const Wishes& wishes, const Route* route, const Origins& origins, Copies& copies, Response& response);

}  // namespace kiroku::gateway
