"""What a wallet remembers of its allowance, and the script that brings it to the present day.

The entries say what of allowances was spent, and on which day (`entries.allowance_day`). The wallet has the sums of its
present day, week and month; a trigger keeps them with each entry, and `turn` computes them anew for another day.
"""

from __future__ import annotations

from datetime import date

from bot.domain.allowance import AllowanceState, Entitlement, Every, first_day, free_by_the_rules, remembered
from bot.domain.wallet import EntryKind
from bot.storage.engine.store import Row, Script

# What an entry spends of an allowance (a hold, a take), or gives back to it. The trigger `entries_count_what_is_spent`
# and the audit say it the same way.
_SPENT_SINCE = """(
    SELECT coalesce(sum(allowance_held_delta - allowance_delta), 0) FROM entries
    WHERE wallet_id = :id AND allowance_day >= :{since})"""
_TURN = f"""
    UPDATE wallets SET allowance_day = :day, allowance_week = :week, allowance_month = :month,
        allowance_day_ends_at = :day_ends_at, allowance_role = :role, allowance_until = :until,
        day_spent = {_SPENT_SINCE.format(since="day")},
        week_spent = {_SPENT_SINCE.format(since="week")}, month_spent = {_SPENT_SINCE.format(since="month")}
    WHERE id = :id RETURNING *"""  # noqa: S608  # our own texts

REFILL_REASONS = {every: f"Allowance for the {every}" for every in Every}
LAPSE_REASONS = {every: f"More than the allowance for the {every}" for every in Every}
ENDED = "The allowance has ended"


def is_settled(wallet: Row, owed: Entitlement) -> bool:
    """Say whether the wallet has what the rules give, so that nothing is to be written."""
    state = _state_of(wallet)
    if owed.rule is None and state.free == 0:
        return True
    return _is_turned(wallet, owed) and free_by_the_rules(state, owed) == state.free


def turn(wallet: Row, owed: Entitlement) -> Script[Row]:
    """Bring what a locked wallet remembers to the present day and role. Returns its row."""
    state = _state_of(wallet)
    if (owed.rule is None and state.free == 0) or _is_turned(wallet, owed):
        return wallet
    now_on = remembered(state, owed)
    rows = yield (
        _TURN,
        {
            "id": wallet["id"],
            "day": now_on.day.isoformat(),
            "week": first_day(Every.WEEK, now_on.day).isoformat(),
            "month": first_day(Every.MONTH, now_on.day).isoformat(),
            "day_ends_at": now_on.day_ends_at,
            "role": now_on.role,
            "until": now_on.until.isoformat() if now_on.until else "",
        },
    )
    return rows[0]


def due(wallet: Row, owed: Entitlement) -> tuple[EntryKind, int, str] | None:
    """Return the entry that a turned wallet still needs: its kind, what it moves, and its reason."""
    state = _state_of(wallet)
    missing = free_by_the_rules(state, owed) - state.free
    if not missing:
        return None
    if missing > 0 and owed.rule:
        return EntryKind.REFILL, missing, REFILL_REASONS[owed.rule.every]
    return EntryKind.LAPSE, missing, LAPSE_REASONS[owed.rule.every] if owed.rule else ENDED


def _is_turned(wallet: Row, owed: Entitlement) -> bool:
    state, now_on = _state_of(wallet), remembered(_state_of(wallet), owed)
    return (state.day, state.day_ends_at, state.role, state.until) == (
        now_on.day,
        now_on.day_ends_at,
        now_on.role,
        now_on.until,
    )


def _state_of(wallet: Row) -> AllowanceState:
    day, until = wallet["allowance_day"], wallet["allowance_until"]
    return AllowanceState(
        free=wallet["allowance"] - wallet["allowance_held"],
        day=date.fromisoformat(day) if day else None,
        day_ends_at=wallet["allowance_day_ends_at"],
        spent={Every.DAY: wallet["day_spent"], Every.WEEK: wallet["week_spent"], Every.MONTH: wallet["month_spent"]},
        role=wallet["allowance_role"],
        until=date.fromisoformat(until) if until else None,
    )
