// tests/fuzz/input.hpp: a fuzzer's bytes, taken apart into what a test needs; and what it says when something is wrong.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace kiroku::fuzz {

/// Bytes from the front, as long as there are any; zeros after that.
class Input {
public:
    Input(const std::uint8_t* bytes, std::size_t size) : rest_{reinterpret_cast<const char*>(bytes), size} {}

    [[nodiscard]] bool empty() const { return rest_.empty(); }

    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const auto first = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return first;
    }

    std::uint64_t number() {
        std::uint64_t all = 0;
        for (int i = 0; i < 8; ++i) all = all << 8 | byte();
        return all;
    }

    std::string_view line() {
        const auto one = rest_.substr(0, rest_.find('\n'));
        rest_.remove_prefix(std::min(rest_.size(), one.size() + 1));
        return one;
    }

    std::string_view rest() { return std::exchange(rest_, {}); }

private:
    std::string_view rest_;
};

/// A finding, unless `holds`.
inline void must(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "BROKEN PROMISE: %s\n", what);
    std::abort();
}

}  // namespace kiroku::fuzz
