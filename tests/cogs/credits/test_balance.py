"""A member, a moderator and a user from outside the server use `/credits` and `/bank`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.discord.cards.credits import what_moved
from bot.domain.wallet import GRANT_LIMIT, SYSTEM, Balance, Entry, EntryKind, WalletKey
from tests.support.house import House, open_house, words_of


async def grant(house: House, amount: int = 50, reason: str = "Contest") -> Any:
    return await house.moderator.slash(house.channel, "bank grant", member=house.ann, amount=amount, reason=reason)


async def test_a_new_member_has_the_starting_credits_and_sees_the_prices(house: House) -> None:
    answer = await house.ann.slash(house.channel, "credits balance")
    assert answer.ephemeral
    words = words_of(answer.response)
    assert "You have 300 credits" in words
    assert "1K 150 · 2K 190 · 4K 230; web search +14" in words


async def test_a_moderator_gives_credits_with_a_reason_that_the_member_can_read(house: House) -> None:
    answer = await grant(house, 50, "Won the contest")
    assert answer.ephemeral
    assert "(300 → 350)" in words_of(answer.response)
    statement = words_of((await house.ann.slash(house.channel, "credits statement")).response)
    assert "Your credits: 350" in statement
    assert f"**+50** granted by <@{house.moderator.id}>, 350 left · `Won the contest`" in statement


async def test_a_member_who_may_not_manage_the_server_can_not_give_credits_even_when_the_command_is_shown(
    house: House,
) -> None:
    commands = await house.app.bot.tree.fetch_commands()
    bank = next(command for command in commands if command.name == "bank")
    house.guild.set_command_permissions(bank, {house.guild.default_role: True})
    answer = await house.ann.slash(house.channel, "bank grant", member=house.ann, amount=50, reason="Please")
    assert "for those who may manage the server" in words_of(answer.response)
    assert "300" in words_of((await house.ann.slash(house.channel, "credits balance")).response)


async def test_a_reason_of_spaces_is_refused(house: House) -> None:
    answer = await grant(house, 50, "   ")
    assert "A reason is needed" in words_of(answer.response)


async def test_a_grant_may_be_as_large_as_the_limit(house: House) -> None:
    assert "+1,000,000" in words_of((await grant(house, GRANT_LIMIT)).response)


async def test_a_statement_names_the_job_of_each_entry_and_pages_back_to_the_beginning(house: House) -> None:
    await house.imagine()
    (job,) = await house.ended()
    for number in range(12):
        await grant(house, 1, f"Grant {number}")
    first: Any = await house.ann.slash(house.channel, "credits statement")
    assert "Grant 11" in words_of(first.response)
    assert "Grant 3" not in words_of(first.response)
    await house.ann.click(first.response.message, label="Older")
    second = words_of(first.response)
    assert re.search(rf"paid for an image, 150 left · `Image delivered` · job {job.id}", second)
    assert "Starting credits" in second
    assert "Older" not in str(first.response.components)


async def test_pages_still_turn_after_a_restart(house: House) -> None:
    for number in range(12):
        await grant(house, 1, f"Grant {number}")
    first: Any = await house.ann.slash(house.channel, "credits statement")
    await house.env.restart_bot()
    await house.ann.click(first.response.message, label="Older")
    assert "Starting credits" in words_of(first.response)


async def test_wallets_of_two_servers_have_nothing_to_do_with_each_other(house: House) -> None:
    other = house.env.create_guild("Other")
    channel = other.create_text_channel("images")
    ann_there = other.add_member(house.ann_user)
    await grant(house, 500)
    assert "You have 300 credits" in words_of((await ann_there.slash(channel, "credits balance")).response)


# --- allowances, and every way in which credits move ------------------------------------------------------


async def allow(house: House, amount: int, every: str = "day") -> None:
    await house.change_rule("allowances", {str(house.guild.default_role.id): {"amount": amount, "every": every}})


@pytest.mark.parametrize(("every", "words"), [("day", "today's"), ("week", "this week's"), ("month", "this month's")])
async def test_a_balance_shows_both_buckets_and_when_the_allowance_comes_back(
    house: House, every: str, words: str
) -> None:
    await allow(house, 100, every)
    for _ in range(2):
        shown = words_of((await house.ann.slash(house.channel, "credits balance")).response)
        assert "You have 400 credits" in shown
        assert f"100 of {words} allowance, 300 of your own." in shown
        assert re.search(r"filled up to 100 again <t:[0-9]+:R>", shown)
    statement = words_of((await house.ann.slash(house.channel, "credits statement")).response)
    assert f"**+100** allowance, 400 left · `Allowance for the {every}`" in statement
    await house.change_rule("allowances", {})
    shown = words_of((await house.ann.slash(house.channel, "credits balance")).response)
    assert "You have 300 credits" in shown
    assert "allowance" not in shown
    statement = words_of((await house.ann.slash(house.channel, "credits statement")).response)
    assert "**−100** allowance lapsed, 300 left · `The allowance has ended`" in statement


async def test_a_balance_says_when_the_rest_of_a_lost_roles_allowance_lapses(house: House) -> None:
    role = house.guild.create_role("Supporters")
    await house.change_rule("allowances", {str(role.id): {"amount": 100, "every": "week"}})
    services = house.app.bot.services
    as_supporter = services.rules.owed(await services.rules.policy_of(house.guild.id), frozenset({role.id}))
    await services.credits.balance(WalletKey(house.guild.id, house.ann.id), owed=as_supporter)
    shown = words_of((await house.ann.slash(house.channel, "credits balance")).response)
    assert "100 of an allowance, 300 of your own." in shown
    assert re.search(r"No role of yours fills it up any more, and the rest lapses <t:[0-9]+:R>", shown)


async def test_a_young_account_is_told_when_its_starting_credits_come(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits_account_days=10_000) as house:
        shown = words_of((await house.ann.slash(house.channel, "credits balance")).response)
        assert "You have 0 credits" in shown
        assert re.search(r"Your starting credits come <t:[0-9]+:R>: your Discord account is new", shown)
        refusal = words_of((await house.imagine()).response)
        assert re.search(r"Your starting credits come <t:[0-9]+:R>", refusal)


async def test_an_allowance_that_nobody_has_looked_at_yet_pays_for_an_order(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=0, confirm_from_credits=0) as house:
        await allow(house, 150)
        card = await house.imagine()
        assert "**Cost 150** · you have 150 · 0 after" in words_of(card.response)
        await house.ann.click(card.response.message, label="Create (150)")
        await house.ended()
        assert "You have 0 credits" in words_of((await house.ann.slash(house.channel, "credits balance")).response)


async def test_a_statement_has_the_allowance_of_a_day_that_has_just_begun(house: House) -> None:
    await allow(house, 100)
    statement = words_of((await house.ann.slash(house.channel, "credits statement")).response)
    assert "Your credits: 400" in statement
    assert "**+100** allowance, 400 left" in statement


async def test_what_only_a_server_has_is_refused_in_direct_messages(tmp_path: Path) -> None:
    async with open_house(tmp_path, direct_messages=True) as house:
        for command, options in (
            ("gift", {"member": house.moderator, "amount": 10, "reason": "Thanks"}),
            ("redeem", {"code": "0000-0000-0000-0000"}),
            ("ask", {"amount": 10, "words": "For the poster"}),
        ):
            answer = await house.ann_user.slash(f"credits {command}", **options)
            assert "This command works in a server" in words_of(answer.response)


async def test_a_server_may_start_its_members_with_fewer_credits(house: House) -> None:
    await house.change_rule("starting_credits", 40)
    assert "You have 40 credits" in words_of((await house.ann.slash(house.channel, "credits balance")).response)


@pytest.mark.parametrize(
    ("kind", "posted", "actor", "words"),
    [
        (EntryKind.TAKE, -50, "7", "**−50** taken by <@7>"),
        (EntryKind.REFILL, 50, SYSTEM, "**+50** allowance"),
        (EntryKind.GIFT_SENT, -50, "7", "**−50** given away"),
        (EntryKind.GIFT_RECEIVED, 50, "7", "**+50** as a gift from <@7>"),
        (EntryKind.CODE, 50, "7", "**+50** from a code"),
        (EntryKind.PURCHASE, 50, SYSTEM, "**+50** bought"),
        (EntryKind.PURCHASE_REFUND, -50, SYSTEM, "**−50** for a refunded purchase"),
        (EntryKind.UNDO, -50, "7", "**−50** undone by <@7>"),
        (EntryKind.UNDO, 50, "7", "**+50** undone by <@7>"),
    ],
)
def test_each_way_in_which_credits_move_has_its_words(kind: EntryKind, posted: int, actor: str, words: str) -> None:
    entry = Entry(
        id=1, seq=1, kind=kind, posted_delta=posted, held_delta=0, after=Balance(posted=500, held=0), job_id=None,
        actor=actor, reason="Mistake", at=0,
    )  # fmt: skip
    assert what_moved(entry) == words
