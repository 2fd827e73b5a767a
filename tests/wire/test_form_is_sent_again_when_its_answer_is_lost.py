"""A Discord app keeps a form open whose answer was lost, and its member sends it once more."""

from __future__ import annotations

from typing import Any

from bot.domain.wallet import WalletKey
from bot.storage.credits import ledger
from tests.support.factories import sql
from tests.support.house import pressable, words_of
from tests.support.wire_house import START_CREDITS, WireHouse, until
from tests.wire.delivery_seams import CALLBACK


async def a_tip(house: WireHouse) -> int:
    """Ben has opened the form of a tip for Ann's image. Returns the interaction that opened it."""
    world = house.wire.world
    order = await house.imagine()
    await house.ended()
    image = house.wire.answer(order)
    assert image
    opened = await house.wire.choose("Tip the maker", image.id, user_id=world.ben.id)
    await until(lambda: house.wire.has_form(opened))
    return opened


async def count_entries(house: WireHouse) -> int:
    (row,) = await house.app.store.read(sql("SELECT count(*) AS count FROM entries"))
    return int(row["count"])


async def told(house: WireHouse, interaction: int) -> Any:
    await until(lambda: house.wire.answer(interaction))
    return house.wire.answer(interaction)


async def test_a_refused_form_is_sent_once_more_and_leads_back_to_itself(house: WireHouse) -> None:
    form = await a_tip(house)
    house.wire.reset(*CALLBACK, when="before", times=1)
    await house.wire.submit(form, amount="lots")
    answer = await told(house, await house.wire.submit(form, amount="lots of them"))
    assert "I can't read `lots of them`" in words_of(answer)
    back = next(each["custom_id"] for each in pressable(answer) if each["label"] == "Back to the form")
    pressed = await house.wire.press(answer.id, back, user_id=house.wire.world.ben.id)
    await until(lambda: house.wire.has_form(pressed))
    assert house.wire.fields_of_form(pressed) == {"amount": "lots of them"}


async def test_a_form_that_was_carried_out_is_not_carried_out_twice(house: WireHouse) -> None:
    form = await a_tip(house)
    wallet = WalletKey(house.wire.world.guild_id, house.wire.world.ben.id)
    won = ledger.grant(wallet, 30, act_id="9", actor="1", reason="Won", starting_credits=START_CREDITS, now=1)
    await house.app.store.run(won)
    before = await count_entries(house)
    await told(house, await house.wire.submit(form, amount="7"))
    await until(lambda: not house.app.bot._connection._view_store._modals)  # it is done with the form
    again = await told(house, await house.wire.submit(form, amount="7"))
    assert "I have had this form already" in words_of(again)
    assert await count_entries(house) == before + 2
