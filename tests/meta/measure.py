"""`make measure`: how large and how tidy the code is, from its text alone.

    python -m tests.meta.measure                  this checkout
    python -m tests.meta.measure ../other         the checkout in that folder
    python -m tests.meta.measure --rev 19a30f7    that revision of git, and this checkout beside it

The map of allowed imports is that of the measured code, `MAY_IMPORT` in its tests/meta/test_house_rules.py.
"""

from __future__ import annotations

import argparse
import ast
import io
import subprocess
import tempfile
import tokenize
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from tests.meta.house import HERE, House, circles, definitions_in, tree_of

FUNCTION_LINES = 40

_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def may_import(root: Path) -> Mapping[str, Iterable[str]]:
    """The map of the house, read without the rest of its module: only tables and dictionaries are evaluated."""
    path = root / "tests/meta/test_house_rules.py"
    names: dict[str, Any] = {}
    for node in tree_of(path).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple | ast.Dict):
            exec(compile(ast.Module([node], []), path.name, "exec"), names)  # noqa: S102  # constants of our own
    found: Mapping[str, Iterable[str]] = names["MAY_IMPORT"]
    return found


def too_long(house: House) -> dict[str, int]:
    """The functions of more than 40 lines, the longest first."""
    longest_first = sorted(house.functions().items(), key=lambda found: -found[1])
    return {name: lines for name, lines in longest_first if lines > FUNCTION_LINES}


def code_lines(path: Path) -> int:
    """The lines that hold code: no blank line, no comment and no docstring."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    lines = {line for each in tokens if each.type not in _NO_CODE for line in range(each.start[0], each.end[0] + 1)}
    for _, node in [("", tree_of(path)), *definitions_in(tree_of(path), "")]:
        if ast.get_docstring(node) and (last := node.body[0].end_lineno):
            lines -= set(range(node.body[0].lineno, last + 1))
    return len(lines)


def folders(house: House) -> list[str]:
    """One line for each folder with rooms in it: how many rooms, and how many modules lie loose beside them."""
    lines = []
    for folder in sorted({path.parent.parent for path in house.product} - {house.root}):
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        rooms = {path.parent for path in house.product if path.parent.parent == folder}
        lines.append(f"{folder.relative_to(house.root)}: {len(rooms)} rooms, {len(modules)} loose modules")
    return lines


def spread(numbers: Iterable[int]) -> str:
    ordered = sorted(numbers)
    return f"median {median(ordered):g}, p90 {ordered[len(ordered) * 9 // 10]}, max {ordered[-1]}"


def report(house: House) -> str:
    files = [len(path.read_text(encoding="utf-8").splitlines()) for path in house.product]
    allowed = may_import(house.root)
    upward = sorted(
        f"{house.name_of(path)} -> {name}" for path in house.sources for name in house.strangers_of(path, allowed)
    )
    twice = {name: sorted(modules) for name, modules in sorted(house.classes_named_twice().items())}
    listed = {
        f"functions over {FUNCTION_LINES} lines": [f"{name} {lines}" for name, lines in too_long(house).items()],
        "imports upward": upward,
        "circles": [str(sorted(each)) for each in [*circles(house.import_graph), *circles(house.by_folder())]],
        "public class names for two things": [f"{name}: {', '.join(modules)}" for name, modules in twice.items()],
        "docstrings with whoever, somebody, nobody, whom": sorted(house.riddles()),
    }
    lines = [
        *folders(house),
        f"files: {len(files)}, lines: {spread(files)}",
        f"functions: {len(house.functions())}, lines: {spread(house.functions().values())}",
        f"lines of bot and cogs: {sum(files)}, code alone: {sum(map(code_lines, house.product))}",
        *(f"{marker}: {len(house.marked(marker))}" for marker in ("noqa", "type: ignore", "fmt: skip")),
        *("\n    ".join([f"{title}: {len(found)}", *found]) for title, found in listed.items()),
    ]
    return "\n".join(lines)


def unpack(revision: str, folder: Path) -> House:
    command = ["git", "archive", "--format=zip", revision]
    packed = subprocess.run(command, cwd=HERE.root, check=True, capture_output=True)
    with zipfile.ZipFile(io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder)
    return House(folder)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.meta.measure", description="Measure the code from its text.")
    parser.add_argument("folder", nargs="?", type=Path, default=HERE.root, help="the checkout (default: this one)")
    parser.add_argument("--rev", help="a revision of git that is measured first, for comparison")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.rev:
            print(f"== {options.rev}\n{report(unpack(options.rev, Path(folder)))}\n\n== now")  # noqa: T201  # its answer
        print(report(House(options.folder.resolve())))  # noqa: T201  # its answer


if __name__ == "__main__":
    main()
