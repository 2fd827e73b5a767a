"""The architecture is a test: who may import whom, and what must not be written."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.meta.house import HERE, circles, tree_of, within

# The map of the house, from the roof to the ground. Each room, and the rooms of ours that it may look into: those below
# it. The longest name that fits a module is its room. What stands beside a room in `bot/` but is not named is not seen.
TEXT = ("bot.text",)
SHOWN = (
    *(f"bot.discord.{each}" for each in ("acts", "cards", "channels", "client", "kept_forms", "media")),
    *TEXT,
)
MAY_IMPORT = {
    # The roof: how a process starts.
    "bot.__main__": ("bot.cli",),
    "bot.cli": ("bot", "sandbox"),  # the sandbox only inside the commands that ask for it: its own test below
    "bot.cli.process": ("bot.cli.exits", "bot.app", "bot.settings", "bot.status", "bot.telemetry", "sandbox"),
    # The stage for the demo and the play page: the real bot between a simulated Discord and a stand-in supplier.
    "sandbox.play": ("sandbox.play", "sandbox.stage", "sandbox.latency", "sandbox.clip", "sandbox.frames"),
    "sandbox.demo": ("sandbox", "bot.storage"),
    "sandbox.stage": ("sandbox", "bot.app", "bot.settings"),
    "sandbox": ("sandbox",),
    "bot.app": ("bot", "cogs"),  # the composition root
    # The command line's own rooms see no Discord and no services.
    "bot.cli.backup": ("bot.cli.output", "bot.settings", "bot.storage", "bot.domain"),
    "bot.cli.bill_comparison": ("bot.providers", "bot.storage", "bot.domain"),
    "bot.cli.doctor": (
        "bot.cli.typos",
        "bot.cli.models",
        "bot.settings",
        "bot.providers",
        "bot.media",
        "bot.storage",
        "bot.domain",
    ),
    "bot.cli.healthcheck": ("bot.settings",),
    "bot.cli.ledger": ("bot.cli.output", "bot.settings", "bot.storage", "bot.domain"),
    "bot.cli.server": ("bot.cli.output", "bot.settings", "bot.storage", "bot.domain"),
    "bot.cli.output": ("bot.text", "bot.domain"),
    "bot.cli.quote": ("bot.settings", "bot.text", "bot.media", "bot.domain"),
    "bot.cli.reconcile": ("bot.cli", "bot.settings", "bot.providers", "bot.media", "bot.storage", "bot.domain"),
    "bot.cli.exits": ("bot.cli.typos", "bot.settings", "bot.domain"),
    "bot.cli.typos": ("bot.settings",),
    # Discord's commands and buttons, one room a feature. They order by `cogs.orders` and share `cogs.shared`.
    "cogs.setup": ("cogs.setup", "cogs.policy", "cogs.orders", "cogs.shared", "bot.services", "bot.domain", *SHOWN),
    "cogs.results": ("cogs.results", "cogs.policy", "cogs.orders", "cogs.shared", "bot.services", "bot.domain", *SHOWN),
    "cogs.policy": ("cogs.policy", "cogs.orders", "cogs.shared", "bot.services", "bot.domain", *SHOWN),
    "cogs.bank": ("cogs.bank", "cogs.orders", "cogs.shared", "bot.services", "bot.domain", *SHOWN),
    "cogs.credits": ("cogs.credits", "cogs.orders", "cogs.shared", "bot.services", "bot.domain", *SHOWN),
    "cogs.members": ("cogs.members", "cogs.orders", "cogs.shared", "bot.services", "bot.domain", *SHOWN),
    "cogs.templates": ("cogs.templates", "cogs.orders", "cogs.shared", "bot.services", "bot.domain", *SHOWN),
    "cogs.usage": ("cogs.usage", "cogs.orders", "cogs.shared", "bot.services", "bot.domain", *SHOWN),
    "cogs.orders": ("cogs.orders", "cogs.shared", "bot.services", "bot.domain", *SHOWN),
    "cogs.shared": ("cogs.shared", "bot.services", "bot.domain", *SHOWN),
    # The connection to Discord, what it shows, and the pages for monitors.
    "bot.discord.client": (
        "bot.discord.acts",
        "bot.discord.cards",
        "bot.discord.door",
        "bot.discord.kept_forms",
        "bot.telemetry",
        "bot.services",
        "bot.domain",
        *TEXT,
    ),
    "bot.discord.messenger": (
        "bot.discord.cards",
        "bot.discord.channels",
        "bot.discord.delivery",
        "bot.telemetry.metrics",
        "bot.domain",
        *TEXT,
    ),
    "bot.discord.delivery": (
        "bot.discord.cards",
        "bot.discord.delivery",
        "bot.discord.media",
        "bot.telemetry.metrics",
        "bot.domain",
    ),
    "bot.discord.acts": ("bot.domain", *TEXT),
    "bot.discord.cards": ("bot.discord.cards", "bot.domain", *TEXT),
    "bot.discord.channels": (),
    "bot.discord.door": ("bot.domain",),
    "bot.discord.kept_forms": ("bot.domain",),
    "bot.discord.media": (),
    "bot.status": ("bot.status", "bot.telemetry", "bot.services", "bot.storage", "bot.domain"),
    # Use cases. Maintenance looks after what the others leave behind; jobs know nothing of orders.
    "bot.services.maintenance": ("bot.services", "bot.storage", "bot.providers", "bot.telemetry", "bot.domain"),
    "bot.services.orders": (
        "bot.services.orders",
        "bot.services.credits",
        "bot.services.jobs",
        "bot.services.server",
        "bot.media",
        "bot.storage",
        "bot.telemetry.metrics",
        "bot.domain",
    ),
    "bot.services.credits": ("bot.services.credits", "bot.services.server", "bot.storage", "bot.domain"),
    "bot.services.server": ("bot.services.server", "bot.storage", "bot.domain"),
    "bot.services.jobs": (
        "bot.services.jobs",
        "bot.services.processes",
        "bot.providers",
        "bot.media",
        "bot.storage",
        "bot.telemetry",
        "bot.domain",
    ),
    "bot.services.processes": ("bot.services.processes", "bot.storage", "bot.domain"),
    # What remembers.
    "bot.storage.database": ("bot.storage", "bot.domain"),
    "bot.storage.whole": ("bot.storage", "bot.domain"),
    "bot.storage.privacy": ("bot.storage.privacy", "bot.storage.orders", "bot.storage.engine", "bot.domain"),
    "bot.storage.orders": (
        "bot.storage.orders",
        "bot.storage.credits",
        "bot.storage.server",
        "bot.storage.processes",
        "bot.storage.engine",
        "bot.domain",
    ),
    "bot.storage.credits": ("bot.storage.credits", "bot.storage.server", "bot.storage.engine", "bot.domain"),
    "bot.storage.server": ("bot.storage.server", "bot.storage.engine", "bot.domain"),
    "bot.storage.processes": ("bot.storage.processes", "bot.storage.engine", "bot.domain"),
    "bot.storage.files.open_files": ("bot.settings", "bot.storage.files", "bot.domain"),
    "bot.storage.files": ("bot.storage.files", "bot.domain"),
    "bot.storage.engine": ("bot.storage.engine", "bot.storage.migrations", "bot.domain"),
    # The edges: the image API, strangers' links and files.
    "bot.providers": ("bot.providers", "bot.media.fetch", "bot.telemetry.metrics", "bot.domain"),
    "bot.media": ("bot.media", "bot.domain"),
    # What watches the process, and the words that people read.
    "bot.telemetry": ("bot.telemetry", "bot.version", "bot.domain"),
    "bot.text.refusals": ("bot.text", "bot.domain"),
    "bot.text.builtin_templates": ("bot.text.i18n", "bot.domain"),
    "bot.text.command_translator": ("bot.text.i18n",),
    "bot.text.units": ("bot.text.i18n", "bot.domain"),
    "bot.text.escape": (),
    "bot.text.i18n": (),
    # The ground: settings, values and rules, which know nothing of all that.
    "bot.settings": ("bot.domain",),
    "bot.version": (),
    "bot.domain": ("bot.domain",),
}

# Libraries that only some rooms may touch: foreign names stop at their edge.
ONLY_IN = {
    "httpx": ("bot.providers", "bot.media.fetch"),
    "httpcore": ("bot.providers", "bot.media.fetch"),
    "aiosqlite": ("bot.storage.engine.sqlite",),
    "sqlite3": ("bot.storage.engine.sqlite", "bot.storage.engine.sqlite_file", "bot.storage.whole.sqlite_copy"),
    "asyncpg": (
        "bot.storage.engine.postgres",
        "bot.storage.engine.postgres_runner",
        "bot.storage.whole.postgres_copy",
    ),
    "obstore": ("bot.storage.files.s3",),
    "discord": (
        "cogs",
        "bot.discord",
        "bot.text.command_translator",
        "bot.cli",
        "bot.app",
        "sandbox.stage",
        "sandbox.play",
    ),
    "simcord": ("sandbox.stage", "sandbox.demo", "sandbox.play"),
    "av": ("sandbox",),
    "typer": ("bot.cli.exits", "bot.cli.main", "bot.cli.process"),
    "structlog": ("bot.telemetry",),
    "prometheus_client": ("bot.telemetry.metrics",),
    "sentry_sdk": ("bot.telemetry.sentry",),
    "babel": ("bot.text.i18n",),
    "matplotlib": ("cogs.usage.charts",),
}

# How many modules may lie loose in a folder, beside its rooms and its `__init__.py`.
LOOSE_AT_MOST = {"bot": 4, "cogs": 1, "bot/services": 4, "bot/storage": 4}


@pytest.mark.parametrize("path", HERE.sources, ids=HERE.name_of)
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    assert HERE.strangers_of(path, MAY_IMPORT) == set()


def test_no_module_and_no_folder_imports_itself_by_a_detour() -> None:
    assert circles(HERE.import_graph) == []
    assert circles(HERE.by_folder()) == []


def test_no_room_may_look_into_one_that_stands_above_it() -> None:
    """The map is written from the roof to the ground, so that a newcomer can read it from either end."""
    order = list(MAY_IMPORT)
    upwards = [
        f"{room} -> {seen}"
        for room, rooms in MAY_IMPORT.items()
        for seen in rooms
        if seen in MAY_IMPORT and seen != room and not within(room, (seen,)) and order.index(seen) < order.index(room)
    ]
    assert upwards == []


@pytest.mark.parametrize("folder", LOOSE_AT_MOST)
def test_few_modules_lie_loose_beside_the_rooms(folder: str) -> None:
    loose = sorted(path.name for path in (HERE.root / folder).glob("*.py") if path.name != "__init__.py")
    assert len(loose) <= LOOSE_AT_MOST[folder], loose


@pytest.mark.parametrize("path", HERE.sources, ids=HERE.name_of)
def test_a_library_is_touched_only_where_its_edge_is(path: Path) -> None:
    module = HERE.name_of(path)
    touched = {name.split(".")[0] for name in HERE.imports_of(path)}
    assert {library for library in touched if library in ONLY_IN and not within(module, ONLY_IN[library])} == set()


def test_the_sandbox_is_imported_by_the_command_line_only_when_it_is_asked_for() -> None:
    trees = [tree_of(path) for path in (HERE.root / "bot/cli").glob("*.py")]
    at_the_top = {node.module for tree in trees for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not any(module and module.startswith("sandbox") for module in at_the_top)


@pytest.mark.parametrize("path", HERE.sources, ids=HERE.name_of)
def test_importing_a_module_does_nothing(path: Path) -> None:
    """At the top of a module stand definitions, constants and type names: no call that opens, starts or prints."""
    tree = tree_of(path)
    loose = [node for node in tree.body if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)]
    allowed = {"bot.cli.main": 3}  # its command tree
    assert len(loose) <= allowed.get(HERE.name_of(path), 0)


def test_no_statement_walks_around_the_triggers() -> None:
    pattern = re.compile(r"\bOR\s+(REPLACE|IGNORE)\b|^\s*REPLACE\s+INTO", re.IGNORECASE | re.MULTILINE)
    sources = [*(HERE.root / "bot").rglob("*.py"), *(HERE.root / "bot").rglob("*.sql")]
    found = [
        f"{path.name}: {line.strip()}"
        for path in sources
        for line in path.read_text(encoding="utf-8").splitlines()
        if pattern.search(line) and not line.strip().startswith(("--", "#"))
    ]
    assert found == []


def test_every_exception_to_a_lint_rule_gives_its_reason() -> None:
    marker = re.compile(r"#\s*(noqa(?!: [A-Z]+\d+)|noqa: [A-Z0-9, ]+$|type: ignore(?!\[)|type: ignore\[[\w, -]+\]\s*$)")
    checked = [*HERE.sources, *(HERE.root / "tests").rglob("*.py"), *(HERE.root / "bench").rglob("*.py")]
    bare = [
        f"{path.relative_to(HERE.root)}:{number}"
        for path in checked
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marker.search(line)
    ]
    assert bare == []


def test_mocks_of_the_standard_library_are_not_used() -> None:
    """Tests go through seams: a transport, a clock, a real file, a stand-in over HTTP."""
    users = [
        path.name
        for path in (HERE.root / "tests").rglob("*.py")
        if any("mock" in name for name in HERE.imports_of(path))
    ]
    assert users == []


def test_lock_files_name_no_index_and_pin_every_package_by_hash() -> None:
    for lock in HERE.root.glob("requirements*.lock"):
        text = lock.read_text()
        assert "://" not in "\n".join(line for line in text.splitlines() if not line.strip().startswith("#"))
        assert "index-url" not in text
        pins = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==", text, re.MULTILINE)
        assert len(pins) > 20
        assert text.count("--hash=sha256:") >= len(pins)
