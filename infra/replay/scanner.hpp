// infra/replay/scanner.hpp: takes an expression's text apart, and says where it makes no sense.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiroku::replay {

/// What is wrong with an expression, in words for whoever typed it.
struct SyntaxError {
    std::size_t column = 1;  ///< from 1, in characters
    std::string message;     ///< "expected a value, found `&&`"
};

/// From left to right over a text that it doesn't own. What is thrown is a SyntaxError, for the parsers' own entrance
/// to catch.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    /// Past any spaces.
    [[nodiscard]] bool at_end();
    [[nodiscard]] char peek();

    /// The next thing if it is this. A word must not go on behind it.
    bool take(std::string_view symbol);
    bool take_word(std::string_view word);

    /// Letters, digits and `_`, not beginning with a digit; empty if there is none.
    std::string_view take_name();

    /// In single or double quotes, with JSON's escapes and `\'`; nullopt if no quote is next.
    std::optional<std::string> take_string();

    /// What a number is made of, without a look at its sense; empty if there is none.
    std::string_view take_number();

    /// Here, or at a place that was kept.
    [[nodiscard]] std::size_t place();
    [[noreturn]] void expected(std::string_view what);
    [[noreturn]] void fail(std::size_t place, std::string message) const;

private:
    void skip_spaces();
    [[nodiscard]] std::string found() const;
    void take_escape(std::string& out);
    unsigned take_code_unit();
    char next_in_string();

    std::string_view text_;
    std::size_t next_ = 0;
    std::size_t string_ = 0;  ///< where the one that is being read began
};

}  // namespace kiroku::replay
