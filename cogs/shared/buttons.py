"""Buttons and selects that stand under sent messages, and work after a restart: Discord gives back their custom id."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Generic, Self, TypeVar, get_type_hints

import discord
from discord import ui
from pydantic import TypeAdapter, ValidationError

from bot.discord.client import answer_error, begin_context, check_interaction
from bot.domain.errors import PressUnknown, PriceChanged
from cogs.shared.choices import reader_of

NOTHING = r"(?!)"  # a template that no custom id matches
JOB_ID = r"(?P<job_id>[0-9]{1,25})"

_PRICE = re.compile(r"\(([^()]*[0-9][^()]*)\)")

Button = ui.Button[ui.LayoutView]
Select = ui.Select[ui.LayoutView]
ChannelSelect = ui.ChannelSelect[ui.LayoutView]
ItemT = TypeVar("ItemT", bound=ui.Item[Any])


class DynamicItem(ui.DynamicItem[ItemT], Generic[ItemT], template=NOTHING):
    """The base of them all. A subclass has a template, a field for each group of the template, and `pressed`.

    A field has the name of its group. Its annotation says what the text of the group becomes: str, int, an enum, a
    date, or bool from "0" and "1". A press whose custom id has none of that is refused.
    """

    item_type: ClassVar[type[Any]]
    pattern: ClassVar[re.Pattern[str]]
    _fields: ClassVar[dict[str, TypeAdapter[Any]]]
    _unknown = False  # a field is out of its bounds

    def __init_subclass__(cls, *, template: str = NOTHING) -> None:
        """A subclass without a template is itself a base."""
        super().__init_subclass__(template=template)
        cls.pattern = re.compile(template)
        types = get_type_hints(cls, include_extras=True)
        cls._fields = {group: reader_of(types[group]) for group in cls.pattern.groupindex}

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]
    ) -> Self:
        if not isinstance(item, cls.item_type):
            raise TypeError(f"expected a {cls.item_type.__name__} under this custom id, found {type(item).__name__}")
        found = cls(item)
        try:
            for name, field in cls._fields.items():
                setattr(found, name, field.validate_python(match[name]))
        except ValidationError:
            found._unknown = True
        return found

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """discord.py only logs an error of a dynamic item. Here the member is told of it too."""
        begin_context(interaction)
        try:
            check_interaction(interaction)
            self._check_fields()
            await self.pressed(interaction)
        except Exception as error:  # noqa: BLE001  # the end of the line, as the command tree's on_error is
            await answer_error(interaction, error)

    def _check_fields(self) -> None:
        if self._unknown:
            raise PressUnknown

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """A member has pressed the button, or chosen in the select. A `Refusal` raised here is told to the member."""
        raise NotImplementedError


class DynamicButton(DynamicItem[Button]):
    item_type = ui.Button


class DynamicSelect(DynamicItem[Select]):
    item_type = ui.Select


class DynamicChannelSelect(DynamicItem[ChannelSelect]):
    item_type = ui.ChannelSelect


class JobButton(DynamicButton):
    """A button of one job. Its template has `JOB_ID` in it."""

    job_id: str


class StatementPageButton(DynamicButton):
    """A button under a page of a member's statement, to another page. Its template has `GROUPS` in it."""

    GROUPS: ClassVar = {"member_id": r"(?P<member_id>[0-9]{1,20})", "before": r"(?P<before>[0-9]{1,18})"}

    member_id: int
    before: int


def pressed_privately(interaction: discord.Interaction[Any]) -> bool:
    """What a button leads to is as private as the message that the button stands under."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def check_price(button: Button, price: int) -> None:
    """A label such as "Again (150)" is a promise, however old its message. Raises `PriceChanged`."""
    said = _PRICE.search(button.label or "")
    if said and int("".join(filter(str.isdecimal, said[1]))) != price:
        raise PriceChanged(price=price)
