// tests/support/folder.hpp: a name for a folder that nobody else has; what is made there is gone at the end.
#pragma once

#include <filesystem>

#include "schemas/core/uuid.hpp"

namespace kiroku::test {

struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("kiroku-test-" + to_string(random_uuid_v7()));
    ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace kiroku::test
