"""The actions on a result: they check who may do it, return what it is made of, and write down what was done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.domain.errors import AlreadyReported, ImageGone, NotFinished, NotYours
from bot.domain.history import may_see
from bot.domain.job import Job
from bot.domain.result_action import Details, Takedown
from bot.media.probe import has_content_credentials
from bot.services.orders.preferences import MemberPreferences
from bot.storage.engine.store import Store
from bot.storage.files.base import Files
from bot.storage.orders import jobs, results


class ResultActions:
    """The use cases of the buttons under a result. `clock` gives Unix milliseconds; `tell_operator` never raises."""

    def __init__(
        self,
        store: Store,
        preferences: MemberPreferences,
        *,
        images: Files,
        clock: Callable[[], int],
        tell_operator: Callable[[str], Awaitable[None]],
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._images = images
        self._clock = clock
        self._tell_operator = tell_operator

    async def find(self, job_id: str) -> Job:
        """Return a job for an action of all members. Raises `ImageGone`, also where the image was taken down."""
        job = await self._store.read(jobs.get(job_id))
        if job is None or job.deleted:
            raise ImageGone
        return job

    async def own(self, job_id: str, *, member_id: int) -> Job:
        """Return a job for an action that only its owner may do. Raises `NotYours` and `ImageGone`."""
        job = await self.find(job_id)
        if job.wallet.member_id != member_id:
            raise NotYours
        return job

    async def open_to(self, member_id: int, job_id: str) -> Job:
        """Return a job for its owner, or for all where the owner opened it. Raises `NotYours` and `ImageGone`."""
        job = await self.find(job_id)
        owner_id = job.wallet.member_id
        if owner_id != member_id and not (await self._preferences.of_member(owner_id)).open_buttons:
            raise NotYours
        return job

    async def image(self, job: Job) -> bytes:
        """Return the image as the model made it. Raises `FilesUnavailable`, and `ImageGone` also before it is shown."""
        data = None
        if job.image and may_see(job, asker_id=job.wallet.member_id):
            data = await self._images.read(job.image.name)
        if data is None:
            raise ImageGone
        return data

    async def details(self, job_id: str) -> Details:
        """Return what is known of a result. Raises `ImageGone` and `FilesUnavailable`."""
        job = await self.find(job_id)
        return Details(
            job=job,
            moments=await self._store.read(results.moments(job)),
            content_credentials=await self._content_credentials(job),
            made_from=await self._store.read(results.shown(job.made_from)) if job.made_from else None,
        )

    async def _content_credentials(self, job: Job) -> bool | None:
        try:
            return await asyncio.to_thread(has_content_credentials, await self.image(job))
        except ImageGone:
            return None

    async def deletable(self, job_id: str, *, member_id: int, moderator_of: int | None) -> Job:
        """Return a job that this member may delete. Raises `NotYours`, `NotFinished` and `ImageGone`.

        `moderator_of`: the server that the member manages.
        """
        job = await self.find(job_id)
        if job.wallet.member_id != member_id and job.wallet.guild_id != moderator_of:
            raise NotYours
        if not job.state.ended:  # it is shown, but not paid for: a crash just now would show it once more
            raise NotFinished
        return job

    async def delete(self, job_id: str, *, member_id: int, moderator_of: int | None) -> Takedown:
        """Erase the image, and write down who asked; the caller deletes the messages. Raises as `deletable`.

        The file is erased first: if that fails, nothing is written down, and the next press tries again.
        """
        job = await self.deletable(job_id, member_id=member_id, moderator_of=moderator_of)
        if job.image:
            await self._images.erase(job.image.name)
        taken_down = await self._store.run(results.delete(job, member_id=member_id, now=self._clock()))
        if taken_down is None:
            raise ImageGone
        return taken_down

    async def reportable(self, job_id: str, *, member_id: int) -> Job:
        """Return a job that this member may report. Raises `AlreadyReported` and `ImageGone`."""
        job = await self.find(job_id)
        if await self._store.read(results.has_reported(job_id, member_id=member_id)):
            raise AlreadyReported
        return job

    async def report(self, job: Job, *, member_id: int, reason: str, words: str) -> None:
        """Store the report and send it to the operator. Raises `AlreadyReported`.

        `words`: the report as the operator reads it.
        """
        if not await self._store.run(results.report(job.id, member_id=member_id, reason=reason, now=self._clock())):
            raise AlreadyReported
        await self._tell_operator(words)
