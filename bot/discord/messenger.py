"""Carries cards and images to Discord. No other module edits or posts messages for a job.

In `delivery`, the ladder shows an image, and the finder looks for what an earlier attempt has left.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TypeVar

import discord

from bot.discord import cards
from bot.discord.channels import is_age_restricted
from bot.discord.delivery.finder import Finder
from bot.discord.delivery.ladder import Ladder
from bot.discord.delivery.places import Places
from bot.discord.delivery.removal import Remover
from bot.discord.delivery.trouble import ANY_TROUBLE, Exchanges
from bot.domain.errors import DiscordUnavailable
from bot.domain.job import Job, Picture, ReleaseReason, Shown
from bot.domain.pricing import Pricing
from bot.domain.showing import Showing
from bot.telemetry.metrics import Metrics
from bot.text.i18n import speaking

T = TypeVar("T")
About = TypeVar("About", Job, Showing)
log = logging.getLogger(__name__)

# discord.py waits out a rate limit of a webhook however long it is, and repeats a 5xx for 25 s: these end it.
DELIVERY_SECONDS = 120.0  # with the upload of 10 MB or more
CARD_SECONDS = 30.0
# Refusals for good. Rights that a token lacks may come back while it is valid; those of the bot are not waited for.
TOKEN_IS_DEAD = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND})
CARD_IS_GONE = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


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
        def result(job: Job, picture: Picture) -> cards.Card:
            return cards.result(job, picture, pricing=pricing, sandbox=sandbox)

        self._client = client
        self._pricing = pricing
        self._operator_channel = operator_channel
        self._places = Places(client, clock)
        self._finder = Finder(self._places)
        self._ladder = Ladder(self._places, self._finder, card=result, metrics=metrics or Metrics())
        self._remover = Remover(self._places)
        self._exchanges = Exchanges()

    # --- the image ------------------------------------------------------------------------------------

    async def deliver(self, job: Job, picture: Picture, *, look_first: bool) -> Shown:
        with speaking(job.locale):
            async with self._exchanges.exchange(DELIVERY_SECONDS):
                return await self._ladder.climb(job, picture, look_first=look_first)

    async def tell_where(self, job: Job, shown: Shown) -> bool:
        if shown.message_id == job.message_id:
            return True
        with speaking(job.locale):
            if shown.channel_id == job.shown_in:
                card = cards.moved(job.link_to(shown.channel_id, shown.message_id))
            else:
                card = cards.sent_directly()
        return await self._change_card(job, card)

    async def find_image(self, job: Job) -> Shown | None:
        return await self._ask(self._finder.image, job)

    async def may_show_unsafe(self, job: Job) -> bool:
        return await self._ask(self._is_age_restricted, job)

    async def _is_age_restricted(self, job: Job) -> bool:
        try:
            channel = self._client.get_channel(job.shown_in) or await self._client.fetch_channel(job.shown_in)
        except (discord.Forbidden, discord.NotFound) as error:
            log.warning("job %s: is the channel age-restricted? %s", job.id, error)
            return False
        return is_age_restricted(channel)

    # --- all messages that show it ---------------------------------------------------------------------

    async def remove(self, showing: Showing) -> bool:
        return await self._ask(self._remover.remove, showing)

    async def still_shows(self, showing: Showing) -> bool:
        return await self._ask(self._finder.still_shows, showing)

    async def find_showing(self, showing: Showing, *, besides: frozenset[int]) -> int | None:
        return await self._ask(partial(self._finder.showing, besides=besides), showing)

    # --- cards ----------------------------------------------------------------------------------------

    async def find_answer(self, job: Job) -> int | None:
        return await self._ask(self._finder.answer, job)

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
            card = cards.released(job, self._pricing, to_member=job.private)
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
        except ANY_TROUBLE as error:
            log.warning("the operator's channel could not be told: %s", error)

    async def _ask(self, question: Callable[[About], Awaitable[T]], about: About) -> T:
        """Raises `DiscordUnavailable`, also where Discord refuses: the question may be asked again."""
        try:
            async with self._exchanges.exchange(CARD_SECONDS):
                return await question(about)
        except discord.HTTPException as error:
            raise DiscordUnavailable(detail=str(error)) from error

    async def _change_card(self, job: Job, card: cards.Card) -> bool:
        """Change our answer in the first way that Discord takes. False where another attempt may succeed."""
        final = True
        for change, for_good in self._ways_to_change(job):
            try:
                async with self._exchanges.exchange(CARD_SECONDS):
                    await change(view=card, attachments=[])
            except DiscordUnavailable as error:
                log.warning("job %s: its card could not be changed: %s", job.id, error)
                return False
            except discord.HTTPException as error:
                log.info("job %s: its card stays as it is: %s", job.id, error)
                final = final and error.status in for_good
            else:
                return True
        return final

    def _ways_to_change(self, job: Job) -> Iterator[tuple[Callable[..., Awaitable[object]], Collection[HTTPStatus]]]:
        """By the token; else as an ordinary message of the bot, which a private answer is not.

        With each way come the refusals after which it need not be tried again.
        """
        if job.message_id is None:
            return
        if webhook := self._places.by_token(job):
            yield partial(webhook.edit_message, job.message_id), TOKEN_IS_DEAD
        if not job.private:
            yield self._places.channel(job).get_partial_message(job.message_id).edit, CARD_IS_GONE
