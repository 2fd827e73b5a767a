"""Cards of a job: waiting, working, the image, and how it ended without one."""

from __future__ import annotations

import discord
from discord import ui

from bot import replies
from bot.cards.base import BUSY, CALM, DONE, SORRY, Card, small, text
from bot.domain.job import Job, JobState, Picture, ReleaseReason
from bot.domain.recipe import AttachedVideo, Clip, Recipe, VideoLink, YouTubeVideo
from bot.domain.timecode import say_span, say_time

NOT_YET = "Nothing is charged yet. If this is still here after a minute, the bot was restarted: run the command again."
LONG = 5  # a place in the line behind which waiting deserves a kind word
ALT_TEXT_LIMIT = 1_024  # Discord, attachments[].description
LINK_ECHO_LIMIT = 300  # characters of a link that is shown whole
FILE_NAME_LIMIT = 40  # characters of a video's own name in a file name
SHARE_ID = "share:{job_id}"
CANCEL_ID = "cancel:{job_id}"


def checking(recipe_prompt: str) -> Card:
    """Shown while a file is looked at; nothing is held yet."""
    return Card(CALM, text(f"### Looking at the video …\n{replies.block(recipe_prompt)}"), small(NOT_YET))


def waiting(job: Job, place: int) -> Card:
    """`place` in the line, from 1."""
    title = "Next in line" if place == 1 else f"Number {place:,} in line"
    patience = "\nThe line is long just now. You need not wait here: the image comes by itself." if place > LONG else ""
    return Card(CALM, text(f"### {title}\n{_order(job)}{patience}"), small(_held(job)), _cancel(job))


def working(job: Job) -> Card:
    since = (job.submitted_at or job.created_at) // 1000
    title = f"### Making your image, since <t:{since}:R>"
    return Card(BUSY, text(f"{title}\n{_order(job)}"), small(_held(job)), _cancel(job))


def result(job: Job, picture: Picture, *, sandbox: bool, shared_by: int | None = None) -> Card:
    """`attachment_name(job, picture)` is the file that must be sent with it."""
    gallery = ui.MediaGallery[ui.LayoutView](
        discord.MediaGalleryItem(f"attachment://{attachment_name(job, picture)}", description=alt_text(job.recipe))
    )
    items: list[ui.Item[ui.LayoutView]] = [
        text(f"<@{shared_by or job.wallet.member_id}>\n{_order(job)}"),
        gallery,
        text(f"{_facts(job.recipe)} · {picture.width}×{picture.height} · {_price(job)} · AI-generated"),
        small(_provenance(job, picture, sandbox=sandbox)),
    ]
    if job.private and shared_by is None:
        share = ui.Button[ui.LayoutView](
            label="Share in this channel", style=discord.ButtonStyle.secondary, custom_id=SHARE_ID.format(job_id=job.id)
        )
        items.append(ui.ActionRow(share))
    return Card(DONE, *items)


def moved(link: str) -> Card:
    """What is left of the waiting card when the image had to be shown in another message."""
    return Card(DONE, text(f"The image is ready: {link}"))


def released(job: Job) -> Card:
    why = replies.released(job.release_reason) if job.release_reason else ""
    title = "Cancelled" if job.release_reason is ReleaseReason.CANCELLED else "No image this time"
    return Card(
        SORRY,
        text(f"### {title}\n{why}\n**Nothing was charged:** {replies.credits(job.cost)} are back."),
        small(f"{_echo(job.recipe.prompt)} · <@{job.wallet.member_id}> · job {job.id}"),
    )


def alt_text(recipe: Recipe) -> str:
    """For those who hear the picture: what was asked for, and from where."""
    source = f" From {_plain_source(recipe.clip)}."
    prompt = replies.plain(recipe.prompt).strip()
    room = ALT_TEXT_LIMIT - len(source) - 1
    return f"{prompt if len(prompt) < room else prompt[: room - 1] + '…'}.{source}".replace("..", ".")


def attachment_name(job: Job, picture: Picture) -> str:
    """A name that a team finds again: `dQw4w9WgXcQ_0m14-0m17_16x9_2k_<job>.png`."""
    recipe = job.recipe
    span = recipe.clip.span
    moment = "whole" if span.end is None else f"{_minutes(span.start)}-{_minutes(span.end)}"
    shape = recipe.shape.replace(":", "x") if recipe.shape else "auto"
    return f"{_video_name(recipe.clip)}_{moment}_{shape}_{recipe.size}_{job.id}.{picture.extension}"


def _order(job: Job) -> str:
    return f"{replies.block(job.recipe.prompt)}\n{_source(job.recipe.clip)}"


def _source(clip: Clip) -> str:
    match clip.video:
        case YouTubeVideo() as video:
            return f"[{say_span(clip)}]({video.link_at(clip.span.start)})"
        case VideoLink(url=url):
            return f"{say_span(clip)} of {f'<{url}>' if len(url) <= LINK_ECHO_LIMIT else replies.inline(url)}"
        case AttachedVideo(name=name):
            return f"{say_span(clip)} of {replies.inline(name)}"


def _plain_source(clip: Clip) -> str:
    match clip.video:
        case YouTubeVideo() as video:
            return f"{video.link_at(clip.span.start)}, {say_span(clip)}"
        case VideoLink(url=url):
            return f"{url[:200]}, {say_span(clip)}"
        case AttachedVideo(name=name):
            return f"{replies.plain(name)[:100]}, {say_span(clip)}"


def _facts(recipe: Recipe) -> str:
    facts = [recipe.shape or "shape picked by the model", recipe.size.label]
    if recipe.thinking != "default":
        facts.append(f"{recipe.thinking} thinking")
    if recipe.search:
        facts.append("web search")
    return " · ".join(facts)


def _held(job: Job) -> str:
    return (
        f"{_facts(job.recipe)} · {replies.credits(job.cost)} of <@{job.wallet.member_id}> on hold, "
        f"charged only when the image is here · job {job.id}"
    )


def _price(job: Job) -> str:
    if job.state is JobState.RELEASED:
        return "a gift: it came too late, and nothing was charged"
    return replies.credits(job.cost)


def _cancel(job: Job) -> ui.ActionRow[ui.LayoutView]:
    return ui.ActionRow(ui.Button[ui.LayoutView](label="Cancel", custom_id=CANCEL_ID.format(job_id=job.id)))


def _provenance(job: Job, picture: Picture, *, sandbox: bool) -> str:
    lines = [f"Job {job.id}"]
    if picture.shrunk:
        kept = job.image.output_url if job.image else None
        original = f"[The original]({kept}) stays for up to 14 days." if kept and kept.startswith("https://") else ""
        lines.append(f"A smaller copy, to fit Discord's file limit here. {original}".strip())
    credentials = "present" if picture.content_credentials else "absent"
    lines[0] += f" · Content Credentials {credentials} in this file"
    if sandbox:
        lines.append("Made by the sandbox, not by the real model.")
    return "\n".join(lines)


def _echo(prompt: str) -> str:
    return replies.inline(prompt)


def _minutes(seconds: float) -> str:
    """`0m14`, `1h02m03`: a time that may stand in a file name."""
    *hours, minutes, rest = say_time(seconds).split(":")
    return "".join(f"{each}h" for each in hours) + f"{minutes}m{rest}"


def _video_name(clip: Clip) -> str:
    match clip.video:
        case YouTubeVideo(id=video_id):
            return video_id
        case VideoLink(url=url):
            name = url.partition("?")[0].rpartition("/")[2]
        case AttachedVideo(name=name):
            pass
    stem = name.rpartition(".")[0] or name
    safe = "".join(character if character.isascii() and character.isalnum() else "-" for character in stem)
    return safe.strip("-")[:FILE_NAME_LIMIT] or "video"
