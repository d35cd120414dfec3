// projections/engine/table_fold.hpp: what the engine can do with a table of a read model without knowing its rows.
#pragma once

#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "infra/postgres/parameters.hpp"
#include "projections/engine/event.hpp"
#include "projections/engine/table.hpp"

namespace kiroku::projections {

/// An event that a read model reads, and can't make sense of.
struct Indigestible : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Which rows to keep when they are in the database: live, a bounded number; in memory (verify), all.
enum class Keep { some, all };

/// The events of a batch on their way into the rows of one table. Live, a batch goes: `take` its events, have the rows
/// that are `missing` `loaded`, `fold`, write what `changed`, then `settle`, or `forget` where the transaction failed.
/// In memory (verify, rebuild) nothing is loaded nor written: `take`, `fold`, `settle`, and in the end `each_row`.
class TableFold {
public:
    virtual ~TableFold() = default;

    [[nodiscard]] virtual const TableShape& shape() const = 0;
    /// Whether rows are only ever added.
    [[nodiscard]] virtual bool appends() const = 0;

    /// Reads an event and keeps it for `fold`; one of no interest is passed over. Throws Indigestible.
    virtual void take(const Event& event) = 0;
    [[nodiscard]] virtual std::size_t taken() const = 0;
    /// Takes back what was taken since `taken()` gave this.
    virtual void take_back(std::size_t to) = 0;

    /// The keys of rows that are needed and not known here: an array for each column of the key.
    virtual std::vector<postgres::Array> missing() = 0;
    /// One of those rows, its fields in the order of the columns. Those not loaded do not exist yet.
    virtual void loaded(std::span<const Field> fields) = 0;

    /// Folds what was taken.
    virtual void fold() = 0;

    /// The rows that folding made or changed: an array for each column.
    virtual std::vector<postgres::Array> changed() = 0;
    /// What changed is in the database. Rows may be kept, for they are ours alone while the checkpoint says so.
    virtual void settle() = 0;
    /// What changed is not in the database; nothing known here holds any more.
    virtual void forget() = 0;

    using Visit = std::function<void(std::span<const std::optional<std::string>>)>;
    /// Every row that was kept, its fields in the order of the columns.
    virtual void each_row(const Visit& visit) const = 0;
};

}  // namespace kiroku::projections
