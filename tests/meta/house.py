"""The structure of the code, read from its text: files, imports, definitions. Nothing of it is run."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("bot", "cogs", "sandbox")
SOURCES = sorted(path for folder in OURS for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    """`bot/domain/job.py` is `bot.domain.job`; a package's `__init__.py` is the package."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = frozenset(map(name_of, SOURCES))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> Iterator[str]:
    """Every module that the file names in an import, at the top or inside a function."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


def within(name: str, rooms: Iterable[str]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def import_graph() -> dict[str, set[str]]:
    """From each module of ours to those of ours that it imports."""
    return {name_of(path): {name for name in imports_of(path) if name in MODULES} for path in SOURCES}


def by_folder(graph: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """The same graph between folders: a module counts as its folder, and a folder does not import itself."""
    packages = {name_of(path) for path in SOURCES if path.name == "__init__.py"}

    def folder_of(module: str) -> str:
        return module if module in packages else module.rpartition(".")[0]

    folders: defaultdict[str, set[str]] = defaultdict(set)
    for module, imported in graph.items():
        here = folder_of(module)
        # An import of a whole folder above or below is one room looking into its own corner.
        folders[here] |= {there for there in map(folder_of, imported) if not within(there, (here,))}
        folders[here] -= {there for there in folders[here] if within(here, (there,))}
    return dict(folders)


def circles(graph: Mapping[str, Iterable[str]]) -> list[set[str]]:
    """Groups of nodes that reach each other (Tarjan's strongly connected components of more than one node)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = set(stack[stack.index(node) :])
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(group)

    for node in graph:
        if node not in index:
            visit(node)
    return found
