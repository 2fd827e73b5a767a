"""Members ask the moderators for credits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.bank import LedgerMove
from bot.domain.credit_request import CreditRequest
from bot.domain.errors import RequestsOff
from bot.domain.wallet import StartingCredits, WalletKey, check_amount, read_reason
from bot.services.server.policy import Rules
from bot.storage.credits import credit_requests, managers
from bot.storage.engine.store import Store


@dataclass(frozen=True, slots=True)
class Asked:
    """A new request, the channel for its card, and the amounts that its buttons give."""

    request: CreditRequest
    channel_id: int
    amounts: tuple[int, ...]


class CreditRequests:
    """`clock` gives Unix milliseconds."""

    def __init__(
        self, store: Store, rules: Rules, *, starting_credits: StartingCredits, clock: Callable[[], int]
    ) -> None:
        self._store = store
        self._rules = rules
        self._starting_credits = starting_credits
        self._clock = clock

    async def taken_in(self, guild_id: int | None) -> bool:
        return guild_id is not None and (await self._rules.policy_of(guild_id)).request_channel is not None

    async def ask(self, request_id: str, wallet: WalletKey, amount: int, words: str, *, locale: str) -> Asked:
        """Keep the request; the caller shows it. Raises `BadAmount`, `ReasonMissing`, `RequestsOff`, `AlreadyAsked`."""
        check_amount(amount)
        why = read_reason(words)
        policy = await self._rules.policy_of(wallet.guild_id)
        if policy.request_channel is None:
            raise RequestsOff
        new = CreditRequest(id=request_id, wallet=wallet, amount=amount, words=why, locale=locale, at=self._clock())
        await self._store.run(credit_requests.ask(new, channel_id=policy.request_channel))
        amounts = tuple(filter(None, dict.fromkeys(policy.request_amounts)))
        return Asked(new, policy.request_channel, amounts)

    async def shown(self, request_id: str, message_id: int) -> None:
        await self._store.run(credit_requests.shown(request_id, message_id))

    async def close(self, request_id: str) -> None:
        """Drop a request whose card could not be shown, so that the member may ask again at once."""
        await self._store.run(credit_requests.close(request_id))

    async def approve(
        self, request_id: str, amount: int, *, guild_id: int, actor_id: int, by_role: bool = False
    ) -> tuple[CreditRequest, LedgerMove]:
        """Give the credits, once. Raises `BadAmount` and `RequestDecided`, and as what gives credits in `Bank`."""
        check_amount(amount)
        policy = await self._rules.policy_of(guild_id)
        approving = credit_requests.approve(
            request_id,
            amount,
            guild_id=guild_id,
            actor=actor_id,
            starting=self._starting_credits,
            now=self._clock(),
            highest_balance=policy.highest_balance,
        )
        manager = self._rules.manager(policy, guild_id, actor_id, by_role=by_role)
        return await self._store.run(managers.within(manager, approving, lambda done: [done[1]]))

    async def deny(self, request_id: str, *, guild_id: int, actor_id: int) -> CreditRequest:
        """Raises `RequestDecided`."""
        return await self._store.run(credit_requests.deny(request_id, guild_id=guild_id, actor=actor_id))
