# tests/tidy/layers_test.py: a bad and a good include for each rule about dependencies.
import unittest

import layers
from sources import Source


def complaints(check, path, *lines):
    return [str(complaint) for complaint in check([Source(path, "\n".join(lines))])]


class Direction(unittest.TestCase):
    def test_a_layer_includes_what_is_below_it(self):
        for path, include in (("domain/identity/user.cpp", "schemas/identity/types.hpp"),
                              ("gateway/identity/routes.cpp", "projections/identity/accounts.hpp"),
                              ("infra/kiroku/up.cpp", "gateway/core/router.hpp"),
                              ("tests/unit/x_test.cpp", "infra/kiroku/verb.hpp")):
            self.assertEqual([], complaints(layers.check_direction, path, f'#include "{include}"'))

    def test_a_layer_includes_nothing_above_or_beside_it(self):
        for path, include in (("schemas/core/json.cpp", "domain/core/decider.hpp"),
                              ("domain/identity/user.cpp", "infra/log/position.hpp"),
                              ("infra/log/envelope.cpp", "domain/core/decider.hpp"),
                              ("commands/decider/decider.cpp", "projections/engine/table.hpp"),
                              ("projections/engine/table.cpp", "gateway/core/http.hpp"),
                              ("gateway/core/router.cpp", "infra/kiroku/verb.hpp"),
                              ("gateway/core/router.cpp", "tests/support/given.hpp")):
            self.assertEqual(1, len(complaints(layers.check_direction, path, "", f'  # include "{include}"')), path)

    def test_includes_are_written_from_the_root(self):
        self.assertEqual(1, len(complaints(layers.check_direction, "domain/identity/user.cpp", '#include "user.hpp"')))


class Contexts(unittest.TestCase):
    def test_a_context_sees_itself_the_core_and_foreign_events(self):
        for include in ("domain/gamification/rules.hpp", "domain/core/decider.hpp", "schemas/challenges/types.hpp"):
            self.assertEqual([], complaints(layers.check_contexts, "domain/gamification/policy.cpp", f'#include "{include}"'))

    def test_a_context_sees_no_other_one(self):
        self.assertEqual(["domain/gamification/policy.cpp:1: gamification must not include domain/challenges/challenge.hpp: "
                          "contexts talk only through events"],
                         complaints(layers.check_contexts, "domain/gamification/policy.cpp",
                                    '#include "domain/challenges/challenge.hpp"'))

    def test_the_gateway_may_compose(self):
        self.assertEqual([], complaints(layers.check_contexts, "gateway/challenges/routes.cpp",
                                        '#include "projections/gamification/progress.hpp"'))


class Libraries(unittest.TestCase):
    def test_the_owner_includes_its_library(self):
        for path, header in (("infra/kafka/producer.cpp", "librdkafka/rdkafka.h"), ("infra/crypto/password.cpp", "sodium.h"),
                             ("domain/core/local_time.cpp", "date/tz.h"), ("domain/core/decider.hpp", "variant"),
                             ("infra/runtime/child.cpp", "sys/wait.h")):
            self.assertEqual([], complaints(layers.check_libraries, path, f"#include <{header}>"))

    def test_nobody_else_does(self):
        for path, header in (("commands/decider/decider.cpp", "librdkafka/rdkafka.h"), ("gateway/core/http.cpp", "sodium.h"),
                             ("domain/core/decider.hpp", "fmt/format.h"), ("domain/core/decider.hpp", "unistd.h"),
                             ("projections/engine/table.cpp", "pqxx/pqxx"), ("infra/kafka/admin.cpp", "boost/asio.hpp")):
            self.assertEqual(1, len(complaints(layers.check_libraries, path, f"#include <{header}>")), header)

    def test_a_library_that_nobody_owns_is_refused(self):
        self.assertIn("has no owner", complaints(layers.check_libraries, "gateway/core/a.cpp", "#include <yaml-cpp/yaml.h>")[0])


if __name__ == "__main__":
    unittest.main()
