// gateway/contract/contract.cpp: the documents, made once at start.
#include "gateway/contract/contract.hpp"

#include "gateway/contract/asyncapi.hpp"
#include "gateway/contract/event_catalogue.hpp"
#include "gateway/contract/openapi.hpp"
#include "gateway/core/etag.hpp"

namespace kiroku::gateway {
namespace {

contract::Document document(std::string text) {
    auto etag = content_tag(text);
    return {std::move(text), std::move(etag)};
}

}  // namespace

Contract::Contract(const contract::Parts& parts)
    : openapi{document(contract::openapi(parts.router))},
      asyncapi{document(contract::asyncapi(parts.contexts))},
      catalogue{document(contract::catalogue_as_html(parts))} {}

}  // namespace kiroku::gateway
