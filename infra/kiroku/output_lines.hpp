// infra/kiroku/output_lines.hpp: a verb's output that may be long, and whose reader may be slow or leave.
#pragma once

#include <string>
#include <string_view>

#include "infra/runtime/shutdown.hpp"

namespace kiroku {

/// Standard output, which whoever reads it may leave full or close: neither keeps Ctrl-C from ending the verb.
class OutputLines {
public:
    explicit OutputLines(runtime::Shutdown& shutdown);

    /// To append to; what is there goes out once it is enough, or at a flush.
    std::string& text() { return text_; }
    void flush_if_enough() {
        if (text_.size() > enough) flush();
    }
    void flush();

    /// Nobody reads any more.
    [[nodiscard]] bool closed() const { return closed_; }

private:
    static constexpr std::size_t enough = 1UL << 16U;

    void look_for_reader();
    bool may_write();

    runtime::Shutdown& shutdown_;
    std::string text_;
    std::size_t most_at_once_;
    bool closed_ = false;
};

/// Columns of the terminal that standard output is; 0 if it is none.
std::size_t terminal_width();

}  // namespace kiroku
