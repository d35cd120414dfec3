// infra/kiroku/progress.hpp: shows how far long work is: a bar and a line a part on a terminal, a line now and then
// elsewhere; always on standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace kiroku {

class Progress {
public:
    struct Part {
        std::string name;  ///< a line of its own, unless it is empty
        std::uint64_t done = 0, all = 0;
    };

    /// `unit`: "records".
    Progress(std::string work, std::string unit);
    ~Progress() { end(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// What is being done now: "loading". Rates begin anew.
    void step(const std::string& what);
    /// Called as often as one likes.
    void show(const std::vector<Part>& parts);

    /// Leaves no trace of the bar.
    void end();

private:
    [[nodiscard]] std::string summary(std::uint64_t done, std::uint64_t all) const;

    using Clock = std::chrono::steady_clock;
    std::string work_, unit_, step_;  // "rebuild", "records", "loading "
    bool on_terminal_;
    int lines_ = 0;  // on the terminal, ours
    Clock::time_point begun_ = Clock::now();
    Clock::time_point said_ = begun_;
    std::uint64_t done_before_ = 0;
    bool first_ = true;
};

/// Asks on a terminal, "yes" by default; elsewhere, or where `yes` was said, it is yes.
bool confirmed(const std::string& question, bool yes);

}  // namespace kiroku
