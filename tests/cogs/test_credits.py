"""`/credits` and `/bank`, as member, moderator and outsider."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.domain.errors import BadAmount
from bot.domain.wallet import GRANT_LIMIT, WalletKey
from tests.house import House, words_of


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


async def test_a_grant_may_be_as_large_as_the_limit_and_no_larger(house: House) -> None:
    assert "+1,000,000" in words_of((await grant(house, GRANT_LIMIT)).response)
    credits = house.app.bot.services.credits
    for amount in (0, -5, GRANT_LIMIT + 1):
        with pytest.raises(BadAmount):
            await credits.grant(WalletKey(1, 2), amount, act_id="x", actor_id=1, reason="Contest")


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
