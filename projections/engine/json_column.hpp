// projections/engine/json_column.hpp: lists of generated types, texts or JSON values as jsonb columns.
#pragma once

#include <concepts>
#include <limits>
#include <string>
#include <vector>

#include "infra/postgres/value.hpp"
#include "schemas/core/json_reader.hpp"
#include "schemas/core/json_writer.hpp"

namespace kiroku::postgres {

template <class T>
struct Value<std::vector<T>> {
    static constexpr std::string_view sql = "jsonb";

    static void write(std::string& out, const std::vector<T>& items) { json::write(out, items); }
    static void send(std::string& out, const std::vector<T>& items) {
        out += jsonb_version;
        write(out, items);
    }

    static std::vector<T> read(std::string_view text) {
        std::vector<T> items;
        const auto read_items = [](json::Reader& in, json::Value& value, void* out) {
            constexpr json::Bounds any_size{0, std::numeric_limits<std::int32_t>::max()};
            return in.items(value, *static_cast<std::vector<T>*>(out), any_size,
                            [&](json::Value& item, T& one) { return read_item(in, item, one); });
        };
        if (json::detail::read_document(text, json::detail::Unknown::ignored, &items, read_items))
            unreadable("a list", text);
        return items;
    }

private:
    static bool read_item(json::Reader& in, json::Value& item, T& one) {
        if constexpr (std::same_as<T, std::string>)
            return in.text(item, one);
        else if constexpr (std::same_as<T, RawJson>)
            return in.any(item, one);
        else
            return read_json(in, item, one);
    }
};

}  // namespace kiroku::postgres
