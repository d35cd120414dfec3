// gateway/core/request_parser.cpp: bytes in, one guarded request out, on Beast's parser.
#include "gateway/core/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "gateway/core/guard.hpp"

namespace kiroku::gateway {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

std::optional<Method> method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get: return Method::get;
        case http::verb::head: return Method::head;
        case http::verb::post: return Method::post;
        case http::verb::put: return Method::put;
        case http::verb::patch: return Method::patch;
        case http::verb::delete_: return Method::remove;
        case http::verb::options: return Method::options;
        default: return std::nullopt;
    }
}

/// A header that is too large before its first line ends has too long a target.
CoreRefusal fault_of(beast::error_code error, bool has_target) {
    if (error == http::error::header_limit)
        return has_target ? CoreRefusal::header_too_large : CoreRefusal::target_too_long;
    if (error == http::error::body_limit) return CoreRefusal::payload_too_large;
    return CoreRefusal::malformed_request;
}

/// What is still to come of chunks is as long as the last one at least: "0\r\n\r\n". Beast 1.81 insists on that where
/// it reads a last chunk for the second time, and ends the program if it is given less.
constexpr std::size_t least_of_chunks = 5;

constexpr std::size_t longest_extension = 1024;  // of a chunk, which nobody reads

}  // namespace

/// Trailers behind a chunked body are read and dropped: what was decided on the header must not change afterwards.
struct RequestParser::Parsing final : http::basic_parser<true> {
    RawRequest request;
    std::optional<Problem> problem;
    bool header_done = false;
    bool continue_owed = false;

    Parsing() {
        header_limit(RequestLimits::header_bytes);
        body_limit(RequestLimits::body_bytes);
        eager(true);
    }

    bool awaits_chunk() { return header_done && !is_done() && chunked(); }

    void refuse_with(Problem why, beast::error_code& error) {
        problem = std::move(why);
        error = http::error::bad_field;
    }

private:
    void on_request_impl(http::verb verb, beast::string_view, beast::string_view target, int version,
                         beast::error_code&) override {
        request.head.method = method_of(verb);
        request.head.target = target;
        request.head.version = version;
    }

    void on_field_impl(http::field, beast::string_view name, beast::string_view value,
                       beast::error_code& error) override {
        if (header_done) return;
        if (request.head.fields.size() == RequestLimits::fields)
            return refuse_with(CoreRefusal::header_too_large, error);
        request.head.fields.add(name, value);
    }

    void on_header_impl(beast::error_code& error) override {
        header_done = true;
        if (auto refused = refuse(request.head)) return refuse_with(std::move(*refused), error);
        request.keep_alive = keep_alive();
        request.wants_upgrade = request.head.fields.find("upgrade").has_value();
        continue_owed = request.head.fields.find("expect").has_value();
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length, beast::error_code&) override {
        if (length) request.body.reserve(static_cast<std::size_t>(*length));
    }

    std::size_t on_body_impl(beast::string_view body, beast::error_code&) override {
        request.body.append(body.data(), body.size());
        return body.size();
    }

    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, beast::error_code& error) override {
        return on_body_impl(body, error);
    }

    void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
    void on_chunk_header_impl(std::uint64_t, beast::string_view extension, beast::error_code& error) override {
        if (extension.size() > longest_extension) refuse_with(CoreRefusal::malformed_request, error);
    }
    void on_finish_impl(beast::error_code&) override {}
};

RequestParser::RequestParser() : parsing_{std::make_unique<Parsing>()} {}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

std::size_t RequestParser::take(std::string_view bytes) {
    if (parsing_->problem || parsing_->is_done()) return 0;
    if (parsing_->awaits_chunk() && bytes.size() < least_of_chunks) return 0;
    beast::error_code error;
    const std::size_t used = parsing_->put(boost::asio::buffer(bytes), error);
    if (error && error != http::error::need_more && !parsing_->problem) {
        parsing_->problem.emplace(fault_of(error, !parsing_->request.head.target.empty()));
    }
    const bool never_ends = parsing_->awaits_chunk() && bytes.size() - used > RequestLimits::header_bytes;
    if (never_ends && !parsing_->problem) parsing_->problem.emplace(CoreRefusal::malformed_request);
    return used;
}

RequestParser::State RequestParser::state() const {
    if (parsing_->problem) return State::refused;
    if (parsing_->is_done()) return State::whole;
    return parsing_->is_header_done() ? State::reading_body : State::reading_header;
}

bool RequestParser::untouched() const { return !parsing_->got_some(); }

const Problem& RequestParser::problem() const { return *parsing_->problem; }

bool RequestParser::owes_continue() {
    return state() == State::reading_body && parsing_->request.body.empty() &&
           std::exchange(parsing_->continue_owed, false);
}

std::size_t RequestParser::announced_body() const {
    const auto length = parsing_->content_length();
    return length ? static_cast<std::size_t>(*length) : RequestLimits::body_bytes;
}

RawRequest RequestParser::release() { return std::move(parsing_->request); }

}  // namespace kiroku::gateway
