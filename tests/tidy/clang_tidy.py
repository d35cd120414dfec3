# tests/tidy/clang_tidy.py: clang-tidy over the layers' sources, two at a time; what passed and hasn't changed is skipped.
#
# /usr/bin/python3 tests/tidy/clang_tidy.py BUILD_FOLDER [PATH…]: exit code 1 if a file doesn't pass.
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build/python/bin/clang-tidy"
PINNED = ROOT / "infra/local/python.txt"  # its version, too
LAYERS = ("schemas/core/", "domain/", "infra/", "commands/", "projections/", "gateway/")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)


def texts_of(path, folders, seen):
    """The file's text and those of all project headers that it includes, each once, in a fixed order."""
    for folder in folders:
        if (folder / path).exists() and path not in seen:
            text = (folder / path).read_text(encoding="utf-8")
            seen[path] = text
            for header in INCLUDE.findall(text):
                texts_of(header, folders, seen)
            return seen
    return seen


def fingerprint(path, command, folders):
    (version,) = re.findall(rb"^clang-tidy==.*$", PINNED.read_bytes(), re.M)
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes() + version + command.encode())
    for name, text in texts_of(path, folders, {}).items():
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()


class Checked:
    """The fingerprints of what passed, one empty file each, beside the build."""

    def __init__(self, build):
        self.folder = build / "clang-tidy"
        self.folder.mkdir(exist_ok=True)

    def __contains__(self, mark):
        return (self.folder / mark).exists()

    def add(self, mark):
        (self.folder / mark).touch()


def without_precompiled_headers(build, folder):
    """A copy of the compile commands in `folder`, one a file: clang can't read what GCC has precompiled."""
    entries = list({entry["file"]: entry for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))}.values())
    for entry in entries:
        entry["command"] = re.sub(r" -(Winvalid-pch|fpch-preprocess|include \S*cmake_pch\.hxx)", "", entry["command"])
    (folder / "compile_commands.json").write_text(json.dumps(entries), encoding="utf-8")


def check(path, folder):
    done = subprocess.run([str(PROGRAM), "-p", str(folder), "--quiet", str(ROOT / path)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def commands_of(build, only):
    """Path from the root → compile command, for the layers' own sources."""
    commands = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), ROOT)
        if path.startswith(LAYERS) and (not only or path.startswith(only)):
            commands[path] = entry["command"]
    return commands


def main(build, only):
    checked = Checked(build)
    folders = (ROOT, build / "generated")
    marks = {path: fingerprint(path, command, folders) for path, command in sorted(commands_of(build, only).items())}
    without_precompiled_headers(build, checked.folder)
    waiting = [path for path, mark in marks.items() if mark not in checked]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {pool.submit(check, path, checked.folder): path for path in waiting}
        for number, run in enumerate(concurrent.futures.as_completed(runs), 1):
            path = runs[run]
            code, output = run.result()
            if code == 0:
                checked.add(marks[path])
            else:
                failed += 1
                print(output)
            print(f"[{number}/{len(waiting)}] {path}{'' if code == 0 else ' FAILED'}", flush=True)
    print(f"clang-tidy: {len(marks) - failed} files passed ({len(marks) - len(waiting)} unchanged), {failed} files failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), tuple(sys.argv[2:])))
