"""What a member can do about an image that could be shown nowhere: have it shown, or give it up.

Its credits stay on hold. It is charged when it is shown, by the delivery steps of the worker and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from bot.domain.caller import Caller
from bot.domain.errors import ImageGone, ImageOnItsWay, NotYours
from bot.domain.job import Job, JobState
from bot.services.processes.lease import ProcessLease
from bot.storage.engine.store import Store
from bot.storage.orders import awaiting, jobs

PATIENCE_SECONDS = 10.0  # for a try of the worker that is under way: it may show the image, or leave it as it was
PAUSE_SECONDS = 0.1
# Discord shuts out a client after 10,000 refused requests within ten minutes, and a try that fails makes about five.
# Members can't drive the bot there by commands: beyond this, images are tried at their hours alone.
COMMAND_TRIES = 300
COMMAND_TRIES_SECONDS = 600.0


class AwaitingImages:
    """`clock` gives Unix milliseconds. `wake`: call it when a job may be taken up.

    `end` is `DeliverySteps.give_up`.
    """

    def __init__(
        self,
        store: Store,
        lease: ProcessLease,
        *,
        clock: Callable[[], int],
        wake: Callable[[], None],
        end: Callable[[Job], Awaitable[Job | None]],
    ) -> None:
        self._store = store
        self._lease = lease
        self._clock = clock
        self._wake = wake
        self._end = end
        self._tried: deque[float] = deque(maxlen=COMMAND_TRIES)  # by the loop's clock

    async def own(self, job_id: str, *, member_id: int) -> Job:
        """Return a job of this member, whether or not it waits. Raises `NotYours` and `ImageGone`."""
        job = await self._store.read(jobs.get(job_id))
        if job is None:
            raise ImageGone
        if job.wallet.member_id != member_id:
            raise NotYours
        return job

    async def try_again(self, member_id: int) -> None:
        """Let the images of the member be tried once more, wherever they were ordered. Not too often for Discord."""
        now = asyncio.get_running_loop().time()
        if len(self._tried) == COMMAND_TRIES and now - self._tried[0] < COMMAND_TRIES_SECONDS:
            return
        found = await self._store.run(awaiting.try_again(member_id, now=self._clock()))
        self._tried.extend([now] * found)
        if found:
            self._wake()

    async def show_here(self, job_id: str, caller: Caller, message_id: int) -> Job:
        """Have the image shown in our answer to `caller`. Returns the job: it waits for that, or has ended meanwhile.

        Raises `NotYours`, `ImageGone`, and `ImageOnItsWay` where a worker tries to show the image just now.
        """

        async def show() -> Job | None:
            owner, grace_ms, now = self._lease.id, self._lease.grace_ms, self._clock()
            return await self._store.run(
                awaiting.show_here(job_id, caller, message_id, owner=owner, grace_ms=grace_ms, now=now)
            )

        found = await self._when_it_waits(job_id, caller.member_id, show)
        self._wake()
        return found

    async def give_up(self, job_id: str, *, member_id: int) -> Job:
        """Erase the image and give the credits back. Returns the job, which may have ended otherwise meanwhile.

        Raises as `show_here`.
        """

        async def give_up() -> Job | None:
            grace_ms, now = self._lease.grace_ms, self._clock()
            taken = await self._store.run(awaiting.take(job_id, self._lease.id, grace_ms=grace_ms, now=now))
            if taken is None:
                return None
            ended = await self._end(taken)
            if ended is None:
                raise ImageOnItsWay
            return ended

        return await self._when_it_waits(job_id, member_id, give_up)

    async def give_all_up(self, member_id: int) -> None:
        """Give up every image of the member that waits. Raises as `give_up`."""
        for job_id in await self._store.read(awaiting.ids(member_id)):
            await self.give_up(job_id, member_id=member_id)

    async def _when_it_waits(self, job_id: str, member_id: int, act: Callable[[], Awaitable[Job | None]]) -> Job:
        """Act as soon as no worker tries to show the image. Returns its job, or the one that has ended meanwhile."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_SECONDS
        while True:
            job = await self.own(job_id, member_id=member_id)
            if job.state not in {JobState.AWAITING, JobState.POSTING}:
                return job
            done = await act()
            if done:
                return done
            if loop.time() > until:
                raise ImageOnItsWay
            await asyncio.sleep(PAUSE_SECONDS)
