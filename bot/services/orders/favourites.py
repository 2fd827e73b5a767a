"""The favourites of members."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.errors import ImageGone, NotYours
from bot.domain.history import may_read, may_see
from bot.domain.job import Job
from bot.storage.engine.store import Store
from bot.storage.orders import favourites, jobs


@dataclass(frozen=True, slots=True)
class Starred:
    """The answer to a star. `now` is False where the star was taken away; the member has `count` favourites here."""

    job: Job
    now: bool
    count: int


class Favourites:
    """The use cases of stars. `clock` gives Unix milliseconds."""

    def __init__(self, store: Store, *, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    async def star(self, job_id: str, *, guild_id: int, member_id: int) -> Starred:
        """Star the image, or take the member's star away.

        Raises `ImageGone`, and `NotYours` for another member's private image.
        """
        job = await self._store.read(jobs.get(job_id))
        if job is None or job.wallet.guild_id != guild_id:
            raise ImageGone
        if not may_read(job, asker_id=member_id):
            raise NotYours
        if not may_see(job, asker_id=member_id):
            raise ImageGone
        now = await self._store.run(favourites.toggle(job_id, member_id=member_id, now=self._clock()))
        count = await self._store.read(favourites.count(guild_id=guild_id, member_id=member_id))
        return Starred(job, now, count)
