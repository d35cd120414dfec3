// infra/kiroku/up_database.cpp: PostgreSQL without its wrappers: initdb, one role, one database, then one process.
#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "infra/kiroku/up_servers.hpp"
#include "infra/runtime/exit.hpp"

namespace kiroku::up {
namespace {

namespace fs = std::filesystem;
using runtime::Exit;
using runtime::Failure;

constexpr std::chrono::seconds make_patience{120};
constexpr auto owner_only = fs::perms::owner_read | fs::perms::owner_write;

// The account postgres often can't walk down to the data folder (somebody's home, a temporary folder). So the server
// gets the folder as an open file and is told that it lies there; nothing on the way needs other permissions.
constexpr int folder_number = 20;
constexpr const char* folder_seen = "/proc/self/fd/20";

const std::vector<std::string> tuning{"listen_addresses=127.0.0.1",
                                      "unix_socket_directories=.",
                                      "shared_buffers=256MB",
                                      "max_connections=200",
                                      "fsync=on",
                                      "max_wal_size=2GB",
                                      "wal_compression=lz4",
                                      "checkpoint_timeout=15min",
                                      "log_checkpoints=off",
                                      "max_parallel_workers_per_gather=0",
                                      "jit=off",
                                      "tcp_keepalives_idle=30",
                                      "log_line_prefix="};

std::optional<runtime::Account> server_account() {
    if (::geteuid() != 0) return {};  // PostgreSQL refuses root only
    if (const auto* entry = ::getpwnam("postgres")) return runtime::Account{entry->pw_uid, entry->pw_gid};
    throw Failure{Exit::config, "There is no account `postgres`, which root needs to run PostgreSQL.",
                  "Run infra/local/install, or name a database of your own with --postgres URI."};
}

/// A file in memory, to be read by a child from its beginning.
int text_as_file(std::string_view text) {
    const int file = ::memfd_create("kiroku", MFD_CLOEXEC);
    if (file < 0 || ::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        throw Failure{Exit::bug, "No file in memory can be made.", std::strerror(errno)};
    }
    ::lseek(file, 0, SEEK_SET);
    return file;
}

std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        encoded += std::isalnum(byte) || c == '/' || c == '.' || c == '-' || c == '_' ? std::string{c}
                                                                                      : fmt::format("%{:02X}", byte);
    }
    return encoded;
}

}  // namespace

DatabaseServer::DatabaseServer(const Home& home, fs::path programs, std::uint16_t port)
    : home_{home}, programs_{std::move(programs)}, port_{port}, account_{server_account()} {
    if (fs::exists(programs_ / "initdb")) return;
    throw Failure{Exit::config, fmt::format("PostgreSQL is not installed: {} has no initdb.", programs_.string()),
                  "Run infra/local/install as root, say where it is with --postgres-programs, or name a database of "
                  "your own with --postgres URI."};
}

DatabaseServer::~DatabaseServer() { ::close(folder_); }

std::string DatabaseServer::address() const {
    return fmt::format("postgresql://kiroku@127.0.0.1:{}/kiroku?passfile={}", port_,
                       percent_encoded(home_.at("secrets/pgpass").string()));
}

/// Standard output is dropped, it is chatter; what goes wrong is on standard error.
runtime::Command DatabaseServer::program(const std::string& name, const std::vector<std::string>& words) const {
    runtime::Command command{.name = "database",
                             .words = {"/bin/sh", "-c", "cd / && exec \"$0\" \"$@\" >/dev/null", programs_ / name},
                             .environment = {{"LC_ALL", "C.UTF-8"}, {"PGDATA", folder_seen}},
                             .account = account_,
                             .files = {{folder_, folder_number}},
                             .stop_signal = SIGINT};  // ends its sessions; SIGTERM would wait for them
    command.words.insert(command.words.end(), words.begin(), words.end());
    return command;
}

void DatabaseServer::open_folder() {
    const auto folder = home_.at("postgres");
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all);
    if (account_ && ::chown(folder.c_str(), account_->user, account_->group) != 0) {
        throw Failure{Exit::config, fmt::format("{} can't be given to the account postgres.", folder.string()),
                      "Give a folder on a local disk with --data DIR."};
    }
    ::close(folder_);
    folder_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/// The file `postgres.made` is written last: without it, what stands there was never used.
void DatabaseServer::make_cluster(runtime::Supervisor& supervisor) {
    fs::remove_all(home_.at("postgres"));
    open_folder();
    const auto password = home_.secret("postgres");
    home_.write("secrets/pgpass", fmt::format("*:*:*:*:{}\n", password), owner_only);

    auto initdb = program("initdb", {"--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8",
                                     "--auth=scram-sha-256", "--pwfile=/dev/stdin"});
    const int password_file = text_as_file(password + "\n");
    initdb.files.emplace_back(password_file, STDIN_FILENO);
    auto single = program("postgres", {"--single", "-c", "log_min_messages=fatal", "postgres"});
    const int statements =
        text_as_file(fmt::format("CREATE ROLE kiroku LOGIN CREATEDB PASSWORD '{}'\n"
                                 "CREATE ROLE kiroku_analyst NOLOGIN ADMIN kiroku\n"
                                 "CREATE DATABASE kiroku OWNER kiroku\n",
                                 password));
    single.files.emplace_back(statements, STDIN_FILENO);
    const bool made =
        supervisor.run({initdb}, make_patience).front() == 0 && supervisor.run({single}, make_patience).front() == 0;
    ::close(password_file);
    ::close(statements);
    if (!made) {
        throw Failure{Exit::config,
                      fmt::format("PostgreSQL can't make its cluster in {}.", home_.at("postgres").string()),
                      "Its own lines above say why; --data DIR gives it another place."};
    }
    home_.write("postgres.made", "", owner_only);
}

void DatabaseServer::start(runtime::Supervisor& supervisor) {
    if (fs::exists(home_.at("postgres.made"))) {
        open_folder();
    } else {
        make_cluster(supervisor);
    }
    std::vector<std::string> words{"-p", std::to_string(port_)};
    for (const auto& setting : tuning) words.insert(words.end(), {"-c", setting});
    supervisor.keep(program("postgres", words), 0);
}

/// As pg_ctl does it: the server says so in the eighth line of its pid file, in the first one who it is.
bool DatabaseServer::answers() const {
    std::ifstream noted{home_.at("run/database.pid")};
    std::ifstream file{home_.at("postgres/postmaster.pid")};
    std::string expected;
    std::string pid;
    std::string line;
    noted >> expected;
    std::getline(file, pid);
    for (int skipped = 2; skipped <= 8; ++skipped) std::getline(file, line);
    return !pid.empty() && pid == expected && line.starts_with("ready");
}

}  // namespace kiroku::up
