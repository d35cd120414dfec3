// infra/kiroku/up_home.cpp: locks, files and leftovers.
#include "infra/kiroku/up_home.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>
#include <vector>

#include "infra/runtime/exit.hpp"
#include "infra/runtime/probe.hpp"

namespace kiroku::up {
namespace {

namespace fs = std::filesystem;
using runtime::Exit;
using runtime::Failure;

constexpr auto owner_only = fs::perms::owner_read | fs::perms::owner_write;
constexpr std::chrono::seconds leftover_patience{30};

void make_folder(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error || ::access(path.c_str(), W_OK | X_OK) != 0) {
        throw Failure{Exit::config,
                      fmt::format("The data folder {} can't be written: {}.", path.string(),
                                  error ? error.message() : std::strerror(errno)),
                      "Give another with --data DIR, or make it yours with chown."};
    }
}

void check_room(const fs::path& path) {
    const auto room = fs::space(path).available;
    if (room >= Home::least_room) return;
    throw Failure{Exit::config,
                  fmt::format("Only {} MiB are free where the data folder {} lies; 1024 are needed to begin.",
                              room >> 20, path.string()),
                  "Make room, or give a folder on another disk with --data DIR."};
}

int lock(const fs::path& file) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0) {
        const auto pid = std::to_string(::getpid()) + "\n";
        [[maybe_unused]] const bool noted =
            ::ftruncate(fd, 0) == 0 && ::write(fd, pid.data(), pid.size()) == static_cast<ssize_t>(pid.size());
        return fd;
    }
    if (fd >= 0) ::close(fd);
    auto pid = read_file(file);
    if (!pid.empty()) pid.pop_back();
    throw Failure{Exit::config,
                  fmt::format("Another `kiroku up` (process {}) runs on {}.", pid, file.parent_path().string()),
                  "Stop it with Ctrl-C or `kill`, or give another folder with --data DIR (and --ports auto)."};
}

void wait_for_end(const std::string& recorded, std::chrono::seconds patience) {
    const auto begun = std::chrono::steady_clock::now();
    while (runtime::still_running(recorded) && std::chrono::steady_clock::now() - begun < patience) {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
}

}  // namespace

Home::Home(const fs::path& path) : path_{fs::absolute(path).lexically_normal()} {
    if (!path_.has_filename()) path_ = path_.parent_path();
    make_folder(path_);
    check_room(path_);
    lock_ = lock(at("up.lock"));
    for (const auto* folder : {"run", "secrets", "keys", "state"}) {
        make_folder(at(folder));
        fs::permissions(at(folder), fs::perms::owner_all);
    }
}

Home::~Home() { ::close(lock_); }

void Home::note(const runtime::Command& command, int pid) const {
    write("run/" + command.name + ".pid", fmt::format("{} {}\n", runtime::identify(pid), command.stop_signal),
          owner_only);
}

void Home::end_leftovers() const {
    for (const auto& entry : fs::directory_iterator{at("run")}) {
        const auto recorded = read_file(entry.path());
        if (const auto pid = runtime::still_running(recorded)) {
            const int stop_signal = std::atoi(recorded.substr(recorded.rfind(' ') + 1).c_str());
            spdlog::warn("{} of a run that was killed still runs (process {}): it is stopped first",
                         entry.path().stem().string(), *pid);
            ::kill(*pid, stop_signal > 0 ? stop_signal : SIGTERM);
            wait_for_end(recorded, leftover_patience);
            if (runtime::still_running(recorded)) ::kill(*pid, SIGKILL);
            wait_for_end(recorded, leftover_patience);
        }
        fs::remove(entry.path());
    }
}

bool Home::is_own(const std::string& address) const {
    return !address.empty() && ("\n" + read_file(at("own"))).find("\n" + address + "\n") != std::string::npos;
}

void Home::note_own(const std::string& addresses) const { write("own", addresses, owner_only); }

std::string Home::secret(const std::string& name) const {
    const auto place = "secrets/" + name;
    if (!fs::exists(at(place))) write(place, random_hex(16), owner_only);
    return read_file(at(place));
}

void Home::write(const std::string& name, std::string_view text, fs::perms permissions) const {
    const auto target = at(name);
    const auto draft = at(name + ".new");
    {
        std::ofstream file{draft, std::ios::trunc};
        fs::permissions(draft, permissions);
        file << text;
        file.flush();
        if (!file)
            throw Failure{Exit::config, fmt::format("{} can't be written.", target.string()), "Is the disk full?"};
    }
    fs::rename(draft, target);
}

std::string read_file(const fs::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::string random_hex(std::size_t bytes) {
    std::vector<unsigned char> random(bytes);
    if (::getrandom(random.data(), bytes, 0) != static_cast<ssize_t>(bytes)) {
        throw Failure{Exit::bug, "The system gives no random bytes.", ""};
    }
    std::string hex;
    for (const auto byte : random) hex += fmt::format("{:02x}", byte);
    return hex;
}

}  // namespace kiroku::up
