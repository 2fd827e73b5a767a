"""What an allowance may cost a month, and the question whether one that may cost much is meant so."""

from __future__ import annotations

import discord

from bot.discord.cards.base import CALM, Button, Card, Row, small, text
from bot.discord.cards.policy_values import say_allowance, say_role
from bot.domain.allowance_cost import AllowanceCost
from bot.domain.policy import AllowanceRule
from bot.text import units
from bot.text.i18n import number, tr, trn

SAVE_ID = "save-allowance:{role_id}:{amount}:{every}"


def ask(cost: AllowanceCost, *, role_id: int, guild_id: int) -> Card:
    rule = AllowanceRule(amount=cost.rule.amount, every=cost.rule.every)
    title = tr("Save {allowance} for {role}?").format(allowance=say_allowance(rule), role=say_role(role_id, guild_id))
    save = Button(
        label=tr("Save"),
        style=discord.ButtonStyle.danger,
        custom_id=SAVE_ID.format(role_id=role_id, amount=rule.amount, every=rule.every.value),
    )
    return Card(
        CALM, text(f"### {title}\n{say_cost(cost)}"), small(tr("Nothing is saved before you press Save.")), Row(save)
    )


def say_cost(cost: AllowanceCost) -> str:
    credits, dollars = units.credits(cost.credits_a_month), f"US${number(round(cost.micros_a_month / 1_000_000, 2))}"
    if cost.members is None:
        words = tr("This may cost {credits} ({dollars}) a month for each member with the role.")
    elif cost.exact:
        words = trn(
            "This may cost {credits} ({dollars}) a month: {count} member has the role.",
            "This may cost {credits} ({dollars}) a month: {count} members have the role.",
            cost.members,
        )
    else:
        words = tr(
            "This may cost up to {credits} ({dollars}) a month, if all {count} members of the server have the role: "
            "Discord does not tell me how many have it."
        )
    return words.format(credits=credits, dollars=dollars, count=number(cost.members or 0))
