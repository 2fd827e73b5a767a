"""Members give each other credits; a moderator and a user from outside the server try it too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.bank import Act
from bot.domain.errors import BadAmount, NoResultHere, NotAnAmount, ReasonMissing
from bot.domain.wallet import WalletKey, read_amount
from bot.storage.credits import bank
from tests.support.factories import sql
from tests.support.house import House, open_house, words_of


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Ann and the moderator own 300 credits each that were given to them."""
    async with open_house(tmp_path, starting_credits=0) as house:
        for member_id in (house.ann.id, house.moderator.id):
            await grant(house, member_id, 300)
        yield house


async def grant(house: House, member_id: int, amount: int) -> None:
    act = Act(
        id=f"{member_id}:{amount}",
        wallet=WalletKey(house.guild.id, member_id),
        actor_id=1,
        reason="Won",
        roles=frozenset(),
    )
    await house.app.bot.services.bank.grant(act, amount)


async def gift(house: House, amount: int = 50, *, member: Any = None, actor: Any = None, reason: str = "Thanks") -> Any:
    facts = {"member": member or house.moderator, "amount": amount, "reason": reason}
    return await (actor or house.ann).slash(house.channel, "credits gift", **facts)


async def gifts_in_the_books(house: House) -> list[int]:
    rows = await house.app.store.read(sql("SELECT id FROM entries WHERE kind = 'gift_sent' ORDER BY id"))
    return [row["id"] for row in rows]


async def test_a_gift_is_seen_by_both_and_stands_in_both_statements(house: House) -> None:
    log_channel = await house.open_log()
    answer = await gift(house, 50, reason="for the **poster**")
    assert not answer.ephemeral
    words = words_of(answer.response)
    assert f"<@{house.ann.id}> gave <@{house.moderator.id}> **50 credits**" in words
    assert "`for the **poster**`" in words
    answers = [sent.json for sent in house.env.http_requests if sent.path.endswith("/callback") and sent.json]
    assert answers[-1]["data"]["allowed_mentions"] == {"parse": [], "users": [house.moderator.id]}
    assert (await house.available(), await house.available(house.moderator.id)) == (250, 350)
    statement = words_of((await house.ann.slash(house.channel, "credits statement")).response)
    assert "**−50** given away, 250 left" in statement
    statement = words_of((await house.moderator.slash(house.channel, "credits statement")).response)
    assert f"**+50** as a gift from <@{house.ann.id}>, 350 left" in statement
    assert log_channel.last_message
    log = words_of(log_channel.last_message)
    assert "(300 → 250)" in log
    assert "(300 → 350)" in log

    form = await house.moderator.click(log_channel.last_message, label="Undo")
    await house.moderator.submit_modal(form, {"reason": "A mistake"})
    assert (await house.available(), await house.available(house.moderator.id)) == (300, 300)
    statement = words_of((await house.ann.slash(house.channel, "credits statement")).response)
    assert f"**+50** undone by <@{house.moderator.id}>, 300 left · `A mistake`" in statement
    assert await house.findings() == ()


async def test_what_can_not_be_given_is_refused_and_moves_nothing(house: House) -> None:
    refusals = []
    bot = house.guild.add_member(house.env.create_user("robot", bot=True))
    stranger = house.env.create_user("stranger")
    for member, amount in ((house.ann, 10), (bot, 10), (stranger, 10), (None, 1_001), (None, 301)):
        answer = await gift(house, amount, member=member)
        assert answer.ephemeral
        refusals.append(words_of(answer.response))
    for words, refusal in zip(
        (
            "can't be given to oneself",
            "Bots order no images",
            "not in this server",
            "One gift may be up to 1,000 credits here, and this would be 1,001",
            "You want to give 301 credits, and have 300 to give",
        ),
        refusals,
        strict=True,
    ):
        assert words in refusal
        assert "No credits were moved." in refusal
    assert "A reason is needed" in words_of((await gift(house, 10, reason="  ")).response)
    assert await gifts_in_the_books(house) == []


async def test_a_server_limits_gifts_and_switches_them_off(house: House) -> None:
    await house.change_rule("gifts", {"allowed": True, "highest": 80, "per_day": 100})
    await gift(house, 80)
    assert "another 20 today, of 100 credits a day" in words_of((await gift(house, 21)).response)
    await gift(house, 20)
    assert "You have given 100 credits today" in words_of((await gift(house, 1)).response)
    first, _ = await gifts_in_the_books(house)
    await house.app.store.run(bank.undo(first, guild_id=house.guild.id, actor="1", reason="Mistake", now=1))
    assert "gave" in words_of((await gift(house, 80)).response)
    await house.change_rule("gifts", {"allowed": False})
    assert "switched gifts off" in words_of((await gift(house, 1)).response)
    assert await house.findings() == ()


async def test_an_allowance_is_not_for_giving(house: House) -> None:
    everyone = house.guild.default_role
    await house.change_rule("allowances", {str(everyone.id): {"amount": 100, "every": "day"}})
    assert "You have 400 credits" in words_of((await house.ann.slash(house.channel, "credits balance")).response)
    assert "have 300 to give" in words_of((await gift(house, 301)).response)


async def test_starting_credits_are_not_for_giving_until_an_image_was_charged(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=300) as house:
        refusal = words_of((await gift(house, 10)).response)
        assert "You want to give 10 credits, and have 0 to give. 300 of your credits are starting credits" in refusal
        await grant(house, house.ann.id, 40)
        assert "have 40 to give" in words_of((await gift(house, 41)).response)
        assert "gave" in words_of((await gift(house, 40)).response)
        await house.imagine()
        await house.ended()
        await grant(house, house.ann.id, 60)  # 150 of the starting credits are charged: 210 are there, 60 of them free
        assert "have 60 to give. 150 of your credits" in words_of((await gift(house, 61)).response)
        assert "gave" in words_of((await gift(house, 60)).response)


async def test_only_an_image_of_the_same_server_that_was_finished_can_be_tipped_for(house: House) -> None:
    gifts = house.app.bot.services.gifts
    await house.imagine()
    (job,) = await house.ended()
    assert (await gifts.job_to_tip(job.id, asker=WalletKey(house.guild.id, 1))).id == job.id
    for job_id, guild_id in ((job.id, 1), ("77", house.guild.id)):
        with pytest.raises(NoResultHere):
            await gifts.job_to_tip(job_id, asker=WalletKey(guild_id, 1))


async def test_a_gift_that_is_told_twice_happens_once(house: House) -> None:
    gifts = house.app.bot.services.gifts
    await house.change_rule("gifts", {"highest": 100, "per_day": 100})
    giver = WalletKey(house.guild.id, house.ann.id)
    for _ in range(2):
        await gifts.give(giver, house.moderator.id, 100, act_id="7", reason="Thanks")
    assert await house.available() == 200
    for amount in (0, 1_000_001):
        with pytest.raises(BadAmount):
            await gifts.give(giver, house.moderator.id, amount, act_id="8", reason="Thanks")
    with pytest.raises(ReasonMissing):
        await gifts.give(giver, house.moderator.id, 1, act_id="8", reason=" ")


async def test_a_tip_goes_to_whoever_made_the_image(house: House) -> None:
    await house.imagine()
    (job,) = await house.ended()
    message = house.channel.last_message
    assert message
    form = await house.moderator.context_menu(house.channel, "Tip the maker", message)
    answer = await house.moderator.submit_modal(form, {"amount": "1 2 5"})
    assert not answer.ephemeral
    words = words_of(answer.response)
    assert f"<@{house.moderator.id}> tipped <@{house.ann.id}> **125 credits**" in words
    assert f"[this image]({message.jump_url})" in words
    statement = words_of((await house.ann.slash(house.channel, "credits statement")).response)
    assert f"`Tip for job {job.id}`" in statement

    own = await house.ann.context_menu(house.channel, "Tip the maker", message)
    assert "can't be given to oneself" in words_of(own.response)
    form = await house.moderator.context_menu(house.channel, "Tip the maker", message)
    assert "I can't read `lots`" in words_of((await house.moderator.submit_modal(form, {"amount": "lots"})).response)
    stranger = house.guild.add_member(house.env.create_user("stranger"))
    await grant(house, stranger.id, 300)
    poor = await stranger.context_menu(house.channel, "Tip the maker", message)
    refused = await stranger.submit_modal(poor, {"amount": "301"})
    assert "You want to give 301 credits, and have 300 to give" in words_of(refused.response)
    chat = await house.ann.send(house.channel, "hello")
    none = await house.moderator.context_menu(house.channel, "Tip the maker", chat)
    assert "shows no image that I made" in words_of(none.response)


@pytest.mark.parametrize(("text", "amount"), [("50", 50), (" 1,500 ", 1_500), ("1 000", 1_000), ("0", 0)])
def test_an_amount_is_read_as_people_write_it(text: str, amount: int) -> None:
    assert read_amount(text) == amount


@pytest.mark.parametrize("text", ["", "lots", "1.5", "-5", "५०", "1e3"])
def test_what_is_no_amount_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NotAnAmount):
        read_amount(text)
