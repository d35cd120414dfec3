// infra/runtime/supervisor.cpp: the poll loop over the children's outputs and ends.
#include "infra/runtime/supervisor.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

namespace kiroku::runtime {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds tick{50};
constexpr std::size_t longest_line = 64 * 1024;
constexpr int killed = 128 + SIGKILL;
constexpr int stopped = 130;

/// Cuts a child's output into lines; an endless one is cut where it gets too long.
class Lines {
public:
    void add(std::string_view bytes, const std::function<void(std::string_view)>& take) {
        rest_ += bytes;
        std::size_t from = 0;
        for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', from)) {
            take(std::string_view{rest_}.substr(from, end - from));
            from = end + 1;
        }
        rest_.erase(0, from);
        if (rest_.size() > longest_line) finish(take);
    }

    void finish(const std::function<void(std::string_view)>& take) {
        if (!rest_.empty()) take(rest_);
        rest_.clear();
    }

private:
    std::string rest_;
};

milliseconds since(std::chrono::steady_clock::time_point then) {
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - then);
}

bool is_hopeless(int status) {
    return status == static_cast<int>(Exit::usage) || status == static_cast<int>(Exit::config) ||
           status == static_cast<int>(Exit::data_refused);
}

}  // namespace

milliseconds Backoff::after_running(milliseconds span) {
    if (span >= stable) next_ = first;
    const auto wait = next_;
    next_ = std::min(limit, next_ * 2);
    return wait;
}

struct Supervisor::Service {
    Command command;
    int stage = 0;
    bool kept = true;  ///< false: it runs once
    std::unique_ptr<Child> child;
    Lines lines;
    bool silent = false;  ///< it closed its output
    Backoff backoff;
    Clock::time_point since;  ///< started then, or if it doesn't run: to be started then
    std::optional<int> status;
};

Supervisor::Supervisor(const Shutdown& shutdown, LineSink sink, std::function<void(const Command&, int)> started)
    : shutdown_{shutdown}, sink_{std::move(sink)}, started_{std::move(started)} {}

Supervisor::~Supervisor() { stop(); }

void Supervisor::start(Service& service) {
    service.child = std::make_unique<Child>(service.command);
    service.since = Clock::now();
    service.silent = false;
    if (service.kept) started_(service.command, service.child->pid());
}

void Supervisor::keep(Command command, int stage) {
    services_.push_back(std::make_unique<Service>());
    Service& service = *services_.back();
    service.command = std::move(command);
    service.stage = stage;
    start(service);
}

std::vector<int> Supervisor::run(std::vector<Command> commands, std::chrono::seconds patience) {
    std::vector<Service*> running;
    for (auto& command : commands) {
        services_.push_back(std::make_unique<Service>());
        running.push_back(services_.back().get());
        running.back()->command = std::move(command);
        running.back()->kept = false;
        start(*running.back());
    }
    const auto all_ended = [&] {
        return std::ranges::all_of(running, [](auto* one) { return one->status.has_value(); });
    };
    wait_until(all_ended, patience);
    std::vector<int> statuses;
    for (const auto* one : running) statuses.push_back(one->status.value_or(shutdown_.requested() ? stopped : killed));
    std::erase_if(services_,
                  [&](const auto& service) { return std::ranges::find(running, service.get()) != running.end(); });
    return statuses;
}

bool Supervisor::wait_until(const std::function<bool()>& ready, std::chrono::seconds patience) {
    const auto begun = Clock::now();
    while (!ready()) {
        if (shutdown_.requested() || since(begun) > patience) return false;
        pump(tick);
    }
    return true;
}

void Supervisor::watch() {
    while (!shutdown_.requested()) pump(std::chrono::seconds{1});
}

/// Waits for output, an end or a stop, at most `patience`; deals with what there is, then restarts what is due.
void Supervisor::pump(milliseconds patience) {
    std::vector<pollfd> waits{{stopping_ ? -1 : shutdown_.event_fd(), POLLIN, 0}};
    std::vector<Service*> watched;
    for (const auto& service : services_) {
        if (!service->child) continue;
        watched.push_back(service.get());
        waits.push_back({service->silent ? -1 : service->child->output(), POLLIN, 0});
        waits.push_back({service->child->ending(), POLLIN, 0});
    }
    ::poll(waits.data(), waits.size(), static_cast<int>((restart_due() ? tick : patience).count()));
    for (auto* service : watched) {
        read(*service);
        if (service->child->ended()) note_end(*service);
    }
    if (stopping_) return;
    for (const auto& service : services_) {
        if (service->kept && !service->child && Clock::now() >= service->since) restart(*service);
    }
}

/// The program may be missing for a moment, while it is being built anew.
void Supervisor::restart(Service& service) {
    try {
        start(service);
    } catch (const Failure& failure) {
        service.child.reset();
        service.since = Clock::now() + service.backoff.after_running(milliseconds{0});
        spdlog::warn("{}", failure.what());
    }
}

bool Supervisor::restart_due() {
    return std::ranges::any_of(services_, [](const auto& service) { return service->kept && !service->child; });
}

void Supervisor::read(Service& service) {
    std::array<char, 16 * 1024> buffer{};
    const auto take = [&](std::string_view line) { sink_(service.command.name, line); };
    for (;;) {
        const auto size = ::read(service.child->output(), buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        service.silent = size == 0;
        if (size <= 0) return;
        service.lines.add({buffer.data(), static_cast<std::size_t>(size)}, take);
    }
}

void Supervisor::note_end(Service& service) {
    read(service);
    service.lines.finish([&](std::string_view line) { sink_(service.command.name, line); });
    const int status = *service.child->ended();
    service.status = status;
    const auto ran = since(service.since);
    service.child.reset();
    if (!service.kept || stopping_) return;
    if (!settled_) refuse_if_hopeless(service, status);
    const auto wait = service.backoff.after_running(ran);
    service.since = Clock::now() + wait;
    spdlog::warn("{} ended with {} after {} s; it is started again in {} ms", service.command.name, status,
                 ran.count() / 1000, wait.count());
}

void Supervisor::refuse_if_hopeless(const Service& service, int status) const {
    if (service.stage > 0 && !is_hopeless(status)) return;
    throw Failure{is_hopeless(status) ? static_cast<Exit>(status) : Exit::config,
                  fmt::format("{} ended with {} before everything was ready.", service.command.name, status),
                  "Its own lines above say why."};
}

void Supervisor::stop() {
    stopping_ = true;
    int last = 0;
    for (const auto& service : services_) last = std::max(last, service->stage);
    for (int stage = last; stage >= 0; --stage) stop_stage(stage);
    services_.clear();
}

void Supervisor::stop_stage(int stage) {
    const auto of_stage = [&](const auto& service) { return service->stage == stage && service->child; };
    const auto running = [&] { return std::ranges::any_of(services_, of_stage); };
    const auto signal = [&](int number, std::chrono::seconds patience) {
        for (const auto& service : services_) {
            if (!of_stage(service)) continue;
            if (number == SIGKILL) spdlog::warn("{} doesn't stop: it is killed", service->command.name);
            service->child->signal(number == SIGKILL ? SIGKILL : service->command.stop_signal);
        }
        const auto begun = Clock::now();
        while (running() && since(begun) < patience) pump(tick);
    };
    if (running()) signal(SIGTERM, stop_patience);
    if (running()) signal(SIGKILL, kill_patience);
}

}  // namespace kiroku::runtime
