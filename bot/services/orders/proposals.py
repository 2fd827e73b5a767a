"""Proposals: orders that wait for their member to say yes."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.caller import Caller
from bot.domain.errors import AlreadyOrdered, NotYours, ProposalGone
from bot.domain.order import Order
from bot.domain.proposal import Proposal, Proposed
from bot.domain.recipe import Reading, YouTubeVideo
from bot.media.title import Titles
from bot.storage.engine.store import Store
from bot.storage.orders import jobs, proposals


class Proposals:
    """The use cases of proposals. `titles` is None where YouTube is not asked. `clock` gives Unix milliseconds."""

    def __init__(self, store: Store, titles: Titles | None, *, clock: Callable[[], int]) -> None:
        self._store = store
        self._titles = titles
        self._clock = clock

    async def propose(
        self,
        caller: Caller,
        order: Order,
        *,
        remark: str = "",
        readings: tuple[Reading, ...] = (),
        question: str = "",
        left_out: tuple[str, ...] = (),
    ) -> Proposed:
        """Keep the order until its member says yes. The same interaction again finds the first proposal."""
        proposed = Proposed(
            id=str(caller.interaction_id),
            wallet=caller.wallet,
            channel_id=caller.channel_id,
            proposal=Proposal(
                **dict(order),
                token=caller.token,
                remark=remark,
                readings=readings,
                question=question,
                left_out=left_out,
            ),
        )
        return await self._store.run(proposals.put(proposed, now=self._clock()))

    async def find(self, proposal_id: str, *, member_id: int) -> Proposed:
        """Return the proposal of this member. Raises the same as `check`."""
        found = await self._store.read(proposals.get(proposal_id, now=self._clock()))
        return await self.check(found, proposal_id, member_id=member_id)

    async def check(self, found: Proposed | None, proposal_id: str, *, member_id: int) -> Proposed:
        """Return what was found if it is this member's. Raises `ProposalGone`, `AlreadyOrdered`, `NotYours`."""
        if found is None:
            raise await self._why_gone(proposal_id)
        if found.wallet.member_id != member_id:
            raise NotYours
        return found

    async def change(self, proposal_id: str, how: proposals.Change, *, member_id: int) -> Proposed:
        """Change a proposal in one transaction: two changes at once are both kept. Raises as `find`, and as `how`."""
        changed = await self._store.run(proposals.change(proposal_id, member_id, how, now=self._clock()))
        if changed is None:
            raise await self._why_gone(proposal_id)
        return changed

    async def name_video(self, proposed: Proposed) -> Proposed | None:
        """Add the video's title within a second. Returns None where there is no title, or the proposal is gone."""
        clip = proposed.proposal.recipe.clip
        video = clip.video if clip else None
        if self._titles is None or proposed.proposal.title or not isinstance(video, YouTubeVideo):
            return None
        title = await self._titles.of(video)
        if title is None:
            return None
        now = self._clock()
        entitled = proposals.change(
            proposed.id, proposed.wallet.member_id, lambda found: found.model_copy(update={"title": title}), now=now
        )
        return await self._store.run(entitled)

    async def forget(self, proposal_id: str) -> None:
        await self._store.run(proposals.forget(proposal_id))

    async def _why_gone(self, proposal_id: str) -> ProposalGone | AlreadyOrdered:
        job = await self._store.read(jobs.get(proposal_id))
        return AlreadyOrdered() if job and not job.state.ended else ProposalGone()
