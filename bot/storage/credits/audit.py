"""The rules of the books, and the checks of them. They read everything and write nothing.

`stillframe ledger check` runs them on the whole database, and `/bank audit` on one server.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.bank import OpenHold, ServerBooks
from bot.storage.engine.store import Script


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule. `subject` names a wallet (`wallet 3`), a job (`job 123`), the month of a server or a day."""

    rule: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The totals of all books, `posted` and `held` in credits, and every broken rule; sound books have none.

    `awaiting`: how many of the open jobs have an image that waits for its member.
    """

    wallets: int
    entries: int
    open_jobs: int
    awaiting: int
    posted: int
    held: int
    findings: tuple[Finding, ...]


_TOTALS = """
    SELECT count(*) AS wallets, coalesce(sum(posted), 0) AS posted, coalesce(sum(held), 0) AS held,
           (SELECT count(*) FROM entries) AS entries,
           (SELECT count(*) FROM jobs WHERE state NOT IN ('delivered', 'released')) AS open_jobs,
           (SELECT count(*) FROM jobs WHERE state = 'awaiting') AS awaiting
    FROM wallets"""

# As the triggers of budgets say it.
_BOUGHT_NOTHING = """state = 'released' AND prediction_id IS NULL
    AND (submitted_at IS NULL OR release_reason <> 'unknown')"""
_COST = f"(CASE WHEN {_BOUGHT_NOTHING} THEN 0 ELSE coalesce(price_micros, list_micros) END)"

OF_WALLETS = {
    "a wallet is the sum of its entries": """
        SELECT 'wallet ' || w.id AS subject FROM {wallets} w LEFT JOIN (
            SELECT wallet_id, sum(posted_delta) AS posted, sum(held_delta) AS held, count(*) AS entries,
                   sum(allowance_delta) AS allowance, sum(allowance_held_delta) AS allowance_held
            FROM {entries} AS each GROUP BY wallet_id) e ON e.wallet_id = w.id
        WHERE w.posted <> coalesce(e.posted, 0) OR w.held <> coalesce(e.held, 0) OR w.seq <> coalesce(e.entries, 0)
           OR w.allowance <> coalesce(e.allowance, 0) OR w.allowance_held <> coalesce(e.allowance_held, 0)""",
    "entries follow each other without a gap": """
        SELECT DISTINCT 'wallet ' || wallet_id AS subject FROM (
            SELECT wallet_id, seq, posted_after, held_after, posted_delta, held_delta,
                   allowance_after, allowance_held_after, allowance_delta, allowance_held_delta,
                   lag(seq, 1, 0) OVER w AS seq_before,
                   lag(posted_after, 1, 0) OVER w AS posted_before,
                   lag(held_after, 1, 0) OVER w AS held_before,
                   lag(allowance_after, 1, 0) OVER w AS allowance_before,
                   lag(allowance_held_after, 1, 0) OVER w AS allowance_held_before
            FROM {entries} AS each WINDOW w AS (PARTITION BY wallet_id ORDER BY seq)) AS steps
        WHERE seq <> seq_before + 1 OR posted_after <> posted_before + posted_delta
           OR held_after <> held_before + held_delta
           OR allowance_after <> allowance_before + allowance_delta
           OR allowance_held_after <> allowance_held_before + allowance_held_delta""",
    "no balance was ever below zero": """
        SELECT DISTINCT 'wallet ' || wallet_id AS subject FROM {entries} AS each
        WHERE held_after < 0 OR posted_after < held_after OR allowance_held_after NOT BETWEEN 0 AND allowance_after
           OR posted_after - allowance_after < held_after - allowance_held_after""",
    "what a wallet has spent of allowances and paid of its funds is what its entries say": """
        SELECT 'wallet ' || w.id AS subject FROM {wallets} w LEFT JOIN (
            SELECT e.wallet_id,
                   sum(CASE WHEN e.allowance_day >= ours.allowance_day
                       THEN e.allowance_held_delta - e.allowance_delta ELSE 0 END) AS day,
                   sum(CASE WHEN e.allowance_day >= ours.allowance_week
                       THEN e.allowance_held_delta - e.allowance_delta ELSE 0 END) AS week,
                   sum(CASE WHEN e.allowance_day >= ours.allowance_month
                       THEN e.allowance_held_delta - e.allowance_delta ELSE 0 END) AS month,
                   sum(CASE WHEN e.kind IN ('capture', 'refund')
                       THEN e.allowance_delta - e.posted_delta ELSE 0 END) AS charged
            FROM {entries} AS e JOIN wallets AS ours ON ours.id = e.wallet_id GROUP BY e.wallet_id) s
            ON s.wallet_id = w.id
        WHERE w.day_spent <> coalesce(s.day, 0) OR w.week_spent <> coalesce(s.week, 0)
           OR w.month_spent <> coalesce(s.month, 0) OR w.charged <> coalesce(s.charged, 0)""",
    "held credits are those of the open jobs": """
        SELECT 'wallet ' || w.id AS subject FROM {wallets} w LEFT JOIN (
            SELECT wallet_id, sum(cost) AS cost FROM {jobs} AS open
            WHERE state NOT IN ('delivered', 'released') GROUP BY wallet_id) j ON j.wallet_id = w.id
        WHERE w.held <> coalesce(j.cost, 0)""",
    "each job has one hold, and an ending only when it has ended": """
        SELECT 'job ' || j.id AS subject FROM {jobs} j LEFT JOIN (
            SELECT job_id, count(CASE WHEN kind = 'hold' THEN 1 END) AS holds,
                   count(CASE WHEN kind = 'capture' THEN 1 END) AS captures,
                   count(CASE WHEN kind = 'release' THEN 1 END) AS releases,
                   sum(CASE WHEN kind = 'capture' THEN -posted_delta ELSE 0 END) AS charged
            FROM {entries} AS each WHERE job_id IS NOT NULL GROUP BY job_id) e ON e.job_id = j.id
        WHERE coalesce(e.holds, 0) <> 1
           OR e.captures <> CASE WHEN j.state = 'delivered' THEN 1 ELSE 0 END
           OR e.releases <> CASE WHEN j.state = 'released' THEN 1 ELSE 0 END
           OR (j.state = 'delivered' AND e.charged <> j.cost)""",
    "an image that waits for its member is there, and nobody has seen it": """
        SELECT 'job ' || id AS subject FROM {jobs} AS each WHERE state = 'awaiting'
            AND (image_name IS NULL OR awaiting_since IS NULL OR result_id IS NOT NULL)""",
    "a refund is for a charge, never more than it, and never less than the job owes": """
        SELECT 'job ' || j.id AS subject FROM {jobs} j LEFT JOIN (
            SELECT job_id, sum(posted_delta) AS refunded FROM {entries} AS each WHERE kind = 'refund' GROUP BY job_id) e
            ON e.job_id = j.id
        WHERE coalesce(e.refunded, 0) > CASE WHEN j.state = 'delivered' THEN j.cost ELSE 0 END
           OR coalesce(e.refunded, 0) < CASE WHEN j.state = 'delivered' THEN j.refund ELSE 0 END""",
    "each hold belongs to a job": """
        SELECT 'job ' || e.job_id AS subject FROM {entries} e
        WHERE e.kind = 'hold' AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = e.job_id)""",
}
OF_SERVERS = {  # and their months
    "what a month has spent is what its jobs have bought": f"""
        SELECT 'server ' || s.guild_id || ' in ' || s.month AS subject FROM {{spending}} s LEFT JOIN (
            SELECT guild_id, month, sum(CASE WHEN state = 'held' THEN cost ELSE 0 END) AS held,
                   sum(CASE WHEN state = 'held' OR ({_BOUGHT_NOTHING}) THEN 0 ELSE cost END) AS spent
            FROM {{jobs}} AS each GROUP BY guild_id, month) j ON j.guild_id = s.guild_id AND j.month = s.month
        WHERE s.held <> coalesce(j.held, 0) OR s.spent <> coalesce(j.spent, 0)""",  # noqa: S608  # our own text
    "what a channel has spent in a month is what its jobs have bought": f"""
        SELECT 'server ' || guild_id || ' in ' || month AS subject FROM (
            SELECT guild_id, month, channel_id, credits FROM {{channel_spending}} AS counted UNION ALL
            SELECT guild_id, month, coalesce(home_channel, channel_id),
                CASE WHEN {_BOUGHT_NOTHING} THEN 0 ELSE -cost END FROM {{jobs}} AS each WHERE month <> '') AS both_sides
        GROUP BY guild_id, month, channel_id HAVING sum(credits) <> 0""",  # noqa: S608  # our own text
    "what a server has cost in a month is what its jobs have cost": f"""
        SELECT 'server ' || guild_id || ' in ' || month AS subject FROM (
            SELECT guild_id, month, micros FROM {{server_costs}} AS counted UNION ALL
            SELECT guild_id, strftime('%Y-%m', created_at / 1000, 'unixepoch'), -{_COST}
            FROM {{jobs}} AS each WHERE list_micros > 0) AS both_sides
        GROUP BY guild_id, month HAVING sum(micros) <> 0""",  # noqa: S608  # our own text
}
OF_DAYS = {  # of all servers together, so all jobs are read
    "what a day has cost is what its jobs have cost": f"""
        SELECT 'day ' || day AS subject FROM (
            SELECT day, shard, micros, stranger_micros FROM day_costs UNION ALL
            SELECT created_at / 86400000, (member_id >> 22) % 8, -{_COST}, -{_COST} * stranger
            FROM {{jobs}} AS each WHERE list_micros > 0) AS both_sides
        GROUP BY day, shard HAVING sum(micros) <> 0 OR sum(stranger_micros) <> 0""",  # noqa: S608  # our own text
}
RULES = {**OF_WALLETS, **OF_SERVERS, **OF_DAYS}


# The rules read these tables. For one server, they read its part of each.
TABLES = ("wallets", "entries", "jobs", "spending", "channel_spending", "server_costs")
_OF_A_SERVER = {
    "wallets": "(SELECT * FROM wallets WHERE guild_id = :guild_id)",
    "entries": """(SELECT entries.* FROM wallets JOIN entries ON entries.wallet_id = wallets.id
                   WHERE wallets.guild_id = :guild_id)""",
    "jobs": "(SELECT * FROM jobs WHERE guild_id = :guild_id)",
    "spending": "(SELECT * FROM spending WHERE guild_id = :guild_id)",
    "channel_spending": "(SELECT * FROM channel_spending WHERE guild_id = :guild_id)",
    "server_costs": "(SELECT * FROM server_costs WHERE guild_id = :guild_id)",
}
_TOTALS_OF_A_SERVER = """
    SELECT count(*) AS wallets, coalesce(sum(seq), 0) AS entries, coalesce(sum(posted), 0) AS posted,
        coalesce(sum(held), 0) AS held, coalesce(sum(allowance), 0) AS allowance
    FROM wallets WHERE guild_id = :guild_id"""
# The plus keeps SQLite from reading all jobs of the server; it reads all open jobs instead.
_OPEN_HOLDS = """
    SELECT id, member_id, cost, created_at, count(*) OVER () AS open_holds FROM jobs
    WHERE +guild_id = :guild_id AND state NOT IN ('delivered', 'released') ORDER BY created_at LIMIT :limit"""


def totals_of(guild_id: int, *, holds_shown: int) -> Script[ServerBooks]:
    """The totals of one server and its `holds_shown` oldest open holds. Checks no rule, so `findings` is 0."""
    totals = (yield _TOTALS_OF_A_SERVER, {"guild_id": guild_id})[0]
    rows = yield _OPEN_HOLDS, {"guild_id": guild_id, "limit": holds_shown}
    oldest = tuple(
        OpenHold(
            job_id=row["id"],
            member_id=row["member_id"],
            cost=row["cost"],
            since=row["created_at"],
        )
        for row in rows
    )
    open_holds = rows[0]["open_holds"] if rows else 0
    return ServerBooks(**totals, open_holds=open_holds, oldest=oldest, findings=0)


def broken_in(guild_id: int, rule: str) -> Script[int]:
    """Count the wallets, jobs or months of a server that break one of `RULES`."""
    rows = yield RULES[rule].format(**_OF_A_SERVER), {"guild_id": guild_id}
    return len(rows)


def check_books() -> Script[Books]:
    totals = (yield _TOTALS, {})[0]
    findings: list[Finding] = []
    for rule, sql in RULES.items():
        rows = yield sql.format(**{table: table for table in TABLES}), {}
        findings += [Finding(rule, row["subject"]) for row in rows]
    return Books(
        wallets=totals["wallets"],
        entries=totals["entries"],
        open_jobs=totals["open_jobs"],
        awaiting=totals["awaiting"],
        posted=totals["posted"],
        held=totals["held"],
        findings=tuple(findings),
    )
