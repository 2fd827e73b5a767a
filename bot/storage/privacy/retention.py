"""Transaction scripts of retention: which files are still needed, and what is stored when a file is erased."""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.act import REPEAT_MS
from bot.domain.job import JobState
from bot.domain.proposal import LIFE_MS, Proposal
from bot.domain.recipe import Recipe, files_of
from bot.domain.wallet import DAY_MS
from bot.storage.engine.store import Script
from bot.storage.orders import showings
from bot.storage.orders.history import SEARCH_LIFE_MS

_JOB = "SELECT state FROM jobs WHERE id = :id"
_ERASED = """
    UPDATE jobs SET erased_at = coalesce(erased_at, :now), noted = 1 WHERE id = :id AND image_name IS NOT NULL"""
_IN_A_TRAY = "SELECT 1 AS found FROM tray WHERE sha256 = :sha256 AND member_id <> :but LIMIT 1"
_UNDER_WAY = """
    SELECT recipe FROM jobs WHERE state NOT IN ('delivered', 'released') AND recipe LIKE '%"sha256"%'"""
_PROPOSED = """
    SELECT body FROM proposals
    WHERE member_id <> :but AND updated_at > :after AND body LIKE '%"sha256"%'"""
_OLD_PROPOSALS = "DELETE FROM proposals WHERE updated_at <= :before RETURNING id"
_OLD_SEARCHES = "DELETE FROM searches WHERE made_at < :before RETURNING id"
_OLD_TRAY = "DELETE FROM tray WHERE added_at <= :before RETURNING sha256"
_OLD_ACTS = "DELETE FROM unconfirmed_acts WHERE at <= :before RETURNING id"
_OLD_CHOICES = "DELETE FROM purchase_wallets WHERE at <= :before RETURNING member_id"
NO_MEMBER = 0  # no member has this id


def let_images_go(job_ids: Collection[str], *, now: int) -> Script[set[str]]:
    """Store that these images are erased. Returns the ids whose job has ended, and those that are the id of no job.

    This is stored before the files are erased: files that a crash leaves are found again by their age.
    """
    free: set[str] = set()
    for job_id in job_ids:
        rows = yield _JOB, {"id": job_id}
        if not rows or JobState(rows[0]["state"]).ended:
            free.add(job_id)
            yield _ERASED, {"id": job_id, "now": now}
    return free


def unneeded(files: Collection[str], *, now: int, but_member: int = NO_MEMBER) -> Script[set[str]]:
    """The files that no open job, no tray and no proposal needs.

    The tray and the proposals of `but_member` do not count.
    """
    rows = yield _UNDER_WAY, {}
    recipes = [Recipe.model_validate_json(row["recipe"]) for row in rows]
    rows = yield _PROPOSED, {"after": now - LIFE_MS, "but": but_member}
    recipes += [Proposal.model_validate_json(row["body"]).recipe for row in rows]
    needed = {sha256 for recipe in recipes for sha256 in files_of(recipe)}
    free = set(files) - needed
    for sha256 in files:
        if (yield _IN_A_TRAY, {"sha256": sha256, "but": but_member}):
            free.discard(sha256)
    return free


def forget_old(*, trays_before: int, now: int) -> Script[int]:
    """Delete expired proposals, searches and marks of acts, and what trays got before `trays_before`.

    Returns how many rows.
    """
    proposals = yield _OLD_PROPOSALS, {"before": now - LIFE_MS}
    searches = yield _OLD_SEARCHES, {"before": now - SEARCH_LIFE_MS}
    tray = yield _OLD_TRAY, {"before": trays_before}
    acts = yield _OLD_ACTS, {"before": now - REPEAT_MS}
    looks = yield from showings.forget_old_tokens(now=now)
    choices = yield _OLD_CHOICES, {"before": now - DAY_MS}  # a purchase may wait as long for the bot to come back
    return len(proposals) + len(searches) + len(tray) + len(acts) + len(choices) + len(looks)
