"""Cards of what follows a result stay within Discord's limits for any text, and say only what is known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.discord import cards
from bot.discord.cards import actions, details
from bot.domain.job import Job, JobState, Shown, StoredImage
from bot.domain.model_rows import BUILT_IN
from bot.domain.pricing import Pricing
from bot.domain.recipe import AttachedVideo, Reference, Shape, Size, Thinking, VideoLink
from bot.domain.result_action import Details, Moments
from bot.domain.showing import Showing, ShowingKind
from bot.domain.wallet import Balance
from cogs.results import shapes_cards
from tests.discord.test_job_cards import TEXT_LIMIT, a_job, components_of, text
from tests.support.discord_rules import COMPONENTS_V2, broken_message
from tests.support.factories import NOW, a_recipe

CUSTOM_ID_LIMIT = 100  # Discord
LONGEST_ID = "9" * 20
REFERENCES = tuple(Reference(name=f"{n}.png", sha256=f"{n:064}", content_type="image/png") for n in range(2))
MOMENTS = Moments(ordered=NOW, submitted=NOW + 400, ready=NOW + 12_340, shown=NOW + 12_900)
IMAGE = StoredImage(
    name="1.png", sha256="a" * 64, width=64, height=64, unsafe=None, output_url="https://oss.example/1.png",
    price_micros=154_000,
)  # fmt: skip
SHOWING = Showing(id=1, job_id="1", kind=ShowingKind.COPY, guild_id=1, channel_id=2, message_id=3, at=0, since_id=1)


def details_of(job: Job, *, moderator: bool = False, **changes: Any) -> str:
    facts: dict[str, Any] = {"moments": MOMENTS, "content_credentials": None, "made_from": None, **changes}
    return text(details.details(Details(job=job, **facts), BUILT_IN, moderator=moderator))


def complaints_about(card: cards.Card, job: Job) -> list[str]:
    files = [{"id": 0, "filename": details.COMMAND_FILE}] if details.command_file(job) else []
    return list(
        broken_message({"flags": COMPONENTS_V2, "components": components_of(card), "attachments": files}, new=True)
    )


@example(prompt="\N{ROCKET}" * 1_900, name="\N{ROCKET}" * 300)
@given(prompt=st.text(min_size=1, max_size=4_000), name=st.text(min_size=1, max_size=300))
def test_whatever_was_typed_details_stay_within_discords_limits_or_bring_the_command_as_a_file(
    prompt: str, name: str
) -> None:
    video = AttachedVideo(name=name, sha256="a" * 64, content_type="video/mp4")
    recipe = a_recipe(prompt=prompt, video=video, search=True, thinking=Thinking.HIGH, references=REFERENCES)
    job = a_job(recipe, id=LONGEST_ID, made_from=LONGEST_ID, image=IMAGE, prediction_id="p" * 100)
    known = Details(job=job, moments=MOMENTS, content_credentials=True, made_from=Shown(5, 6))
    card = details.details(known, BUILT_IN, moderator=True)
    assert complaints_about(card, job) == []
    written = details.command_file(job)
    assert (details.command(job) in text(card)) is (written is None)


def test_a_long_link_in_details_stays_within_the_limits_too() -> None:
    link = VideoLink(url="https://a.example/" + "y" * 5_000 + ".mp4")
    job = a_job(a_recipe(video=link))
    assert len(details_of(job)) <= TEXT_LIMIT
    assert f" video:{link.url} " in (details.command_file(job) or "")


def test_details_say_how_long_each_step_took_and_what_went_along() -> None:
    words = details_of(a_job(a_recipe(references=REFERENCES)), content_credentials=True)
    assert (
        f"<t:{NOW // 1000}:f>. Sent to the image service after 0.4 s. Ready after 12.3 s. Shown after 12.9 s." in words
    )
    assert "with 2 references" in words
    assert "Content Credentials are present in the original file." in words


def test_details_of_a_gift_name_no_price_and_no_step_that_never_was() -> None:
    gift = a_job(state=JobState.RELEASED, image=IMAGE, prediction_id=None, made_from="77")
    never = Moments(ordered=NOW, submitted=None, ready=None, shown=None)
    words = details_of(gift, moments=never, content_credentials=False)
    assert "Nothing was charged for it." in words
    assert "150" not in words
    assert "after" not in words
    assert "Prediction" not in words
    assert "Content Credentials are absent" in words
    assert words.endswith("Made from job 77")


def test_only_moderators_read_what_the_image_cost_the_operator() -> None:
    job = a_job(image=IMAGE)
    assert "US$0.154" in details_of(job, moderator=True)
    assert "US$" not in details_of(job)


@pytest.mark.parametrize(
    ("state", "words"),
    [(JobState.DELIVERED, "Its 150 credits are not given back."), (JobState.RELEASED, "Nothing was charged for it.")],
)
def test_a_deleted_image_says_what_is_left_of_it_and_of_its_price(state: JobState, words: str) -> None:
    card = text(details.taken_down(a_job(state=state, image=IMAGE), [SHOWING]))
    assert words in card
    assert "keeps its own copy for up to 14 days" in card
    assert SHOWING.link in card


def test_under_an_image_that_was_taken_down_stands_nothing() -> None:
    assert actions.rows(a_job(deleted=True), Pricing()) == []


@pytest.mark.parametrize(
    ("size", "larger"), [(Size.K1, [Size.K2, Size.K4]), (Size.K2, [Size.K4]), (Size.K4, [])], ids=str
)
def test_only_larger_sizes_are_led_to(size: Size, larger: list[Size]) -> None:
    assert list(BUILT_IN.default.larger_than(size)) == larger


def test_as_many_shapes_as_can_be_chosen_fit_into_a_button() -> None:
    chosen = sorted(Shape, key=len)[-actions.SHAPES_AT_ONCE :]
    balance = Balance(posted=5_000, held=0)
    job = a_job(id=LONGEST_ID)
    card = shapes_cards.asking(job, chosen, balance, Pricing(), order_id=int(LONGEST_ID), private=True)
    ids = [each["custom_id"] for each in components_of(card)[0]["components"][-1]["components"]]
    assert max(len(each) for each in ids) <= CUSTOM_ID_LIMIT


def test_a_report_without_words_still_names_the_image() -> None:
    words = details.report(a_job(), reporter_id=9, reason="  ", link="https://discord.com/channels/1/5/77")
    assert words == (
        "<@9> reports an image of <@10>: https://discord.com/channels/1/5/77\nReason: -\nJob 1320000000000000001"
    )
