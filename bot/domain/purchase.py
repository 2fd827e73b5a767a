"""What members buy on Discord."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.wallet import WalletKey


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """Of a refunded purchase, in credits. `wallet`: None where nothing had been given for it."""

    wallet: WalletKey | None
    taken: int
    missing: int
