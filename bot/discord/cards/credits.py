"""The cards of a member's credits: the balance, and the entries that explain it."""

from __future__ import annotations

from discord import ui

from bot.discord.cards.base import CALM, Card, small, text
from bot.domain.allowance import Entitlement, Every, midnight
from bot.domain.pricing import Pricing
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
    EntryKind.LAPSE: mark("**−{amount}** allowance lapsed"),
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
        mark("More than the allowance for the day"),
        mark("More than the allowance for the week"),
        mark("More than the allowance for the month"),
        mark("The allowance has ended"),
        mark("Bought on Discord"),
        mark("Refunded by Discord"),
        mark("Image ordered"),
        mark("Image delivered"),
        mark("Image smaller than paid for"),
        mark("Not charged: cancelled"),
        mark("Not charged: unanswered"),
        mark("Not charged: content refused"),
        mark("Not charged: model gone"),
        mark("Not charged: model failing"),
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
        mark("Not charged: overloaded"),
        mark("Not charged: out of order"),
        mark("Not charged: too much video"),
        mark("Not charged: moment too late"),
        mark("Not charged: image unreadable"),
        mark("Not charged: video unreadable"),
        mark("Not charged: video not public"),
    }
)


def balance(
    balance: Balance, pricing: Pricing, *, owed: Entitlement | None = None, starting_at: int | None = None
) -> Card:
    """`owed`: what the server's allowances give to the member. `starting_at`: when the starting credits are due.

    `starting_at` is in Unix milliseconds, and None where they are not to come.
    """
    words = "### " + tr("You have {credits}").format(credits=units.credits(balance.available))
    if (owed and owed.rule) or balance.allowance_available:
        words += "\n" + _allowance_and_funds(balance, owed)
    if balance.held:
        words += "\n" + tr("{credits} on hold for images being made.").format(credits=units.credits(balance.held))
    if starting_at is not None:
        words += "\n" + tr("Your starting credits come {when}: your Discord account is new.").format(
            when=units.moment(starting_at)
        )
    prices = " · ".join(f"{size.label} {number(pricing.size_credits(size))}" for size in pricing.models.default.sizes)
    search = pricing.search_credits
    costs = tr("An image costs: {prices}; web search +{search}. You pay only when the image is here.")
    costs = costs.format(prices=prices, search=number(search))
    return Card(CALM, text(words), small("\n".join(filter(None, (_next_refill(balance, owed), costs)))))


def _allowance_and_funds(balance: Balance, owed: Entitlement | None) -> str:
    """The allowance stands first, because it is spent first."""
    rule = owed.rule if owed else None
    words = tr(_OF_ALLOWANCE[rule.every]) if rule else tr("{allowance} of an allowance, {funds} of your own.")
    return words.format(allowance=number(balance.allowance_available), funds=number(balance.funds_available))


def _next_refill(balance: Balance, owed: Entitlement | None) -> str:
    """When the allowance is filled up again, or lapses."""
    if owed and owed.rule and owed.renewed_at is not None:
        words = tr("Your allowance is spent first, and filled up to {amount} again {when}.")
        return words.format(amount=number(owed.rule.amount), when=units.moment(owed.renewed_at))
    if owed and balance.allowance_available and balance.allowance_until:
        words = tr("Your allowance is spent first. No role of yours fills it up any more, and the rest lapses {when}.")
        return words.format(when=units.moment(midnight(balance.allowance_until, owed.zone)))
    return ""


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
