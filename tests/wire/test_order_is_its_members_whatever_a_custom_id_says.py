"""Each command, button and select asks who, where and whose: rights of another server, and forged custom ids, are void.

Discord and discord.py check custom ids too. The presses here are forged past both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.job import Job, JobState
from bot.domain.preferences import Preferences
from bot.domain.wallet import NO_SERVER, WalletKey
from bot.storage.credits import ledger
from sandbox.atlas import Latency
from tests.support.factories import sql
from tests.support.house import words_of
from tests.support.wire_house import WireHouse, open_wire_house, until
from tests.wire.commands import Value

SECRET = "A poster of the secret garden"
OF_A_JOB = (
    "details:{job}",
    "report:{job}",
    "star:{job}",
    "again:{job}",
    "edit:{job}",
    "trim:{job}",
    "size:4k:{job}",
    "reference:{job}",
    "share:{job}",
    "delete:{job}",
    "cancel:{job}",
    "why-not:{job}",
    "open:{job}",
    "repost:{job}",
    "shapes-go:{job}:7:1:16:9",
)
OF_MODERATORS = (
    "bank-statement:{ann}:99",
    "undo-entry:{entry}",
    "batch-give:77",
    "batch-leave:77",
    "batch-undo:77",
    "request:approve:77:150",
    "request:deny:77",
    "undo-policy:1",
    "policy-history:9",
    "policy-words:1",
    "unblock:{ann}",
    "usage:2026-11-01:2026-12-31",
    "setup:page:credits",
    "setup:budget",
    "setup:starting",
    "takedown:ever:{ann}:99999999999999",
)
ANY_NUMBER = 10**14


@pytest.fixture
async def beyond(tmp_path: Path) -> AsyncIterator[WireHouse]:
    async with open_wire_house(tmp_path, direct_messages=True, starting_credits=1_000) as opened:
        yield opened


def told(house: WireHouse, interaction: int) -> str:
    shown = [house.wire.answer(interaction), *house.wire.followups(interaction)]
    return "\n".join(words_of(each) for each in shown if each)


async def settled(house: WireHouse, interaction: int) -> str:
    await until(lambda: told(house, interaction) or house.wire.has_form(interaction))
    return told(house, interaction)


async def forge_all(house: WireHouse, ids: tuple[str, ...], job: Job, user_id: int) -> None:
    """None of the presses opens a form, shows the order or changes anything."""
    carrier = await house.wire.slash("credits balance", user_id=user_id)
    await settled(house, carrier)
    message = house.wire.answer(carrier)
    assert message
    before = await everything(house)
    for custom_id in ids:
        filled = custom_id.format(job=job.id, ann=job.wallet.member_id, entry=1)
        pressed = await house.wire.forge(filled, message.id, user_id=user_id)
        words = await settled(house, pressed)
        assert not house.wire.has_form(pressed), custom_id
        assert SECRET not in words, custom_id
        assert "went wrong" not in words, custom_id
    assert await everything(house) == before


async def everything(house: WireHouse) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for table in ("jobs", "entries", "favourites", "reports", "tray", "policy_log", "blocks"):
        found += [tuple(row.values()) if hasattr(row, "values") else tuple(row) for row in await rows(house, table)]
    return found


async def rows(house: WireHouse, table: str) -> list[dict[str, object]]:
    return [dict(row) for row in await house.app.store.read(sql(f"SELECT * FROM {table}"))]  # noqa: S608  # ours


async def an_order(house: WireHouse, **options: Value) -> Job:
    await house.imagine(prompt=SECRET, **options)
    return (await house.ended())[-1]


async def test_who_manages_a_server_without_the_bot_reads_and_moves_nothing_of_others(beyond: WireHouse) -> None:
    house, world = beyond, beyond.wire.world
    world.installed = False
    job = await an_order(house)
    assert (job.state, job.wallet.guild_id) == (JobState.DELIVERED, NO_SERVER)
    visitor = world.moderator.id
    commands: dict[str, dict[str, Value]] = {
        "history": {"member": world.ann.id},
        "job": {"id": job.id},
        "bank statement": {"member": world.ann.id},
        "bank grant": {"member": visitor, "amount": 50, "reason": "Mine"},
        "bank undo": {"entry": 1, "reason": "Mine"},
        "bank audit": {},
        "bank export": {},
        "usage": {},
        "takedown": {"member": world.ann.id, "period": "ever"},
        "policy show": {},
        "policy budget": {"credits": 1},
        "codes list": {},
        "codes create": {"amount": 10, "reason": "Mine"},
        "setup": {},
    }
    before = await everything(house)
    for command, options in commands.items():
        words = await settled(house, await house.wire.slash(command, options, user_id=visitor))
        assert any(
            refusal in words for refusal in ("those who may manage the server", "I know no image", "works in a server")
        ), (command, words)
        assert SECRET not in words, command
    assert await everything(house) == before
    await forge_all(house, (*OF_A_JOB, *OF_MODERATORS), job, visitor)
    own = await settled(house, await house.wire.slash("history", {}))
    assert SECRET in own


async def test_an_order_of_a_server_is_not_moderated_from_another_one(tmp_path: Path) -> None:
    latency = Latency.fixed(0.3)
    async with open_wire_house(tmp_path, direct_messages=True, starting_credits=1_000, latency=latency) as house:
        world = house.wire.world
        await house.imagine(prompt=SECRET)
        await until(lambda: house.standin.submits)
        job = (await house.jobs())[0]
        world.installed = False  # from here on the presses come from a server that has not installed the bot
        carrier = await house.wire.slash("credits balance", user_id=world.moderator.id)
        await settled(house, carrier)
        message = house.wire.answer(carrier)
        assert message
        refused = await house.wire.forge(f"cancel:{job.id}", message.id, user_id=world.moderator.id)
        assert "belongs to somebody else" in await settled(house, refused)
        (ended,) = await house.ended()
        assert ended.state is JobState.DELIVERED
        await forge_all(house, OF_A_JOB, ended, world.moderator.id)


@pytest.mark.parametrize("open_buttons", [False, True])
async def test_forged_ids_of_a_private_order_show_and_change_nothing(house: WireHouse, open_buttons: bool) -> None:
    world = house.wire.world
    await house.app.bot.services.preferences.set(world.ann.id, Preferences(open_buttons=open_buttons))
    job = await an_order(house, private=True)
    await forge_all(house, (*OF_A_JOB, *OF_MODERATORS), job, world.ben.id)


async def test_a_forged_search_turns_no_pages_of_another_member(beyond: WireHouse) -> None:
    house, world = beyond, beyond.wire.world
    job = await an_order(house)
    search = await house.wire.slash("history", {"member": world.ann.id}, user_id=world.moderator.id)
    assert SECRET in await settled(house, search)
    shown = house.wire.answer(search)
    assert shown
    turn = f"history:older:{search}:{ANY_NUMBER}:{job.id}"
    world.installed = False
    for user_id in (world.moderator.id, world.ben.id):
        words = await settled(house, await house.wire.forge(turn, shown.id, user_id=user_id))
        assert "too long ago" in words or "somebody else" in words
        chosen = await house.wire.forge("history:show", shown.id, user_id=user_id, values=[job.id])
        assert SECRET not in await settled(house, chosen)


async def test_a_moderator_of_the_server_sees_and_cancels_what_is_public_in_it(slow_house: WireHouse) -> None:
    house, world = slow_house, slow_house.wire.world
    job = await an_order(house)
    card = house.wire.posts_of_images()[0]
    for user_id in (world.moderator.id, world.ben.id):
        details = await house.wire.press(card.id, f"details:{job.id}", user_id=user_id)
        assert job.id in await settled(house, details)
    assert await house.app.store.read(ledger.balance(WalletKey(world.guild_id, world.ann.id)))
