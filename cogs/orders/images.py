"""The images that members show the bot: attached to a form, or anywhere in a message."""

from __future__ import annotations

import io
import logging
import mimetypes
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import discord
from discord import ui

from bot.discord.media import kept_files, media_of, name_of
from bot.domain.errors import ImageTooLarge, LinkUnreachable, Refusal, StorageError, TooManyReferences
from bot.domain.recipe import REFERENCE_LIMIT_BYTES, REFERENCES_LIMIT, Reference
from bot.text import escape, units
from bot.text.i18n import number, tr
from bot.text.refusals import say
from cogs.shared.answers import DISCORD_TROUBLE
from cogs.shared.caller import services_of, wallet_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShownImage:
    """An image that a message shows without having it as an attachment. `url`: where the bot downloads it from."""

    url: str
    name: str


ImageSource = discord.Attachment | ShownImage


def images_field() -> ui.Label[ui.Modal]:
    """Build the field of a form that takes images; `picked_images` has the member's images once the form is sent."""
    description = tr("Up to {count}: PNG, JPEG or WebP, each of {size} at most.").format(
        count=number(REFERENCES_LIMIT), size=units.megabytes(REFERENCE_LIMIT_BYTES)
    )
    return ui.Label(
        text=tr("Reference images"),
        description=description,
        component=ui.FileUpload(custom_id="images", required=False, min_values=0, max_values=REFERENCES_LIMIT),
    )


def picked_images(field: ui.Label[ui.Modal]) -> Sequence[discord.Attachment]:
    return field.component.values if isinstance(field.component, ui.FileUpload) else ()


class ReadImages(NamedTuple):
    """The images that can be used, and why the others can't, in the reader's language."""

    references: tuple[Reference, ...] = ()
    left_out: tuple[str, ...] = ()


async def read_images(interaction: discord.Interaction, sources: Sequence[ImageSource]) -> ReadImages:
    """Read the images. This takes longer than Discord waits for an answer: answer or defer first.

    One that can't be used does not keep the others out. Raises `TooManyReferences`, and where none can be used, the
    `Refusal` of the first.
    """
    if len(sources) > REFERENCES_LIMIT:
        raise TooManyReferences(count=len(sources), limit=REFERENCES_LIMIT)
    found: list[Reference] = []
    refusals: list[Refusal] = []
    for source in sources:  # one after another, because each may take 30 MB
        try:
            found.append(await read_image(interaction, source))
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals and not found:
        raise refusals[0]
    return ReadImages(tuple(found), tuple(say(refusal) for refusal in refusals))


async def into_tray(interaction: discord.Interaction[Any], images: Sequence[discord.Attachment]) -> list[str]:
    """Collect the images of a form that was refused, and say how many of them the tray has.

    An image that can't be used is left out: the refusal says why. Discord is answered first, because this takes long.
    """
    if not images:
        return []
    kept: list[Reference] = []
    try:
        if not interaction.response.is_done():
            await interaction.response.defer(ephemeral=True, thinking=True)
        for image in images[:REFERENCES_LIMIT]:  # one after another, because each may take 30 MB
            with suppress(Refusal):
                kept.append(await read_image(interaction, image))
        tray = await services_of(interaction).references.collect(wallet_of(interaction), kept)
    except (*DISCORD_TROUBLE, Refusal, StorageError) as error:
        log.warning("interaction %s: the images of a refused form are not in the tray: %s", interaction.id, error)
        tray = ()
    count = len({each.sha256 for each in kept} & {each.sha256 for each in tray})
    words = tr("Of your files, {count} of {all} are in your tray: your next order takes them along.")
    return [words.format(count=number(count), all=number(len(images)))]


async def read_image(interaction: discord.Interaction, source: ImageSource) -> Reference:
    """Read and keep one image. Raises the `Refusal` that fits."""
    references = services_of(interaction).references
    if isinstance(source, ShownImage):
        return await references.keep_link(source.url, name=source.name)
    _check_size(source)
    try:
        data = await source.read()
    except DISCORD_TROUBLE as error:
        raise LinkUnreachable(host="Discord", because="broken") from error
    return await references.keep(data, name=source.filename)


def images_of(message: discord.Message) -> list[ImageSource]:
    """Return each image that a reader sees in the message, or in the message that it forwards, once."""
    found: dict[str, ImageSource] = {}
    parts: list[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    for part in parts:
        for source in _sources(part):
            found.setdefault(_without_query(source.url), source)
    return list(found.values())


def _check_size(attachment: discord.Attachment) -> None:
    if attachment.size > REFERENCE_LIMIT_BYTES:
        raise ImageTooLarge(name=attachment.filename, limit_bytes=REFERENCE_LIMIT_BYTES, size_bytes=attachment.size)


def _sources(part: discord.Message | discord.MessageSnapshot) -> Iterator[ImageSource]:
    yield from _attached(part.attachments)
    yield from _in_components(part.components)
    yield from _in_embeds(part.embeds)


def _attached(attachments: Iterable[discord.Attachment]) -> Iterator[discord.Attachment]:
    return (each for each in attachments if _is_image(each.content_type, each.filename))


def _in_components(components: Iterable[discord.Component]) -> Iterator[ShownImage]:
    for media in media_of(components):
        proxy_url = media.proxy_url if media.attachment_id is None else None  # a file of Discord's own needs no proxy
        yield from _shown(media.url, proxy_url, media.content_type)


def _in_embeds(embeds: Iterable[discord.Embed]) -> Iterator[ShownImage]:
    for embed in embeds:
        media = embed.image if embed.image.url else embed.thumbnail  # a link to an image has only a thumbnail
        if media.url:
            yield from _shown(media.url, media.proxy_url, None)


def _shown(url: str, proxy_url: str | None, content_type: str | None) -> Iterator[ShownImage]:
    """Take Discord's proxy where it has one, so that the image's own server learns nothing of us."""
    name = name_of(url)
    if _is_image(content_type, name):
        yield ShownImage(proxy_url or url, name or "image")


def _is_image(content_type: str | None, name: str) -> bool:
    """Go by the type that Discord says, or by the name. A type that neither tells is accepted: the bytes decide."""
    found = content_type or mimetypes.guess_type(name)[0]
    return found is None or found.startswith("image/")


def name_of_source(source: ImageSource) -> str:
    return source.name if isinstance(source, ShownImage) else source.filename


def _without_query(url: str) -> str:
    """Remove the query: it is a signature, and the same file has another one each time."""
    return url.partition("?")[0]


async def thumbnails(
    interaction: discord.Interaction, references: Iterable[Reference]
) -> tuple[dict[Reference, str], list[discord.File]]:
    """Return the names and the files of small copies, for the images that are still kept. Ten take longer than 3 s."""
    small = await services_of(interaction).references.thumbnails(references)
    names = {reference: f"{_stem(reference)}.{copy.extension}" for reference, copy in small.items()}
    files = [
        discord.File(io.BytesIO(copy.data), filename=names[reference], description=escape.plain(reference.name))
        for reference, copy in small.items()
    ]
    return names, files


def thumbnails_on(
    message: discord.Message | None, references: Iterable[Reference]
) -> tuple[dict[Reference, str], list[discord.Attachment]]:
    """Return the names and the files of the small copies that our message shows already, for these images.

    An edit that keeps the files must list them.
    """
    there = {file.filename.partition(".")[0]: file for file in kept_files(message)} if message else {}
    found = {reference: there[_stem(reference)] for reference in references if _stem(reference) in there}
    return {reference: file.filename for reference, file in found.items()}, list(found.values())


def _stem(reference: Reference) -> str:
    return reference.sha256[:16]
