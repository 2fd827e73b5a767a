"""`/help` in four screens, and an answer to members who write to the bot instead of using a command."""

from __future__ import annotations

import logging
import re
import time
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord import cards
from bot.discord.cards import help as help_cards
from bot.discord.cards.help import Screen
from bot.discord.client import StillframeBot
from bot.domain.intent import links_in
from bot.domain.order import OrderText
from bot.text import refusals
from bot.text.i18n import ENGLISH, speak, tr
from cogs.orders.order_form import OrderForm
from cogs.orders.order_request import OrderRequest, check_open
from cogs.shared.answers import DISCORD_TROUBLE
from cogs.shared.buttons import DynamicButton, pressed_privately
from cogs.shared.caller import bot_of, caller_of, check_may_post, is_moderator, services_of, where_offered

log = logging.getLogger(__name__)

ANSWER_EVERY_SECONDS = 60.0  # to one member: talking to a bot is no way to fill a channel
FOR_MODERATORS = ("setup", "policy", "bank", "codes", "usage", "gallery", "takedown")


class HelpCog(commands.Cog):
    def __init__(self, bot: StillframeBot) -> None:
        self._bot = bot
        self._answered: dict[int, float] = {}  # by member, seconds of a monotonic clock
        self.help.allowed_contexts, self.help.allowed_installs = where_offered(bot.services)

    @app_commands.command(
        name="help", description=locale_str("How it works, in four short screens. Only you see the answer.")
    )
    @app_commands.rename(topic=locale_str("topic"))
    @app_commands.describe(topic=locale_str("Where to begin."))
    @app_commands.choices(
        topic=[
            app_commands.Choice(name=locale_str(title), value=which.value) for which, title in help_cards.TITLES.items()
        ]
    )
    async def help(self, interaction: discord.Interaction, topic: int = Screen.FIRST) -> None:
        await interaction.response.send_message(view=_screen(interaction, Screen(topic)), ephemeral=True)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Discord shows the bot only what is written to it: a direct message, or a message that mentions it."""
        typed = self._written_to_us(message)
        if typed is None or message.author.bot or not self._may_answer(message.author.id):
            return
        speak(message.guild.preferred_locale.value if message.guild else ENGLISH)
        right = "imagine" if links_in(typed) else self._bot.closest_command(typed)
        try:
            await message.reply(view=help_cards.pointer(right), mention_author=False)
        except DISCORD_TROUBLE as error:
            log.info("message %s: no answer could be posted: %s", message.id, error)

    def _written_to_us(self, message: discord.Message) -> str | None:
        """The words after the mention. None for a message that does not begin with it, such as a reply to an image."""
        if message.guild is None:
            return message.content
        me = self._bot.user
        name, _, typed = message.content.partition(">")
        return typed if me is not None and name in {f"<@{me.id}", f"<@!{me.id}"} else None

    def _may_answer(self, member_id: int) -> bool:
        now = time.monotonic()
        self._answered = {each: at for each, at in self._answered.items() if now - at < ANSWER_EVERY_SECONDS}
        if member_id in self._answered:
            return False
        self._answered[member_id] = now
        return True


def _screen(interaction: discord.Interaction[Any], which: Screen) -> cards.Card:
    tree = bot_of(interaction).tree
    named = [name for name in FOR_MODERATORS if tree.get_command(name)]
    for_moderators = named if is_moderator(interaction) else ()
    return help_cards.screen(which, services_of(interaction).pricing, for_moderators=for_moderators)


class ScreenButton(DynamicButton, template=r"help:(?:to|next):(?P<screen>[1-4])"):
    """Turns to a screen. Under a message that all can see, it opens the screen for the member who presses it alone."""

    screen: Screen

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        card = _screen(interaction, self.screen)
        if pressed_privately(interaction):
            await interaction.response.edit_message(view=card)
        else:
            await interaction.response.send_message(view=card, ephemeral=True)


class TryExampleButton(DynamicButton, template=re.escape(help_cards.TRY_ID)):
    """Opens the form of an order with an example filled in."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        check_open(interaction)
        check_may_post(caller_of(interaction))
        prompt = tr(help_cards.EXAMPLE_PROMPT)
        text = OrderText(prompt=prompt, video=refusals.EXAMPLE_LINK, start=help_cards.EXAMPLE_START)
        await interaction.response.send_modal(OrderForm(interaction, OrderRequest(text=text)))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(HelpCog(bot))
    bot.add_dynamic_items(ScreenButton, TryExampleButton)
