# tests/tidy/functions.py: where functions begin and end, in C++, TypeScript, Python and shell.
import ast
import re

CONTAINER = re.compile(r"^(template\s*<.*>\s*)?(inline\s+|export\s+|typedef\s+)*"
                       r"(namespace|class|struct|union|enum|extern|TEST_SUITE|concept)\b", re.S)
CONSTRUCTOR_MEMBERS = re.compile(r"\)\s*(noexcept\s*)?:(?!:)", re.S)


def blanked(text):
    """C++ or TypeScript with the insides of comments, strings and preprocessor lines blanked out, line ends kept."""
    token = re.compile(r'R"([^()\\ ]{0,16})\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'
                       r"'(?:\\.|[^'\\\n])'|`(?:\\.|[^`\\])*`|^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*", re.S | re.M)

    def blank(found):
        word = found.group(0)
        kept = "\n" * word.count("\n")
        return '""' + kept if word.startswith(('"', "R", "`")) else kept or " "

    return token.sub(blank, text)


def cpp_functions(text):
    """(first line, last line, name) of each function body at namespace or class level."""
    stack = []  # (kind, first line, name) of each open brace
    head = ""  # what stands before the next brace at namespace or class level
    line = 1
    for char in blanked(text):
        line += char == "\n"
        kinds = [kind for kind, _, _ in stack]
        within = "function" in kinds or "member" in kinds
        if char == "{":
            kind = "block" if within else kind_of(head)
            stack.append((kind, line - head.lstrip().count("\n"), name_in(head)))
            head = head if within or kind == "member" else ""
        elif char == "}" and stack:
            kind, first, name = stack.pop()
            if kind == "function":
                yield first, line, name
            head = head + "}" if kind == "member" else head if within else ""
        elif not within:
            ends = char == ";" or (char == ":" and head.strip() in ("public", "private", "protected"))
            head = "" if ends else head + char


def script_functions(text):
    """Of TypeScript: as in C++, but for the colon before what a function returns."""
    return cpp_functions(re.sub(r"\)(\s*):", r")\1 ", blanked(text)))


def kind_of(head):
    """What a brace after this text begins: container, function, member (in a constructor's list) or block."""
    head = re.sub(r"\[\[.*?\]\]", "", head, flags=re.S).strip()
    if CONTAINER.match(head) and not re.match(r"^(struct|class|enum)\s+[\w:<>]+\s+[\w:]+\s*\(", head):
        return "container"
    if ")" not in head or head.endswith(("=", "return")):
        return "block"
    listed = CONSTRUCTOR_MEMBERS.search(head)
    if listed and re.search(r"[\w>]$", head) and not head.endswith(("const", "override", "noexcept", "final")):
        return "member"
    return "function"


def name_in(head):
    found = re.search(r'([\w:~]+(?:\s*operator\s*\S+)?)\s*\(', head)
    return found.group(1) if found else head.strip()[-40:]


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno, node.name


def shell_functions(text):
    first = name = None
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"^(\w+)\s*\(\)\s*\{", line):
            first, name = number, found.group(1)
        if first and re.search(r"(^|; )\}\s*$", line) and (line.startswith("}") or number == first):
            yield first, number, name
            first = None


def functions(source):
    """(first line, last line, name) of each function of a source file."""
    if source.is_script:
        return list(script_functions(source.text))
    if source.is_cpp:
        return list(cpp_functions(source.text))
    if source.is_python:
        return list(python_functions(source.text))
    return list(shell_functions(source.text)) if source.is_shell else []
