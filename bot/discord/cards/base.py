"""The parts that all cards are made of."""

from __future__ import annotations

from typing import Self

import discord
from discord import ui

from bot.domain.typed import sound

CALM = discord.Colour(0x8A8F98)
BUSY = discord.Colour(0x4F7CFF)
DONE = discord.Colour(0x2FA36B)
SORRY = discord.Colour(0xC98A1B)

Row = ui.ActionRow[ui.LayoutView]
Button = ui.Button[ui.LayoutView]
Select = ui.Select[ui.LayoutView]
Label = ui.Label[ui.LayoutView]


class Text(ui.TextInput[ui.LayoutView]):
    """A field for a text. What was typed is sound: a person may send anything."""

    @property
    def value(self) -> str:
        return sound(super().value)


class Card(ui.LayoutView):
    """One container of texts, pictures, buttons and selects. A registered item answers to each custom id."""

    def __init__(self, colour: discord.Colour, *items: ui.Item[ui.LayoutView]) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.Container(*items, accent_colour=colour))
        # discord.py keeps every view with buttons that it sends, for ever; a stopped one it forgets (12.6 kB an order).
        self.stop()

    def extended(self, *items: ui.Item[ui.LayoutView]) -> Self:
        """Add the items below, and return the same card."""
        (container,) = self.children
        if isinstance(container, ui.Container):
            for item in items:
                container.add_item(item)
        return self


def note(words: str) -> Card:
    """A plain answer."""
    return Card(CALM, text(words))


def text(words: str) -> ui.TextDisplay[ui.LayoutView]:
    return ui.TextDisplay(words)


def small(words: str) -> ui.TextDisplay[ui.LayoutView]:
    return ui.TextDisplay("\n".join(f"-# {line}" for line in words.splitlines()))
