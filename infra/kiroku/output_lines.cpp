#include "infra/kiroku/output_lines.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

namespace kiroku {
namespace {

constexpr std::size_t usual_width = 80;

/// Only so much is sure not to block once a pipe or a terminal takes anything; a file never does.
std::size_t sure_to_fit() {
    struct stat output {};
    const bool is_file = ::fstat(STDOUT_FILENO, &output) == 0 && S_ISREG(output.st_mode);
    return is_file ? std::size_t{1} << 20U : std::size_t{PIPE_BUF};
}

}  // namespace

OutputLines::OutputLines(runtime::Shutdown& shutdown) : shutdown_(shutdown), most_at_once_(sure_to_fit()) {}

void OutputLines::flush() {
    look_for_reader();
    std::string_view rest{text_};
    while (!rest.empty() && may_write()) {
        const auto written = ::write(STDOUT_FILENO, rest.data(), std::min(rest.size(), most_at_once_));
        closed_ = written < 0;
        rest.remove_prefix(closed_ ? rest.size() : static_cast<std::size_t>(written));
    }
    text_.clear();
}

/// Else nobody would notice while there is nothing to write.
void OutputLines::look_for_reader() {
    ::pollfd output{STDOUT_FILENO, 0, 0};
    if (::poll(&output, 1, 0) > 0) closed_ = closed_ || (output.revents & (POLLERR | POLLNVAL)) != 0;
}

/// Waits until something can be written at once. False: nothing ever will be.
bool OutputLines::may_write() {
    std::array<::pollfd, 2> waiting{{{STDOUT_FILENO, POLLOUT, 0}, {shutdown_.event_fd(), POLLIN, 0}}};
    while (!closed_ && !shutdown_.requested()) {
        static_cast<void>(::poll(waiting.data(), waiting.size(), -1));
        closed_ = (waiting[0].revents & (POLLERR | POLLNVAL)) != 0;
        if (!closed_ && waiting[0].revents != 0) return true;
    }
    return false;
}

std::size_t terminal_width() {
    if (::isatty(STDOUT_FILENO) != 1) return 0;
    ::winsize size{};
    const bool told = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return told ? size.ws_col : usual_width;
}

}  // namespace kiroku
