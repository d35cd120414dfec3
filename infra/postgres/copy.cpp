#include "infra/postgres/copy.hpp"

#include <pqxx/pqxx>
#include <pqxx/tablewriter>

#include "infra/postgres/transaction_work.hpp"
#include "infra/postgres/translate.hpp"

namespace kiroku::postgres {

void append_copy_field(std::string& out, std::string_view value) {
    for (auto special = value.find_first_of("\\\t\n\r"); special != std::string_view::npos;
         special = value.find_first_of("\\\t\n\r")) {
        out += value.substr(0, special);
        out += '\\';
        switch (value[special]) {
            case '\t': out += 't'; break;
            case '\n': out += 'n'; break;
            case '\r': out += 'r'; break;
            default: out += '\\';
        }
        value.remove_prefix(special + 1);
    }
    out += value;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
// libpqxx would rather escape each field of each row itself; we have the rows as COPY wants them.
struct CopyIn::Stream {
    Stream(pqxx::work& work, const std::string& table) : writer(work, table, std::string{copy_null}) {}
    pqxx::tablewriter writer;
};
#pragma GCC diagnostic pop

CopyIn::CopyIn(Transaction& transaction, const std::string& table, const std::string& columns) {
    translated("beginning a COPY",
               [&] { stream_ = std::make_unique<Stream>(transaction.work_->work, table + " (" + columns + ")"); });
}

CopyIn::~CopyIn() = default;

void CopyIn::write(std::string_view rows) {
    if (rows.ends_with('\n')) rows.remove_suffix(1);
    translated("copying rows", [&] { stream_->writer.write_raw_line(std::string{rows}); });
}

void CopyIn::end() {
    translated("copying rows", [&] { stream_->writer.complete(); });
    stream_.reset();
}

}  // namespace kiroku::postgres
