# tests/tidy/contracts_test.py: events without an example or a reader, examples without a schema.
import unittest

import contracts
from sources import Source

SCHEMA = Source("schemas/identity/events/user_registered.v1.json", "{}")
EXAMPLE = Source("schemas/identity/events/user_registered.v1.example.json", "{}")


def complaints(check, *sources):
    return [str(complaint) for complaint in check(list(sources))]


class Examples(unittest.TestCase):
    def test_schema_and_example_stand_together(self):
        self.assertEqual([], complaints(contracts.check_examples, SCHEMA, EXAMPLE))
        self.assertEqual(1, len(complaints(contracts.check_examples, SCHEMA)))
        self.assertEqual(1, len(complaints(contracts.check_examples, EXAMPLE)))

    def test_every_kind_of_message_needs_one(self):
        for path in ("schemas/identity/commands/a.v1.json", "schemas/identity/http/a.v1.json", "schemas/ws/a.v2.json",
                     "schemas/http/problem.v1.json"):
            self.assertEqual(1, len(complaints(contracts.check_examples, Source(path, "{}"))), path)

    def test_shared_types_and_rules_need_none(self):
        for path in ("schemas/core/types.v1.json", "schemas/gamification/http/types.v1.json", "schemas/gamification/rules.v1.json"):
            self.assertEqual([], complaints(contracts.check_examples, Source(path, "{}")), path)

    def test_json_is_json(self):
        self.assertEqual([], complaints(contracts.check_json, SCHEMA))
        self.assertEqual(1, len(complaints(contracts.check_json, Source("domain/rules.json", '{"a":1,}'))))


class Readers(unittest.TestCase):
    def read_by(self, path, text):
        return complaints(contracts.check_readers, SCHEMA, Source(path, text)) == []

    def test_somebody_reads_each_event(self):
        self.assertTrue(self.read_by("domain/identity/user.cpp", "[&](const UserRegistered& e) {}"))
        self.assertTrue(self.read_by("projections/identity/accounts.hpp", "fold(Row&, const identity::UserRegistered&)"))
        self.assertTrue(self.read_by("domain/gamification/policy.cpp", "whenever(const identity::UserRegistered&)"))

    def test_nobody_reads_it(self):
        self.assertEqual(["schemas/identity/events/user_registered.v1.json:1: nobody reads identity::UserRegistered"],
                         complaints(contracts.check_readers, SCHEMA))
        self.assertFalse(self.read_by("domain/challenges/challenge.cpp", "UserRegistered of another context"))
        self.assertFalse(self.read_by("domain/identity/user.cpp", "challenges::UserRegistered"))
        self.assertFalse(self.read_by("domain/identity/user.cpp", "UserRegisteredTwice"))
        self.assertFalse(self.read_by("tests/unit/identity/user_test.cpp", "UserRegistered"))

    def test_of_several_versions_the_newest_is_read(self):
        second = Source("schemas/identity/events/user_registered.v2.json", "{}")
        self.assertEqual([], complaints(contracts.check_readers, SCHEMA, second, Source("domain/identity/a.cpp", "UserRegistered")))
        self.assertEqual(["schemas/identity/events/user_registered.v2.json:1: nobody reads identity::UserRegistered"],
                         complaints(contracts.check_readers, second, SCHEMA, Source("domain/identity/a.cpp", "UserRegisteredV1")))


if __name__ == "__main__":
    unittest.main()
