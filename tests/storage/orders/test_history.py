"""The pages of the history have the right images, in order and without gaps, and read no others."""

from __future__ import annotations

import asyncio
import random
import re
import unicodedata
from typing import Any

import pytest

from bot.domain.errors import NoSuchEntry
from bot.domain.history import HistoryPage, Search, Turn
from bot.domain.job import Job, ReleaseReason, StoredImage
from bot.domain.recipe import AttachedVideo, Size
from bot.domain.search_text import fold, fold_video, match
from bot.domain.wallet import WalletKey
from bot.storage.engine.store import Script, Store
from bot.storage.orders import favourites, history, jobs, placing
from bot.storage.privacy import member_data
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
        (history.page(mine(size=Size.K4, since=NOW), limit=4), "jobs_by_wallet (wallet_id=? AND created_at>?)"),
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


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_a_search_for_words_reads_one_members_part_of_the_index_in_order(store: Store) -> None:
    found = await store.read(plan_of_search(mine(text="sunset", video="a")))
    lines = found.splitlines()
    assert re.fullmatch(r"SCAN job_words VIRTUAL TABLE INDEX \d+:M\d+><", lines[0])
    assert lines[1] == "SEARCH jobs USING INDEX jobs_place (place=?)"
    assert "TEMP B-TREE" not in found


def plan_of_search(search: Search) -> Script[str]:
    script = history.page(search, limit=4)
    next(script)  # the wallet
    script.send([{"id": 1}])  # the newest jobs, on PostgreSQL alone
    statement, parameters = script.send([])
    rows = yield f"EXPLAIN QUERY PLAN {statement}", parameters
    return "\n".join(row["detail"] for row in rows)


PROMPTS = (
    "Закат над морем", "un Été à la mer", "ΑΘΗΝΑ τη νύχτα", "İstanbul'da ışık", "Große Straße", "Cafe\u0301 au lait",
    "海边的日落", "ネコの絵", "نمی\u200cخواهم", '100% "quoted" AND (not) *', "a_b\\c", "A poster", "a", "猫",
    "tab\tand\nline", "🎬 film 🎬", "각각", "postérs of a poster", "x'; DROP TABLE jobs; --",
)  # fmt: skip
NAMES = ("клип_с_моря.mp4", "take two.MOV", "100%.mp4", "猫.webm")


async def test_both_engines_find_exactly_what_has_the_words_in_any_script_page_by_page(store: Store) -> None:
    """The answer is the one that Python gives, so it is the same on both engines."""
    chance = random.Random(16)  # noqa: S311 - samples, no secrets
    texts: list[tuple[str, str]] = []
    for number in range(60):
        prompt, name = " ".join(chance.choices(PROMPTS, k=2)), chance.choice(NAMES)
        video = AttachedVideo(name=name, sha256="0" * 64, content_type="video/mp4")
        wallet = ANN if number % 3 else BOB
        await place(
            store, str(100 + number), wallet=wallet, recipe=a_recipe(prompt=prompt, video=video), at=NOW + number
        )
        if wallet is ANN:
            texts.append((prompt, name))
    ids_of_ann = [str(100 + number) for number in range(60) if number % 3]
    for _ in range(120):
        text, part = _part(chance, PROMPTS), _part(chance, NAMES) if chance.random() < 0.3 else None
        expected = [
            job_id
            for job_id, (prompt, name) in zip(ids_of_ann, texts, strict=True)
            if fold(text) in fold(prompt) and (part is None or fold_video(part) in fold_video(name))
        ]
        assert await all_pages(store, mine(text=text, video=part)) == expected[::-1], (text, part)


def _part(chance: random.Random, texts: tuple[str, ...]) -> str:
    """A part of one of the texts, in another case or form; now and then in none of them."""
    text = chance.choice(texts)
    start = chance.randrange(len(text))
    part = text[start : start + chance.randint(1, 8)]
    part = chance.choice((part, part.upper(), part.lower(), part.swapcase()))
    changed = chance.choice((part, unicodedata.normalize("NFD", part), unicodedata.normalize("NFKC", part)))
    return changed + chance.choice(("", "", "", "q"))


async def all_pages(store: Store, search: Search) -> list[str]:
    page = await store.read(history.page(search, limit=7))
    found = ids(page)
    while page.has_older:
        page = await store.read(history.page(search, beside=page.items[-1].cursor, limit=7))
        found += ids(page)
        back = await store.read(history.page(search, turn=Turn.NEWER, beside=page.items[0].cursor, limit=7))
        assert set(ids(back)) < set(found)
    return found


async def test_an_order_that_is_refused_in_the_end_leaves_no_words_behind(store: Store) -> None:
    await place(store, "1", recipe=a_recipe(prompt="sunset"))

    def fails() -> Script[None]:
        order = an_order("2", recipe=a_recipe(prompt="sunset"))
        yield from placing.place(order, starting_credits=RICH, limits=MANY, now=NOW + 1)
        raise NoSuchEntry(entry_id=1)

    with pytest.raises(NoSuchEntry):
        await store.run(fails())
    await place(store, "3", recipe=a_recipe(prompt="sunset"), at=NOW + 2)
    assert await look(store, mine(text="sunset")) == ["3", "1"]


async def test_forgotten_words_are_in_no_column_and_no_index(store: Store) -> None:
    await place(store, "1", recipe=a_recipe(prompt="sunset"))
    await place(store, "2", recipe=a_recipe(prompt="sunset"), at=NOW + 1)
    await store.run(jobs.withdraw("1", ReleaseReason.CANCELLED, now=NOW))
    batch = await store.read(member_data.ended(ANN.member_id, member_data.FIRST, until=NOW, limit=10))
    await store.run(member_data.forget_images(batch, now=NOW + 2))
    assert await look(store, mine(text="sunset")) == ["2"]
    assert [row["search_text"] for row in await store.read(sql("SELECT search_text FROM jobs WHERE id = '1'"))] == [""]
    found = sql("/*sqlite*/ SELECT rowid FROM job_words WHERE job_words MATCH :words /*end*/", words=match("sunset"))
    assert len(await store.read(found)) == (0 if store.shared else 1)
