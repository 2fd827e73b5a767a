"""Transaction script of a gift. The server limits how much a member may give in a day."""

from __future__ import annotations

from bot.domain.bank import LedgerMove
from bot.domain.errors import GiftsOfTheDay, NotEnoughToGive
from bot.domain.wallet import WalletKey
from bot.storage.credits import bank, ledger
from bot.storage.engine.store import Row, Script

# A gift that a moderator has undone does not count.
_GIVEN = """
    SELECT coalesce(-sum(posted_delta), 0) AS given FROM entries
    WHERE wallet_id = (SELECT id FROM wallets WHERE guild_id = :guild_id AND member_id = :member_id)
        AND kind = 'gift_sent' AND at >= :since
        AND NOT EXISTS (SELECT 1 FROM entries AS undo WHERE undo.undoes = entries.id AND undo.kind = 'undo')"""

_STARTING = """
    SELECT entries.posted_delta AS amount, wallets.charged FROM entries JOIN wallets ON wallets.id = entries.wallet_id
    WHERE entries.key = :key
        AND NOT EXISTS (SELECT 1 FROM entries AS undo WHERE undo.undoes = entries.id AND undo.kind = 'undo')"""


def give(
    giver: WalletKey,
    taker: WalletKey,
    amount: int,
    *,
    per_day: int,
    day_since: int,
    act_id: str,
    reason: str,
    starting_credits: int | None,
    now: int,
    highest_balance: int | None = None,
) -> Script[tuple[LedgerMove, LedgerMove]]:
    """Give as `bank.give` does, within `per_day` credits since `day_since` (Unix milliseconds).

    Starting credits are for images: what is not charged of them yet can't be given away.

    Raises `GiftsOfTheDay`, `NotEnoughToGive`, `WalletFull`, `RepeatDiffers`.
    """
    source, target = yield from bank.open_both(giver, taker, starting_credits=starting_credits, now=now)
    if not (yield from ledger.move_by_key(f"gift_sent:{act_id}")):
        day = {"guild_id": giver.guild_id, "member_id": giver.member_id, "since": day_since}
        left = per_day - (yield _GIVEN, day)[0]["given"]
        if amount > left:
            raise GiftsOfTheDay(amount=amount, left=max(0, left), limit=per_day)
        starting = yield from _starting_left(source)
        available = max(0, ledger.balance_of(source).funds_available - starting)
        if amount > available:
            raise NotEnoughToGive(amount=amount, available=available, starting=starting)
        ledger.check_room(target, amount, highest_balance, told=False)  # what others have is not told
    return (
        yield from bank.give(
            giver, taker, amount, act_id=act_id, reason=reason, starting_credits=starting_credits, now=now
        )
    )


def _starting_left(wallet: Row) -> Script[int]:
    """The part of a wallet's starting credits that no image was charged yet."""
    key = ledger.starting_key(WalletKey(wallet["guild_id"], wallet["member_id"]))
    rows = yield _STARTING, {"key": key}
    return max(0, rows[0]["amount"] - rows[0]["charged"]) if rows else 0
