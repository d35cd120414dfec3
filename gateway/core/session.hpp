// gateway/core/session.hpp: one client's connection: request after request, until somebody has had enough.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/core/body_source.hpp"
#include "gateway/core/deadlines.hpp"
#include "gateway/core/handle_request.hpp"
#include "gateway/core/request_parser.hpp"
#include "gateway/core/task.hpp"
#include "gateway/core/transport.hpp"

namespace kiroku::gateway {

class Server;

/// Every wait in it has a deadline. After an error in the framing of a request nothing of the connection is read any
/// more.
class Session {
public:
    Session(Transport transport, ClientAddress peer, Server& server);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Task<void> run();

private:
    enum class Phase { idle, reading, answering };
    /// What became of a request.
    enum class After { next, close_gently, gone };

    Task<bool> shake_hands();
    Task<After> serve_one();
    Task<bool> read();
    void parse();
    void set_deadline();
    Task<After> serve(RawRequest raw);
    bool wants_websocket(const RawRequest& raw) const;
    bool is_too_much(const RawRequest& raw) const;
    Task<After> hand_over(RawRequest raw);
    Task<bool> write(Handled handled, bool head_only);
    Task<bool> write_stream(std::shared_ptr<BodySource> stream, bool chunked);
    Task<bool> write_text(std::string text);
    bool is_hung_up();
    Task<void> close_gently();
    void expire();

    Transport transport_;
    ClientAddress peer_;
    Server& server_;
    Deadlines::Watched deadline_;
    std::optional<RequestParser> parser_;
    RequestParser::State deadline_for_ = RequestParser::State::whole;
    std::string buffer_;  // received, not yet parsed
    std::size_t served_ = 0;
    Phase phase_ = Phase::reading;
    BodySource* awaited_ = nullptr;  // a stream whose next piece isn't there yet
};

Task<void> do_session(std::unique_ptr<Session> session);

}  // namespace kiroku::gateway
