"""Every command of `/policy` changes the rules of a server by `change_rules`. A button undoes a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.discord.cards import policy as policy_cards
from bot.discord.cards.base import Card
from bot.domain.discord_limits import CHOICES_LIMIT
from bot.domain.errors import NoSuchRule, NotInAServer
from bot.domain.policy import RULES, Change
from bot.domain.revision import Edit
from bot.text.refusals.policy import BLOCK, rule_name
from cogs.shared.acts import MakeCard, Way, tell_done
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import check_moderator, is_installed, services_of
from cogs.shared.server_log import tell_changes

Choices = list[app_commands.Choice[str]]


def server_of(interaction: discord.Interaction[Any]) -> int:
    """Raises `NotInAServer`, also in a server that has not installed the bot."""
    if interaction.guild_id is None or not is_installed(interaction):
        raise NotInAServer
    return interaction.guild_id


def moderated_server(interaction: discord.Interaction[Any]) -> int:
    """Raises `NotInAServer`, `NotAModerator`."""
    guild_id = server_of(interaction)
    check_moderator(interaction)
    return guild_id


async def change_rules(interaction: discord.Interaction[Any], edits: Mapping[str, Edit], *, note: str = "") -> None:
    """Show before → after to the moderator, with the `note`, then to the log.

    Raises as `Rules.revise` and `moderated_server`.
    """
    guild_id = moderated_server(interaction)
    changes = await services_of(interaction).rules.revise(guild_id, edits, actor=interaction.user.id)
    await tell_revision(interaction, changes, note=note)


async def tell_revision(
    interaction: discord.Interaction[Any],
    changes: Sequence[Change],
    *,
    note: str = "",
    card: MakeCard | None = None,
    way: Way = "private",
) -> None:
    """Answer with what was changed and the `note`, or with another `card`, then tell the log.

    A direct message has the changes.
    """
    guild_id = server_of(interaction)

    def changed() -> Card:
        return policy_cards.changed(changes, guild_id=guild_id, note=note)

    await tell_done(interaction, card or changed, way=way, directly=changed)
    await tell_changes(interaction, changes)


def read_rule(text: str) -> str:
    """`text` is the value of a suggestion, or the name of a rule as people read it. Raises `NoSuchRule`."""
    wanted = text.strip().casefold()
    for rule in (*RULES, BLOCK):
        if wanted in {rule, rule_name(rule).casefold()}:
            return rule
    raise NoSuchRule(text=text)


def suggest_rules(typed: str, *, others: tuple[str, ...] = ()) -> Choices:
    named = [(rule_name(rule), rule) for rule in (*RULES, *others)]
    fitting = [(name, rule) for name, rule in named if typed.strip().casefold() in name.casefold()]
    return [app_commands.Choice(name=name, value=rule) for name, rule in fitting[:CHOICES_LIMIT]]


class UndoChangeButton(DynamicButton, template=policy_cards.UNDO_ID.format(change_id=r"(?P<change_id>[0-9]{1,18})")):
    """Under each change: undoes it once, as long as the rule was not changed again."""

    change_id: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        guild_id = moderated_server(interaction)
        rules = services_of(interaction).rules
        change = await rules.undo(guild_id, self.change_id, actor=interaction.user.id)
        await tell_revision(interaction, [change])
