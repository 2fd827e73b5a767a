"""`stillframe ledger` checks the books, shows wallets, gives credits and undoes entries, without Discord."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict
from uuid import uuid4

from rich.table import Table
from rich.text import Text

from bot.cli.output import CommandOutput, plain, refused, signed, table, when
from bot.domain.bank import LedgerMove
from bot.domain.errors import DatabaseInUse, Refusal, RepeatDiffers
from bot.domain.wallet import (
    SYSTEM,
    Balance,
    Entry,
    Statement,
    WalletKey,
    check_amount,
    read_reason,
)
from bot.settings import Settings
from bot.storage.credits import bank, ledger
from bot.storage.credits.audit import RULES, Books, check_books
from bot.storage.database import open_database, read_once
from bot.storage.engine.store import Script
from bot.storage.server import policy as policies

SUBJECTS_SHOWN = 5  # wallets or jobs named under a broken rule
IN_USE = (
    "The bot is running on {path}, and only one process may write there. Use /bank in the server, "
    "or stop the bot, run this again and start it. Nothing was changed."
)
REPEATED = (
    "The key {key} was used before, to give another amount, to somebody else or for another reason. "
    "No credits were moved. Leave --key out for a new act."
)
NOBODY = "Member {member} has no wallet in server {guild}: nobody by this id was ever here. Look at the ids again."


async def check(settings: Settings) -> CommandOutput:
    """Check every rule of the books. The bot may be running."""
    books = await read_once(settings.database, check_books())
    facts = {"ok": not books.findings, **asdict(books)}
    return CommandOutput(not books.findings, [_books_table(books)], facts)


async def statement(settings: Settings, wallet: WalletKey, *, limit: int) -> CommandOutput:
    """Show the newest entries of a wallet. The bot may be running: nothing is changed, and no wallet is made."""
    found = await read_once(settings.database, ledger.statement(wallet, before=None, limit=limit))
    if found is None:
        words = NOBODY.format(member=wallet.member_id, guild=wallet.guild_id)
        return CommandOutput(False, [Text(words)], {"ok": False, "error": "NoWallet", "message": words})
    return CommandOutput(
        True,
        [_statement_table(wallet, found)],
        {
            "ok": True,
            **_wallet_facts(wallet, found.balance),
            "entries": [_entry_facts(entry) for entry in found.entries],
            "more": found.older_before is not None,
        },
    )


async def grant(settings: Settings, wallet: WalletKey, amount: int, *, reason: str, key: str | None) -> CommandOutput:
    """Give credits, once per `key`. On SQLite no other process may have the file open."""
    key = key or uuid4().hex
    try:
        check_amount(amount)
        words = read_reason(reason)
        script = _grant(wallet, amount, reason=words, key=key, starting_credits=settings.starting_credits)
        async with open_database(settings.database, backups=settings.backups) as store:
            moved = await store.run(script)
    except DatabaseInUse as error:
        return refused(error, IN_USE.format(path=error.path))
    except RepeatDiffers as error:
        return refused(error, REPEATED.format(key=key))
    except Refusal as error:
        return refused(error)
    entry = moved.entry
    return CommandOutput(
        True,
        [
            Text(f"{amount:,} credits given as entry {entry.id}. {_in_words(wallet, entry.after)}"),
            Text(
                f"The same again with --key {key} changes nothing. `stillframe ledger undo {entry.id}` takes it back."
            ),
        ],
        {"ok": True, "entry": entry.id, "key": key, "amount": amount, **_wallet_facts(wallet, entry.after)},
    )


async def undo(settings: Settings, entry_id: int, *, guild_id: int, reason: str) -> CommandOutput:
    """Write the counter-entry, which is allowed once. On SQLite no other process may have the file open."""
    try:
        script = bank.undo(entry_id, guild_id=guild_id, actor=SYSTEM, reason=read_reason(reason), now=_now())
        async with open_database(settings.database, backups=settings.backups) as store:
            moves = await store.run(script)
    except DatabaseInUse as error:
        return refused(error, IN_USE.format(path=error.path))
    except Refusal as error:
        return refused(error)
    return CommandOutput(
        True,
        [Text(f"Undone by entry {each.entry.id}. {_in_words(each.wallet, each.entry.after)}") for each in moves],
        {
            "ok": True,
            "undone": entry_id,
            "moves": [{"entry": each.entry.id, **_wallet_facts(each.wallet, each.entry.after)} for each in moves],
        },
    )


def _grant(wallet: WalletKey, amount: int, *, reason: str, key: str, starting_credits: int) -> Script[LedgerMove]:
    """Give the credits. Answers with the entry, also where this key was used before."""
    own = (yield from policies.get(wallet.guild_id)).starting_credits
    return (
        yield from ledger.grant(
            wallet,
            amount,
            act_id=f"operator:{key}",  # never an interaction's id
            actor=SYSTEM,
            reason=reason,
            now=_now(),
            starting_credits=starting_credits if own is None else own,
        )
    )


def _now() -> int:
    return time.time_ns() // 1_000_000


# --- Shown --------------------------------------------------------------------------------------------


def _books_table(books: Books) -> Table:
    shown = table("The books", "rule", "holds for")
    broken: dict[str, list[str]] = {}
    for finding in books.findings:
        broken.setdefault(finding.rule, []).append(finding.subject)
    for rule in RULES:
        subjects = broken.get(rule, [])
        more = f" and {len(subjects) - SUBJECTS_SHOWN:,} more" if len(subjects) > SUBJECTS_SHOWN else ""
        listed = ", ".join(subjects[:SUBJECTS_SHOWN]) + more
        shown.add_row(rule, f"[red]broken: {listed}[/red]" if subjects else "[green]all[/green]")
    waiting = f" ({books.awaiting:,} wait for their member)" if books.awaiting else ""
    shown.caption = (
        f"{books.wallets:,} wallets, {books.entries:,} entries, {books.open_jobs:,} open jobs{waiting}; "
        f"{books.posted:,} credits, of which {books.held:,} on hold"
    )
    return shown


def _statement_table(wallet: WalletKey, found: Statement) -> Table:
    """The column `credits` is how much an entry changed what is left: 0 for a charge, since its hold took it before."""
    shown = table(
        f"Member {wallet.member_id} in server {wallet.guild_id}",
        "entry",
        "time (UTC)",
        "what",
        "credits",
        "left",
        "why",
        right=("entry", "time (UTC)", "what", "credits", "left"),
    )
    for entry in found.entries:
        shown.add_row(
            str(entry.id),
            when(entry.at),
            entry.kind.replace("_", " "),
            signed(entry.after.available - entry.available_before),
            f"{entry.after.available:,}",
            plain(" · ".join(_reasons(entry, wallet))),
        )
    older = "; older entries: raise --limit" if found.older_before else ""
    shown.caption = _in_words(wallet, found.balance) + older
    return shown


def _reasons(entry: Entry, wallet: WalletKey) -> Iterable[str]:
    yield entry.reason
    if entry.job_id:
        yield f"job {entry.job_id}"
    if entry.undoes:
        yield f"undoes {entry.undoes}"
    if entry.actor not in {SYSTEM, str(wallet.member_id)}:
        yield f"by {entry.actor}"


def _in_words(wallet: WalletKey, balance: Balance) -> str:
    parts = [f"{balance.available:,} credits left"]
    if balance.allowance_available:
        parts.append(f"{balance.allowance_available:,} of them allowance")
    if balance.held:
        parts.append(f"{balance.held:,} more on hold")
    return f"Member {wallet.member_id}: {', '.join(parts)}"


def _wallet_facts(wallet: WalletKey, balance: Balance) -> dict[str, object]:
    """Ids are text here, since they are too long for JavaScript's numbers."""
    return {
        "guild": str(wallet.guild_id),
        "member": str(wallet.member_id),
        "available": balance.available,
        "allowance": balance.allowance_available,
        "held": balance.held,
    }


def _entry_facts(entry: Entry) -> dict[str, object]:
    return {
        "entry": entry.id,
        "at_ms": entry.at,
        "kind": entry.kind.value,
        "credits": entry.posted_delta,
        "held": entry.held_delta,
        "available_after": entry.after.available,
        "actor": entry.actor,
        "reason": entry.reason,
        "job": entry.job_id,
        "undoes": entry.undoes,
    }
