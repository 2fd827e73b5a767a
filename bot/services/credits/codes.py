"""Codes for credits, which managers make and members redeem."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from bot.domain.bank import LedgerMove
from bot.domain.code import ALPHABET, HINT_SYMBOLS, SYMBOLS, USES_LIMIT, Code, NewCode, digest, grouped
from bot.domain.errors import CodeUnknown
from bot.domain.wallet import StartingCredits, WalletKey, check_amount, read_reason
from bot.storage.credits import codes
from bot.storage.engine.store import Store

CODES_SHOWN = 15


class Codes:
    """`clock` gives Unix milliseconds."""

    def __init__(self, store: Store, *, starting_credits: StartingCredits, clock: Callable[[], int]) -> None:
        self._store = store
        self._starting_credits = starting_credits
        self._clock = clock

    def now(self) -> int:
        return self._clock()

    async def create(self, guild_id: int, new: NewCode, *, actor_id: int) -> tuple[Code, str]:
        """Returns the code's facts and its text, which is not kept. Raises `BadAmount` and `ReasonMissing`."""
        check_amount(new.amount)
        check_amount(new.uses, limit=USES_LIMIT)
        words = read_reason(new.reason)
        symbols = "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
        script = codes.create(
            guild_id,
            replace(new, reason=words),
            sha256=digest(symbols),
            hint=symbols[:HINT_SYMBOLS],
            actor=actor_id,
            now=self._clock(),
        )
        return await self._store.run(script), grouped(symbols)

    async def newest(self, guild_id: int) -> list[Code]:
        return await self._store.read(codes.newest(guild_id, limit=CODES_SHOWN))

    async def withdraw(self, guild_id: int, code_id: int) -> Code:
        """Raises `NoSuchCode`."""
        return await self._store.run(codes.withdraw(guild_id, code_id))

    async def redeem(self, taker: WalletKey, typed: str) -> LedgerMove:
        """Raises `CodeUnknown`, `CodeExpired`, `CodeWithdrawn`, `CodeUsedUp`, `CodeUsedBefore`, `TooManyTries`."""
        now = self._clock()
        starting = self._starting_credits.for_member(taker.member_id, now=now)
        script = codes.redeem(taker, digest(typed), starting_credits=starting, now=now)
        moved = await self._store.run(script)
        if moved is None:
            raise CodeUnknown
        return moved
