"""Transaction scripts of what members buy on Discord. The id of an entitlement is the act: it moves credits once."""

from __future__ import annotations

from bot.domain.purchase import CHOICE_MS, TakenBack
from bot.domain.wallet import NO_SERVER, SYSTEM, EntryKind, WalletKey
from bot.storage.credits import ledger
from bot.storage.engine import locks
from bot.storage.engine.store import Script

_REFUNDED = "SELECT 1 AS found FROM purchase_refunds WHERE entitlement_id = :id"
_REFUND = """
    INSERT INTO purchase_refunds (entitlement_id, taken, missing, at) VALUES (:id, :taken, :missing, :now)"""
_CHOOSE = """
    INSERT INTO purchase_wallets (member_id, guild_id, at) VALUES (:member_id, :guild_id, :now)
    ON CONFLICT (member_id) DO UPDATE SET guild_id = excluded.guild_id, at = excluded.at"""
_CHOSEN = "SELECT guild_id FROM purchase_wallets WHERE member_id = :member_id AND at > :since AND at <= :bought_at"


def choose(wallet: WalletKey, *, now: int) -> Script[None]:
    """Store which wallet gets what its member buys within `CHOICE_MS`."""
    yield _CHOOSE, {"member_id": wallet.member_id, "guild_id": wallet.guild_id, "now": now}


def chosen(member_id: int, *, bought_at: int) -> Script[WalletKey]:
    """The wallet that the member had chosen when the purchase was made, else the member's own (`NO_SERVER`)."""
    rows = yield _CHOSEN, {"member_id": member_id, "since": bought_at - CHOICE_MS, "bought_at": bought_at}
    return WalletKey(rows[0]["guild_id"] if rows else NO_SERVER, member_id)


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
