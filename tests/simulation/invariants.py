"""What must hold when all is quiet again, whatever happened. Each broken rule is a sentence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.job import JobState, ReleaseReason
from bot.domain.recipe import Size
from bot.services.jobs.delivery import DELIVERY_LIMIT_MS
from bot.services.jobs.submission import TURN_LIMIT_MS, WAIT_LIMIT_SECONDS
from bot.storage.credits.audit import check_books
from tests.simulation.books import Books, JobRow
from tests.simulation.plan import Plan
from tests.simulation.simulated_discord import SimulatedDiscord, seconds_of
from tests.simulation.supplier import NOTHING_TAKEN, Works
from tests.wire.components import words
from tests.wire.messages import Message
from tests.wire.state import USUAL_LIMITS

T = TypeVar("T")
SLACK_SECONDS = 10 * 60.0
TELLING_SECONDS = 180.0  # of fair weather are enough to change a card
DISCORD_SPELLS = ("discord_down", "discord_loses_answers", "discord_limits")
SMALLER = {Size.K1: 0, Size.K2: 40, Size.K4: 80}  # credits back: each image of the simulated supplier is a tiny one
FREE = "Nothing was charged"  # on the card of a job that ended without an image
FINAL_WORDS = (FREE, "Nothing is charged yet. If this is still here")  # the second on one that has no job's number yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """All that is left to look at. `absences` are the times (from, until) without a process that was logged in."""

    plan: Plan
    server: SimulatedDiscord
    works: Works
    books: Books
    absences: tuple[tuple[float, float], ...]

    def images_of(self, job: JobRow) -> list[Message]:
        """Every message of ours by which the job's image was shown, the oldest first."""
        showing = [
            message
            for message in self.server.state.messages.all.values()
            if any(job.id in file.name for file in message.files_ever) and not self.server.was_asked_for(message)
        ]
        return sorted(showing, key=_shown_at)


def broken_rules(left: Aftermath) -> Iterator[str]:
    jobs = left.books.jobs()
    yield from _books(left, jobs)
    yield from _within_the_allowance(left)
    yield from _one_job_for_an_interaction(jobs)
    yield from _one_post_for_an_order(left)
    yield from _no_more_than_it_is_worth(jobs)
    for job in jobs:
        yield from _one_ending(left, job)
        yield from _one_image(left, job)
        yield from _in_time(left, job)
        yield from _final_word(left, job)
        yield from _leads_to_its_image(left, job)
        yield from _true_words(left, job)
    yield from _acknowledged(left)


def _books(left: Aftermath, jobs: list[JobRow]) -> Iterator[str]:
    books = left.books.read(check_books())
    yield from (f"books: {finding.rule}: {finding.subject}" for finding in books.findings)
    waiting = [job.cost for job in jobs if job.state == JobState.AWAITING]
    if (books.open_jobs, books.awaiting, books.held) != (len(waiting), len(waiting), sum(waiting)):
        yield f"books: {books.open_jobs} jobs are open, {books.held} credits held, and {len(waiting)} images wait"
    granted = Counter[str](row["reason"] for row in left.books.all("SELECT reason FROM entries WHERE kind = 'grant'"))
    yield from (
        f"{reason} was given {times} times" for reason, times in granted.items() if reason[0] == "g" and times > 1
    )
    owned: defaultdict[int, int] = defaultdict(int)
    for grant in left.plan.grants:
        owned[left.server.person(grant.member).id] += grant.amount if granted[f"grant {grant.number}."] else 0
    for job in jobs:
        owned[job.member_id] -= job.cost - job.refund if job.state == JobState.DELIVERED else 0
    for row in left.books.all(
        "SELECT member_id, posted_delta FROM wallets JOIN entries ON wallet_id = wallets.id"
        " WHERE kind IN ('refill', 'lapse')"
    ):
        owned[row["member_id"]] += row["posted_delta"]
    for row in left.books.all("SELECT member_id, posted FROM wallets"):
        due = owned[row["member_id"]] + left.plan.starting_credits
        if row["posted"] != due:
            yield f"member {row['member_id']} has {row['posted']} credits, and should have {due}"


def _within_the_allowance(left: Aftermath) -> Iterator[str]:
    spent = left.books.all(
        "SELECT wallet_id, allowance_day AS day, -sum(allowance_delta) AS credits FROM entries"
        " WHERE kind IN ('capture', 'refund') AND allowance_day IS NOT NULL GROUP BY wallet_id, allowance_day"
    )
    for row in spent:
        if row["credits"] > left.plan.allowance:
            yield f"wallet {row['wallet_id']} spent {row['credits']} of its allowance on {row['day']}"


def _one_job_for_an_interaction(jobs: list[JobRow]) -> Iterator[str]:
    for number, times in Counter(job.order.number for job in jobs).items():
        if times > 1:
            yield f"order {number} became {times} jobs"


def _no_more_than_it_is_worth(jobs: list[JobRow]) -> Iterator[str]:
    for job in jobs:
        due = SMALLER[job.order.size]
        if job.state == JobState.DELIVERED and job.refund != due:
            yield f"job {job.id} got {job.refund} credits back for a smaller image, and should have {due}"


def _one_post_for_an_order(left: Aftermath) -> Iterator[str]:
    for order in left.plan.orders:
        posts = left.works.posts_of(order)
        answers = [post.answer if post.heard else f"{post.answer}, unheard" for post in posts]
        if any(answer not in NOTHING_TAKEN for answer in answers[:-1]):
            yield f"order {order.number} was sent again after a POST that may have been taken: {answers}"
        if left.works.charged[order.number] > 1:
            yield f"order {order.number} was charged {left.works.charged[order.number]} times by the supplier"


def _one_ending(left: Aftermath, job: JobRow) -> Iterator[str]:
    kinds = [
        row["kind"]
        for row in left.books.all(f"SELECT kind FROM entries WHERE job_id = '{job.id}' ORDER BY id")  # noqa: S608  # our own text
    ]
    refunded = ["refund"] if job.refund else []
    endings = {JobState.DELIVERED: ["capture", *refunded], JobState.RELEASED: ["release"], JobState.AWAITING: []}
    if kinds != ["hold", *endings.get(JobState(job.state), ["no ending"])]:
        yield f"job {job.id} is {job.state}, and its entries are {kinds}"


def _one_image(left: Aftermath, job: JobRow) -> Iterator[str]:
    images = left.images_of(job)
    if job.reason == ReleaseReason.UNDELIVERABLE:
        yield f"job {job.id} has an image in the history for nothing"
    if job.state == JobState.DELIVERED and not images:
        yield f"job {job.id} is charged, and nobody was shown an image"
    expected = 1 if job.state == JobState.DELIVERED or job.reason == ReleaseReason.TIMED_OUT else 0
    for surplus in range(expected, len(images)):
        before = images[surplus - 1] if surplus else images[0]
        if _deleted_between(left, job, before, images[surplus]):
            continue
        if _posted_by_the_same_nonce(before, images[surplus]) or not _could_not_know(left, before, job):
            yield f"job {job.id} is {job.state} ({job.reason}), and has {len(images)} images"


def _deleted_between(left: Aftermath, job: JobRow, first: Message, second: Message) -> bool:
    """A member has deleted the first before the second was shown, and the bot was never told that Discord took it."""
    moments = [at for at, order in left.plan.deletions if order == job.order]
    return first.deleted and any(_shown_at(first) <= at <= _shown_at(second) for at in moments)


def _posted_by_the_same_nonce(first: Message, second: Message) -> bool:
    """Discord makes them one, wherever they stand and whatever it shows of them. An edit of our answer has no nonce."""
    posted = all(_shown_at(each) == seconds_of(each.id) for each in (first, second))
    return posted and 0 < seconds_of(second.id) - seconds_of(first.id) < USUAL_LIMITS.nonce_seconds


def _could_not_know(left: Aftermath, image: Message, job: JobRow) -> bool:
    """Whether Discord did not let us find the image, so that another, or a release, is no fault.

    A private answer is out of reach when its token is dead; a channel may be closed, or its history hidden.
    """
    if image.ephemeral and job.ended > job.created + USUAL_LIMITS.token_life_seconds - SLACK_SECONDS:
        return True
    if any(_shown_at(image) <= at and where == image.channel_id for at, where in left.server.blind_looks):
        return True
    tried_until = job.ended if job.awaiting is None else job.awaiting
    return tried_until - job.created > DELIVERY_LIMIT_MS / 1000  # Discord did not answer for an hour


def _shown_at(message: Message) -> float:
    """When the message first showed a file, in virtual seconds."""
    return seconds_of(message.files_ever[0].id)


def _in_time(left: Aftermath, job: JobRow) -> Iterator[str]:
    limit = TURN_LIMIT_MS / 1000 + WAIT_LIMIT_SECONDS + DELIVERY_LIMIT_MS / 1000 + SLACK_SECONDS
    limit += sum(until - began for began, until in left.absences)
    took = (job.ended if job.awaiting is None else job.awaiting) - job.created
    if took > limit:
        yield f"job {job.id} took {took:.0f} s to end, or to be found shown nowhere"


def _final_word(left: Aftermath, job: JobRow) -> Iterator[str]:
    """The card says at last how the job ended, where Discord let it be said."""
    card = left.server.answer_to(job.order)
    if card is None or card.deleted or job.state != JobState.RELEASED or left.images_of(job):
        return
    refused = any(at >= job.ended and message_id == card.id for at, message_id in left.server.refused_edits)
    # A private card whose token is dead is out of reach for good; "Show it here" has made another answer the job's.
    refused |= card.ephemeral and any(message_id == card.id for _, message_id in left.server.refused_edits)
    # Never heard of the card, and not shown it when we looked for it in the channel.
    refused |= any(at <= job.ended + 1 and where == card.channel_id for at, where in left.server.blind_looks)
    final = any(each in words(card.components) for each in FINAL_WORDS)
    if not final and not refused and not _too_late_to_say(left, card, job):
        yield f"job {job.id} was released ({job.reason}), and its card still says: {words(card.components)!r}"


def _leads_to_its_image(left: Aftermath, job: JobRow) -> Iterator[str]:
    """Where another message shows the image, the card says so, unless Discord refuses, or the process ends before."""
    card = left.server.answer_to(job.order)
    images = left.images_of(job)
    if card is None or card.deleted or card.ephemeral or job.state != JobState.DELIVERED or card in images:
        return
    refused = any(at >= job.ended - SLACK_SECONDS and each == card.id for at, each in left.server.refused_edits)
    away = any(until > job.ended for _, until in left.absences)
    blind = any(at <= job.ended + 1 and where == card.channel_id for at, where in left.server.blind_looks)
    if not (refused or away or blind) and "The image is ready" not in words(card.components):
        yield f"job {job.id} is shown elsewhere, and its card still says: {words(card.components)!r}"


def _too_late_to_say(left: Aftermath, card: Message, job: JobRow) -> bool:
    """A private card can be changed by its token only: there must have been time for it, in fair weather."""
    if not card.ephemeral:
        return False
    foul = [(each.start, each.end) for each in left.plan.spells if each.kind in DISCORD_SPELLS]
    token_dies = seconds_of(int(job.id)) + USUAL_LIMITS.token_life_seconds
    fair_since, longest = job.ended, 0.0
    for began, until in sorted([*foul, *left.absences, (token_dies, token_dies)]):
        longest = max(longest, min(began, token_dies) - fair_since)
        fair_since = max(fair_since, until)
    return longest < TELLING_SECONDS


def _true_words(left: Aftermath, job: JobRow) -> Iterator[str]:
    followups = left.server.state.followups(left.server.begun[job.order])
    told_free = [words(each.components) for each in followups if FREE in words(each.components)]
    if told_free and job.state == JobState.DELIVERED:
        yield f"job {job.id} is charged, and its member was told: {told_free[0]!r}"


def _acknowledged(left: Aftermath) -> Iterator[str]:
    for order in left.plan.orders:
        begun = left.server.begun.get(order)
        away = any(began - 3 <= order.at <= until for began, until in left.absences)
        asked = left.server.asked.get(begun.id) if begun else None
        if begun and not away and (asked is None or asked > order.at + 2):
            yield f"order {order.number} was not answered at once"
