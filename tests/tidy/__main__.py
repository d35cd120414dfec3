# tests/tidy/__main__.py: `python3 tests/tidy` checks the whole project against its style; exit code 1 if it complains.
import pathlib
import sys

import contracts
import layers
import names
import sizes
from sources import read_sources

CHECKS = (*layers.CHECKS, *sizes.CHECKS, *names.CHECKS, *contracts.CHECKS)


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    sources = read_sources(root)
    failed = 0
    for check in CHECKS:
        complaints = list(check(sources))
        failed += bool(complaints)
        for complaint in complaints:
            print(complaint)
        if complaints:
            print(f"  {check.__name__}: {check.__doc__.splitlines()[0]}\n")
    print(f"tidy: {len(sources)} files, {len(CHECKS) - failed} checks passed, {failed} checks failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
