#include "projections/engine/shown.hpp"

#include <fmt/format.h>

namespace kiroku::projections {

std::string is_parked(std::string_view read_model, std::string_view aggregate) {
    // Hardly ever is anything parked at all; that is asked once a query, not for each row.
    return fmt::format(
        "((SELECT EXISTS (SELECT 1 FROM parked WHERE parked.read_model = '{0}')) AND "
        "EXISTS (SELECT 1 FROM parked WHERE parked.read_model = '{0}' AND parked.aggregate = {1}))",
        read_model, aggregate);
}

std::vector<Uuid> parked_among(postgres::Read& read, const std::string& read_model, std::span<const Uuid> aggregates) {
    static const postgres::Statement statement{
        "parked_among", "SELECT DISTINCT aggregate FROM parked WHERE read_model = $1 AND aggregate = ANY($2)"};
    std::vector<Uuid> parked;
    for (const auto& row : read.query(statement, read_model, postgres::array_of(aggregates)))
        parked.push_back(row.get<Uuid>(0));
    return parked;
}

}  // namespace kiroku::projections
