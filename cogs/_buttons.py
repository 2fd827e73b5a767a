"""What all buttons that are found again by their custom id share."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

import discord
from discord import ui

from bot.client import answer_error
from cogs._here import services_of

ItemT = TypeVar("ItemT")

Button = ui.Button[ui.LayoutView]
Press = Callable[[ItemT, discord.Interaction[Any]], Coroutine[Any, Any, None]]


def answering_errors(press: Press[ItemT]) -> Press[ItemT]:
    """discord.py only logs what a dynamic item raises; the person who pressed it must read something."""

    @wraps(press)
    async def callback(item: ItemT, interaction: discord.Interaction[Any]) -> None:
        try:
            services_of(interaction).shop.check_running()
            await press(item, interaction)
        except Exception as error:  # noqa: BLE001  # the end of the line, as the command tree's on_error is
            await answer_error(interaction, error)

    return callback


def as_button(item: ui.Item[Any]) -> Button:
    if not isinstance(item, ui.Button):
        raise TypeError(f"expected a button under this custom id, found {type(item).__name__}")
    return item
