"""What can be done with an image that was made."""

from __future__ import annotations

from bot.domain.errors import BrokenImage, CannotFit, ImageGone, NotYours
from bot.domain.job import Job, Picture
from bot.media.fit import Fitter
from bot.services.delivery import as_picture
from bot.storage import jobs
from bot.storage.files import Files
from bot.storage.store import Store


class Results:
    def __init__(self, store: Store, *, images: Files, fitter: Fitter) -> None:
        self._store = store
        self._images = images
        self._fitter = fitter

    async def own_picture(self, job_id: str, *, member_id: int, limit_bytes: int) -> tuple[Job, Picture]:
        """A member's image, fitted to what Discord takes here. Raises `NotYours` and `ImageGone`."""
        job = await self._store.read(jobs.get(job_id))
        if job is None or job.image is None:
            raise ImageGone
        if job.wallet.member_id != member_id:
            raise NotYours
        data = await self._images.read(job.image.name)
        if data is None:
            raise ImageGone
        try:
            return job, as_picture(await self._fitter.fit(data, limit_bytes=limit_bytes))
        except (BrokenImage, CannotFit) as error:
            raise ImageGone from error
