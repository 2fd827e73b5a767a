"""The forms of `/setup`. They read what the moderator typed, and `save` of the cog saves it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord

from bot.discord.cards.base import Label, Select, Text
from bot.domain.allowance import Allowance, Every
from bot.domain.policy import Policy
from bot.domain.revision import Edit, for_role, set_to, without_role
from bot.domain.wallet import read_amount
from bot.text.i18n import mark, tr
from cogs.policy.allowances import asked_first
from cogs.setup.cards import SetupPage
from cogs.shared.caller import services_of
from cogs.shared.choices import one_of
from cogs.shared.forms import Form

NUMBER_LIMIT = 12  # characters; the largest amount has eight digits
ZONE_LIMIT = 60  # characters; the longest name of a zone has 32

Save = Callable[[discord.Interaction[Any], SetupPage, Mapping[str, Edit]], Awaitable[None]]

_EVERY = {Every.DAY: mark("Every day"), Every.WEEK: mark("Every week"), Every.MONTH: mark("Every month")}


class _SetupForm(Form):
    def __init__(self, interaction: discord.Interaction[Any], title: str, save: Save) -> None:
        super().__init__(interaction, title)
        self._save = save


class StartingForm(_SetupForm):
    def __init__(self, interaction: discord.Interaction[Any], policy: Policy, save: Save) -> None:
        super().__init__(interaction, tr("Starting credits"), save)
        self._amount = _number_field(policy.starting_credits)
        limit = services_of(interaction).rules.starting_limit
        hint = tr("At most {limit}. Empty: as whoever runs this bot has set.").format(limit=limit)
        self.add_item(Label(text=tr("Credits of a new member"), description=hint, component=self._amount))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await self._save(interaction, SetupPage.CREDITS, {"starting_credits": set_to(_number(self._amount.value))})


class AllowanceForm(_SetupForm):
    """Sets the allowance of everyone, whose role has the server's id."""

    def __init__(self, interaction: discord.Interaction[Any], policy: Policy, save: Save, *, role_id: int) -> None:
        super().__init__(interaction, tr("Allowance for everyone"), save)
        self._role_id = role_id
        rule = policy.allowances.get(role_id)
        chosen = rule.every if rule else Every.WEEK
        self._amount = _number_field(rule.amount if rule else None)
        self._every = Select(
            custom_id="every",
            options=[
                discord.SelectOption(label=tr(words), value=every.value, default=every is chosen)
                for every, words in _EVERY.items()
            ],
        )
        self.add_item(Label(text=tr("Credits"), description=tr("Empty: no allowance."), component=self._amount))
        self.add_item(Label(text=tr("How often"), component=self._every))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        amount = _number(self._amount.value)
        if amount is None:
            edit = without_role(self._role_id)
        else:
            every = one_of(self._every, Every)
            if await asked_first(interaction, self._role_id, Allowance(amount=amount, every=every)):
                return
            edit = for_role(self._role_id, {"amount": amount, "every": every.value})
        await self._save(interaction, SetupPage.CREDITS, {"allowances": edit})


class BudgetForm(_SetupForm):
    def __init__(self, interaction: discord.Interaction[Any], policy: Policy, save: Save) -> None:
        super().__init__(interaction, tr("Budget of a month"), save)
        self._amount = _number_field(policy.budget)
        self.add_item(Label(text=tr("Credits"), description=tr("Empty: no budget."), component=self._amount))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await self._save(interaction, SetupPage.BUDGET, {"budget": set_to(_number(self._amount.value))})


class ZoneForm(_SetupForm):
    def __init__(self, interaction: discord.Interaction[Any], policy: Policy, save: Save) -> None:
        super().__init__(interaction, tr("Time zone"), save)
        self._zone = Text(custom_id="zone", default=policy.time_zone, max_length=ZONE_LIMIT)
        self.add_item(Label(text=tr("Name"), description=tr("Such as Europe/Berlin."), component=self._zone))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await self._save(interaction, SetupPage.ZONE, {"time_zone": set_to(self._zone.value.strip())})


def _number_field(now: int | None) -> Text:
    default = None if now is None else str(now)
    return Text(custom_id="amount", default=default, max_length=NUMBER_LIMIT, required=False)


def _number(text: str) -> int | None:
    """None for an empty field. Raises `NotAnAmount`."""
    return read_amount(text) if text.strip() else None
