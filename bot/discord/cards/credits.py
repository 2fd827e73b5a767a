"""The cards of a member's credits: the balance, and the entries that explain it."""

from __future__ import annotations

from discord import ui

from bot.discord.cards.base import CALM, Card, small, text
from bot.domain.allowance import Every, Refill
from bot.domain.pricing import Pricing
from bot.domain.recipe import Size
from bot.domain.wallet import SYSTEM, Balance, Entry, EntryKind, Statement
from bot.text import escape, units
from bot.text.i18n import mark, number, tr

REASON_ECHO_LIMIT = 100  # characters of a reason, in a line of a statement

PAGE_ID = "statement:{member_id}:{before}"

_MOVED = {
    EntryKind.GRANT: mark("**+{amount}** granted"),
    EntryKind.HOLD: mark("{amount} put on hold"),
    EntryKind.TAKE: mark("**−{amount}** taken"),
    EntryKind.REFILL: mark("**+{amount}** allowance"),
    EntryKind.GIFT_SENT: mark("**−{amount}** given away"),
    EntryKind.GIFT_RECEIVED: mark("**+{amount}** as a gift"),
    EntryKind.CODE: mark("**+{amount}** from a code"),
    EntryKind.PURCHASE: mark("**+{amount}** bought"),
    EntryKind.PURCHASE_REFUND: mark("**−{amount}** for a refunded purchase"),
    EntryKind.CAPTURE: mark("**−{amount}** paid for an image"),
    EntryKind.RELEASE: mark("{amount} back from hold"),
    EntryKind.REFUND: mark("**+{amount}** refunded"),
}

_MOVED_BY_HAND = {
    EntryKind.GRANT: mark("**+{amount}** granted by {member}"),
    EntryKind.TAKE: mark("**−{amount}** taken by {member}"),
    EntryKind.GIFT_RECEIVED: mark("**+{amount}** as a gift from {member}"),
    EntryKind.REFUND: mark("**+{amount}** refunded by {member}"),
}

_OF_ALLOWANCE = {
    Every.DAY: mark("{allowance} of today's allowance, {funds} of your own."),
    Every.WEEK: mark("{allowance} of this week's allowance, {funds} of your own."),
    Every.MONTH: mark("{allowance} of this month's allowance, {funds} of your own."),
}

_UNDONE = {True: mark("**+{amount}** undone by {member}"), False: mark("**−{amount}** undone by {member}")}

_OWN_REASONS = frozenset(
    {
        mark("(erased)"),
        mark("Starting credits"),
        mark("Allowance for the day"),
        mark("Allowance for the week"),
        mark("Allowance for the month"),
        mark("Bought on Discord"),
        mark("Refunded by Discord"),
        mark("Image ordered"),
        mark("Image delivered"),
        mark("Image smaller than paid for"),
        mark("Not charged: cancelled"),
        mark("Not charged: unanswered"),
        mark("Not charged: content refused"),
        mark("Not charged: rejected"),
        mark("Not charged: failed"),
        mark("Not charged: no image"),
        mark("Not charged: unknown"),
        mark("Not charged: timed out"),
        mark("Not charged: busy"),
        mark("Not charged: closed"),
        mark("Not charged: unreachable"),
        mark("Not charged: clip gone"),
        mark("Not charged: unsafe"),
        mark("Not charged: undeliverable"),
        mark("Not charged: given up"),
    }
)


def balance(balance: Balance, pricing: Pricing, *, owed: Refill | None = None, next_refill: int = 0) -> Card:
    """`owed`: the member's allowance in this period. `next_refill`: the end of the period in Unix milliseconds."""
    words = "### " + tr("You have {credits}").format(credits=units.credits(balance.available))
    if owed or balance.allowance_available:
        words += "\n" + _allowance_and_funds(balance, owed)
    if balance.held:
        words += "\n" + tr("{credits} on hold for images being made.").format(credits=units.credits(balance.held))
    prices = " · ".join(f"{size.label} {number(pricing.credits(size, search=False))}" for size in Size)
    search = pricing.search_credits
    costs = tr("An image costs: {prices}; web search +{search}. You pay only when the image is here.")
    costs = costs.format(prices=prices, search=number(search))
    return Card(CALM, text(words), small(f"{_next_refill(owed, next_refill)}\n{costs}" if owed else costs))


def _allowance_and_funds(balance: Balance, owed: Refill | None) -> str:
    """The allowance stands first, because it is spent first."""
    words = tr(_OF_ALLOWANCE[owed.every]) if owed else tr("{allowance} of an allowance, {funds} of your own.")
    return words.format(allowance=number(balance.allowance_available), funds=number(balance.funds_available))


def _next_refill(owed: Refill, at: int) -> str:
    words = tr("Your allowance is spent first, and filled up to {amount} again {when}.")
    return words.format(amount=number(owed.amount), when=f"<t:{at // 1000}:R>")


def statement(page: Statement, member_id: int) -> Card:
    lines = [_line(entry) for entry in page.entries] or [tr("Nothing has moved yet.")]
    title = tr("Your credits: {available}, {held} on hold") if page.balance.held else tr("Your credits: {available}")
    title = title.format(available=number(page.balance.available), held=number(page.balance.held))
    items: list[ui.Item[ui.LayoutView]] = [
        text(f"### {title}"),
        text("\n".join(lines)),
    ]
    if page.older_before is not None:
        older = ui.Button[ui.LayoutView](
            label=tr("Older"), custom_id=PAGE_ID.format(member_id=member_id, before=page.older_before)
        )
        items.append(ui.ActionRow(older))
    return Card(CALM, *items)


def _line(entry: Entry) -> str:
    line = tr("{date} {what}, {available} left · {reason}").format(
        date=f"<t:{entry.at // 1000}:d>",
        what=what_moved(entry),
        available=number(entry.after.available),
        reason=escape.inline(reason_of(entry), REASON_ECHO_LIMIT),
    )
    return f"{line} · {tr('job {id}').format(id=entry.job_id)}" if entry.job_id else line


def what_moved(entry: Entry) -> str:
    amount = abs(entry.posted_delta or entry.held_delta)
    return tr(_words_for(entry)).format(amount=number(amount), member=f"<@{entry.actor}>")


def _words_for(entry: Entry) -> str:
    if entry.kind is EntryKind.UNDO:
        return _UNDONE[entry.posted_delta > 0]
    by_hand = entry.actor != SYSTEM and not entry.job_id
    return (_MOVED_BY_HAND.get(entry.kind) if by_hand else None) or _MOVED[entry.kind]


def reason_of(entry: Entry) -> str:
    """The bot's own reasons are in the books in English, and are translated here. A person's words stay as they are."""
    return tr(entry.reason) if entry.reason in _OWN_REASONS else entry.reason
