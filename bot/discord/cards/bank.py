"""The cards of moderators' acts with credits: what was moved, what an undo would move, the books."""

from __future__ import annotations

from collections.abc import Sequence

from discord import ui

from bot.discord.cards.base import CALM, DONE, SORRY, Button, Card, Row, small, text
from bot.discord.cards.credits import REASON_ECHO_LIMIT, reason_of, what_moved
from bot.domain.bank import LedgerMove, OpenHold, ServerBooks, StatementPage, Undoing
from bot.domain.wallet import REASON_LIMIT, SYSTEM, Balance, Entry, EntryKind
from bot.text import escape, units
from bot.text.i18n import number, tr, trn

UNDO_ID = "undo-entry:{entry_id}"
ONCE_MORE_ID = "once-more:{act_id}"
PAGE_ID = "bank-statement:{member_id}:{before}"


_UNDOABLE = frozenset({EntryKind.GRANT, EntryKind.TAKE, EntryKind.GIFT_SENT, EntryKind.CODE})


def moved(made: Sequence[LedgerMove], *, undoing: int | None = None) -> Card:
    """What an act has moved, with a button to undo it. `undoing`: the entry that the act has undone.

    The moderator and the log get the same card.
    """
    first = made[0].entry
    lines = [_moved_line(each) for each in made]
    if undoing is not None:
        lines.insert(0, tr("Entry {entry} is undone.").format(entry=undoing))
    reason = tr("Reason: {reason}").format(reason=escape.inline(first.reason, REASON_LIMIT))
    by = tr("by {member}").format(member=f"<@{first.actor}>")
    numbers = " · ".join(tr("entry {entry}").format(entry=each.entry.id) for each in made)
    rows = [Row(undo_button(first.id))] if first.kind in _UNDOABLE else []
    return Card(DONE, text("\n".join([*lines, reason])), small(f"{by} · {numbers}"), *rows)


def undo_button(entry_id: int) -> Button:
    return Button(label=tr("Undo"), custom_id=UNDO_ID.format(entry_id=entry_id))


def done_before(words: str, act_id: str) -> Card:
    """The question whether to do an act once more. `act_id`: the act that was done before."""
    return Card(CALM, text(words), Row(Button(label=tr("Once more"), custom_id=ONCE_MORE_ID.format(act_id=act_id))))


def unchanged(member_id: int, amount: int) -> Card:
    words = tr("{member} has {credits} already. No credits were moved.")
    return Card(CALM, text(words.format(member=f"<@{member_id}>", credits=units.credits(amount))))


def undo_words(undoing: Sequence[Undoing]) -> str:
    """What the form of the undo says first: a line for each wallet."""
    lines = [_undo_line(each) for each in undoing]
    first = undoing[0].of.entry
    was = tr("Entry {entry} of {moment}: {reason}").format(
        entry=first.id, moment=f"<t:{first.at // 1000}:f>", reason=escape.inline(reason_of(first), REASON_LIMIT)
    )
    return "\n".join([was, *lines, tr("Both stay in the statement: the entry, and the one that undoes it.")])


def statement(page: StatementPage, member_id: int) -> Card:
    found = page.statement
    title = tr("Credits of {member}: {balance}").format(member=f"<@{member_id}>", balance=_balance(found.balance))
    lines = [_entry_line(entry, page.links.get(entry.job_id or "")) for entry in found.entries]
    ends = [(found.newer_before, tr("Newer")), (found.older_before, tr("Older"))]
    buttons = [
        Button(label=label, custom_id=PAGE_ID.format(member_id=member_id, before=before))
        for before, label in ends
        if before is not None
    ]
    return Card(
        CALM,
        text(f"### {title}"),
        text("\n".join(lines) or tr("Nothing has moved yet.")),
        *([Row(*buttons)] if buttons else []),
    )


def audit(books: ServerBooks) -> Card:
    lines = [
        trn("{count} member has a wallet here.", "{count} members have a wallet here.", books.wallets),
        tr("They have {credits}, {held} of it on hold for images being made."),
        trn("{entries} entry explains them.", "{entries} entries explain them.", books.entries),
    ]
    facts = {
        "count": number(books.wallets),
        "credits": units.credits(books.posted),
        "held": number(books.held),
        "entries": number(books.entries),
    }
    words = " ".join(line.format(**facts) for line in lines)
    if books.allowance:
        words += " " + tr("{allowance} of the credits are allowance, which refills.").format(
            allowance=number(books.allowance)
        )
    holds = [_hold_line(hold) for hold in books.oldest]
    if books.open_holds > len(holds):
        holds.append(tr("and {count} more").format(count=number(books.open_holds - len(holds))))
    items = [text("\n".join([f"### {tr('The books of this server')}", words])), text(_verdict(books.findings))]
    if holds:
        items.append(text("\n".join([f"**{tr('On hold, the oldest first')}**", *holds])))
    return Card(SORRY if books.findings else CALM, *items)


def exported(name: str, files: Sequence[str], *, more: bool) -> Card:
    """`files` must be sent with it. `more`: the period was too large for one file, and this is a month of it."""
    words = tr("The books from {period}.").format(period=name.replace("-to-", " – "))
    if more:
        words += " " + tr("All of them are more than Discord takes in one file, so each month comes by itself.")
    hint = tr("Times are in UTC. When you open a file in a spreadsheet, take the columns with ids as text.")
    return Card(DONE, text(words), *(ui.File(f"attachment://{file}") for file in files), small(hint))


def too_large(name: str) -> Card:
    words = tr("The books from {period} are more than Discord takes in one file. Ask for a shorter period.")
    return Card(SORRY, text(words.format(period=name.replace("-to-", " – "))))


def _moved_line(each: LedgerMove) -> str:
    amount = each.entry.posted_delta
    words = tr("**+{amount}** to {member} ({before} → {after})")
    if amount < 0:
        words = tr("**−{amount}** from {member} ({before} → {after})")
    return words.format(
        amount=number(abs(amount)),
        member=f"<@{each.wallet.member_id}>",
        before=number(each.entry.available_before),
        after=number(each.entry.after.available),
    )


def _undo_line(undoing: Undoing) -> str:
    if undoing.moves < 0:
        words = tr("This takes {credits} back from {member}, who has {available}.")
    elif undoing.of.entry.kind is EntryKind.CAPTURE:
        words = tr("This gives {credits} back to {member}, who paid them for an image and has {available}.")
    else:
        words = tr("This gives {credits} back to {member}, who has {available}.")
    return words.format(
        credits=units.credits(abs(undoing.moves)),
        member=f"<@{undoing.of.wallet.member_id}>",
        available=number(undoing.balance.available),
    )


def _balance(balance: Balance) -> str:
    parts = [number(balance.available)]
    if balance.allowance:
        parts.append(tr("{allowance} of it allowance").format(allowance=number(balance.allowance_available)))
    if balance.held:
        parts.append(tr("{held} more on hold").format(held=number(balance.held)))
    return ", ".join(parts)


def _entry_line(entry: Entry, link: str | None) -> str:
    after = entry.after
    line = f"{what_moved(entry)} · {number(entry.available_before)} → {number(after.available)}"
    if after.allowance:
        parts = tr("{allowance} of the allowance, {funds} of their own")
        line += f" ({parts.format(allowance=number(after.allowance_available), funds=number(after.funds_available))})"
    facts = [tr("entry {entry}").format(entry=entry.id), f"<t:{entry.at // 1000}:f>"]
    if entry.actor != SYSTEM and f"<@{entry.actor}>" not in line:
        facts.append(tr("by {member}").format(member=f"<@{entry.actor}>"))
    facts.append(escape.inline(reason_of(entry), REASON_ECHO_LIMIT))
    if entry.job_id:
        facts.append(f"[{entry.job_id}]({link})" if link else f"`/job {entry.job_id}`")
    return f"{line}\n-# {' · '.join(facts)}"


def _hold_line(hold: OpenHold) -> str:
    return tr("{credits} of {member}, since {when} · job {id}").format(
        credits=units.credits(hold.cost),
        member=f"<@{hold.member_id}>",
        when=f"<t:{hold.since // 1000}:R>",
        id=hold.job_id,
    )


def _verdict(findings: int) -> str:
    if not findings:
        return tr("The books are right: each balance is the sum of its entries, and each hold belongs to an image.")
    return trn(
        "{count} thing in the books does not fit. Please tell whoever runs the bot: `stillframe ledger check` names "
        "it.",
        "{count} things in the books do not fit. Please tell whoever runs the bot: `stillframe ledger check` names "
        "them.",
        findings,
    ).format(count=number(findings))
