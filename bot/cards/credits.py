"""Cards about credits: what somebody has, and every entry that explains it."""

from __future__ import annotations

from discord import ui

from bot import replies
from bot.cards.base import CALM, DONE, Card, small, text
from bot.domain.pricing import Pricing
from bot.domain.recipe import Size
from bot.domain.wallet import REASON_LIMIT, SYSTEM, Balance, Entry, EntryKind, Statement

PAGE_ID = "statement:{member_id}:{before}"


def balance(balance: Balance, pricing: Pricing) -> Card:
    held = f"\n{replies.credits(balance.held)} on hold for images being made." if balance.held else ""
    prices = " · ".join(f"{size.label} {pricing.credits(size, search=False):,}" for size in Size)
    search = pricing.credits(Size.K1, search=True) - pricing.credits(Size.K1, search=False)
    return Card(
        CALM,
        text(f"### You have {replies.credits(balance.available)}{held}"),
        small(f"An image costs: {prices}; web search +{search}. You pay only when the image is here."),
    )


def granted(member_id: int, amount: int, after: Balance, reason: str) -> Card:
    before = after.available - amount
    moved = f"**+{amount:,}** to <@{member_id}> ({before:,} → {after.available:,})"
    return Card(DONE, text(f"{moved}\nReason: {replies.inline(reason, REASON_LIMIT)}"))


def statement(page: Statement, member_id: int) -> Card:
    lines = [_line(entry) for entry in page.entries] or ["Nothing has moved yet."]
    held = f", {page.balance.held:,} on hold" if page.balance.held else ""
    items: list[ui.Item[ui.LayoutView]] = [
        text(f"### Your credits: {page.balance.available:,}{held}"),
        text("\n".join(lines)),
    ]
    if page.older_before is not None:
        older = ui.Button[ui.LayoutView](
            label="Older", custom_id=PAGE_ID.format(member_id=member_id, before=page.older_before)
        )
        items.append(ui.ActionRow(older))
    return Card(CALM, *items)


def _line(entry: Entry) -> str:
    words = {
        EntryKind.GRANT: f"**+{entry.posted_delta:,}** granted",
        EntryKind.HOLD: f"{entry.held_delta:,} put on hold",
        EntryKind.CAPTURE: f"**−{-entry.posted_delta:,}** paid for an image",
        EntryKind.RELEASE: f"{-entry.held_delta:,} back from hold",
        EntryKind.REFUND: f"**+{entry.posted_delta:,}** refunded",
    }[entry.kind]
    who = "" if entry.actor == SYSTEM or entry.job_id else f" by <@{entry.actor}>"
    job = f" · job {entry.job_id}" if entry.job_id else ""
    return (
        f"<t:{entry.at // 1000}:d> {words}{who}, {entry.after.available:,} left · "
        f"{replies.inline(entry.reason, 100)}{job}"
    )
