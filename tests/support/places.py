"""Empty databases to be filled as a whole, of either engine, and what is in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.storage.credits.audit import check_books
from bot.storage.database import open_database, read_once, whole
from bot.storage.engine.migrations import Engine
from bot.storage.engine.store import Store
from bot.storage.files.folder import Folder
from bot.storage.whole.backup import Folders
from bot.storage.whole.database_copy import DatabaseCopy
from bot.storage.whole.rows import Sums, differing
from tests.support import postgres
from tests.support.everything import put_something_everywhere

ENGINES: tuple[Engine, ...] = ("sqlite", "postgres")


@dataclass
class Places:
    folder: Path
    server: Callable[[], postgres.Server]
    made: list[str] = field(default_factory=list)

    async def url(self, engine: Engine) -> str:
        """Of a new place, where nothing is."""
        if engine == "sqlite":
            url = f"sqlite:///{self.folder / f'place{len(self.made)}' / 'stillframe.db'}"
        else:
            url = await self.server().create()
        self.made.append(url)
        return url

    async def drop(self) -> None:
        for url in self.made:
            if not url.startswith("sqlite"):
                await self.server().drop(url)

    async def filled(self, engine: Engine) -> str:
        url = await self.url(engine)
        async with self.opened(url) as store:
            await put_something_everywhere(store)
        return url

    @asynccontextmanager
    async def opened(self, url: str) -> AsyncIterator[Store]:
        async with open_database(url, backups=self.folder / "before") as store:
            yield store

    def whole(self, url: str) -> DatabaseCopy:
        return whole(url, near=self.folder)

    async def sums(self, url: str) -> Sums | None:
        return await self.whole(url).sums()

    async def same(self, one: str, other: str) -> bool:
        """Do both hold something, and each the same?"""
        before, after = await self.sums(one), await self.sums(other)
        return before is not None and after is not None and differing(before, after) == []

    async def back(self, before: str, after: str) -> bool:
        """Is what was backed up there, with nothing else than what a restore doubts?"""
        one, other = await self.sums(before), await self.sums(after)
        return one is not None and other is not None and differing(one, other) == ["job_steps", "jobs", "spending"]

    def folders(self, name: str) -> Folders:
        return {each: Folder(self.folder / name / each) for each in ("images", "clips")}


async def findings(url: str) -> tuple[object, ...]:
    return (await read_once(url, check_books())).findings


def left_in(folder: Path) -> list[str]:
    """All files but the locks, which say nothing."""
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"
    )
