#include "infra/postgres/rows.hpp"

#include <pqxx/result>

namespace kiroku::postgres {

Rows::Rows(pqxx::result&& result)
    : result_(std::make_unique<pqxx::result>(std::move(result))), size_(static_cast<int>(result_->size())) {}

Rows::~Rows() = default;
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;

int Rows::touched() const { return static_cast<int>(result_->affected_rows()); }

std::optional<std::string_view> Row::text(int column) const {
    const auto field =
        (*rows_->result_)[static_cast<pqxx::result::size_type>(number_)][static_cast<pqxx::row::size_type>(column)];
    if (field.is_null()) return std::nullopt;
    return std::string_view{field.c_str(), field.size()};
}

}  // namespace kiroku::postgres
