"""Deletes messages that show an image: by the token of their interaction, else as ordinary messages of the bot."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

import discord

from bot.discord.delivery.places import Places
from bot.discord.delivery.trouble import is_refusal
from bot.domain.showing import Showing

log = logging.getLogger(__name__)

UNKNOWN_CHANNEL = 10003  # it was deleted, with all that stood in it
UNKNOWN_MESSAGE = 10008
GONE = frozenset({UNKNOWN_CHANNEL, UNKNOWN_MESSAGE})


class Remover:
    def __init__(self, places: Places) -> None:
        self._places = places

    async def remove(self, showing: Showing) -> bool:
        """Delete the message. Returns False where Discord refuses each way.

        Raises what discord.py raises where Discord does not answer.
        """
        for delete in self._ways(showing):
            try:
                await delete()
            except discord.HTTPException as error:
                if error.code in GONE:
                    return True
                if not is_refusal(error):
                    raise
                log.info("job %s: Discord does not let us delete a message: %s", showing.job_id, error)
            else:
                return True
        return False

    def _ways(self, showing: Showing) -> Iterator[Callable[[], Awaitable[object]]]:
        if showing.message_id is None:
            return
        if webhook := self._places.by_token(showing):
            yield partial(webhook.delete_message, showing.message_id)
        if not showing.ephemeral:
            channel = self._places.client.get_partial_messageable(showing.channel_id)
            yield channel.get_partial_message(showing.message_id).delete
