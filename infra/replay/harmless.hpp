// infra/replay/harmless.hpp: text from events, made fit for a terminal or a page.
#pragma once

#include <string>
#include <string_view>

namespace kiroku::replay {

/// With a dot for each control character: texts come from whoever used the system and must not steer the terminal.
std::string harmless(std::string_view text);

/// For HTML and XML, within elements and attributes: with & < > " as entities.
std::string escape_markup(std::string_view text);

/// UTF-8, as the next two want it.
std::size_t characters_in(std::string_view text);

/// The first of them.
std::string_view cut(std::string_view text, std::size_t characters);

}  // namespace kiroku::replay
