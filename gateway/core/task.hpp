// gateway/core/task.hpp: the gateway's one thread of input and output, and what runs on it.
//
// Everything in the gateway happens on the thread that runs the io_context, one coroutine at a time, so nothing here is
// locked. Other threads (command client, database readers, password hashers, the event tail) hand their results over
// with `net::post`. Coroutines take values (GCC 12 and lambdas inside co_await expressions don't mix: name them first).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

// GCC 12 takes the frames that Asio recycles for memory of another kind wherever it inlines.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace kiroku::gateway {

namespace net = boost::asio;

using Executor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;

template <class T>
using Task = net::awaitable<T, Executor>;

/// Completion token: `co_await socket.async_read_some(buffer, resume)`.
inline constexpr net::use_awaitable_t<Executor> resume{};

}  // namespace kiroku::gateway
