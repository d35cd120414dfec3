# tests/tidy/names_test.py: names that say nothing, files without a purpose, and work left for later.
import unittest

import names
from sources import Source


def complaints(check, path, text):
    return [str(complaint) for complaint in check([Source(path, text)])]


class Types(unittest.TestCase):
    def test_names_that_say_nothing(self):
        for text in ("class SessionManager {", "struct UserData final {", "enum class TokenInfo { a };", "using Utils = X;",
                     "struct [[nodiscard]] RowImpl {", "concept Base = true;", "class HTTPHelper;"):
            self.assertEqual(1, len(complaints(names.check_types, "domain/a.hpp", text)), text)
        self.assertEqual(1, len(complaints(names.check_types, "infra/a.py", "class TestHelpers:\n    pass\n")))
        for text in ("export interface SessionInfo {", "type Data = string;", "export abstract class CallBase {"):
            self.assertEqual(1, len(complaints(names.check_types, "gateway/a.ts", text)), text)

    def test_names_that_say_something(self):
        for text in ("struct Database {};", "class Database_url;", "struct Utility {};", "// class FooManager",
                     'auto x = "struct Data";', "struct Basement {};"):
            self.assertEqual([], complaints(names.check_types, "domain/a.hpp", text))

    def test_files_and_folders(self):
        for path in ("domain/util.hpp", "infra/common/a.hpp", "gateway/session_helpers.cpp", "schemas/x/events/user_data.v1.json"):
            self.assertEqual(1, len(complaints(names.check_paths, path, "")), path)
        for path in ("domain/database.hpp", "infra/kafka/producer.cpp", ".ci/run"):
            self.assertEqual([], complaints(names.check_paths, path, ""))


class FirstLines(unittest.TestCase):
    def test_path_and_purpose(self):
        for path, text in (("domain/a.hpp", "// domain/a.hpp: what a learner earned.\n"),
                           ("infra/a", "#!/usr/bin/env bash\n# infra/a: starts it all.\n"),
                           ("infra/local/build", "#!/usr/bin/env bash\n# infra/local/build [--x]: compiles it.\n"),
                           ("projections/a.sql", "-- projections/a.sql: the tables.\n"),
                           ("domain/a.cpp", '#include "domain/a.hpp"\n'), ("domain/a.json", "{}")):
            self.assertEqual([], complaints(names.check_first_lines, path, text))

    def test_no_path_another_path_or_no_purpose(self):
        for text in ("#pragma once\n", "// domain/b.hpp: what a learner earned.\n", "// domain/a.hpp:\n", ""):
            self.assertEqual(1, len(complaints(names.check_first_lines, "domain/a.hpp", text)), text)
        self.assertEqual(1, len(complaints(names.check_first_lines, "infra/a.py", "import x\n")))
        self.assertEqual(1, len(complaints(names.check_first_lines, "domain/a.cpp", '#include "domain/b.hpp"\n')))


class Marks(unittest.TestCase):
    def test_nothing_is_left_for_later(self):
        for mark in ("TO" + "DO", "FIX" + "ME", "X" + "XX"):
            self.assertEqual(1, len(complaints(names.check_marks, "domain/a.cpp", f"// {mark}: later\n")))
        self.assertEqual([], complaints(names.check_marks, "domain/a.cpp", "const auto mastodons = 1;\n"))


if __name__ == "__main__":
    unittest.main()
