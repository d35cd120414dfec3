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

/// Which rows to keep once they are settled: live, a bounded number, for they are in the database; else all. Rows of
/// histories are never kept, for nobody asks for them again.
enum class Keep { some, all };

/// The events of a batch on their way into the rows of one table. Live, a batch goes: `take` its events, have the rows
/// that are `missing` `loaded`, `fold`, write what `changed`, then `settle`, or `forget` where the transaction failed.
/// In memory (verify) nothing is loaded nor written: `take`, `fold`, `settle`, and in the end `each_row`. A load
/// (model_load.hpp) folds batch after batch and settles what changed in all of them.
class TableFold {
public:
    virtual ~TableFold() = default;

    [[nodiscard]] virtual const TableShape& shape() const = 0;
    /// Whether rows are only ever added.
    [[nodiscard]] virtual bool appends() const = 0;

    /// Whether events of this type matter to it.
    [[nodiscard]] virtual bool reads(std::string_view type) const = 0;

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
    /// The same as COPY reads them, in pieces of whole rows.
    virtual void copy_changed(const std::function<void(std::string_view)>& take) const = 0;
    /// What changed is in the database. Rows may be kept, for they are ours alone while the checkpoint says so.
    virtual void settle() = 0;
    /// What changed is not in the database, or must make room; nothing is known here any more.
    virtual void forget() = 0;
    /// About how much memory the rows take that are kept, in bytes.
    [[nodiscard]] virtual std::size_t bytes() const = 0;

    using Texts = std::vector<std::optional<std::string>>;  ///< a row's fields, in the order of the columns
    using Visit = std::function<void(const Texts&)>;
    /// Every row that is kept.
    virtual void each_row(const Visit& visit) const = 0;
    /// The rows that `changed` gives.
    virtual void each_changed(const Visit& visit) const = 0;
    /// A row as the database tells it, as `each_row` would.
    virtual void retell(std::span<const Field> fields, Texts& texts) const = 0;
};

}  // namespace kiroku::projections
