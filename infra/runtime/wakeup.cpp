#include "infra/runtime/wakeup.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace kiroku::runtime {

Wakeup::Wakeup() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Wakeup::~Wakeup() { ::close(fd_); }

void Wakeup::wake() const noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(::write(fd_, &one, sizeof one));
}

void Wakeup::sleep(std::chrono::milliseconds at_most) const noexcept {
    ::pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(at_most.count())) > 0) forget();
}

void Wakeup::forget() const noexcept {
    std::uint64_t count = 0;
    static_cast<void>(::read(fd_, &count, sizeof count));
}

}  // namespace kiroku::runtime
