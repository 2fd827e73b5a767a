"""Where the messages of a job stand: its answer, its channel, and the direct messages of its member."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import discord

from bot.domain.job import Job
from bot.domain.showing import Showing

TOKEN_SLACK_MS = 5_000  # a token that expires sooner is not used any more


@dataclass(frozen=True, slots=True)
class Places:
    """`clock` gives Unix milliseconds."""

    client: discord.Client
    clock: Callable[[], int]

    def by_token(self, job: Job | Showing) -> discord.Webhook | None:
        """The way to an answer by the interaction's token; None where that has expired by our clock."""
        if not job.token or self.clock() >= job.token_until - TOKEN_SLACK_MS:
            return None
        return discord.Webhook.partial(self.client.application_id or 0, job.token, client=self.client)

    def channel(self, job: Job) -> discord.PartialMessageable:
        return self.client.get_partial_messageable(job.shown_in, guild_id=job.wallet.guild_id or None)

    async def direct(self, job: Job) -> discord.DMChannel:
        """Raises `discord.HTTPException`."""
        return await self.client.create_dm(discord.Object(job.wallet.member_id))
