// infra/replay/event_writer.hpp: events as text: NDJSON, CSV, or a table to look at.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "infra/replay/event_stream.hpp"

namespace kiroku::replay {

struct Column {
    std::string name;  ///< as it was typed
    Path path;
};

class EventWriter {
public:
    virtual ~EventWriter() = default;

    /// Before any event, even if none comes.
    virtual void begin(std::string&) {}
    virtual void write(const StreamedEvent& event, std::string& out) = 0;

    /// Nothing is left waiting for what comes after it.
    virtual void settle(std::string&) {}
};

/// Each event's CloudEvent as it lies in the log, a line each.
std::unique_ptr<EventWriter> ndjson_writer();

/// As RFC 4180, but lines end with a line feed. The first names the columns.
std::unique_ptr<EventWriter> csv_writer(std::vector<Column> columns);

/// Columns are as wide as what the first rows hold; a line is cut after `width` characters, if that is not 0. Control
/// characters are shown as dots.
std::unique_ptr<EventWriter> table_writer(std::vector<Column> columns, std::size_t width);

/// In CSV quotes if it needs them.
void append_csv(std::string& out, std::string_view value);

}  // namespace kiroku::replay
