"""A member asks for credits, from a refusal or by a command, and a moderator answers once."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from simcord.builders import ChannelHandle

from bot.domain.credit_request import PATIENCE_MS, POSTING_MS
from bot.domain.errors import AlreadyAsked, BadAmount, ReasonMissing
from bot.domain.wallet import StartingCredits, WalletKey
from bot.services.credits.credit_requests import CreditRequests
from tests.support.house import House, words_of


@pytest.fixture
async def staff(house: House) -> ChannelHandle:
    """The moderators' channel."""
    channel = house.guild.create_text_channel("staff")
    await house.change_rule("request_channel", channel.id)
    return channel


async def ask(house: House, amount: int = 200, words: str = "For the poster") -> Any:
    return await house.ann.slash(house.channel, "credits ask", amount=amount, words=words)


def card(channel: ChannelHandle) -> discord.Message:
    assert channel.last_message
    return channel.last_message


def told(house: House) -> str:
    return words_of(card(house.ann_user.dm_channel))


async def test_a_refusal_leads_to_a_request_that_a_moderator_approves_once(house: House, staff: ChannelHandle) -> None:
    log = await house.open_log()
    await house.imagine(size="2k")
    await house.ended()
    refused = await house.imagine(size="2k")
    assert "you need another 80" in words_of(refused.response)
    form = await house.ann.click(refused.response.message, label="Ask for credits")
    sent = await house.ann.submit_modal(form, {"amount": "80", "words": "For the **poster** @everyone"})
    assert sent.ephemeral
    assert "Your request for 80 credits is with the moderators" in words_of(sent.response)
    words = words_of(card(staff))
    assert f"<@{house.ann.id}> asks for **80 credits**" in words
    assert "`For the **poster** @everyone`" in words
    assert "Has now: 110 credits." in words

    await house.env.restart_bot()
    refused = await house.ann.click(card(staff), label="Give 150")
    assert "for those who may manage the server" in words_of(refused.response)
    await house.moderator.click(card(staff), label="Give 150")
    assert f"<@{house.moderator.id}> gave **150 credits** (110 → 260)." in words_of(card(staff))
    assert await house.available() == 260
    assert "The moderators of `Community` gave you **150 credits**. You asked for 80." in told(house)
    assert "Undo" in str(card(log).components)
    statement = words_of((await house.ann.slash(house.channel, "credits statement")).response)
    assert f"granted by <@{house.moderator.id}>, 260 left · `For the **poster** @everyone`" in statement
    assert await house.findings() == ()


async def test_a_request_is_answered_once_whoever_presses(house: House, staff: ChannelHandle) -> None:
    await ask(house)
    house.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062)  # the card keeps its buttons
    await house.moderator.click(card(staff), label="Give 300")
    for label in ("Give 600", "Deny"):
        again = await house.moderator.click(card(staff), label=label)
        assert f"answered before: <@{house.moderator.id}> gave 300 credits" in words_of(again.response)
    assert await house.available() == 600


async def test_a_no_moves_nothing_and_is_told(house: House, staff: ChannelHandle) -> None:
    await ask(house)
    house.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062)
    await house.moderator.click(card(staff), label="Deny")
    again = await house.moderator.click(card(staff), label="Give 150")
    assert "answered before: <@" in words_of(again.response)
    assert "said no to your request for 200 credits" in told(house)
    assert await house.available() == 300
    await ask(house)
    await house.moderator.click(card(staff), label="Deny")
    assert f"<@{house.moderator.id}> said no." in words_of(card(staff))


async def test_where_direct_messages_are_shut_the_statement_has_to_do(house: House, staff: ChannelHandle) -> None:
    await ask(house)
    house.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)
    await house.moderator.click(card(staff), label="Give 150")
    assert await house.available() == 450


async def test_one_request_at_a_time(house: House, staff: ChannelHandle) -> None:
    await ask(house)
    again = await ask(house)
    assert again.ephemeral
    assert "You have asked for 200 credits <t:" in words_of(again.response)
    await house.moderator.click(card(staff), label="Deny")
    assert "is with the moderators" in words_of((await ask(house)).response)


async def test_without_a_channel_there_is_neither_a_button_nor_a_request(house: House) -> None:
    await house.imagine(size="2k")
    await house.ended()
    refused = await house.imagine(size="2k")
    assert "Ask for credits" not in str(refused.response.components)
    assert "has no channel for requests" in words_of((await ask(house)).response)


async def test_a_channel_that_is_closed_to_the_bot_is_said_and_keeps_no_request_open(
    house: House, staff: ChannelHandle
) -> None:
    house.env.inject_error("POST", f"/channels/{staff.id}/messages", status=403, code=50013)
    assert "could not be posted in the moderators' channel" in words_of((await ask(house)).response)
    assert "is with the moderators" in words_of((await ask(house)).response)


async def test_a_request_that_nobody_answers_may_be_asked_anew(house: House, staff: ChannelHandle) -> None:
    now = 1_790_000_000_000
    requests = CreditRequests(
        house.app.store, house.app.bot.services.rules, starting_credits=StartingCredits(amount=0), clock=lambda: now
    )
    wallet = WalletKey(house.guild.id, house.ann.id)
    await requests.ask("1", wallet, 50, "For the poster", locale="en-US")  # its card is never posted
    now += POSTING_MS
    await requests.ask("2", wallet, 60, "For the poster", locale="en-US")
    await requests.shown("2", 7)
    now += PATIENCE_MS - 1
    with pytest.raises(AlreadyAsked):
        await requests.ask("3", wallet, 70, "For the poster", locale="en-US")
    now += 1
    await requests.ask("3", wallet, 70, "For the poster", locale="en-US")
    for request_id in ("1", "2", "99"):
        with pytest.raises(Exception, match="RequestDecided"):
            await requests.approve(request_id, 10, guild_id=house.guild.id, actor_id=1)
    with pytest.raises(Exception, match="RequestDecided"):
        await requests.deny("3", guild_id=house.guild.id + 1, actor_id=1)
    with pytest.raises(BadAmount):
        await requests.approve("3", 0, guild_id=house.guild.id, actor_id=1)
    with pytest.raises(BadAmount):
        await requests.ask("4", wallet, 0, "For the poster", locale="en-US")
    with pytest.raises(ReasonMissing):
        await requests.ask("4", wallet, 1, " ", locale="en-US")
    assert staff.last_message is None
