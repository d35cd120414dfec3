# tests/fuzz/seeds_test.py: what fuzzers begin with is there, and what is kept comes back.
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import seeds  # noqa: E402


class Seeds(unittest.TestCase):
    def test_each_target_that_needs_no_build_has_some(self):
        for target in ("http", "cursors", "tokens", "messages"):
            self.assertGreater(len(seeds.of(target, None)), 5)

    def test_what_is_kept_comes_back_but_for_seeds_and_what_is_too_much(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "corpus" / "x.txt"
            inputs = [bytes([number]) * (number % 7 + 1) for number in range(256)]
            self.assertEqual(seeds.keep(path, inputs[:20], inputs[:5]), 15)
            self.assertEqual(set(seeds.kept(path)), set(inputs[5:20]))
            self.assertEqual(seeds.keep(path, inputs, []), seeds.MOST_KEPT)
            self.assertEqual({len(one) for one in seeds.kept(path)}, set(range(1, 8)))

    def test_words_are_written_as_libfuzzer_reads_them(self):
        with tempfile.TemporaryDirectory() as folder:
            for target in ("messages", "http"):
                for line in seeds.write_words(target, pathlib.Path(folder)).read_text(encoding="ascii").splitlines():
                    self.assertRegex(line, r'^"([ !#-\[\]-~]|\\x[0-9a-f]{2})+"$')


if __name__ == "__main__":
    unittest.main()
