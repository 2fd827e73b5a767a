"""Moderators and members use `/usage`."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from simcord.actors import MemberActor

from tests.support.factories import sql
from tests.support.house import House, files_of, nobody_is_pinged, open_house, words_of

CHARTS = ["usage-days.png", "usage-members.png", "usage-channels.png", "usage-endings.png"]


CHART_WIDTH = 1_200
NOT_FOR_YOU = "for those who"


async def usage(house: House, actor: MemberActor | None = None, **options: Any) -> Any:
    return (await (actor or house.moderator).slash(house.channel, "usage", **options)).response


async def lines_of(message: Any) -> list[dict[str, str]]:
    (file,) = message.attachments
    return list(csv.DictReader(io.StringIO((await file.read()).decode("utf-8-sig"))))


async def test_a_moderator_sees_the_figures_the_charts_and_the_same_as_csv(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=3_000) as house:
        bob = house.guild.add_member(house.env.create_user("bob"), nick="=Bob+1")
        for actor in (house.ann, bob, bob):
            await house.imagine(actor)
        await house.ended(count=3)
        answer = await usage(house, period="7 days")
        assert answer.ephemeral
        assert nobody_is_pinged(house)
        words = words_of(answer)
        for sentence in (
            "**3 images** of 3 ordered.",
            "**100%** success: 3 of 3",
            "**450 credits** spent.",
            "charged **$0.45**; the credits spent are worth **$0.45**.",
            f"Busiest channel: <#{house.channel.id}>, 3 orders.",
            f"1. <@{bob.id}> 300 credits · 2 images\n2. <@{house.ann.id}> 150 credits · 1 image",
        ):
            assert sentence in words
        assert "being drawn" not in words
        assert files_of(answer) == CHARTS
        for attachment in answer.attachments:
            assert Image.open(io.BytesIO(await attachment.read())).width == CHART_WIDTH
        assert "1 =Bob+1: 300 credits · 2 images; 2 ann: 150 credits · 1 image." in str(answer.components)
        assert "1 #images: 450 credits · 3 images." in str(answer.components)
        await house.env.restart_bot()
        sheet: Any = (await house.moderator.click(answer.message, label="As CSV")).response
        assert sheet.ephemeral
        lines = await lines_of(sheet)
        assert {(line["member"], line["channel"], line["orders"], line["credits_charged"]) for line in lines} == {
            ("'=Bob+1", "#images", "2", "300"),
            ("ann", "#images", "1", "150"),
        }


async def test_only_those_who_look_after_the_credits_may_see_them_and_it_is_checked_at_each_press(house: House) -> None:
    role = house.guild.create_role("Treasurers")
    command = next(each for each in await house.app.bot.tree.fetch_commands() if each.name == "usage")
    house.guild.set_command_permissions(command, {house.guild.default_role: True})
    await house.change_rule("managers", role.id)
    tess = house.guild.add_member(house.env.create_user("tess"), roles=[role])
    assert "Nothing was ordered here in this time." in words_of(await usage(house, tess))
    await house.imagine()
    await house.ended()
    answer = await usage(house, tess)
    assert files_of(answer) == CHARTS
    house.env.backend.guilds[house.guild.id].members[tess.id].role_ids.clear()
    pressed: Any = (await tess.click(answer.message, label="As CSV")).response
    for refused in (pressed, await usage(house, house.ann)):
        assert refused.ephemeral
        assert NOT_FOR_YOU in words_of(refused)
        assert refused.attachments == []


async def test_what_was_ordered_in_other_days_and_servers_is_left_out(house: House) -> None:
    await house.imagine()
    await house.ended()
    assert "Nothing was ordered" in words_of(await usage(house, house.moderator, period="last month"))
    await house.app.store.run(sql("UPDATE jobs SET guild_id = 5"))
    nothing = await usage(house, house.moderator, period="this month")
    assert "Nothing was ordered" in words_of(nothing)
    assert "As CSV" not in str(nothing.components)


async def test_without_matplotlib_the_figures_come_in_words_and_say_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.imagine()
    await house.ended()
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    answer = await usage(house, house.moderator)
    assert "**1 image** of 1 ordered." in words_of(answer)
    assert "There are no charts, since matplotlib is not installed." in words_of(answer)
    assert files_of(answer) == []


async def test_who_has_left_and_what_is_gone_goes_by_its_number(house: House) -> None:
    await house.imagine()
    await house.ended()
    await house.app.store.run(sql("UPDATE jobs SET member_id = 77, channel_id = 78"))
    answer = await usage(house, house.moderator)
    assert "1 77: 150 credits" in str(answer.components)
    assert "1 78: 150 credits" in str(answer.components)
    (line,) = await lines_of((await house.moderator.click(answer.message, label="As CSV")).response)
    assert (line["member_id"], line["member"], line["channel"]) == ("77", "", "")


async def test_names_that_do_not_come_in_time_are_not_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.imagine()
    await house.ended()
    monkeypatch.setattr(sys.modules["cogs.usage.cog"], "NAMES_SECONDS", 0)
    answer = await usage(house, house.moderator)
    assert files_of(answer) == CHARTS
    assert f"1 {house.ann.id}: 150 credits" in str(answer.components)
