"""Codes for credits, which managers make and members redeem."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from bot.domain.act import ActMark, digest_of
from bot.domain.bank import LedgerMove
from bot.domain.code import ALPHABET, HINT_SYMBOLS, SYMBOLS, USES_LIMIT, Code, NewCode, digest, grouped
from bot.domain.errors import CodeUnknown
from bot.domain.wallet import StartingCredits, WalletKey, check_amount, read_reason
from bot.services.server.policy import Rules
from bot.storage.credits import acts, codes, managers
from bot.storage.engine.store import Store

CODES_SHOWN = 15


class Codes:
    """`clock` gives Unix milliseconds."""

    def __init__(
        self, store: Store, rules: Rules, *, starting_credits: StartingCredits, clock: Callable[[], int]
    ) -> None:
        self._store = store
        self._rules = rules
        self._starting_credits = starting_credits
        self._clock = clock

    def now(self) -> int:
        return self._clock()

    async def create(
        self,
        guild_id: int,
        new: NewCode,
        *,
        actor_id: int,
        act_id: str | None = None,
        once_more: str | None = None,
        by_role: bool = False,
    ) -> tuple[Code, str]:
        """Returns the code's facts and its text, which is not kept.

        `act_id` and `once_more` are as in `ActMark`; without an id, no answer is waited for. `by_role`: the actor is a
        `Manager`. Raises `BadAmount`, `ReasonMissing`, `DoneBefore`, `OverManagersLimit` and `ManagersDayOver`.
        """
        check_amount(new.amount)
        check_amount(new.uses, limit=USES_LIMIT)
        new, now = replace(new, reason=read_reason(new.reason)), self._clock()
        symbols = "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
        hint = symbols[:HINT_SYMBOLS]
        script = codes.create(guild_id, new, sha256=digest(symbols), hint=hint, actor=actor_id, now=now)
        manager = self._rules.manager(await self._rules.policy_of(guild_id), guild_id, actor_id, by_role=by_role)
        script = managers.within_code(manager, script, amount=new.amount, uses=new.uses)
        if act_id is not None:
            mark = ActMark(
                id=act_id,
                guild_id=guild_id,
                actor_id=actor_id,
                what=digest_of("code", new.amount, new.uses, new.expires_at is None, new.reason),
                numbered="code",
                once_more=once_more,
            )
            script = acts.once(mark, script, number_of=lambda code: code.id, now=now)
        return await self._store.run(script), grouped(symbols)

    async def get(self, guild_id: int, code_id: int) -> Code:
        """Raises `NoSuchCode`."""
        return await self._store.read(codes.get(guild_id, code_id))

    async def newest(self, guild_id: int) -> list[Code]:
        return await self._store.read(codes.newest(guild_id, limit=CODES_SHOWN))

    async def withdraw(self, guild_id: int, code_id: int) -> Code:
        """Raises `NoSuchCode`."""
        return await self._store.run(codes.withdraw(guild_id, code_id))

    async def redeem(self, taker: WalletKey, typed: str, *, may_use_own: bool = True) -> LedgerMove:
        """Redeem a code. `may_use_own`: also one that the taker has made.

        Raises `CodeUnknown`, `CodeExpired`, `CodeWithdrawn`, `CodeUsedUp`, `CodeUsedBefore`, `TooManyTries`,
        `OwnWallet` and `WalletFull`.
        """
        now = self._clock()
        starting = self._starting_credits.for_member(taker.member_id, now=now)
        highest = (await self._rules.policy_of(taker.guild_id)).highest_balance
        script = codes.redeem(
            taker,
            digest(typed),
            starting_credits=starting,
            now=now,
            highest_balance=highest,
            may_use_own=may_use_own,
        )
        moved = await self._store.run(script)
        if moved is None:
            raise CodeUnknown
        return moved
