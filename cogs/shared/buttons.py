"""What all buttons that are found again by their custom id share."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Self, TypeVar

import discord
from discord import ui

from bot.discord.client import answer_error, begin_context
from bot.domain.errors import PriceChanged
from cogs.shared.caller import services_of

ItemT = TypeVar("ItemT")

PAGE_OF_A_MEMBER = {"member_id": r"(?P<member_id>[0-9]{1,20})", "before": r"(?P<before>[0-9]{1,18})"}
JOB_ID = r"(?P<job_id>[0-9]{1,25})"

_PRICE = re.compile(r"\(([^()]*[0-9][^()]*)\)")

Button = ui.Button[ui.LayoutView]
Select = ui.Select[ui.LayoutView]
Press = Callable[[ItemT, discord.Interaction[Any]], Coroutine[Any, Any, None]]


def answering_errors(press: Press[ItemT]) -> Press[ItemT]:
    """discord.py only logs what a dynamic item raises; the person who pressed it must read something."""

    @wraps(press)
    async def callback(item: ItemT, interaction: discord.Interaction[Any]) -> None:
        begin_context(interaction)
        try:
            services_of(interaction).breaker.check_running()
            await press(item, interaction)
        except Exception as error:  # noqa: BLE001  # the end of the line, as the command tree's on_error is
            await answer_error(interaction, error)

    return callback


def as_button(item: ui.Item[Any]) -> Button:
    if not isinstance(item, ui.Button):
        raise TypeError(f"expected a button under this custom id, found {type(item).__name__}")
    return item


def as_select(item: ui.Item[Any]) -> Select:
    if not isinstance(item, ui.Select):
        raise TypeError(f"expected a select under this custom id, found {type(item).__name__}")
    return item


def pressed_privately(interaction: discord.Interaction[Any]) -> bool:
    """What a button leads to is as private as the message that it stands under."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def check_price(button: Button, price: int) -> None:
    """A label such as "Again (150)" is a promise, however old its message. Raises `PriceChanged`."""
    said = _PRICE.search(button.label or "")
    if said and int("".join(filter(str.isdecimal, said[1]))) != price:
        raise PriceChanged(price=price)


class JobButton(ui.DynamicItem[Button], template=r"(?!)"):
    """A button whose custom id ends in a job's id. Each subclass has its own template; this one matches nothing."""

    def __init__(self, item: Button, job_id: str) -> None:
        super().__init__(item)
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(as_button(item), match["job_id"])


class NumberButton(ui.DynamicItem[Button], template=r"(?!)"):
    """A button whose custom id has a number in it, called `number` in each subclass's template: a page, a member."""

    def __init__(self, item: Button, number: int) -> None:
        super().__init__(item)
        self.number = number

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(as_button(item), int(match["number"]))


class StatementPageButton(ui.DynamicItem[Button], template=r"(?!)"):
    """Under a page of somebody's statement: another page. Each subclass has its own template, of `PAGE_OF_A_MEMBER`."""

    def __init__(self, item: Button, member_id: int, before: int) -> None:
        super().__init__(item)
        self.member_id = member_id
        self.before = before

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(as_button(item), int(match["member_id"]), int(match["before"]))
