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
    "bot.services": (
        "bot.services",
        "bot.providers",
        "bot.media",
        "bot.storage",
        "bot.domain",
        "bot.telemetry.log_context",
    ),
    "bot.text.i18n": (),
    "bot.text.escape": (),
    "bot.text.builtin_templates": ("bot.text.i18n", "bot.domain"),
    "bot.text.units": ("bot.text.i18n", "bot.domain"),
    "bot.text.refusals": ("bot.text.refusals", "bot.text.escape", "bot.text.units", "bot.text.i18n", "bot.domain"),
    "cogs.usage.charts": ("bot.text.i18n",),
    "bot.discord.cards": ("bot.discord.cards", "cogs.usage.charts", "bot.text.refusals", "bot.text.i18n", "bot.domain"),
    "bot.text.command_translator": ("bot.text.i18n",),
    "bot.discord.channels": (),
    "bot.discord.messenger": ("bot.discord.cards", "bot.text.i18n", "bot.domain", "bot.discord.channels"),
    "bot.telemetry.discord_trace": ("bot.domain",),
    "bot.discord.client": (
        "bot.telemetry.discord_trace",
        "bot.telemetry.log_context",
        "bot.discord.cards",
        "bot.text.refusals",
        "bot.text.command_translator",
        "bot.text.i18n",
        "bot.services",
        "bot.domain",
    ),
    "cogs": (
        "cogs",
        "bot.discord.channels",
        "bot.discord.client",
        "bot.discord.cards",
        "cogs.usage.charts",
        "bot.text.refusals",
        "bot.text.command_translator",
        "bot.text.i18n",
        "bot.services",
        "bot.domain",
    ),
    "bot.settings": ("bot.domain",),
    "bot.cli.typos": ("bot.settings",),
    "bot.storage.files.open_files": ("bot.settings", "bot.storage", "bot.domain"),
    "bot.version": (),
    "bot.telemetry.redaction": (),
    "bot.telemetry.log_context": (),
    "bot.telemetry.logs": ("bot.telemetry.redaction",),
    "bot.telemetry.sentry": ("bot.telemetry.redaction", "bot.telemetry.log_context", "bot.version"),
    "bot.telemetry.metrics": ("bot.version", "bot.domain"),
    "bot.status.http_server": (),
    "bot.status.endpoints": (
        "bot.status.http_server",
        "bot.telemetry.metrics",
        "bot.services",
        "bot.storage",
        "bot.domain",
    ),
    "bot.cli.healthcheck": ("bot.settings",),
    "bot.cli.quote": ("bot.settings", "bot.text.refusals", "bot.media", "bot.domain"),
    "bot.cli.doctor": (
        "bot.cli.typos",
        "bot.settings",
        "bot.storage.files.open_files",
        "bot.providers",
        "bot.media",
        "bot.storage",
        "bot.domain",
    ),
    "bot.cli.output": ("bot.text.refusals", "bot.domain"),
    "bot.cli.backup": ("bot.cli.output", "bot.settings", "bot.storage.files.open_files", "bot.storage", "bot.domain"),
    "bot.cli.ledger": ("bot.cli.output", "bot.settings", "bot.storage", "bot.domain"),
    "bot.cli.bill_comparison": ("bot.providers", "bot.storage", "bot.domain"),
    "bot.cli.reconcile": (
        "bot.cli.bill_comparison",
        "bot.cli.output",
        "bot.settings",
        "bot.providers",
        "bot.media",
        "bot.storage",
    ),
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
    "aiosqlite": ("bot.storage.engine.sqlite",),
    "sqlite3": ("bot.storage.engine.sqlite", "bot.storage.engine.sqlite_file", "bot.storage.whole.sqlite_copy"),
    "asyncpg": ("bot.storage.engine.postgres", "bot.storage.engine.postgres_runner", "bot.storage.whole.postgres_copy"),
    "obstore": ("bot.storage.files.s3",),
    "discord": (
        "cogs",
        "bot.discord.channels",
        "bot.discord.client",
        "bot.discord.messenger",
        "bot.discord.cards",
        "bot.text.command_translator",
        "bot.cli.doctor",
        "bot.app",
        "bot.cli",
        "sandbox.stage",
    ),
    "simcord": ("sandbox.stage", "sandbox.demo"),
    "av": ("sandbox",),
    "typer": ("bot.cli",),
    "structlog": ("bot.telemetry.logs", "bot.telemetry.log_context"),
    "prometheus_client": ("bot.telemetry.metrics",),
    "sentry_sdk": ("bot.telemetry.sentry",),
    "babel": ("bot.text.i18n",),
    "matplotlib": ("cogs.usage.charts",),
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
    tree = ast.parse((ROOT / "bot/cli/main.py").read_text())
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
