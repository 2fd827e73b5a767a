"""Transaction scripts of the operator's budgets for single servers, and of what all servers have cost in a month."""

from __future__ import annotations

from bot.domain.operator_budget import ServerCosts
from bot.storage.engine.store import Script

_PUT = """
    INSERT INTO server_budgets (guild_id, micros) VALUES (:guild_id, :micros)
    ON CONFLICT (guild_id) DO UPDATE SET micros = excluded.micros"""
_FORGET = "DELETE FROM server_budgets WHERE guild_id = :guild_id"
_FROM_BEFORE = "SELECT count(*) AS found FROM installation WHERE name = 'before_budgets'"
_SERVERS = """
    SELECT servers.guild_id, coalesce(c.micros, 0) AS micros, coalesce(c.bought, 0) AS bought,
        b.guild_id IS NOT NULL AS has_own, b.micros AS own,
        (SELECT count(*) FROM jobs WHERE guild_id = servers.guild_id AND created_at >= :since
            AND state = 'delivered') AS images,
        (SELECT count(*) FROM jobs WHERE guild_id = servers.guild_id AND created_at >= :since
            AND release_reason = 'content_refused') AS refusals
    FROM (SELECT guild_id FROM wallets UNION SELECT guild_id FROM server_budgets) AS servers
    LEFT JOIN server_costs AS c ON c.guild_id = servers.guild_id AND c.month = :month
    LEFT JOIN server_budgets AS b ON b.guild_id = servers.guild_id
    ORDER BY micros DESC, images DESC, servers.guild_id"""


def set_own(guild_id: int, micros: int | None) -> Script[None]:
    """Give a server a budget of its own; None: none, whatever the settings say."""
    yield _PUT, {"guild_id": guild_id, "micros": micros}


def forget_own(guild_id: int) -> Script[None]:
    """From now on the server has the budget of the settings, and counts to what unknown servers share."""
    yield _FORGET, {"guild_id": guild_id}


def is_from_before() -> Script[bool]:
    """Whether jobs were placed before there were budgets of the operator's: then none holds that is not set."""
    return bool((yield _FROM_BEFORE, {})[0]["found"])


def servers(month: str, *, since: int) -> Script[list[ServerCosts]]:
    """Every server with a wallet or a budget of its own, the dearest first.

    `month` is one of UTC, and `since` its beginning in Unix milliseconds.
    """
    rows = yield _SERVERS, {"month": month, "since": since}
    return [ServerCosts(**{**row, "has_own": bool(row["has_own"])}) for row in rows]
