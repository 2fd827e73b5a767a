"""Transaction scripts of acts whose answer is not confirmed yet.

The mark of an act is written by the transaction that does it, and goes when its answer is confirmed. So it stays where
the answer is lost, and also where the process dies or the word of the commit is lost with a connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bot.domain.act import ANSWER_MS, REPEAT_MS, ActMark
from bot.domain.errors import DoneBefore, Refusal
from bot.storage.engine.store import Parameters, Script

T = TypeVar("T")

MINUTE_MS = 60_000

_SAME = """
    SELECT * FROM unconfirmed_acts WHERE actor_id = :actor_id AND guild_id = :guild_id AND what = :what
        AND at > :since AND asked_from <= :now AND id <> :id AND id <> :once_more ORDER BY at DESC LIMIT 1"""
_MARK = f"""
    INSERT INTO unconfirmed_acts (id, guild_id, actor_id, what, number, at, asked_from)
    SELECT :id, :guild_id, :actor_id, :what, :number, :now, :asked_from WHERE NOT EXISTS ({_SAME})
    ON CONFLICT (id) DO NOTHING RETURNING id"""
_CONFIRM = "DELETE FROM unconfirmed_acts WHERE id = :id"
_LOST = "UPDATE unconfirmed_acts SET asked_from = at, code = :code WHERE id = :id"


def once(mark: ActMark, script: Script[T], *, number_of: Callable[[T], int | None], now: int) -> Script[T]:
    """Do the act, and mark it as not confirmed. `number_of` gives the entry or code; None where nothing was done.

    Raises `DoneBefore`, where the same act was done within `REPEAT_MS`, and its answer is lost or was not confirmed
    within `ANSWER_MS`.
    """
    facts = {"id": mark.id, "guild_id": mark.guild_id, "actor_id": mark.actor_id, "what": mark.what, "now": now}
    facts |= {"since": now - REPEAT_MS, "once_more": mark.once_more or ""}
    try:
        done = yield from script
    except Refusal:  # perhaps because the act was done before: then the question is the better answer
        yield from _check_not_done(mark, facts)
        raise
    number = number_of(done)
    if number is not None:
        marked = yield _MARK, {**facts, "number": number, "asked_from": now + ANSWER_MS}
        if not marked:  # or Discord has delivered the same interaction twice
            yield from _check_not_done(mark, facts)
    if mark.once_more:
        yield from confirm(mark.once_more)
    return done


def _check_not_done(mark: ActMark, facts: Parameters) -> Script[None]:
    """Raises `DoneBefore`, which undoes what the transaction has done."""
    for row in (yield _SAME, facts):
        minutes = max(1, (facts["now"] - row["at"]) // MINUTE_MS)
        raise DoneBefore(
            act_id=row["id"], numbered=mark.numbered, number=row["number"], minutes=minutes, code=row["code"]
        )


def confirm(act_id: str) -> Script[None]:
    """The answer has arrived: the mark goes."""
    yield _CONFIRM, {"id": act_id}


def lose(act_id: str, *, code: str | None) -> Script[None]:
    """The answer is lost: the same act is asked about from now on.

    `code`: the text of a code that was made and not shown, which is kept for the second try.
    """
    yield _LOST, {"id": act_id, "code": code}
