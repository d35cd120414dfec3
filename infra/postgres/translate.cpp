#include "infra/postgres/translate.hpp"

#include <fmt/format.h>

#include <pqxx/except>

namespace kiroku::postgres {

std::string one_line(std::string_view message) {
    for (const std::string_view quoting : {"\nDETAIL:", "\nCONTEXT:"})
        message = message.substr(0, message.find(quoting));
    std::string line{message.substr(0, message.find_last_not_of('\n') + 1)};
    for (char& c : line) c = c == '\n' || c == '\t' ? ' ' : c;
    return line;
}

// Classes of SQLSTATE: https://www.postgresql.org/docs/15/errcodes-appendix.html
void throw_by_state(std::string_view state, const std::string& message) {
    if (state == "57014" || state == "55P03" || state.starts_with("40")) throw Conflict(message);
    if (state.starts_with("57P") || state.starts_with("08") || state == "25P03") throw ConnectionLost(message);
    if (state.starts_with("22") || state.starts_with("23")) throw ValueRefused(message);
    if (state.starts_with("42") || state.starts_with("3F")) throw SchemaMissing(message);
    throw DatabaseError(message);
}

void translate(const std::string& doing) {
    const auto said = [&](const std::exception& error) { return fmt::format("{}: {}", doing, one_line(error.what())); };
    try {
        throw;
    } catch (const DatabaseError&) {
        throw;
    } catch (const pqxx::in_doubt_error& error) {
        throw CommitInDoubt(said(error));
    } catch (const pqxx::statement_completion_unknown& error) {
        throw CommitInDoubt(said(error));
    } catch (const pqxx::broken_connection& error) {
        throw ConnectionLost(said(error));
    } catch (const pqxx::transaction_rollback& error) {
        throw Conflict(said(error));
    } catch (const pqxx::sql_error& error) {
        throw_by_state(error.sqlstate(), said(error));
    } catch (const pqxx::failure& error) {  // no statement failed, so it is the connection
        throw ConnectionLost(said(error));
    } catch (const pqxx::usage_error& error) {
        throw DatabaseError(said(error));
    } catch (const pqxx::internal_error& error) {
        throw DatabaseError(said(error));
    }
}

}  // namespace kiroku::postgres
