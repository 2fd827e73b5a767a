"""What is left when all jobs have ended, and the rules for it: the same after one exact kill and after a thousand."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.domain.job import Job, JobState, ReleaseReason
from bot.domain.wallet import Balance, WalletKey
from bot.storage.credits import ledger
from bot.storage.credits.audit import check_books
from bot.storage.database import read_once
from bot.storage.engine.store import Script
from sandbox.atlas import StandIn
from tests.support.house import all_jobs, words_of
from tests.wire import Message, WireDiscord

LOOK_SECONDS = 0.05  # between two looks at the file
HANGING = ("Making your image", "in line", "on hold", "Looking at the video")
JOB_IN_FILE_NAME = re.compile(r"_(\d+)\.\w+$")

RuleViolation = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Books:
    """What the database says. `findings` are those of `check_books`; `balances` are by member."""

    jobs: tuple[Job, ...]
    balances: Mapping[int, Balance]
    findings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """`broken` has the job ids (or wallets) by the rule that they break; it is sound where each of them is empty."""

    books: Books
    broken: RuleViolation
    unreachable: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        return not any(self.broken.values())


def database(folder: Path) -> str:
    return f"sqlite:///{folder / 'stillframe.db'}"


async def read_books(url: str) -> Books:
    return await read_once(url, _books())


def _books() -> Script[Books]:
    found = yield from all_jobs()
    balances: dict[int, Balance] = {}
    for row in (yield "SELECT guild_id, member_id FROM wallets", {}):
        balance = yield from ledger.balance(WalletKey(row["guild_id"], row["member_id"]))
        if balance:
            balances[row["member_id"]] = balance
    findings = (yield from check_books()).findings
    return Books(
        jobs=tuple(found),
        balances=balances,
        findings=tuple(f"{finding.subject}: {finding.rule}" for finding in findings),
    )


async def quiet(url: str, *, seconds: float) -> None:
    """Wait until every job has ended, or waits for its member, and every ending has been told."""
    async with asyncio.timeout(seconds):
        while True:
            found = (await read_books(url)).jobs
            at_rest = {JobState.DELIVERED, JobState.AWAITING}
            if all(job.state in at_rest or (job.state.ended and job.told) for job in found):
                return
            await asyncio.sleep(LOOK_SECONDS)


def examine(
    books: Books, wire: WireDiscord, standin: StandIn, *, starting_credits: int, dead: Iterable[int] = ()
) -> Aftermath:
    """Each job's prompt must be its own. `dead`: interactions whose token was killed.

    A card whose image waits may still say that it is being made: where no door was open, it could not be changed.
    A private answer can't be read or changed without its token. Where that dies between the post and its record, the
    image is sent once more, directly; where a private job is released, its card stays. Both are `unreachable`.
    """
    shows = _shows(wire)
    without_token = {str(each) for each in dead}
    unreachable = {job.id for job in books.jobs if job.private and job.id in without_token}
    waiting = [job for job in books.jobs if job.state is JobState.AWAITING]
    released = [job for job in books.jobs if job.state is JobState.RELEASED]
    posts = Counter(str(submit.body["prompt"]) for submit in standin.submits if submit.id)
    hanging = [job.id for job in books.jobs if job not in waiting and _hangs(wire, job)]
    twice = [job.id for job in books.jobs if len(shows.get(job.id, [])) > 1]
    broken = {
        "jobs that have not ended": tuple(job.id for job in books.jobs if not job.state.ended and job not in waiting),
        "images that wait, and were seen": tuple(job.id for job in waiting if _visible(shows, job)),
        "images for nothing": tuple(job.id for job in released if job.release_reason is ReleaseReason.UNDELIVERABLE),
        "jobs with more than one accepted POST": tuple(job.id for job in books.jobs if posts[job.recipe.prompt] > 1),
        "accepted POSTs without a job": tuple(sorted(set(posts) - {job.recipe.prompt for job in books.jobs})),
        "images posted more than once": tuple(each for each in twice if each not in unreachable),
        "delivered without an image": without_image(books, wire),
        "released with an image": tuple(job.id for job in released if _visible(shows, job)),
        "unbalanced wallets": _unbalanced(books, starting_credits),
        "findings of check_books": books.findings,
        "cards left hanging": tuple(each for each in hanging if each not in unreachable),
        "violations at the stand-ins": (*wire.violations, *standin.violations),
    }
    beyond = tuple(each for each in dict.fromkeys((*twice, *hanging)) if each in unreachable)
    return Aftermath(books=books, broken=broken, unreachable=beyond)


def without_image(books: Books, wire: WireDiscord) -> tuple[str, ...]:
    """The delivered jobs whose image is nowhere to be seen."""
    shows = _shows(wire)
    delivered = [job for job in books.jobs if job.state is JobState.DELIVERED]
    return tuple(job.id for job in delivered if not _visible(shows, job))


def _shows(wire: WireDiscord) -> dict[str, list[Message]]:
    """Every message that ever showed a job's image."""
    found: dict[str, list[Message]] = {}
    for message in wire.posts_of_images():
        for job_id in {match[1] for file in message.files_ever if (match := JOB_IN_FILE_NAME.search(file.name))}:
            found.setdefault(job_id, []).append(message)
    return found


def _visible(shows: Mapping[str, list[Message]], job: Job) -> bool:
    return any(message.files and not message.deleted for message in shows.get(job.id, []))


def _hangs(wire: WireDiscord, job: Job) -> bool:
    card = wire.answer(int(job.id))
    return card is not None and hangs(card)


def hangs(card: Message) -> bool:
    return not card.deleted and any(words in words_of(card) for words in HANGING)


def _unbalanced(books: Books, starting_credits: int) -> tuple[str, ...]:
    spent, held = Counter[int](), Counter[int]()
    for job in books.jobs:
        held[job.wallet.member_id] += job.cost if job.state is JobState.AWAITING else 0
        spent[job.wallet.member_id] += job.charge if job.state is JobState.DELIVERED else 0
    return tuple(
        f"member {member_id}: {balance.posted} posted, {balance.held} held"
        for member_id, balance in books.balances.items()
        if balance != Balance(posted=starting_credits - spent[member_id], held=held[member_id])
    )
