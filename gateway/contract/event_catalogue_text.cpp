// gateway/contract/event_catalogue_text.cpp: the event catalogue as Markdown and as a page.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gateway/contract/event_catalogue.hpp"
#include "infra/replay/harmless.hpp"

namespace kiroku::gateway::contract {
namespace {

constexpr std::string_view no_upcasters = "none: what was written is read as it is";

std::string versions_of(const CataloguedEvent& event) {
    std::vector<std::string_view> versions;
    for (const auto* version : event.versions) versions.push_back(version->type.substr(version->type.rfind(".v") + 1));
    return fmt::format("{}", fmt::join(versions, ", "));
}

std::string upcasters_of(const CataloguedEvent& event) {
    return event.upcasters.empty() ? std::string{no_upcasters} : fmt::format("{}", fmt::join(event.upcasters, "; "));
}

std::string in_cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

std::string section(const CataloguedEvent& event) {
    const auto& newest = *event.versions.back();
    std::string out = fmt::format("### {}\n\n{}\n\n", event.name, newest.description);
    out += fmt::format("- versions: {}\n- upcasters: {}\n- aggregate: {}\n- written by {}\n- read by {}\n\n",
                       versions_of(event), upcasters_of(event), newest.aggregate, event.writer,
                       fmt::join(event.readers, "; "));
    if (!newest.members.empty()) out += "| member | type | | meaning |\n|---|---|---|---|\n";
    for (const auto& member : newest.members) {
        out += fmt::format("| {} | {} | {} | {} |\n", member.name, in_cell(member.type),
                           member.required ? "" : "optional", in_cell(member.description));
    }
    return out + fmt::format("\n```json\n{}\n```\n\n", newest.example);
}

std::string rows_of(const schemas::Component& event) {
    std::string out;
    for (const auto& member : event.members) {
        out += fmt::format("<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                           replay::escape_markup(member.name), replay::escape_markup(member.type),
                           member.required ? "" : "optional", replay::escape_markup(member.description));
    }
    return out;
}

std::string article(const CataloguedEvent& event) {
    const auto& newest = *event.versions.back();
    std::string readers;
    for (const auto& reader : event.readers) readers += fmt::format("<li>{}</li>", replay::escape_markup(reader));
    return fmt::format(
        "<article id=\"{0}\"><h3><a href=\"#{0}\">{0}</a></h3>\n<p>{1}</p>\n<dl><dt>versions</dt><dd>{2}</dd>"
        "<dt>upcasters</dt><dd>{3}</dd><dt>aggregate</dt><dd>{4}</dd><dt>written by</dt><dd>{5}</dd>"
        "<dt>read by</dt><dd><ul>{6}</ul></dd></dl>\n"
        "<table><thead><tr><th>member</th><th>type</th><th></th><th>meaning</th></tr></thead><tbody>\n{7}</tbody></"
        "table>\n"
        "<pre>{8}</pre></article>\n",
        replay::escape_markup(event.name), replay::escape_markup(newest.description), versions_of(event),
        replay::escape_markup(upcasters_of(event)), replay::escape_markup(newest.aggregate),
        replay::escape_markup(event.writer), readers, rows_of(newest), replay::escape_markup(newest.example));
}

/// Begins a chapter wherever the context changes.
template <class Chapter, class Entry>
std::string in_chapters(const std::vector<CataloguedEvent>& events, Chapter chapter, Entry entry) {
    std::string out;
    std::string_view context;
    for (const auto& event : events) {
        if (event.versions.back()->context != context) out += chapter(context = event.versions.back()->context);
        out += entry(event);
    }
    return out;
}

}  // namespace

std::string catalogue_as_markdown(const Parts& parts) {
    const auto chapter = [](std::string_view context) { return fmt::format("## {}\n\n", context); };
    return "# Events\n\nEvery event that Kiroku records: what it means, who writes it and who reads it.\n\n" +
           in_chapters(catalogued_events(parts), chapter, section);
}

std::string catalogue_as_html(const Parts& parts) {
    const auto events = catalogued_events(parts);
    const auto chapter = [](std::string_view context) { return fmt::format("<h2>{}</h2>\n", context); };
    const auto line = [](const CataloguedEvent& event) {
        return fmt::format("<li><a href=\"#{0}\">{0}</a> {1}</li>\n", replay::escape_markup(event.name),
                           replay::escape_markup(event.versions.back()->description));
    };
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Kiroku: events</title>\n"
        "<link rel=\"stylesheet\" href=\"/docs/style.css\"><link rel=\"icon\" href=\"data:,\"></head>\n<body><nav><a "
        "href=\"/docs\">HTTP</a> "
        "<a href=\"/docs/messages\">WebSocket and Kafka</a> "
        "<b>Events</b></nav>\n<main><h1>Events</h1>\n<ul>\n{}</ul>\n{}"
        "</main></body></html>\n",
        in_chapters(
            events, [](std::string_view) { return std::string{}; }, line),
        in_chapters(events, chapter, article));
}

}  // namespace kiroku::gateway::contract
