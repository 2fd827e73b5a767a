"""Members collect reference images from messages, look at the tray, and pick images in a form."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import discord
import pytest
from discord import ui
from PIL import Image

from bot.domain.errors import TooManyReferences
from bot.domain.recipe import REFERENCE_LIMIT_BYTES
from bot.media.fetch import Fetcher
from cogs.orders import tray_cards
from cogs.orders.images import ShownImage, images_field, images_of, picked_images, read_images
from cogs.shared.buttons import Button
from cogs.shared.forms import Form
from tests.support.house import House, a_png, answer_to, pressable, words_of

MENU = "Use image as reference"
TIFF = b"II*\x00" + bytes(100)


def picture(number: int = 0, file_format: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("RGB", (32, 24), (number, 90, 160)).save(file, file_format)
    return file.getvalue()


def pictures(count: int, *, first: int = 0) -> list[tuple[str, bytes]]:
    return [(f"{number}.png", picture(number)) for number in range(first, first + count)]


async def collect(house: House, *files: tuple[str, bytes]) -> Any:
    message = await house.ann.send(house.channel, "Look", attachments=files)
    return await collect_all(house, message)


async def collect_all(house: House, message: Any) -> Any:
    """Of several images, choose as many as may be chosen."""
    answer: Any = await house.ann.context_menu(house.channel, MENU, message)
    offered = pressable(answer.response.message) if answer.response else []
    if offered and offered[0]["custom_id"].startswith("choose:"):
        values = [each["value"] for each in offered[0]["options"]][: offered[0]["max_values"]]
        await house.ann.select(answer.response.message, values, custom_id=offered[0]["custom_id"])
    return answer


def select_in(message: Any) -> dict[str, Any]:
    return pressable(message)[0]


async def post(house: House, view: ui.LayoutView) -> discord.Message:
    channel = house.app.bot.get_channel(house.channel.id)
    assert isinstance(channel, discord.TextChannel)
    return await channel.send(view=view)


# --- Collecting ---------------------------------------------------------------------------------------


async def test_images_of_several_messages_gather_in_a_private_tray_until_they_are_removed(house: House) -> None:
    empty: Any = await house.ann.slash(house.channel, "tray")
    assert "Use image as reference" in words_of(empty.response)

    await collect(house, ("cat.png", picture(1)), ("notes.txt", b"nothing"))
    second = await collect(house, ("dog.png", picture(2, "JPEG")), ("same cat.png", picture(1)))
    assert second.ephemeral
    assert second.followups == []
    words = words_of(second.response)
    assert "Your reference images: 2 of 10" in words
    assert "1. `cat.png`\n2. `dog.jpg`" in words
    assert "did not fit" not in words
    assert len(second.response.attachments) == 2
    assert [each.description for each in second.response.attachments] == ["cat.png", "dog.jpg"]

    shown: Any = await house.ann.slash(house.channel, "tray")
    assert shown.ephemeral
    assert words_of(shown.response) == words
    await house.env.restart_bot()
    select = select_in(shown.response)
    await house.ann.select(shown.response.message, [select["options"][0]["value"]], custom_id=select["custom_id"])
    assert "1 of 10\n1. `dog.jpg`" in words_of(shown.response)
    assert len(shown.response.attachments) == 1
    await house.ann.click(shown.response.message, label="Remove all")
    assert "No reference images yet" in words_of(shown.response)
    assert shown.response.attachments == []


async def test_a_result_of_ours_is_a_reference_too_and_counted_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord tells its address in the component alone, so it is downloaded as a link."""

    async def download(_: Fetcher, url: str, *, limit_bytes: int) -> bytes:
        found = await house.app.bot.http.get_from_cdn(url)
        assert len(found) <= limit_bytes
        return found

    monkeypatch.setattr(Fetcher, "download_link", download)
    await house.imagine()
    (job,) = await house.ended()
    message = house.channel.last_message
    assert message
    answer = await collect_all(house, message)
    assert "1 of 10" in words_of(answer.response)
    forwarded = await house.ann.forward(message, house.channel)
    again = await house.ann.context_menu(house.channel, MENU, forwarded)
    assert "1 of 10" in words_of(again.response)
    (reference,) = await house.app.bot.services.references.tray(house.wallet())
    assert job.image
    assert job.image.sha256 == reference.sha256


async def test_the_eleventh_image_does_not_fit_and_that_is_said(house: House) -> None:
    await collect(house, *pictures(6))
    answer = await collect(house, *pictures(6, first=5))
    words = words_of(answer.response)
    assert "10 of 10" in words
    assert "1 image did not fit: 10 go along with an order" in words
    assert len(answer.response.attachments) == 10


async def test_one_bad_image_does_not_keep_the_others_out_and_says_why(house: House) -> None:
    answer = await collect(house, ("loop.png", TIFF), ("cat.png", picture()), ("half.png", picture()[:60]))
    words = words_of(answer.response)
    assert "1 of 10" in words
    assert "`loop.png` is a TIFF image" in words
    assert "`half.png` is not a whole image" in words


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "That message shows no image."),
        ([("notes.txt", b"nothing")], "That message shows no image."),
        ([("movie.png", TIFF)], "`movie.png` is a TIFF image."),
        ([("huge.png", a_png() + bytes(REFERENCE_LIMIT_BYTES))], "`huge.png` has 30"),
    ],
)
async def test_a_message_without_an_image_that_can_be_used_is_answered_privately(
    house: House, files: list[tuple[str, bytes]], words: str
) -> None:
    answer = await collect(house, *files)
    assert words in answer_to(answer)
    assert "Nothing was charged." in answer_to(answer)
    assert all(each.ephemeral for each in (answer.response, *answer.followups) if each)
    assert await house.app.bot.services.references.tray(house.wallet()) == ()


async def test_an_image_from_a_private_network_is_not_fetched(house: House) -> None:
    webhook = house.guild.create_webhook(house.channel)
    embed = discord.Embed().set_image(url="http://127.0.0.1/router.png")
    message = await webhook.send(embed=embed, attachments=[("cat.png", picture())])
    answer = await collect_all(house, message)
    assert "1 of 10" in words_of(answer.response)
    assert "`127.0.0.1` is not a place on the public internet" in words_of(answer.response)


async def test_an_attachment_that_discord_has_lost_is_refused(house: House) -> None:
    message = await house.ann.send(house.channel, "Look", attachments=pictures(1))
    house.env.backend.cdn._blobs.clear()
    assert "I can't get the file from `Discord`" in answer_to(
        await house.ann.context_menu(house.channel, MENU, message)
    )


async def test_every_place_in_a_message_where_an_image_is_seen_is_looked_at_once(house: House) -> None:
    webhook = house.guild.create_webhook(house.channel)
    link = discord.Embed(url="https://a.example/page").set_thumbnail(url="https://a.example/link%20to.png?size=1")
    rich = discord.Embed().set_image(url="https://b.example/").set_thumbnail(url="https://b.example/logo.png")
    again = discord.Embed().set_image(url="https://a.example/link%20to.png?size=2")
    message = await webhook.send(embeds=[link, rich, again, discord.Embed(title="words")])
    assert images_of(message) == [
        ShownImage("https://a.example/link%20to.png?size=1", "link to.png"),
        ShownImage("https://b.example/", "image"),
    ]
    view = ui.LayoutView()
    section = ui.Section[ui.LayoutView]("Words", accessory=ui.Thumbnail("https://c.example/thumb.webp"))
    gallery = ui.MediaGallery[ui.LayoutView](discord.MediaGalleryItem("https://c.example/wide.png"))
    view.add_item(ui.Container(section, gallery)).add_item(ui.TextDisplay("More words"))
    assert [source.url for source in images_of(await post(house, view))] == [
        "https://c.example/thumb.webp",
        "https://c.example/wide.png",
    ]


# --- Somebody else --------------------------------------------------------------------------------------


async def test_somebody_elses_tray_can_not_be_changed(house: House) -> None:
    await collect(house, *pictures(1))
    (reference,) = tray = await house.app.bot.services.references.tray(house.wallet())
    view = ui.LayoutView()
    clear = ui.Button[ui.LayoutView](label="Remove all", custom_id=tray_cards.CLEAR_ID.format(member_id=house.ann.id))
    remove = ui.Select[ui.LayoutView](
        custom_id=tray_cards.REMOVE_ID.format(member_id=house.ann.id),
        options=[discord.SelectOption(label="cat", value=reference.sha256)],
    )
    view.add_item(ui.ActionRow(clear)).add_item(ui.ActionRow(remove))
    forged = await post(house, view)  # nobody else sees the real one
    pressed = await house.moderator.click(forged, label="Remove all")
    chosen = await house.moderator.select(forged, [reference.sha256])
    for answer in (pressed, chosen):
        assert "This belongs to somebody else" in answer_to(answer)
        assert answer.ephemeral
    assert await house.app.bot.services.references.tray(house.wallet()) == tray


async def test_a_button_under_the_custom_id_of_the_select_changes_nothing(house: House) -> None:
    await collect(house, *pictures(1))
    view = ui.LayoutView()
    forged = ui.Button[ui.LayoutView](label="Odd", custom_id=tray_cards.REMOVE_ID.format(member_id=house.ann.id))
    view.add_item(ui.ActionRow(forged))
    await house.ann.click(await post(house, view), label="Odd")
    assert len(await house.app.bot.services.references.tray(house.wallet())) == 1


# --- In a form ------------------------------------------------------------------------------------------


class ImagesForm(Form):
    """A form with a field for images, as orders have it."""

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        super().__init__(interaction, "Images")
        self.field = images_field()
        self.add_item(self.field)

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await read_images(interaction, picked_images(self.field))
        words = [*(each.name for each in found.references), *found.left_out]
        await interaction.edit_original_response(content=" ".join(words) or "none")


class OpenForm(ui.DynamicItem[Button], template="open-images-form"):
    @classmethod
    async def from_custom_id(cls, _interaction: Any, item: Any, _match: Any) -> OpenForm:
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(ImagesForm(interaction))


async def test_of_images_picked_in_a_form_a_bad_one_is_named_and_leaves_the_others(house: House) -> None:
    house.app.bot.add_dynamic_items(OpenForm)
    view = ui.LayoutView()
    view.add_item(ui.ActionRow(ui.Button[ui.LayoutView](label="Open", custom_id="open-images-form")))
    message = await post(house, view)

    async def send(*files: tuple[str, bytes]) -> Any:
        shown = await house.ann.click(message, label="Open")
        assert shown.modal
        (label,) = shown.modal["components"]
        assert label["description"] == "Up to 10: PNG, JPEG or WebP, each of 30 MB at most."
        return await house.ann.submit_modal(shown, {label["component"]["custom_id"]: list(files)} if files else {})

    assert (await send()).response.content == "none"
    assert (await send(*pictures(10))).response.content == " ".join(f"{number}.png" for number in range(10))
    huge = ("huge.png", a_png() + bytes(REFERENCE_LIMIT_BYTES))
    for bad, words in ((("loop.png", TIFF), "`loop.png` is a TIFF image"), (huge, "`huge.png` has 30")):
        assert words in answer_to(await send(bad))
        some = (await send(*pictures(2), bad)).response.content
        assert some.startswith("0.png 1.png ")
        assert words in some


async def test_more_images_than_go_along_with_one_order_are_refused_before_any_is_read(house: House) -> None:
    message = await house.ann.send(house.channel, "Look", attachments=pictures(6))
    nobody: Any = None  # it refuses before it asks who wants them
    with pytest.raises(TooManyReferences, match="count=12, limit=10"):
        await read_images(nobody, message.attachments * 2)
