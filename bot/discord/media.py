"""The files that a message shows. Discord leaves those that a component shows out of the message's attachments.

Their names stand only in their addresses (discord-api-docs#8277 and #8279).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote, urlsplit

import discord

_JOB_AT_THE_END = re.compile(r"_([0-9]{1,25})\.[a-z]+$")


def media_of(components: Iterable[discord.Component]) -> Iterator[discord.UnfurledMediaItem]:
    """Yield the images, videos and files that components show, in the order in which a reader sees them."""
    for component in components:
        match component:
            case discord.Container(children=children):
                yield from media_of(children)
            case discord.SectionComponent(accessory=accessory):
                yield from media_of([accessory])
            case discord.MediaGalleryComponent(items=items):
                yield from (item.media for item in items)
            case discord.ThumbnailComponent(media=media) | discord.FileComponent(media=media):
                yield media


def name_of(url: str) -> str:
    """Return the name of the file at an address; empty where it has none."""
    return unquote(urlsplit(url).path.rpartition("/")[2])


def _names_shown(message: discord.Message) -> list[str]:
    names = [each.filename for each in message.attachments]
    return names + [name_of(media.url) for media in media_of(message.components)]


def job_shown_by(message: discord.Message) -> str | None:
    """Return the id of the job whose image our message shows, by the name of its file."""
    found = (_JOB_AT_THE_END.search(name) for name in _names_shown(message))
    return next((match[1] for match in found if match), None)


def shows_image_of(job_id: str, message: discord.Message) -> bool:
    """Say whether the message shows the image of this job, by the name of its file."""
    return any(name.rpartition(".")[0].endswith(f"_{job_id}") for name in _names_shown(message))


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Stands for a `discord.Attachment` that an edit keeps: discord.py asks it for nothing but this."""

    id: int
    filename: str

    def to_dict(self) -> dict[str, object]:
        return {"id": self.id, "filename": self.filename}


def kept_files(message: discord.Message) -> list[discord.Attachment]:
    """Return the files that the components of our message show, for an edit that keeps them.

    One public project says that such an edit has to list each with its id and its name; Discord's pages are silent.
    """
    files = [(media.attachment_id, name_of(media.url)) for media in media_of(message.components)]
    return cast("list[discord.Attachment]", [KeptFile(each, name) for each, name in files if each and name])


def says(message: discord.Message, words: str) -> bool:
    """Whether the text of the message has these words."""
    inner = [*message.components]
    while inner:
        component = inner.pop()
        if words in str(getattr(component, "content", "")):
            return True
        inner += getattr(component, "children", ())
    return False
