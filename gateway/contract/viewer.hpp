// gateway/contract/viewer.hpp: the pages that show the contract: Swagger UI and our own, as they travel in the
// executable.
#pragma once

#include <string>
#include <string_view>

namespace kiroku::gateway::contract {

struct ViewerFile {
    std::string_view name;  ///< below /docs/; "index" is /docs itself
    std::string_view media;
    std::string_view text;
    std::string etag;
};

/// Null: there is no such file.
const ViewerFile* find_viewer_file(std::string_view name);

}  // namespace kiroku::gateway::contract
