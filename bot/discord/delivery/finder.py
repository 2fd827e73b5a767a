"""Looks for messages of the bot that an earlier attempt has left: the answer to an order, and the image.

A look that Discord refuses finds nothing. One that Discord does not answer raises what discord.py raises.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from http import HTTPStatus

import discord

from bot.discord import cards
from bot.discord.delivery.places import Places
from bot.discord.delivery.removal import GONE
from bot.discord.delivery.trouble import is_refusal
from bot.discord.media import shows_image_of
from bot.domain.job import Job, Shown
from bot.domain.showing import Showing

log = logging.getLogger(__name__)

CARD_MESSAGES = 100  # messages of all authors after the order: our answer stands near it
IMAGE_MESSAGES = 300  # the newest messages of all authors: an image stands near the end


class Finder:
    def __init__(self, places: Places) -> None:
        self._places = places

    async def answer(self, job: Job) -> int | None:
        """The id of our answer to the command; None where Discord never took one."""
        if not self._places.by_token(job):
            return await self._card(job)
        # `Webhook.fetch_message` takes only an id, and would quote the @ of "@original".
        route = discord.http.Route(
            "GET",
            "/webhooks/{application_id}/{token}/messages/@original",
            application_id=self._places.client.application_id,
            token=job.token,
        )
        try:
            message = await self._places.client.http.request(route)
        except discord.HTTPException as error:
            if error.status == HTTPStatus.UNAUTHORIZED:  # the token is dead, whatever our clock says
                return await self._card(job)
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return int(message["id"])

    async def image(self, job: Job) -> Shown | None:
        """A message that shows the image, wherever an earlier attempt may have shown it."""
        return await self.image_in_answer(job) or await self.image_in_channel(job) or await self.image_in_direct(job)

    async def image_in_answer(self, job: Job) -> Shown | None:
        """Our answer, if it shows the image. It may stand far up in a channel in which people talk."""
        if job.message_id is None:
            return None
        if webhook := self._places.by_token(job):
            try:
                return _showing(job, await webhook.fetch_message(job.message_id))
            except discord.HTTPException as error:
                _note(job.id, error)
        if job.private:  # seen by its token alone
            return None
        try:
            return _showing(job, await self._places.channel(job).fetch_message(job.message_id))
        except discord.HTTPException as error:
            _note(job.id, error)
        return None

    async def image_in_channel(self, job: Job) -> Shown | None:
        return None if job.private else await self._image_in(self._places.channel(job), job)

    async def image_in_direct(self, job: Job) -> Shown | None:
        try:
            return await self._image_in(await self._places.direct(job), job)
        except discord.HTTPException as error:
            _note(job.id, error)
        return None

    async def still_shows(self, showing: Showing) -> bool:
        """Whether the message shows the image. Where Discord does not let us look, it does."""
        if showing.message_id is None:
            return False
        channel = self._places.client.get_partial_messageable(showing.channel_id)
        ways = [channel.fetch_message]
        if webhook := self._places.by_token(showing):
            ways.insert(0, webhook.fetch_message)
        for fetch in ways:
            try:
                return shows_image_of(showing.job_id, await fetch(showing.message_id))
            except discord.HTTPException as error:
                if error.code in GONE:
                    return False
                _note(showing.job_id, error)
        return True

    async def showing(self, showing: Showing, *, besides: frozenset[int]) -> int | None:
        """A message of ours that shows the image in the channel, posted since the attempt began."""
        channel = self._places.client.get_partial_messageable(showing.channel_id)
        after = discord.Object(showing.since_id)
        history = channel.history(limit=IMAGE_MESSAGES, after=after, oldest_first=True)
        async for message in self._ours(history, showing.job_id):
            if message.id not in besides and shows_image_of(showing.job_id, message):
                return message.id
        return None

    async def _card(self, job: Job) -> int | None:
        """The answer in the channel, by its button. A private answer can't be found without the token."""
        if job.private:
            return None
        wanted = cards.CANCEL_ID.format(job_id=job.id)
        after_order = self._places.channel(job).history(
            limit=CARD_MESSAGES, after=discord.Object(int(job.id)), oldest_first=True
        )
        async for message in self._ours(after_order, job.id):
            if wanted in _custom_ids(message.components):
                return message.id
        return None

    async def _image_in(self, channel: discord.abc.Messageable, job: Job) -> Shown | None:
        async for message in self._ours(channel.history(limit=IMAGE_MESSAGES), job.id):
            if shows_image_of(job.id, message):
                return _showing(job, message)
        return None

    async def _ours(self, history: AsyncIterator[discord.Message], job_id: str) -> AsyncIterator[discord.Message]:
        """The bot's messages since the order. Without the right to read the history there are none."""
        me = self._places.client.user
        try:
            async for message in history:
                if message.id < int(job_id):  # an interaction's id holds its time by Discord's own clock
                    return
                if me is not None and message.author.id == me.id:
                    yield message
        except discord.HTTPException as error:
            _note(job_id, error)


def _note(job_id: str, error: discord.HTTPException) -> None:
    """Raises the error where it is no refusal."""
    if not is_refusal(error):
        raise error
    log.info("job %s: a look for its messages was refused: %s", job_id, error)


def _showing(job: Job, message: discord.Message) -> Shown | None:
    return Shown(message.channel.id, message.id) if shows_image_of(job.id, message) else None


def _custom_ids(components: Iterable[object]) -> Iterator[str]:
    for component in components:
        custom_id = getattr(component, "custom_id", None)
        if custom_id:
            yield custom_id
        yield from _custom_ids(getattr(component, "children", ()))
