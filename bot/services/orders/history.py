"""The history of images: its pages, one job by any of its numbers, and images that a member is still to be told of."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.domain.errors import BrokenImage, CannotFit, FilesUnavailable, NotYours, SearchLost
from bot.domain.history import Cursor, HistoryPage, Item, Search, Turn, may_see, read_job
from bot.domain.job import Job, Picture
from bot.domain.recipe import AttachedVideo, Recipe, name_of
from bot.media.fit import Fitter
from bot.services.jobs.delivery import as_picture
from bot.storage.engine.store import Store
from bot.storage.files.base import Files
from bot.storage.orders import history, jobs

log = logging.getLogger(__name__)

RECENT_ORDERS = 100  # recent videos are looked for in so many orders
PAGE_ITEMS = 4  # so many fit a phone, and their thumbnails are made in a second


class History:
    """The use cases of the history. `clock` gives Unix milliseconds."""

    def __init__(self, store: Store, *, images: Files, fitter: Fitter, clock: Callable[[], int]) -> None:
        self._store = store
        self._images = images
        self._fitter = fitter
        self._clock = clock

    def now(self) -> int:
        return self._clock()

    async def begin(self, search_id: str, search: Search) -> HistoryPage:
        """Return the first page, and keep the search under this id, so that its pages turn after a restart."""
        await self._store.run(history.keep_search(search_id, search, now=self._clock()))
        return await self._store.read(history.page(search, limit=PAGE_ITEMS))

    async def search(self, search_id: str, *, asker_id: int) -> Search:
        """Return the search that was kept. Raises `SearchLost` and `NotYours`."""
        search = await self._store.read(history.get_search(search_id))
        if search is None:
            raise SearchLost
        if search.asker_id != asker_id:
            raise NotYours
        return search

    async def turn(self, search: Search, turn: Turn, beside: Cursor) -> HistoryPage:
        return await self._store.read(history.page(search, turn=turn, beside=beside, limit=PAGE_ITEMS))

    async def find(self, text: str) -> Job | None:
        """Find a job by an id, a message's link or a file's name. The caller decides whether the asker may know of it.

        Raises `JobUnknown` where the text has no number in it.
        """
        return await self._store.read(history.find(read_job(text)))

    async def job(self, job_id: str) -> Job | None:
        return await self._store.read(jobs.get(job_id))

    async def place(self, job: Job) -> int:
        """Return the job's place in the line, counted from 1."""
        return (await self._store.read(jobs.line())).get(job.id, 1)

    async def has_file(self, job: Job) -> bool:
        """Say whether the image is still kept. Raises `FilesUnavailable`."""
        return job.image is not None and await self._images.has(job.image.name)

    async def picture(self, job: Job, *, limit_bytes: int) -> Picture | None:
        """Return the image, fitted to what Discord takes here, or None where it is not kept. Raises `FilesUnavailable`.

        The caller checks who may see it.
        """
        data = await self._images.read(job.image.name) if job.image else None
        if data is None:
            return None
        try:
            return as_picture(await self._fitter.fit(data, limit_bytes=limit_bytes))
        except (BrokenImage, CannotFit) as error:
            log.warning("job %s: its image can't be shown again: %s", job.id, error)
            return None

    async def thumbnails(self, page: HistoryPage, *, asker_id: int, unsafe_too: bool) -> dict[str, bytes]:
        """Return small JPEGs by job id, of those images that the asker may see and that are still kept."""
        found: dict[str, bytes] = {}
        for item in page.items:
            thumbnail = await self._thumbnail(item, asker_id=asker_id, unsafe_too=unsafe_too)
            if thumbnail is not None:
                found[item.job.id] = thumbnail
        return found

    async def _thumbnail(self, item: Item, *, asker_id: int, unsafe_too: bool) -> bytes | None:
        job = item.job
        if not may_see(job, asker_id=asker_id) or (job.image and job.image.unsafe and not unsafe_too):
            return None
        try:
            data = await self._images.read(job.image.name) if job.image else None
            return (await self._fitter.thumbnail(data)).data if data else None
        except BrokenImage:
            return None
        except FilesUnavailable as error:  # a page without its pictures is better than no page
            log.warning("job %s: its image can't be read: %s", job.id, error)
            return None

    async def owes_note(self, *, guild_id: int, member_id: int) -> bool:
        """Say whether an image of the member waits to be shown, or was kept and not told of."""
        return await self._store.read(history.owes_note(guild_id=guild_id, member_id=member_id))

    async def claim_notes(self, *, guild_id: int, member_id: int) -> list[Job]:
        """Return the member's images that could not be shown anywhere, to tell the member. Each is returned once."""
        return await self._store.run(history.claim_notes(guild_id=guild_id, member_id=member_id))

    async def owe_notes(self, untold: list[Job]) -> None:
        for job in untold:
            await self._store.run(history.owe_note(job.id))

    async def recent_videos(self, member_id: int) -> list[Recipe]:
        """Return the member's last order of each video that has a link, newest first."""
        found: dict[str, Recipe] = {}
        for recipe in await self._store.read(history.last_recipes(member_id, limit=RECENT_ORDERS)):
            if recipe.clip and not isinstance(recipe.clip.video, AttachedVideo):
                found.setdefault(name_of(recipe.clip.video), recipe)
        return list(found.values())
