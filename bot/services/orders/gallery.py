"""The favourites of members, and the channel in which a server shows images that were starred."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.errors import ImageGone, NotYours
from bot.domain.history import may_read, may_see
from bot.domain.job import Job, JobState
from bot.storage.engine.store import Store
from bot.storage.orders import gallery, jobs


@dataclass(frozen=True, slots=True)
class Starred:
    """The answer to a star. `now` is False where the star was taken away; the member has `count` favourites here."""

    job: Job
    now: bool
    count: int


@dataclass(frozen=True, slots=True)
class Showing:
    """An image that is about to be shown. `look_first`: an earlier attempt was cut off, and may have arrived."""

    channel_id: int
    look_first: bool


class Gallery:
    """The use cases of stars and of the server's gallery. `clock` gives Unix milliseconds."""

    def __init__(self, store: Store, *, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    async def star(self, job_id: str, *, guild_id: int, member_id: int) -> Starred:
        """Star the image, or take the member's star away.

        Raises `ImageGone`, and `NotYours` for another member's private image that was shared.
        """
        job = await self._store.read(jobs.get(job_id))
        if job is None or job.wallet.guild_id != guild_id:
            raise ImageGone
        if not may_read(job, asker_id=member_id):
            raise NotYours
        if not may_see(job, asker_id=member_id):
            raise ImageGone
        now = await self._store.run(gallery.toggle(job_id, member_id=member_id, now=self._clock()))
        count = await self._store.read(gallery.count(guild_id=guild_id, member_id=member_id))
        return Starred(job, now, count)

    async def begin(self, job: Job, channel_id: int) -> Showing | None:
        """Write down that the image is about to be shown. Returns None where it is shown already, or never may be."""
        if job.private or job.deleted or job.state is not JobState.DELIVERED:
            return None
        begun = await self._store.run(gallery.begin(job.id, channel_id=channel_id, now=self._clock()))
        return Showing(*begun) if begun else None

    async def finish(self, job_id: str, message_id: int) -> None:
        await self._store.run(gallery.finish(job_id, message_id))

    async def take_back(self, job_id: str) -> None:
        """Forget the attempt, because nothing was sent or Discord certainly did not take it."""
        await self._store.run(gallery.take_back(job_id))
