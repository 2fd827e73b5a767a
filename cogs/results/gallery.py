"""The server's gallery shows a starred image once, and only where no member can see more through it than before."""

from __future__ import annotations

import logging

import discord

from bot.discord import cards
from bot.discord.channels import is_age_restricted
from bot.discord.client import StillframeBot
from bot.domain.errors import BeingPosted, DiscordUnavailable, FilesUnavailable, ImageGone
from bot.domain.job import Job, Picture
from bot.domain.showing import Place
from bot.text.i18n import speaking
from cogs.results.show_job import picture_file
from cogs.shared.answers import DISCORD_TROUBLE, is_certain

log = logging.getLogger(__name__)


async def show_in_gallery(bot: StillframeBot, job: Job, interaction_id: int) -> None:
    """Show the image where the server has a gallery that may show it. `interaction_id`: of the star.

    Errors are only logged: the member who starred the image can do nothing about them.
    """
    services = bot.services
    channel_id = (await services.rules.policy_of(job.wallet.guild_id)).gallery_channel
    channel = channel_id and bot.get_channel(channel_id)
    if not isinstance(channel, discord.TextChannel) or not _may_hold(channel, job):
        return
    place = Place(interaction_id=interaction_id, guild_id=channel.guild.id, channel_id=channel.id)
    begun = await services.showings.begin_in_gallery(job, place)
    if begun is None:
        return
    try:
        picture = await services.history.picture(job, limit_bytes=channel.guild.filesize_limit)
    except FilesUnavailable as error:
        log.warning("job %s is not shown in gallery %d: %s", job.id, channel.id, error)
        picture = None
    showing, look_first = begun
    if picture is None:
        await services.showings.withdraw(showing)
        return
    try:
        message_id = await services.showings.find(showing) if look_first else None
        if message_id is None:
            showing = await services.showings.begin_again(showing, place)
            message_id = await _send(bot, channel, job, picture)
        await services.showings.posted(showing, message_id)
    except (ImageGone, BeingPosted) as error:
        log.info("job %s is not shown in gallery %d: %s", job.id, channel.id, error)
    except (*DISCORD_TROUBLE, DiscordUnavailable) as error:
        log.warning("job %s is not shown in gallery %d: %s", job.id, channel.id, error)
        if is_certain(error):
            await services.showings.withdraw(showing)
        # Else Discord may have taken it, and the next star looks for the message first.


async def _send(bot: StillframeBot, channel: discord.TextChannel, job: Job, picture: Picture) -> int:
    services = bot.services
    with speaking(channel.guild.preferred_locale.value):
        card = cards.result(job, picture, pricing=services.pricing, sandbox=services.sandbox)
    message = await channel.send(
        view=card,
        file=picture_file(job, picture),
        nonce=f"g{job.id}",  # discord.py adds enforce_nonce; the job's number alone is the nonce of the result
        allowed_mentions=discord.AllowedMentions.none(),
    )
    return message.id


def _may_hold(gallery: discord.TextChannel, job: Job) -> bool:
    """Say whether the gallery may show the image.

    Each role that sees the gallery must be able to see the channel of the image; the images of a staff room stay in it.
    """
    if job.image and job.image.unsafe and not is_age_restricted(gallery):
        return False
    source = gallery.guild.get_channel_or_thread(job.channel_id)
    if source is None or (isinstance(source, discord.Thread) and source.is_private()):
        return False
    if is_age_restricted(source) and not is_age_restricted(gallery):
        return False
    parent = source.parent if isinstance(source, discord.Thread) else source
    return parent is not None and all(
        parent.permissions_for(role).view_channel or not gallery.permissions_for(role).view_channel
        for role in gallery.guild.roles
    )
