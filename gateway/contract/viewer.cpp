// gateway/contract/viewer.cpp: the viewer's files, put into the executable by the assembler.
#include "gateway/contract/viewer.hpp"

#include <algorithm>
#include <array>

#include "gateway/core/etag.hpp"

// NOLINTBEGIN(cppcoreguidelines-macro-usage)
#define KIROKU_EMBED(symbol, path)                                       \
    asm(".pushsection .rodata\n"                                         \
        ".global " #symbol "_begin\n" #symbol "_begin:\n.incbin \"" path \
        "\"\n"                                                           \
        ".global " #symbol "_end\n" #symbol "_end:\n.popsection\n");     \
    extern "C" const char symbol##_begin[];                              \
    extern "C" const char symbol##_end[]
// NOLINTEND(cppcoreguidelines-macro-usage)

KIROKU_EMBED(kiroku_docs_index, KIROKU_PAGES "/index.html");
KIROKU_EMBED(kiroku_docs_messages, KIROKU_PAGES "/messages.html");
KIROKU_EMBED(kiroku_docs_start, KIROKU_PAGES "/start.js");
KIROKU_EMBED(kiroku_docs_messages_js, KIROKU_PAGES "/messages.js");
KIROKU_EMBED(kiroku_docs_style, KIROKU_PAGES "/style.css");
KIROKU_EMBED(kiroku_docs_swagger_js, KIROKU_SWAGGER_UI "/swagger-ui-bundle.js");
KIROKU_EMBED(kiroku_docs_swagger_css, KIROKU_SWAGGER_UI "/swagger-ui.css");

namespace kiroku::gateway::contract {
namespace {

constexpr std::string_view html = "text/html; charset=utf-8";
constexpr std::string_view css = "text/css; charset=utf-8";
constexpr std::string_view script = "text/javascript; charset=utf-8";

ViewerFile file(std::string_view name, std::string_view media, const char* begin, const char* end) {
    const std::string_view text{begin, static_cast<std::size_t>(end - begin)};
    return {name, media, text, content_tag(text)};
}

}  // namespace

const ViewerFile* find_viewer_file(std::string_view name) {
    static const std::array files{
        file("index", html, kiroku_docs_index_begin, kiroku_docs_index_end),
        file("messages", html, kiroku_docs_messages_begin, kiroku_docs_messages_end),
        file("start.js", script, kiroku_docs_start_begin, kiroku_docs_start_end),
        file("messages.js", script, kiroku_docs_messages_js_begin, kiroku_docs_messages_js_end),
        file("style.css", css, kiroku_docs_style_begin, kiroku_docs_style_end),
        file("swagger-ui-bundle.js", script, kiroku_docs_swagger_js_begin, kiroku_docs_swagger_js_end),
        file("swagger-ui.css", css, kiroku_docs_swagger_css_begin, kiroku_docs_swagger_css_end)};
    const auto found = std::ranges::find(files, name, &ViewerFile::name);
    return found == files.end() ? nullptr : &*found;
}

}  // namespace kiroku::gateway::contract
