// gateway/core/fields.hpp: a request's header, in one allocation.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiroku::gateway {

/// Header fields in the order they came in. Names compare without regard to case.
class Fields {
public:
    void add(std::string_view name, std::string_view value);

    /// The first field of that name; null if there is none. The view lives as long as this object is neither changed
    /// nor moved.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    [[nodiscard]] int count(std::string_view name) const;
    [[nodiscard]] std::size_t size() const { return spans_.size(); }

    /// Calls `visit(name, value)` for each.
    template <class Visit>
    void each(Visit visit) const {
        for (const Span& span : spans_) visit(name_of(span), value_of(span));
    }

private:
    struct Span {
        std::uint32_t begin, name_size, value_size;
    };
    [[nodiscard]] std::string_view name_of(const Span& span) const {
        return {text_.data() + span.begin, span.name_size};
    }
    [[nodiscard]] std::string_view value_of(const Span& span) const {
        return {text_.data() + span.begin + span.name_size, span.value_size};
    }

    std::string text_;
    std::vector<Span> spans_;
};

/// ASCII only, as header names, media types and encodings are.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace kiroku::gateway
