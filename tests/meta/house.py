"""The structure of the code, read from its text: files, imports, definitions. Nothing of it is run."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

OURS = ("bot", "cogs", "sandbox")

_RIDDLE_WORDS = re.compile(r"\b(whoever|somebody|nobody|whom)\b", re.IGNORECASE)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def within(name: str, rooms: Iterable[str]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


@dataclass(frozen=True)
class House:
    """The code of one checkout, which begins at `root`."""

    root: Path

    @cached_property
    def sources(self) -> list[Path]:
        return sorted(path for folder in OURS for path in (self.root / folder).rglob("*.py"))

    @cached_property
    def modules(self) -> frozenset[str]:
        return frozenset(map(self.name_of, self.sources))

    def name_of(self, path: Path) -> str:
        """`bot/domain/job.py` is `bot.domain.job`; a package's `__init__.py` is the package."""
        return ".".join(path.relative_to(self.root).with_suffix("").parts).removesuffix(".__init__")

    def imports_of(self, path: Path) -> Iterator[str]:
        """Every module that the file names in an import, at the top or inside a function."""
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    yield inner if inner in self.modules else node.module

    @cached_property
    def import_graph(self) -> dict[str, set[str]]:
        """From each module of ours to those of ours that it imports."""
        return {
            self.name_of(path): {name for name in self.imports_of(path) if name in self.modules}
            for path in self.sources
        }

    def by_folder(self) -> dict[str, set[str]]:
        """The same graph between folders: a module counts as its folder, and a folder does not import itself."""
        packages = {self.name_of(path) for path in self.sources if path.name == "__init__.py"}

        def folder_of(module: str) -> str:
            return module if module in packages else module.rpartition(".")[0]

        folders: defaultdict[str, set[str]] = defaultdict(set)
        for module, imported in self.import_graph.items():
            here = folder_of(module)
            # An import of a whole folder above or below is one room looking into its own corner.
            folders[here] |= {there for there in map(folder_of, imported) if not within(there, (here,))}
            folders[here] -= {there for there in folders[here] if within(here, (there,))}
        return dict(folders)

    def strangers_of(self, path: Path, may_import: Mapping[str, Iterable[str]]) -> set[str]:
        """The imports of the file that the map does not allow to its room.

        The room is the longest name of the map that fits the module. A package that imports nothing of ours is in no
        room, and fits everywhere.
        """
        module = self.name_of(path)
        ours = {name for name in self.imports_of(path) if name.split(".")[0] in {*OURS, "tests", "bench"}}
        if path.name == "__init__.py" and not ours:
            return set()
        room = max((room for room in may_import if within(module, (room,))), key=len)
        return {name for name in ours if not within(name, may_import[room])}

    @cached_property
    def product(self) -> list[Path]:
        """The files of the bot itself: `bot` and `cogs`, without the sandbox."""
        return [path for path in self.sources if within(self.name_of(path), ("bot", "cogs"))]

    def functions(self) -> dict[str, int]:
        """From each function of the product, `bot.app.assemble`, to its lines, from `def` to the last one.

        A function inside another one counts by itself, and its lines count for the outer one too.
        """
        return {
            name: node.end_lineno - node.lineno + 1
            for path in self.product
            for name, node in definitions_in(tree_of(path), self.name_of(path))
            if isinstance(node, Function) and node.end_lineno
        }

    def classes_named_twice(self) -> dict[str, set[str]]:
        """The public class names of the product that stand at the top of two modules or more, and these modules."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for path in self.product:
            for node in tree_of(path).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].add(self.name_of(path))
        return {name: modules for name, modules in found.items() if len(modules) > 1}

    def riddles(self) -> set[str]:
        """What has a docstring with a word that names no one, where a member or a process could be named."""
        return {
            name
            for path in self.product
            for name, node in [(self.name_of(path), tree_of(path)), *definitions_in(tree_of(path), self.name_of(path))]
            if _RIDDLE_WORDS.search(ast.get_docstring(node) or "")
        }

    def marked(self, marker: str) -> list[str]:
        """Where the comment stands in the product: `bot/app.py:12`."""
        return [
            f"{path.relative_to(self.root)}:{number}"
            for path in self.product
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if re.search(rf"#\s*{marker}\b", line)
        ]


def definitions_in(node: ast.AST, name: str) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Each function and class below the node, by its full name; `name` is that of the node."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            yield f"{name}.{child.name}", child
            yield from definitions_in(child, f"{name}.{child.name}")
        else:
            yield from definitions_in(child, name)


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


HERE = House(Path(__file__).parents[2])
