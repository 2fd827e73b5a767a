"""What an allowance may cost a month: the card of the rule says it, and from a bound on asks once more."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import discord

from bot.discord.cards import allowances as cards
from bot.domain.allowance import Allowance, Every
from bot.domain.allowance_cost import AllowanceCost
from bot.domain.policy import AMOUNT_LIMIT
from bot.domain.revision import for_role
from bot.domain.wallet import check_amount
from cogs.policy.change import change_rules, moderated_server
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import services_of

log = logging.getLogger(__name__)

COUNT_SECONDS = 1.0  # of the 3 s that Discord waits for an answer


async def set_allowance(interaction: discord.Interaction[Any], role_id: int, rule: Allowance) -> None:
    """Save the rule and say what it may cost, or ask first where it may cost much. Raises as `change_rules`."""
    moderated_server(interaction)
    cost = await _cost_of(interaction, role_id, rule)
    if cost.is_much:
        await _ask(interaction, role_id, cost)
    else:
        await _save(interaction, role_id, cost)


async def asked_first(interaction: discord.Interaction[Any], role_id: int, rule: Allowance) -> bool:
    """Ask whether a rule that may cost much is meant so; returns whether it was asked. Raises as `moderated_server`."""
    moderated_server(interaction)
    cost = await _cost_of(interaction, role_id, rule)
    if cost.is_much:
        await _ask(interaction, role_id, cost)
    return cost.is_much


async def _ask(interaction: discord.Interaction[Any], role_id: int, cost: AllowanceCost) -> None:
    card = cards.ask(cost, role_id=role_id, guild_id=moderated_server(interaction))
    await interaction.response.send_message(view=card, ephemeral=True)


async def _save(interaction: discord.Interaction[Any], role_id: int, cost: AllowanceCost) -> None:
    edit = for_role(role_id, {"amount": cost.rule.amount, "every": cost.rule.every.value})
    await change_rules(interaction, {"allowances": edit}, note=cards.say_cost(cost))


async def _cost_of(interaction: discord.Interaction[Any], role_id: int, rule: Allowance) -> AllowanceCost:
    """Discord counts the members of a role; where it does not tell, all members of the server are counted.

    Raises `BadAmount`.
    """
    check_amount(rule.amount, limit=AMOUNT_LIMIT)
    pricing = services_of(interaction).pricing
    members, exact = await _members_with(interaction.guild, role_id)
    return AllowanceCost(rule=rule, members=members, exact=exact, micros_per_credit=pricing.micros_per_credit)


async def _members_with(guild: discord.Guild | None, role_id: int) -> tuple[int | None, bool]:
    if guild is None:
        return None, False
    if role_id == guild.id:  # @everyone
        return guild.member_count, True
    try:
        counts = await asyncio.wait_for(guild.role_member_counts(), COUNT_SECONDS)
    except Exception as error:  # noqa: BLE001  # whatever it is: an unknown figure is no reason to refuse the rule
        log.info("server %d: Discord does not count the members of role %d: %r", guild.id, role_id, error)
        return guild.member_count, False
    return next((count for role, count in counts.items() if role.id == role_id), 0) or None, True


class SaveAllowanceButton(
    DynamicButton,
    template=cards.SAVE_ID.format(
        role_id=r"(?P<role_id>[0-9]{1,20})", amount=r"(?P<amount>[0-9]{1,8})", every=r"(?P<every>day|week|month)"
    ),
):
    """Under the question whether an allowance that may cost much is meant so: saves it."""

    role_id: int
    amount: int
    every: Every

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        moderated_server(interaction)
        rule = Allowance(amount=self.amount, every=self.every)
        await _save(interaction, self.role_id, await _cost_of(interaction, self.role_id, rule))
