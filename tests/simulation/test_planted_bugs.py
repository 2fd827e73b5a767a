"""The simulation has teeth: each bug planted here is found within a few seeds, by the rule that it breaks.

At which, `pytest --log-cli-level=INFO` tells.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.discord.delivery.finder import Finder
from bot.domain.bank import LedgerMove
from bot.domain.caller import Caller
from bot.domain.errors import SubmitUnknown, SupplierError
from bot.domain.job import Job, Placed, ReleaseReason, Shown
from bot.domain.order import Order
from bot.domain.wallet import EntryKind
from bot.services.jobs.delivery import DeliverySteps
from bot.services.jobs.submission import SubmissionSteps
from bot.services.orders.ordering import Ordering
from bot.storage.credits import allowances, ledger
from bot.storage.engine import sqlite_file
from bot.storage.engine.migrations import migrations_of
from bot.storage.engine.store import Row, Script
from tests.simulation.simulation import RuleViolation, simulate

FIRST_SEED = 200  # beyond those that must be sound
TRIES = 40

log = logging.getLogger(__name__)

# These keep a second ending out: the index, and the checks that what is held is never less than nothing.
GUARDS = re.compile(
    r"(DROP INDEX|CREATE UNIQUE INDEX) entries_one_ending_per_job[^;]*;"
    r"|CONSTRAINT \w+_(held_is|buckets_are)_never_negative CHECK \([^()]*\),?"
)

Plant = pytest.MonkeyPatch


def find(rule: str, tmp_path: Path, *, first_seed: int = FIRST_SEED) -> None:
    """Fail unless a world breaks this rule within a few seeds. `first_seed`: nearer to one that does, to save time."""
    for seed in range(first_seed, first_seed + TRIES):
        try:
            simulate(seed, tmp_path / str(seed))
        except RuleViolation as broken:
            if re.search(f"BROKEN .*{rule}", str(broken)):
                log.info("found at seed %d", seed)
                return
    pytest.fail(f"{TRIES} worlds, and none broke the rule {rule!r}")


# --- credits given back twice -----------------------------------------------------------------------------


def _release_twice(job_id: str, *, reason: str, now: int) -> Script[LedgerMove]:
    """Release as if the key of the entry were new for each try."""
    yield from ledger._end_hold(job_id, EntryKind.RELEASE, reason=reason, now=now)
    held: Row = (yield ledger._LOCK_HOLD, {"job_id": job_id})[0]
    return (
        yield from ledger.append(
            held, EntryKind.RELEASE, held=-held["cost"], job_id=job_id, key=f"job:{job_id}:again", actor="bug",
            reason=reason, now=now,
        )
    )  # fmt: skip


def test_a_double_release_is_refused_by_the_database(monkeypatch: Plant, tmp_path: Path) -> None:
    monkeypatch.setattr(ledger, "release", _release_twice)
    find("met an error that nobody foresaw.*ConstraintBroken", tmp_path)


def test_a_double_release_is_found_when_the_database_lets_it_pass(monkeypatch: Plant, tmp_path: Path) -> None:
    guarded = migrations_of("sqlite")
    unguarded = [replace(each, sql=GUARDS.sub("", each.sql)) for each in guarded]
    assert unguarded != guarded
    monkeypatch.setattr(sqlite_file, "migrations_of", lambda _: unguarded)
    monkeypatch.setattr(ledger, "release", _release_twice)
    find("its entries are .'hold', 'release', 'release'.", tmp_path)


# --- the POST sent again ----------------------------------------------------------------------------------


def test_a_post_repeated_after_an_unknown_answer_is_found(monkeypatch: Plant, tmp_path: Path) -> None:
    sound = SubmissionSteps._not_accepted

    async def hopeful(self: SubmissionSteps, job: Job, error: SupplierError) -> Job | None:
        if isinstance(error, SubmitUnknown):
            await self._wait_for_a_turn(job)
            return None
        return await sound(self, job, error)

    monkeypatch.setattr(SubmissionSteps, "_not_accepted", hopeful)
    find("was sent again after a POST that may have been taken", tmp_path)


def test_a_post_repeated_after_a_crash_is_found(monkeypatch: Plant, tmp_path: Path) -> None:
    async def hopeful(self: SubmissionSteps, job: Job) -> None:
        await self._wait_for_a_turn(job)

    monkeypatch.setattr(SubmissionSteps, "submitting", hopeful)
    find("was sent again after a POST that may have been taken", tmp_path)


# --- an allowance without end -------------------------------------------------------------------------------


def test_an_allowance_that_forgets_what_was_spent_is_found(monkeypatch: Plant, tmp_path: Path) -> None:
    monkeypatch.setattr(allowances, "free_by_the_rules", lambda _, owed: owed.rule.amount if owed.rule else 0)
    find("of its allowance on", tmp_path)


# --- the image posted again -------------------------------------------------------------------------------


def _forget_the_nonce(monkeypatch: Plant) -> None:
    sound = discord.http.handle_message_parameters

    def without_nonce(**facts: Any) -> object:
        facts.pop("nonce", None)
        return sound(**facts)

    monkeypatch.setattr(discord.http, "handle_message_parameters", without_nonce)


def test_a_late_post_without_a_nonce_is_found_where_the_history_is_hidden(monkeypatch: Plant, tmp_path: Path) -> None:
    """Elsewhere, the look at the channel that goes before a repeated post makes up for it."""
    _forget_the_nonce(monkeypatch)
    find(r"and has \d images", tmp_path, first_seed=300)


def test_a_late_post_without_a_nonce_and_without_a_look_is_found(monkeypatch: Plant, tmp_path: Path) -> None:
    async def find_nothing(self: Finder, job: Job) -> Shown | None:
        return None

    _forget_the_nonce(monkeypatch)
    monkeypatch.setattr(Finder, "image_in_channel", find_nothing)
    find(r"and has \d images", tmp_path)


def test_a_rung_that_is_left_without_a_look_at_what_it_shows_is_found(monkeypatch: Plant, tmp_path: Path) -> None:
    """discord.py repeats an edit that was taken, until it is refused."""

    async def find_nothing(self: Finder, job: Job) -> Shown | None:
        return None

    monkeypatch.setattr(Finder, "image_in_answer", find_nothing)
    find(r"and has \d images", tmp_path, first_seed=41)


# --- an image for nothing ---------------------------------------------------------------------------------


def test_an_image_that_could_be_shown_nowhere_and_is_released_for_nothing_is_found(
    monkeypatch: Plant, tmp_path: Path
) -> None:
    async def generous(self: DeliverySteps, job: Job, *, in_doubt: bool = False) -> None:
        await self._steps.release(job, ReleaseReason.UNDELIVERABLE)

    monkeypatch.setattr(DeliverySteps, "_await", generous)
    find("has an image in the history for nothing", tmp_path, first_seed=205)


def test_an_image_shown_where_its_member_asked_and_then_given_up_is_found(monkeypatch: Plant, tmp_path: Path) -> None:
    async def forget_the_charge(self: DeliverySteps, job: Job, shown: Shown) -> Job:
        if job.answer_channel_id is None:
            return await charge(self, job, shown)
        return await self._steps.release(job, ReleaseReason.GIVEN_UP)

    charge = DeliverySteps._charge
    monkeypatch.setattr(DeliverySteps, "_charge", forget_the_charge)
    find(r"is released \(given_up\), and has 1 images", tmp_path, first_seed=220)


# --- the order taken twice --------------------------------------------------------------------------------


def test_a_redelivered_interaction_that_is_not_recognised_is_found(monkeypatch: Plant, tmp_path: Path) -> None:
    sound, numbers = Ordering.place, count()

    async def place(self: Ordering, caller: Caller, order: Order, **at: Any) -> Placed:
        return await sound(self, caller, order, **{**at, "job_id": str(caller.interaction_id + next(numbers))})

    monkeypatch.setattr(Ordering, "place", place)
    find(r"order \d+ became \d jobs", tmp_path)
