#include "infra/replay/where.hpp"

#include <algorithm>
#include <compare>
#include <optional>

#include "infra/replay/where_parser.hpp"

namespace kiroku::replay {
namespace {

bool is_true(const Value& value) {
    const auto* truth = std::get_if<bool>(&value);
    return truth != nullptr && *truth;
}

Value held_in(const Literal& literal) {
    return std::visit(
        []<class T>(const T& held) -> Value {
            if constexpr (std::is_same_v<T, std::string>)
                return std::string_view{held};
            else
                return held;
        },
        literal);
}

std::optional<double> as_real(const Value& value) {
    if (const auto* real = std::get_if<double>(&value)) return *real;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    return std::nullopt;
}

/// Unordered: they are of different kinds, or of one that has no order.
std::partial_ordering order(const Value& left, const Value& right) {
    if (const auto* a = std::get_if<std::string_view>(&left), *b = std::get_if<std::string_view>(&right); a && b)
        return *a <=> *b;
    if (const auto* a = std::get_if<std::int64_t>(&left), *b = std::get_if<std::int64_t>(&right); a && b)
        return *a <=> *b;
    const auto a = as_real(left), b = as_real(right);
    return a && b ? *a <=> *b : std::partial_ordering::unordered;
}

bool equal(const Value& left, const Value& right) {
    if (as_real(left) || std::holds_alternative<std::string_view>(left)) return order(left, right) == 0;
    if (left.index() != right.index()) return false;
    if (const auto* truth = std::get_if<bool>(&left)) return *truth == std::get<bool>(right);
    if (const auto* nested = std::get_if<Nested>(&left))
        return simdjson::minify(*nested) == simdjson::minify(std::get<Nested>(right));
    return true;  // null and null
}

bool contains(const Value& left, const Value& right) {
    if (const auto* in = std::get_if<std::string_view>(&left), *text = std::get_if<std::string_view>(&right);
        in && text)
        return in->find(*text) != std::string_view::npos;
    const auto* nested = std::get_if<Nested>(&left);
    simdjson::dom::array items;
    if (nested == nullptr || nested->get(items) != simdjson::SUCCESS) return false;
    return std::any_of(items.begin(), items.end(), [&](Nested item) { return equal(value_of(item), right); });
}

bool compare(Operator how, const Value& left, const Value& right) {
    const auto* text = std::get_if<std::string_view>(&left);
    const auto* affix = std::get_if<std::string_view>(&right);
    switch (how) {
        case Operator::equal: return equal(left, right);
        case Operator::unequal: return !equal(left, right);
        case Operator::less: return order(left, right) < 0;
        case Operator::at_most: return order(left, right) <= 0;
        case Operator::greater: return order(left, right) > 0;
        case Operator::at_least: return order(left, right) >= 0;
        case Operator::contains: return contains(left, right);
        case Operator::starts_with: return text != nullptr && affix != nullptr && text->starts_with(*affix);
        case Operator::ends_with: return text != nullptr && affix != nullptr && text->ends_with(*affix);
    }
    return false;
}

struct Evaluate {
    Fields& fields;

    Value of(const Branch& branch) const { return std::visit(*this, branch->is); }
    bool holds(const Branch& branch) const { return is_true(of(branch)); }

    Value operator()(const Literal& literal) const { return held_in(literal); }
    Value operator()(const Path& path) const { return fields.value(path); }
    Value operator()(const Not& no) const { return !holds(no.of); }
    Value operator()(const AllOf& all) const {
        return std::ranges::all_of(all.of, [this](const Branch& one) { return holds(one); });
    }
    Value operator()(const AnyOf& any) const {
        return std::ranges::any_of(any.of, [this](const Branch& one) { return holds(one); });
    }
    Value operator()(const Comparison& one) const { return compare(one.how, of(one.left), of(one.right)); }
    Value operator()(const OneOf& one) const {
        const auto value = of(one.value);
        return std::ranges::any_of(one.of, [&](const Literal& item) { return equal(value, held_in(item)); });
    }
};

}  // namespace

std::expected<Where, SyntaxError> Where::parse(std::string_view text) {
    auto root = parse_where(text);
    if (!root) return std::unexpected(root.error());
    return Where{std::shared_ptr<const Node>{std::move(*root)}};
}

bool Where::holds(Fields& fields) const { return is_true(std::visit(Evaluate{fields}, root_->is)); }

}  // namespace kiroku::replay
