"""The rules for who may see which job, and where; and the cards that show a job that exists."""

from __future__ import annotations

import io
from typing import Any

import discord

from bot.discord import cards
from bot.discord.channels import is_age_restricted
from bot.discord.media import shows_image_of
from bot.domain.errors import ImageGone, JobUnknown, NotAgeRestricted, NotYours, StillframeError
from bot.domain.history import may_read, may_see
from bot.domain.job import Job, JobState, Picture
from bot.domain.showing import Place
from bot.domain.wallet import NO_SERVER
from bot.text import refusals
from cogs.results import history_cards
from cogs.shared.answers import DISCORD_TROUBLE, is_certain, quietly, think
from cogs.shared.caller import caller_of, check_may_post, is_here, is_moderator, services_of


async def check_may_see(interaction: discord.Interaction, job: Job | None, *, text: str) -> Job:
    """Check that the asker may see the job.

    Its owner may see it. For other members it must be public or shared, of this server, and from a channel that they
    can look into. Raises `JobUnknown`, which does not say whether there is such a job.
    """
    if job and (job.wallet.member_id == interaction.user.id or await _is_public_to(interaction, job)):
        return job
    raise JobUnknown(text=text)


async def check_may_use(interaction: discord.Interaction[Any], job: Job | None) -> Job:
    """Check that the asker may press a button under an image, whatever the custom id of the button says.

    Others than the owner must be in the job's server, and see the image: in the message of the button, or as in
    `check_may_see`. Raises `NotYours` where they see the image of another server, or of none; else `ImageGone`.
    """
    if job is None:
        raise ImageGone
    if job.wallet.member_id == interaction.user.id:
        return job
    shown = _shows(interaction, job)
    if shown and not is_here(interaction, job):
        raise NotYours
    if shown or await _is_public_to(interaction, job):
        return job
    raise ImageGone


async def _is_public_to(interaction: discord.Interaction[Any], job: Job) -> bool:
    if not is_here(interaction, job) or not may_read(job, asker_id=interaction.user.id):
        return False
    if is_moderator(interaction) or (not job.private and _can_look_into(interaction, job.channel_id)):
        return True
    channels = await services_of(interaction).showings.channels_of(job, asker_id=interaction.user.id)
    return any(_can_look_into(interaction, channel_id) for channel_id in channels)


def _shows(interaction: discord.Interaction[Any], job: Job) -> bool:
    """Say whether the message of the button is ours and shows the image. Its owner may have shared it here.

    Discord sends the message as it has it: its files and author can't be forged, as a custom id may be.
    """
    message, bot = interaction.message, interaction.client.user
    if message is None or bot is None or message.author.id != bot.id:
        return False
    return shows_image_of(job.id, message)


def check_age(interaction: discord.Interaction, job: Job) -> None:
    """Check that an image that is not safe for work is shown where it may be. Raises `NotAgeRestricted`."""
    if job.image and job.image.unsafe and not is_age_restricted(interaction.channel):
        raise NotAgeRestricted


async def show_job(interaction: discord.Interaction, job: Job) -> None:
    """Show privately the image with its buttons, or how far the job is, or how it ended."""
    services = services_of(interaction)
    if not may_see(job, asker_id=interaction.user.id):
        await interaction.response.send_message(view=await _without_picture(interaction, job), ephemeral=True)
        return
    check_age(interaction, job)
    message_id = await think(interaction, private=True)
    picture = await services.history.picture(job, limit_bytes=interaction.filesize_limit)
    if picture is None:
        await interaction.edit_original_response(view=history_cards.gone(job))
        return
    mine = job.wallet.member_id == interaction.user.id
    shared_by = job.wallet.member_id if job.private and not mine else None
    card = cards.result(job, picture, pricing=services.pricing, sandbox=services.sandbox, shared_by=shared_by)
    if mine and not job.private:  # a private image has the button Share
        card = history_cards.with_repost(card, job)
    await services.showings.note_look(job, place_of(interaction, ephemeral=True), message_id)
    await interaction.edit_original_response(view=card, attachments=[picture_file(job, picture)])


async def post_again(interaction: discord.Interaction, job: Job) -> None:
    """Show the image to all members in the channel, once. Raises the `Refusal` that fits, and `FilesUnavailable`."""
    check_may_post(caller_of(interaction))
    check_age(interaction, job)
    services = services_of(interaction)
    if not may_see(job, asker_id=job.wallet.member_id) or not await services.history.has_file(job):
        raise ImageGone
    showing = await services.showings.begin_copy(job, place_of(interaction, ephemeral=False))
    try:
        # Answer first: an upload may take longer than Discord waits. The edit may be repeated; a send may not. And the
        # message is written down before it shows the image.
        message_id = await think(interaction, private=False)
    except DISCORD_TROUBLE:
        await services.showings.withdraw(showing)
        raise
    try:
        await services.showings.posted(showing, message_id)
    except ImageGone:
        await quietly(interaction, interaction.delete_original_response())
        raise
    try:
        await _show_copy(interaction, job)
    except StillframeError as error:  # certainly nothing was shown
        await services.showings.withdraw(showing)
        await interaction.edit_original_response(view=cards.note(refusals.say(error)))
    except DISCORD_TROUBLE as error:
        if is_certain(error):
            await services.showings.withdraw(showing)  # else Discord may have taken it: the next press looks
            # The explanation would take its place, and all members would see it.
            await quietly(interaction, interaction.delete_original_response())
        raise


async def _show_copy(interaction: discord.Interaction, job: Job) -> None:
    services = services_of(interaction)
    picture = await services.history.picture(job, limit_bytes=interaction.filesize_limit)
    if picture is None:  # the file is there, but can't be shown
        raise ImageGone
    card = cards.result(job, picture, pricing=services.pricing, sandbox=services.sandbox, shared_by=interaction.user.id)
    await interaction.edit_original_response(view=card, attachments=[picture_file(job, picture)])


def place_of(interaction: discord.Interaction, *, ephemeral: bool) -> Place:
    return Place(
        interaction_id=interaction.id,
        guild_id=interaction.guild_id or NO_SERVER,
        channel_id=interaction.channel_id or 0,
        ephemeral=ephemeral,
        token=interaction.token,
    )


def picture_file(job: Job, picture: Picture) -> discord.File:
    name = cards.attachment_name(job, picture)
    return discord.File(io.BytesIO(picture.data), filename=name, description=cards.alt_text(job.recipe))


async def _without_picture(interaction: discord.Interaction, job: Job) -> cards.Card:
    if job.state is JobState.RELEASED and not job.deleted:
        mine = job.wallet.member_id == interaction.user.id
        return cards.released(job, services_of(interaction).pricing, to_member=mine)
    if job.state.ended:
        return history_cards.gone(job)
    if job.state is JobState.AWAITING:
        mine = job.wallet.member_id == interaction.user.id
        return history_cards.with_choice(cards.awaiting(job), job) if mine else cards.awaiting(job)
    if job.state is JobState.HELD:
        return cards.waiting(job, await services_of(interaction).history.place(job))
    return cards.working(job)


def _can_look_into(interaction: discord.Interaction, channel_id: int) -> bool:
    if channel_id == interaction.channel_id:  # the cache may not know it yet, but the member is in it
        return True
    guild = interaction.guild
    channel = guild.get_channel_or_thread(channel_id) if guild else None
    if channel is None or not isinstance(interaction.user, discord.Member):
        return False
    if isinstance(channel, discord.Thread) and channel.is_private():
        return False  # we don't know its members
    return channel.permissions_for(interaction.user).view_channel
