// infra/runtime/shutdown.cpp: a thread that reads signals as data, so that no handler interrupts anything.
#include "infra/runtime/shutdown.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <system_error>

namespace kiroku::runtime {
namespace {

constexpr int forced_exit = 130;  // what a shell shows for Ctrl-C

int checked(int result, const char* what) {
    if (result < 0) throw std::system_error{errno, std::generic_category(), what};
    return result;
}

void raise_event(int fd) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
}

}  // namespace

Shutdown::Shutdown() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, &mask_before_);
    event_fd_ = checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
    end_fd_ = checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
    signal_fd_ = checked(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
    listener_ = std::thread{[this] { listen(); }};
}

Shutdown::~Shutdown() {
    raise_event(end_fd_);
    listener_.join();
    for (const int fd : {event_fd_, end_fd_, signal_fd_}) ::close(fd);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void Shutdown::request() {
    if (source_.request_stop()) raise_event(event_fd_);
}

void Shutdown::listen() {
    int left_ms = -1;
    bool signalled = false;
    for (;;) {
        std::array<pollfd, 2> waits{pollfd{signal_fd_, POLLIN, 0}, pollfd{end_fd_, POLLIN, 0}};
        const int ready = ::poll(waits.data(), waits.size(), left_ms);
        if (ready < 0 && errno == EINTR) continue;
        if (waits[1].revents != 0) return;
        if (ready == 0 || signalled) std::_Exit(forced_exit);
        signalfd_siginfo signal{};
        if (::read(signal_fd_, &signal, sizeof signal) != sizeof signal) continue;
        signalled = true;
        request();
        left_ms = static_cast<int>(patience_.load().count());
    }
}

bool Shutdown::wait_for(std::chrono::milliseconds span) const {
    pollfd wait{event_fd_, POLLIN, 0};
    while (::poll(&wait, 1, static_cast<int>(span.count())) < 0 && errno == EINTR) continue;
    return requested();
}

void Shutdown::wait() const {
    while (!wait_for(std::chrono::hours{1})) continue;
}

}  // namespace kiroku::runtime
