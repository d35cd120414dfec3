// infra/runtime/wakeup.hpp: a thread sleeps until another one wakes it.
#pragma once

#include <chrono>

namespace kiroku::runtime {

/// An eventfd, for whoever writes to or polls one, too. Any thread may wake; one sleeps.
class Wakeup {
public:
    Wakeup();
    ~Wakeup();
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    void wake() const noexcept;

    /// Until it is woken, which it may have been before; whatever woke it is forgotten then.
    void sleep(std::chrono::milliseconds at_most) const noexcept;

    /// It was not woken so far.
    void forget() const noexcept;

    /// Readable once it is woken.
    [[nodiscard]] int fd() const noexcept { return fd_; }

private:
    int fd_;
};

}  // namespace kiroku::runtime
