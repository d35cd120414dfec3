#include "projections/engine/parked.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "infra/log/command.hpp"
#include "projections/engine/log_walk.hpp"
#include "projections/engine/table_writer.hpp"

namespace kiroku::projections {
namespace {

using postgres::parameters;
using postgres::Statement;

const Statement keys_statement{
    "parked_keys", "SELECT DISTINCT context, aggregate FROM parked WHERE read_model = $1 AND given_up_at IS NULL"};

const Statement park_statement{
    "park",
    "INSERT INTO parked (read_model, context, part, first_offset, last_offset, aggregate, reason) SELECT $1, * FROM "
    "unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::uuid[], $7::text[])"};

const Statement list_statement{
    "parked_list",
    "SELECT read_model, context, part, first_offset, last_offset, aggregate, reason, parked_at, given_up_at FROM "
    "parked "
    "WHERE $1 IN ('', read_model) ORDER BY read_model, context, part, aggregate, first_offset"};

const Statement taken_statement{"parked_taken",
                                "DELETE FROM parked WHERE read_model = $1 AND context = $2 AND aggregate = $3 AND "
                                "given_up_at IS NULL"};

const Statement give_up_statement{"parked_give_up",
                                  "UPDATE parked SET given_up_at = now() WHERE read_model = $1 AND context = $2 AND "
                                  "aggregate = $3 AND given_up_at IS NULL"};

const Statement reason_statement{
    "parked_reason",
    "UPDATE parked SET reason = $5 WHERE read_model = $1 AND context = $2 AND aggregate = $3 AND first_offset = $4"};

// The projector finds its tables changed, and claims them again.
const Statement release_statement{
    "parked_release",
    "UPDATE checkpoint SET epoch = epoch + 1, owner = NULL, claimed_at = now() WHERE read_model = $1"};

/// Waits for the projector's batch, and keeps its next one waiting.
void hold_projector(postgres::Transaction& transaction, const std::string& read_model) {
    static const Statement lock{"parked_lock",
                                "SELECT 1 FROM checkpoint WHERE read_model = $1 ORDER BY context, part FOR UPDATE"};
    transaction.run(lock, parameters(read_model));
}

std::vector<StoredDecision> waiting_of(postgres::Transaction& transaction, const std::string& read_model,
                                       const ParkedKey& key) {
    auto all = parked_in(transaction, read_model);
    std::erase_if(all, [&](const StoredDecision& one) {
        return one.given_up_at || one.decision.aggregate != key.aggregate ||
               one.decision.partition.context != key.context;
    });
    return all;
}

/// The decisions as chunks hold them, read from the log once more.
void read_again(const std::string& bootstrap, const std::vector<StoredDecision>& decisions,
                const std::function<void(const Chunk&, const Step&)>& see) {
    const auto& partition = decisions.front().decision.partition;
    log::EventReader looking{bootstrap};
    const auto from = looking.cursor_before(partition, decisions.front().decision.first);
    LogWalk walk{bootstrap, {{partition, from}}};
    const Offset end{decisions.back().decision.last.value + 1};
    walk.to({{partition, end}}, {}, [&](const Chunk& chunk, int) {
        for (const auto& step : chunk.steps()) {
            if (step.events == 0) continue;
            const auto first = chunk.events_of(step)->offset;
            const auto is_it = [&](const StoredDecision& one) { return one.decision.first == first; };
            if (std::ranges::any_of(decisions, is_it)) see(chunk, step);
        }
    });
}

/// A decision, and what keeps it out.
struct StillIndigestible {
    Offset first;
    std::string why;
};

std::optional<StillIndigestible> fold_again(const std::string& bootstrap, postgres::Transaction& transaction,
                                            const ReadModel& model, const std::vector<StoredDecision>& decisions) {
    const auto tables = model.make_tables(Keep::some);
    Intake intake{tables};
    read_again(bootstrap, decisions, [&](const Chunk& chunk, const Step& step) { intake.take(chunk, step); });
    if (!intake.fresh().empty()) return StillIndigestible{intake.fresh().front().first, intake.fresh().front().reason};
    try {
        for (const auto& table : tables) TableWriter{table->shape(), table->appends()}.write(transaction, *table);
    } catch (const postgres::ValueRefused& error) {
        return StillIndigestible{decisions.front().decision.first, fmt::format("value_refused: {}", error.what())};
    }
    return std::nullopt;
}

}  // namespace

std::vector<ParkedKey> parked_keys(postgres::Connection& connection, const std::string& read_model) {
    std::vector<ParkedKey> keys;
    for (const auto& row : connection.run(keys_statement, parameters(read_model)))
        keys.push_back({row.get<std::string>(0), row.get<Uuid>(1)});
    return keys;
}

void park(postgres::Transaction& transaction, const std::string& read_model,
          std::span<const ParkedDecision> decisions) {
    if (decisions.empty()) return;
    std::vector<std::string> contexts, reasons;
    std::vector<int> numbers;
    std::vector<Offset> firsts, lasts;
    std::vector<Uuid> aggregates;
    for (const auto& one : decisions) {
        contexts.push_back(one.partition.context);
        numbers.push_back(one.partition.number);
        firsts.push_back(one.first);
        lasts.push_back(one.last);
        aggregates.push_back(one.aggregate);
        reasons.push_back(one.reason);
    }
    using postgres::array_of;
    transaction.run(park_statement, parameters(read_model, array_of(contexts), array_of(numbers), array_of(firsts),
                                               array_of(lasts), array_of(aggregates), array_of(reasons)));
}

std::vector<StoredDecision> parked_in(postgres::Transaction& transaction, const std::string& read_model) {
    std::vector<StoredDecision> found;
    for (const auto& row : transaction.run(list_statement, parameters(read_model))) {
        found.push_back({.decision = {.partition = {row.get<std::string>(1), row.get<int>(2)},
                                      .first = row.get<Offset>(3),
                                      .last = row.get<Offset>(4),
                                      .aggregate = row.get<Uuid>(5),
                                      .reason = row.get<std::string>(6)},
                         .read_model = row.get<std::string>(0),
                         .parked_at = row.get<Instant>(7),
                         .given_up_at = row.get<std::optional<Instant>>(8)});
    }
    return found;
}

std::optional<std::string> take_up(const std::string& bootstrap, const postgres::Session& session,
                                   const ReadModel& model, const ParkedKey& key) {
    postgres::Connection connection{session};
    std::optional<StillIndigestible> still;
    {
        postgres::Transaction transaction{connection};
        hold_projector(transaction, model.name);
        const auto decisions = waiting_of(transaction, model.name, key);
        if (decisions.empty()) return std::nullopt;
        still = fold_again(bootstrap, transaction, model, decisions);
        if (!still) {
            transaction.run(taken_statement, parameters(model.name, key.context, key.aggregate));
            transaction.run(release_statement, parameters(model.name));
            transaction.commit();
            return std::nullopt;
        }
    }
    connection.run(reason_statement, parameters(model.name, key.context, key.aggregate, still->first, still->why));
    return still->why;
}

int give_up(const postgres::Session& session, const std::string& read_model, const ParkedKey& key) {
    postgres::Connection connection{session};
    postgres::Transaction transaction{connection};
    hold_projector(transaction, read_model);
    const auto given_up =
        transaction.run(give_up_statement, parameters(read_model, key.context, key.aggregate)).touched();
    transaction.run(release_statement, parameters(read_model));
    transaction.commit();
    return given_up;
}

std::vector<std::string> records_of(const std::string& bootstrap, const ParkedDecision& decision) {
    kafka::Consumer consumer{bootstrap};
    consumer.assign({{{log::event_topic(decision.partition.context), decision.partition.number}, decision.first}});
    std::vector<std::string> records;
    const auto give_up_at = std::chrono::steady_clock::now() + std::chrono::seconds{15};
    while (decision.first.value + static_cast<std::int64_t>(records.size()) <= decision.last.value) {
        if (std::chrono::steady_clock::now() > give_up_at)
            throw kafka::BrokerError("the log doesn't give what is parked");
        const auto message = consumer.poll(100);
        if (message.kind() == kafka::Message::Kind::record) records.emplace_back(message.record().value);
    }
    return records;
}

}  // namespace kiroku::projections
