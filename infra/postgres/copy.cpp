#include "infra/postgres/copy.hpp"

#include <pqxx/pqxx>
#include <pqxx/tablewriter>

#include "infra/postgres/transaction_work.hpp"
#include "infra/postgres/translate.hpp"

namespace kiroku::postgres {

void append_copy_field(std::string& out, std::string_view value) {
    // Fields are short and hold hardly ever anything special: a search for four letters at once costs more than a look.
    const auto* from = value.data();
    const auto* const end = from + value.size();
    for (const auto* at = from; at != end; ++at) {
        if (*at != '\\' && *at != '\t' && *at != '\n' && *at != '\r') continue;
        out.append(from, at);
        out += '\\';
        out += *at == '\t' ? 't' : *at == '\n' ? 'n' : *at == '\r' ? 'r' : '\\';
        from = at + 1;
    }
    out.append(from, end);
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
