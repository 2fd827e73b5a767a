"""Carries cards and images to Discord. No other module edits or posts messages for a job.

The messenger first edits the answer by the interaction's token, which is idempotent. Where the token has expired, it
looks for a message of an earlier attempt, and else sends one with the job's id as an enforced nonce. It never sends a
follow-up: that POST has no nonce, and discord.py repeats it on a 5xx.
"""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from http import HTTPStatus

import aiohttp
import discord

from bot.discord import cards
from bot.discord.channels import is_age_restricted
from bot.domain.errors import DiscordUnavailable, PictureTooLarge, Undeliverable
from bot.domain.job import Job, Picture, ReleaseReason, Shown
from bot.domain.pricing import Pricing
from bot.telemetry.metrics import Metrics, Rung
from bot.text.i18n import speaking

log = logging.getLogger(__name__)

# discord.py waits out a rate limit of a webhook however long it is, and repeats a 5xx for 25 s: these end it.
DELIVERY_SECONDS = 120.0  # with the upload of 10 MB or more
CARD_SECONDS = 30.0
TOKEN_SLACK_MS = 5_000  # a token that expires sooner is not used any more
LOOK_BACK_MESSAGES = 100  # messages of all authors in the channel, after the order
UNKNOWN_MESSAGE = 10008
TOKEN_EXPIRED = 50027
TOO_LARGE = 40005  # Discord: request entity too large
GONE_CODES = frozenset({TOKEN_EXPIRED, 10015, UNKNOWN_MESSAGE, 10062})  # 10015: unknown webhook, 10062: interaction

_TROUBLE = (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordServerError, discord.RateLimited)
_ANY_TROUBLE = (*_TROUBLE, discord.HTTPException)


class Messenger:
    """Satisfies `bot.services.jobs.messenger.Messenger`.

    `clock` gives Unix milliseconds; `sandbox` marks every result.
    """

    def __init__(
        self,
        client: discord.Client,
        *,
        clock: Callable[[], int],
        pricing: Pricing,
        sandbox: bool,
        operator_channel: int | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._pricing = pricing
        self._sandbox = sandbox
        self._operator_channel = operator_channel
        self._metrics = metrics or Metrics()

    async def find_answer(self, job: Job) -> int | None:
        try:
            async with asyncio.timeout(CARD_SECONDS):
                return await self._ask_for_answer(job) if self._token_is_valid(job) else await self._find_card(job)
        except _TROUBLE as error:
            raise DiscordUnavailable(detail=str(error)) from error
        except discord.HTTPException as error:
            raise DiscordUnavailable(detail=str(error)) from error

    async def _ask_for_answer(self, job: Job) -> int | None:
        # `Webhook.fetch_message` takes only an id, and would quote the @ of "@original".
        route = discord.http.Route(
            "GET",
            "/webhooks/{application_id}/{token}/messages/@original",
            application_id=self._client.application_id,
            token=job.token,
        )
        try:
            message = await self._client.http.request(route)
        except discord.HTTPException as error:
            if error.code == TOKEN_EXPIRED:
                return await self._find_card(job)
            if error.code in GONE_CODES or error.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return int(message["id"])

    async def _find_card(self, job: Job) -> int | None:
        """Finds the answer in the channel by its button. A private answer can't be found without the token."""
        if job.private:
            return None
        wanted = cards.CANCEL_ID.format(job_id=job.id)
        async for message in self._own_messages(self._channel(job), job, oldest_first=True):
            if wanted in _custom_ids(message.components):
                return message.id
        return None

    async def show_waiting(self, job: Job, place: int) -> None:
        with speaking(job.locale):
            card = cards.waiting(job, place)
        await self._change_card(job, card)

    async def show_working(self, job: Job) -> None:
        with speaking(job.locale):
            card = cards.working(job)
        await self._change_card(job, card)

    async def tell_released(self, job: Job) -> bool:
        if job.message_id is None and job.release_reason is not ReleaseReason.UNANSWERED:  # not looked for yet
            try:
                job = replace(job, message_id=await self.find_answer(job))
            except DiscordUnavailable as error:
                log.warning("job %s: its card could not be looked for: %s", job.id, error)
                return False
        with speaking(job.locale):
            card = cards.released(job, self._pricing)
        return await self._change_card(job, card)

    async def tell_awaiting(self, job: Job) -> None:
        with speaking(job.locale):
            card = cards.awaiting(job)
        await self._change_card(job, card)

    async def tell_operator(self, words: str) -> None:
        if self._operator_channel is None:
            return
        try:
            await self._client.get_partial_messageable(self._operator_channel).send(view=cards.note(words))
        except _ANY_TROUBLE as error:
            log.warning("the operator's channel could not be told: %s", error)

    async def may_show_unsafe(self, job: Job) -> bool:
        try:
            channel = self._client.get_channel(job.shown_in) or await self._client.fetch_channel(job.shown_in)
        except (discord.Forbidden, discord.NotFound) as error:
            log.warning("job %s: is the channel age-restricted? %s", job.id, error)
            return False
        except _ANY_TROUBLE as error:
            raise DiscordUnavailable(detail=str(error)) from error
        return is_age_restricted(channel)

    async def deliver(self, job: Job, picture: Picture, *, look_first: bool) -> Shown:
        try:
            with speaking(job.locale):
                async with asyncio.timeout(DELIVERY_SECONDS):
                    return await self._deliver(job, picture, look_first=look_first)
        except _TROUBLE as error:
            raise DiscordUnavailable(detail=f"{type(error).__name__}: {error}") from error
        except discord.HTTPException as error:
            if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or error.code == TOO_LARGE:
                raise PictureTooLarge from error
            if error.status == HTTPStatus.TOO_MANY_REQUESTS or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise DiscordUnavailable(detail=str(error)) from error
            raise Undeliverable(detail=str(error)) from error

    async def find_image(self, job: Job) -> Shown | None:
        try:
            async with asyncio.timeout(CARD_SECONDS):
                shown = None if job.private else await self._find(self._channel(job), job)
                return shown or await self._find(await self._direct(job), job)
        except (discord.Forbidden, discord.NotFound) as error:
            log.info("job %s: its image could not be looked for in a direct message: %s", job.id, error)
            return None
        except _ANY_TROUBLE as error:
            raise DiscordUnavailable(detail=str(error)) from error

    async def _deliver(self, job: Job, picture: Picture, *, look_first: bool) -> Shown:
        rung: Rung = "answer"
        shown = await self._edit_answer(job, picture) if self._token_is_valid(job) else None
        if shown is None and not job.private:
            rung, shown = "channel", await self._post_in_channel(job, picture, look_first=look_first)
        if shown is None:
            rung, shown = "direct", await self._send_directly(job, picture, look_first=look_first)
            if shown.channel_id != job.shown_in:  # else the nonce has found it in the channel that is closed now
                await self._edit_as_bot(job, cards.sent_directly())
        self._metrics.shown(rung)
        return shown

    # --- the rungs ------------------------------------------------------------------------------------

    async def _edit_answer(self, job: Job, picture: Picture) -> Shown | None:
        if job.message_id is None:
            return None
        try:
            message = await self._webhook(job).edit_message(
                job.message_id, view=self._card(job, picture), attachments=[_file(job, picture)]
            )
        except discord.HTTPException as error:
            if _is_gone(error):
                log.info("job %s: the answer can't be edited any more: %s", job.id, error)
                return None
            raise
        return Shown(job.shown_in, message.id)

    async def _post_in_channel(self, job: Job, picture: Picture, *, look_first: bool) -> Shown | None:
        channel = self._channel(job)
        try:
            shown = await self._find(channel, job) if look_first else None
            shown = shown or await self._send(channel, job, picture)
        except (discord.Forbidden, discord.NotFound) as error:
            log.info("job %s: the channel is closed to us: %s", job.id, error)
            return None
        if shown.message_id == job.message_id:  # the answer itself, which was edited before a crash
            return shown
        await self._edit_as_bot(job, cards.moved(job.link_to(job.shown_in, shown.message_id)))
        return shown

    async def _send_directly(self, job: Job, picture: Picture, *, look_first: bool) -> Shown:
        try:
            channel = await self._direct(job)
            shown = await self._find(channel, job) if look_first else None
            return shown or await self._send(channel, job, picture)
        except (discord.Forbidden, discord.NotFound) as error:
            raise Undeliverable(detail=f"neither answer, channel nor direct message: {error}") from error

    async def _direct(self, job: Job) -> discord.DMChannel:
        member = await self._client.fetch_user(job.wallet.member_id)
        return await member.create_dm()

    async def _find(self, channel: discord.abc.Messageable, job: Job) -> Shown | None:
        """A message of the bot with the job's image, from an attempt that a crash interrupted."""
        async for message in self._own_messages(channel, job, oldest_first=False):
            if any(job.id in attachment.filename for attachment in message.attachments):
                return Shown(message.channel.id, message.id)
        return None

    async def _own_messages(
        self, channel: discord.abc.Messageable, job: Job, *, oldest_first: bool
    ) -> AsyncIterator[discord.Message]:
        """The bot's messages since the order: the answer is near it, an image near the end. Empty without the right."""
        me = self._client.user
        order = discord.Object(int(job.id))  # an interaction's id holds its time by Discord's own clock
        try:
            async for message in channel.history(limit=LOOK_BACK_MESSAGES, after=order, oldest_first=oldest_first):
                if me is not None and message.author.id == me.id:
                    yield message
        except (discord.Forbidden, discord.NotFound):
            log.info("job %s: the channel's history may not be read", job.id)

    async def _send(self, channel: discord.PartialMessageable | discord.DMChannel, job: Job, picture: Picture) -> Shown:
        """By hand: `channel.send` takes the message for one in `channel`, wherever it stands.

        Within minutes, Discord answers an enforced nonce with the first message by the same author, which may stand in
        another channel.
        """
        try:
            with discord.http.handle_message_parameters(
                view=self._card(job, picture),
                file=_file(job, picture),
                nonce=job.id,  # discord.py adds enforce_nonce
                allowed_mentions=discord.AllowedMentions(users=[discord.Object(job.wallet.member_id)]),
                previous_allowed_mentions=self._client.allowed_mentions,
            ) as parameters:
                message = await self._client.http.send_message(channel.id, params=parameters)
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            # Discord found the message of this nonce, but a member has deleted it.
            log.info("job %s: its image was posted before, and deleted since", job.id)
            return Shown(job.shown_in, job.message_id or 0)
        return Shown(int(message["channel_id"]), int(message["id"]))

    # --- edits that may fail --------------------------------------------------------------------------

    async def _change_card(self, job: Job, card: cards.Card) -> bool:
        """False where another attempt may succeed."""
        if job.message_id is None:
            return True
        if not self._token_is_valid(job):
            return await self._edit_as_bot(job, card)
        try:
            async with asyncio.timeout(CARD_SECONDS):
                await self._webhook(job).edit_message(job.message_id, view=card, attachments=[])
        except _ANY_TROUBLE as error:
            if isinstance(error, discord.HTTPException) and _is_gone(error):
                return await self._edit_as_bot(job, card)
            log.warning("job %s: its card could not be changed: %s", job.id, error)
            return False
        return True

    async def _edit_as_bot(self, job: Job, card: cards.Card) -> bool:
        """Edits without the token. A public answer is an ordinary message of the bot. A private one can't be edited."""
        if job.private or job.message_id is None:
            return True
        channel = self._channel(job)
        try:
            async with asyncio.timeout(CARD_SECONDS):
                await channel.get_partial_message(job.message_id).edit(view=card, attachments=[])
        except (discord.Forbidden, discord.NotFound) as error:
            log.info("job %s: its card stays as it is: %s", job.id, error)
            return True
        except _ANY_TROUBLE as error:
            log.warning("job %s: its card could not be changed: %s", job.id, error)
            return False
        return True

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(job.shown_in, guild_id=job.wallet.guild_id or None)

    def _token_is_valid(self, job: Job) -> bool:
        return bool(job.token) and self._clock() < job.token_until - TOKEN_SLACK_MS

    def _webhook(self, job: Job) -> discord.Webhook:
        return discord.Webhook.partial(self._client.application_id or 0, job.token, client=self._client)

    def _card(self, job: Job, picture: Picture) -> cards.Card:
        return cards.result(job, picture, pricing=self._pricing, sandbox=self._sandbox)


def _is_gone(error: discord.HTTPException) -> bool:
    """The token has expired, or its message is deleted, for good."""
    return error.code in GONE_CODES or error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}


def _custom_ids(components: Iterable[object]) -> Iterator[str]:
    for component in components:
        custom_id = getattr(component, "custom_id", None)
        if custom_id:
            yield custom_id
        yield from _custom_ids(getattr(component, "children", ()))


def _file(job: Job, picture: Picture) -> discord.File:
    return discord.File(
        io.BytesIO(picture.data), filename=cards.attachment_name(job, picture), description=cards.alt_text(job.recipe)
    )
