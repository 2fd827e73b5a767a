"""Cards of jobs stay within Discord's limits for any text, and their files have names that a team finds again."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.discord import cards
from bot.domain.job import Job, JobState, Picture, ReleaseReason, StoredImage
from bot.domain.model_rows import BUILT_IN
from bot.domain.models import Models, ModelState, Prices
from bot.domain.pricing import Pricing
from bot.domain.recipe import AttachedVideo, Clip, Recipe, Shape, Size, Span, Thinking, VideoLink, YouTubeVideo
from bot.domain.wallet import SYSTEM, Balance, Entry, EntryKind, Statement
from bot.text import refusals
from tests.support.discord_rules import COMPONENTS_V2, broken_message
from tests.support.factories import ANN, NOW, a_recipe, an_image
from tests.support.house import words_of

TEXT_LIMIT = 4_000  # Discord: characters of all text displays of a message together
ALT_TEXT_LIMIT = 1_024
GALLERY = 12  # a component's type

YOUTUBE = YouTubeVideo(id="dQw4w9WgXcQ")
LINKED = VideoLink(url="https://cdn.example/media/My%20Clip.final.mp4?sig=1")
ATTACHED = AttachedVideo(name="Übung 3 — take two.MOV", sha256="a" * 64, content_type="video/quicktime")


def a_job(recipe: Recipe | None = None, **changes: Any) -> Job:
    facts: dict[str, Any] = {
        "id": "1320000000000000001", "wallet": ANN, "channel_id": 5, "private": False, "recipe": recipe or a_recipe(),
        "cost": 150, "state": JobState.POSTING, "created_at": NOW, "token": "t", "token_until": NOW,
        "file_limit_bytes": 10_000_000, "message_id": 77, "submitted_at": NOW, "prediction_id": "p", "image": None,
        "result_id": None, "release_reason": None, "told": False, "late_looks": 0, "lease_epoch": 1,
        "locale": "en-US", "spoiler": False, "made_from": None, "deleted": False,
    }  # fmt: skip
    return Job(**{**facts, **changes})


def a_picture(**changes: Any) -> Picture:
    facts: dict[str, Any] = {
        "data": b"x", "extension": "png", "width": 1024, "height": 1024, "shrunk": False, "content_credentials": False,
    }  # fmt: skip
    return Picture(**{**facts, **changes})


def components_of(card: cards.Card) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = card.to_components()  # type: ignore[no-untyped-call]  # discord.py's
    return found


def text(card: cards.Card) -> str:
    return words_of(SimpleNamespace(components=components_of(card)))


@pytest.mark.parametrize(
    ("recipe", "name"),
    [
        (a_recipe(shape=Shape.WIDE, size=Size.K2), "dQw4w9WgXcQ_0m14-0m17_16x9_2k_1320000000000000001.png"),
        (a_recipe(), "dQw4w9WgXcQ_0m14-0m17_auto_1k_1320000000000000001.png"),
        (a_recipe(video=LINKED), "My-Clip-final_0m14-0m17_auto_1k_1320000000000000001.png"),
        (a_recipe(video=ATTACHED), "Übung-3-take-two_0m14-0m17_auto_1k_1320000000000000001.png"),
        (
            Recipe(model="nb2-text", prompt="x", shape=Shape.WIDE),
            "words_16x9_1k_1320000000000000001.png",
        ),
        (
            Recipe(model="nb2-edit", prompt="x", references=(an_image(),)),
            "images_auto_1k_1320000000000000001.png",
        ),
        (
            Recipe(prompt="x", clip=Clip(video=YOUTUBE, span=Span(start=0), frame_rate=1)),
            "dQw4w9WgXcQ_whole_auto_1k_1320000000000000001.png",
        ),
        (
            Recipe(prompt="x", clip=Clip(video=YOUTUBE, span=Span(start=3_661, end=3_662.5), frame_rate=1)),
            "dQw4w9WgXcQ_1h01m01-1h01m02.5_auto_1k_1320000000000000001.png",
        ),
    ],
)
def test_a_file_is_named_so_that_a_team_finds_it_again(recipe: Recipe, name: str) -> None:
    assert name == cards.attachment_name(a_job(recipe), a_picture())


@example(prompt="\N{ROCKET}" * 4_000, name="\N{ROCKET}" * 300)
@given(prompt=st.text(min_size=1, max_size=4_000), name=st.text(min_size=1, max_size=300))
def test_whatever_was_typed_every_card_stays_within_discords_limits(prompt: str, name: str) -> None:
    video = AttachedVideo(name=name, sha256="a" * 64, content_type="video/mp4")
    recipe = a_recipe(prompt=prompt, video=video, search=True, thinking=Thinking.HIGH)
    job = a_job(recipe, private=True, release_reason=ReleaseReason.FAILED)
    shown = [
        cards.checking(prompt),
        cards.waiting(job, 1_234),
        cards.working(job),
        cards.result(job, a_picture(shrunk=True), pricing=Pricing(), sandbox=True),
        cards.released(job, Pricing(), to_member=True),
        cards.released(job, Pricing(), to_member=False),
    ]
    for card in shown:
        sent = {"flags": COMPONENTS_V2, "components": components_of(card)}
        assert list(broken_message(sent, new=False)) == []
    assert len(cards.alt_text(recipe)) <= ALT_TEXT_LIMIT


@pytest.mark.parametrize(
    ("images", "source", "alt", "prices"),
    [
        (0, "from words alone", "A poster. From words alone.", ("Again (80)", "2K (120)", "4K (160)")),
        (1, "from 1 image", "A poster. From 1 image.", ("Again (80)", "2K (120)", "4K (160)")),
        (14, "from 14 images", "A poster. From 14 images.", ("Again (80)", "2K (120)", "4K (160)")),
    ],
)
def test_an_image_without_a_video_says_what_it_is_made_from_and_can_not_be_trimmed(
    images: int, source: str, alt: str, prices: tuple[str, ...]
) -> None:
    recipe = Recipe(
        model="nb2-edit" if images else "nb2-text", prompt="A poster", references=tuple(map(an_image, range(images)))
    )
    job = a_job(recipe)
    card = cards.result(job, a_picture(), pricing=Pricing(), sandbox=False)
    for shown in (card, cards.waiting(job, 1), cards.working(job)):
        assert source in text(shown)
    labels = re.findall(r"'label': '([^']*)'", str(components_of(card)))
    assert set(prices) <= set(labels)
    assert not any("Trim" in label for label in labels)
    assert cards.alt_text(recipe) == alt


def test_under_an_image_of_a_model_that_has_ended_stand_the_successor_and_its_price() -> None:
    dearer = replace(
        BUILT_IN.get("nb2.1"),
        state=ModelState.ON,
        prices=Prices(as_of=date(2026, 12, 1), source="a test", image=dict.fromkeys(Size, 200_000), clip=70_000),
    )
    ended = replace(BUILT_IN.default, state=ModelState.OFF)
    pricing = Pricing(models=Models((ended, dearer, *BUILT_IN.rows[1:6])))
    for card in (
        cards.result(a_job(), a_picture(), pricing=pricing, sandbox=False),
        cards.released(a_job(release_reason=ReleaseReason.FAILED), pricing, to_member=True),
    ):
        assert "Nano Banana 2 is not offered now. The buttons order Nano Banana 2.1." in text(card)
        assert "(270)" in str(components_of(card))
    assert "not offered now" not in text(cards.result(a_job(), a_picture(), pricing=Pricing(), sandbox=False))


def test_under_an_image_that_nothing_can_make_any_more_that_is_said() -> None:
    only_words = Models(tuple(replace(row, state=ModelState.OFF) for row in BUILT_IN.rows[:3]) + BUILT_IN.rows[3:4])
    card = cards.result(a_job(), a_picture(), pricing=Pricing(models=only_words), sandbox=False)
    assert "no other model here makes this" in text(card)


def test_a_long_link_stays_within_the_limits_too() -> None:
    job = a_job(a_recipe(prompt="x" * 4_000, video=VideoLink(url="https://a.example/" + "y" * 5_000 + ".mp4")))
    assert cards.result(job, a_picture(), pricing=Pricing(), sandbox=True).content_length() <= TEXT_LIMIT
    assert len(cards.alt_text(job.recipe)) <= ALT_TEXT_LIMIT


def test_a_copy_made_smaller_says_so_and_leads_to_the_original() -> None:
    image = StoredImage(
        name="1.png",
        sha256="a" * 64,
        width=64,
        height=64,
        unsafe=None,
        output_url="https://oss.example/1.png",
        price_micros=None,
    )
    words = text(cards.result(a_job(image=image), a_picture(shrunk=True), pricing=Pricing(), sandbox=False))
    assert "A smaller copy, to fit Discord's file limit here." in words
    assert "[The original](https://oss.example/1.png)" in words
    assert "sandbox" not in words


def test_untouched_bytes_with_content_credentials_say_present() -> None:
    words = text(cards.result(a_job(), a_picture(content_credentials=True), pricing=Pricing(), sandbox=False))
    assert "Content Credentials present in this file" in words
    assert "smaller copy" not in words


def test_an_image_smaller_than_paid_for_says_what_comes_back_and_what_it_costs_now() -> None:
    job = a_job(a_recipe(size=Size.K4), cost=230, refund=80)
    words = text(cards.result(job, a_picture(width=1_408, height=768), pricing=Pricing(), sandbox=False))
    assert "**The image came smaller than 4K: 80 credits are back.**" in words
    assert "4K · 1408×768 · 150 credits · AI-generated" in words


@pytest.mark.parametrize(
    ("shape", "width", "height", "told"),
    [
        (Shape.WIDE, 1_024, 1_024, "**The image came in 1:1, not in 16:9 as ordered.**"),
        (Shape.WIDE, 768, 1_376, "**The image came in 9:16, not in 16:9 as ordered.**"),
        (Shape.PORTRAIT, 864, 1_184, "**The image came in 3:4, not in 4:5 as ordered.**"),
        (Shape.SQUARE, 1_000, 1_150, "**The image is not in 1:1.**"),
        (Shape.WIDE, 1_376, 768, ""),
        (Shape.CINEMA, 1_584, 672, ""),
        (Shape.PORTRAIT, 928, 1_152, ""),
        (None, 1_024, 1_024, ""),
    ],
)
def test_an_image_in_another_shape_than_ordered_says_so(
    shape: Shape | None, width: int, height: int, told: str
) -> None:
    picture = a_picture(width=width, height=height)
    words = text(cards.result(a_job(a_recipe(shape=shape)), picture, pricing=Pricing(), sandbox=False))
    assert told in words
    assert bool(told) is ("**The image" in words)


def test_a_gift_gives_nothing_back_however_small_it_is() -> None:
    job = a_job(a_recipe(size=Size.K4), cost=230, refund=80, state=JobState.RELEASED)
    words = text(cards.result(job, a_picture(), pricing=Pricing(), sandbox=False))
    assert "came smaller" not in words
    assert "a gift" in words


@pytest.mark.parametrize("spoiler", [False, True])
def test_a_spoiler_is_covered_until_somebody_wants_to_see_it(spoiler: bool) -> None:
    card = cards.result(a_job(spoiler=spoiler), a_picture(), pricing=Pricing(), sandbox=False)
    (gallery,) = [each for each in components_of(card)[0]["components"] if each["type"] == GALLERY]
    assert [spoiler] == [item["spoiler"] for item in gallery["items"]]


@pytest.mark.parametrize(
    ("prompt", "heard"),
    [
        ("A poster", "A poster. From "),
        ("A poster.", "A poster. From "),
        ("Who is it?", "Who is it? From "),
        ("Wait...", "Wait... From "),
        ("海のポスター。", "海のポスター。 From "),
        ('She says "now."', 'She says "now." From '),
        ("(a poster!)", "(a poster!) From "),
        ("Un affiche …", "Un affiche … From "),
        ("एक पोस्टर।", "एक पोस्टर। From "),
        ("ملصق", "\u2068ملصق\u2069. From "),
        ("like https://youtu.be/dQw4w9WgXcQ?t=43 but blue", "like but blue. From "),
        ("a [cat](https://a.example/cat.png) in blue", "a cat in blue. From "),
        ("p" * 4_000, "p… From "),
    ],
)
def test_the_picture_is_heard_in_whole_sentences_without_links_and_frames(prompt: str, heard: str) -> None:
    words = cards.alt_text(a_recipe(prompt=prompt))
    assert words.endswith(f"{heard}a YouTube video, 0:14 to 0:17.")
    assert len(words) <= ALT_TEXT_LIMIT


@pytest.mark.parametrize(
    ("recipe", "heard"),
    [
        (a_recipe(video=LINKED), "A poster. From My Clip.final.mp4, 0:14 to 0:17."),
        (a_recipe(video=ATTACHED), "A poster. From Übung 3 — take two.MOV, 0:14 to 0:17."),
        (a_recipe(video=VideoLink(url="https://a.example/")), "A poster. From a video, 0:14 to 0:17."),
        (a_recipe(prompt="https://youtu.be/dQw4w9WgXcQ"), "From a YouTube video, 0:14 to 0:17."),
        (a_recipe().evolve(span=Span(start=0)), "A poster. From a YouTube video."),
    ],
)
def test_the_source_is_heard_by_its_name(recipe: Recipe, heard: str) -> None:
    assert cards.alt_text(recipe) == heard


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("клип с моря.mp4", "клип-с-моря"),
        ("夏の海.mp4", "夏の海"),
        ("Cafe\u0301.mp4", "Café"),
        ("दिल्ली.mp4", "दिल्ली"),
        ("می\u200cخواهم.mp4", "میخواهم"),
        ("evil\u202egpj.mp4", "evilgpj"),
        ('a<b>:"/\\|?*c\x00d.mp4', "a-b-cd"),
        ("...hidden.mp4", "hidden"),
        ("\u3164\u200b.mp4", "video"),
        ("😀😀.mp4", "video"),
        ("я" * 300 + ".mp4", "я" * 60),
        ("a" * 119 + "йй.mp4", "a" * 119),
        ("é" * 59 + "ก็้.mp4", "é" * 59),
        ("x" * 117 + "ก็.mp4", "x" * 117),
    ],
)
def test_a_file_keeps_the_letters_of_every_script(name: str, stem: str) -> None:
    recipe = a_recipe(video=AttachedVideo(name=name, sha256="a" * 64, content_type="video/mp4"))
    found = cards.attachment_name(a_job(recipe), a_picture())
    assert found == f"{stem}_0m14-0m17_auto_1k_1320000000000000001.png"
    assert len(found.encode()) <= 255


def test_a_result_of_the_sandbox_is_marked_as_one() -> None:
    assert "Made by the sandbox, not by the real model." in text(
        cards.result(a_job(), a_picture(), pricing=Pricing(), sandbox=True)
    )


def test_an_ending_without_a_charge_says_what_came_back() -> None:
    words = text(cards.released(a_job(release_reason=ReleaseReason.TIMED_OUT), Pricing(), to_member=True))
    assert "took longer than 10 minutes" in words
    assert "**Nothing was charged:** 150 credits are back." in words


@pytest.mark.parametrize("reason", [each for each in ReleaseReason if each is not ReleaseReason.CANCELLED])
def test_a_public_ending_does_not_say_why(reason: ReleaseReason) -> None:
    job = a_job(release_reason=reason)
    public, own = (text(cards.released(job, Pricing(), to_member=mine)) for mine in (False, True))
    assert refusals.released(reason) in own
    assert refusals.released(reason) not in public
    assert "It did not work." in public
    assert "**Nothing was charged:** 150 credits are back." in public


def test_a_balance_with_credits_on_hold_names_them() -> None:
    words = text(cards.balance(Balance(posted=300, held=150), Pricing()))
    assert "You have 150 credits" in words
    assert "150 credits on hold" in words


@pytest.mark.parametrize(
    ("kind", "deltas", "words"),
    [
        (EntryKind.GRANT, (50, 0), "**+50** granted by <@99>"),
        (EntryKind.HOLD, (0, 150), "150 put on hold"),
        (EntryKind.CAPTURE, (-150, -150), "**−150** paid for an image"),
        (EntryKind.RELEASE, (0, -150), "150 back from hold"),
        (EntryKind.REFUND, (40, 0), "**+40** refunded"),
    ],
)
def test_each_kind_of_entry_reads_as_what_happened(kind: EntryKind, deltas: tuple[int, int], words: str) -> None:
    job_id = None if kind is EntryKind.GRANT else "7"
    entry = Entry(
        id=1, seq=1, kind=kind, posted_delta=deltas[0], held_delta=deltas[1], after=Balance(posted=300, held=0),
        job_id=job_id, actor="99" if job_id is None else SYSTEM, reason="Because", at=NOW,
    )  # fmt: skip
    page = text(cards.statement(Statement(Balance(posted=300, held=0), (entry,), None), ANN.member_id))
    assert words in page
    assert "300 left · `Because`" in page


def test_a_full_page_of_the_longest_entries_stays_within_the_limits() -> None:
    entry = Entry(
        id=1, seq=9, kind=EntryKind.CAPTURE, posted_delta=-(10**12), held_delta=-(10**12),
        after=Balance(posted=10**13, held=0), job_id="1" * 20, actor="9" * 20, reason="r" * 200, at=NOW,
    )  # fmt: skip
    card = cards.statement(Statement(Balance(posted=10**13, held=10**12), (entry,) * 8, 5), ANN.member_id)
    assert card.content_length() <= TEXT_LIMIT
