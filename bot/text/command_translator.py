"""Commands in everybody's language: what Discord shows before anything is sent."""

from __future__ import annotations

from collections.abc import Callable

from discord import Locale, app_commands
from discord.app_commands import TranslationContextTypes, locale_str

from bot.text.i18n import ENGLISH, is_translated, speaking, tr


def spoken(say: Callable[[], str]) -> locale_str:
    """Words with facts in them, such as prices: `say` is called once for each language."""
    with speaking(ENGLISH):
        return locale_str(say(), say=say)


class Translator(app_commands.Translator):
    """From the same catalogues as the cards. The names of commands stay as they are: people tell them each other."""

    async def translate(self, string: locale_str, locale: Locale, context: TranslationContextTypes) -> str | None:
        """None where the English serves, which Discord then shows."""
        if not is_translated(locale.value) or _is_name_of_command(context):  # of 33 locales, most: asked 5,000 times
            return None
        with speaking(locale.value):
            words: str = string.extras["say"]() if "say" in string.extras else tr(string.message)
        return None if words == string.message else words


def _is_name_of_command(context: TranslationContextTypes) -> bool:
    """Of one that is typed after the slash: subcommands have names in each language, and so have entries in a menu."""
    data = context.data
    is_name = context.location in {
        app_commands.TranslationContextLocation.command_name,
        app_commands.TranslationContextLocation.group_name,
    }
    return is_name and isinstance(data, app_commands.Command | app_commands.Group) and data.parent is None
