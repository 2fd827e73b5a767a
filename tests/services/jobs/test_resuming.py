"""This code takes up every open job that an older version or a backup has left, and each ends as the table says.

A backup is of some time ago: what waited in it, or was to be shown, may have been sent, or shown, since.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.job import JobState, ReleaseReason
from bot.storage.whole.backup import back_up
from bot.storage.whole.restore import restore
from tests.services.conftest import JobHarness, open_harness
from tests.services.jobs.test_worker import A_SUBMISSION
from tests.storage.engine.test_migrations import VERSIONS, make
from tests.support.everything import AWAITING, ENDED, OPEN, PICTURE, UNANSWERED
from tests.support.factories import NOW, sql
from tests.support.places import Places

ENDINGS = {
    "912": ReleaseReason.UNKNOWN,
    "913": JobState.DELIVERED,
    "914": JobState.DELIVERED,
    "915": JobState.DELIVERED,
}
LEFT = [*(version for version in VERSIONS if version != "0001"), "a backup", "a backup of PostgreSQL"]


async def leave(what: str, file: Path, places: Places) -> None:
    """Make the database at `file`, with the jobs to take up."""
    if what in VERSIONS:
        make(what, file)
        return
    url = await places.filled("postgres" if "PostgreSQL" in what else "sqlite")
    await back_up(places.whole(url), file.parent / "a.tar")
    await restore(file.parent / "a.tar", places.whole(f"sqlite:///{file}"), {})


@pytest.mark.parametrize("what", LEFT)
async def test_every_open_job_goes_on_from_where_it_was_found(what: str, tmp_path: Path, places: Places) -> None:
    await leave(what, tmp_path / "stillframe.db", places)
    async with open_harness(tmp_path) as harness:
        for job_id in ("914", "915"):
            await harness.images.keep(f"{job_id}.png", PICTURE)
        await known_to_the_supplier(harness, "913")
        harness.messenger.answer_id = None
        harness.clock.now = NOW + 60_000
        async with harness.at_work():
            ended = {job_id: await harness.until(job_id) for job_id in OPEN}
            if what not in VERSIONS:  # its file is not in this backup
                assert (await harness.until(AWAITING)).release_reason is ReleaseReason.GIVEN_UP
        endings = {job_id: job.release_reason or job.state for job_id, job in ended.items()}
        looked_for = dict(harness.messenger.deliveries)
        if what in VERSIONS:
            assert endings == {**ENDINGS, "910": JobState.DELIVERED, UNANSWERED: ReleaseReason.UNANSWERED}
            assert looked_for == {"910": False, "913": False, "914": False, "915": True}
        else:
            assert endings == {**ENDINGS, "910": ReleaseReason.UNKNOWN, UNANSWERED: ReleaseReason.UNKNOWN}
            assert looked_for == {"913": False, "914": True, "915": True}
        if what in VERSIONS and what >= "0006":
            assert (await harness.job(AWAITING)).state is JobState.AWAITING
        sent_before = 1  # 913, by hand
        assert harness.accepted == sent_before + (what in VERSIONS)
        assert {job_id: (await harness.job(job_id)).state for job_id in ENDED} == ENDED
        assert await harness.findings() == ()


async def known_to_the_supplier(harness: JobHarness, job_id: str) -> None:
    """The stand-in of this test does not know the old prediction."""
    submitted = await harness.supplier.submit(A_SUBMISSION)
    await harness.store.run(
        sql("UPDATE jobs SET prediction_id = :id WHERE id = :job", id=submitted.prediction_id, job=job_id)
    )
