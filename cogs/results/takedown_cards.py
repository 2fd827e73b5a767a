"""The cards of `/takedown`: how many images a member made, how far the deleting is, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.discord.cards.base import CALM, DONE, SORRY, Button, Card, Row, small, text
from bot.discord.cards.details import not_deleted
from bot.domain.showing import Showing
from bot.domain.takedown import Found, Period, Window
from bot.text.i18n import number, tr, trn

GO_ID = "takedown:{period}:{member_id}:{until}"


def ask(window: Window, found: Found) -> Card:
    """Build the card with the count. Without images it only says so."""
    member = f"<@{window.wallet.member_id}>"
    if not found.images:
        words = tr("No images of {member} {period}: nothing to delete.")
        return Card(CALM, text(words.format(member=member, period=_period(window.period))), *_under_way(found))
    title = tr("Delete all images of {member}?").format(member=member)
    lines = [f"{_images(found.images)} {_period(window.period)}."]
    if found.private:
        lines.append(tr("Only the member can see {count} of them.").format(count=number(found.private)))
    lines.append(tr("All messages that show one go, and the files are erased for good. No credits come back."))
    button = Button(
        label=tr("Delete {images}").format(images=_images(found.images)),
        style=discord.ButtonStyle.danger,
        custom_id=GO_ID.format(period=window.period, member_id=window.wallet.member_id, until=window.until),
    )
    return Card(SORRY, text(f"### {title}\n{' '.join(lines)}"), *_under_way(found), Row(button))


def under_way(done: int, count: int) -> Card:
    return Card(CALM, text(tr("Deleting … {done} of {count}").format(done=number(done), count=number(count))))


def ended(window: Window, count: int, left: Sequence[Showing]) -> Card:
    words = [_deleted(window, count), *not_deleted(left)]
    return Card(DONE if count else CALM, text(" ".join(words)))


def logged(window: Window, count: int, *, actor_id: int) -> Card:
    """Build the line for the server's log."""
    words = tr("{actor}: {deleted}").format(actor=f"<@{actor_id}>", deleted=_deleted(window, count))
    return Card(CALM, text(words))


def _deleted(window: Window, count: int) -> str:
    return tr("Deleted: {images} of {member} {period}.").format(
        images=_images(count), member=f"<@{window.wallet.member_id}>", period=_period(window.period)
    )


def _images(count: int) -> str:
    return trn("{count} image", "{count} images", count).format(count=number(count))


def _period(period: Period) -> str:
    return {
        Period.HOUR: tr("of the last hour"),
        Period.DAY: tr("of the last day"),
        Period.EVER: tr("in this server"),
    }[period]


def _under_way(found: Found) -> list[discord.ui.TextDisplay[discord.ui.LayoutView]]:
    if not found.under_way:
        return []
    words = trn(
        "{count} image is being made and stays. Use the command again when it is here.",
        "{count} images are being made and stay. Use the command again when they are here.",
        found.under_way,
    )
    return [small(words.format(count=number(found.under_way)))]
