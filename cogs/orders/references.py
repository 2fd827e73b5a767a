"""Reference images: the message command that collects them, and `/tray`, where they wait for the next order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.discord.acts import it_is_done, note_done
from bot.discord.client import StillframeBot
from bot.domain.errors import NoImageHere, NotYours, Refusal
from bot.domain.recipe import REFERENCES_LIMIT, Reference
from bot.text.i18n import number, trn
from bot.text.refusals import say
from cogs.orders import tray_cards
from cogs.orders.images import images_of, read_image, thumbnails
from cogs.shared.acts import tell_done
from cogs.shared.buttons import DynamicButton, DynamicSelect
from cogs.shared.caller import services_of
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
        await interaction.response.defer(ephemeral=True, thinking=True)
        found: list[Reference] = []
        refusals: list[Refusal] = []
        for source in sources[:REFERENCES_LIMIT]:  # one after another, because each may take 30 MB
            try:
                found.append(await read_image(interaction, source))
            except Refusal as refusal:
                refusals.append(refusal)
        if not found:
            raise refusals[0]
        tray = await services_of(interaction).references.collect(interaction.user.id, found)
        note_done(interaction, it_is_done)
        kept = {reference.sha256 for reference in tray}
        left_out = len({each.sha256 for each in found} - kept) + len(sources[REFERENCES_LIMIT:])
        notes = [say(refusal) for refusal in refusals]
        await show_tray(interaction, [*notes, _did_not_fit(left_out)] if left_out else notes)

    @app_commands.command(
        name="tray", description=locale_str("The reference images that you have collected for your next order.")
    )
    @app_commands.allowed_contexts(guilds=True)
    @app_commands.allowed_installs(guilds=True)
    async def tray(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_tray(interaction)


class RemoveSelect(DynamicSelect, template=tray_cards.REMOVE_ID.format(member_id=MEMBER_ID)):
    """The select under a tray takes out the images that are chosen."""

    member_id: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        _check_owner(interaction, self.member_id)
        await interaction.response.defer()
        for sha256 in chosen(self.item, str):
            await services_of(interaction).references.remove(self.member_id, sha256)
        note_done(interaction, it_is_done)
        await show_tray(interaction)


class ClearButton(DynamicButton, template=tray_cards.CLEAR_ID.format(member_id=MEMBER_ID)):
    """The button under a tray takes out all images."""

    member_id: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        _check_owner(interaction, self.member_id)
        await services_of(interaction).references.clear(self.member_id)
        await tell_done(interaction, lambda: tray_cards.tray(self.member_id, {}), way="change", without_files=True)


def _check_owner(interaction: discord.Interaction[Any], member_id: int) -> None:
    if interaction.user.id != member_id:
        raise NotYours


async def show_tray(interaction: discord.Interaction[Any], notes: Sequence[str] = ()) -> None:
    """Show the tray in the answer that was deferred: making ten small copies takes longer than Discord waits."""
    member_id = interaction.user.id
    tray = await services_of(interaction).references.tray(member_id)
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
