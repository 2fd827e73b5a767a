"""Days and job numbers as people write them; and which member may see which image again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from bot.domain.errors import JobUnknown, NotADate
from bot.domain.history import may_see, read_job, read_period
from bot.domain.job import Job, JobState, ReleaseReason, StoredImage
from tests.support.factories import ANN, BOB, a_recipe

NOW = int(datetime(2026, 11, 22, 15, 30, tzinfo=UTC).timestamp() * 1000)
JOB = "1441234567890123456"
IMAGE = StoredImage(
    name="a.png", sha256="0" * 64, width=64, height=64, unsafe=None, output_url=None, price_micros=None
)  # fmt: skip


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "option", "expected"),
    [
        ("2026-11-20", "since", at(2026, 11, 20)),
        ("2026-11-20", "until", at(2026, 11, 21)),
        ("20261120", "since", at(2026, 11, 20)),
        (" Today ", "since", at(2026, 11, 22)),
        ("today", "until", at(2026, 11, 23)),
        ("yesterday", "since", at(2026, 11, 21)),
        ("yesterday", "until", at(2026, 11, 22)),
        ("7d", "since", at(2026, 11, 15, 15, 30)),
        ("2 w ago", "until", at(2026, 11, 8, 15, 30)),
        ("0d", "until", NOW),
        ("hoy", "since", at(2026, 11, 22)),
        ("Ayer", "until", at(2026, 11, 22)),
        ("anteayer", "since", at(2026, 11, 20)),
        ("7 days", "since", at(2026, 11, 15, 15, 30)),
        ("7 días", "since", at(2026, 11, 15, 15, 30)),
        ("7 di\u0301as", "since", at(2026, 11, 15, 15, 30)),
        ("hace 2 semanas", "since", at(2026, 11, 8, 15, 30)),
        ("últimos 7 días", "since", at(2026, 11, 15, 15, 30)),
        ("the last 7 days", "since", at(2026, 11, 15, 15, 30)),
        ("22/11/2026", "since", at(2026, 11, 22)),
        ("22.11.26", "since", at(2026, 11, 22)),
        ("11/22/2026", "since", at(2026, 11, 22)),
        ("5/6", "since", at(2026, 6, 5)),
        ("23/11", "since", at(2025, 11, 23)),  # the last one
        ("2026/11/20", "since", at(2026, 11, 20)),
        ("20 nov", "since", at(2026, 11, 20)),
        ("Nov 20, 2026", "since", at(2026, 11, 20)),
        ("20 de noviembre de 2026", "since", at(2026, 11, 20)),
        ("20th August", "since", at(2026, 8, 20)),
        ("3 de enero", "since", at(2026, 1, 3)),
        ("todo", "since", 0),
        ("all", "until", NOW),
    ],
)
def test_a_day_is_read_from_its_first_moment_to_its_last(
    text: str, option: Literal["since", "until"], expected: int
) -> None:
    assert expected == read_period(text, option=option, now=NOW)


def test_which_comes_first_of_day_and_month_is_the_readers_habit() -> None:
    assert read_period("5/6", option="since", now=NOW, day_first=False) == at(2026, 5, 6)


@pytest.mark.parametrize(
    "text", ["soon", "", "31/11/2026", "13/13/2026", "2026-02-30", "5 lunes", "d", "-7d", "99999w", "9999-12-31", "٧d"]
)
def test_anything_else_is_refused_with_what_was_typed(text: str) -> None:
    with pytest.raises(NotADate) as refused:
        read_period(text, option="until", now=NOW)
    assert (text, "until") == (refused.value.text, refused.value.option)


@pytest.mark.parametrize(
    "text",
    [
        JOB,
        f" #{JOB} ",
        f"https://discord.com/channels/1/2/{JOB}",
        f"look: https://ptb.discord.com/channels/@me/2/{JOB} there",
        f"https://discordapp.com/channels/1/2/{JOB}?jump=1",
        f"dQw4w9WgXcQ_0m14-0m17_16x9_2k_{JOB}.png",
        f"take-111111111111111111_0m14-0m17_auto_1k_{JOB}.jpg",
        f"https://cdn.discordapp.com/attachments/2/3/x_1k_{JOB}.png?ex=1&hm=1111111111111111111",
        f"1k_{JOB}",
    ],
)
def test_a_job_is_named_by_its_number_a_message_or_a_file(text: str) -> None:
    assert read_job(text) == JOB


@pytest.mark.parametrize("text", ["", "poster", "dQw4w9WgXcQ_0m14-0m17.png", "1" * 26])
def test_a_text_without_a_number_names_no_job(text: str) -> None:
    with pytest.raises(JobUnknown):
        read_job(text)


def a_job(**changes: Any) -> Job:
    facts: dict[str, Any] = {
        "id": "900", "wallet": ANN, "channel_id": 5, "private": False, "recipe": a_recipe(), "cost": 150,
        "state": JobState.DELIVERED, "created_at": NOW, "token": "", "token_until": NOW, "file_limit_bytes": 1,
        "message_id": 7, "submitted_at": None, "prediction_id": None, "image": IMAGE, "result_id": 7,
        "release_reason": None, "told": True, "late_looks": 0, "lease_epoch": 1, "locale": "en-US", "spoiler": False,
        "made_from": None, "deleted": False,
    }  # fmt: skip
    return Job(**{**facts, **changes})


def ended(reason: ReleaseReason, *, result_id: int | None = None) -> dict[str, Any]:
    return {"state": JobState.RELEASED, "release_reason": reason, "result_id": result_id}


@pytest.mark.parametrize(
    ("changes", "by_owner", "by_others"),
    [
        ({}, True, True),
        ({"private": True}, True, False),
        ({"deleted": True}, False, False),
        ({"image": None}, False, False),
        ({"state": JobState.POSTING, "result_id": None}, False, False),
        (ended(ReleaseReason.UNDELIVERABLE), True, False),
        (ended(ReleaseReason.TIMED_OUT, result_id=8), True, True),
        (ended(ReleaseReason.TIMED_OUT), True, False),
        (ended(ReleaseReason.UNSAFE), False, False),
    ],
)
def test_only_what_was_paid_given_or_owed_may_be_seen_again(
    changes: dict[str, Any], *, by_owner: bool, by_others: bool
) -> None:
    job = a_job(**changes)
    assert (by_owner, by_others) == (
        may_see(job, asker_id=ANN.member_id),
        may_see(job, asker_id=BOB.member_id),
    )
