"""The card of a member's tray: the reference images that are used in the next order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import discord
from discord import ui

from bot.discord.cards.base import CALM, Card, small, text
from bot.domain.discord_limits import CHOICE_LIMIT
from bot.domain.recipe import REFERENCES_LIMIT, Reference
from bot.text import escape
from bot.text.i18n import number, tr

NAME_LIMIT = CHOICE_LIMIT - len("10. ") - 2  # characters of a name in an option, between isolates
REMOVE_ID = "tray-remove:{member_id}"
CLEAR_ID = "tray-clear:{member_id}"


def tray(member_id: int, pictures: Mapping[Reference, str], notes: Sequence[str] = ()) -> Card:
    """Build the card of the tray.

    `pictures`: each reference, and the file sent with the card that shows it. `notes`: what could not be done as asked.
    """
    if not pictures:
        return _empty(notes)
    title = tr("Your reference images: {count} of {limit}").format(
        count=number(len(pictures)), limit=number(REFERENCES_LIMIT)
    )
    gallery = [
        discord.MediaGalleryItem(f"attachment://{file}", description=escape.plain(reference.name))
        for reference, file in pictures.items()
    ]
    return Card(
        CALM,
        text(f"### {title}"),
        ui.MediaGallery(*gallery),
        text("\n".join(_lines(pictures))),
        *map(text, notes),
        small(tr("They go along with your next order, and then the tray is empty.")),
        ui.ActionRow(_remove(member_id, pictures)),
        ui.ActionRow(ui.Button(label=tr("Remove all"), custom_id=CLEAR_ID.format(member_id=member_id))),
    )


def _empty(notes: Sequence[str]) -> Card:
    title = tr("No reference images yet")
    how = tr(
        "Right-click a message that shows an image (on a phone: press and hold), then choose "
        "**Apps → {command}**. Up to {limit} go along with your next order."
    ).format(command=tr("Use image as reference"), limit=number(REFERENCES_LIMIT))
    return Card(CALM, text(f"### {title}\n{how}"), *map(text, notes))


def _lines(pictures: Mapping[Reference, str]) -> list[str]:
    return [f"{place}. {escape.inline(reference.name)}" for place, reference in enumerate(pictures, 1)]


def _remove(member_id: int, pictures: Mapping[Reference, str]) -> ui.Select[ui.LayoutView]:
    options = [
        discord.SelectOption(
            label=f"{place}. {escape.isolated(escape.plain(reference.name)[:NAME_LIMIT])}", value=reference.sha256
        )
        for place, reference in enumerate(pictures, 1)
    ]
    return ui.Select(
        custom_id=REMOVE_ID.format(member_id=member_id),
        placeholder=tr("Remove …"),
        max_values=len(options),
        options=options,
    )
