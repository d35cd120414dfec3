// infra/kiroku/up_report.hpp: what `kiroku up` shows: the merged log of its processes, and what to try first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kiroku::up {

/// Writes the lines of all processes to standard error, each with its process: as text with a prefix (coloured on a
/// terminal), or as JSON lines, into which lines that are none are wrapped; as this process logs itself.
class MergedLog {
public:
    MergedLog();

    void line(const std::string& process, std::string_view text) const;

    /// What the children are to be told as KIROKU_LOG_FORMAT.
    std::string children_format() const { return text_ ? "text" : "json"; }

private:
    bool text_;
    bool coloured_;
};

/// Text that a person who has just started everything can go on with.
/// `curl`: the command, with what it needs.
std::string first_steps(const std::string& url, const std::string& curl, const std::string& env_file, double seconds);

/// 'as a shell reads it back'
std::string shell_quoted(std::string_view text);

}  // namespace kiroku::up
