"""The cards of buying credits on Discord: which wallet they are for, and what is for sale."""

from __future__ import annotations

from collections.abc import Collection

import discord
from discord import ui

from bot.discord.cards.base import CALM, Button, Card, Row, small, text
from bot.text import escape
from bot.text.i18n import tr

WALLET_ID = "buy-for:{which}"
BUTTONS_A_ROW = 5  # Discord's


def which_wallet() -> Card:
    words = tr(
        "### Buy credits\nWhere do you want to spend them?\n"
        "**In this server**: they are for images here.\n"
        "**Everywhere else**: they are for direct messages with me, and for servers that you brought me to."
    )
    here = Button(label=tr("In this server"), custom_id=WALLET_ID.format(which="server"))
    own = Button(label=tr("Everywhere else"), custom_id=WALLET_ID.format(which="own"))
    return Card(CALM, text(words), Row(here, own))


def offers(skus: Collection[int], *, server: str | None) -> Card:
    """`server`: the name of the server that the credits are for; None for the wallet of no server. Discord writes the
    names and prices on the buttons.
    """
    words = (
        tr("What you buy within an hour goes into your wallet in **{server}**.").format(
            server=escape.isolated(escape.plain(server))
        )
        if server
        else tr("What you buy goes into your own wallet, for direct messages and for servers that you brought me to.")
    )
    buttons: list[ui.Button[ui.LayoutView]] = [ui.Button(style=discord.ButtonStyle.premium, sku_id=sku) for sku in skus]
    rows = [Row(*buttons[first : first + BUTTONS_A_ROW]) for first in range(0, len(buttons), BUTTONS_A_ROW)]
    return Card(CALM, text(words), *rows, small(tr("Discord takes the payment. The credits are there at once.")))
