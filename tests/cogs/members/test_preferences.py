"""`/preferences`: one private card, and the effect of each choice on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.domain.preferences import NEVER_ASK, Preferences
from tests.support.house import House, labels, open_house, pressable, words_of


async def preferred(house: House) -> Preferences:
    return await house.app.bot.services.preferences.of_member(house.ann.id)


def chosen(answer: Any) -> list[str]:
    return [
        option["label"]
        for each in pressable(answer.response)
        for option in each.get("options", ())
        if option.get("default") and each["custom_id"] == "prefer:ask"
    ]


async def test_a_member_chooses_when_to_be_asked_and_it_is_so_from_then_on(tmp_path: Path) -> None:
    async with open_house(tmp_path, confirm_from_credits=200) as house:
        answer: Any = await house.ann.slash(house.channel, "preferences")
        assert answer.ephemeral
        assert chosen(answer) == ["As this bot does by itself: from 200 credits"]
        await house.ann.select(answer.response.message, ["150"], custom_id="prefer:ask")
        assert chosen(answer) == ["from 150 credits"]
        assert "Shall I make this?" in words_of((await house.imagine(size="1k")).response)
        await house.env.restart_bot()
        await house.ann.select(answer.response.message, [str(NEVER_ASK)], custom_id="prefer:ask")
        assert chosen(answer) == ["never"]
        assert "Shall I make this?" not in words_of((await house.imagine(size="4k")).response)
        await house.ann.select(answer.response.message, ["default"], custom_id="prefer:ask")
        assert await preferred(house) == Preferences()
        await house.ended()


async def test_each_switch_is_turned_on_and_off_again(house: House) -> None:
    answer: Any = await house.ann.slash(house.channel, "preferences")
    assert labels(answer.response) == ["Private: off", "Spoiler: off", "Only I may press them"]
    for label in labels(answer.response):
        await house.ann.click(answer.response.message, label=label)
    assert await preferred(house) == Preferences(private=True, spoiler=True, open_buttons=True)
    assert labels(answer.response) == ["Private: on", "Spoiler: on", "Everybody may press them"]
    for label in labels(answer.response):
        await house.ann.click(answer.response.message, label=label)
    assert await preferred(house) == Preferences()


async def test_orders_are_as_preferred_unless_they_say_otherwise(house: House) -> None:
    await house.app.bot.services.preferences.set(house.ann.id, Preferences(private=True, spoiler=True))
    await house.imagine()
    await house.imagine(private=False, spoiler=False)
    first, second = await house.ended(count=2)
    assert (first.private, first.spoiler) == (True, True)
    assert (second.private, second.spoiler) == (False, False)


async def test_a_price_that_was_chosen_when_prices_were_others_is_still_shown(tmp_path: Path) -> None:
    async with open_house(tmp_path, confirm_from_credits=0) as house:
        first = await house.ann.slash(house.channel, "preferences")
        assert chosen(first) == ["As this bot does by itself: always"]
        await house.app.bot.services.preferences.set(house.ann.id, Preferences(quiet_limit=175))
        answer = await house.ann.slash(house.channel, "preferences")
        assert chosen(answer) == ["from 175 credits"]


async def test_whoever_presses_changes_their_own(house: House) -> None:
    answer: Any = await house.moderator.slash(house.channel, "preferences")
    await house.moderator.click(answer.response.message, label="Private: off")
    assert await preferred(house) == Preferences()
