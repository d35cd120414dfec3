# schemas/core/generator/__main__.py: python3 schemas/core/generator --root . --out build/generated
"""Writes C++ types and their JSON code from the schemas; touches only files whose content changes."""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from build import build  # noqa: E402
from cpp import header_path  # noqa: E402
from emit_catalog import emit_catalog_header, emit_catalog_source  # noqa: E402
from emit_codec import emit_codec_header, emit_codec_source  # noqa: E402
from emit_components import emit_components_header, emit_components_source  # noqa: E402
from emit_types import emit_types  # noqa: E402
from model import Module  # noqa: E402
from released import check, release  # noqa: E402
from source import SchemaError, list_files, module_paths, sort_files  # noqa: E402

CATALOG = ["schemas/catalog.hpp", "schemas/catalog.cpp"]
COMPONENTS = ["schemas/components.hpp", "schemas/components.cpp"]
FILES = ["types.hpp", "codec.hpp", "codec.cpp"]


def planned(root):
    """The files that generating will write; the names of the schemas suffice to know them."""
    modules = [Module(path) for path in module_paths(*sort_files(list_files(root)))]
    return CATALOG + COMPONENTS + [header_path(module, name) for module in modules for name in FILES]


def generated(root, model):
    """Path → content."""
    files = {CATALOG[0]: emit_catalog_header(), CATALOG[1]: emit_catalog_source(model),
             COMPONENTS[0]: emit_components_header(), COMPONENTS[1]: emit_components_source(root, model.sources)}
    for module in model.modules:
        contents = (emit_types(model, module), emit_codec_header(model, module), emit_codec_source(model, module))
        files.update({header_path(module, name): content for name, content in zip(FILES, contents)})
    return files


def write_changed(path, content):
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == content:
                return
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


def run(arguments):
    root = arguments.root
    if arguments.list:
        print("\n".join(planned(root)))
        return 0
    model = build(root)
    if arguments.release:
        print("\n".join(release(root, model)))
        return 0
    behind = check(root, model)
    if behind:
        print(f"not released yet: something in {', '.join(behind)}; `python3 schemas/core/generator --root . --release` writes it down")
    if arguments.check:
        return 1 if behind else 0
    for path, content in generated(root, model).items():
        write_changed(os.path.join(arguments.out, path), content)
    return 0


def main():
    parser = argparse.ArgumentParser(prog="generator", description=__doc__)
    parser.add_argument("--root", required=True, help="the folder that holds schemas/")
    parser.add_argument("--out", help="where to write; schemas/… is made below it")
    parser.add_argument("--list", action="store_true", help="only print the paths that would be written, below --out")
    parser.add_argument("--release", action="store_true",
                        help="write down how events and commands are stored now, in schemas/<context>/released.json")
    parser.add_argument("--check", action="store_true", help="fail if something isn't written down there")
    arguments = parser.parse_args()
    if not (arguments.list or arguments.release or arguments.check or arguments.out):
        parser.error("--out is needed")
    try:
        return run(arguments)
    except SchemaError as error:
        print(f"schema error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
