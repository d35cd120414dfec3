// infra/kiroku/operator_port.cpp: HTTP for operators, over Beast.
#include "infra/kiroku/operator_port.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <thread>

#include "infra/runtime/exit.hpp"
#include "schemas/http/codec.hpp"

namespace kiroku {
namespace {

namespace beast = boost::beast;
namespace net = boost::asio;
using Tcp = net::ip::tcp;
using Request = beast::http::request<beast::http::empty_body>;
using Answer = beast::http::response<beast::http::string_body>;
using runtime::Vitals;

constexpr std::chrono::seconds patience{2};  // for a request and its answer

Answer health(const std::map<std::string, std::string>& problems, const std::map<std::string, std::string>& remarks) {
    http::Health told{.status = problems.empty() ? http::HealthStatus::ok : http::HealthStatus::unavailable,
                      .checks = {}};
    for (const auto& [name, problem] : problems)
        told.checks.push_back({.name = name, .status = http::CheckStatus::failing, .detail = problem});
    for (const auto& [name, remark] : remarks)
        told.checks.push_back({.name = name, .status = http::CheckStatus::passing, .detail = remark});
    Answer answer{problems.empty() ? beast::http::status::ok : beast::http::status::service_unavailable, 11};
    answer.set(beast::http::field::content_type, "application/json");
    answer.body() = json::encode(told);
    return answer;
}

Answer answer_to(const Request& request, const Vitals& vitals) {
    if (request.target() == "/readyz") return health(vitals.problems(), vitals.remarks());
    if (request.target() == "/healthz") {
        std::map<std::string, std::string> hanging;
        for (const auto& part : vitals.hanging(Vitals::Clock::now())) hanging.emplace(part, "it doesn't move");
        return health(hanging, vitals.remarks());
    }
    if (request.target() != "/metrics") return Answer{beast::http::status::not_found, 11};
    Answer answer{beast::http::status::ok, 11};
    answer.set(beast::http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
    answer.body() = vitals.metrics();
    return answer;
}

}  // namespace

struct OperatorPort::Server {
    Server(const OperatorPortSettings& settings, const Vitals& given) : vitals(given), acceptor(io) {
        boost::system::error_code failed;
        const Tcp::endpoint endpoint{net::ip::make_address(settings.listen, failed), settings.port};
        if (!failed) acceptor.open(endpoint.protocol(), failed);
        if (!failed) acceptor.set_option(net::socket_base::reuse_address{true}, failed);
        if (!failed) acceptor.bind(endpoint, failed);
        if (!failed) acceptor.listen(net::socket_base::max_listen_connections, failed);
        if (failed) {
            throw runtime::Failure{
                runtime::Exit::config,
                fmt::format("Can't listen on {}:{} ({}).", settings.listen, settings.port, failed.message()),
                "Stop what uses that port, or choose another with --metrics-port."};
        }
        accept();
        thread = std::jthread{[this] { io.run(); }};
    }
    ~Server() { io.stop(); }

    void accept() {
        acceptor.async_accept([this](beast::error_code failed, Tcp::socket socket) {
            if (!failed) serve(std::make_shared<Exchange>(std::move(socket)));
            accept();
        });
    }

    struct Exchange {
        explicit Exchange(Tcp::socket socket) : stream(std::move(socket)) {}

        beast::tcp_stream stream;
        beast::flat_buffer buffer;
        Request request;
        Answer answer;
    };

    void serve(const std::shared_ptr<Exchange>& exchange) {
        auto& [stream, buffer, request, answer] = *exchange;
        stream.expires_after(patience);
        beast::http::async_read(stream, buffer, request, [this, exchange](beast::error_code failed, std::size_t) {
            if (failed) return;
            exchange->answer = answer_to(exchange->request, vitals);
            exchange->answer.keep_alive(false);
            exchange->answer.prepare_payload();
            beast::http::async_write(exchange->stream, exchange->answer, [exchange](beast::error_code, std::size_t) {
                beast::error_code ignored;
                exchange->stream.socket().shutdown(Tcp::socket::shutdown_send, ignored);
            });
        });
    }

    const Vitals& vitals;
    net::io_context io{1};
    Tcp::acceptor acceptor;
    std::jthread thread;
};

OperatorPort::OperatorPort(const OperatorPortSettings& settings, const Vitals& vitals) {
    if (settings.port != 0) server_ = std::make_unique<Server>(settings, vitals);
}

OperatorPort::~OperatorPort() = default;

void declare(runtime::Options& options, OperatorPortSettings& settings) {
    options.add("metrics-port", settings.port, "serves /metrics, /healthz and /readyz there; 0: nowhere");
    options.add("metrics-listen", settings.listen, "the address for that");
}

}  // namespace kiroku
