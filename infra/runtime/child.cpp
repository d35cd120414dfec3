// infra/runtime/child.cpp: between fork and exec only what is safe there: everything is prepared before.
#include "infra/runtime/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "infra/runtime/exit.hpp"

namespace kiroku::runtime {
namespace {

constexpr int spare_descriptors = 64;  // handed-over files are first moved above these numbers

struct Prepared {
    const Command& command;
    std::vector<std::string> variables;
    std::vector<char*> argv;
    std::vector<char*> envp;
    pid_t parent;
};

/// The caller's environment, with the command's own variables over it.
std::vector<std::string> variables_of(const Command& command) {
    std::vector<std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string name{*entry, std::strcspn(*entry, "=")};
        if (!command.environment.contains(name)) variables.emplace_back(*entry);
    }
    for (const auto& [name, value] : command.environment) variables.push_back(name + "=" + value);
    return variables;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

bool become(const Account& account) {
    return setgroups(0, nullptr) == 0 && setgid(account.group) == 0 && setuid(account.user) == 0;
}

bool hand_over(const std::vector<std::pair<int, int>>& files) {
    for (const auto& [here, there] : files) {
        if (dup2(fcntl(here, F_DUPFD_CLOEXEC, spare_descriptors), there) < 0) return false;
    }
    return true;
}

/// In the child. Writes errno into `report` if the program can't be run; that pipe closes by itself if it can.
[[noreturn]] void become_program(const Prepared& prepared, int output, int report) {
    const int nothing = open("/dev/null", O_RDONLY);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    setpgid(0, 0);
    const bool ready = dup2(nothing, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
                       dup2(output, STDERR_FILENO) >= 0 && hand_over(prepared.command.files) &&
                       (!prepared.command.account || become(*prepared.command.account)) &&
                       prctl(PR_SET_PDEATHSIG, prepared.command.stop_signal) == 0;  // after setuid, which clears it
    if (ready && getppid() == prepared.parent) execve(prepared.argv[0], prepared.argv.data(), prepared.envp.data());
    const int error = errno;
    [[maybe_unused]] const auto written = write(report, &error, sizeof error);
    _exit(127);
}

std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw Failure{Exit::bug, "No pipe can be made.", std::strerror(errno)};
    return ends;
}

int above_spare(int fd) {
    const int moved = fcntl(fd, F_DUPFD_CLOEXEC, spare_descriptors);
    close(fd);
    return moved;
}

}  // namespace

Child::Child(const Command& command) {
    Prepared prepared{command, variables_of(command), pointers(command.words), {}, getpid()};
    prepared.envp = pointers(prepared.variables);
    const auto output = make_pipe();
    auto report = make_pipe();
    report[1] = above_spare(report[1]);

    pid_ = fork();
    if (pid_ == 0) become_program(prepared, output[1], report[1]);
    close(output[1]);
    close(report[1]);
    output_ = output[0];
    int error = pid_ < 0 ? errno : 0;
    while (pid_ > 0 && read(report[0], &error, sizeof error) < 0 && errno == EINTR) continue;
    close(report[0]);
    if (error != 0) {
        close(output_);
        if (pid_ > 0) waitpid(pid_, nullptr, 0);
        throw Failure{
            Exit::config,
            fmt::format("{} ({}) can't be started: {}.", command.name, command.words.front(), std::strerror(error)),
            "`infra/local/install` installs what is needed."};
    }
    fcntl(output_, F_SETFL, O_NONBLOCK);
    ending_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));  // glibc 2.36 declares it for C only
}

Child::~Child() {
    if (!ended()) {
        signal(SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close(ending_);
    close(output_);
}

std::optional<int> Child::ended() {
    int status = 0;
    if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) {
        status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return status_;
}

void Child::signal(int number) const { kill(pid_, number); }

}  // namespace kiroku::runtime
