"""Buttons under a job's card. Found again by their custom id, so they work after a restart."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import discord

from bot import cards
from bot.client import StillframeBot
from cogs._buttons import JOB_ID, JobButton, answering_errors
from cogs._here import check_may_post, services_of


class ShareButton(JobButton, template=cards.SHARE_ID.format(job_id=JOB_ID)):
    """Under a private result: shows it to everybody in the channel."""

    @answering_errors
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        services = services_of(interaction)
        check_may_post(interaction)
        job, picture = await services.results.own_picture(
            self.job_id, member_id=interaction.user.id, limit_bytes=interaction.filesize_limit
        )
        # Answer first: an upload may take longer than Discord waits. The edit may be repeated; a send may not.
        await interaction.response.defer(thinking=True)
        name = cards.attachment_name(job, picture)
        file = discord.File(io.BytesIO(picture.data), filename=name, description=cards.alt_text(job.recipe))
        card = cards.result(job, picture, sandbox=services.sandbox, shared_by=interaction.user.id)
        try:
            await interaction.edit_original_response(view=card, attachments=[file])
        except discord.HTTPException:
            with suppress(discord.HTTPException):  # else the explanation would take its place, for all to see
                await interaction.delete_original_response()
            raise


class CancelButton(JobButton, template=cards.CANCEL_ID.format(job_id=JOB_ID)):
    """Under a card that waits or works: for its owner and for moderators."""

    @answering_errors
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        job = await services_of(interaction).imagine.cancel(
            self.job_id,
            member_id=interaction.user.id,
            moderator=interaction.permissions.manage_guild,
            message_id=interaction.message.id if interaction.message else None,
        )
        await interaction.response.edit_message(view=cards.released(job))


async def setup(bot: StillframeBot) -> None:
    bot.add_dynamic_items(ShareButton, CancelButton)
