# gateway/clients/generator/__main__.py: `python3 gateway/clients/generator` makes what both clients take from the contract.
#
# With --check it only says what isn't as it should be; exit code 1 then. KIROKU_PROGRAM or .build/release/kiroku tells the contract.
import json
import os
import pathlib
import subprocess
import sys

import python
import typescript
from contract import read_contract

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = os.environ.get("KIROKU_PROGRAM", str(ROOT / ".build/release/kiroku"))
FOLDERS = ((python, "gateway/clients/python/kiroku/generated", "py"), (typescript, "gateway/clients/typescript/src/generated", "ts"))


def printed(document):
    """What the program promises."""
    ended = subprocess.run([PROGRAM, "contract", document], capture_output=True, check=True, timeout=60)
    return json.loads(ended.stdout)


def files_of(contract):
    """Path from the project's root → text."""
    files = {}
    for language, folder, ending in FOLDERS:
        files[f"{folder}/types.{ending}"] = language.types_file(contract, folder)
        files[f"{folder}/routes.{ending}"] = language.routes_file(contract, folder)
    return files


def is_current(path, text):
    return path.exists() and path.read_text(encoding="utf-8") == text


def main(arguments):
    files = files_of(read_contract(printed("openapi"), printed("asyncapi")))
    outdated = [path for path, text in files.items() if not is_current(ROOT / path, text)]
    for path in outdated:
        if "--check" not in arguments:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(files[path], encoding="utf-8")
        print(f"{path} {'is not what the contract says: python3 gateway/clients/generator' if '--check' in arguments else 'made'}")
    return 1 if outdated and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
