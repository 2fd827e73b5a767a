"""Reference images: the message command that collects them, and `/tray`, where they wait for the next order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.discord.acts import it_is_done, note_done
from bot.discord.client import StillframeBot
from bot.domain.errors import NoImageHere, NotYours
from bot.domain.recipe import REFERENCES_LIMIT
from bot.text.i18n import number, trn
from cogs.orders import tray_cards
from cogs.orders.choices import offer
from cogs.orders.images import ImageSource, images_of, name_of_source, read_images, thumbnails
from cogs.shared.acts import tell_done
from cogs.shared.buttons import DynamicButton, DynamicSelect
from cogs.shared.caller import services_of, wallet_of
from cogs.shared.choices import chosen
from cogs.shared.menus import BY_SERVERS, IN_SERVERS, MenuCog

MEMBER_ID = r"(?P<member_id>[0-9]{1,20})"


class ReferencesCog(MenuCog):
    def __init__(self, bot: StillframeBot) -> None:
        menu = app_commands.ContextMenu(
            name=locale_str("Use image as reference"),
            callback=self.collect,
            allowed_contexts=IN_SERVERS,
            allowed_installs=BY_SERVERS,
        )
        super().__init__(bot, menu)

    async def collect(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Collect the images of a message. An image that can't be used does not keep the others out."""
        sources = images_of(message)
        if not sources:
            raise NoImageHere
        if len(sources) == 1:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await _collect(interaction, sources)
            return

        async def chosen(press: discord.Interaction, places: list[int]) -> None:
            await press.response.defer()
            await _collect(press, [sources[place] for place in places])

        await offer(interaction, [name_of_source(each) for each in sources], chosen, most=REFERENCES_LIMIT)

    @app_commands.command(
        name="tray", description=locale_str("The reference images that you have collected for your next order.")
    )
    @app_commands.allowed_contexts(guilds=True)
    @app_commands.allowed_installs(guilds=True)
    async def tray(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_tray(interaction)


async def _collect(interaction: discord.Interaction, sources: Sequence[ImageSource]) -> None:
    found, notes = await read_images(interaction, sources)
    tray = await services_of(interaction).references.collect(wallet_of(interaction), found)
    note_done(interaction, it_is_done)
    kept = {reference.sha256 for reference in tray}
    left_out = len({each.sha256 for each in found} - kept)
    await show_tray(interaction, [*notes, _did_not_fit(left_out)] if left_out else notes)


class RemoveSelect(DynamicSelect, template=tray_cards.REMOVE_ID.format(member_id=MEMBER_ID)):
    """The select under a tray takes out the images that are chosen."""

    member_id: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        _check_owner(interaction, self.member_id)
        await interaction.response.defer()
        for sha256 in chosen(self.item, str):
            await services_of(interaction).references.remove(wallet_of(interaction), sha256)
        note_done(interaction, it_is_done)
        await show_tray(interaction)


class ClearButton(DynamicButton, template=tray_cards.CLEAR_ID.format(member_id=MEMBER_ID)):
    """The button under a tray takes out all images."""

    member_id: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        _check_owner(interaction, self.member_id)
        await services_of(interaction).references.clear(wallet_of(interaction))
        await tell_done(interaction, lambda: tray_cards.tray(self.member_id, {}), way="change", without_files=True)


def _check_owner(interaction: discord.Interaction[Any], member_id: int) -> None:
    if interaction.user.id != member_id:
        raise NotYours


async def show_tray(interaction: discord.Interaction[Any], notes: Sequence[str] = ()) -> None:
    """Show the tray in the answer that was deferred: making ten small copies takes longer than Discord waits."""
    member_id = interaction.user.id
    tray = await services_of(interaction).references.tray(wallet_of(interaction))
    names, files = await thumbnails(interaction, tray)
    await interaction.edit_original_response(view=tray_cards.tray(member_id, names, notes), attachments=files)


def _did_not_fit(count: int) -> str:
    return trn(
        "{count} image did not fit: {limit} go along with an order. Remove some, then add it again.",
        "{count} images did not fit: {limit} go along with an order. Remove some, then add them again.",
        count,
    ).format(count=number(count), limit=number(REFERENCES_LIMIT))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(ReferencesCog(bot))
    bot.add_dynamic_items(RemoveSelect, ClearButton)
