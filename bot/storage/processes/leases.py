"""Transaction scripts of the processes that share a database: who is alive, and who has which duty."""

from __future__ import annotations

from bot.storage.engine import locks
from bot.storage.engine.store import Script

_BEAT = """
    INSERT INTO processes (id, about, until) VALUES (:id, :about, clock_ms(:now) + :lease_ms)
    ON CONFLICT (id) DO UPDATE SET until = excluded.until"""
_BURY = "DELETE FROM processes WHERE until < clock_ms(:now) - :long_ms"
_LEAVE = "DELETE FROM processes WHERE id = :id"
_FORGET_OTHERS = "DELETE FROM processes WHERE id <> :id"
_LIVING = "SELECT about FROM processes WHERE until > clock_ms(:now) ORDER BY about, id"
_BURIED_AFTER_MS = 24 * 3_600_000


def alive(column: str) -> str:
    """SQL: is the process that this column names alive? With the parameters `now` and `grace_ms`."""
    return (
        f"EXISTS (SELECT 1 FROM processes WHERE processes.id = {column} "  # noqa: S608  # our own text
        "AND processes.until > clock_ms(:now) - :grace_ms)"
    )


_HOLDER = f"SELECT owner FROM duties WHERE name = :name AND (owner = :owner OR {alive('duties.owner')})"  # noqa: S608  # our own text
_TAKE_DUTY = """
    INSERT INTO duties (name, owner) VALUES (:name, :owner)
    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner"""


def renew(process_id: str, *, about: str, lease_ms: int, now: int) -> Script[None]:
    """It is alive for so long from now on."""
    yield _BEAT, {"id": process_id, "about": about, "lease_ms": lease_ms, "now": now}
    yield _BURY, {"now": now, "long_ms": _BURIED_AFTER_MS}


def leave(process_id: str) -> Script[None]:
    """It has stopped: what it had in hand is free at once, and those who could take it are called."""
    yield _LEAVE, {"id": process_id}
    yield from locks.notify(locks.WORK)


def alone(process_id: str) -> Script[None]:
    """Whoever owns the whole database knows that every other process is dead."""
    yield _FORGET_OTHERS, {"id": process_id}


def living(*, now: int) -> Script[list[str]]:
    """What and where each of them is."""
    return [row["about"] for row in (yield _LIVING, {"now": now})]


def take_leadership(name: str, owner: str, *, grace_ms: int, now: int) -> Script[bool]:
    """Is this the process that has the duty, by now? One that is alive keeps it."""
    facts = {"name": name, "owner": owner, "grace_ms": grace_ms, "now": now}
    holder = yield from _holder(facts)
    if holder is None:
        yield from locks.lock(f"duty:{name}")
        holder = yield from _holder(facts)
        if holder is None:
            yield _TAKE_DUTY, facts
            return True
    return holder == owner


def _holder(facts: dict[str, object]) -> Script[str | None]:
    """The process that has it: this one, or another one that is alive."""
    rows = yield _HOLDER, facts
    return rows[0]["owner"] if rows else None
