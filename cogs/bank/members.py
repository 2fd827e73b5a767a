"""Finds the members who get credits: all members with a role, or those named in a text.

The bot keeps no list of a server's members, because that needs a privileged intent (Server Members). For the ids in a
text, the bot asks the gateway, which answers every bot. For a role, it reads the list of all members, which Discord
gives only to a bot whose operator has switched the intent on in the developer portal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import discord

from bot.domain.bank import BATCH_LIMIT
from bot.domain.errors import MembersHidden, MembersUnanswered, NotInAServer, TooManyToGive
from cogs.shared.answers import DISCORD_TROUBLE
from cogs.shared.caller import bot_of

PAGE_MEMBERS = 1_000  # most that Discord lists in one answer
LOOKED_THROUGH_LIMIT = 100_000  # members: a hundred answers, within the minutes that a command may take
ASKED_AT_ONCE = 100  # most ids in one question to the gateway

_MEMBER = re.compile(r"(?<![0-9&#])([0-9]{15,20})(?![0-9])")


@dataclass(frozen=True, slots=True)
class FoundMembers:
    """`left_out` counts bots, and ids of users who are not in this server."""

    member_ids: list[int]
    left_out: int


async def members_with_role(interaction: discord.Interaction[Any], role: discord.Role) -> FoundMembers:
    """Raises `MembersHidden`, `MembersUnanswered`, and `TooManyToGive` for more than `BATCH_LIMIT` members."""
    members: list[int] = []
    looked_through = bots = after = 0
    while looked_through < LOOKED_THROUGH_LIMIT:
        try:
            # Guild.fetch_members also wants the intent for the gateway, which this route does not.
            page = await bot_of(interaction).http.get_members(role.guild.id, PAGE_MEMBERS, after)
        except discord.Forbidden as error:
            raise MembersHidden from error
        except DISCORD_TROUBLE as error:
            raise MembersUnanswered from error
        for each in page:
            if role.is_default() or str(role.id) in each["roles"]:
                if each["user"].get("bot"):
                    bots += 1
                else:
                    members.append(int(each["user"]["id"]))
        if len(members) > BATCH_LIMIT:
            raise TooManyToGive(limit=BATCH_LIMIT)
        if len(page) < PAGE_MEMBERS:
            return FoundMembers(members, bots)
        looked_through += len(page)
        after = int(page[-1]["user"]["id"])
    raise TooManyToGive(limit=LOOKED_THROUGH_LIMIT, looked_through=True)


async def members_named_in(interaction: discord.Interaction[Any], words: str) -> FoundMembers:
    """The members whose mentions or ids stand in the text. Raises `MembersUnanswered` and `TooManyToGive`."""
    if interaction.guild is None:
        raise NotInAServer
    ids = [int(each) for each in dict.fromkeys(_MEMBER.findall(words))]
    if len(ids) > BATCH_LIMIT:
        raise TooManyToGive(limit=BATCH_LIMIT)
    members: list[discord.Member] = []
    for start in range(0, len(ids), ASKED_AT_ONCE):
        asked = ids[start : start + ASKED_AT_ONCE]
        try:
            members += await interaction.guild.query_members(user_ids=asked, limit=ASKED_AT_ONCE, cache=False)
        except TimeoutError as error:
            raise MembersUnanswered from error
    people = [member.id for member in members if not member.bot]
    return FoundMembers(people, len(ids) - len(people))
