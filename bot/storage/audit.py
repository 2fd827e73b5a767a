"""Proves the books: what `stillframe ledger check` asks the database. Reads everything, writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from bot.storage.store import Script


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule. `subject` is a wallet (`wallet 3`) or a job (`job 123`)."""

    rule: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Totals in credits, and every broken rule; sound books have none."""

    wallets: int
    entries: int
    open_jobs: int
    posted: int
    held: int
    findings: tuple[Finding, ...]


_TOTALS = """
    SELECT count(*) AS wallets, coalesce(sum(posted), 0) AS posted, coalesce(sum(held), 0) AS held,
           (SELECT count(*) FROM entries) AS entries,
           (SELECT count(*) FROM jobs WHERE state NOT IN ('delivered', 'released')) AS open_jobs
    FROM wallets"""

RULES = {
    "a wallet is the sum of its entries": """
        SELECT 'wallet ' || w.id AS subject FROM wallets w LEFT JOIN (
            SELECT wallet_id, sum(posted_delta) AS posted, sum(held_delta) AS held, count(*) AS entries
            FROM entries GROUP BY wallet_id) e ON e.wallet_id = w.id
        WHERE w.posted <> coalesce(e.posted, 0) OR w.held <> coalesce(e.held, 0) OR w.seq <> coalesce(e.entries, 0)""",
    "entries follow each other without a gap": """
        SELECT DISTINCT 'wallet ' || wallet_id AS subject FROM (
            SELECT wallet_id, seq, posted_after, held_after, posted_delta, held_delta,
                   lag(seq, 1, 0) OVER w AS seq_before,
                   lag(posted_after, 1, 0) OVER w AS posted_before,
                   lag(held_after, 1, 0) OVER w AS held_before
            FROM entries WINDOW w AS (PARTITION BY wallet_id ORDER BY seq))
        WHERE seq <> seq_before + 1 OR posted_after <> posted_before + posted_delta
           OR held_after <> held_before + held_delta""",
    "no balance was ever below zero": """
        SELECT DISTINCT 'wallet ' || wallet_id AS subject FROM entries
        WHERE held_after < 0 OR posted_after < held_after""",
    "held credits are those of the open jobs": """
        SELECT 'wallet ' || w.id AS subject FROM wallets w LEFT JOIN (
            SELECT wallet_id, sum(cost) AS cost FROM jobs
            WHERE state NOT IN ('delivered', 'released') GROUP BY wallet_id) j ON j.wallet_id = w.id
        WHERE w.held <> coalesce(j.cost, 0)""",
    "each job has one hold, and an ending only when it has ended": """
        SELECT 'job ' || j.id AS subject FROM jobs j LEFT JOIN (
            SELECT job_id, count(CASE WHEN kind = 'hold' THEN 1 END) AS holds,
                   count(CASE WHEN kind = 'capture' THEN 1 END) AS captures,
                   count(CASE WHEN kind = 'release' THEN 1 END) AS releases,
                   sum(CASE WHEN kind = 'capture' THEN -posted_delta ELSE 0 END) AS charged
            FROM entries WHERE job_id IS NOT NULL GROUP BY job_id) e ON e.job_id = j.id
        WHERE coalesce(e.holds, 0) <> 1
           OR e.captures <> CASE WHEN j.state = 'delivered' THEN 1 ELSE 0 END
           OR e.releases <> CASE WHEN j.state = 'released' THEN 1 ELSE 0 END
           OR (j.state = 'delivered' AND e.charged <> j.cost)""",
    "each hold belongs to a job": """
        SELECT 'job ' || e.job_id AS subject FROM entries e
        WHERE e.kind = 'hold' AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = e.job_id)""",
}


def check_books() -> Script[Books]:
    totals = (yield _TOTALS, {})[0]
    findings: list[Finding] = []
    for rule, sql in RULES.items():
        rows = yield sql, {}
        findings += [Finding(rule, row["subject"]) for row in rows]
    return Books(
        wallets=totals["wallets"],
        entries=totals["entries"],
        open_jobs=totals["open_jobs"],
        posted=totals["posted"],
        held=totals["held"],
        findings=tuple(findings),
    )
