"""What the log channel is told of a server's rules: changes, flagged prompts, how far the budget is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import discord

from bot.discord.cards import moderating, policy
from bot.discord.cards.base import Card
from bot.domain.errors import CannotPostThere, StorageError
from bot.domain.job import Job
from bot.domain.policy import Change, Words
from bot.text.i18n import speaking
from cogs.shared.caller import missing_in, services_of
from cogs.shared.log_channel import tell_log

NEEDED_TO_WRITE = ("view_channel", "send_messages")


def check_may_write(channel: discord.TextChannel) -> None:
    """May the bot write in this channel? Raises `CannotPostThere` with what is missing."""
    missing = missing_in(channel, NEEDED_TO_WRITE)
    if missing:
        raise CannotPostThere(channel_id=channel.id, missing=missing)


async def tell_changes(interaction: discord.Interaction[Any], changes: Sequence[Change]) -> None:
    guild_id = interaction.guild_id
    if changes and guild_id is not None:
        await tell_server(interaction, lambda: policy.logged(changes, guild_id=guild_id))


async def tell_flag(interaction: discord.Interaction[Any], job: Job, words: Words) -> None:
    """An order was taken whose prompt has flagged words. Read once more: by now its card has a link."""
    newest = job
    with suppress(StorageError):  # the order stands, whatever can be read just now
        newest = await services_of(interaction).ordering.job(job.id) or job
    await tell_server(interaction, lambda: moderating.flagged(newest, words))


async def tell_budget(interaction: discord.Interaction[Any], percent: int, spent: int, budget: int) -> None:
    """`spent`: with what is on hold."""
    await tell_server(interaction, lambda: moderating.budget_reached(percent, spent, budget))


async def tell_server(interaction: discord.Interaction[Any], make: Callable[[], Card]) -> None:
    """In the server's language, not in that of whoever acted."""
    with speaking(str(interaction.guild_locale or discord.Locale.american_english)):
        card = make()
    await tell_log(interaction, card)
