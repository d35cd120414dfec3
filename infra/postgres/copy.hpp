// infra/postgres/copy.hpp: rows into a table by COPY, which costs a third of what inserting them does.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "infra/postgres/connection.hpp"

namespace kiroku::postgres {

/// Appends a field of a row in COPY's text format; between fields stands a tab, behind a row a line feed.
void append_copy_field(std::string& out, std::string_view value);
inline constexpr std::string_view copy_null = "\\N";

/// Until `end`, the transaction can do nothing else. Given up without it, the transaction can only be rolled back.
/// What the server refuses is told by `end` at the latest. Throws DatabaseError.
class CopyIn {
public:
    /// `columns`: "user_id, total_xp".
    CopyIn(Transaction& transaction, const std::string& table, const std::string& columns);
    ~CopyIn();
    CopyIn(const CopyIn&) = delete;
    CopyIn& operator=(const CopyIn&) = delete;

    /// Whole rows, at least one.
    void write(std::string_view rows);
    void end();

private:
    struct Stream;
    std::unique_ptr<Stream> stream_;
};

}  // namespace kiroku::postgres
