"""A credit manager by role gives within the server's limits, and by no command or button to the own wallet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from simcord.actors import MemberActor

from tests.support.factories import sql
from tests.support.house import LINK, House, words_of

OWN = "gives nothing to your own wallet"
ENTRY = re.compile(r"entry (\d+)")
CODE = re.compile(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}")


async def show_to_everybody(house: House) -> None:
    for name in ("bank", "codes"):
        command = next(each for each in await house.app.bot.tree.fetch_commands() if each.name == name)
        house.guild.set_command_permissions(command, {house.guild.default_role: True})


@pytest.fixture
async def tom(house: House) -> MemberActor:
    """A credit manager by role."""
    await show_to_everybody(house)
    role = house.guild.create_role("Treasurers")
    await house.change_rule("managers", role.id)
    return house.guild.add_member(house.env.create_user("tom"), roles=[role])


async def use(house: House, actor: MemberActor, command: str, **options: Any) -> str:
    given = {"reason": "Contest", **options}
    return words_of((await actor.slash(house.channel, command, **given)).response)


async def undo(house: House, actor: MemberActor, entry: int) -> str:
    form = await actor.slash(house.channel, "bank undo", entry=entry, reason="Wrong")
    return words_of((await actor.submit_modal(form, {"reason": "Wrong"})).response)


async def order(house: House, actor: MemberActor) -> None:
    await actor.slash(house.channel, "imagine", prompt="A poster", video=LINK, start="0:14-0:17")
    await house.ended()


async def last_entry(house: House) -> int:
    return int((await house.app.store.read(sql("SELECT max(id) AS id FROM entries")))[0]["id"])


async def test_a_manager_gives_nothing_to_the_own_wallet_by_any_way(house: House, tom: MemberActor) -> None:
    assert OWN in await use(house, tom, "bank grant", member=tom, amount=50)
    assert OWN in await use(house, tom, "bank set", member=tom, amount=5_000)
    assert OWN in await use(house, tom, "bank grant-list", members=tom.mention, amount=50)
    await use(house, house.moderator, "bank take", member=tom, amount=20)
    assert OWN in await undo(house, tom, await last_entry(house))
    code = CODE.search(await use(house, tom, "codes create", amount=50, uses=2))
    assert code
    assert OWN in words_of((await tom.slash(house.channel, "credits redeem", code=code[0])).response)
    assert "+50" in words_of((await house.ann.slash(house.channel, "credits redeem", code=code[0])).response)

    await order(house, tom)
    assert OWN in await undo(house, tom, await last_entry(house))  # a charge given back is a free image
    assert await house.available(tom.id) == 300 - 20 - 150
    assert "130 → 100" in (await use(house, tom, "bank set", member=tom, amount=100)).replace("**", "")


async def test_a_manager_approves_no_own_request(house: House, tom: MemberActor) -> None:
    log = house.guild.create_text_channel("requests")
    await house.change_rule("request_channel", log.id)
    await tom.slash(house.channel, "credits ask", amount=150, words="Please")
    card = log.last_message
    assert card
    assert OWN in words_of((await tom.click(card, label="Give 150")).response)
    assert await house.available(tom.id) == 300
    await house.moderator.click(card, label="Give 150")
    assert await house.available(tom.id) == 450


async def test_a_list_leaves_its_manager_out_and_says_so(house: House, tom: MemberActor) -> None:
    members = f"{tom.mention} {house.ann.mention}"
    asked: Any = await tom.slash(house.channel, "bank grant-list", members=members, amount=50, reason="Event")
    assert "You are left out" in words_of(asked.response)
    given = await tom.click(asked.response, label="Give")
    assert given
    assert (await house.available(tom.id), await house.available()) == (300, 350)


async def test_the_limits_of_managers_hold_for_grants_codes_lists_and_refunds(house: House, tom: MemberActor) -> None:
    await house.change_rule("manager_limits", {"highest": 100, "per_day": 250})
    assert "up to 100 credits at once here, and this would be 101" in await use(
        house, tom, "bank grant", member=house.ann, amount=101
    )
    assert "up to 100 credits at once" in await use(house, tom, "bank set", member=house.ann, amount=401)
    assert "up to 250 credits a day here. Today you may give another 250, and this would be 300" in await use(
        house, tom, "codes create", amount=100, uses=3
    )
    assert CODE.search(await use(house, tom, "codes create", amount=50, uses=2))
    assert "+100" in await use(house, tom, "bank grant", member=house.ann, amount=100)
    granted = await last_entry(house)
    assert "another 50, and this would be 51" in await use(house, tom, "bank grant", member=house.ann, amount=51)
    two = f"{house.ann.mention} {house.moderator.mention}"
    assert "another 50, and this would be 60" in await use(house, tom, "bank grant-list", members=two, amount=30)
    await order(house, house.ann)
    assert "up to 100 credits at once" in await undo(house, tom, await last_entry(house))
    await undo(house, tom, granted)  # what is taken back counts no more
    assert "+100" in await use(house, tom, "bank grant", member=house.ann, amount=100)
    assert "+9,000" in await use(house, house.moderator, "bank grant", member=house.ann, amount=9_000)
    assert await house.findings() == ()


async def test_a_full_wallet_stops_grants_gifts_and_codes_and_nothing_that_comes_back(house: House) -> None:
    await house.change_rule("highest_balance", 350)
    await use(house, house.moderator, "bank grant", member=house.moderator, amount=40)
    full = "A wallet may have up to 350 credits here."
    assert f"{full} Another 50 would fit, and this is 60" in await use(
        house, house.moderator, "bank grant", member=house.ann, amount=60
    )
    assert full in await use(house, house.moderator, "bank set", member=house.ann, amount=360)
    await use(house, house.moderator, "bank grant", member=house.ann, amount=45)
    gift = await use(house, house.moderator, "credits gift", member=house.ann, amount=30)
    assert "up to 350 credits here, and with 30 more" in gift
    assert "345" not in gift  # what others have is not told
    code = CODE.search(await use(house, house.moderator, "codes create", amount=10))
    assert code
    refused = words_of((await house.ann.slash(house.channel, "credits redeem", code=code[0])).response)
    assert "Another 5 would fit" in refused
    members = f"{house.ann.mention} {house.moderator.mention}"
    asked: Any = await house.moderator.slash(
        house.channel, "bank grant-list", members=members, amount=8, reason="Event"
    )
    await house.moderator.click(asked.response, label="Give")
    assert (await house.available(), await house.available(house.moderator.id)) == (345, 348)

    await order(house, house.ann)
    charge = await last_entry(house)
    await use(house, house.moderator, "bank grant", member=house.ann, amount=150)
    await undo(house, house.moderator, charge)
    assert await house.available() == 495
    assert await house.findings() == ()


async def test_everyone_is_no_role_of_managers(house: House) -> None:
    everyone = house.guild.default_role
    answer = await house.moderator.slash(house.channel, "policy managers", role=everyone)
    assert "every member could give credits" in words_of(answer.response)
    old = {"id": house.guild.id, "body": f'{{"managers": {everyone.id}}}'}
    await house.app.store.run(sql("INSERT INTO policies (guild_id, body) VALUES (:id, :body)", **old))
    await show_to_everybody(house)
    refused = await use(house, house.ann, "bank grant", member=house.ann, amount=50)
    assert "for those who may manage the server" in refused
