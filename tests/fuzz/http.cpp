// tests/fuzz/http.cpp: fuzzes what a client's bytes go through first: parser, guard, target, query, addresses.
#include <vector>

#include "gateway/core/client_address.hpp"
#include "gateway/core/request_parser.hpp"
#include "tests/fuzz/input.hpp"

using namespace kiroku;
using namespace kiroku::gateway;
using fuzz::must;

namespace {

/// A request, or why there is none, and how many bytes it took.
struct Reading {
    RequestParser::State state = RequestParser::State::reading_header;
    RawRequest request;
    std::size_t used = 0;
};

/// As a session does it, `step` bytes arriving at a time.
Reading read(std::string_view bytes, std::size_t step) {
    RequestParser parser;
    Reading reading;
    const auto done = [&] {
        return parser.state() == RequestParser::State::whole || parser.state() == RequestParser::State::refused;
    };
    for (std::size_t arrived = 0; arrived < bytes.size() && !done();) {
        arrived = std::min(bytes.size(), arrived + step);
        while (!done() && reading.used < arrived) {
            const auto taken = parser.take(bytes.substr(reading.used, arrived - reading.used));
            must(taken <= arrived - reading.used, "a parser takes no more than it is given");
            reading.used += taken;
            if (taken == 0) break;
        }
    }
    reading.state = parser.state();
    if (reading.state == RequestParser::State::whole) reading.request = parser.release();
    return reading;
}

void check_whole(const RawRequest& request) {
    const auto& fields = request.head.fields;
    must(request.head.method.has_value(), "a request that passes has a method that is known");
    must(fields.count("host") == 1, "a request that passes has one Host");
    must(fields.count("content-length") + fields.count("transfer-encoding") <= 1, "a body ends in one way only");
    must(fields.size() <= RequestLimits::fields, "fields are bounded");
    must(request.body.size() <= RequestLimits::body_bytes, "bodies are bounded");
    must(request.head.target.size() <= RequestLimits::target_bytes, "targets are bounded");
    fields.each([](std::string_view, std::string_view value) {
        must(value.find_first_of(std::string_view{"\0\r\n", 3}) == std::string_view::npos, "a value is one line");
    });
    const auto proxies = *TrustedProxies::parse({"10.0.0.0/8", "::/3"});
    (void)proxies.client(*ClientAddress::parse("10.0.0.1"), fields).text();
}

void check_target(std::string_view text) {
    const auto target = read_target(text);
    if (!target) return;
    must(target->path.starts_with('/') && is_plain_text(target->path), "a path is plain text");
    must(target->path.find("/../") == std::string::npos && !target->path.ends_with("/.."), "a path leads nowhere up");
    must(target->query.all().size() <= RequestLimits::query_parameters, "parameters are bounded");
    for (const auto& [name, value] : target->query.all())
        must(!name.empty() && is_plain_text(name) && is_plain_text(value), "parameters are plain text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Input input{bytes, size};
    const std::size_t step = 1 + input.byte() % 64;
    const auto text = input.rest();
    const Reading at_once = read(text, text.size() + 1);
    const Reading drip = read(text, step);
    // Where a header can't be right any more, it is refused at once or when its end is there: both do no harm.
    const auto is_whole = [](const Reading& reading) { return reading.state == RequestParser::State::whole; };
    must(is_whole(at_once) == is_whole(drip), "what is a request doesn't depend on how its bytes arrive");
    if (is_whole(at_once)) {
        must(at_once.used == drip.used, "a request ends in one place");
        must(at_once.request.body == drip.request.body, "a body is the same however it arrives");
        check_whole(at_once.request);
        check_target(at_once.request.head.target);
    }
    check_target(text);
    return 0;
}
