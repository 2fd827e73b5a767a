"""A member's own data: count what is kept, export all of it, and forget it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from datetime import UTC, datetime

from bot.domain.member_data import DataFile, DataSummary, JsonObject, PartWriter
from bot.domain.recipe import files_of
from bot.storage.engine.store import Store
from bot.storage.files.base import Files
from bot.storage.privacy import member_data, retention
from bot.storage.privacy.member_data import FIRST

log = logging.getLogger(__name__)

EXPORT_PAGE = 200  # rows read at once
FORGET_BATCH = 50  # images that are erased at a time, so that other commands never wait for long
PART_LIMIT_BYTES = 8 * 1024 * 1024  # of an export: a file of it is held in memory


class MemberData:
    """`retention_days`: how long files are kept, 0 for ever. `clock` gives Unix milliseconds.

    `give_up_waiting`: gives up the images of a member that could be shown nowhere, and wait.
    """

    def __init__(
        self,
        store: Store,
        *,
        images: Files,
        clips: Files,
        retention_days: int,
        clock: Callable[[], int],
        give_up_waiting: Callable[[int], Awaitable[None]],
        part_limit_bytes: int = PART_LIMIT_BYTES,
    ) -> None:
        self._store = store
        self._give_up_waiting = give_up_waiting
        self._images = images
        self._clips = clips
        self._clock = clock
        self.retention_days = retention_days
        self.part_limit_bytes = part_limit_bytes

    async def kept(self, member_id: int) -> DataSummary:
        return await self._store.read(member_data.kept(member_id))

    # --- the export -----------------------------------------------------------------------------------------

    async def export(self, member_id: int, *, limit_bytes: int) -> AsyncIterator[DataFile]:
        """Yields whole JSON documents, each within the limit; only one of them is in memory at a time."""
        made_at = datetime.fromtimestamp(self._clock() / 1000, UTC).isoformat(timespec="seconds")
        about: JsonObject = {"what": "Everything that Stillframe keeps about one member", "member": str(member_id)}
        writer = PartWriter({**about, "made_at": made_at}, limit_bytes=min(limit_bytes, self.part_limit_bytes))
        async for section, item in self._items(member_id):
            full = writer.put(section, item)
            if full:
                yield full
        yield writer.close()

    async def _items(self, member_id: int) -> AsyncIterator[tuple[str, JsonObject]]:
        for section, item in await self._store.read(member_data.beside_images(member_id)):
            yield section, item
        place = FIRST
        while page := await self._store.read(member_data.images(member_id, place, limit=EXPORT_PAGE)):
            for place, image in page:  # noqa: B007  # the last one is where the next page begins
                yield "images", image
        for wallet_id, wallet in await self._store.read(member_data.wallets(member_id)):
            yield "wallets", wallet
            async for entry in self._entries(wallet_id):
                yield "entries", {"guild_id": wallet["guild_id"], **entry}

    async def _entries(self, wallet_id: int) -> AsyncIterator[JsonObject]:
        seq = 0
        while page := await self._store.read(member_data.entries(wallet_id, seq, limit=EXPORT_PAGE)):
            for seq, entry in page:  # noqa: B007  # as above
                yield entry

    # --- forgetting -----------------------------------------------------------------------------------------

    async def forget(self, member_id: int) -> int:
        """Erase everything but the numbers in the books. Returns how many images there were.

        Images that wait to be shown are given up first. Files go before rows: after a failure the next try finds all
        that is left. Raises `ImagesUnderWay`, `ImageOnItsWay` and `StorageError`.
        """
        await self._store.read(member_data.check_at_rest(member_id, awaiting_too=False))
        await self._give_up_waiting(member_id)
        now = self._clock()
        await self._erase_files(await self._store.read(member_data.files_beside(member_id)), member_id)
        await self._store.run(member_data.forget_beside(member_id))
        place, count = FIRST, 0
        while batch := await self._store.read(member_data.ended(member_id, place, until=now, limit=FORGET_BATCH)):
            for each in batch:
                if each.image_name:
                    await self._images.erase(each.image_name)
            await self._erase_files({sha256 for each in batch for sha256 in files_of(each.recipe)}, member_id)
            await self._store.run(member_data.forget_images(batch, now=now))
            place, count = batch[-1].place, count + len(batch)
        for wallet_id, seq in await self._store.read(member_data.entry_counts(member_id)):
            for after in range(0, seq, EXPORT_PAGE):
                await self._store.run(member_data.forget_reasons(wallet_id, after, limit=EXPORT_PAGE))
        log.info("member %d is forgotten, with %d images", member_id, count)
        return count

    async def _erase_files(self, files: Collection[str], member_id: int) -> None:
        """Erase the files that no other member needs just now: two members may have attached the same file."""
        for sha256 in await self._store.read(retention.unneeded(files, now=self._clock(), but_member=member_id)):
            await self._clips.erase(sha256)
