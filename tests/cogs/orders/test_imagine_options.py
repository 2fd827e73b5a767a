"""`/imagine` takes more than a link and a prompt: images, styles, mixed up fields, direct messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from simcord import interactions

from bot.domain.errors import DatabaseUnavailable
from bot.domain.recipe import Shape, Size
from bot.domain.template import Template
from bot.domain.wallet import WalletKey
from bot.storage.credits import ledger
from tests.support.factories import clip_of, sql
from tests.support.house import LINK, House, a_png, open_house, words_of

FILE_UPLOAD = 19  # Discord's number of this kind of component
POSTER = Template(name="Poster", frame="A poster of [HERO NAME], [MOOD]", shape=Shape.POSTER, size=Size.K2)
NOIR = Template(name="Noir", frame="[PROMPT], as a film noir")
PLAIN = Template(name="Plain", frame="A plain still", shape=Shape.WIDE)


def fields(form: Any) -> dict[str, str]:
    """The custom id of each field, by its label."""
    return {each["label"]: each["component"]["custom_id"] for each in form.modal["components"]}


async def keep(house: House, *templates: Template) -> None:
    for template in templates:
        await house.app.bot.services.templates.save(template, guild_id=house.guild.id, member_id=house.ann.id)


# --- images ---------------------------------------------------------------------------------------------------


async def test_images_are_asked_for_in_a_form_and_go_along_beside_those_in_the_tray(house: House) -> None:
    references = house.app.bot.services.references
    collected = await references.keep(a_png(width=200), name="logo.png")
    await references.collect(house.wallet(), [collected])
    form = await house.imagine(images=True)
    (upload,) = fields(form).values()
    answer = await house.ann.submit_modal(form, {upload: [("a.png", a_png(width=80)), ("b.png", a_png(width=81))]})
    assert not answer.ephemeral
    (job,) = await house.ended()
    assert [each.name for each in job.recipe.references] == ["logo.png", "a.png", "b.png"]
    images: Any = house.standin.submits[0].body["images"]
    assert len(images) == 3
    assert await references.tray(house.wallet()) == ()


async def test_the_tray_is_used_by_the_next_order_and_empty_after_it(house: House) -> None:
    references = house.app.bot.services.references
    await references.collect(house.wallet(), [await references.keep(a_png(width=200), name="logo.png")])
    await house.imagine(start="soon")  # an order that fails leaves the tray as it is
    await house.imagine()
    await house.imagine()
    first, second = await house.ended(count=2)
    assert (len(first.recipe.references), len(second.recipe.references)) == (1, 0)


async def test_a_tray_that_can_not_be_emptied_does_not_fail_an_order_that_is_placed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    references = house.app.bot.services.references
    await references.collect(house.wallet(), [await references.keep(a_png(width=200), name="logo.png")])

    async def full(_member_id: int) -> int:
        raise DatabaseUnavailable(detail="disk full")

    monkeypatch.setattr(type(references), "clear", lambda _self, member_id: full(member_id))
    answer = await house.imagine()
    assert answer.followups == []
    await house.ended()


async def test_ten_images_are_as_many_as_go_along(house: House) -> None:
    references = house.app.bot.services.references
    kept = [await references.keep(a_png(width=200 + number), name="x.png") for number in range(9)]
    await references.collect(house.wallet(), kept)
    form = await house.imagine(images=True)
    (upload,) = fields(form).values()
    refused = await house.ann.submit_modal(form, {upload: [("a.png", a_png(width=80)), ("b.png", a_png(width=81))]})
    assert refused.ephemeral
    assert "11 reference images" in words_of(refused.response)
    assert "Of your files, 1 of 2 are in your tray" in words_of(refused.response)
    assert len(await references.tray(house.wallet())) == 10


async def test_an_image_that_is_none_is_refused_privately_and_the_public_answer_disappears(house: House) -> None:
    form = await house.imagine(images=True)
    (upload,) = fields(form).values()
    answer = await house.ann.submit_modal(form, {upload: [("a.png", b"no image")]})
    assert answer.response is None
    assert answer.followups[0].ephemeral
    assert await house.jobs() == []


async def test_a_form_is_not_opened_for_an_order_that_can_not_be_made(house: House) -> None:
    refused = await house.imagine(images=True, start="soon")
    assert refused.modal is None
    assert "I can't read `soon`" in words_of(refused.response)


async def test_a_form_is_not_opened_while_the_shop_is_closed(tmp_path: Path) -> None:
    async with open_house(tmp_path, supplier_balance_warn_usd=1_000_000) as house:
        await house.until(house.closed)
        for options in ({"images": True}, {"prompt": None}):
            refused = await house.imagine(**options)
            assert refused.modal is None
            assert "No new images are made just now" in words_of(refused.response)


# --- styles ---------------------------------------------------------------------------------------------------


async def test_a_style_asks_for_its_blanks_and_gives_its_shape_and_size(house: House) -> None:
    await keep(house, POSTER)
    form = await house.imagine(prompt=None, style="poster")
    hero, mood = fields(form).values()
    assert list(fields(form)) == ["Hero name", "Mood"]
    await house.ann.submit_modal(form, {hero: "Ann [MOOD]", mood: "calm"})
    (job,) = await house.ended()
    assert (job.recipe.prompt, job.recipe.shape, job.recipe.size) == (
        "A poster of Ann [MOOD], calm", Shape.POSTER, Size.K2
    )  # fmt: skip


async def test_a_style_and_images_are_one_form_and_what_the_order_says_goes_first(house: House) -> None:
    await keep(house, POSTER)
    form = await house.imagine(prompt="In blue.", style="Poster", size="1k", shape="1:1", images=True)
    hero, mood, upload = fields(form).values()
    await house.ann.submit_modal(form, {hero: "Ann", mood: "calm", upload: [("a.png", a_png())]})
    (job,) = await house.ended()
    assert (job.recipe.prompt, job.recipe.shape, job.recipe.size, len(job.recipe.references)) == (
        "A poster of Ann, calm\n\nIn blue.", Shape.SQUARE, Size.K1, 1
    )  # fmt: skip


async def test_a_prompt_fills_the_blank_that_stands_for_it_and_no_form_is_needed(house: House) -> None:
    await keep(house, NOIR, PLAIN)
    await house.imagine(prompt="A street", style="Noir")
    await house.imagine(prompt=None, style="Plain")
    first, second = await house.ended(count=2)
    assert (first.recipe.prompt, second.recipe.prompt) == ("A street, as a film noir", "A plain still")
    form = await house.imagine(prompt=None, style="Noir")
    assert list(fields(form)) == ["What should the image show?"]


async def test_a_style_that_nobody_has_is_refused_and_those_there_are_are_suggested(house: House) -> None:
    refused = await house.imagine(style="Unheard of")
    assert "`Unheard of`" in words_of(refused.response)
    await keep(house, POSTER)
    choices = await house.ann.autocomplete(house.channel, "imagine", "style", "post")
    assert {"name": "Poster", "value": "Poster"} in [{key: each[key] for key in ("name", "value")} for each in choices]


# --- videos that were used before -------------------------------------------------------------------------------


async def test_the_last_videos_are_suggested_behind_what_is_being_typed(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=3_000) as house:
        await house.imagine(prompt="A poster of the chorus " + "x" * 60)
        await house.imagine(prompt="A street", video="https://youtu.be/aaaaaaaaaaa?t=5")
        await house.imagine(prompt="A street again", video="https://youtu.be/aaaaaaaaaaa?t=9")
        await house.ended(count=3)
        choices = await house.ann.autocomplete(house.channel, "imagine", "video", "")
        assert [each["value"] for each in choices] == ["https://youtu.be/aaaaaaaaaaa", LINK]
        assert choices[0]["name"] == "A street again · youtu.be/aaaaaaaaaaa"
        assert choices[1]["name"].startswith("A poster of the chorus xxx")
        assert "… · youtu.be/dQw4w9WgXcQ" in choices[1]["name"]

        choices = await house.ann.autocomplete(house.channel, "imagine", "video", "chorus")
        assert [each["value"] for each in choices] == ["chorus", LINK]
        assert await house.ann.autocomplete(house.channel, "imagine", "video", "x" * 101) == []
        assert await house.moderator.autocomplete(house.channel, "imagine", "video", "") == []


async def test_suggestions_that_can_not_be_had_are_no_error(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_member_id: int) -> None:
        raise DatabaseUnavailable(detail="locked")

    history = house.app.bot.services.history
    monkeypatch.setattr(type(history), "recent_videos", lambda _self, member_id: broken(member_id))
    choices = await house.ann.autocomplete(house.channel, "imagine", "video", LINK)
    assert [each["value"] for each in choices] == [LINK]


# --- fields mixed up ----------------------------------------------------------------------------------------------


async def test_an_order_typed_into_the_prompt_alone_is_made(house: House) -> None:
    await house.imagine(prompt=f"{LINK} 0:14-0:17 A poster", video=None, start=None)
    (job,) = await house.ended()
    assert (job.recipe.prompt, clip_of(job.recipe).span.start, clip_of(job.recipe).span.end) == ("A poster", 14, 17)


# --- direct messages, and servers without the bot ---------------------------------------------------------------


async def test_in_direct_messages_a_wallet_of_no_server_pays(tmp_path: Path) -> None:
    async with open_house(tmp_path, direct_messages=True) as house:
        visitor = house.env.create_user("visitor")
        assert {"imagine", "preferences", "credits balance"} <= set(visitor.available_commands())
        assert "bank grant" not in visitor.available_commands()
        answer: Any = await visitor.slash("imagine", prompt="A poster", video=LINK)
        (job,) = await house.ended()
        assert job.wallet == WalletKey(0, visitor.id)
        assert len(answer.response.attachments) == 1
        balance = await house.app.store.read(ledger.balance(WalletKey(0, visitor.id)))
        assert balance
        assert balance.available == 150
        assert "You have 150 credits" in words_of((await visitor.slash("credits balance")).response)


async def test_what_was_ordered_in_direct_messages_comes_there_when_its_answer_is_gone(tmp_path: Path) -> None:
    async with open_house(tmp_path, direct_messages=True) as house:
        visitor = house.env.create_user("visitor")
        house.app.bot.services.breaker.check()
        await house.app.store.run(
            sql("CREATE TRIGGER dead AFTER INSERT ON jobs BEGIN UPDATE jobs SET token_until = 0 WHERE id = new.id; END")
        )
        await visitor.slash("imagine", prompt="A poster", video=LINK)
        (job,) = await house.ended()
        assert job.result_id
        messages = visitor.dm_channel.history()
        assert sum(len(message.attachments) for message in messages) == 1


async def test_in_a_server_without_the_bot_the_wallet_of_no_server_pays_and_no_rights_are_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_member = interactions.base_payload

    def taken_along(*given: Any, **facts: Any) -> Any:
        record, payload = as_member(*given, **facts)
        return record, {
            **payload,
            "authorizing_integration_owners": {"1": str(facts["user_id"])},
            "app_permissions": "0",
        }

    monkeypatch.setattr(interactions, "base_payload", taken_along)
    async with open_house(tmp_path / "on", direct_messages=True) as house:
        await house.imagine()
        (job,) = await house.ended()
        assert job.wallet == WalletKey(0, house.ann.id)
    async with open_house(tmp_path / "off") as house:
        refused = await house.imagine()
        assert "works in a server" in words_of(refused.response)


async def test_the_option_for_the_end_names_the_length_in_force(tmp_path: Path) -> None:
    async with open_house(tmp_path, default_span_seconds=12) as house:
        imagine: Any = house.app.bot.tree.get_command("imagine")
        (end,) = [each for each in imagine.parameters if each.name == "end"]
        assert str(end.description).endswith("Without it: the link's end, or 12 s.")
