"""`/policy words`: the words that a prompt is refused for, or that are told to the moderators."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str
from discord.ext import commands

from bot.discord.cards import moderating
from bot.domain.discord_limits import CHOICE_LIMIT, CHOICES_LIMIT
from bot.domain.policy import PATTERN_LIMIT, Words
from bot.domain.recipe import PROMPT_LIMIT
from bot.domain.revision import with_words, without_words
from bot.text import escape
from cogs.policy.change import Choices, change_rules, moderated_server, server_of
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import is_moderator, services_of


class WordRules(commands.Cog):
    words = app_commands.Group(
        name=locale_str("words"), description=locale_str("What prompts may not have in them, or are flagged for.")
    )

    @words.command(name=locale_str("add"), description=locale_str("Refuse or flag prompts with these words."))
    @app_commands.rename(pattern=locale_str("words"), flag=locale_str("flag"), is_pattern=locale_str("is_pattern"))
    @app_commands.describe(
        pattern=locale_str("A word or phrase, found only as whole words."),
        flag=locale_str("Take the order, and tell the log channel."),
        is_pattern=locale_str("It is a regular expression (RE2)."),
    )
    async def add_words(
        self,
        interaction: discord.Interaction,
        pattern: app_commands.Range[str, 1, PATTERN_LIMIT],
        flag: bool = False,
        is_pattern: bool = False,
    ) -> None:
        words = Words(pattern=pattern, is_pattern=is_pattern, action="flag" if flag else "block")
        await change_rules(interaction, {"words": with_words(words)})

    @words.command(name=locale_str("remove"), description=locale_str("Take words off the list."))
    @app_commands.rename(pattern=locale_str("words"))
    @app_commands.describe(pattern=locale_str("As they stand on the list."))
    async def remove_words(self, interaction: discord.Interaction, pattern: str) -> None:
        await change_rules(interaction, {"words": without_words(pattern)})

    @remove_words.autocomplete("pattern")
    async def suggest_words(self, interaction: discord.Interaction, typed: str) -> Choices:
        """Members who are no moderators get no suggestions: only moderators may read the list."""
        if not is_moderator(interaction):
            return []
        policy = await services_of(interaction).rules.policy_of(server_of(interaction))
        patterns = [each.pattern for each in policy.words if typed.casefold() in each.pattern.casefold()]
        fitting = [pattern for pattern in patterns if len(pattern) <= CHOICE_LIMIT]
        return [Choice(name=escape.plain(each), value=each) for each in fitting[:CHOICES_LIMIT]]

    @words.command(name=locale_str("list"), description=locale_str("All of them."))
    async def list_words(self, interaction: discord.Interaction) -> None:
        policy = await services_of(interaction).rules.policy_of(moderated_server(interaction))
        await interaction.response.send_message(view=moderating.words_page(policy, 0), ephemeral=True)

    @words.command(name=locale_str("test"), description=locale_str("Try a prompt: would it be refused or flagged?"))
    @app_commands.rename(text=locale_str("text"))
    @app_commands.describe(text=locale_str("Any prompt. Nothing is ordered."))
    async def test_words(
        self, interaction: discord.Interaction, text: app_commands.Range[str, 1, PROMPT_LIMIT]
    ) -> None:
        guild_id, rules = moderated_server(interaction), services_of(interaction).rules
        found = rules.found_words(await rules.policy_of(guild_id), text)
        await interaction.response.send_message(view=moderating.tested(text, found), ephemeral=True)


class WordsPageButton(DynamicButton, template=moderating.WORDS_ID.format(page=r"(?P<page>[0-9]{1,4})")):
    """Under a page of the list: turns to another page."""

    page: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        policy = await services_of(interaction).rules.policy_of(moderated_server(interaction))
        await interaction.response.edit_message(view=moderating.words_page(policy, self.page))
