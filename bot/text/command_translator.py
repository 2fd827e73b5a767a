"""Translate the commands: the names and descriptions that Discord shows in each member's language."""

from __future__ import annotations

from collections.abc import Callable

from discord import Locale, app_commands
from discord.app_commands import TranslationContextTypes, locale_str

from bot.text.i18n import ENGLISH, is_translated, speaking, tr


def spoken(say: Callable[[], str]) -> locale_str:
    """Words with values in them, such as prices. `say` is called once for each language."""
    with speaking(ENGLISH):
        return locale_str(say(), say=say)


class Translator(app_commands.Translator):
    """Uses the same catalogues as the cards. Names of commands are not translated, so that members can share them."""

    async def translate(self, string: locale_str, locale: Locale, context: TranslationContextTypes) -> str | None:
        """Return the words, or None where Discord is to show the English ones."""
        if not is_translated(locale.value) or _is_name_of_command(
            context
        ):  # true for most of 33 locales, and called 5,000 times
            return None
        with speaking(locale.value):
            words: str = string.extras["say"]() if "say" in string.extras else tr(string.message)
        return None if words == string.message else words


def _is_name_of_command(context: TranslationContextTypes) -> bool:
    """Whether this is the name after the slash. Subcommands and menu entries do have a name in each language."""
    data = context.data
    is_name = context.location in {
        app_commands.TranslationContextLocation.command_name,
        app_commands.TranslationContextLocation.group_name,
    }
    return is_name and isinstance(data, app_commands.Command | app_commands.Group) and data.parent is None
