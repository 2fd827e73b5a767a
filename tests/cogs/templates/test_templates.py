"""Members and moderators use `/templates`."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from simcord.actors import MemberActor

from bot.domain.discord_limits import CHOICES_LIMIT
from bot.domain.recipe import Shape, Size
from bot.domain.template import FILE_LIMIT_BYTES, OWN_LIMIT, SERVER_LIMIT, Listed, Origin, Template, write_file
from bot.services.orders.templates import Templates
from cogs.templates.cards import PER_PAGE, page_of
from tests.support.factories import clip_of, sql
from tests.support.house import LINK, House, pressable, words_of

HERO = Template(name="Hero", frame="[HERO] on a hill", shape=Shape.POSTER, size=Size.K2, blurb="For heroes")


def templates(house: House) -> Templates:
    return house.app.bot.services.templates


async def give(house: House, owner: MemberActor, *given: Template) -> None:
    for template in given:
        await templates(house).save(template, guild_id=house.guild.id, member_id=owner.id)


async def bring(house: House, owner: MemberActor, *many: Template) -> None:
    """Imports all of them at once from a file."""
    await templates(house).import_(write_file(many), guild_id=house.guild.id, member_id=owner.id)


async def command(house: House, actor: MemberActor, name: str, /, **options: Any) -> Any:
    return await actor.slash(house.channel, f"templates {name}", **options)


def read(answer: Any) -> str:
    """The words that the member reads last. Only that member sees them."""
    message = answer.followups[-1] if answer.followups else answer.response
    assert message.ephemeral
    return words_of(message)


def labels(modal: Any) -> dict[str, str]:
    """The label of each field of a form, by the field's id."""
    return {each["component"]["custom_id"]: each["label"] for each in modal["components"]}


def first_use(message: Any) -> str:
    """The custom id of the first button to use a template."""
    return next(str(each["custom_id"]) for each in pressable(message) if each.get("label") == "Use")


async def names_in_file(answer: Any) -> list[str]:
    (file,) = answer.response.attachments
    return [each["name"] for each in json.loads(await file.read())["templates"]]


async def test_a_member_browses_and_uses_a_template_also_after_a_restart(house: House) -> None:
    shown: Any = await command(house, house.ann, "browse")
    assert shown.ephemeral
    words = words_of(shown.response)
    assert "Templates, page 1 of 3" in words
    assert "**YouTube thumbnail** · built in" in words
    assert "To fill in: `PROMPT`, `HEADLINE`" in words
    assert "16:9 · 1K · 150 credits" in words
    assert {"shape_16x9.png", "shape_9x16.png", "shape_2x3.png", "shape_4x3.png", "shape_4x5.png"} == {
        each.filename for each in shown.response.attachments
    }
    assert shown.response.attachments[0].description == "A frame of the shape 16:9: YouTube thumbnail"
    await house.env.restart_bot()
    await house.ann.click(shown.response.message, label="More")
    assert "page 2 of 3" in words_of(shown.response)
    assert "Infographic" in words_of(shown.response)
    await house.ann.click(shown.response.message, label="Back")
    form = await house.ann.click(shown.response.message, custom_id="template:youtube-thumbnail")
    assert form.modal
    assert form.modal["title"] == "YouTube thumbnail"
    assert labels(form.modal) == {
        "video": "Video", "start": "Start", "end": "End", "blank:1": "What should the image show?",
        "blank:2": "Headline",
    }  # fmt: skip
    asked: Any = await house.ann.submit_modal(
        form, {"video": LINK, "start": "0:14-0:17", "blank:1": "Our goal", "blank:2": "3:2 [PROMPT]"}
    )
    await house.ann.click(asked.response.message, label="Create (150)")
    (job,) = await house.ended()
    assert job.recipe.prompt.startswith("Our goal\n\nCompose")
    assert '"3:2 [PROMPT]"' in job.recipe.prompt
    assert (job.recipe.shape, job.recipe.size) == (Shape.WIDE, Size.K1)
    assert (clip_of(job.recipe).span.start, clip_of(job.recipe).span.end) == (14, 17)


async def test_a_template_of_four_blanks_takes_the_moment_behind_the_link(house: House) -> None:
    shown: Any = await command(house, house.ann, "browse")
    for _ in range(2):
        if "Action figure" not in words_of(shown.response):
            await house.ann.click(shown.response.message, label="More")
    form = await house.ann.click(shown.response.message, custom_id="template:action-figure")
    assert form.modal
    assert (
        form.modal["components"][0]["description"] == "A link, and behind it the moment: 0:14-0:17. Or leave it empty."
    )
    assert len(form.modal["components"]) == 5
    values = {f"blank:{number}": f"words {number}" for number in range(1, 5)}
    refused = await house.ann.submit_modal(form, {"video": "nothing", **values})
    assert "Nothing was charged" in read(refused)
    form = await house.ann.click(shown.response.message, custom_id="template:action-figure")
    asked: Any = await house.ann.submit_modal(form, {"video": f"{LINK} 1:00-1:05", **values})
    await house.ann.click(asked.response.message, label="Create (150)")
    (job,) = await house.ended()
    assert (clip_of(job.recipe).span.start, clip_of(job.recipe).span.end) == (60, 65)
    form = await house.ann.click(shown.response.message, custom_id="template:action-figure")
    empty = await house.ann.submit_modal(form, {"video": LINK, **values, "blank:2": "  "})
    assert "needs words for `[BOX TITLE]`" in read(empty)
    assert len(await house.jobs()) == 1


async def test_a_member_saves_an_image_as_a_template_finds_it_and_deletes_it(house: House) -> None:
    await house.imagine(prompt="A knight in a castle", shape="2:3", size="2k")
    (job,) = await house.ended()
    message = house.channel.last_message
    assert message
    form: Any = await command(house, house.ann, "save", job=job.id, name=" Knight ")
    assert form.modal["components"][0]["component"]["value"] == "A knight in a castle"
    saved = await house.ann.submit_modal(form, {"frame": "[HERO] in a castle", "blurb": "Old\nstones"})
    assert "Saved as `Knight`" in read(saved)
    found = await templates(house).find("KNIGHT", guild_id=house.guild.id, member_id=house.ann.id)
    assert found == Template(
        name="Knight", frame="[HERO] in a castle", shape=Shape.POSTER, size=Size.K2, blurb="Old stones"
    )
    assert "a template `knight` already" in read(await command(house, house.ann, "save", job=job.id, name="knight"))
    link = f"https://discord.com/channels/{house.guild.id}/{house.channel.id}/{message.id}"
    form = await command(house, house.ann, "save", job=link, name="Other")
    too_many = await house.ann.submit_modal(form, {"frame": "[A][B][C][D][E]"})
    assert "This has 5 blanks" in read(too_many)
    shown: Any = await command(house, house.ann, "browse")
    assert "**`Knight`** · yours\n`Old stones`" in words_of(shown.response)
    use = first_use(shown.response)
    deleted = await command(house, house.ann, "delete", name="knight")
    assert "[HERO] in a castle" in read(deleted)
    assert "no longer here" in read(await house.ann.click(shown.response.message, custom_id=use))
    assert "no template `knight`" in read(await command(house, house.ann, "delete", name="knight"))


async def test_what_is_no_image_of_the_members_own_is_not_saved(house: House) -> None:
    await house.imagine(house.moderator)
    (job,) = await house.ended()
    for text in (job.id, "hello", "123", "9" * 19, "https://discord.com/channels/1/2/3"):
        assert "can't find an image of yours" in read(await command(house, house.ann, "save", job=text, name="X"))


async def test_moderators_publish_and_unpublish_and_others_may_not(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.services.orders.templates")
    await give(house, house.ann, HERO.model_copy(update={"frame": "Plain words", "blurb": "", "shape": None}))
    await give(house, house.moderator, HERO.model_copy(update={"name": "HERO"}))
    for name in ("publish", "unpublish"):
        assert "may manage the server" in read(await command(house, house.ann, name, name="Hero"))
    assert "Everybody in this server can use `HERO`" in read(
        await command(house, house.moderator, "publish", name="hero")
    )
    assert f"template 'HERO' published in server {house.guild.id} by {house.moderator.id}" in caplog.text
    browsed: Any = await command(house, house.ann, "browse")
    assert browsed.response.attachments[0].description == "No shape of its own: the model picks."
    shown = words_of(browsed.response)
    assert "**`Hero`** · yours\n`Plain words`" in shown
    assert "Nothing to fill in.\n-# any shape · 2K · 190 credits" in shown
    assert "**`HERO`** · of this server" in shown
    where = {"guild_id": house.guild.id, "member_id": house.ann.id}
    assert (await templates(house).find("hero", **where)).name == "Hero"  # one's own goes first
    await command(house, house.ann, "delete", name="hero")
    assert (await templates(house).find("hero", **where)).name == "HERO"
    assert "no template" in read(await command(house, house.ann, "delete", name="hero"))  # the server's is not hers
    await give(house, house.moderator, HERO)
    assert "server has a template `Hero` already" in read(await command(house, house.moderator, "publish", name="hero"))
    back = read(await command(house, house.moderator, "unpublish", name="hero"))
    assert f"back to <@{house.moderator.id}>, as `HERO 2`" in back
    assert f"by {house.moderator.id}, to {house.moderator.id}" in caplog.text
    assert "no template" in read(await command(house, house.moderator, "unpublish", name="hero"))


async def test_templates_of_another_member_or_server_are_not_seen_or_used(house: House) -> None:
    await give(house, house.moderator, HERO)
    shown: Any = await command(house, house.moderator, "browse")
    use = first_use(shown.response)
    assert "Hero" not in words_of((await command(house, house.ann, "browse")).response)
    other = house.env.create_guild("Other")
    there = other.add_member(house.env.create_user("zoe"))
    for guild_id, member_id in ((house.guild.id, house.ann.id), (other.id, there.id)):
        listed = await templates(house).visible(guild_id=guild_id, member_id=member_id)
        assert use.removeprefix("template:") not in {each.key for each in listed}


async def test_a_file_carries_templates_into_another_server(house: House) -> None:
    assert "Neither you nor this server has a template yet" in read(await command(house, house.ann, "export"))
    await give(house, house.ann, HERO)
    await give(house, house.moderator, HERO.model_copy(update={"name": "Poster", "blurb": ""}))
    await command(house, house.moderator, "publish", name="Poster")
    exported: Any = await command(house, house.ann, "export")
    assert await names_in_file(exported) == ["Hero", "Poster"]
    assert await names_in_file(await command(house, house.ann, "export", name="hero")) == ["Hero"]
    assert await names_in_file(await command(house, house.ann, "export", name="story")) == ["Story or short cover"]
    assert "no template `nothing`" in read(await command(house, house.ann, "export", name="nothing"))
    file = ("mine.json", await exported.response.attachments[0].read())
    other = house.env.create_guild("Other")
    channel, there = other.create_text_channel("images"), other.add_member(house.ann_user)
    imported = await there.slash(channel, "templates import", file=file)
    assert "2 templates were added to yours: `Hero`, `Poster`" in read(imported)
    assert "Nothing was added" in read(await there.slash(channel, "templates import", file=file))
    changed = file[1].replace(b"on a hill", b"on a horse")
    again = await there.slash(channel, "templates import", file=("mine.json", changed))
    assert "2 templates were added to yours: `Hero 2`, `Poster 2`" in read(again)


async def test_a_file_that_is_not_whole_imports_nothing(house: House) -> None:
    fine = {"name": "Fine", "frame": "x"}
    files = {
        b"not json": "I can't read this file",
        json.dumps({"stillframe_templates": 1, "templates": [fine, {**fine, "shape": "7:7"}]}).encode(): (
            "The first such place: `templates, 2, shape`"
        ),
        bytes(FILE_LIMIT_BYTES + 1): "a file of templates has at most 4 MB",
        json.dumps(
            {"stillframe_templates": 1, "templates": [{**fine, "name": f"{n}"} for n in range(OWN_LIMIT + 1)]}
        ).encode(): "You may have 50 templates",
    }
    for data, words in files.items():
        assert words in read(await command(house, house.ann, "import", file=("x.json", data)))
    assert "Fine" not in words_of((await command(house, house.ann, "browse")).response)


async def test_names_are_suggested_while_they_are_typed(house: House) -> None:
    await give(house, house.ann, HERO, HERO.model_copy(update={"name": "Story or short cover"}))
    await give(house, house.moderator, HERO.model_copy(update={"name": "Server hero"}))
    await command(house, house.moderator, "publish", name="Server hero")

    async def suggested(name: str, text: str) -> list[str]:
        choices = await house.ann.autocomplete(house.channel, f"templates {name}", "name", text)
        return [choice["value"] for choice in choices]

    assert await suggested("delete", "") == ["Hero", "Story or short cover"]
    assert await suggested("publish", "HER") == ["Hero"]
    assert await suggested("unpublish", "") == ["Server hero"]
    assert await suggested("export", "hero") == ["Hero", "Server hero"]
    assert await suggested("export", "story") == ["Story or short cover"]  # its own hides the built-in one
    assert "youtube-thumbnail" in await suggested("export", "tube")


async def test_no_more_templates_than_fit(house: House) -> None:
    await bring(house, house.ann, *[HERO.model_copy(update={"name": f"H{number}"}) for number in range(OWN_LIMIT)])
    await house.imagine()
    (job,) = await house.ended()
    full = await command(house, house.ann, "save", job=job.id, name="One more")
    assert "You may have 50 templates" in read(full)
    choices = await house.ann.autocomplete(house.channel, "templates export", "name", "")
    assert len(choices) == CHOICES_LIMIT
    for first in range(0, SERVER_LIMIT, OWN_LIMIT):
        many = [HERO.model_copy(update={"name": f"S{first + number}"}) for number in range(OWN_LIMIT)]
        await bring(house, house.moderator, *many)
        await house.app.store.run(
            sql("UPDATE templates SET published = 1 WHERE member_id = :id", id=house.moderator.id)
        )
    await give(house, house.moderator, HERO)
    assert "This server has 100 templates" in read(await command(house, house.moderator, "publish", name="Hero"))


def test_a_page_that_is_gone_shows_the_last_one() -> None:
    listed = [Listed(str(number), Origin.OWN, HERO) for number in range(PER_PAGE + 1)]
    assert page_of(listed, 99).number == 1
    assert [each.key for each in page_of(listed, 99).listed] == [str(PER_PAGE)]
