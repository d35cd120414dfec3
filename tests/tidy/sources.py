# tests/tidy/sources.py: the files that are checked, and what is said about them.
import dataclasses
import pathlib
import subprocess


@dataclasses.dataclass(frozen=True)
class Source:
    """A file: its path from the project's root, with slashes, and its text."""

    path: str
    text: str

    @property
    def lines(self):
        return self.text.splitlines()

    @property
    def name(self):
        return self.path.rsplit("/", 1)[-1]

    @property
    def is_cpp(self):
        return self.path.endswith((".cpp", ".hpp"))

    @property
    def is_python(self):
        return self.path.endswith(".py") or self.text.startswith("#!/usr/bin/env python3") or self.text.startswith(
            "#!/usr/bin/python3")

    @property
    def is_shell(self):
        return self.path.endswith(".sh") or self.text.startswith("#!/usr/bin/env bash")

    @property
    def is_script(self):
        return self.path.endswith((".ts", ".js"))

    @property
    def is_code(self):
        return self.is_cpp or self.is_python or self.is_shell or self.is_script or self.path.endswith((".sql", ".cmake"))

    @property
    def is_generated(self):
        """Nobody reads it line by line: it is as long as what it is made of."""
        return "/generated/" in self.path

    @property
    def is_test(self):
        return self.path.startswith("tests/")


@dataclasses.dataclass(frozen=True)
class Complaint:
    """What is wrong, where, and how it should be."""

    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


def read_sources(root):
    """All text files that git knows or would add; without git, all that are there."""
    root = pathlib.Path(root)
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"],
                            capture_output=True, check=False)
    if listed.returncode == 0:
        paths = [pathlib.Path(name.decode()) for name in listed.stdout.split(b"\0") if name]
    else:
        paths = [path.relative_to(root) for path in root.rglob("*") if ".build" not in path.parts]
    sources = []
    for path in sorted(set(paths)):
        try:
            sources.append(Source(path.as_posix(), (root / path).read_text(encoding="utf-8")))
        except (UnicodeDecodeError, IsADirectoryError, FileNotFoundError):
            continue
    return sources
