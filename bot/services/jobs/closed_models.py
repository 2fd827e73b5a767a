"""Which models can't be used now, because the supplier does not know them any more or fails with them again and again.

One model closes and the others go on. All processes that share the database follow the one that finds out.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from bot.domain.errors import StorageError
from bot.domain.failure import Failure
from bot.domain.models import Closed, WhyClosed
from bot.storage.engine import locks
from bot.storage.engine.store import Store
from bot.storage.processes import closed_models

log = logging.getLogger(__name__)

FAILURES = 5  # in a row, then the model is closed for a while
PAUSE_MS = 10 * 60_000
LOOK_SECONDS = 5.0  # how often the shared state is read, in case a notification was lost
# What says nothing about the order. A refused prompt or a broken file would fail with any model.
_OF_THE_MODEL = frozenset({Failure.BUSY, Failure.OUT_OF_ORDER, Failure.OTHER})

_WORDS = {
    WhyClosed.GONE: "the image service does not have it. Once it is back: `stillframe models open {key}`",
    WhyClosed.FAILING: "it failed {failures} times in a row. It opens by itself in {minutes} minutes",
}


class ClosedModels:
    """`closed` is what counts in this process now. Run `follow` beside the commands until `stop`.

    `clock` gives Unix milliseconds.
    """

    def __init__(
        self, store: Store, tell_operator: Callable[[str], Awaitable[None]], *, clock: Callable[[], int]
    ) -> None:
        self.closed: dict[str, Closed] = {}
        self._store = store
        self._tell_operator = tell_operator
        self._clock = clock
        self._unwritten: dict[str, Closed] = {}  # which no look at the database may forget
        self._failures: Counter[str] = Counter()
        self._stopping = False
        self._changed = asyncio.Event()
        store.listen(locks.MODELS, self._changed.set)

    def made(self, key: str) -> None:
        """The model has made an image."""
        self._failures.pop(key, None)

    async def failed(self, key: str, failure: Failure) -> None:
        """An order of the model has failed. Close it where it is gone, or has failed too often in a row."""
        if failure is Failure.MODEL:
            await self._close(key, Closed(because=WhyClosed.GONE))
        elif failure in _OF_THE_MODEL:
            self._failures[key] += 1
            if self._failures[key] >= FAILURES:
                await self._close(key, Closed(because=WhyClosed.FAILING, until=self._clock() + PAUSE_MS))

    async def _close(self, key: str, why: Closed) -> None:
        self.made(key)
        if key in self.closed:
            return
        self.closed[key] = self._unwritten[key] = why
        try:
            is_news = await self._store.run(closed_models.close(key, why))
            del self._unwritten[key]
        except StorageError as error:
            log.warning("other processes could not be told that the model %s is closed: %s", key, error)
            is_news = True
        if is_news:
            words = _WORDS[why.because].format(key=key, failures=FAILURES, minutes=PAUSE_MS // 60_000)
            log.error("model %s is closed: %s", key, words)
            await self._tell_operator(f"The model {key} is closed: {words}. Members were told, and lost nothing.")

    def stop(self) -> None:
        self._stopping = True
        self._changed.set()

    async def follow(self) -> None:
        """Take over what is written in the database, and open what was closed for a while, until `stop`."""
        while not self._stopping:
            self._changed.clear()
            try:
                written = await self._store.read(closed_models.closed())
            except StorageError as error:
                log.warning("which models are closed could not be read: %s", error)
            else:
                self._take_over(written)
            try:
                await asyncio.wait_for(self._changed.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue

    def _take_over(self, written: dict[str, Closed]) -> None:
        now = self._clock()
        current = {key: why for key, why in {**written, **self._unwritten}.items() if why.holds(now)}
        for key in self.closed.keys() - current.keys():
            log.warning("model %s is open again", key)
        self.closed.clear()
        self.closed.update(current)
