"""Locks that last as long as their transaction. On SQLite they are comments: there one transaction writes at a time.

To avoid deadlocks, every script takes the locks that it needs in this order: the server, the member, a code, a request
or another row of its own, the job, then wallets by member. The rows of costs and budgets come last (see
`bot/storage/orders/costs.py`), in the order of the triggers that write them.
"""

from __future__ import annotations

from bot.storage.engine.store import Script

WORK = "work"  # the channel on which processes are told that a job may start
SALES = "sales"  # the channel on which processes are told that sales are closed, or open again

MODELS = "models"  # the channel on which processes are told that a model is closed, or open again

_LOCK = "/*postgres SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0)) */"
_NOTIFY = "/*postgres SELECT pg_notify('stillframe', :channel) */"


def of_server(guild_id: int) -> Script[None]:
    """Lock what belongs to a whole server: its policy, its budget, its templates."""
    return lock(f"server:{guild_id}")


def of_member(member_id: int) -> Script[None]:
    """Lock what belongs to a member in all servers: the place in the line, tray, templates, favourites."""
    return lock(f"member:{member_id}")


def lock(subject: str) -> Script[None]:
    yield _LOCK, {"subject": subject}


def notify(channel: str) -> Script[None]:
    """Wake the processes that listen on the channel (`Store.listen`), once the transaction is committed."""
    yield _NOTIFY, {"channel": channel}
