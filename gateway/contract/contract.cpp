// gateway/contract/contract.cpp: the documents, made once at start.
#include "gateway/contract/contract.hpp"

#include <fmt/format.h>

#include "gateway/contract/asyncapi.hpp"
#include "gateway/contract/event_catalogue.hpp"
#include "gateway/contract/openapi.hpp"

namespace kiroku::gateway {
namespace {

contract::Document document(std::string text) {
    auto etag = contract::etag_of(text);
    return {std::move(text), std::move(etag)};
}

}  // namespace

std::string contract::etag_of(std::string_view text) { return fmt::format("\"{}\"", to_string(uuid_v5({}, text))); }

Contract::Contract(const contract::Parts& parts)
    : openapi{document(contract::openapi(parts.router))},
      asyncapi{document(contract::asyncapi(parts.contexts))},
      catalogue{document(contract::catalogue_as_html(parts))} {}

}  // namespace kiroku::gateway
