#include "infra/replay/where_parser.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

namespace kiroku::replay {
namespace {

struct Symbol {
    std::string_view text;
    Operator how;
};

constexpr std::array symbols{Symbol{"==", Operator::equal},   Symbol{"!=", Operator::unequal},
                             Symbol{"<=", Operator::at_most}, Symbol{">=", Operator::at_least},
                             Symbol{"<", Operator::less},     Symbol{">", Operator::greater}};
constexpr std::array words{Symbol{"contains", Operator::contains}, Symbol{"startsWith", Operator::starts_with},
                           Symbol{"endsWith", Operator::ends_with}};

Branch make(auto is) { return std::make_unique<const Node>(Node{std::move(is)}); }

/// Each function takes what its name says, or throws SyntaxError.
class Parser {
public:
    explicit Parser(std::string_view text) : scanner_(text) {}

    Branch whole() {
        auto tree = any_of();
        if (scanner_.peek() == '=') scanner_.fail(scanner_.place(), "`=` is no operator; equality is `==`");
        if (!scanner_.at_end()) scanner_.expected("an operator or the end");
        return tree;
    }

private:
    Branch any_of() {
        return joined<AnyOf>("||", [this] { return all_of(); });
    }
    Branch all_of() {
        return joined<AllOf>("&&", [this] { return comparison(); });
    }

    template <class Joined>
    Branch joined(std::string_view symbol, auto part) {
        auto first = part();
        if (!scanner_.take(symbol)) return first;
        Joined joined;
        joined.of.push_back(std::move(first));
        do {
            joined.of.push_back(part());
        } while (scanner_.take(symbol));
        return make(std::move(joined));
    }

    Branch comparison() {
        auto left = unary();
        if (scanner_.take_word("in")) return make(OneOf{std::move(left), list()});
        const auto how = take_operator();
        if (!how) return left;
        auto right = unary();
        const auto place = scanner_.place();
        if (take_operator()) scanner_.fail(place, "comparisons can't be chained; join two with `&&`");
        return make(Comparison{*how, std::move(left), std::move(right)});
    }

    std::optional<Operator> take_operator() {
        for (const auto& [text, how] : symbols)
            if (scanner_.take(text)) return how;
        for (const auto& [text, how] : words)
            if (scanner_.take_word(text)) return how;
        return std::nullopt;
    }

    Branch unary() {
        if (++depth_ > deepest_expression) scanner_.fail(scanner_.place(), "nested too deeply");
        auto node = scanner_.take("!") ? make(Not{unary()}) : operand();
        --depth_;
        return node;
    }

    Branch operand() {
        if (scanner_.take("(")) {
            auto inner = any_of();
            if (!scanner_.take(")")) scanner_.expected("an operator or `)`");
            return inner;
        }
        if (auto literal = take_literal()) return make(std::move(*literal));
        const char next = scanner_.peek();
        const bool named = next == '_' || (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
        if (!named) scanner_.expected("a value");
        return make(Path::take(scanner_));
    }

    std::optional<Literal> take_literal() {
        if (auto text = scanner_.take_string()) return std::move(*text);
        if (scanner_.take_word("true")) return true;
        if (scanner_.take_word("false")) return false;
        if (scanner_.take_word("null")) return Literal{};
        const auto place = scanner_.place();
        if (const auto digits = scanner_.take_number(); !digits.empty()) return number(digits, place);
        return std::nullopt;
    }

    Literal number(std::string_view digits, std::size_t place) {
        const auto* end = digits.data() + digits.size();
        std::int64_t whole = 0;
        if (const auto read = std::from_chars(digits.data(), end, whole); read.ec == std::errc{} && read.ptr == end)
            return whole;
        double real = 0;
        const auto read = std::from_chars(digits.data(), end, real);
        if (read.ec != std::errc{} || read.ptr != end) scanner_.fail(place, fmt::format("`{}` is no number", digits));
        return real;
    }

    std::vector<Literal> list() {
        if (!scanner_.take("[")) scanner_.expected("a list such as [\"a\", \"b\"]");
        std::vector<Literal> items;
        do {
            auto item = take_literal();
            if (!item) scanner_.expected("a text, a number, true, false or null");
            items.push_back(std::move(*item));
        } while (scanner_.take(","));
        if (!scanner_.take("]")) scanner_.expected("`,` or `]`");
        return items;
    }

    Scanner scanner_;
    int depth_ = 0;
};

}  // namespace

std::expected<Branch, SyntaxError> parse_where(std::string_view text) {
    if (text.size() > longest_expression)
        return std::unexpected(SyntaxError{1, fmt::format("longer than {} bytes", longest_expression)});
    try {
        return Parser{text}.whole();
    } catch (const SyntaxError& error) {
        return std::unexpected(error);
    }
}

}  // namespace kiroku::replay
