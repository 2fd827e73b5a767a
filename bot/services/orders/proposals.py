"""Asking first: orders that wait for their member's yes."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.errors import AlreadyOrdered, NotYours, ProposalGone
from bot.domain.proposal import Proposal, Proposed
from bot.domain.recipe import YouTubeVideo
from bot.domain.wallet import WalletKey
from bot.media.title import Titles
from bot.services.orders.preferences import MemberPreferences
from bot.storage.engine.store import Store
from bot.storage.orders import jobs, proposals


class Proposals:
    """`confirm_from_credits`: the price to ask from, where a member has not said.

    `titles`: None where YouTube is not asked. `clock` gives Unix milliseconds.
    """

    def __init__(
        self,
        store: Store,
        preferences: MemberPreferences,
        titles: Titles | None,
        *,
        confirm_from_credits: int,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._titles = titles
        self._clock = clock
        self.confirm_from_credits = confirm_from_credits

    async def asks(self, member_id: int, credits: int) -> bool:
        """Does this price call for a yes of this member?"""
        limit = (await self._preferences.of_member(member_id)).quiet_limit
        return credits >= (self.confirm_from_credits if limit is None else limit)

    async def propose(self, proposal_id: str, wallet: WalletKey, channel_id: int, proposal: Proposal) -> Proposed:
        proposed = Proposed(id=proposal_id, wallet=wallet, channel_id=channel_id, proposal=proposal)
        return await self._store.run(proposals.put(proposed, now=self._clock()))

    async def find(self, proposal_id: str, *, member_id: int) -> Proposed:
        """Raises `ProposalGone`, `AlreadyOrdered`, `NotYours`."""
        found = await self._store.read(proposals.get(proposal_id, now=self._clock()))
        if found is None:
            raise await self._why_gone(proposal_id)
        if found.wallet.member_id != member_id:
            raise NotYours
        return found

    async def change(self, proposal_id: str, how: proposals.Change, *, member_id: int) -> Proposed:
        """In one transaction: two changes at once are both kept. Raises as `find`, and what `how` raises."""
        changed = await self._store.run(proposals.change(proposal_id, member_id, how, now=self._clock()))
        if changed is None:
            raise await self._why_gone(proposal_id)
        return changed

    async def name_video(self, proposed: Proposed) -> Proposed | None:
        """With the video's title, within a second; None where it can't be had, or nothing waits any more."""
        video = proposed.proposal.recipe.clip.video
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
