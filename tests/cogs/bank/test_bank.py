"""A moderator, a manager by role, a member and a user from outside the server use `/bank`."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from simcord.actors import MemberActor

from bot.discord.cards import bank as bank_cards
from bot.domain.bank import OpenHold, ServerBooks, StatementPage, Tally
from bot.domain.wallet import Balance, Entry, EntryKind, Statement, WalletKey
from bot.services.credits.bank import HOLDS_SHOWN, PAGE_ENTRIES
from bot.storage.credits import bank as scripts
from bot.storage.credits import ledger
from cogs.bank import batch_cards, batches, members
from sandbox.atlas import Latency
from tests.support import discord_rules
from tests.support.factories import NOW, sql
from tests.support.house import House, labels, nobody_is_pinged, open_house, words_of

DAY_MS = 86_400_000

COMMANDS: dict[str, dict[str, Any]] = {
    "grant": {"member": "ann", "amount": 50, "reason": "Contest"},
    "take": {"member": "ann", "amount": 50, "reason": "Mistake"},
    "set": {"member": "ann", "amount": 50, "reason": "Reset"},
    "grant-role": {"role": "everyone", "amount": 50, "reason": "Event"},
    "grant-list": {"members": "ann", "amount": 50, "reason": "Event"},
    "undo": {"entry": 1, "reason": "Mistake"},
    "statement": {"member": "ann"},
    "export": {},
    "audit": {},
}


async def bank(house: House, command: str, actor: MemberActor | None = None, **options: Any) -> Any:
    return await (actor or house.moderator).slash(house.channel, f"bank {command}", **options)


async def show_to_everybody(house: House) -> None:
    commands = await house.app.bot.tree.fetch_commands()
    command = next(command for command in commands if command.name == "bank")
    house.guild.set_command_permissions(command, {house.guild.default_role: True})


async def has(house: House, actor: MemberActor | None = None) -> int:
    page = await house.app.bot.services.bank.statement(WalletKey(house.guild.id, (actor or house.ann).id))
    return page.statement.balance.available


def newcomers(house: House, count: int, **facts: Any) -> list[MemberActor]:
    return [house.guild.add_member(house.env.create_user(f"new{number}"), **facts) for number in range(count)]


async def undo_by(house: House, message: Any, actor: MemberActor, reason: str = "Wrong member") -> Any:
    form = await actor.click(message, label="Undo")
    return await actor.submit_modal(form, {"reason": reason}) if form.modal else form


# --- rights -----------------------------------------------------------------------------------------------


async def test_each_command_is_for_moderators_and_for_the_role_that_they_named(house: House) -> None:
    await show_to_everybody(house)
    role = house.guild.create_role("Treasurers")
    treasurer = house.guild.add_member(house.env.create_user("tom"), roles=[role])
    named = {"ann": house.ann, "everyone": house.guild.default_role}
    options = {
        command: {
            name: named.get(value, value) if name != "members" else house.ann.mention for name, value in given.items()
        }
        for command, given in COMMANDS.items()
    }
    for actor in (house.ann, treasurer):
        for command, given in options.items():
            answer = await bank(house, command, actor, **given)
            assert answer.ephemeral
            assert "for those who may manage the server" in words_of(answer.response), command
    assert await has(house) == 0
    await house.change_rule("managers", role.id)
    for command, given in options.items():
        answer = await bank(house, command, treasurer, **given)
        said = "" if answer.modal else words_of(answer.response)
        assert "manage the server" not in said, command
    assert "manage the server" in words_of((await bank(house, "audit", house.ann)).response)
    assert await has(house) == 50


async def test_buttons_check_the_rights_of_whoever_presses_them(house: House) -> None:
    log = await house.open_log()
    await bank(house, "grant", member=house.ann, amount=50, reason="Contest")
    asked = await bank(house, "grant-list", members=house.ann.mention, amount=50, reason="Event")
    await house.moderator.click(asked.response.message, label="Give")
    single, batch = log.history()
    for message in (single, batch):
        refused = await house.ann.click(message, label="Undo")
        assert refused.modal is None
        assert "for those who may manage the server" in words_of(refused.response)
    assert await has(house) == 400


# --- one member -------------------------------------------------------------------------------------------


async def test_each_change_says_before_after_and_its_number_and_is_told_in_the_log_with_an_undo(house: House) -> None:
    log = await house.open_log()
    answer = await bank(house, "grant", member=house.ann, amount=50, reason="Won the @everyone contest")
    assert answer.ephemeral
    words = words_of(answer.response)
    assert f"**+50** to {house.ann.mention} (300 → 350)" in words
    assert "Reason: `Won the @everyone contest`" in words
    assert f"by {house.moderator.mention} · entry 2" in words
    assert words_of(log.last_message) == words
    assert nobody_is_pinged(house)
    taken = words_of((await bank(house, "take", member=house.ann, amount=340, reason="Mistake")).response)
    assert f"**−340** from {house.ann.mention} (350 → 10)" in taken
    assert words_of(log.last_message) == taken
    lifted = words_of((await bank(house, "set", member=house.ann, amount=90, reason="Reset")).response)
    assert f"**+80** to {house.ann.mention} (10 → 90)" in lifted
    same = words_of((await bank(house, "set", member=house.ann, amount=90, reason="Reset")).response)
    assert f"{house.ann.mention} has 90 credits already. No credits were moved." in same
    assert len(log.history()) == 3
    too_much = words_of((await bank(house, "take", member=house.ann, amount=91, reason="Mistake")).response)
    assert "That would move 91 credits, and there are 90. No credits were moved." in too_much
    robot = house.guild.add_member(house.env.create_user("robot", bot=True))
    assert "Bots order no images" in words_of((await bank(house, "grant", member=robot, amount=1, reason="x")).response)
    assert "A reason is needed" in words_of(
        (await bank(house, "grant", member=house.ann, amount=1, reason="  ")).response
    )
    assert await has(house) == 90
    assert await house.findings() == ()


async def test_an_entry_is_undone_from_the_log_also_after_a_restart_once_and_with_a_reason(house: House) -> None:
    log = await house.open_log()
    await bank(house, "grant", member=house.ann, amount=200, reason="Contest")
    told = log.last_message
    assert told
    await house.env.restart_bot()
    form, twice = [await house.moderator.click(told, label="Undo") for _ in range(2)]
    asked = str(form.modal)
    assert "Undo entry 2?" in asked
    assert f"This takes 200 credits back from {house.ann.mention}, who has 500." in asked
    done = await house.moderator.submit_modal(form, {"reason": "Wrong member"})
    assert done.ephemeral
    words = words_of(done.response)
    assert "Entry 2 is undone." in words
    assert f"**−200** from {house.ann.mention} (500 → 300)" in words
    assert "Reason: `Wrong member`" in words
    assert "entry 3" in words
    assert words_of(log.last_message) == words
    assert "Undo" not in labels(log.last_message)
    again = await house.moderator.click(told, label="Undo")
    assert "Entry 2 was undone before. Nothing was moved a second time." in words_of(again.response)
    late = await house.moderator.submit_modal(twice, {"reason": "Wrong member"})
    assert "was undone before" in words_of(late.response)


async def test_undo_by_number_says_what_it_touches_on_both_sides_of_a_gift_and_gives_a_charge_back(
    house: House,
) -> None:
    bob = house.guild.add_member(house.env.create_user("bob"))
    ann, other = (WalletKey(house.guild.id, each.id) for each in (house.ann, bob))
    await house.app.store.run(scripts.give(ann, other, 80, act_id="5", reason="Thanks", starting_credits=300, now=NOW))
    (sent,) = await house.app.store.read(sql("SELECT id FROM entries WHERE kind = 'gift_sent'"))
    form = await bank(house, "undo", entry=sent["id"], reason="Not wanted")
    assert f"This gives 80 credits back to {house.ann.mention}, who has 220." in str(form.modal)
    assert f"This takes 80 credits back from {bob.mention}, who has 380." in str(form.modal)
    assert "Not wanted" in str(form.modal)
    words = words_of((await house.moderator.submit_modal(form, {"reason": "Not wanted"})).response)
    assert f"**+80** to {house.ann.mention} (220 → 300)" in words
    assert f"**−80** from {bob.mention} (380 → 300)" in words
    await house.imagine()
    await house.ended()
    (charge,) = await house.app.store.read(sql("SELECT id FROM entries WHERE kind = 'capture'"))
    form = await bank(house, "undo", entry=charge["id"], reason="Wrong logo")
    assert "This gives 150 credits back to" in str(form.modal)
    assert "who paid them for an image and has 150." in str(form.modal)
    words = words_of((await house.moderator.submit_modal(form, {"reason": "Wrong logo"})).response)
    assert f"**+150** to {house.ann.mention} (150 → 300)" in words
    for entry, refusal in ((charge["id"] - 1, "can't be undone"), (9_999, "has no entry 9999")):
        assert refusal in words_of((await bank(house, "undo", entry=entry, reason="x")).response)
    assert await house.findings() == ()


# --- many members -----------------------------------------------------------------------------------------


async def test_a_role_is_asked_once_given_once_told_once_and_taken_back(house: House) -> None:
    log = await house.open_log()
    role = house.guild.create_role("Winners")
    winners = newcomers(house, 3, roles=[role])
    house.guild.add_member(house.env.create_user("robot", bot=True), roles=[role])
    asked = await bank(house, "grant-role", role=role, amount=50, reason="Won the contest")
    assert asked.ephemeral
    words = words_of(asked.response)
    assert "Give 50 credits to 3 members, 150 credits in all?" in words
    assert "1 more is left out: a bot, or not in this server." in words
    assert "Reason: `Won the contest`" in words
    assert [await has(house, each) for each in winners] == [0, 0, 0]
    await house.env.restart_bot()
    await house.moderator.click(asked.response.message, label="Give")
    report = words_of(asked.response)
    assert "**+50 credits** to each of 3 members, 150 credits in all." in report
    assert words_of(log.last_message) == report
    assert [await has(house, each) for each in winners] == [350, 350, 350]
    undone = await undo_by(house, log.last_message, house.moderator, "Wrong contest")
    words = words_of(undone.response)
    assert "**−50 credits** from each of 3 members, 150 credits in all." in words
    assert "Reason: `Wrong contest`" in words
    assert words_of(log.last_message) == words
    assert len(log.history()) == 2
    again = await undo_by(house, log.history()[0], house.moderator)
    assert "Nothing was taken back." in words_of(again.response)
    assert "3 are left out: it was taken back before, or is spent." in words_of(again.response)
    assert len(log.history()) == 2
    assert await house.findings() == ()


def number_of(asked: Any) -> str:
    """The id of the list that the answer asks about."""
    (found,) = re.findall(r"batch-give:([0-9]+)", str(asked.response.components))
    return str(found)


async def test_a_list_that_was_cut_off_goes_on_where_it_was_and_shows_how_far_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PROGRESS_SECONDS", 0.0)
    people = newcomers(house, 60)
    names = " ".join(f"<@!{each.id}>" if number % 2 else f"{each.id}," for number, each in enumerate(people))
    asked = await bank(house, "grant-list", members=f"{names} {people[0].mention}", amount=5, reason="Event")
    assert "to 60 members, 300 credits in all?" in words_of(asked.response)
    batch_id = number_of(asked)
    steps = house.app.bot.services.bank.give_all(house.guild.id, batch_id, actor_id=1)
    await anext(steps)
    await steps.aclose()
    before = len(house.env.http_requests)
    await house.moderator.click(asked.response.message, label="Give")
    edits = [str(sent.json) for sent in house.env.http_requests[before:] if sent.method == "PATCH"]
    assert "Giving: 50 of 60." in edits[0]
    assert "batch-give" in edits[0]
    report = words_of(asked.response)
    assert "**+5 credits** to each of 10 members, 50 credits in all." in report
    assert "50 had got it already." in report
    assert {await has(house, each) for each in people} == {305}
    nobody = batch_cards.given(await house.app.bot.services.bank.batch(house.guild.id, batch_id), Tally(skipped=60))
    assert "Nothing more was given." in str(nobody.to_components())  # type: ignore[no-untyped-call]  # discord.py's


async def test_a_list_is_worked_off_also_where_discord_does_not_let_us_show_how_far_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await house.open_log()
    monkeypatch.setattr(batches, "PROGRESS_SECONDS", 0.0)
    asked = await bank(house, "grant-list", members=house.ann.mention, amount=5, reason="Event")
    house.env.inject_error("PATCH", "/webhooks/*", status=404, code=10008, message="Unknown Message", times=None)
    await house.moderator.click(asked.response.message, label="Give")
    assert "**+5 credits** to 1 member." in words_of(log.last_message)
    await undo_by(house, log.last_message, house.moderator)
    assert "**−5 credits** from 1 member." in words_of(log.last_message)
    assert await has(house) == 300


async def test_a_list_may_be_left_until_it_has_begun_and_is_then_gone(house: House) -> None:
    first, second, third = [
        await bank(house, "grant-list", members=house.ann.mention, amount=5, reason="Event") for _ in range(3)
    ]
    assert "Give 5 credits to 1 member?" in words_of(first.response)
    await house.moderator.click(first.response.message, label="Leave it")
    assert "Left. No credits were moved." in words_of(first.response)
    services, guild_id = house.app.bot.services, house.guild.id
    await services.bank.leave(guild_id, number_of(second))
    gone = await house.moderator.click(second.response.message, label="Give")
    assert "This list is no longer here" in words_of(gone.followups[0])
    assert await has(house) == 0
    assert [tally.done async for _, tally in services.bank.give_all(guild_id, number_of(third), actor_id=1)] == [1]
    await house.moderator.click(third.response.message, label="Leave it")
    assert "Too late to leave it" in words_of(third.response)
    assert await has(house) == 305


async def test_nobody_too_many_and_strangers_are_refused_before_anything_is_asked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot = house.guild.add_member(house.env.create_user("robot", bot=True))
    for text in ("everybody!", f"{robot.mention} 123456789012345678"):
        answer = await bank(house, "grant-list", members=text, amount=5, reason="Event")
        assert "There is no member of this server among them" in words_of(answer.response)
    mixed = await bank(
        house, "grant-list", members=f"{house.ann.mention} {robot.mention} 123456789012345678", amount=5, reason="x"
    )
    assert "2 more are left out: bots, or not in this server." in words_of(mixed.response)
    monkeypatch.setattr(members, "BATCH_LIMIT", 1)
    two = f"{house.ann.mention} {house.moderator.mention}"
    for command, whom in (("grant-list", {"members": two}), ("grant-role", {"role": house.guild.default_role})):
        answer = await bank(house, command, **whom, amount=5, reason="Event")
        assert "That is more than 1 members" in words_of(answer.response)
    monkeypatch.setattr(members, "BATCH_LIMIT", 100)
    monkeypatch.setattr(members, "PAGE_MEMBERS", 1)
    whole = await bank(house, "grant-role", role=house.guild.default_role, amount=5, reason="Event")
    assert "Give 5 credits to 3 members" in words_of(whole.response)
    monkeypatch.setattr(members, "LOOKED_THROUGH_LIMIT", 2)
    answer = await bank(house, "grant-role", role=house.guild.default_role, amount=5, reason="Event")
    assert "This server has more than 2 members" in words_of(answer.response)


async def test_where_discord_does_not_say_who_has_a_role_the_moderator_reads_what_to_do(house: House) -> None:
    house.env.inject_error("GET", "/guilds/*/members", status=403, code=50001, message="Missing Access")
    answer = await bank(house, "grant-role", role=house.guild.default_role, amount=5, reason="Event")
    words = words_of(answer.response)
    assert "Server Members Intent" in words
    assert "`/bank grant-list`" in words
    house.env.inject_error("GET", "/guilds/*/members", status=400, code=0)
    answer = await bank(house, "grant-role", role=house.guild.default_role, amount=5, reason="Event")
    assert "Discord did not answer when I asked it about the members." in words_of(answer.response)


# --- the books --------------------------------------------------------------------------------------------


async def test_a_statement_shows_each_entry_whole_links_public_images_and_turns_both_ways_after_a_restart(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, starting_credits=1_000) as house:
        await house.imagine()
        await house.imagine(private=True)
        shown, hidden = await house.ended(count=2)
        page = await bank(house, "statement", member=house.ann)
        assert page.ephemeral
        words = words_of(page.response)
        assert f"### Credits of {house.ann.mention}: 700" in words
        assert (
            f"[{shown.id}](https://discord.com/channels/{house.guild.id}/{house.channel.id}/{shown.result_id})" in words
        )
        assert f"`/job {hidden.id}`" in words
        assert "150 put on hold · 1,000 → 850" in words
        assert re.search(r"-# entry 1 · <t:[0-9]+:f> · `Starting credits`", words)
        for number in range(6):
            await bank(house, "grant", member=house.ann, amount=1, reason=f"Grant {number}")
        page = await bank(house, "statement", member=house.ann)
        first = words_of(page.response)
        assert f"**+1** granted by {house.moderator.mention} · 705 → 706" in first
        assert first.count(house.moderator.mention) == 6
        await house.env.restart_bot()
        await house.moderator.click(page.response.message, label="Older")
        assert "Starting credits" in words_of(page.response)
        assert "Grant 0" not in words_of(page.response)
        await house.moderator.click(page.response.message, label="Newer")
        assert words_of(page.response) == first
        assert "Nothing has moved yet." in words_of((await bank(house, "statement", member=house.moderator)).response)


async def test_a_statement_shows_both_buckets_where_there_is_an_allowance(house: House) -> None:
    await house.change_rule("starting_credits", 0)
    await house.change_rule("allowances", {str(house.guild.default_role.id): {"amount": 100, "every": "day"}})
    await bank(house, "grant", member=house.ann, amount=50, reason="Contest")
    words = words_of((await bank(house, "statement", member=house.ann)).response)
    assert f"### Credits of {house.ann.mention}: 150, 100 of it allowance" in words
    assert "100 → 150 (100 of the allowance, 50 of their own)" in words


async def test_an_export_has_the_servers_books_as_files(house: House) -> None:
    await house.imagine()
    await house.ended()
    answer = await bank(house, "export", since="7d")
    assert answer.ephemeral
    entries, jobs = answer.response.attachments
    assert re.fullmatch(r"entries-[-0-9]+-to-[-0-9]+\.csv", entries.filename)
    rows = list(csv.DictReader(io.StringIO((await entries.read()).decode("utf-8-sig"))))
    assert [row["kind"] for row in rows] == ["grant", "hold", "capture"]
    assert (await jobs.read()).count(b"\r\n") == 2
    assert "take the columns with ids as text" in words_of(answer.response)
    refused = await bank(house, "export", since="soon")
    assert "I can't read `soon` as `since`" in words_of(refused.response)


async def test_books_that_are_too_large_come_by_months_and_a_month_that_is_says_so(house: House) -> None:
    take_files_of(house, limit_bytes=1_500)
    now = house.app.bot.services.history.now()
    last_month = now - 31 * DAY_MS
    for number in range(30):
        await house.app.store.run(
            ledger.grant(
                WalletKey(house.guild.id, house.ann.id), 1, act_id=f"{number}", actor="1", reason="Long ago",
                starting_credits=0, now=last_month,
            )
        )  # fmt: skip
    await bank(house, "grant", member=house.ann, amount=50, reason="Contest")
    answer = await bank(house, "export", since="32d")
    months = [answer.response, *answer.followups]
    assert "are more than Discord takes in one file. Ask for a shorter period." in words_of(months[0])
    assert months[0].attachments == []
    assert "so each month comes by itself" in words_of(months[-1])
    assert [file.filename.split("-")[0] for file in months[-1].attachments] == ["entries", "jobs"]
    assert all(month.ephemeral for month in months)


def take_files_of(house: House, *, limit_bytes: int) -> None:
    """Discord sends the limit in each interaction. The simulation always sends 25 MiB."""
    connection = house.app.bot._connection
    parse = connection.parsers["INTERACTION_CREATE"]
    connection.parsers["INTERACTION_CREATE"] = lambda data: parse({**data, "attachment_size_limit": limit_bytes})


async def test_an_audit_says_what_there_is_what_is_on_hold_and_whether_it_adds_up(tmp_path: Path) -> None:
    async with open_house(tmp_path, latency=Latency.fixed(30)) as house:
        empty = words_of((await bank(house, "audit")).response)
        assert "0 members have a wallet here." in empty
        await house.imagine()
        (job,) = await house.jobs()
        words = words_of((await bank(house, "audit")).response)
        assert "1 member has a wallet here. They have 300 credits, 150 of it on hold for images being made." in words
        assert "2 entries explain them." in words
        assert "The books are right" in words
        assert f"150 credits of {house.ann.mention}, since <t:{job.created_at // 1000}:R> · job {job.id}" in words
        await house.app.store.run(sql("DROP TRIGGER wallets_move_only_by_entries"))
        await house.app.store.run(sql("UPDATE wallets SET posted = 700"))
        assert "1 thing in the books does not fit." in words_of((await bank(house, "audit")).response)


async def test_a_log_that_can_not_be_written_fails_nothing(house: House) -> None:
    log = await house.open_log()
    house.env.inject_error(
        "POST", f"/channels/{log.id}/messages", status=403, code=50013, message="Missing Permissions"
    )
    answer = await bank(house, "grant", member=house.ann, amount=50, reason="Contest")
    assert "(300 → 350)" in words_of(answer.response)


def test_the_longest_statement_and_audit_stay_within_what_discord_takes() -> None:
    entry = Entry(
        id=10**12, seq=9, kind=EntryKind.GRANT, posted_delta=10**9, held_delta=0,
        after=Balance(posted=10**12, held=10**9, allowance=10**9), job_id="1" * 20, actor="9" * 20, reason="漢" * 200,
        at=NOW,
    )  # fmt: skip
    link = f"https://discord.com/channels/{'1' * 20}/{'2' * 20}/{'3' * 20}"
    page = StatementPage(Statement(entry.after, (entry,) * PAGE_ENTRIES, 5, 50), {"1" * 20: link})
    hold = OpenHold(job_id="1" * 20, member_id=10**19, cost=10**6, since=NOW)
    books = ServerBooks(
        wallets=10**6, entries=10**9, posted=10**12, held=10**9, allowance=10**9, open_holds=10**6,
        oldest=(hold,) * HOLDS_SHOWN, findings=10**6,
    )  # fmt: skip
    for card in (bank_cards.statement(page, 10**19), bank_cards.audit(books)):
        shown = card.to_components()  # type: ignore[no-untyped-call]  # discord.py's
        message = {"components": shown, "flags": discord_rules.COMPONENTS_V2}
        assert discord_rules.broken("POST", "/channels/1/messages", message) == []
