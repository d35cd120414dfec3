#include "infra/replay/event_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "infra/log/partition_reader.hpp"
#include "infra/replay/harmless.hpp"

namespace kiroku::replay {
namespace {

constexpr std::size_t rows_measured = 100;

class NdjsonWriter final : public EventWriter {
public:
    void write(const StreamedEvent& event, std::string& out) override {
        out += event.text;
        out += '\n';
    }
};

/// What each column holds of an event.
class Cells {
public:
    explicit Cells(std::vector<Column> columns) : columns_(std::move(columns)) {}

    void each(const StreamedEvent& streamed, auto&& take) {
        const auto envelope = log::read_envelope(streamed.text);
        if (!envelope) throw log::UnreadableRecord(envelope.error());
        const Event event{streamed.partition, streamed.offset, *envelope, streamed.text};
        fields_.look_at(event);
        for (const auto& column : columns_) {
            value_.clear();
            fields_.append_text(column.path, value_);
            take(value_);
        }
    }

    [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }

private:
    std::vector<Column> columns_;
    Fields fields_;
    std::string value_;
};

class CsvWriter final : public EventWriter {
public:
    explicit CsvWriter(std::vector<Column> columns) : cells_(std::move(columns)) {}

    void begin(std::string& out) override {
        line_.clear();
        for (const auto& column : cells_.columns()) add(column.name);
        end(out);
    }
    void write(const StreamedEvent& event, std::string& out) override {
        cells_.each(event, [this](const std::string& value) { add(value); });
        end(out);
    }

private:
    void add(const std::string& value) {
        if (begun_) line_ += ',';
        begun_ = true;
        append_csv(line_, value);
    }
    void end(std::string& out) {
        out += line_;
        out += '\n';
        line_.clear();
        begun_ = false;
    }

    Cells cells_;
    std::string line_;
    bool begun_ = false;
};

class TableWriter final : public EventWriter {
public:
    TableWriter(std::vector<Column> columns, std::size_t width) : cells_(std::move(columns)), width_(width) {}

    void begin(std::string&) override {
        auto& header = rows_.emplace_back();
        for (const auto& column : cells_.columns()) header.push_back(column.name);
    }
    void write(const StreamedEvent& event, std::string& out) override {
        auto& row = rows_.emplace_back();
        cells_.each(event, [&](const std::string& value) { row.push_back(harmless(value)); });
        if (!widths_.empty() || rows_.size() > rows_measured) settle(out);
    }
    void settle(std::string& out) override {
        const bool only_header = widths_.empty() && rows_.size() == 1;
        if (rows_.empty() || only_header) return;
        if (widths_.empty()) measure();
        for (const auto& row : rows_) put(row, out);
        rows_.clear();
    }

private:
    void measure() {
        widths_.resize(cells_.columns().size());
        for (const auto& row : rows_)
            for (std::size_t column = 0; column < row.size(); ++column)
                widths_[column] = std::max(widths_[column], characters_in(row[column]));
        widths_.back() = 0;  // nothing stands behind it
    }
    void put(const std::vector<std::string>& row, std::string& out) const {
        std::string line;
        for (std::size_t column = 0; column < row.size(); ++column) {
            const auto missing = widths_[column] - std::min(widths_[column], characters_in(row[column]));
            if (column > 0) line += "  ";
            line += row[column];
            line.append(missing, ' ');
        }
        out += width_ == 0 ? line : cut(line, width_);
        out += '\n';
    }

    Cells cells_;
    std::size_t width_;
    std::vector<std::size_t> widths_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace

std::unique_ptr<EventWriter> ndjson_writer() { return std::make_unique<NdjsonWriter>(); }

std::unique_ptr<EventWriter> csv_writer(std::vector<Column> columns) {
    return std::make_unique<CsvWriter>(std::move(columns));
}

std::unique_ptr<EventWriter> table_writer(std::vector<Column> columns, std::size_t width) {
    return std::make_unique<TableWriter>(std::move(columns), width);
}

void append_csv(std::string& out, std::string_view value) {
    if (value.find_first_of("\",\r\n") == std::string_view::npos) {
        out += value;
        return;
    }
    out += '"';
    for (const char c : value) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

}  // namespace kiroku::replay
