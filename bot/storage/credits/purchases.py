"""Transaction scripts of what members buy on Discord. The id of an entitlement is the act: it moves credits once."""

from __future__ import annotations

from bot.domain.purchase import TakenBack
from bot.domain.wallet import SYSTEM, EntryKind, WalletKey
from bot.storage.credits import ledger
from bot.storage.engine import locks
from bot.storage.engine.store import Script

_REFUNDED = "SELECT 1 AS found FROM purchase_refunds WHERE entitlement_id = :id"
_REFUND = """
    INSERT INTO purchase_refunds (entitlement_id, taken, missing, at) VALUES (:id, :taken, :missing, :now)"""


def give(entitlement_id: int, buyer: WalletKey, amount: int, *, starting_credits: int | None, now: int) -> Script[bool]:
    """Add the credits to the buyer's funds. False where that was done before, or where Discord has refunded it."""
    key = f"purchase:{entitlement_id}"
    yield from locks.lock(key)
    if (yield from ledger.move_by_key(key)) or (yield _REFUNDED, {"id": entitlement_id}):
        return False
    wallet = yield from ledger.open_wallet(buyer, starting_credits=starting_credits, now=now)
    yield from ledger.append(
        wallet, EntryKind.PURCHASE, posted=amount, key=key, actor=SYSTEM, reason="Bought on Discord", now=now
    )
    return True


def take_back(entitlement_id: int, *, now: int) -> Script[TakenBack | None]:
    """Take back the credits of a refunded purchase, as far as they are in funds. None where that was done before."""
    yield from locks.lock(f"purchase:{entitlement_id}")
    if (yield _REFUNDED, {"id": entitlement_id}):
        return None
    bought = yield from ledger.move_by_key(f"purchase:{entitlement_id}")
    given = bought.entry.posted_delta if bought else 0
    taken = 0
    if bought:
        wallet = yield from ledger.open_wallet(bought.wallet, starting_credits=None, now=now)
        taken = min(given, ledger.balance_of(wallet).funds_available)
        if taken:
            yield from ledger.append(
                wallet,
                EntryKind.PURCHASE_REFUND,
                posted=-taken,
                key=f"purchase_refund:{entitlement_id}",
                actor=SYSTEM,
                reason="Refunded by Discord",
                now=now,
            )
    yield _REFUND, {"id": entitlement_id, "taken": taken, "missing": given - taken, "now": now}
    return TakenBack(wallet=bought.wallet if bought else None, taken=taken, missing=given - taken)
