# tests/bench/report_test.py: targets are judged by what was measured, and what goes wrong in a run is never silent.
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import report  # noqa: E402
from processes import role_of  # noqa: E402


def figures(rate, p50):
    return {"rate": rate, "p50": p50, "p95": p50, "p99": p50, "worst": p50, "count": 1, "cpuMicroseconds": {"client": 1.0}}


def rebuilt(rate):
    return {"rate": rate, "seconds": 1.0, "loading": 0.5, "indexing": 0.3, "switching": 0.2, "megabytes": 100}


MACHINE = {"cpu": "a CPU", "cores": 2, "memoryGiB": 4, "kernel": "6", "system": "Debian", "librdkafka": "2", "postgres": "15",
           "commit": "abc", "time": "now", "loadBefore": 0.1, "busy": False}

GOOD = {
    "machine": MACHINE,
    "commands": {"raw": {1: figures(1900, 0.5), 512: figures(80_000, 6)}, "http": {1: figures(600, 1.5), 512: figures(16_000, 30)}},
    "push": {"event": figures(100, 3), "reward": figures(50, 5), "missing": 0},
    "reads": {"http": {**figures(26_000, 3), "errors": {}}, "pgbench": {"rate": 40_000.0, "mean": 1.6}},
    "cacheable": {"leaderboard": figures(50_000, 1), "leaderboardUnchanged": figures(60_000, 1), "progressUnchanged": figures(45_000, 1),
                  "nginx": figures(90_000, 0.7)},
    "allocating": {"GET /healthz": {"times": 20.5, "bytes": 4000.0}},
    "crowded": {"alone": figures(5_000, 20), "beside": figures(4_800, 22), "gateways": 2, "held": {"clients": 20_000, "connectSeconds": 4.0}},
    "sockets": {"idle": {"clients": 5_000, "connectSeconds": 2.0, "bytesEach": 7_000},
                "broadcast": {clients: {**figures(40_000, 15), "missing": 0, "gatewayCpu": 1.0} for clients in (2_000, 5_000)},
                "personal": {**figures(20_000, 5), "missing": 0, "clients": 1_000, "gatewayCpu": 2.0},
                "nchan": {clients: {**figures(40_000, 20), "missing": 0} for clients in (2_000, 5_000)}},
    "overload": {"best": figures(10_000, 40), "patient": {**figures(9_000, 90), "shed": figures(4_000, 2)},
                 "impatient": {**figures(4_000, 90), "shed": figures(40_000, 20)}},
    "projecting": {"limits": {"records": 1000, "meanBytes": 900, "consume": 2e6, "parse": 1e6, "read": 1e6},
                   "audit": {"rate": 600_000.0, "seconds": 0.1},
                   "live": {"steady": {"asked": 1000, **figures(1000, 9)}, "busy": {"asked": 33_000, **figures(32_000, 90)}}},
    "deciding": {"raw": {level: figures(20_000, 4) for level in (1, 64, 512, 2000)},
                 "decider": {level: figures(16_000, 5) for level in (1, 64, 512, 2000)},
                 "replies": {level: figures(14_000, 6) for level in (1, 64, 512, 2000)},
                 "transactions": {level: figures(2_000, 50) for level in (1, 64, 512, 2000)},
                 "starting": {"learners": 1000, "filled": 20_000.0, "stopped": 0.4, "killed": 0.6, "anew": {"seconds": 2, "rate": 500.0},
                              "limits": {"records": 1000, "meanBytes": 900, "parse": 1e6}}},
    "rebuilding": {"limits": {"records": 1000, "meanBytes": 900, "consume": 2e6, "parse": 1e6}, "copy": {"rows": 300, "bare": 5e5, "key": 3e5, "binary": 6e5},
                   "xp_history": {**rebuilt(9e5), "rows": 2.7e5}, "progress": rebuilt(7e5), "leaderboard": rebuilt(6.5e5), "all": rebuilt(3e5),
                   "count": {"rate": 8e5, "seconds": 1}, "verify": {**rebuilt(4e5)}, "growth": [{"records": 1000, "memory": "32MB", **rebuilt(3e5)}]},
}


class Verdicts(unittest.TestCase):
    def words(self, results):
        return [verdict for *_, verdict in report.verdicts(results)]

    def missed(self, results):
        return [number for number, word in enumerate(self.words(results)) if word == "MISSED"]

    def test_all_targets_can_be_reached(self):
        self.assertEqual({"reached"}, set(self.words(GOOD)))

    def test_a_slow_answer_misses_its_target_only(self):
        http = {**GOOD["commands"]["http"], 1: figures(400, 2.1)}
        self.assertEqual([0], self.missed({**GOOD, "commands": {**GOOD["commands"], "http": http}}))

    def test_a_low_rate_misses_its_target_only(self):
        slow = {**GOOD["reads"], "http": figures(15_000, 3)}
        self.assertEqual([3], self.missed({**GOOD, "reads": slow}))

    def test_without_a_raw_loop_nothing_is_claimed(self):
        words = self.words({**GOOD, "commands": {**GOOD["commands"], "raw": {}}})
        self.assertEqual([0, 1], [number for number, word in enumerate(words) if not word])

    def test_slower_broadcasts_than_nchans_miss(self):
        slow = {**GOOD["sockets"], "nchan": {2_000: figures(40_000, 14), 5_000: figures(40_000, 20)}}
        self.assertEqual(["20 broadcasts/s to 2,000: p99 / nchan's"],
                         [name for name, _, _, verdict in report.verdicts({**GOOD, "sockets": slow}) if verdict == "MISSED"])

    def test_messages_that_never_came_are_trouble(self):
        lost = {**GOOD["sockets"], "personal": {**GOOD["sockets"]["personal"], "missing": 3}}
        self.assertEqual(["3 of 4 pushes to 1,000 WebSockets never came"], list(report.troubles({**GOOD, "sockets": lost})))

    def test_a_decider_that_is_late_at_one_level_or_after_one_kind_of_end_misses(self):
        found = GOOD["deciding"]
        late = {**found["decider"], 2000: figures(16_000, 9)}
        killed = {**found["starting"], "killed": 2.5}
        self.assertEqual([12, 13], self.missed({**GOOD, "deciding": {**found, "decider": late, "starting": killed}}))


class Troubles(unittest.TestCase):
    def test_a_good_run_has_none(self):
        self.assertEqual([], list(report.troubles(GOOD)))

    def test_failed_commands_lost_pushes_and_stale_rows_are_told(self):
        failed = {**GOOD["commands"], "http": {64: {**figures(1, 1), "errors": {"503": 2}}}}
        refused = {**GOOD["deciding"], "decider": {1: {**figures(1, 1), "failures": 4}}}
        told = list(report.troubles({**GOOD, "commands": failed, "deciding": refused, "push": {"missing": 1}, "visible": {"stale": 3}}))
        self.assertEqual(4, len(told))
        self.assertIn("503", told[0])


class Text(unittest.TestCase):
    def test_the_whole_report_is_written(self):
        text = report.text({**GOOD, "troubles": ["something"]})
        for word in ("raw loop", "decider alone", "transactions", "after a kill", "pgbench", "allocates", "reached", "! something", "CPU µs"):
            self.assertIn(word, text)
        self.assertNotIn("BUSY", text)

    def test_a_busy_machine_is_told(self):
        self.assertIn("BUSY", report.text({"machine": {**MACHINE, "busy": True}}))

    def test_columns_line_up(self):
        lines = report.table(["name", "value"], [["short", 1.5], ["a longer name", 12_345.0]]).splitlines()
        self.assertEqual(len(lines[2]), len(lines[3]))
        self.assertTrue(lines[3].endswith("12,345"))


class Roles(unittest.TestCase):
    def test_processes_are_known_by_their_command_lines(self):
        self.assertEqual("broker", role_of("java\0-Xmx512m\0kafka.Kafka\0server.properties"))
        self.assertEqual("database", role_of("postgres: kiroku kiroku 127.0.0.1(4711) idle"))
        self.assertEqual("database", role_of("/usr/lib/postgresql/15/bin/postgres\0-D\0x"))
        self.assertEqual("decide", role_of("/opt/kiroku\0decide"))
        self.assertEqual("decide", role_of("/opt/bench_transactional_decider\0--kafka"))
        self.assertIsNone(role_of("/opt/kiroku\0up"))
        self.assertIsNone(role_of("bash"))


if __name__ == "__main__":
    unittest.main()
