"""The star under an image, and `/gallery`, which sets the channel where a server shows images that were starred."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.cards import actions
from bot.discord.client import StillframeBot
from bot.domain.revision import set_to
from bot.domain.rights import TO_POST_IMAGES
from cogs.policy.change import moderated_server, tell_revision
from cogs.results import history_cards
from cogs.results.gallery import show_in_gallery
from cogs.results.show_job import check_may_use
from cogs.shared.acts import tell_done
from cogs.shared.buttons import JOB_ID, JobButton
from cogs.shared.caller import bot_of, services_of, wallet_of
from cogs.shared.rights import check_rights_in


class StarButton(JobButton, template=actions.STAR_ID.format(job_id=JOB_ID)):
    """The button stars the image for the member who presses it; a second press takes the star away."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await check_may_use(interaction, await services_of(interaction).ordering.job(self.job_id))
        favourites = services_of(interaction).favourites
        guild_id = wallet_of(interaction).guild_id
        starred = await favourites.star(self.job_id, guild_id=guild_id, member_id=interaction.user.id)
        await tell_done(interaction, lambda: history_cards.starred(now=starred.now, count=starred.count))
        if starred.now:
            await show_in_gallery(bot_of(interaction), starred.job, interaction.id)


@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_contexts(guilds=True)
@app_commands.allowed_installs(guilds=True)
class GalleryCog(
    commands.GroupCog, name="gallery", description=locale_str("A channel that shows what members starred.")
):
    @app_commands.command(name=locale_str("channel"), description=locale_str("Show starred images in this channel."))
    @app_commands.rename(channel=locale_str("channel"))
    @app_commands.describe(channel=locale_str("Where each starred public image is shown, once."))
    async def channel(self, interaction: discord.Interaction, channel: discord.TextChannel) -> None:
        guild_id = moderated_server(interaction)
        check_rights_in(channel, TO_POST_IMAGES)
        rules = services_of(interaction).rules
        changes = await rules.revise(guild_id, {"gallery_channel": set_to(channel.id)}, actor=interaction.user.id)
        await tell_revision(interaction, changes, card=lambda: history_cards.gallery_set(channel.id))

    @app_commands.command(name=locale_str("off"), description=locale_str("Show no more starred images."))
    async def off(self, interaction: discord.Interaction) -> None:
        guild_id = moderated_server(interaction)
        rules = services_of(interaction).rules
        changes = await rules.revise(guild_id, {"gallery_channel": set_to(None)}, actor=interaction.user.id)
        await tell_revision(interaction, changes, card=lambda: history_cards.gallery_off(was_on=bool(changes)))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(GalleryCog())
    bot.add_dynamic_items(StarButton)
