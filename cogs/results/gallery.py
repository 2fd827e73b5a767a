"""The server's gallery shows a starred image once, and only where no member can see more through it than before."""

from __future__ import annotations

import logging
from http import HTTPStatus

import discord

from bot.discord import cards
from bot.discord.channels import is_age_restricted
from bot.discord.client import StillframeBot
from bot.discord.media import shows_image_of
from bot.domain.errors import FilesUnavailable
from bot.domain.job import Job, Picture
from bot.services.orders.gallery import Showing
from bot.text.i18n import speaking
from cogs.results.show_job import picture_file
from cogs.shared.answers import DISCORD_TROUBLE

log = logging.getLogger(__name__)

LOOK_BACK_MESSAGES = 200  # messages of the gallery that are searched for an image whose showing was cut off


async def show_in_gallery(bot: StillframeBot, job: Job) -> None:
    """Show the image where the server has a gallery that may show it.

    Errors are only logged: the member who starred the image can do nothing about them.
    """
    services = bot.services
    channel_id = (await services.rules.policy_of(job.wallet.guild_id)).gallery_channel
    channel = channel_id and bot.get_channel(channel_id)
    if not isinstance(channel, discord.TextChannel) or not _may_hold(channel, job):
        return
    showing = await services.gallery.begin(job, channel.id)
    if showing is None:
        return
    try:
        picture = await services.history.picture(job, limit_bytes=channel.guild.filesize_limit)
    except FilesUnavailable as error:
        log.warning("job %s is not shown in gallery %d: %s", job.id, channel.id, error)
        picture = None
    if picture is None:
        await services.gallery.take_back(job.id)
        return
    try:
        message_id = await _find_or_send(bot, channel, job, picture, showing)
    except DISCORD_TROUBLE as error:
        log.warning("job %s is not shown in gallery %d: %s", job.id, channel.id, error)
        if isinstance(error, discord.HTTPException) and error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            await services.gallery.take_back(job.id)
        return  # else Discord may have taken it, and the next star looks for the message first
    await services.gallery.finish(job.id, message_id)


async def _find_or_send(
    bot: StillframeBot, channel: discord.TextChannel, job: Job, picture: Picture, showing: Showing
) -> int:
    found = await _find(bot, showing.channel_id, job) if showing.look_first else None
    if found is not None:
        return found
    services = bot.services
    with speaking(channel.guild.preferred_locale.value):
        card = cards.result(job, picture, pricing=services.pricing, sandbox=services.sandbox)
    message = await channel.send(
        view=card,
        file=picture_file(job, picture),
        nonce=job.id,  # discord.py adds enforce_nonce: two stars at the same moment make one message
        allowed_mentions=discord.AllowedMentions.none(),
    )
    return message.id


async def _find(bot: StillframeBot, channel_id: int, job: Job) -> int | None:
    async for message in bot.get_partial_messageable(channel_id).history(limit=LOOK_BACK_MESSAGES):
        ours = bot.user is not None and message.author.id == bot.user.id
        if ours and shows_image_of(job.id, message):
            return message.id
    return None


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
