#include "projections/engine/checkpoint.hpp"

#include <fmt/format.h>

namespace kiroku::projections {
namespace {

using postgres::Array;
using postgres::parameters;
using postgres::Statement;

const std::string columns =
    "context, part, epoch, next_offset, term, sequence, last_event_id, last_event_offset, last_event_time, log_id, "
    "halted, owner";

Checkpoints checkpoints_of(const postgres::Rows& rows) {
    Checkpoints found;
    for (const auto& row : rows) {
        Checkpoint checkpoint{.epoch = row.get<std::int64_t>(2),
                              .owner = row.get<std::optional<Uuid>>(11),
                              .cursor = {row.get<Offset>(3), {row.get<log::Term>(4), row.get<log::Sequence>(5)}},
                              .last_event = row.get<std::optional<EventId>>(6),
                              .last_offset = row.get<Offset>(7),
                              .last_time = row.get<std::optional<Instant>>(8),
                              .log_id = row.get<std::optional<Uuid>>(9),
                              .halted = row.get<std::string>(10)};
        found.emplace(log::Partition{row.get<std::string>(0), row.get<int>(1)}, std::move(checkpoint));
    }
    return found;
}

const Statement& read_statement() {
    static const Statement statement{"checkpoint_read",
                                     fmt::format("SELECT {} FROM checkpoint WHERE read_model = $1", columns)};
    return statement;
}

const Statement begin_statement{"checkpoint_begin",
                                "INSERT INTO checkpoint (read_model, context, part) SELECT $1, * FROM "
                                "unnest($2::text[], $3::int[]) ON CONFLICT DO NOTHING"};

// Locks in the order in which batches do, so that a claim waits for a batch and never deadlocks with it.
const Statement lock_statement{"checkpoint_lock",
                               "SELECT 1 FROM checkpoint WHERE read_model = $1 ORDER BY context, part FOR UPDATE"};

const Statement claim_statement{
    "checkpoint_claim",
    "UPDATE checkpoint SET epoch = epoch + 1, owner = $2, claimed_at = now(), "
    "halted = CASE WHEN $3 OR NOT starts_with(halted, $4) THEN '' ELSE halted END WHERE read_model = $1"};

const Statement advance{
    "checkpoint_advance",
    "UPDATE checkpoint AS c SET next_offset = m.next_offset, term = m.term, sequence = m.sequence, last_event_id = "
    "m.last_event_id, "
    "last_event_offset = m.last_event_offset, last_event_time = m.last_event_time, log_id = m.log_id "
    "FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], "
    "$9::uuid[], "
    "$10::bigint[], $11::timestamptz[], $12::uuid[]) AS m(context, part, epoch, expected, next_offset, term, sequence, "
    "last_event_id, last_event_offset, last_event_time, log_id) "
    "WHERE c.read_model = $1 AND c.context = m.context AND c.part = m.part AND c.epoch = m.epoch AND c.next_offset = "
    "m.expected"};

const Statement halt_statement{
    "checkpoint_halt",
    "UPDATE checkpoint SET halted = $5 WHERE read_model = $1 AND context = $2 AND part = $3 AND epoch = $4"};

template <class T>
void add(Array& array, const T& value) {
    const auto text = postgres::parameter(value);
    if (text)
        array.add(*text);
    else
        array.add_null();
}

}  // namespace

void go_on(Checkpoint& checkpoint, const Chunk& chunk, const Step& step) {
    checkpoint.cursor = step.after;
    checkpoint.log_id = step.log_id;
    if (step.events == 0) return;
    const auto& last = chunk.events_of(step)[step.events - 1];
    checkpoint.last_event = last.id;
    checkpoint.last_offset = last.offset;
    checkpoint.last_time = last.time;
}

Checkpoints claim(postgres::Connection& connection, const std::string& read_model,
                  std::span<const log::Partition> partitions, const Uuid& owner, bool retry) {
    Array contexts;
    Array numbers;
    for (const auto& partition : partitions) {
        add(contexts, partition.context);
        add(numbers, partition.number);
    }
    postgres::Transaction transaction{connection};
    transaction.execute(
        "SET LOCAL lock_timeout = '20s'; SET LOCAL statement_timeout = '30s'");  // a stopped batch's locks die sooner
    transaction.run(begin_statement, parameters(read_model, contexts, numbers));
    transaction.run(lock_statement, parameters(read_model));
    transaction.run(claim_statement, parameters(read_model, owner, retry, version_gap));
    auto claimed = checkpoints_of(transaction.run(read_statement(), parameters(read_model)));
    transaction.commit();
    return claimed;
}

Checkpoints read_checkpoints(postgres::Connection& connection, const std::string& read_model) {
    return checkpoints_of(connection.run(read_statement(), parameters(read_model)));
}

Checkpoints read_checkpoints(postgres::Transaction& transaction, const std::string& read_model) {
    return checkpoints_of(transaction.run(read_statement(), parameters(read_model)));
}

const Statement& advance_statement() { return advance; }

postgres::Parameters advance_values(const std::string& read_model, const Checkpoints& from, const Checkpoints& to) {
    Array moves[11];
    for (const auto& [partition, next] : to) {
        int column = 0;
        const auto& before = from.at(partition);
        const auto set = [&](const auto& value) { add(moves[column++], value); };
        set(partition.context);
        set(partition.number);
        set(before.epoch);
        set(before.cursor.next);
        set(next.cursor.next);
        set(next.cursor.standing.term);
        set(next.cursor.standing.sequence);
        set(next.last_event);
        set(next.last_offset);
        set(next.last_time);
        set(next.log_id);
    }
    postgres::Parameters values{read_model};
    for (const auto& array : moves) values.push_back(array.text());
    return values;
}

void note_halt(postgres::Connection& connection, const std::string& read_model, const log::Partition& partition,
               const Checkpoint& checkpoint) {
    connection.run(halt_statement,
                   parameters(read_model, partition.context, partition.number, checkpoint.epoch, checkpoint.halted));
}

}  // namespace kiroku::projections
