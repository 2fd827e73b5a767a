"""Taking down all images of one member in a server, page by page, so that no other work waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from bot.domain.showing import Showing
from bot.domain.takedown import Found, Window
from bot.services.jobs.showings import Showings
from bot.storage.engine.store import Store
from bot.storage.files.base import Files
from bot.storage.orders import results

PAGE = 10  # images


class Takedowns:
    """`clock` gives Unix milliseconds."""

    def __init__(self, store: Store, showings: Showings, *, images: Files, clock: Callable[[], int]) -> None:
        self._store = store
        self._showings = showings
        self._images = images
        self._clock = clock

    def now(self) -> int:
        return self._clock()

    async def count(self, window: Window) -> Found:
        return await self._store.read(results.count_in(window))

    async def take_down(self, window: Window, *, actor_id: int) -> AsyncIterator[tuple[int, tuple[Showing, ...]]]:
        """Erase the images, and delete all messages that show them.

        Yields after each page how many images it had, and the messages that could not be deleted. A file goes before
        its row. Raises `FilesUnavailable`; what is left is found by the next call.
        """
        while page := await self._store.read(results.images_in(window, limit=PAGE)):
            for job in page:
                if job.image:
                    await self._images.erase(job.image.name)
            left: list[Showing] = []
            for job in page:
                taken_down = await self._store.run(results.delete(job, member_id=actor_id, now=self._clock()))
                if taken_down:
                    left += await self._showings.remove(taken_down.messages)
            yield len(page), tuple(left)
