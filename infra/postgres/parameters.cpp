#include "infra/postgres/parameters.hpp"

namespace kiroku::postgres {

void Array::add(std::string_view element) {
    next();
    text_ += '"';
    for (const char c : element) {
        if (c == '"' || c == '\\') text_ += '\\';
        text_ += c;
    }
    text_ += '"';
}

void Array::add_null() {
    next();
    text_ += "NULL";
}

}  // namespace kiroku::postgres
