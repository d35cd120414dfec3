#include "infra/postgres/copy.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include "infra/postgres/connection_handle.hpp"
#include "infra/postgres/transaction_work.hpp"
#include "infra/postgres/translate.hpp"

namespace kiroku::postgres {
namespace {

using namespace std::string_view_literals;

constexpr auto header =
    "PGCOPY\n\377\r\n\0"
    "\0\0\0\0"
    "\0\0\0\0"sv;                       // signature, no flags, no extension
constexpr auto trailer = "\377\377"sv;  // instead of a number of fields

}  // namespace

/// libpqxx would escape fields and send lines of text; libpq takes bytes.
struct CopyIn::Stream {
    explicit Stream(PGconn* connection) : connection(connection) {}
    ~Stream() {
        if (!open) return;
        PQputCopyEnd(connection, "given up");
        static_cast<void>(outcome());
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    void put(std::string_view bytes) {
        if (PQputCopyData(connection, bytes.data(), static_cast<int>(bytes.size())) != 1) lost();
    }
    void end() {
        open = false;
        if (PQputCopyEnd(connection, nullptr) != 1) lost();
        const auto result = outcome();
        if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return;
        const auto* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        if (state == nullptr) lost();
        throw_by_state(state, fmt::format("copying rows: {}", one_line(PQresultErrorMessage(result.get()))));
    }

    using Result = std::unique_ptr<PGresult, decltype([](PGresult* result) { PQclear(result); })>;

    /// The first one; with the last, the connection is free again.
    [[nodiscard]] Result outcome() const {
        Result first{PQgetResult(connection)};
        while (Result{PQgetResult(connection)}) continue;
        return first;
    }
    [[noreturn]] void lost() const {
        throw ConnectionLost(fmt::format("copying rows: {}", one_line(PQerrorMessage(connection))));
    }

    PGconn* connection;
    bool open = true;
};

CopyIn::CopyIn(Transaction& transaction, const std::string& table, const std::string& columns) {
    translated("beginning a COPY", [&] {
        transaction.work_->work.exec(fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", table, columns));
    });
    stream_ = std::make_unique<Stream>(transaction.work_->handle.libpq);
    stream_->put(header);
}

CopyIn::~CopyIn() = default;

void CopyIn::write(std::string_view rows) { stream_->put(rows); }

void CopyIn::end() {
    stream_->put(trailer);
    stream_->end();
    stream_.reset();
}

}  // namespace kiroku::postgres
