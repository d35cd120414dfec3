// gateway/realtime/errands.cpp: what a connection has this gateway's own routes do.
#include "gateway/realtime/errands.hpp"

namespace kiroku::gateway::realtime {

RawRequest request_of(Method method, std::string target, std::string_view token) {
    RawRequest request{.head = {.method = method, .target = std::move(target), .version = 11, .fields = {}},
                       .body = {},
                       .keep_alive = true,
                       .wants_upgrade = false};
    request.head.fields.add("authorization", "Bearer " + std::string{token});
    return request;
}

bool Errands::run(RawRequest request, Then then) {
    if (!under_way_) under_way_ = std::make_shared<std::size_t>(0);
    if (*under_way_ >= most_) return false;
    ++*under_way_;
    ask_(std::move(request), [here = std::weak_ptr{under_way_}, then = std::move(then)](const Response& response) {
        const auto under_way = here.lock();
        if (!under_way) return;
        --*under_way;
        then(response);
    });
    return true;
}

}  // namespace kiroku::gateway::realtime
