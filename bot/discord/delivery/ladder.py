"""The ladder of delivery: edit the answer by its token; else post in the channel; else send a direct message.

A rung that Discord refuses, for whatever reason but the size of the file, is followed by the next. Before that, the
bot looks whether the image is there after all: discord.py repeats a request on a 5xx by itself, so the refusal may come
after a try that was taken. No rung is a follow-up message: its POST has no nonce, and discord.py repeats that too.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

import discord

from bot.discord import cards
from bot.discord.delivery.finder import Finder
from bot.discord.delivery.places import Places
from bot.discord.delivery.trouble import is_refusal, is_too_large
from bot.domain.errors import PictureTooLarge, Undeliverable
from bot.domain.job import Job, Picture, Shown
from bot.telemetry.metrics import Metrics, Rung

log = logging.getLogger(__name__)

UNKNOWN_MESSAGE = 10008

MakeCard = Callable[[Job, Picture], cards.Card]


class Ladder:
    def __init__(self, places: Places, finder: Finder, *, card: MakeCard, metrics: Metrics) -> None:
        self._places = places
        self._finder = finder
        self._card = card
        self._metrics = metrics

    async def climb(self, job: Job, picture: Picture, *, look_first: bool) -> Shown:
        """Show the image once. `look_first`: an earlier attempt may have shown it, by any rung.

        Raises `PictureTooLarge`, `Undeliverable`, and what discord.py raises where Discord does not answer.
        """
        shown = await self._finder.image(job) if look_first else None
        refusals: list[str] = []
        rungs = (
            (self._edit_answer, self._finder.image_in_answer),
            (self._post_in_channel, self._finder.image_in_channel),
            (self._send_directly, self._finder.image_in_direct),
        )
        for show, find in rungs:
            if shown is not None:
                break
            try:
                shown = await show(job, picture)
            except discord.HTTPException as error:
                if is_too_large(error):
                    raise PictureTooLarge from error
                if not is_refusal(error):
                    raise
                log.info("job %s: Discord refuses this place: %s", job.id, error)
                refusals.append(str(error))
                shown = await find(job)
        if shown is None:
            raise Undeliverable(detail="; ".join(refusals))
        self._metrics.shown(_rung(job, shown))
        return shown

    async def _edit_answer(self, job: Job, picture: Picture) -> Shown | None:
        """Idempotent: the same edit twice is one."""
        webhook = self._places.by_token(job)
        if webhook is None or job.message_id is None:
            return None
        message = await webhook.edit_message(
            job.message_id, view=self._card(job, picture), attachments=[_file(job, picture)]
        )
        return Shown(job.shown_in, message.id)

    async def _post_in_channel(self, job: Job, picture: Picture) -> Shown | None:
        """A post opens a thread again that is archived and not locked."""
        return None if job.private else await self._send(job.shown_in, job, picture)

    async def _send_directly(self, job: Job, picture: Picture) -> Shown:
        channel = await self._places.direct(job)
        return await self._send(channel.id, job, picture)

    async def _send(self, channel_id: int, job: Job, picture: Picture) -> Shown:
        """By hand: `channel.send` takes the message for one in `channel`, wherever it stands.

        Within minutes, Discord answers an enforced nonce with the first message by the same author, which may stand in
        another channel.
        """
        client = self._places.client
        try:
            with discord.http.handle_message_parameters(
                view=self._card(job, picture),
                file=_file(job, picture),
                nonce=job.id,  # discord.py adds enforce_nonce
                allowed_mentions=discord.AllowedMentions(users=[discord.Object(job.wallet.member_id)]),
                previous_allowed_mentions=client.allowed_mentions,
            ) as parameters:
                message = await client.http.send_message(channel_id, params=parameters)
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            # Discord found the message of this nonce, but a member has deleted it.
            log.info("job %s: its image was posted before, and deleted since", job.id)
            return Shown(job.shown_in, job.message_id or 0)
        return Shown(int(message["channel_id"]), int(message["id"]))


def _rung(job: Job, shown: Shown) -> Rung:
    if shown.message_id == job.message_id:
        return "answer"
    return "channel" if shown.channel_id == job.shown_in else "direct"


def _file(job: Job, picture: Picture) -> discord.File:
    return discord.File(
        io.BytesIO(picture.data), filename=cards.attachment_name(job, picture), description=cards.alt_text(job.recipe)
    )
