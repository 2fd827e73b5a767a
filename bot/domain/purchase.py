"""Credits that members buy on Discord."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.wallet import WalletKey

CHOICE_MS = 3_600_000  # how long a chosen wallet counts: Discord's own window needs some minutes, no more


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """A purchase was refunded: `taken` credits left the wallet; `missing` ones were spent already.

    `wallet` is None where the purchase had given no credits.
    """

    wallet: WalletKey | None
    taken: int
    missing: int
