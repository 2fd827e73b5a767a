"""Locks that live as long as their transaction. On SQLite they are comments: there one transaction writes at a time.

To never wait in a circle, every script takes what it needs of these in one order: the server, the member, a code, a
request or another row of its own, the job, then wallets by member.
"""

from __future__ import annotations

from bot.storage.engine.store import Script

WORK = "work"  # the channel on which a job that may start is called out
SALES = "sales"  # where it is called out that sales are closed, or open again

_LOCK = "/*postgres SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0)) */"
_NOTIFY = "/*postgres SELECT pg_notify('stillframe', :channel) */"


def of_server(guild_id: int) -> Script[None]:
    """What is judged for all of a server together: its policy, its budget, its templates."""
    return lock(f"server:{guild_id}")


def of_member(member_id: int) -> Script[None]:
    """What is judged for a member in all servers: the place in the line, tray, templates, favourites."""
    return lock(f"member:{member_id}")


def lock(subject: str) -> Script[None]:
    yield _LOCK, {"subject": subject}


def notify(channel: str) -> Script[None]:
    """Once this is committed, wake whoever listens (`Store.listen`)."""
    yield _NOTIFY, {"channel": channel}
