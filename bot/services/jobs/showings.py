"""The messages that show images: written down before they do, found again after a crash, and deleted with the image."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.domain.errors import AlreadyPosted, BeingPosted, DiscordUnavailable, ImageGone
from bot.domain.history import may_read
from bot.domain.job import Job, JobState
from bot.domain.showing import Place, Showing, ShowingKind
from bot.services.jobs.messenger import Messenger
from bot.storage.engine.store import Store
from bot.storage.orders import showings

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.5  # Discord waits 3 s for the answer to a press
POSTING_MS = 120_000  # an attempt that is older than this has died
RETRY_MS = (60_000, 600_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000)  # the pauses before a delete is tried again


class Showings:
    """`messenger` returns the messenger, which is made later. `clock` gives Unix milliseconds."""

    def __init__(self, store: Store, messenger: Callable[[], Messenger], *, clock: Callable[[], int]) -> None:
        self._store = store
        self._messenger = messenger
        self._clock = clock

    # --- shown ----------------------------------------------------------------------------------------------

    async def begin_copy(self, job: Job, place: Place) -> Showing:
        """Write down that the owner is about to post the image in a channel, where no copy of it stands.

        Raises `AlreadyPosted` with its link, `BeingPosted` and `ImageGone`.
        """
        begun = await self._store.run(showings.begin(job.id, ShowingKind.COPY, place, now=self._clock()))
        if begun is None:
            raise ImageGone
        showing, is_new = begun
        if is_new:
            return showing
        if await self._still_shows(showing):
            raise AlreadyPosted(link=showing.link)
        if self._clock() < showing.at + POSTING_MS:
            raise BeingPosted
        return await self.begin_again(showing, place)

    async def begin_again(self, showing: Showing, place: Place) -> Showing:
        """Begin anew, after a look that has found no message of an earlier attempt. Raises `BeingPosted`."""
        again = await self._store.run(showings.begin_again(showing, place, now=self._clock()))
        if again is None:
            raise BeingPosted
        return again

    async def _still_shows(self, showing: Showing) -> bool:
        """Look whether the message shows the image. Where Discord does not say it in time, it does."""
        if showing.message_id is None:
            return False
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await self._messenger().still_shows(showing)
        except (DiscordUnavailable, TimeoutError):
            return True

    async def begin_in_gallery(self, job: Job, place: Place) -> tuple[Showing, bool] | None:
        """Write down that the image is about to be shown in the server's gallery.

        Returns the row, and whether to look for the message first, which an earlier attempt may have posted. None where
        the image is shown there already, or never may be.
        """
        if job.private or job.deleted or job.state is not JobState.DELIVERED:
            return None
        begun = await self._store.run(showings.begin(job.id, ShowingKind.GALLERY, place, now=self._clock()))
        if begun is None or begun[0].message_id is not None:
            return None
        return begun[0], not begun[1]

    async def posted(self, showing: Showing, message_id: int) -> None:
        """Write the message down. Raises `ImageGone` where the image was deleted meanwhile: the message is deleted."""
        if await self._store.run(showings.posted(showing.id, message_id)):
            return
        found = [each for each in await self.of_job(showing.job_id) if each.message_id == message_id]
        await self.remove(found)
        raise ImageGone

    async def withdraw(self, showing: Showing) -> None:
        """Forget an attempt: certainly no message shows the image."""
        await self._store.run(showings.forget(showing.id))

    async def note_look(self, job: Job, place: Place, message_id: int) -> None:
        """Write down a private answer that is about to show the image."""
        await self._store.run(showings.note_look(job.id, place, message_id, now=self._clock()))

    async def find(self, showing: Showing) -> int | None:
        """Return the message of an attempt that was cut off, if it was posted. Raises `DiscordUnavailable`."""
        known = frozenset(each.message_id for each in await self.of_job(showing.job_id) if each.message_id)
        return await self._messenger().find_showing(showing, besides=known)

    async def of_job(self, job_id: str) -> tuple[Showing, ...]:
        return await self._store.read(showings.of_job(job_id))

    async def channels_of(self, job: Job, *, asker_id: int) -> frozenset[int]:
        """Return the channels of the job's server in which it was shown, where the asker may read it at all."""
        if not may_read(job, asker_id=asker_id):
            return frozenset()
        copies = await self._store.read(showings.channels_of_copies(job.id, guild_id=job.wallet.guild_id))
        return copies if job.private else copies | {job.channel_id}

    # --- deleted --------------------------------------------------------------------------------------------

    async def remove(self, messages: Iterable[Showing], *, gone: int | None = None) -> tuple[Showing, ...]:
        """Delete messages of a deleted image; `gone` is deleted already. Returns those that are left.

        What Discord refuses is tried again for a day.
        """
        left = []
        for showing in messages:
            if (gone is None or showing.message_id != gone) and not await self._removed(showing):
                left.append(showing)
            else:
                await self._store.run(showings.forget(showing.id))
        return tuple(left)

    async def _removed(self, showing: Showing) -> bool:
        """Try to delete the message. Where it is left, write down when to try again."""
        refused = True
        try:
            message_id = showing.message_id or await self._lost_message(showing)
            if message_id is None:  # a copy without a message was never shown; one for the gallery may be on its way
                gone = showing.kind is not ShowingKind.GALLERY
            else:
                gone = await self._messenger().remove(replace(showing, message_id=message_id))
            if gone:
                return True
        except DiscordUnavailable as error:
            log.warning("job %s: a message could not be deleted yet: %s", showing.job_id, error)
            refused = False
        hopeless = showing.tries >= len(RETRY_MS) or (refused and showing.ephemeral)
        until = None if hopeless else self._clock() + RETRY_MS[showing.tries]
        await self._store.run(showings.put_off(showing.id, until=until))
        return False

    async def _lost_message(self, showing: Showing) -> int | None:
        return await self.find(showing) if showing.kind is ShowingKind.GALLERY else None
