"""The crash table of docs/architecture.md: the process is really killed at each point, and another takes over.

Three more lessons of the field are proved elsewhere: `INSERT OR REPLACE` can't walk around the triggers
(tests/storage/credits/test_ledger.py); a cancelled task leaves no half of a transaction
(tests/storage/engine/test_sqlite.py). The third, a token that dies between the edit and its record, is a row of this
table.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.domain.job import Job, JobState, ReleaseReason
from sandbox.atlas import Latency, StandIn, serve
from sandbox.clip import make_clip
from tests.chaos.aftermath import Aftermath, database, examine, quiet, read_books
from tests.support.house import API_KEY, PATIENCE_SECONDS, draw_at_once, words_of
from tests.support.wire_house import ORDER, START_CREDITS, TOKEN, BotProcess, a_bot_process, until
from tests.wire import WireDiscord, serve_discord

STOP_SECONDS = 10
SHORT_GRACE = {"WIRE_GRACE_MS": "700"}  # only where the answer never comes: else a slow machine would look like one
CLIP_BYTES = make_clip(seconds=1, width=64, height=48)
CLIP: dict[str, Any] = {"video": None, "clip": ("chorus.mp4", CLIP_BYTES), "start": "0", "end": "1"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """`token` is "dead" before the image is made, or "dies" with the process. `posts` counts the accepted ones."""

    row: str
    kill_at: str
    ending: ReleaseReason | Literal["delivered", "awaiting"] = "delivered"
    posts: int = 1
    scenario: str = "ok"
    token: Literal["alive", "dead", "dies"] = "alive"
    environment: dict[str, str] = field(default_factory=dict)
    history_closed: bool = False
    doors_shut: bool = False
    options: dict[str, Any] = field(default_factory=dict)


TABLE = (
    Row(
        row="after the hold, before Discord is answered",
        kill_at="after place",
        ending=ReleaseReason.UNANSWERED,
        posts=0,
        environment=SHORT_GRACE,
    ),
    Row(row="answered, and that is not written down", kill_at="before answered", environment=SHORT_GRACE),
    Row(
        row="answered, the token dies before that is written down",
        kill_at="before answered",
        token="dies",
        environment=SHORT_GRACE,
    ),
    Row(row="the answer is written down", kill_at="after answered"),
    Row(row="on its way to submitting", kill_at="before submitting"),
    Row(row="submitting, before the POST", kill_at="after submitting", ending=ReleaseReason.UNKNOWN, posts=0),
    Row(row="after the POST's reply, before its id is stored", kill_at="before running", ending=ReleaseReason.UNKNOWN),
    Row(row="running", kill_at="after running"),
    Row(row="completed, the file not yet under its name", kill_at="before file"),
    Row(row="the file on disk, and that is not written down", kill_at="before stored"),
    Row(row="stored", kill_at="after stored"),
    Row(row="posting, before the post", kill_at="after posting"),
    Row(row="posted, before the capture", kill_at="before delivered"),
    Row(row="posted by edit, the token dies before the record", kill_at="before delivered", token="dies"),
    Row(row="posted without a token, before the capture", kill_at="before delivered", token="dead"),
    Row(row="the same, and nothing may be read back", kill_at="before delivered", token="dead", history_closed=True),
    Row(row="posted without a token, before its card leads there", kill_at="before moved", token="dead"),
    Row(row="shown nowhere, before it waits", kill_at="before awaiting", ending="awaiting", doors_shut=True),
    Row(row="shown nowhere, and waits", kill_at="after awaiting", ending="awaiting", doors_shut=True),
    Row(row="captured", kill_at="after delivered"),
    Row(
        row="a failure, before its release",
        kill_at="before released",
        ending=ReleaseReason.FAILED,
        scenario="failed_200",
    ),
    Row(
        row="released, before the card says so",
        kill_at="after released",
        ending=ReleaseReason.FAILED,
        scenario="failed_200",
    ),
    Row(
        row="released, the token dies before the card says so",
        kill_at="after released",
        ending=ReleaseReason.FAILED,
        scenario="failed_200",
        token="dies",
    ),
    Row(row="a clip is kept, and not yet lent", kill_at="after answered", options=CLIP),
    Row(row="a private image, posted before the capture", kill_at="before delivered", options={"private": True}),
)


def supplier(*, slow_submit_seconds: float = 60.0, seconds: float = 0.0) -> Any:
    latency = Latency.fixed(seconds)
    return serve(api_key=API_KEY, latency=latency, draw=draw_at_once, slow_submit_seconds=slow_submit_seconds)


async def killed(process: BotProcess) -> None:
    assert await asyncio.wait_for(process.wait(), PATIENCE_SECONDS) == -signal.SIGKILL


async def followed_by_another(
    wire: WireDiscord, standin: StandIn, folder: Path, *, dead: tuple[int, ...] = ()
) -> Aftermath:
    """A second process on the same files brings everything to its end, and stops."""
    async with a_bot_process(wire, standin, folder, WIRE_TELL_AGAIN_MS="200") as second:
        await quiet(database(folder), seconds=PATIENCE_SECONDS)
        second.terminate()
        assert await asyncio.wait_for(second.wait(), STOP_SECONDS) == 0
    return examine(await read_books(database(folder)), wire, standin, starting_credits=START_CREDITS, dead=dead)


def fits(wire: WireDiscord, job: Job, ending: ReleaseReason | str) -> bool:
    """Whether the card under the command says how the job ended."""
    card = wire.answer(int(job.id))
    if ending == "delivered":
        return card is not None and (bool(card.files) or "The image is ready" in words_of(card))
    if ending == "awaiting":
        return card is not None and not card.files
    if ending is ReleaseReason.UNANSWERED:
        return card is None
    return card is not None and "Nothing was charged" in words_of(card)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.row)
async def test_a_killed_process_is_followed_by_one_that_ends_the_job_as_the_table_says(
    row: Row, tmp_path: Path
) -> None:
    seconds = 0.3 if row.token == "dead" else 0.0  # time for the token to die in
    async with serve_discord(token=TOKEN) as wire, supplier(seconds=seconds) as standin:
        standin.use(row.scenario)
        if row.history_closed:
            wire.fail("GET", "/channels/*/messages", status=403, code=50001)
        if row.doors_shut:
            for where in ("/webhooks/*", "/channels/*/messages"):
                wire.fail("*", where, status=403, code=50013)
        hurried = {"WIRE_TELL_AGAIN_MS": "200", **row.environment}
        async with a_bot_process(wire, standin, tmp_path, KILL_AT=row.kill_at, **hurried) as first:
            order = await wire.imagine({name: value for name, value in {**ORDER, **row.options}.items() if value})
            if row.token == "dead":
                await until(lambda: wire.answer(order))
                wire.kill_token(order)
            await killed(first)
        if row.token == "dies":
            wire.kill_token(order)
        aftermath = await followed_by_another(wire, standin, tmp_path, dead=() if row.token == "alive" else (order,))
        (job,) = aftermath.books.jobs
        assert (job.release_reason or str(job.state)) == row.ending
        assert aftermath.broken == dict.fromkeys(aftermath.broken, ())
        assert len(standin.charges) == row.posts
        assert len(wire.visible_images()) == (1 if row.ending == "delivered" else 0)
        assert fits(wire, job, row.ending)


async def test_a_process_killed_before_the_hold_commits_leaves_nothing_behind(tmp_path: Path) -> None:
    async with serve_discord(token=TOKEN) as wire, supplier() as standin:
        async with a_bot_process(wire, standin, tmp_path, KILL_AT="before place") as first:
            order = await wire.imagine(ORDER)
            await killed(first)
        aftermath = await followed_by_another(wire, standin, tmp_path)
        assert (aftermath.books.jobs, dict(aftermath.books.balances), aftermath.books.findings) == ((), {}, ())
        assert (standin.submits, wire.answer(order)) == ([], None)


async def test_a_request_that_was_accepted_but_not_answered_is_never_sent_again(tmp_path: Path) -> None:
    async with serve_discord(token=TOKEN) as wire, supplier() as standin:
        standin.use("submit_slow", times=1)
        async with a_bot_process(wire, standin, tmp_path) as first:
            order = await wire.imagine(ORDER)
            await until(lambda: standin.submits)
            first.kill()
            await killed(first)
        aftermath = await followed_by_another(wire, standin, tmp_path)
        (job,) = aftermath.books.jobs
        assert job.release_reason is ReleaseReason.UNKNOWN
        assert aftermath.sound
        assert len(standin.charges) == 1
        assert fits(wire, job, ReleaseReason.UNKNOWN)
        assert str(order) == job.id


async def test_two_jobs_that_are_made_while_the_process_is_killed_are_both_brought_home(tmp_path: Path) -> None:
    async with serve_discord(token=TOKEN) as wire, supplier(seconds=0.5) as standin:
        async with a_bot_process(wire, standin, tmp_path, KILL_AT="after running 2") as first:
            for prompt in ("A poster", "A thumbnail"):
                await wire.imagine({**ORDER, "prompt": prompt})
            await killed(first)
        aftermath = await followed_by_another(wire, standin, tmp_path)
        assert [job.state for job in aftermath.books.jobs] == [JobState.DELIVERED] * 2
        assert aftermath.sound
        assert len(wire.visible_images()) == len(standin.charges) == 2
        assert "2 unfinished jobs are taken up again" in log_of(tmp_path)


# --- a stop that is asked for ---------------------------------------------------------------------------------


def log_of(folder: Path) -> str:
    return (folder / "bot.log").read_text()


def says(folder: Path, words: str) -> Callable[[], bool]:
    return lambda: words in log_of(folder)


async def test_a_stop_lets_the_request_under_way_finish_and_the_next_start_delivers_its_image(tmp_path: Path) -> None:
    async with serve_discord(token=TOKEN) as wire, supplier(slow_submit_seconds=1) as standin:
        standin.use("submit_slow", times=1)
        async with a_bot_process(wire, standin, tmp_path) as first:
            await wire.imagine(ORDER)
            await until(lambda: standin.submits)
            first.terminate()
            assert await asyncio.wait_for(first.wait(), STOP_SECONDS) == 0
        (job,) = (await read_books(database(tmp_path))).jobs
        assert job.state is JobState.RUNNING
        aftermath = await followed_by_another(wire, standin, tmp_path)
        assert [job.state for job in aftermath.books.jobs] == [JobState.DELIVERED]
        assert aftermath.sound
        assert "1 unfinished jobs are taken up again" in log_of(tmp_path)


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_quits_at_once_and_loses_no_credits(tmp_path: Path, second: signal.Signals) -> None:
    async with serve_discord(token=TOKEN) as wire, supplier() as standin:
        standin.use("submit_slow", times=1)  # what the stop would wait for
        async with a_bot_process(wire, standin, tmp_path) as first:
            await wire.imagine(ORDER)
            await until(lambda: standin.submits)
            first.send_signal(signal.SIGTERM)
            await until(says(tmp_path, "stopping: each job finishes the step it is in"))
            first.send_signal(second)
            assert await asyncio.wait_for(first.wait(), 1) == 128 + second
        aftermath = await followed_by_another(wire, standin, tmp_path)
        assert [job.release_reason for job in aftermath.books.jobs] == [ReleaseReason.UNKNOWN]
        assert aftermath.sound
