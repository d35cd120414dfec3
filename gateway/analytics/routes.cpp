// gateway/analytics/routes.cpp: the log, for those who study it.
#include "gateway/analytics/routes.hpp"

#include "gateway/analytics/event_streams.hpp"
#include "gateway/core/coding.hpp"
#include "gateway/services.hpp"
#include "schemas/http/types.hpp"

namespace kiroku::gateway {
namespace {

/// A line each event, then one that tells how far it came (schemas/http/events_page.v1.json).
Task<Answer> stream_events(Request request, Services services) {
    auto& streams = services.event_streams;
    auto query = read_events_query(request, streams.contexts(), streams.cursors());
    if (!query) co_return std::move(query.error());
    Response response{.content_type = ndjson_type};
    if (request.method == Method::head) {
        response.stream = std::make_shared<NoBody>();
        co_return response;
    }
    auto body = co_await streams.open(std::move(*query), request.user().user);
    if (!body) co_return std::move(body.error());
    response.stream = std::move(*body);
    co_return response;
}

}  // namespace

void add_analytics_routes(Router& router) {
    router.about("analytics");
    router.get("/analytics/events", Permission::read_events, stream_events)
        .counts_as(RateClass::stream)
        .called("streamEvents", "The log as CloudEvents, a line each; the last line tells how to go on.")
        .query(events_parameters())
        .refuses(CoreRefusal::unavailable)
        .gives_media(200, ndjson_type);
}

}  // namespace kiroku::gateway
