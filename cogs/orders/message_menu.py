"""An entry in the menu of each message: a member begins an order where the video is."""

from __future__ import annotations

from collections.abc import Iterator

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.discord.client import StillframeBot
from bot.domain.errors import FileTooLarge, NoVideoHere
from bot.domain.intent import first_link
from bot.domain.order import OrderText
from bot.domain.recipe import VIDEO_FILE_LIMIT_BYTES, VideoLink, YouTubeVideo
from bot.domain.timecode import say_time
from bot.domain.video import ParsedLink
from cogs.orders.order_form import OrderForm
from cogs.orders.order_request import OrderRequest, check_open
from cogs.shared.caller import caller_of, check_may_post, where_offered
from cogs.shared.menus import MenuCog

Part = discord.Message | discord.MessageSnapshot


class StartCog(MenuCog):
    def __init__(self, bot: StillframeBot) -> None:
        menu = app_commands.ContextMenu(name=locale_str("Imagine from this video"), callback=self.imagine)
        menu.allowed_contexts, menu.allowed_installs = where_offered(bot.services)
        super().__init__(bot, menu)

    async def imagine(self, interaction: discord.Interaction, message: discord.Message) -> None:
        check_open(interaction)
        check_may_post(caller_of(interaction))
        text, clip = _seen_in(message)
        await interaction.response.send_modal(OrderForm(interaction, OrderRequest(text=text, clip=clip)))


def _seen_in(message: discord.Message) -> tuple[OrderText, discord.Attachment | None]:
    """Read what the message says of an order. A link goes before a file. Raises `NoVideoHere` and `FileTooLarge`."""
    parts: list[Part] = [message, *message.message_snapshots]
    link = next((link for part in parts for text in _texts(part) if (link := first_link(text))), None)
    if link:
        return _order_of(link), None
    clip = next((each for part in parts for each in part.attachments if _is_video(each)), None)
    if clip is None:
        raise NoVideoHere
    if clip.size > VIDEO_FILE_LIMIT_BYTES:
        raise FileTooLarge(limit_bytes=VIDEO_FILE_LIMIT_BYTES, size_bytes=clip.size)
    return OrderText(prompt="", attached=True), clip


def _order_of(link: ParsedLink) -> OrderText:
    match link.video:
        case YouTubeVideo() as video:
            url = video.short_link
        case VideoLink(url=url):
            pass
    return OrderText(
        prompt="",
        video=url,
        start=None if link.start is None else say_time(link.start),
        end=None if link.end is None else say_time(link.end),
    )


def _texts(part: Part) -> Iterator[str]:
    """Return the texts where a reader may see a link: the message's own, those of cards like ours, and previews."""
    yield part.content
    yield from _texts_of_components(part.components)
    for embed in part.embeds:
        yield " ".join(text for text in (embed.url, embed.title, embed.description) if text)


def _texts_of_components(components: object) -> Iterator[str]:
    for component in components if isinstance(components, list) else ():
        if isinstance(component, discord.TextDisplay):
            yield component.content
        yield from _texts_of_components(getattr(component, "children", None))


def _is_video(attachment: discord.Attachment) -> bool:
    return (attachment.content_type or "").startswith("video/")


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(StartCog(bot))
