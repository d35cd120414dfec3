#include "tests/support/array_rows.hpp"

#include <stdexcept>
#include <string_view>

namespace kiroku::test {
namespace {

/// {"a","b\"c",NULL}
Fields elements(std::string_view array) {
    Fields found;
    for (std::size_t at = 1; at + 1 < array.size(); ++at) {
        if (array[at] == ',') continue;
        if (array[at] != '"') {
            if (array.substr(at, 4) != "NULL") throw std::logic_error("no array: " + std::string{array});
            found.emplace_back();
            at += 3;
            continue;
        }
        std::string text;
        for (++at; array[at] != '"'; ++at) text += array[at] == '\\' ? array[++at] : array[at];
        found.emplace_back(std::move(text));
    }
    return found;
}

}  // namespace

std::vector<Fields> rows_of(const std::vector<postgres::Array>& columns) {
    std::vector<Fields> rows;
    for (const auto& column : columns) {
        const auto values = elements(column.text());
        rows.resize(values.size());
        for (std::size_t row = 0; row < values.size(); ++row) rows[row].push_back(values[row]);
    }
    return rows;
}

}  // namespace kiroku::test
