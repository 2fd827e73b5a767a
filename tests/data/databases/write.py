"""Dumps a database of the present code, of both engines: `python -m tests.data.databases.write COMMIT`.

Run it once for each migration, before the next one is written. From then on, tests migrate these databases. It needs
`pg_dump` beside PostgreSQL's other programs. COMMIT is the commit that is named in the files.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bot.storage.engine.migrations import migrations_of
from bot.storage.engine.postgres import open_postgres
from bot.storage.engine.sqlite import open_sqlite
from bot.storage.whole.rows import SEARCH_INDEX
from tests.support import postgres
from tests.support.everything import put_something_everywhere

HERE = Path(__file__).parent
SAID = (
    "-- A database as the code of migration {number:04} left it: something in every table, an open job in each state.\n"
)
PG_DUMP_OPTIONS = ("--inserts", "--no-owner", "--no-privileges", "--no-comments")
MADE = "-- Made by tests/data/databases/write.py at commit {commit}{how}.\n"


def main(commit: str) -> None:
    number = migrations_of("sqlite")[-1].number
    head = SAID.format(number=number)
    text = asyncio.run(of_sqlite())
    (HERE / f"{number:04}.sql").write_text(head + MADE.format(commit=commit, how="") + text, encoding="utf-8")
    with postgres.a_server() as server:
        text = asyncio.run(of_postgres(server))
    how = ", with pg_dump --inserts"
    (HERE / "postgres" / f"{number:04}.sql").write_text(
        head + MADE.format(commit=commit, how=how) + text, encoding="utf-8"
    )


async def of_sqlite() -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.db"
        async with open_sqlite(file) as store:
            await put_something_everywhere(store)
        return dump(file)


def dump(file: Path) -> str:
    """SQLite can't list what is in the index of words, so its own tables behind it are listed."""
    with closing(sqlite3.connect(file)) as db:
        made = db.execute("SELECT sql FROM sqlite_master WHERE name = 'job_words'").fetchone()[0]
        behind = [line for name in SEARCH_INDEX[1:] for line in _rows(db, name)]
        db.execute("DROP TABLE job_words")
        return "\n".join([*db.iterdump(), f"{made};", *behind]) + "\n"


def _rows(db: sqlite3.Connection, table: str) -> Iterator[str]:
    columns = [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")]
    quoted = ", ".join(f"quote({name})" for name in columns)
    yield f"DELETE FROM {table};"  # noqa: S608  # our own names
    for row in db.execute(f"SELECT {quoted} FROM {table}"):  # noqa: S608  # our own names
        yield f"INSERT INTO {table} VALUES ({', '.join(row)});"  # noqa: S608  # as above


async def of_postgres(server: postgres.Server) -> str:
    url = await server.create()
    async with open_postgres(url) as store:
        await put_something_everywhere(store)
    dumping = await asyncio.create_subprocess_exec(
        server.bin / "pg_dump", *PG_DUMP_OPTIONS, url, stdout=subprocess.PIPE
    )
    dumped, _ = await dumping.communicate()
    if dumping.returncode:
        raise RuntimeError("pg_dump failed")
    # Lines that begin with a backslash are for psql alone; the comments name each object, and would double the file.
    lines = [line for line in dumped.decode().splitlines() if line and not line.startswith(("\\", "--"))]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1])
