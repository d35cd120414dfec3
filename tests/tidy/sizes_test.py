# tests/tidy/sizes_test.py: files, functions and READMEs just within and just over their limits.
import unittest

import sizes
from functions import cpp_functions, functions, shell_functions
from sources import Source


def complaints(check, path, text):
    return [str(complaint) for complaint in check([Source(path, text)])]


class Files(unittest.TestCase):
    def test_limits_of_code_and_tests(self):
        for path, limit in (("domain/a.cpp", 400), ("infra/demo/a.py", 400), ("tests/unit/a_test.cpp", 600)):
            self.assertEqual([], complaints(sizes.check_files, path, "x\n" * limit))
            self.assertEqual(1, len(complaints(sizes.check_files, path, "x\n" * (limit + 1))), path)

    def test_what_is_no_code_may_be_long(self):
        self.assertEqual([], complaints(sizes.check_files, "domain/challenges/catalogue.v1.json", "\n" * 5000))

    def test_what_is_made_may_be_long(self):
        for path, wrong in (("gateway/clients/x/src/generated/types.ts", 0), ("gateway/clients/x/src/types.ts", 1)):
            self.assertEqual(wrong, len(complaints(sizes.check_files, path, "x\n" * 401)), path)

    def test_readmes(self):
        for path, limit in (("README.md", 150), ("domain/README.md", 40)):
            self.assertEqual([], complaints(sizes.check_readmes, path, "x\n" * limit))
            self.assertEqual(1, len(complaints(sizes.check_readmes, path, "x\n" * (limit + 1))), path)


class Functions(unittest.TestCase):
    def long(self, head, lines, end="}"):
        return f"{head}\n" + "    work();\n" * lines + f"{end}\n"

    def test_a_cpp_function_of_70_lines_is_the_longest(self):
        self.assertEqual([], complaints(sizes.check_functions, "domain/a.cpp", self.long("int f() {", 68)))
        self.assertEqual(["domain/a.cpp:1: f has 71 lines, at most 70"],
                         complaints(sizes.check_functions, "domain/a.cpp", self.long("int f() {", 69)))

    def test_python_and_shell_functions_count_too(self):
        self.assertEqual(1, len(complaints(sizes.check_functions, "infra/a.py", "def f():\n" + "    pass\n" * 70)))
        self.assertEqual(1, len(complaints(sizes.check_functions, "infra/a.sh", self.long("f() {", 69))))


class FindingFunctions(unittest.TestCase):
    def found(self, text):
        return [(name, last - first + 1) for first, last, name in cpp_functions(text)]

    def test_members_of_classes_and_namespaces(self):
        self.assertEqual([("g", 1), ("A::h", 3), ("main", 1)], self.found(
            "namespace a {\nclass A final : public B {\npublic:\n    int g() const { return 1; }\n};\n"
            "auto A::h(int x)\n    -> std::vector<int> {\n}\n}\nint main() {}\n"))

    def test_a_constructor_with_members_is_one_function(self):
        self.assertEqual([("A::A", 4)], self.found("A::A(int x)\n    : a_{x}, b_{[] { return 1; }()}, c_(2) {\n    work();\n}\n"))

    def test_braces_in_strings_comments_and_bodies_do_not_count(self):
        self.assertEqual([("f", 5), ("g", 1)], self.found(
            'void f() {\n    if (x) {\n        auto a = R"({{)"; /* } */ auto b = \'}\';  // }\n    }\n}\nvoid g() {}\n'))

    def test_tables_and_types_are_no_functions(self):
        self.assertEqual([], self.found("constexpr std::array a = {f(1), f(2)};\nstruct P { int x = 0; };\nenum class E { a };\n"))

    def test_a_test_case_is_a_function(self):
        self.assertEqual([("TEST_CASE", 2)], self.found('TEST_SUITE("a") {\nTEST_CASE("b") {\n}\n}\n'))

    def test_typescript(self):
        text = ("export interface B {\n  x: number;\n}\nexport function f(): void {\n  a(`}${b}`);\n}\n"
                "export class A extends C {\n  async g(x: string): Promise<void> {\n  }\n}\n")
        self.assertEqual([(4, 6, "f"), (8, 9, "g")], functions(Source("gateway/a.ts", text)))

    def test_shell(self):
        self.assertEqual([(1, 1, "a"), (2, 4, "b")], list(shell_functions("a() { x; }\nb() {\n  y\n}\n")))

    def test_a_file_without_functions(self):
        self.assertEqual([], functions(Source("a.json", "{}")))


if __name__ == "__main__":
    unittest.main()
