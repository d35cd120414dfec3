// gateway/contract/routes.cpp: what is promised, for programs and for people. Open to all.
#include "gateway/contract/routes.hpp"

#include "gateway/contract/contract.hpp"
#include "gateway/contract/viewer.hpp"
#include "gateway/services.hpp"

namespace kiroku::gateway {
namespace {

constexpr std::string_view cached = "public, max-age=300";
constexpr std::string_view html_type = "text/html; charset=utf-8";

/// Nothing but what this gateway serves itself; no page of others may show it.
constexpr std::string_view only_ours =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A document of the contract, or a file of the viewer.
template <class Document>
Response lasting(const Document& document, std::string_view media) {
    Response response{.body = std::string{document.text},
                      .content_type = media,
                      .cache_control = cached,
                      .etag = std::string{document.etag}};
    if (!media.starts_with(json_type)) response.headers.emplace_back("Content-Security-Policy", only_ours);
    return response;
}

Task<Answer> openapi(Request, Services services) { co_return lasting(services.contract.openapi, json_type); }

Task<Answer> asyncapi(Request, Services services) { co_return lasting(services.contract.asyncapi, json_type); }

Task<Answer> catalogue(Request, Services services) { co_return lasting(services.contract.catalogue, html_type); }

Answer viewer_file(std::string_view name) {
    const auto* file = contract::find_viewer_file(name);
    if (file == nullptr) return Problem{CoreRefusal::not_found};
    return lasting(*file, file->media);
}

Task<Answer> docs(Request, Services) { co_return viewer_file("index"); }

Task<Answer> docs_file(Request request, Services) { co_return viewer_file(request.path_values.at(0)); }

}  // namespace

void add_contract_routes(Router& router) {
    router.about("contract");
    router.get("/openapi.json", Permission::open, openapi)
        .called("showOpenApi", "This description.")
        .gives_media(200, json_type)
        .tagged();
    router.get("/asyncapi.json", Permission::open, asyncapi)
        .called("showAsyncApi", "WebSocket messages and Kafka topics, in AsyncAPI 3.0.")
        .gives_media(200, json_type)
        .tagged();
    router.get("/catalogue", Permission::open, catalogue)
        .called("showEvents", "Every event: what it means, who writes it and who reads it. For people.")
        .gives_media(200, html_type)
        .tagged();
    router.get("/docs", Permission::open, docs)
        .called("showDocs", "All of this for people.")
        .gives_media(200, html_type)
        .tagged();
    router.get("/docs/{file}", Permission::open, docs_file)
        .called("showDocsFile", "What that page consists of.")
        .gives_media(200, html_type)
        .gives_media(200, "text/css")
        .gives_media(200, "text/javascript")
        .tagged();
}

}  // namespace kiroku::gateway
