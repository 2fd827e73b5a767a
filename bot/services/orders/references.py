"""Reference images: checked and kept before anything is paid, and collected in a tray for the next order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from bot.domain.errors import BrokenImage, CannotFit, FileTooLarge, ImageDamaged, ImageTooLarge
from bot.domain.recipe import REFERENCE_KEPT_LIMIT_BYTES, REFERENCE_LIMIT_BYTES, REFERENCES_LIMIT, Reference
from bot.domain.wallet import WalletKey
from bot.media.fetch import Fetcher
from bot.media.fit import Fitted, Fitter
from bot.media.reference import still_of
from bot.storage.engine.store import Store
from bot.storage.files.base import Files, sha256_of
from bot.storage.orders import tray

NAME_LIMIT = 60  # characters of a file's name; its owner must recognise it in a select's option


class References:
    """The use cases of reference images. `clock` gives Unix milliseconds.

    `files`: attached clips are kept there too, and the worker lends the files to the supplier from there.
    """

    def __init__(
        self, store: Store, files: Files, fitter: Fitter, fetcher: Fetcher, *, clock: Callable[[], int]
    ) -> None:
        self._store = store
        self._files = files
        self._fitter = fitter
        self._fetcher = fetcher
        self._clock = clock

    async def keep(self, data: bytes, *, name: str) -> Reference:
        """Check that the data is a whole image, and keep it as one upright still under its SHA-256.

        Its name gets the ending that belongs to its bytes. Raises `NotAnImage`, `ImageTooLarge`, `TooManyPixels`,
        `ImageDamaged` and `FilesUnavailable`.
        """
        try:
            fitted = await self._fitter.run(still_of, data, name=name, limit_bytes=REFERENCE_KEPT_LIMIT_BYTES)
        except (BrokenImage, CannotFit) as error:
            raise ImageDamaged(name=name) from error
        sha256 = await sha256_of(fitted.data)
        await self._files.keep(sha256, fitted.data)
        stem = PurePosixPath(name).stem[:NAME_LIMIT] or "image"
        return Reference(name=f"{stem}.{fitted.extension}", sha256=sha256, content_type=fitted.content_type)

    async def keep_link(self, url: str, *, name: str) -> Reference:
        """Keep an image that a message shows from a link. Raises as `keep`, `LinkNotPublic`, `LinkUnreachable`."""
        try:
            data = await self._fetcher.download_link(url, limit_bytes=REFERENCE_LIMIT_BYTES)
        except FileTooLarge as error:
            raise ImageTooLarge(name=name, limit_bytes=error.limit_bytes, size_bytes=error.size_bytes) from error
        return await self.keep(data, name=name)

    async def tray(self, wallet: WalletKey) -> tuple[Reference, ...]:
        """Return the tray in the order of collecting, without images a month old and images whose file is gone."""
        found = await self._store.read(tray.get(wallet, older_than=self._older_than()))
        there = await asyncio.gather(*(self._files.has(each.sha256) for each in found))  # at once: Discord waits
        for each, is_there in zip(found, there, strict=True):
            if not is_there:
                await self.remove(wallet, each.sha256)
        return tuple(each for each, is_there in zip(found, there, strict=True) if is_there)

    async def collect(self, wallet: WalletKey, references: Iterable[Reference]) -> tuple[Reference, ...]:
        """Add each image once while there is room. Returns the whole tray: an image that is not in it did not fit."""
        await self.tray(wallet)  # this takes lost images out, which makes room
        now = self._clock()
        return await self._store.run(
            tray.add(wallet, references, limit=REFERENCES_LIMIT, older_than=self._older_than(), now=now)
        )

    async def remove(self, wallet: WalletKey, sha256: str) -> None:
        """Take the image out of the tray. Its file stays, because a recipe may need it."""
        await self._store.run(tray.remove(wallet, sha256))

    async def clear(self, wallet: WalletKey) -> int:
        """Empty the tray. Returns how many images were in it."""
        return await self._store.run(tray.clear(wallet, older_than=self._older_than()))

    async def thumbnails(self, references: Iterable[Reference]) -> dict[Reference, Fitted]:
        """Return small copies of those images that are still kept, in their order."""
        found = {each: await self._thumbnail(each) for each in references}
        return {reference: small for reference, small in found.items() if small is not None}

    async def _thumbnail(self, reference: Reference) -> Fitted | None:
        data = await self._files.read(reference.sha256)
        if data is None:
            return None
        try:
            return await self._fitter.thumbnail(data)
        except BrokenImage:  # the image was whole when it was kept: the disk has damaged it
            return None

    def _older_than(self) -> int:
        return self._clock() - tray.TRAY_MS
