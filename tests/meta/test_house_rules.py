"""The architecture is a test: who may import whom, and what must not be written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted(path for folder in ("bot", "cogs", "sandbox") for path in (ROOT / folder).rglob("*.py"))

# Each room, and the rooms of ours that it may look into. Longest name first wins.
MAY_IMPORT = {
    "bot.domain": ("bot.domain",),
    "bot.providers": ("bot.providers", "bot.domain"),
    "bot.media": ("bot.media", "bot.domain"),
    "bot.storage": ("bot.storage", "bot.domain"),
    "bot.services": ("bot.services", "bot.providers", "bot.media", "bot.storage", "bot.domain", "bot.log_fields"),
    "bot.i18n": (),
    "bot.echo": (),
    "bot.builtin_templates": ("bot.i18n", "bot.domain"),
    "bot.measures": ("bot.i18n", "bot.domain"),
    "bot.replies": ("bot.replies", "bot.echo", "bot.measures", "bot.i18n", "bot.domain"),
    "bot.charts": ("bot.i18n",),
    "bot.cards": ("bot.cards", "bot.charts", "bot.replies", "bot.i18n", "bot.domain"),
    "bot.translator": ("bot.i18n",),
    "bot.channels": (),
    "bot.courier": ("bot.cards", "bot.i18n", "bot.domain", "bot.channels"),
    "bot.hearing": ("bot.domain",),
    "bot.client": (
        "bot.hearing",
        "bot.log_fields",
        "bot.cards",
        "bot.replies",
        "bot.translator",
        "bot.i18n",
        "bot.services",
        "bot.domain",
    ),
    "cogs": (
        "cogs",
        "bot.channels",
        "bot.client",
        "bot.cards",
        "bot.charts",
        "bot.replies",
        "bot.translator",
        "bot.i18n",
        "bot.services",
        "bot.domain",
    ),
    "bot.settings": ("bot.domain",),
    "bot.misspelt": ("bot.settings",),
    "bot.keeping": ("bot.settings", "bot.storage", "bot.domain"),
    "bot.version": (),
    "bot.redaction": (),
    "bot.log_fields": (),
    "bot.logs": ("bot.redaction",),
    "bot.sentry": ("bot.redaction", "bot.log_fields", "bot.version"),
    "bot.metrics": ("bot.version", "bot.domain"),
    "bot.pages": (),
    "bot.seeing": ("bot.pages", "bot.metrics", "bot.services", "bot.storage", "bot.domain"),
    "bot.healthcheck": ("bot.settings",),
    "bot.quotes": ("bot.settings", "bot.replies", "bot.media", "bot.domain"),
    "bot.doctor": (
        "bot.misspelt",
        "bot.settings",
        "bot.keeping",
        "bot.providers",
        "bot.media",
        "bot.storage",
        "bot.domain",
    ),
    "bot.terminal": ("bot.replies", "bot.domain"),
    "bot.backup_cli": ("bot.terminal", "bot.settings", "bot.keeping", "bot.storage", "bot.domain"),
    "bot.ledger_cli": ("bot.terminal", "bot.settings", "bot.storage", "bot.domain"),
    "bot.bill": ("bot.providers", "bot.storage", "bot.domain"),
    "bot.reconcile": ("bot.bill", "bot.terminal", "bot.settings", "bot.providers", "bot.media", "bot.storage"),
    "bot.app": ("bot", "cogs"),
    "bot.cli": ("bot", "sandbox"),  # the sandbox only inside the commands that ask for it: its own test below
    "bot.__main__": ("bot.cli",),
    "sandbox.stage": ("sandbox", "bot.app", "bot.settings"),
    "sandbox.demo": ("sandbox", "bot.storage"),
    "sandbox": ("sandbox",),
}

# Libraries that only some rooms may touch: foreign names stop at their edge.
ONLY_IN = {
    "httpx": ("bot.providers", "bot.media.fetch"),
    "httpcore": ("bot.providers", "bot.media.fetch"),
    "aiosqlite": ("bot.storage.sqlite",),
    "sqlite3": ("bot.storage.sqlite", "bot.storage.sqlite_file", "bot.storage.sqlite_whole"),
    "asyncpg": ("bot.storage.postgres", "bot.storage.performance", "bot.storage.postgres_whole"),
    "obstore": ("bot.storage.s3",),
    "discord": (
        "cogs",
        "bot.channels",
        "bot.client",
        "bot.courier",
        "bot.cards",
        "bot.translator",
        "bot.doctor",
        "bot.app",
        "bot.cli",
        "sandbox.stage",
    ),
    "simcord": ("sandbox.stage", "sandbox.demo"),
    "av": ("sandbox",),
    "typer": ("bot.cli",),
    "structlog": ("bot.logs", "bot.log_fields"),
    "prometheus_client": ("bot.metrics",),
    "sentry_sdk": ("bot.sentry",),
    "babel": ("bot.i18n",),
    "matplotlib": ("bot.charts",),
}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (
                f"{node.module}.{alias.name}" if node.module in {"bot", "cogs", "sandbox"} else node.module
                for alias in node.names
            )


def within(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def room_of(module: str) -> str:
    return max((room for room in MAY_IMPORT if within(module, (room,))), key=len)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    module = name_of(path)
    if module in {"bot", "cogs", "sandbox"}:
        assert not path.read_text().strip()
        return
    ours = {name for name in imports_of(path) if name.split(".")[0] in {"bot", "cogs", "sandbox", "tests", "bench"}}
    strangers = {name for name in ours if not within(name, MAY_IMPORT[room_of(module)])}
    assert strangers == set()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_library_is_touched_only_where_its_edge_is(path: Path) -> None:
    module = name_of(path)
    touched = {name.split(".")[0] for name in imports_of(path)}
    assert {library for library in touched if library in ONLY_IN and not within(module, ONLY_IN[library])} == set()


def test_the_sandbox_is_imported_by_the_command_line_only_when_it_is_asked_for() -> None:
    tree = ast.parse((ROOT / "bot/cli.py").read_text())
    at_the_top = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not any(module and module.startswith("sandbox") for module in at_the_top)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_importing_a_module_does_nothing(path: Path) -> None:
    """At the top of a module stand definitions, constants and type names: no call that opens, starts or prints."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    loose = [node for node in tree.body if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)]
    allowed = {"bot.cli": 1}  # its command tree
    assert len(loose) <= allowed.get(name_of(path), 0)


def test_no_statement_walks_around_the_triggers() -> None:
    pattern = re.compile(r"\bOR\s+(REPLACE|IGNORE)\b|^\s*REPLACE\s+INTO", re.IGNORECASE | re.MULTILINE)
    sources = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "bot").rglob("*.sql")]
    found = [
        f"{path.name}: {line.strip()}"
        for path in sources
        for line in path.read_text(encoding="utf-8").splitlines()
        if pattern.search(line) and not line.strip().startswith(("--", "#"))
    ]
    assert found == []


def test_every_exception_to_a_lint_rule_gives_its_reason() -> None:
    marker = re.compile(r"#\s*(noqa(?!: [A-Z]+\d+)|noqa: [A-Z0-9, ]+$|type: ignore(?!\[)|type: ignore\[[\w, -]+\]\s*$)")
    checked = [*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in checked
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marker.search(line)
    ]
    assert bare == []


def test_mocks_of_the_standard_library_are_not_used() -> None:
    """Tests go through seams: a transport, a clock, a real file, a stand-in over HTTP."""
    users = [path.name for path in (ROOT / "tests").rglob("*.py") if any("mock" in name for name in imports_of(path))]
    assert users == []


def test_lock_files_name_no_index_and_pin_every_package_by_hash() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "://" not in "\n".join(line for line in text.splitlines() if not line.strip().startswith("#"))
        assert "index-url" not in text
        pins = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==", text, re.MULTILINE)
        assert len(pins) > 20
        assert text.count("--hash=sha256:") >= len(pins)
