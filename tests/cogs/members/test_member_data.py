"""`/mydata`: a member sees, exports and deletes their data, and the books still add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.domain.job import Job
from bot.domain.preferences import Preferences
from bot.domain.proposal import Proposal, Proposed
from bot.domain.recipe import FORGOTTEN, AttachedVideo, Reference, files_of
from bot.domain.wallet import WalletKey
from bot.storage.credits import ledger
from bot.storage.orders import proposals
from sandbox.atlas import Latency
from tests.support.factories import a_recipe, sql
from tests.support.house import House, a_png, open_house, words_of

RICH: dict[str, Any] = {"starting_credits": 30_000}
SECRET = "A secret poster"
WRITTEN = (
    """INSERT INTO templates (guild_id, member_id, name, body, published, created_at)
    VALUES (:guild, :member, 'mine', '{}', 1, :now)""",
    """INSERT INTO reports (job_id, member_id, reason, at) VALUES (:job, :member, 'A secret reason', :now)""",
    """INSERT INTO requests (id, guild_id, member_id, amount, words, state, locale, at)
    VALUES ('5', :guild, :member, 150, 'A secret wish', 'open', 'en-US', :now)""",
    """INSERT INTO blocks (guild_id, member_id, blocked, reason, actor, at)
    VALUES (:guild, :member, 0, 'All is well', '1', :now)""",
)
TABLES = ("jobs", "proposals", "reports", "requests", "templates", "favourites", "searches", "tray", "preferences")
KEPT = (
    "1 image file; images, clips and references are erased after 30 days",
    "1 image in your tray",
    "1 order that waits for your yes",
    "1 template",
    "1 of them shown to a server",
    "1 favourite",
    "1 report of an image",
    "1 request for credits",
    "1 note of a block",
    "Your `/preferences`",
    "1 wallet, 3 entries in the credit books",
    "Atlas Cloud and Google",
)


async def shown(house: House) -> str:
    answer = await house.ann.slash(house.channel, "mydata show")
    assert answer.ephemeral
    return words_of(answer.response)


async def exported(house: House) -> dict[str, Any]:
    (part,) = [part async for part in house.app.bot.services.member_data.export(house.ann.id, limit_bytes=10_000_000)]
    data: dict[str, Any] = json.loads(part.data)
    return data


async def rich_life(house: House) -> tuple[Job, Any]:
    """Writes one row of each kind of data that the bot keeps about a member."""
    services = house.app.bot.services
    message, job = await house.a_result(prompt=SECRET)
    await house.ann.click(message, label="Star")
    await services.preferences.set(house.ann.id, Preferences(spoiler=True))
    reference = await services.references.keep(a_png(8, 8), name="face.png")
    await services.references.collect(house.wallet(), [reference])
    wallet = WalletKey(house.guild.id, house.ann.id)
    proposal = Proposal(recipe=a_recipe(prompt=SECRET, references=(reference,)), private=True)
    proposed = Proposed(id="77", wallet=wallet, channel_id=house.channel.id, proposal=proposal)
    await house.app.store.run(proposals.put(proposed, now=services.history.now()))
    facts = {"guild": house.guild.id, "member": house.ann.id, "job": job.id, "now": services.history.now()}
    for statement in WRITTEN:
        used = {name: value for name, value in facts.items() if f":{name}" in statement}
        await house.app.store.run(sql(statement, **used))
    return job, message


async def test_a_member_reads_what_is_kept_where_and_for_how_long(house: House) -> None:
    assert "No orders of images" in await shown(house)
    job, _ = await rich_life(house)
    words = await shown(house)
    assert f"1 order of an image since <t:{job.created_at // 1000}:d>" in words
    assert [line for line in KEPT if line not in words] == []
    house.app.bot.services.member_data.retention_days = 0
    assert "are kept until you delete them" in await shown(house)


async def test_all_of_it_is_exported_as_json_without_what_is_no_business_of_the_member(house: House) -> None:
    job, _ = await rich_life(house)
    answer = await house.ann.slash(house.channel, "mydata show")
    assert answer.response
    sent = await house.ann.click(answer.response.message, label="Export")
    assert sent.ephemeral
    assert sent.response
    assert "That is all." in words_of(sent.response)
    (file,) = sent.response.attachments
    assert file.filename == "stillframe-data-1.json"
    data = await exported(house)
    assert data["about"]["member"] == str(house.ann.id)
    (image,) = data["images"]
    assert image["job"] == job.id
    assert image["recipe"]["prompt"] == SECRET
    assert image["created_at"].endswith("+00:00")
    assert [entry["kind"] for entry in data["entries"]] == ["grant", "hold", "capture"]
    assert data["wallets"] == [
        {"guild_id": str(house.guild.id), "posted": 150, "held": 0, "allowance": 0, "allowance_held": 0}
    ]
    assert data["preferences"][0]["spoiler"] is True
    assert data["orders_not_confirmed"][0]["body"]["recipe"]["prompt"] == SECRET
    assert data["templates"][0]["published"] is True
    assert data["favourites"][0]["job_id"] == job.id
    assert {data["reports"][0]["reason"], data["requests"][0]["words"], data["blocks"][0]["reason"]} == {
        "A secret reason", "A secret wish", "All is well",
    }  # fmt: skip
    assert [each["name"] for each in data["reference_images"]] == ["face.png"]
    assert not {"token", "key", "lease_owner"} & {*image, *data["entries"][0]}


async def test_an_export_that_is_too_large_for_one_file_comes_in_several(house: House) -> None:
    await rich_life(house)
    house.app.bot.services.member_data.part_limit_bytes = 2_000
    sent = await house.ann.slash(house.channel, "mydata export")
    assert words_of(sent.response) == "### Your data, part 1\nMore follows."
    assert words_of(sent.followups[-1]) == f"### Your data, part {len(sent.followups) + 1}\nThat is all."
    assert all(each.flags.ephemeral for each in sent.followups)


async def test_deleting_asks_once_and_leaves_nothing_but_the_books(house: House, tmp_path: Path) -> None:
    job, _ = await rich_life(house)
    card = await house.ann.slash(house.channel, "mydata show")
    assert card.response
    answer = await house.ann.click(card.response.message, label="Delete …")
    assert answer.ephemeral
    assert answer.response
    for fact in (
        "prompts, links, clips, references and images",
        "Stays:",
        "the credit books as numbers",
    ):
        assert fact in words_of(answer.response)
    assert (await house.app.bot.services.member_data.kept(house.ann.id)).images == 1
    await house.env.restart_bot()
    await house.ann.click(answer.response.message, label="Delete all of it")
    assert "Your data is deleted: 1 image is forgotten" in words_of(answer.response)
    assert await house.findings() == ()
    assert list((tmp_path / "images").iterdir()) == []
    assert list((tmp_path / "clips").iterdir()) == []
    words = await shown(house)
    assert "No orders of images" in words
    assert "1 wallet, 3 entries in the credit books" in words
    assert "tray" not in words
    assert SECRET not in str(await exported(house))
    written = str([dict(row) for table in TABLES for row in await house.app.store.read(sql(f"SELECT * FROM {table}"))])  # noqa: S608  # names of ours
    assert ("secret" in written, "dQw4w9WgXcQ" in written) == (False, False)
    for actor in (house.ann, house.moderator):
        page = await actor.slash(house.channel, "history", **({} if actor is house.ann else {"member": house.ann}))
        assert job.id not in words_of(page.response)

    async def taken_down() -> bool:
        return house.channel.last_message is None

    await house.until(taken_down)
    told = await house.ann.slash(house.channel, "job", id=job.id)
    assert SECRET not in words_of(told.response)
    assert FORGOTTEN in words_of(told.response)
    balance = await house.app.store.read(ledger.balance(WalletKey(house.guild.id, house.ann.id)))
    assert balance
    assert balance.available == 150
    await house.imagine(prompt="A fresh start")
    assert "1 order of an image" in await shown(house)
    await house.ended(count=2)


async def test_nothing_is_deleted_while_an_image_is_under_way(tmp_path: Path) -> None:
    async with open_house(tmp_path, latency=Latency(median_seconds=30, spread=0)) as house:
        await house.imagine()
        answer = await house.ann.slash(house.channel, "mydata delete")
        assert answer.response
        told = await house.ann.click(answer.response.message, label="Delete all of it")
        assert "You have 1 image under way" in words_of(told.followups[-1])
        assert "Nothing was deleted" in words_of(told.followups[-1])
        assert "Delete your data?" in words_of(answer.response)
        (job,) = await house.jobs()
        assert job.recipe.prompt == "A poster"


async def test_a_file_that_somebody_else_needs_just_now_stays(tmp_path: Path) -> None:
    async with open_house(tmp_path, **RICH) as house:
        services = house.app.bot.services
        shared = await services.references.keep(a_png(8, 8), name="logo.png")
        proposed = await services.references.keep(a_png(9, 8), name="proposed.png")
        mine = await services.references.keep(a_png(10, 8), name="mine.png")
        await services.references.collect(house.wallet(), [shared, proposed, mine])
        await services.references.collect(house.wallet(house.moderator.id), [shared])
        wallet = WalletKey(house.guild.id, house.moderator.id)
        proposal = Proposal(recipe=a_recipe(references=(proposed,)), private=True)
        theirs = Proposed(id="78", wallet=wallet, channel_id=house.channel.id, proposal=proposal)
        await house.app.store.run(proposals.put(theirs, now=services.history.now()))
        await services.member_data.forget(house.ann.id)
        left = {file.name for file in (tmp_path / "clips").iterdir()}
        assert left == {shared.sha256, proposed.sha256}


def test_the_files_of_a_recipe_are_its_clip_and_its_references() -> None:
    clip = AttachedVideo(name="a.mp4", sha256="a" * 64, content_type="video/mp4")
    reference = Reference(name="b.png", sha256="b" * 64, content_type="image/png")
    assert files_of(a_recipe(video=clip, references=(reference,))) == {"a" * 64, "b" * 64}
    assert files_of(a_recipe()) == frozenset()
