// infra/runtime/child.hpp: a process that this one starts, listens to and ends.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kiroku::runtime {

/// Who a process runs as.
struct Account {
    uid_t user;
    gid_t group;
};

/// What to run, and how to end it.
struct Command {
    std::string name;                                  ///< how people call it: "gateway", "broker"
    std::vector<std::string> words;                    ///< the program's path and its arguments
    std::map<std::string, std::string> environment{};  ///< put over what this process has
    std::optional<Account> account{};                  ///< none: this process's own
    std::vector<std::pair<int, int>> files{};          ///< open files to hand over: {here, its number there}
    int stop_signal = SIGTERM;
};

/// A running child in a process group of its own (so a terminal's Ctrl-C reaches only this process). Its standard input
/// is empty unless `files` says otherwise; both of its outputs go into one pipe. It is sent its stop signal if this
/// process dies, however it dies. Not thread-safe: start children from the main thread, whose end counts as ours.
class Child {
public:
    /// Throws Failure(config) if it can't be started.
    explicit Child(const Command&);

    /// Kills it if it still runs.
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const { return pid_; }
    int output() const { return output_; }  ///< readable, non-blocking; ends when nobody holds it any more
    int ending() const { return ending_; }  ///< readable once it has ended

    /// The exit code, or 128 + the signal that ended it; nothing while it runs.
    std::optional<int> ended();

    void signal(int number) const;

private:
    pid_t pid_ = -1;
    int output_ = -1;
    int ending_ = -1;
    std::optional<int> status_;
};

}  // namespace kiroku::runtime
