"""Transaction scripts of the processes that share a database: their leases, and the leader locks.

A process is alive while its lease runs. The leader of a piece of work is the one process that does it.
"""

from __future__ import annotations

from bot.storage.engine import locks
from bot.storage.engine.store import Script

_RENEW = """
    INSERT INTO processes (id, about, until) VALUES (:id, :about, clock_ms(:now) + :lease_ms)
    ON CONFLICT (id) DO UPDATE SET until = excluded.until"""
_DELETE_EXPIRED = "DELETE FROM processes WHERE until < clock_ms(:now) - :long_ms"
_DELETE = "DELETE FROM processes WHERE id = :id"
_DELETE_OTHERS = "DELETE FROM processes WHERE id <> :id"
_LIVING = "SELECT about FROM processes WHERE until > clock_ms(:now) ORDER BY about, id"
_KEPT_EXPIRED_MS = 24 * 3_600_000


def alive(column: str) -> str:
    """SQL: is the process that this column names alive? With the parameters `now` and `grace_ms`."""
    return (
        f"EXISTS (SELECT 1 FROM processes WHERE processes.id = {column} "  # noqa: S608  # our own text
        "AND processes.until > clock_ms(:now) - :grace_ms)"
    )


_LEADER = f"SELECT owner FROM duties WHERE name = :name AND (owner = :owner OR {alive('duties.owner')})"  # noqa: S608  # our own text
_TAKE_LEADERSHIP = """
    INSERT INTO duties (name, owner) VALUES (:name, :owner)
    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner"""


def renew(process_id: str, *, about: str, lease_ms: int, now: int) -> Script[None]:
    """Begin or renew the lease of a process: it counts as alive for `lease_ms` from now on."""
    yield _RENEW, {"id": process_id, "about": about, "lease_ms": lease_ms, "now": now}
    yield _DELETE_EXPIRED, {"now": now, "long_ms": _KEPT_EXPIRED_MS}


def leave(process_id: str) -> Script[None]:
    """End the lease of a process that has stopped. Its jobs are free at once, and the other processes are woken."""
    yield _DELETE, {"id": process_id}
    yield from locks.notify(locks.WORK)


def alone(process_id: str) -> Script[None]:
    """Delete every other lease. Only for a process that has the whole database for itself: all others are dead."""
    yield _DELETE_OTHERS, {"id": process_id}


def living(*, now: int) -> Script[list[str]]:
    """What each living process says about itself, sorted."""
    return [row["about"] for row in (yield _LIVING, {"now": now})]


def take_leadership(name: str, owner: str, *, grace_ms: int, now: int) -> Script[bool]:
    """Take the leader lock `name`, unless another process has it that is alive. Returns whether `owner` has it now."""
    facts = {"name": name, "owner": owner, "grace_ms": grace_ms, "now": now}
    leader = yield from _leader(facts)
    if leader is None:
        yield from locks.lock(f"duty:{name}")
        leader = yield from _leader(facts)
        if leader is None:
            yield _TAKE_LEADERSHIP, facts
            return True
    return leader == owner


def _leader(facts: dict[str, object]) -> Script[str | None]:
    """The process that has the leader lock: this one, or another one that is alive."""
    rows = yield _LEADER, facts
    return rows[0]["owner"] if rows else None
