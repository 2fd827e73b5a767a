"""An entry in the menu of each message: a member begins an order where the video is."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.discord.client import StillframeBot
from bot.domain.errors import NoVideoHere
from cogs.orders.choices import ChooseSelect, offer
from cogs.orders.order_form import OrderForm
from cogs.orders.order_request import check_clip, check_open
from cogs.orders.seen_videos import SeenVideo, videos_in
from cogs.shared.caller import caller_of, check_may_post, where_offered
from cogs.shared.menus import MenuCog


class StartCog(MenuCog):
    def __init__(self, bot: StillframeBot) -> None:
        menu = app_commands.ContextMenu(name=locale_str("Imagine from this video"), callback=self.imagine)
        menu.allowed_contexts, menu.allowed_installs = where_offered(bot.services)
        super().__init__(bot, menu)

    async def imagine(self, interaction: discord.Interaction, message: discord.Message) -> None:
        check_open(interaction)
        check_may_post(caller_of(interaction))
        found = await videos_in(interaction, message)
        if not found:
            raise NoVideoHere
        if len(found) == 1:
            await _open_form(interaction, found[0])
            return

        async def chosen(press: discord.Interaction, places: list[int]) -> None:
            check_open(press)
            await _open_form(press, found[places[0]])

        await offer(interaction, [each.name for each in found], chosen, most=1)


async def _open_form(interaction: discord.Interaction, seen: SeenVideo) -> None:
    check_clip(seen.request)
    await interaction.response.send_modal(OrderForm(interaction, seen.request))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(StartCog(bot))
    bot.add_dynamic_items(ChooseSelect)
