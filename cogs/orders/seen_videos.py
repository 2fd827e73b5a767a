"""The videos in a message that an order can be made from: links, files of any kind, and those of our own results."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord.media import job_shown_by, media_of, name_of
from bot.domain.errors import NotYours
from bot.domain.intent import links_in
from bot.domain.order import OrderText
from bot.domain.recipe import AttachedVideo, Clip, VideoLink, YouTubeVideo
from bot.domain.timecode import ends_of, say_time
from bot.domain.video import ParsedLink
from bot.text.i18n import tr
from cogs.orders.order_request import KeptClip, OrderRequest, ShownClip
from cogs.shared.caller import is_here, services_of

Part = discord.Message | discord.MessageSnapshot


@dataclass(frozen=True, slots=True)
class SeenVideo:
    """A video that can be chosen, by its name, and the order that begins with it."""

    name: str
    request: OrderRequest


async def videos_in(interaction: discord.Interaction[Any], message: discord.Message) -> list[SeenVideo]:
    """Return each video that a reader sees in the message, or in what it forwards, once. Links go before files.

    Raises `NotYours` where all there is belongs to another member's image.
    """
    again = await _moment_of_result(interaction, message)
    found = {} if again is None else {_key(again): again}
    parts: list[Part] = [message, *message.message_snapshots]
    for seen in (*_links(parts), *_files(parts)):
        found.setdefault(_key(seen), seen)
    return list(found.values())


async def _moment_of_result(interaction: discord.Interaction[Any], message: discord.Message) -> SeenVideo | None:
    """The moment that our own result was made from. A link in it may be used by all who see it; a clip may not."""
    bot = interaction.client.user
    job_id = job_shown_by(message) if bot and message.author.id == bot.id else None
    job = await services_of(interaction).ordering.job(job_id) if job_id else None
    if job is None or job.deleted or job.recipe.clip is None:
        return None
    clip, kept = job.recipe.clip, isinstance(job.recipe.clip.video, AttachedVideo)
    try:
        await services_of(interaction).result_actions.open_to(interaction.user.id, job.id)
        mine = job.wallet.member_id == interaction.user.id or is_here(interaction, job)
    except NotYours:
        mine = False
    if not mine and kept:
        raise NotYours
    if not mine:
        return None  # its link is in the message's words
    return SeenVideo(tr("This moment again"), _request_of_clip(clip))


def _request_of_clip(clip: Clip) -> OrderRequest:
    start, end = ends_of(clip.span)
    frames = clip.frame_rate if clip.frame_rate != 1 else None
    match clip.video:
        case AttachedVideo() as video:
            text = OrderText(prompt="", attached=True, start=start, end=end, frames=frames)
            return OrderRequest(text=text, clip=KeptClip(video))
        case YouTubeVideo() as video:
            url = video.short_link
        case VideoLink(url=url):
            pass
    return OrderRequest(text=OrderText(prompt="", video=url, start=start, end=end, frames=frames))


def _links(parts: Iterable[Part]) -> Iterator[SeenVideo]:
    for part in parts:
        for text in _texts(part):
            for link in links_in(text):
                yield _of_link(link)


def _of_link(link: ParsedLink) -> SeenVideo:
    match link.video:
        case YouTubeVideo() as video:
            url = video.short_link
        case VideoLink(url=url):
            pass
    text = OrderText(
        prompt="",
        video=url,
        start=None if link.start is None else say_time(link.start),
        end=None if link.end is None else say_time(link.end),
    )
    return SeenVideo(url, OrderRequest(text=text))


def _files(parts: Iterable[Part]) -> Iterator[SeenVideo]:
    attached = OrderText(prompt="", attached=True)
    for part in parts:
        for file in part.attachments:
            if is_video(file.content_type, file.filename):
                yield SeenVideo(file.filename, OrderRequest(text=attached, clip=file))
        for media in media_of(part.components):
            name = name_of(media.url)
            if is_video(media.content_type, name):
                # A file of Discord's own needs no proxy; of another server's, that learns nothing of us.
                url = media.url if media.attachment_id is not None else media.proxy_url or media.url
                yield SeenVideo(name or "video", OrderRequest(text=attached, clip=ShownClip(url, name or "video")))
        for embed in part.embeds:
            url, name = embed.video.url or "", name_of(embed.video.url or "")
            if is_video(None, name):
                shown = ShownClip(embed.video.proxy_url or url, name)
                yield SeenVideo(name, OrderRequest(text=attached, clip=shown))


def is_video(content_type: str | None, name: str) -> bool:
    """Go by the type that Discord says; where it says none, by the name."""
    return (content_type or mimetypes.guess_type(name)[0] or "").startswith("video/")


def _key(seen: SeenVideo) -> str:
    """The same video by another address of it is the same: a query is a signature."""
    clip = seen.request.clip
    if clip is None:
        return seen.request.text.video or ""
    return clip.url.partition("?")[0]


def _texts(part: Part) -> Iterator[str]:
    """Return the texts where a reader may see a link: the message's own, those of cards like ours, and previews."""
    yield part.content
    yield from _texts_of_components(part.components)
    for embed in part.embeds:
        yield " ".join(text for text in (embed.url, embed.title, embed.description) if text)


def _texts_of_components(components: object) -> Iterator[str]:
    for component in components if isinstance(components, list) else ():
        if isinstance(component, discord.TextDisplay):
            yield component.content
        yield from _texts_of_components(getattr(component, "children", None))
