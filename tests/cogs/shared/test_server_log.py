"""The log channel is written in the language of the server, and not in that of the member who acts."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from simcord.builders import ChannelHandle

from bot.domain.code import NewCode
from bot.text.i18n import speaking, tr
from tests.support.house import House, words_of

ENGLISH, SPANISH = "en-US", "es-ES"
Act = Callable[[House, ChannelHandle], Awaitable[object]]


def staff(house: House, command: str, **options: Any) -> Any:
    return house.moderator.slash(house.channel, command, **options)


async def undo(house: House, message: Any) -> Any:
    form = await house.moderator.click(message, custom_id=custom_id(message, "undo-"))
    return await house.moderator.submit_modal(form, {"reason": "x"}) if form.modal else form


def custom_id(message: Any, beginning: str) -> str:
    found = re.search(rf"['\"]({beginning}[^'\"]*)['\"]", str(message.components))
    assert found
    return found[1]


# --- everything that tells the log -----------------------------------------------------------------------


async def a_policy(house: House, _log: ChannelHandle) -> None:
    await staff(house, "policy pause", reason="x")


async def an_undone_policy(house: House, log: ChannelHandle) -> None:
    await staff(house, "policy pause", reason="x")
    await undo(house, log.last_message)


async def a_step_of_setup(house: House, _log: ChannelHandle) -> None:
    card = (await staff(house, "setup")).response
    await house.moderator.select(card.message, [house.channel], custom_id="setup:channels")


async def a_gallery(house: House, _log: ChannelHandle) -> None:
    await staff(house, "gallery channel", channel=house.channel)


async def no_gallery(house: House, _log: ChannelHandle) -> None:
    await house.change_rule("gallery_channel", house.channel.id)
    await staff(house, "gallery off")


async def a_block(house: House, _log: ChannelHandle) -> None:
    await staff(house, "policy block", member=house.ann, reason="x")


async def a_lifted_block(house: House, log: ChannelHandle) -> None:
    await a_block(house, log)
    await staff(house, "policy unblock", member=house.ann, reason="x")


async def a_block_lifted_by_its_button(house: House, log: ChannelHandle) -> None:
    await a_block(house, log)
    assert log.last_message
    await house.moderator.click(log.last_message, custom_id=f"unblock:{house.ann.id}")


async def a_grant(house: House, _log: ChannelHandle) -> None:
    await staff(house, "bank grant", member=house.ann, amount=5, reason="x")


async def a_take(house: House, _log: ChannelHandle) -> None:
    await staff(house, "bank grant", member=house.ann, amount=50, reason="x")
    await staff(house, "bank take", member=house.ann, amount=5, reason="x")


async def an_amount_set(house: House, _log: ChannelHandle) -> None:
    await staff(house, "bank set", member=house.ann, amount=900, reason="x")


async def an_undone_entry(house: House, log: ChannelHandle) -> None:
    await a_grant(house, log)
    await undo(house, log.last_message)


async def a_grant_to_many(house: House, _log: ChannelHandle) -> None:
    asked = await staff(house, "bank grant-list", members=house.ann.mention, amount=5, reason="x")
    await house.moderator.click(asked.response.message, custom_id=custom_id(asked.response.message, "batch-give:"))


async def an_undone_grant_to_many(house: House, log: ChannelHandle) -> None:
    await a_grant_to_many(house, log)
    assert log.last_message
    form = await house.moderator.click(log.last_message, custom_id=custom_id(log.last_message, "batch-undo:"))
    await house.moderator.submit_modal(form, {"reason": "x"})


async def a_gift(house: House, _log: ChannelHandle) -> None:
    await house.ann.slash(house.channel, "credits gift", member=house.moderator, amount=5, reason="x")


async def a_tip(house: House, _log: ChannelHandle) -> None:
    await house.imagine()
    await house.ended()
    assert house.channel.last_message
    form = await house.moderator.context_menu(house.channel, "Tip the maker", house.channel.last_message)
    await house.moderator.submit_modal(form, {"amount": "5"})


async def a_new_code(house: House, _log: ChannelHandle) -> None:
    await staff(house, "codes create", amount=5, reason="x")


async def a_withdrawn_code(house: House, log: ChannelHandle) -> None:
    await a_new_code(house, log)
    await staff(house, "codes withdraw", number=1)


async def a_redeemed_code(house: House, _log: ChannelHandle) -> None:
    new = NewCode(amount=5, uses=1, expires_at=None, reason="x")
    _, symbols = await house.app.bot.services.codes.create(house.guild.id, new, actor_id=house.moderator.id)
    await house.ann.slash(house.channel, "credits redeem", code=symbols)


async def an_approved_request(house: House, _log: ChannelHandle) -> None:
    channel = house.guild.create_text_channel("staff")
    await house.change_rule("request_channel", channel.id)
    await house.ann.slash(house.channel, "credits ask", amount=5, words="x")
    assert channel.last_message
    await house.moderator.click(channel.last_message, custom_id=custom_id(channel.last_message, "request:approve:"))


async def a_flagged_order(house: House, _log: ChannelHandle) -> None:
    await house.change_rule("words", [{"pattern": "poster", "action": "flag"}])
    await house.imagine()


async def a_budget_half_used(house: House, _log: ChannelHandle) -> None:
    _, spent, held = await house.app.bot.services.rules.spent(house.guild.id)
    await house.change_rule("budget", (spent + held + 150) * 2)
    await house.imagine()


async def a_budget_used_up(house: House, _log: ChannelHandle) -> None:
    await house.change_rule("budget", 150)
    await house.imagine()


# What each writes, up to its first fact.
CHANGE, REASON = "Change {number}", "Reason: {reason}"
ACTS: dict[Act, str] = {
    a_policy: CHANGE,
    an_undone_policy: "takes back change {number}",
    a_step_of_setup: CHANGE,
    a_gallery: CHANGE,
    no_gallery: CHANGE,
    a_block: "{member} can't make images here. Credits are kept.",
    a_lifted_block: "{member} can make images here again.",
    a_block_lifted_by_its_button: "{member} can make images here again.",
    a_grant: REASON,
    a_take: REASON,
    an_amount_set: REASON,
    an_undone_entry: "Entry {entry} is undone.",
    a_grant_to_many: REASON,
    an_undone_grant_to_many: REASON,
    a_gift: REASON,
    a_tip: REASON,
    a_new_code: "{moderator} made code {number}: {worth}.",
    a_withdrawn_code: "{moderator} withdrew code {number}.",
    a_redeemed_code: REASON,
    an_approved_request: REASON,
    a_flagged_order: "{member} has ordered an image with {words} in its prompt.",
    a_budget_half_used: "{percent} % of this month's budget is used: {spent} of {budget}.",
    a_budget_used_up: "This month's budget is used up: {spent} of {budget}, and there is no room for another image.",
}


def longest_part(sentence: str, language: str) -> str:
    """The longest part between two facts, of the sentence in that language."""
    with speaking(language):
        return max(re.split(r"\{\w+\}", tr(sentence)), key=len)


@pytest.mark.parametrize(
    ("actors", "server"), [(SPANISH, ENGLISH), (ENGLISH, SPANISH)], ids=["English server", "Spanish server"]
)
async def test_each_act_is_told_in_the_language_of_the_server(
    house: House, monkeypatch: pytest.MonkeyPatch, actors: str, server: str
) -> None:
    emit = house.env.backend.emit

    def emit_in_their_languages(event: str, payload: dict[str, Any]) -> None:
        """The simulation itself always sends en-US."""
        languages = {"locale": actors, "guild_locale": server} if event == "INTERACTION_CREATE" else {}
        emit(event, {**payload, **languages})

    monkeypatch.setattr(house.env.backend, "emit", emit_in_their_languages)
    wrong = {}
    for act, sentence in ACTS.items():
        log = await house.open_log()
        await act(house, log)
        told = words_of(log.history()[-1]) if log.history() else ""
        if longest_part(sentence, server) not in told or longest_part(sentence, actors) in told:
            wrong[act.__name__] = told
        if act is a_policy or act is an_undone_policy:
            await house.change_rule("paused", None)
    assert wrong == {}
