// infra/runtime/supervisor.hpp: keeps a set of processes running, restarts what dies, and ends them in order.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "infra/runtime/child.hpp"
#include "infra/runtime/exit.hpp"
#include "infra/runtime/shutdown.hpp"

namespace kiroku::runtime {

/// Takes each line that a child writes, without its end.
using LineSink = std::function<void(const std::string& process, std::string_view line)>;

/// How long to wait before a process that died is started again: twice as long each time, up to a limit; from the
/// beginning again once it has run for a while.
class Backoff {
public:
    static constexpr std::chrono::milliseconds first{250};
    static constexpr std::chrono::milliseconds limit{30'000};
    static constexpr std::chrono::milliseconds stable{60'000};

    std::chrono::milliseconds after_running(std::chrono::milliseconds);

private:
    std::chrono::milliseconds next_ = first;
};

/// One thread, one poll loop. Processes belong to stages: those of a later stage need those of the earlier ones, so
/// they are ended first. Until `settled`, the end of a process of stage 0, or one that says that trying again is no use
/// (usage, config, data_refused), throws Failure; afterwards everything is restarted.
class Supervisor {
public:
    static constexpr std::chrono::seconds stop_patience{25};
    static constexpr std::chrono::seconds kill_patience{5};

    /// Both must outlive this. `started` is told each new process id, to note it somewhere.
    Supervisor(const Shutdown&, LineSink, std::function<void(const Command&, int pid)> started);
    ~Supervisor();

    /// Starts it now and keeps it running.
    void keep(Command, int stage);

    /// Runs all of these at once and until each has ended; their exit codes, in order. Those that outlive `patience`
    /// are killed (137). Returns early, with 130, if a stop is asked for.
    std::vector<int> run(std::vector<Command>, std::chrono::seconds patience);

    /// Goes on until `ready` says yes (true), or patience ends or a stop is asked for (false).
    bool wait_until(const std::function<bool()>& ready, std::chrono::seconds patience);

    /// From now on what dies is restarted, whatever it says.
    void settle() { settled_ = true; }

    /// Goes on until a stop is asked for.
    void watch();

    /// Ends all, the latest stage first, politely and then not. Called again by the destructor.
    void stop();

private:
    struct Service;
    using Clock = std::chrono::steady_clock;

    void start(Service&);
    void restart(Service&);
    void pump(std::chrono::milliseconds);
    void read(Service&);
    void note_end(Service&);
    void refuse_if_hopeless(const Service&, int status) const;
    bool restart_due();
    void stop_stage(int stage);

    const Shutdown& shutdown_;
    LineSink sink_;
    std::function<void(const Command&, int pid)> started_;
    std::vector<std::unique_ptr<Service>> services_;
    bool settled_ = false;
    bool stopping_ = false;
};

}  // namespace kiroku::runtime
