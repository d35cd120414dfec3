#include "projections/engine/model_load.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "projections/engine/finish_tables.hpp"
#include "projections/engine/parked.hpp"
#include "projections/engine/table_sql.hpp"

namespace kiroku::projections {
namespace {

/// It is alone in its schema, and may take its time; whoever stops the process lets it rest in a transaction.
postgres::Session patient(postgres::Session session, const std::string& read_model) {
    session.application = "kiroku load " + read_model;
    session.durable = false;
    session.by_key = true;
    session.lock_timeout = session.statement_timeout = session.idle_in_transaction_timeout = {};
    return session;
}

/// Rows on their way into a table that has some of them already.
std::string waiting_room(const TableShape& shape) { return "load_" + shape.name; }

}  // namespace

ModelLoad::ModelLoad(ReadModel model, const postgres::Session& session, Checkpoints from)
    : model_(std::move(model)),
      session_(patient(session, model_.name)),
      connection_(session_),
      tables_(model_.make_tables(Keep::all)),
      stored_(std::move(from)),
      now_(stored_) {
    const bool begun = std::ranges::any_of(stored_, [](const auto& one) { return one.second.cursor.next.value > 0; });
    for (const auto& table : tables_) {
        writers_.emplace_back(table->shape(), table->appends());
        knows_all_.push_back(true);
        written_.push_back(begun);
        has_key_.push_back(false);
    }
    intake_.know(parked_keys(connection_, model_.name));
    if (begun) make_room();
}

ModelLoad::~ModelLoad() = default;

std::size_t ModelLoad::bytes() const {
    std::size_t sum = 0;
    for (const auto& table : tables_) sum += table->bytes();
    return sum;
}

bool ModelLoad::wants(const Step& step) const {
    const auto known = now_.find(step.partition);
    if (known == now_.end() || step.after.next <= known->second.cursor.next) return false;
    const auto end = ends_.find(step.partition);
    return end == ends_.end() || step.after.next <= end->second;
}

void ModelLoad::take(const Chunk& chunk) {
    for (const auto& step : chunk.steps()) {
        if (!wants(step)) continue;
        intake_.take(chunk, step);
        go_on(now_.at(step.partition), chunk, step);
    }
    for (std::size_t table = 0; table < tables_.size(); ++table) take_rows(table);
}

void ModelLoad::take_rows(std::size_t table) {
    auto& rows = *tables_[table];
    if (rows.taken() == 0) return;
    if (rows.appends()) return write_changed(table);
    if (!knows_all_[table]) {
        end_copy();
        writers_[table].load(transaction(), rows);
    }
    rows.fold();
}

/// The rows of a history go out at once; those of a fold only with `flush`.
void ModelLoad::write_changed(std::size_t table) {
    auto& rows = *tables_[table];
    const bool replaces = !rows.appends() && written_[table];
    if (copy_ && (copying_ != table || replaces)) end_copy();
    rows.copy_changed([&](std::string_view text) {
        if (!copy_) begin_copy(table, replaces);
        copy_->write(text);
    });
    if (replaces && copy_) {
        end_copy();
        transaction().execute(upsert_from("pg_temp." + waiting_room(rows.shape()), rows.shape()));
    }
    rows.settle();
    written_[table] = true;
}

void ModelLoad::begin_copy(std::size_t table, bool replaces) {
    const auto& shape = tables_[table]->shape();
    const auto room = waiting_room(shape);
    if (replaces) {
        ensure_key(table);
        transaction().execute(fmt::format("CREATE TEMPORARY TABLE {} (LIKE {}) ON COMMIT DROP", room, shape.name));
    }
    copy_.emplace(transaction(), replaces ? "pg_temp." + room : shape.name, shape.column_list());
    copying_ = table;
}

void ModelLoad::flush() {
    if (stored_.empty()) return;
    for (std::size_t table = 0; table < tables_.size(); ++table) {
        if (!tables_[table]->appends()) write_changed(table);
    }
    end_copy();
    if (!intake_.fresh().empty()) park(transaction(), model_.name, intake_.fresh());
    intake_.settle();
    Checkpoints moved;
    for (const auto& [partition, checkpoint] : now_) {
        if (checkpoint.cursor.next != stored_.at(partition).cursor.next) moved.emplace(partition, checkpoint);
    }
    if (!moved.empty() &&
        transaction().run(advance_statement(), advance_values(model_.name, stored_, moved)).touched() !=
            static_cast<int>(moved.size())) {
        throw Fenced(fmt::format("{}: another process loads it, too", model_.name));
    }
    if (transaction_) transaction_->commit();
    transaction_.reset();
    stored_ = now_;
}

void ModelLoad::make_room() {
    for (std::size_t table = 0; table < tables_.size(); ++table) {
        if (tables_[table]->appends()) continue;
        ensure_key(table);
        tables_[table]->forget();
        knows_all_[table] = false;
    }
}

/// By a connection of its own: ours may be in the middle of a COPY.
void ModelLoad::ensure_key(std::size_t table) {
    if (has_key_[table]) return;
    projections::ensure_key(session_, tables_[table]->shape());
    has_key_[table] = true;
}

postgres::Transaction& ModelLoad::transaction() {
    if (!transaction_) transaction_ = std::make_unique<postgres::Transaction>(connection_);
    return *transaction_;
}

void ModelLoad::end_copy() {
    if (!copy_) return;
    copy_->end();
    copy_.reset();
}

}  // namespace kiroku::projections
