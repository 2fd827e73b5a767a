"""Credits that members give each other."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.act import ActMark, digest_of
from bot.domain.allowance import Every, period_start
from bot.domain.bank import LedgerMove
from bot.domain.errors import GiftsOff, GiftTooLarge, GiftToSelf, NoResultHere
from bot.domain.job import Job, JobState
from bot.domain.wallet import StartingCredits, WalletKey, check_amount, read_reason
from bot.services.server.policy import Rules
from bot.storage.credits import acts, gifts
from bot.storage.engine.store import Store
from bot.storage.orders import jobs


class Gifts:
    """`clock` gives Unix milliseconds."""

    def __init__(
        self, store: Store, rules: Rules, *, starting_credits: StartingCredits, clock: Callable[[], int]
    ) -> None:
        self._store = store
        self._rules = rules
        self._starting_credits = starting_credits
        self._clock = clock

    async def give(
        self, giver: WalletKey, taker_id: int, amount: int, *, act_id: str, reason: str, once_more: str | None = None
    ) -> tuple[LedgerMove, LedgerMove]:
        """Move credits from the giver's funds, once per `act_id`. Returns the entries of both members.

        `once_more` is as in `ActMark`. Raises `BadAmount`, `ReasonMissing`, `GiftToSelf`, `GiftsOff`, `GiftTooLarge`,
        `GiftsOfTheDay`, `NotEnoughToGive`, `WalletFull` and `DoneBefore`.
        """
        check_amount(amount)
        words = read_reason(reason)
        if taker_id == giver.member_id:
            raise GiftToSelf
        policy = await self._rules.policy_of(giver.guild_id)
        if not policy.gifts.allowed:
            raise GiftsOff
        if amount > policy.gifts.highest:
            raise GiftTooLarge(amount=amount, limit=policy.gifts.highest)
        now = self._clock()
        starting = [self._starting_credits.for_member(member_id, now=now) for member_id in (giver.member_id, taker_id)]
        script = gifts.give(
            giver,
            WalletKey(giver.guild_id, taker_id),
            amount,
            per_day=policy.gifts.per_day,
            day_since=period_start(Every.DAY, zone=policy.zone, now=now),
            act_id=act_id,
            reason=words,
            starting_credits=None if None in starting else starting[0],  # else at the next touch of each
            now=now,
            highest_balance=policy.highest_balance,
        )
        mark = ActMark(
            id=act_id,
            guild_id=giver.guild_id,
            actor_id=giver.member_id,
            what=digest_of("gift", taker_id, amount, words),
            once_more=once_more,
        )
        return await self._store.run(acts.once(mark, script, number_of=lambda made: made[0].entry.id, now=now))

    async def job_to_tip(self, job_id: str, *, asker: WalletKey) -> Job:
        """The job of a shown image, so that its member can get a tip. Raises `NoResultHere` and `GiftToSelf`."""
        job = await self._store.read(jobs.get(job_id))
        if job is None or job.state is not JobState.DELIVERED or job.wallet.guild_id != asker.guild_id:
            raise NoResultHere
        if job.wallet.member_id == asker.member_id:
            raise GiftToSelf
        return job
