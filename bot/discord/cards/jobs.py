"""The cards of a job: it waits, it is being made, its image, and how it ended without one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

import discord
from discord import ui

from bot.discord.cards import actions
from bot.discord.cards.base import BUSY, CALM, DONE, SORRY, Card, small, text
from bot.domain.discord_limits import ALT_TEXT_LIMIT
from bot.domain.invisible import is_empty
from bot.domain.job import Job, JobState, Picture, ReleaseReason
from bot.domain.pricing import Pricing
from bot.domain.recipe import AttachedVideo, Clip, Recipe, Shape, Thinking, VideoLink, YouTubeVideo
from bot.domain.timecode import say_time
from bot.text import escape, refusals, units
from bot.text.i18n import mark, number, tr, trn

NOT_YET = mark(
    "Nothing is charged yet. If this is still here after a minute, the bot was restarted: run the command again."
)
LONG = 5  # behind this place in the line, the card says that waiting takes long
LINK_ECHO_LIMIT = 300  # characters of a link that is shown whole
FILE_NAME_LIMIT_BYTES = 120  # of a video's own name in a file name; 40 letters of most scripts
HEARD_NAME_LIMIT = 100  # characters of a video's own name in the alt text
CANCEL_ID = "cancel:{job_id}"
_MASKED_LINK = re.compile(r"\[([^\]\n]+)\]\(<?https?://[^)\s]*\)", re.IGNORECASE)
_LINK = re.compile(r"<?\bhttps?://\S+", re.IGNORECASE)
_SENTENCE_END = re.compile(r"""[.!?…。！？｡．؟۔।॥]["'”’»)\]}」』》*_]*$""")


def checking(recipe_prompt: str) -> Card:
    """Shown while a file is checked. No credits are held yet."""
    title = tr("Looking at the video …")
    return Card(CALM, text(f"### {title}\n{escape.block(recipe_prompt)}"), small(tr(NOT_YET)))


def waiting(job: Job, place: int) -> Card:
    """`place` in the line counts from 1."""
    title = tr("Next in line") if place == 1 else tr("Number {place} in line").format(place=number(place))
    words = f"### {title}\n{_order(job)}"
    if place > LONG:
        words += "\n" + tr("The line is long just now. You need not wait here: the image comes by itself.")
    return Card(CALM, text(words), small(_held(job)), _cancel(job))


def working(job: Job) -> Card:
    since = (job.submitted_at or job.created_at) // 1000
    title = tr("Making your image, since {time}").format(time=f"<t:{since}:R>")
    return Card(BUSY, text(f"### {title}\n{_order(job)}"), small(_held(job)), _cancel(job))


def result(job: Job, picture: Picture, *, pricing: Pricing, sandbox: bool, shared_by: int | None = None) -> Card:
    """The file `attachment_name(job, picture)` must be sent with the card."""
    gallery = ui.MediaGallery[ui.LayoutView](
        discord.MediaGalleryItem(
            f"attachment://{attachment_name(job, picture)}", description=alt_text(job.recipe), spoiler=job.spoiler
        )
    )
    items: list[ui.Item[ui.LayoutView]] = [
        text(f"<@{shared_by or job.wallet.member_id}>\n{_order(job)}"),
        gallery,
        text(_outcome(job, picture)),
        small(_provenance(job, picture, sandbox=sandbox)),
    ]
    if remark := actions.remark_on_model(job, pricing):
        items.append(small(remark))
    return Card(DONE, *items, *actions.rows(job, pricing, shared=shared_by is not None))


def moved(link: str) -> Card:
    """Takes the place of the waiting card when the image is shown in another message."""
    return Card(DONE, text(tr("The image is ready: {link}").format(link=link)))


def sent_directly() -> Card:
    """Takes the place of the waiting card when the image is sent as a direct message."""
    return Card(DONE, text(tr("The image is ready, and was sent as a direct message.")))


def awaiting(job: Job) -> Card:
    """The image is made and could be shown nowhere. Nothing of it is shown here."""
    title = tr("Your image is made, and could not be shown to you")
    waits = tr(
        "It waits in `/history`, where you can show it or give it up. {credits} of {member} are set aside until then."
    ).format(credits=units.credits(job.cost), member=f"<@{job.wallet.member_id}>")
    facts = f"{facts_of(job.recipe)} · {_number_of(job)}"
    return Card(SORRY, text(f"### {title}\n{_order(job)}\n{waits}"), small(facts))


def released(job: Job, pricing: Pricing, *, to_member: bool) -> Card:
    """`to_member`: the member who ordered reads this, and no other. Else it does not say why there is no image."""
    cancelled = job.release_reason is ReleaseReason.CANCELLED
    title = tr("Cancelled") if cancelled else tr("No image this time")
    if to_member or cancelled:
        why = refusals.released(job.release_reason) if job.release_reason else ""
    else:
        why = tr("It did not work. The button **Why?** tells the member who ordered it.")
    back = trn(
        "**Nothing was charged:** {credits} is back.", "**Nothing was charged:** {credits} are back.", job.cost
    ).format(credits=units.credits(job.cost))
    prompt = escape.inline(job.recipe.prompt)
    return Card(
        SORRY,
        text(f"### {title}\n{why}\n{back}"),
        small(f"{prompt} · <@{job.wallet.member_id}> · {_number_of(job)}"),
        *([small(remark)] if (remark := actions.remark_on_model(job, pricing)) else []),
        actions.retry(job, pricing, why=not (to_member or cancelled)),
    )


def alt_text(recipe: Recipe) -> str:
    """The description of the picture for screen readers: the prompt without its links, and where the moment is from."""
    source = _heard_source(recipe)
    unlinked = _LINK.sub(" ", _MASKED_LINK.sub(r"\1", escape.plain(recipe.prompt)))
    prompt = " ".join(unlinked.split())
    if not prompt:
        return source
    room = ALT_TEXT_LIMIT - len(source) - len("\u2068\u2069. ")
    if len(prompt) > room:
        prompt = prompt[: room - 1] + "…"
    stop = "" if _SENTENCE_END.search(prompt) else "."
    return f"{escape.isolated(prompt)}{stop} {source}"


def attachment_name(job: Job, picture: Picture) -> str:
    """A name that a team finds again: `dQw4w9WgXcQ_0m14-0m17_16x9_2k_<job>.png`, `words_16x9_2k_<job>.png`."""
    recipe = job.recipe
    shape = recipe.shape.replace(":", "x") if recipe.shape else "auto"
    return f"{_source_name(recipe)}_{shape}_{recipe.size}_{job.id}.{picture.extension}"


def _source_name(recipe: Recipe) -> str:
    if recipe.clip is None:
        return "images" if recipe.references else "words"
    span = recipe.clip.span
    moment = "whole" if span.end is None else f"{_minutes(span.start)}-{_minutes(span.end)}"
    return f"{_video_name(recipe.clip)}_{moment}"


def _order(job: Job) -> str:
    return f"{escape.block(job.recipe.prompt)}\n{source_link(job.recipe)}"


def source_link(recipe: Recipe) -> str:
    """What the image is made from: the moment of a video (`moment_link`), the number of images, or words alone."""
    return moment_link(recipe.clip) if recipe.clip else units.span_of(recipe)


def moment_link(clip: Clip) -> str:
    """The moment. For a YouTube video, it is a link that opens at the moment."""
    moment = units.span(clip)
    match clip.video:
        case YouTubeVideo() as video:
            return f"[{moment}]({video.link_at(clip.span.start)})"
        case VideoLink(url=url):
            source = f"<{url}>" if len(url) <= LINK_ECHO_LIMIT else escape.inline(url)
        case AttachedVideo(name=name):
            source = escape.inline(name)
    return tr("{moment} of {source}").format(moment=moment, source=source)


def _heard_source(recipe: Recipe) -> str:
    if recipe.clip is None:
        words = units.span_of(recipe)
        return f"{words[:1].upper()}{words[1:]}."
    match recipe.clip.video:
        case YouTubeVideo():
            source = tr("a YouTube video")
        case VideoLink() | AttachedVideo() as video:
            name = " ".join(escape.plain(_file_name(video)).split())[:HEARD_NAME_LIMIT].rstrip(". ")
            source = escape.isolated(name or tr("a video"))
    span = recipe.clip.span
    if span.end is None:
        return tr("From {source}.").format(source=source)
    words = tr("From {source}, {start} to {end}.")
    return words.format(source=source, start=say_time(span.start), end=say_time(span.end))


def facts_of(recipe: Recipe) -> str:
    facts = [recipe.shape or tr("shape picked by the model"), recipe.size.label]
    if recipe.thinking is Thinking.MINIMAL:
        facts.append(tr("minimal thinking"))
    elif recipe.thinking is Thinking.HIGH:
        facts.append(tr("high thinking"))
    if recipe.search:
        facts.append(tr("web search"))
    if recipe.image_search:
        facts.append(tr("image search"))
    if recipe.output_format:
        facts.append(recipe.output_format.upper())
    if count := len(recipe.references):
        facts.append(trn("with {count} reference", "with {count} references", count).format(count=number(count)))
    if recipe.media_resolution:
        facts.append(tr("reads at resolution {value}").format(value=recipe.media_resolution))
    return " · ".join(facts)


def _held(job: Job) -> str:
    held = tr("{credits} of {member} on hold, charged only when the image is here").format(
        credits=units.credits(job.cost), member=f"<@{job.wallet.member_id}>"
    )
    return f"{facts_of(job.recipe)} · {held} · {_number_of(job)}"


def _number_of(job: Job) -> str:
    return tr("job {id}").format(id=job.id)


def _outcome(job: Job, picture: Picture) -> str:
    facts = f"{facts_of(job.recipe)} · {picture.width}×{picture.height} · {_price(job)} · {tr('AI-generated')}"
    return "\n".join([facts, *(f"**{each}**" for each in _not_as_ordered(job, picture))])


def _not_as_ordered(job: Job, picture: Picture) -> Iterator[str]:
    if job.refund and not _is_gift(job):
        yield trn(
            "The image came smaller than {size}: {credits} is back.",
            "The image came smaller than {size}: {credits} are back.",
            job.refund,
        ).format(size=job.recipe.size.label, credits=units.credits(job.refund))
    shape = job.recipe.shape
    if shape and not shape.is_that_of(picture.width, picture.height):
        came = next((each for each in Shape if each.is_that_of(picture.width, picture.height)), None)
        words = (
            tr("The image came in {came}, not in {shape} as ordered.") if came else tr("The image is not in {shape}.")
        )
        yield words.format(came=came, shape=shape)


def _price(job: Job) -> str:
    if job.release_reason is ReleaseReason.UNDELIVERABLE:
        return tr("not charged: it could not be shown at once")
    if _is_gift(job):
        return tr("a gift: it came too late, and nothing was charged")
    return units.credits(job.charge)


def _is_gift(job: Job) -> bool:
    return job.state is JobState.RELEASED


def _cancel(job: Job) -> ui.ActionRow[ui.LayoutView]:
    return ui.ActionRow(ui.Button[ui.LayoutView](label=tr("Cancel"), custom_id=CANCEL_ID.format(job_id=job.id)))


def _provenance(job: Job, picture: Picture, *, sandbox: bool) -> str:
    lines = [
        tr("Job {id} · Content Credentials present in this file").format(id=job.id)
        if picture.content_credentials
        else tr("Job {id} · Content Credentials absent in this file").format(id=job.id)
    ]
    if picture.shrunk:
        copy = tr("A smaller copy, to fit Discord's file limit here.")
        kept = job.image.output_url if job.image else None
        if kept and kept.startswith("https://"):
            copy += " " + tr("[The original]({link}) stays with the image service for up to 14 days.").format(link=kept)
        lines.append(copy)
    if sandbox:
        lines.append(tr("Made by the sandbox, not by the real model."))
    return "\n".join(lines)


def _minutes(seconds: float) -> str:
    """`0m14`, `1h02m03`: a time that may stand in a file name."""
    *hours, minutes, rest = say_time(seconds).split(":")
    return "".join(f"{each}h" for each in hours) + f"{minutes}m{rest}"


def _video_name(clip: Clip) -> str:
    """A name in letters and digits of any script, at most `FILE_NAME_LIMIT_BYTES` long."""
    if isinstance(clip.video, YouTubeVideo):
        return clip.video.id
    name = _file_name(clip.video)
    stem = unicodedata.normalize("NFC", name.rpartition(".")[0] or name)
    safe = re.sub("-{2,}", "-", "".join(map(_in_file_name, stem))).strip("-")
    fitting = safe.encode()[:FILE_NAME_LIMIT_BYTES].decode(errors="ignore")
    if len(fitting) < len(safe):
        while fitting and unicodedata.category(safe[len(fitting)]).startswith("M"):  # no letter without its marks
            fitting = fitting[:-1]
    return fitting.strip("-") or "video"


def _in_file_name(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cf", "Cs"} or (is_empty(character) and not character.isspace()):
        return ""
    return character if category[0] in "LMN" else "-"


def _file_name(video: VideoLink | AttachedVideo) -> str:
    """The name of the file as people know it; of an address, its last part."""
    if isinstance(video, AttachedVideo):
        return video.name
    return unquote(video.url.partition("#")[0].partition("?")[0].rpartition("/")[2])
