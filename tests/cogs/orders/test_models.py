"""Which model makes an image: suggestions, defaults, orders without a video, and models that can't be used now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.domain.failure import Failure
from bot.domain.preferences import NEVER_ASK
from bot.domain.recipe import Size, Thinking
from tests.cogs.orders.test_doors import upload_of
from tests.support.house import House, JobState, a_png, labels, open_house, words_of

DEARER = """
[[model]]
key = "nb2"
on = true
[model.prices]
as_of = 2026-12-01
source = "a test"
image = { 1k = 0.2, 2k = 0.2, 4k = 0.2 }
clip = 0.07
web_search = 0.014
image_search = 0.014
"""
WORDS_ALONE: dict[str, Any] = {"prompt": "A lighthouse", "video": None, "start": None}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Nobody is asked here because of a price."""
    async with open_house(tmp_path, confirm_from_credits=NEVER_ASK, starting_credits=1_000) as house:
        yield house


async def without_a_video(house: House, **fields: Any) -> Any:
    """The answer to the form of `/imagine` that was sent without a video."""
    form = await house.ann.slash(house.channel, "imagine", prompt="A lighthouse")
    return await house.ann.submit_modal(form, {"prompt": "A lighthouse", "size": ["1k"], **fields})


async def made(house: House, *, count: int = 1) -> tuple[str, int]:
    """The model of the newest image and what it cost."""
    job = (await house.ended(count=count))[-1]
    assert job.state is JobState.DELIVERED
    return job.recipe.model, job.cost


async def test_suggestions_name_what_a_model_is_good_for_and_each_price_of_the_model_typed_before(house: House) -> None:
    async def names(option: str, typed: str = "", **before: Any) -> list[str]:
        return [
            each["name"] for each in await house.ann.autocomplete(house.channel, "imagine", option, typed, **before)
        ]

    models = await names("model")
    assert models[0] == "Nano Banana 2 - an image from a moment of video - 150 credits"
    assert "Nano Banana 2 Text - an image from words alone - 80 credits" in models
    assert await names("model", "WORDS") == ["Nano Banana 2 Text - an image from words alone - 80 credits"]
    assert await names("size") == ["1K - 150 credits", "2K - 190 credits", "4K - 230 credits"]
    assert await names("size", model="nb2-text") == ["1K - 80 credits", "2K - 120 credits", "4K - 160 credits"]
    assert await names("size", "4", model="Nano Banana 2 Text") == ["4K - 160 credits"]
    assert "16:9 - YouTube thumbnail" in await names("shape")
    assert len(await names("thinking")) == 3
    await house.change_rule("forbidden_models", ["nb2-text"])
    assert "Nano Banana 2 Text" not in " ".join(await names("model"))


@pytest.mark.parametrize(
    "typed", [{"size": "2K"}, {"size": "2k - 120 credits"}, {"shape": "16:9 - YouTube thumbnail"}, {"thinking": "HIGH"}]
)
async def test_what_people_typed_until_now_is_still_understood(house: House, typed: dict[str, Any]) -> None:
    await house.imagine(model="Nano Banana 2 Text - an image from words alone", **WORDS_ALONE, **typed)
    (job,) = await house.ended()
    recipe = job.recipe
    assert (recipe.size is Size.K2, recipe.shape is not None, recipe.thinking is Thinking.HIGH) == (
        "size" in typed,
        "shape" in typed,
        "thinking" in typed,
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": "nb3"}, "There is no model `nb3` here. Choose one of these: `nb2-dev`"),
        ({"model": "nb2-text"}, "can't read a video. Leave it out."),
        ({"size": "8k"}, "1k, 2k, 4k"),
        ({"model": "nb2-edit", "video": None, "start": None}, "needs at least 1"),
    ],
)
async def test_what_a_model_lacks_is_refused_free_with_what_fits(
    house: House, options: dict[str, Any], words: str
) -> None:
    answer = await house.imagine(**options)
    assert answer.ephemeral
    assert words in words_of(answer.response)
    assert await house.jobs() == []


async def test_without_a_video_the_order_asks_and_is_made_from_words_alone(house: House) -> None:
    asked = await without_a_video(house)
    assert asked.ephemeral
    assert labels(asked.response)[:2] == ["From words alone (80)", "Add a video"]
    assert "Model: `Nano Banana 2 Text`" in words_of(asked.response)
    assert await house.jobs() == []
    await house.ann.click(asked.response.message, label="From words alone (80)")
    assert await made(house) == ("nb2-text", 80)


async def test_a_video_is_added_on_the_card_at_the_price_of_its_model(house: House) -> None:
    asked = await without_a_video(house)
    form = await house.ann.click(asked.response.message, label="Add a video")
    await house.ann.submit_modal(form, {"video": "https://youtu.be/dQw4w9WgXcQ", "moment": "0:14-0:17"})
    assert labels(asked.response)[0] == "Create (150)"
    assert "0:14 → 0:17" in words_of(asked.response)
    await house.ann.click(asked.response.message, label="Create (150)")
    assert await made(house) == ("nb2-dev", 150)


async def test_images_and_no_video_are_an_order_from_these_images(house: House) -> None:
    asked = await without_a_video(house)
    form = await house.ann.click(asked.response.message, label="Add images")
    await house.ann.submit_modal(form, {upload_of(form): [("one.png", a_png())]})
    assert labels(asked.response)[0] == "From these images (80)"
    await house.ann.click(asked.response.message, label="From these images (80)")
    assert await made(house) == ("nb2-edit", 80)


async def test_defaults_of_the_server_and_the_member_hold_where_an_order_names_no_model(house: House) -> None:
    await house.moderator.slash(house.channel, "policy defaults", model="nb2-text")
    await without_a_video(house)
    assert await made(house) == ("nb2-text", 80)  # it was expected, so nothing was asked
    await house.imagine()  # the default can't read a video
    card: Any = await house.ann.slash(house.channel, "preferences")
    await house.ann.select(card.response.message, ["nb2-dev"], custom_id="prefer:model")
    preferences = await house.app.bot.services.preferences.of_member(house.ann.id)
    assert preferences.model == "nb2-dev"
    assert await made(house, count=2) == ("nb2-dev", 150)


async def test_a_server_forbids_a_model_and_says_so(house: House) -> None:
    await house.moderator.slash(house.channel, "policy limit model", model="nb2-text", allowed=False)
    refused = await house.imagine(model="nb2-text", **WORDS_ALONE)
    assert "This server does not allow this model." in words_of(refused.response)
    assert await house.jobs() == []
    asked = await without_a_video(house)
    assert "Which video?" in words_of(asked.response)
    await house.moderator.slash(house.channel, "policy limit model", model="nb2-text", allowed=True)
    await house.imagine(model="nb2-text", **WORDS_ALONE)
    assert await made(house) == ("nb2-text", 80)


async def test_an_order_for_a_model_that_is_closed_offers_the_next_one_at_its_price_and_orders_nothing(
    house: House,
) -> None:
    closed = house.app.pipeline.closed_models
    await closed.failed("nb2-dev", Failure.MODEL)
    refused = await house.imagine()  # no other model that is on reads a video
    assert "Nano Banana 2 makes no images now" in words_of(refused.response)
    await closed.failed("nb2-text", Failure.MODEL)
    asked = await house.imagine(model="nb2-text", **WORDS_ALONE)
    assert "Nano Banana 2 Text makes no images now" in words_of(asked.response)
    assert await house.jobs() == []


async def test_where_a_model_is_closed_the_next_one_is_offered_at_its_price_also_under_old_images(
    tmp_path: Path,
) -> None:
    file = tmp_path / "models.toml"
    file.write_text(DEARER)
    async with open_house(tmp_path, models_file=file, confirm_from_credits=NEVER_ASK, starting_credits=2_000) as house:
        message, _ = await house.a_result()
        await house.app.pipeline.closed_models.failed("nb2-dev", Failure.MODEL)
        asked = await house.imagine()
        words = "Nano Banana 2 is not offered now. This is an order for Nano Banana 2 Standard."
        assert words in words_of(asked.response)
        await house.ann.click(asked.response.message, label="Create (270)")
        assert await made(house, count=2) == ("nb2", 270)
        refused = await house.ann.click(message, label="Again (150)")
        assert "The price was" in words_of(refused.response) or "270" in words_of(refused.response)
        assert len(await house.jobs()) == 2
        form = await house.ann.click(message, label="Trim (150)")
        asked = await house.ann.submit_modal(form, {"start": "0:20", "end": "0:22"})
        assert words in words_of(asked.response)
        assert len(await house.jobs()) == 2


async def test_image_search_is_no_option_until_the_operator_turns_it_on(tmp_path: Path) -> None:
    def options(of: House) -> list[str]:
        command = of.app.bot.tree.get_command("imagine")
        assert isinstance(command, discord.app_commands.Command)
        return [parameter.name for parameter in command.parameters]

    async with open_house(tmp_path) as house:
        assert "image_search" not in options(house)
    file = tmp_path / "models.toml"
    file.write_text(DEARER)
    changes: dict[str, Any] = {"models_file": file, "image_search": True, "confirm_from_credits": NEVER_ASK}
    async with open_house(tmp_path / "other", **changes) as other:
        assert "image_search" in options(other)
        refused = await other.imagine(image_search=True)
        assert "Nano Banana 2 does not offer image search" in words_of(refused.response)
        await other.imagine(model="nb2", image_search=True)
        assert await made(other) == ("nb2", 284)
        assert list(other.standin.submits)[-1].body["enable_image_search"] is True


async def test_usage_says_what_each_model_has_cost(house: House) -> None:
    await house.a_result()
    await house.imagine(model="nb2-text", **WORDS_ALONE)
    await house.ended(count=2)
    answer = await house.moderator.slash(house.channel, "usage")
    words = "By model, with their images: Nano Banana 2 150 credits (1), Nano Banana 2 Text 80 credits (1)."
    assert words in words_of(answer.response)
