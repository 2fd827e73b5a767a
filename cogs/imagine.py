"""`/imagine`: a moment of a video and a prompt in, an image out."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot import cards, replies
from bot.client import StillframeBot
from bot.domain.errors import FileTooLarge, LinkUnreachable, StillframeError
from bot.domain.job import NewJob
from bot.domain.order import Order
from bot.domain.pricing import Pricing
from bot.domain.recipe import (
    FRAME_RATE_MAX,
    FRAME_RATE_MIN,
    PROMPT_LIMIT,
    VIDEO_FILE_LIMIT_BYTES,
    Shape,
    Size,
    Thinking,
    Video,
    YouTubeVideo,
)
from bot.services.imagine import Quote
from cogs._here import check_may_post, wallet_of

log = logging.getLogger(__name__)

Choice = app_commands.Choice[str]

ALREADY_ACKNOWLEDGED = 40060
DISCORD_TROUBLE = (discord.HTTPException, aiohttp.ClientError, OSError)

ImagineCallback = Callable[..., Coroutine[Any, Any, None]]

_THINKING = {
    Thinking.DEFAULT: "default",
    Thinking.MINIMAL: "minimal - faster",
    Thinking.HIGH: "high - better on complex scenes, slower",
}


class AnswerLost(Exception):
    """Discord may or may not have taken our answer."""


class ImagineCog(commands.Cog):
    def __init__(self, bot: StillframeBot) -> None:
        self._bot = bot
        self._imagine = bot.services.imagine
        self._command = _command(self.imagine, bot.services.pricing)

    async def cog_load(self) -> None:
        self._bot.tree.add_command(self._command)

    async def cog_unload(self) -> None:
        self._bot.tree.remove_command(self._command.name)

    async def imagine(
        self,
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, PROMPT_LIMIT],
        video: str | None = None,
        clip: discord.Attachment | None = None,
        start: str | None = None,
        end: str | None = None,
        shape: str | None = None,
        size: str | None = None,
        frames: app_commands.Range[float, FRAME_RATE_MIN, FRAME_RATE_MAX] | None = None,
        thinking: str | None = None,
        search: bool = False,
        private: bool = False,
    ) -> None:
        wallet_of(interaction)  # refuses outside a server, before anything else is said
        order = Order(
            prompt=prompt, video=video, attached=clip is not None, start=start, end=end,
            shape=shape, size=size, frames=frames, thinking=thinking, search=search,
        )  # fmt: skip
        quote = self._imagine.quote(order)
        if clip and clip.size > VIDEO_FILE_LIMIT_BYTES:
            raise FileTooLarge(limit_bytes=VIDEO_FILE_LIMIT_BYTES, size_bytes=clip.size)
        check_may_post(interaction)
        if isinstance(quote.draft.video, YouTubeVideo):
            await self._place_and_answer(interaction, quote, quote.draft.video, private=private)
        else:
            await self._answer_and_look(interaction, quote, clip, private=private)

    async def _place_and_answer(
        self, interaction: discord.Interaction, quote: Quote, video: Video, *, private: bool
    ) -> None:
        """Nothing is left to look at: hold the credits, answer, and let the job start."""
        placed = await self._imagine.place(_order_of(interaction, quote, video, private=private), quote)
        if not placed.created:  # the same interaction once more: its job is on its way, its answer stands
            return
        try:
            message_id = await _answer(interaction, cards.waiting(placed.job, placed.place), private=private)
        except AnswerLost:  # the job waits a few seconds, and then the worker finds out
            return
        if message_id is None:
            await self._imagine.withdraw(placed.job.id)
        else:
            await self._imagine.answered(placed.job.id, message_id)

    async def _answer_and_look(
        self,
        interaction: discord.Interaction,
        quote: Quote,
        clip: discord.Attachment | None,
        *,
        private: bool,
    ) -> None:
        """A file takes longer to look at than Discord waits: answer first, hold the credits only when it is fine."""
        await self._imagine.check(quote, wallet_of(interaction))
        with suppress(AnswerLost):
            message_id = await _answer(interaction, cards.checking(quote.draft.prompt), private=private)
            if message_id is not None:
                await self._look_and_place(interaction, quote, clip, message_id, private=private)

    async def _look_and_place(
        self,
        interaction: discord.Interaction,
        quote: Quote,
        clip: discord.Attachment | None,
        message_id: int,
        *,
        private: bool,
    ) -> None:
        try:
            video = await self._look(quote, clip)
            placed = await self._imagine.place(_order_of(interaction, quote, video, private=private), quote)
        except StillframeError:
            await _quietly(interaction, interaction.delete_original_response())  # the reason follows, privately
            raise
        if placed.created:
            await self._imagine.answered(placed.job.id, message_id)
            card = cards.waiting(placed.job, placed.place)
            await _quietly(interaction, interaction.edit_original_response(view=card))

    async def _look(self, quote: Quote, clip: discord.Attachment | None) -> Video:
        if clip is None:
            return await self._imagine.check_link(quote.draft)
        try:
            data = await clip.read()
        except DISCORD_TROUBLE as error:
            raise LinkUnreachable(host="Discord", because="broken") from error
        return await self._imagine.keep_clip(data, name=clip.filename)


async def _answer(interaction: discord.Interaction, card: cards.Card, *, private: bool) -> int | None:
    """The id of our answer; None where Discord certainly did not take it. Raises `AnswerLost` where nobody knows."""
    try:
        answer = await interaction.response.send_message(view=card, ephemeral=private)
    except DISCORD_TROUBLE as error:
        log.warning("interaction %s: no word that our answer was taken: %s", interaction.id, error)
        if isinstance(error, discord.HTTPException) and _certainly_refused(error):
            return None
    else:
        return answer.message_id
    try:
        return (await interaction.original_response()).id
    except discord.NotFound:
        return None
    except DISCORD_TROUBLE as error:
        raise AnswerLost from error


def _certainly_refused(error: discord.HTTPException) -> bool:
    """Not on a 5xx, after which it may have been taken; nor when it is "acknowledged already", by whichever try."""
    return error.status < HTTPStatus.INTERNAL_SERVER_ERROR and error.code != ALREADY_ACKNOWLEDGED


async def _quietly(interaction: discord.Interaction, change: Awaitable[object]) -> None:
    """A card that can't be changed just now must not fail a command that has done its work."""
    try:
        await change
    except DISCORD_TROUBLE as error:
        log.warning("interaction %s: its card could not be changed: %s", interaction.id, error)


def _order_of(interaction: discord.Interaction, quote: Quote, video: Video, *, private: bool) -> NewJob:
    return NewJob(
        id=str(interaction.id),
        wallet=wallet_of(interaction),
        channel_id=interaction.channel_id or 0,
        private=private,
        recipe=quote.draft.recipe(video),
        cost=quote.credits,
        token=interaction.token,
        file_limit_bytes=interaction.filesize_limit,
    )


def _command(callback: ImagineCallback, pricing: Pricing) -> app_commands.Command[ImagineCog, ..., None]:
    """The prices stand in the choices, so that they are read before anything is sent."""
    command: app_commands.Command[ImagineCog, ..., None] = app_commands.Command(
        name="imagine",
        description="Make an image from a moment of a video.",
        callback=callback,
        allowed_contexts=app_commands.AppCommandContext(guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True),
    )
    search = pricing.credits(Size.K1, search=True) - pricing.credits(Size.K1, search=False)
    app_commands.choices(
        shape=[Choice(name=f"{shape} - {shape.purpose}", value=shape.value) for shape in Shape],
        size=[
            Choice(name=f"{size.label} - {replies.credits(pricing.credits(size, search=False))}", value=size.value)
            for size in Size
        ],
        thinking=[Choice(name=label, value=thinking.value) for thinking, label in _THINKING.items()],
    )(command)
    app_commands.describe(
        prompt="What the image should show.",
        video="A YouTube link, or a direct link to a video file of up to 15 MB.",
        clip="A video file of up to 15 MB, instead of a link.",
        start="Where the moment begins: 1:23, 83, 1m23s - or both ends: 0:14-0:17. Without it: the link's own time.",
        end="Where it ends: 0:17, or +3s after the start. 'whole' takes the whole video. Without it: 30 seconds.",
        shape="Width to height. Without it, the model picks.",
        size="1K without it.",
        frames="Frames per second that the model sees, 0.1 to 24. Without it: 1.",
        thinking="How long the model thinks first.",
        search=f"Let the model look things up on the web: +{replies.credits(search)}.",
        private="Only you see it; you can share it afterwards.",
    )(command)
    return command


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(ImagineCog(bot))
