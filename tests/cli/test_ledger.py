"""`stillframe ledger`, as an operator types it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.domain.wallet import WalletKey
from bot.storage.credits import bank, ledger
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.orders import placing
from bot.storage.server import policy
from tests.support.command_line import DATABASE, as_json, in_words, leave_for, stillframe
from tests.support.factories import ANN, BOB, MANY, NOW, an_order

HERE = ("--guild", "1")
OF_ANN = (*HERE, "--member", "10")
GRANT = ("ledger", "grant", *OF_ANN, "--amount", "500", "--reason", "Won the contest")


@pytest.fixture(autouse=True)
def an_empty_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leave_for(tmp_path, monkeypatch)


def books(fill: Callable[[SqliteStore], Awaitable[Any]] | None = None) -> None:
    async def make() -> None:
        async with open_sqlite(DATABASE) as store:
            await store.run(ledger.welcome(ANN, starting_credits=300, now=NOW))
            if fill:
                await fill(store)

    asyncio.run(make())


def available(wallet: WalletKey = ANN) -> int:
    member = ("--guild", str(wallet.guild_id), "--member", str(wallet.member_id))
    answer: int = as_json("ledger", "statement", *member)["available"]
    return answer


# --- statement ----------------------------------------------------------------------------------------


def test_a_statement_shows_each_entry_and_what_was_left_after_it() -> None:
    async def fill(store: SqliteStore) -> None:
        await store.run(placing.place(an_order("900"), starting_credits=0, limits=MANY, now=NOW + 60_000))
        await store.run(
            ledger.grant(
                ANN, 20, act_id="7", actor="42", reason="[red]\x1b[31mNice", starting_credits=0, now=NOW + 120_000
            )
        )

    books(fill)
    result = stillframe("ledger", "statement", *OF_ANN)
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "Member 10 in server 1" in lines
    assert "1 2026-09-21 14:13 grant +300 300 Starting credits" in lines
    assert "2 2026-09-21 14:14 hold -150 150 Image ordered · job 900" in lines
    assert "3 2026-09-21 14:15 grant +20 170 [red]�[31mNice · by 42" in in_words(result)
    assert "Member 10: 170 credits left, 150 more on hold" in lines
    assert "\x1b" not in result.stdout


def test_a_statement_for_scripts_has_the_newest_entries_up_to_the_limit() -> None:
    books(lambda store: store.run(bank.take(
        ANN, 100, act_id="8", actor="42", reason="Too many", starting_credits=0, now=NOW + 1
    )))  # fmt: skip
    assert as_json("ledger", "statement", *OF_ANN, "--limit", "1") == {
        "ok": True,
        "guild": "1",
        "member": "10",
        "available": 200,
        "allowance": 0,
        "held": 0,
        "entries": [
            {
                "entry": 2,
                "at_ms": NOW + 1,
                "kind": "take",
                "credits": -100,
                "held": 0,
                "available_after": 200,
                "actor": "42",
                "reason": "Too many",
                "job": None,
                "undoes": None,
            }
        ],
        "more": True,
    }
    assert "older entries: raise --limit" in in_words(stillframe("ledger", "statement", *OF_ANN, "--limit", "1"))


def test_a_statement_of_nobody_says_so_and_makes_no_wallet() -> None:
    books()
    result = stillframe("ledger", "statement", *HERE, "--member", "999")
    assert result.exit_code == 1
    assert "Member 999 has no wallet in server 1" in in_words(result)
    assert as_json("ledger", "statement", *HERE, "--member", "999")["error"] == "NoWallet"


# --- grant --------------------------------------------------------------------------------------------


def test_a_grant_is_kept_with_its_reason_and_says_how_to_repeat_and_to_undo_it() -> None:
    books()
    result = stillframe(*GRANT)
    assert result.exit_code == 0
    words = in_words(result)
    assert "500 credits given as entry 2. Member 10: 800 credits left" in words
    assert "`stillframe ledger undo 2` takes it back" in words
    newest = as_json("ledger", "statement", *OF_ANN)["entries"][0]
    assert (newest["kind"], newest["credits"], newest["reason"], newest["actor"]) == (
        "grant", 500, "Won the contest", "stillframe",
    )  # fmt: skip


def test_a_grant_with_a_key_happens_once_and_without_one_each_time() -> None:
    books()
    first, again = as_json(*GRANT, "--key", "contest-1"), as_json(*GRANT, "--key", "contest-1")
    assert first == again
    assert first == {
        "ok": True, "entry": 2, "key": "contest-1", "amount": 500,
        "guild": "1", "member": "10", "available": 800, "allowance": 0, "held": 0,
    }  # fmt: skip
    assert as_json(*GRANT)["key"] != as_json(*GRANT)["key"]
    assert available() == 1_800


def test_a_key_can_t_be_used_for_another_grant() -> None:
    books()
    stillframe(*GRANT, "--key", "k")
    other = stillframe("ledger", "grant", *OF_ANN, "--amount", "5", "--reason", "Other", "--key", "k")
    assert other.exit_code == 1
    assert "The key k was used before" in in_words(other)
    assert available() == 800


def test_an_interaction_of_the_same_number_as_a_key_is_another_act() -> None:
    books(lambda store: store.run(ledger.grant(
        ANN, 1, act_id="77", actor="42", reason="In Discord", starting_credits=0, now=NOW
    )))  # fmt: skip
    assert as_json(*GRANT, "--key", "77")["available"] == 801


def test_a_grant_to_somebody_new_opens_the_wallet_as_a_first_meeting_does() -> None:
    books()
    answer = as_json("ledger", "grant", *HERE, "--member", "11", "--amount", "5", "--reason", "Hello")
    assert answer["available"] == 305
    books(lambda store: store.run(policy.change(1, "starting_credits", 20, actor=42, now=NOW)))
    answer = as_json("ledger", "grant", *HERE, "--member", "12", "--amount", "5", "--reason", "Hello")
    assert answer["available"] == 25


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        (("--amount", "0"), "BadAmount", "from 1 to 1,000,000"),
        (("--amount", "1000001"), "BadAmount", "from 1 to 1,000,000"),
        (("--reason", "  "), "ReasonMissing", "A reason is needed"),
    ],
)
def test_a_grant_is_refused_in_the_words_of_the_bot(changes: tuple[str, str], error: str, words: str) -> None:
    books()
    result = stillframe(*GRANT, *changes)
    assert result.exit_code == 1
    assert words in in_words(result)
    answer = as_json(*GRANT, *changes)
    assert (answer["ok"], answer["error"], words in answer["message"]) == (False, error, True)
    assert available() == 300


# --- undo ---------------------------------------------------------------------------------------------


def undo(entry: int, *more: str) -> tuple[str, ...]:
    return ("ledger", "undo", str(entry), *HERE, "--reason", "A mistake", *more)


def test_an_entry_is_undone_once() -> None:
    books()
    stillframe(*GRANT)
    result = stillframe(*undo(2))
    assert (result.exit_code, in_words(result)) == (0, "Undone by entry 3. Member 10: 300 credits left")
    assert "undoes 2" in in_words(stillframe("ledger", "statement", *OF_ANN))
    again = stillframe(*undo(2))
    assert again.exit_code == 1
    assert as_json(*undo(2))["error"] == "AlreadyUndone"


def test_a_gift_is_undone_on_both_sides() -> None:
    books(lambda store: store.run(bank.give(
        ANN, BOB, 40, act_id="9", reason="Thanks", starting_credits=300, now=NOW
    )))  # fmt: skip
    answer = as_json(*undo(3))
    assert (answer["undone"], [(each["member"], each["available"]) for each in answer["moves"]]) == (
        3, [("10", 300), ("11", 300)],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (undo(99), "NoSuchEntry"),
        (("ledger", "undo", "1", "--guild", "2", "--reason", "Elsewhere"), "NoSuchEntry"),
        (undo(2), "NotUndoable"),
        (undo(1), "NotEnoughToTake"),
        (undo(1, "--reason", ""), "ReasonMissing"),
    ],
)
def test_an_undo_is_refused_in_the_words_of_the_bot(arguments: tuple[str, ...], error: str) -> None:
    books(lambda store: store.run(placing.place(an_order(), starting_credits=0, limits=MANY, now=NOW)))
    assert stillframe(*arguments).exit_code == 1
    assert as_json(*arguments)["error"] == error
    assert available() == 150


# --- while the bot runs, and other places ---------------------------------------------------------------


def test_while_the_bot_runs_reading_works_and_writing_says_what_to_do() -> None:
    async def beside_the_bot(*arguments: str) -> Any:
        async with open_sqlite(DATABASE):
            return await asyncio.to_thread(stillframe, *arguments)

    books()
    assert asyncio.run(beside_the_bot("ledger", "statement", *OF_ANN)).exit_code == 0
    assert asyncio.run(beside_the_bot("ledger", "check")).exit_code == 0
    for writing in (GRANT, undo(1)):
        refused = asyncio.run(beside_the_bot(*writing))
        assert refused.exit_code == 1
        assert "Use /bank in the server, or stop the bot" in in_words(refused)
        told = json.loads(asyncio.run(beside_the_bot(*writing, "--json")).stdout)
        assert (told["ok"], told["error"]) == (False, "DatabaseInUse")
    assert available() == 300


@pytest.mark.parametrize(
    "arguments",
    [("ledger", "statement", *OF_ANN), GRANT, undo(1), ("ledger", "check")],
    ids=["statement", "grant", "undo", "check"],
)
def test_a_database_that_is_not_there_is_not_made(arguments: tuple[str, ...]) -> None:
    result = stillframe(*arguments)
    assert result.exit_code == 2
    assert "There is no database" in result.stderr
    assert not DATABASE.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("ledger", "statement", "--guild", "1"),
        ("ledger", "statement", "--guild", "1", "--member", str(2**63)),
        ("ledger", "statement", *OF_ANN, "--limit", "0"),
        ("ledger", "grant", *OF_ANN, "--amount", "many", "--reason", "x"),
        ("ledger", "undo", "0", *HERE, "--reason", "x"),
        ("ledger", "undo", "1", *HERE),
    ],
)
def test_what_is_not_a_command_of_this_kind_ends_with_two(arguments: tuple[str, ...]) -> None:
    books()
    assert stillframe(*arguments).exit_code == 2


def test_the_check_has_its_totals_for_scripts() -> None:
    books()
    answer = as_json("ledger", "check")
    assert (answer["ok"], answer["wallets"], answer["posted"], answer["findings"]) == (True, 1, 300, [])
