"""The pages of the history have the right images, in order and without gaps, and read no others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.history import HistoryPage, Search, Turn
from bot.domain.job import Job, ReleaseReason, StoredImage
from bot.domain.recipe import AttachedVideo, Size
from bot.domain.wallet import WalletKey
from bot.storage.engine.store import Script, Store
from bot.storage.orders import favourites, history, jobs, placing
from tests.support.factories import ANN, BOB, MANY, NOW, a_recipe, an_order, sql

RICH = 1_000_000
ANN_ELSEWHERE = WalletKey(guild_id=2, member_id=ANN.member_id)
IMAGE = StoredImage(
    name="a.png", sha256="0" * 64, width=64, height=64, unsafe=None, output_url=None, price_micros=None
)  # fmt: skip


async def place(store: Store, job_id: str, *, at: int = NOW, **changes: Any) -> Job:
    return (await store.run(placing.place(an_order(job_id, **changes), starting_credits=RICH, limits=MANY, now=at))).job


def mine(**changes: Any) -> Search:
    return Search(**{"guild_id": 1, "asker_id": ANN.member_id, "member_id": ANN.member_id, **changes})


def ids(page: HistoryPage) -> list[str]:
    return [item.job.id for item in page.items]


async def look(store: Store, search: Search) -> list[str]:
    return ids(await store.read(history.page(search, limit=10)))


async def test_pages_lead_back_to_the_beginning_and_forth_again_without_a_gap(store: Store) -> None:
    for number in range(10):
        await place(store, str(100 + number), at=NOW + number // 3)  # some in the very same millisecond
    await place(store, "200", wallet=BOB)
    await place(store, "201", wallet=ANN_ELSEWHERE)
    search = mine()
    newest = await store.read(history.page(search, limit=4))
    assert (ids(newest), newest.has_newer, newest.has_older) == (["109", "108", "107", "106"], False, True)
    middle = await store.read(history.page(search, beside=newest.items[-1].cursor, limit=4))
    assert (ids(middle), middle.has_newer, middle.has_older) == (["105", "104", "103", "102"], True, True)
    oldest = await store.read(history.page(search, beside=middle.items[-1].cursor, limit=4))
    assert (ids(oldest), oldest.has_newer, oldest.has_older) == (["101", "100"], True, False)
    back = await store.read(history.page(search, turn=Turn.NEWER, beside=oldest.items[0].cursor, limit=4))
    assert middle == back
    assert newest == await store.read(history.page(search, turn=Turn.NEWER, beside=back.items[0].cursor, limit=4))


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({"text": "SUNSET"}, ["3", "1"]),
        ({"text": "100%"}, ["2"]),
        ({"text": "_"}, []),
        ({"text": "\\"}, ["3"]),
        ({"video": "dQw4w9WgXcQ"}, ["4", "2", "1"]),
        ({"video": "chorus"}, ["3"]),
        ({"size": Size.K4}, ["2"]),
        ({"since": NOW + 2}, ["4", "3", "2"]),
        ({"until": NOW + 2}, ["1"]),
        ({"since": NOW + 2, "until": NOW + 3, "size": Size.K1}, []),
        ({"favourites": True}, ["2"]),
        ({"favourites": True, "text": "sunset"}, []),
    ],
)
async def test_a_search_is_narrowed_by_each_of_its_options(
    store: Store, narrowed: dict[str, Any], expected: list[str]
) -> None:
    chorus = AttachedVideo(name="Chorus take.mp4", sha256="0" * 64, content_type="video/mp4")
    recipes = [
        a_recipe(prompt="A Sunset"),
        a_recipe(prompt="100% poster", size=Size.K4),
        a_recipe(prompt="sunset \\ dawn", video=chorus),
        a_recipe(prompt="1000 posters"),
    ]
    for number, recipe in enumerate(recipes, 1):
        await place(store, str(number), recipe=recipe, at=NOW + number)
    await store.run(favourites.toggle("2", member_id=ANN.member_id, now=NOW))
    assert expected == await look(store, mine(**narrowed))


async def test_favourites_are_everybodys_public_images_but_never_private_or_deleted_ones(store: Store) -> None:
    placed: dict[str, dict[str, Any]] = {
        "1": {"wallet": BOB}, "2": {"wallet": BOB, "private": True}, "3": {"wallet": BOB},
        "4": {"wallet": ANN, "private": True}, "5": {"wallet": ANN_ELSEWHERE},
    }  # fmt: skip
    for job_id, changes in placed.items():
        await place(store, job_id, **changes)
        await store.run(favourites.toggle(job_id, member_id=ANN.member_id, now=NOW))
    await store.run(sql("UPDATE jobs SET deleted_at = 1 WHERE id = '3'"))
    search = mine(member_id=None, favourites=True)
    assert await look(store, search) == ["4", "1"]
    assert await store.read(favourites.count(guild_id=1, member_id=ANN.member_id)) == 2
    page = await store.read(history.page(search, limit=1))
    assert [item.starred for item in page.items] == [True]


async def test_a_moderator_learns_that_a_private_job_exists_but_not_by_searching_its_prompt(
    store: Store,
) -> None:
    await place(store, "1", wallet=BOB, private=True, recipe=a_recipe(prompt="secret"))
    await place(store, "2", wallet=BOB, recipe=a_recipe(prompt="no secret"))
    bobs = mine(member_id=BOB.member_id)
    assert await look(store, bobs) == ["2", "1"]
    assert await look(store, bobs.model_copy(update={"text": "secret"})) == ["2"]
    assert await look(store, bobs.model_copy(update={"video": "dQw4w9WgXcQ"})) == ["2"]


def plan(script: Script[Any]) -> Script[str]:
    """SQLite's query plan for the first statement of a script."""
    statement, parameters = next(script)
    rows = yield f"EXPLAIN QUERY PLAN {statement}", parameters
    return "\n".join(row["detail"] for row in rows)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("script", "index"),
    [
        (history.page(mine(), limit=4), "jobs_by_wallet (wallet_id=?)"),
        (history.page(mine(text="a", since=NOW), limit=4), "jobs_by_wallet (wallet_id=? AND created_at>?)"),
        (history.owes_note(guild_id=1, member_id=10), "jobs_unnoted (member_id=?)"),
        (history.owes_note(guild_id=1, member_id=10), "jobs_awaiting (member_id=?)"),
        (favourites.count(guild_id=1, member_id=10), "favourites USING COVERING INDEX sqlite_autoindex_favourites_1"),
    ],
    ids=["page", "search", "notes", "waiting", "favourites"],
)
async def test_no_page_walks_through_the_jobs_of_others(store: Store, script: Script[Any], index: str) -> None:
    found = await store.read(plan(script))
    assert index in found
    assert "SCAN jobs" not in found


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_turning_a_page_begins_where_the_last_one_ended(store: Store) -> None:
    job = await place(store, "1")
    page = await store.read(history.page(mine(), limit=1))
    found = await store.read(plan(history.page(mine(), beside=page.items[0].cursor, limit=4)))
    assert "jobs_by_wallet (wallet_id=? AND created_at<?)" in found
    assert (job.created_at, job.id) == page.items[0].cursor


async def test_a_job_is_found_by_its_own_number_and_by_those_of_its_messages(store: Store) -> None:
    job = await place(store, "900")
    await store.run(sql("UPDATE jobs SET message_id = 77, result_id = 78"))
    for number in ("900", "77", "78"):
        found = await store.read(history.find(number))
        assert found
        assert job.id == found.id
    assert await store.read(history.find("79")) is None
    assert await store.read(history.find("9" * 25)) is None


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_a_job_is_found_by_a_message_without_a_walk_through_all(store: Store) -> None:
    plan_by_message = sql(f"EXPLAIN QUERY PLAN {history._BY_MESSAGE}", message_id=7)
    assert "SCAN jobs" not in str([dict(row) for row in await store.read(plan_by_message)])


async def test_a_search_is_kept_for_a_week_and_the_same_command_twice_is_one(store: Store) -> None:
    search = mine(text="sunset", size=Size.K2)
    await store.run(history.keep_search("5", search, now=NOW))
    await store.run(history.keep_search("5", search, now=NOW))
    assert search == await store.read(history.get_search("5"))
    await store.run(history.keep_search("6", search, now=NOW + history.SEARCH_LIFE_MS + 1))
    assert await store.read(history.get_search("5")) is None


async def test_a_kept_image_is_owed_one_word_however_many_ask_at_once(store: Store) -> None:
    for job_id, reason, image in (
        ("1", ReleaseReason.UNDELIVERABLE, IMAGE),
        ("2", ReleaseReason.UNDELIVERABLE, None),
        ("3", ReleaseReason.FAILED, IMAGE),
    ):
        job = await place(store, job_id)
        if image:
            await store.run(sql("UPDATE jobs SET image_name = 'a.png', image_sha256 = 'x' WHERE id = :id", id=job_id))
        await store.run(jobs.released(job, reason, now=NOW))
    asked = {"guild_id": 1, "member_id": ANN.member_id}
    assert await store.read(history.owes_note(**asked))
    told = await asyncio.gather(*(store.run(history.claim_notes(**asked)) for _ in range(5)))
    assert [job.id for found in told for job in found] == ["1"]
    assert not await store.read(history.owes_note(**asked))
    await store.run(history.owe_note("1"))
    assert await store.read(history.owes_note(**asked))


async def test_a_star_goes_on_and_off_and_each_member_has_their_own(store: Store) -> None:
    await place(store, "1")
    stars = [await store.run(favourites.toggle("1", member_id=member, now=NOW)) for member in (10, 11, 10, 10)]
    assert stars == [True, True, False, True]
