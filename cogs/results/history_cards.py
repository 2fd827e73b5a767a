"""The cards of the history: a page of images, one that is not kept any more, and words about stars and galleries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import discord
from discord import ui

from bot.discord.cards.base import CALM, DONE, SORRY, Button, Card, Row, small, text
from bot.discord.cards.jobs import alt_text, released, source_link
from bot.domain.discord_limits import CHOICE_LIMIT
from bot.domain.history import HistoryPage, Item, Search, Turn, may_read
from bot.domain.job import Job, JobState, ReleaseReason
from bot.domain.pricing import Pricing
from bot.text import escape, units
from bot.text.i18n import mark, number, tr, trn

TURN_ID = "history:{turn}:{search_id}:{at}:{job_id}"
SHOW_ID = "history:show"
OPEN_ID = "open:{job_id}"
REPOST_ID = "repost:{job_id}"
SHOW_HERE_ID = "show-here:{job_id}"
GIVE_UP_ID = "give-up:{job_id}"

PROMPT_ECHO_LIMIT = 160  # characters of a prompt in a line of a page
NOTES_AT_ONCE = 5  # buttons fit into a row

Thumbnails = Mapping[str, bytes]

_UNDER_WAY = {
    JobState.HELD: mark("in line"),
    JobState.SUBMITTING: mark("being made"),
    JobState.RUNNING: mark("being made"),
    JobState.STORED: mark("on its way"),
    JobState.POSTING: mark("on its way"),
    JobState.AWAITING: mark("could not be shown, waits here"),
}

_ENDED = {
    ReleaseReason.CANCELLED: mark("cancelled, not charged"),
    ReleaseReason.UNANSWERED: mark("taken back, not charged"),
    ReleaseReason.CONTENT_REFUSED: mark("refused under content rules, not charged"),
    ReleaseReason.REJECTED: mark("not taken, not charged"),
    ReleaseReason.FAILED: mark("failed, not charged"),
    ReleaseReason.OVERLOADED: mark("the service was busy, not charged"),
    ReleaseReason.OUT_OF_ORDER: mark("the service was out of order, not charged"),
    ReleaseReason.TOO_MUCH_VIDEO: mark("too much video, not charged"),
    ReleaseReason.MOMENT_TOO_LATE: mark("after the video's end, not charged"),
    ReleaseReason.IMAGE_UNREADABLE: mark("an image could not be read, not charged"),
    ReleaseReason.VIDEO_UNREADABLE: mark("the video could not be read, not charged"),
    ReleaseReason.VIDEO_NOT_PUBLIC: mark("the video is not public, not charged"),
    ReleaseReason.NO_IMAGE: mark("no whole image came, not charged"),
    ReleaseReason.UNKNOWN: mark("stopped, not charged"),
    ReleaseReason.TIMED_OUT: mark("took too long, not charged"),
    ReleaseReason.BUSY: mark("never got its turn, not charged"),
    ReleaseReason.CLOSED: mark("not taken, not charged"),
    ReleaseReason.UNREACHABLE: mark("clip not handed over, not charged"),
    ReleaseReason.CLIP_GONE: mark("clip gone, not charged"),
    ReleaseReason.UNSAFE: mark("not safe for work, not charged"),
    ReleaseReason.UNDELIVERABLE: mark("could not be shown, kept here, not charged"),
    ReleaseReason.GIVEN_UP: mark("could not be shown, given up, not charged"),
}


def page(page: HistoryPage, search: Search, search_id: str, thumbnails: Thumbnails) -> Card:
    """Build the card of a page. The message needs a file named `thumbnail_name(job)` for each thumbnail."""
    pictured = [item for item in page.items if item.job.id in thumbnails]
    numbers = {item.job.id: number for number, item in enumerate(pictured, 1)}
    items: list[ui.Item[ui.LayoutView]] = [text("\n".join([_title(search), *_narrowed(search)]))]
    if pictured:
        items.append(ui.MediaGallery(*(_thumbnail(item.job) for item in pictured)))
    for item in page.items:
        items.append(text(_line(item, search.asker_id, numbers.get(item.job.id))))
        if item.job.state is JobState.AWAITING and item.job.wallet.member_id == search.asker_id:
            items.append(_choice(item.job))
    if not page.items:
        items.append(text(_nothing(search)))
    return Card(CALM, *items, *_rows(page, search, search_id))


def thumbnail_name(job: Job) -> str:
    return f"{job.id}.jpg"


def gone(job: Job) -> Card:
    """Build the card of a job that was paid for, and whose image can't be seen any more."""
    why = tr("This image was deleted.") if job.deleted else tr("This image is no longer kept here.")
    order = f"{escape.block(job.recipe.prompt)}\n{source_link(job.recipe)}"
    return Card(SORRY, text(f"### {why}\n{order}"), small(_facts(job)))


def with_repost(card: Card, job: Job) -> Card:
    """Add the button that posts the image in the channel, under a card that only the owner sees."""
    return card.extended(Row(Button(label=tr("Post it here"), custom_id=REPOST_ID.format(job_id=job.id))))


def with_choice(card: Card, job: Job) -> Card:
    """Add the buttons of an image that waits to be shown, under a card that only its owner sees."""
    return card.extended(_choice(job))


def ended(job: Job, pricing: Pricing, *, to_member: bool) -> Card:
    """Build the answer to a button of an image that does not wait any more."""
    if job.state is JobState.RELEASED:
        return released(job, pricing, to_member=to_member)
    return Card(DONE, text(tr("This image has been shown, and `/history` has it.")))


def owed(jobs: Sequence[Job]) -> Card:
    """Build the note about images that could be shown nowhere when they were ready. The next command sends it."""
    waiting = [job for job in jobs if job.state is JobState.AWAITING]
    gifts = [job for job in jobs if job.state is not JobState.AWAITING]
    lines = [text(_waiting(len(waiting)))] if waiting else []
    return Card(DONE, *lines, *_gifts(gifts))


def _waiting(count: int) -> str:
    return trn(
        "An image of yours could not be shown yet, and is tried again. It waits in `/history`: show it there, or give "
        "it up.",
        "{count} images of yours could not be shown yet, and are tried again. They wait in `/history`: show them "
        "there, or give them up.",
        count,
    ).format(count=count)


def _gifts(jobs: Sequence[Job]) -> list[ui.Item[ui.LayoutView]]:
    """The lines about images that an older version kept and did not charge."""
    if not jobs:
        return []
    shown = jobs[:NOTES_AT_ONCE]
    title = trn(
        "An image of yours could not be shown when it was ready. It was not charged, and waits in `/history`.",
        "{count} images of yours could not be shown when they were ready. They were not charged, and wait "
        "in `/history`.",
        len(jobs),
    ).format(count=len(jobs))
    lines = [f"**{number}** {_prompt(job)}" for number, job in enumerate(shown, 1)]
    buttons = [
        Button(label=tr("Show {number}").format(number=number), custom_id=OPEN_ID.format(job_id=job.id))
        for number, job in enumerate(shown, 1)
    ]
    return [text("\n".join([title, *lines])), Row(*buttons)]


def starred(*, now: bool, count: int) -> Card:
    words = tr("Starred.") if now else tr("No longer starred.")
    favourites = trn("You have {count} favourite here.", "You have {count} favourites here.", count)
    show = tr("`/history` with `favourites: True` shows them.")
    return Card(DONE if now else CALM, text(f"{words} {favourites.format(count=count)}\n{show}"))


def gallery_set(channel_id: int) -> Card:
    words = tr(
        "Starred images of this server are shown in {channel} from now on, each once, with the name of whoever made "
        "it. Private ones never are, nor images from channels that fewer people can see."
    )
    return Card(DONE, text(words.format(channel=f"<#{channel_id}>")))


def gallery_off(*, was_on: bool) -> Card:
    if was_on:
        return Card(CALM, text(tr("The gallery is off. What it has shown stays where it is.")))
    return Card(CALM, text(tr("There was no gallery. `/gallery channel` sets one.")))


def _title(search: Search) -> str:
    if search.favourites and search.member_id is None:
        return "### " + tr("Your favourites")
    if search.member_id == search.asker_id:
        return "### " + tr("Your images")
    title = tr("Images of {member} that you starred") if search.favourites else tr("Images of {member}")
    return "### " + title.format(member=f"<@{search.member_id}>")


def _narrowed(search: Search) -> list[str]:
    """Return the line, if any, that says what was searched for, so that no member takes a part for the whole."""
    parts = []
    if search.text:
        parts.append(tr("prompt with {text}").format(text=escape.inline(search.text)))
    if search.video:
        parts.append(tr("video {video}").format(video=escape.inline(search.video)))
    if search.since is not None:
        parts.append(tr("since {time}").format(time=f"<t:{search.since // 1000}:f>"))
    if search.until is not None:
        parts.append(tr("until {time}").format(time=f"<t:{search.until // 1000}:f>"))
    if search.size:
        parts.append(search.size.label)
    return [f"-# {' · '.join(parts)}"] if parts else []


def _nothing(search: Search) -> str:
    if search.narrowed:
        return tr("Nothing fits this search. Leave something out of it, or look with `/history` alone.")
    if search.favourites:
        return tr("No favourites yet. Press Star under an image that you like.")
    if search.member_id == search.asker_id:
        return tr("No images yet. `/imagine` makes your first one.")
    return tr("This member has no images here.")


def _thumbnail(job: Job) -> discord.MediaGalleryItem:
    return discord.MediaGalleryItem(
        f"attachment://{thumbnail_name(job)}", description=alt_text(job.recipe), spoiler=job.spoiler
    )


def _line(item: Item, asker_id: int, number: int | None) -> str:
    job = item.job
    if not may_read(job, asker_id=asker_id):
        return f"{tr('A private image')}\n-# {_facts(job)}"
    marks = (f"**{number}** " if number else "") + ("⭐ " if item.starred else "")
    maker = f" · <@{job.wallet.member_id}>" if job.wallet.member_id != asker_id else ""
    shown = f" · {tr('[open]({link})').format(link=_link(item))}" if _link(item) else ""
    return f"{marks}{_prompt(job)}\n{source_link(job.recipe)}\n-# {_facts(job)}{maker}{shown}"


def _link(item: Item) -> str | None:
    job = item.job
    if job.result_id is None or item.channel_id != job.channel_id or job.private or job.deleted:
        return None
    return job.link_to(item.channel_id, job.result_id)


def _facts(job: Job) -> str:
    facts = [job.recipe.size.label, _outcome(job), f"<t:{job.created_at // 1000}:R>"]
    if job.deleted:
        facts.append(tr("deleted"))
    return " · ".join([*facts, tr("job {id}").format(id=job.id)])


def _outcome(job: Job) -> str:
    if job.state is JobState.DELIVERED:
        return units.credits(job.charge)
    if job.release_reason is ReleaseReason.TIMED_OUT and job.image is not None:
        return tr("a gift, not charged")
    return tr(_ENDED[job.release_reason] if job.release_reason else _UNDER_WAY[job.state])


def _prompt(job: Job) -> str:
    return escape.inline(job.recipe.prompt, PROMPT_ECHO_LIMIT)


def _rows(page: HistoryPage, search: Search, search_id: str) -> list[Row]:
    rows = []
    readable = [item.job for item in page.items if may_read(item.job, asker_id=search.asker_id)]
    if readable:
        options = [_option(job) for job in readable]
        rows.append(Row(ui.Select(custom_id=SHOW_ID, placeholder=tr("Show one of them"), options=options)))
    buttons = list(_turns(page, search_id))
    return [*rows, Row(*buttons)] if buttons else rows


def _option(job: Job) -> discord.SelectOption:
    prompt = " ".join(escape.plain(job.recipe.prompt).split())
    label = prompt if len(prompt) <= CHOICE_LIMIT else prompt[: CHOICE_LIMIT - 1] + "…"
    return discord.SelectOption(
        label=label or job.id, value=job.id, description=f"{units.span_of(job.recipe)} · {job.id}"[:CHOICE_LIMIT]
    )


def _turns(page: HistoryPage, search_id: str) -> Iterable[Button]:
    ends = [(Turn.NEWER, page.has_newer, tr("Newer")), (Turn.OLDER, page.has_older, tr("Older"))]
    for turn, has_more, label in ends:
        if has_more:
            beside = page.items[0 if turn is Turn.NEWER else -1].cursor
            custom_id = TURN_ID.format(turn=turn, search_id=search_id, at=beside.at, job_id=beside.job_id)
            yield Button(label=label, custom_id=custom_id)


def _choice(job: Job) -> Row:
    show = tr("Show it here ({price})").format(price=number(job.charge))
    return Row(
        Button(label=show, custom_id=SHOW_HERE_ID.format(job_id=job.id), style=discord.ButtonStyle.primary),
        Button(label=tr("Give it up"), custom_id=GIVE_UP_ID.format(job_id=job.id)),
    )
