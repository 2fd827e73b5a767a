"""`/policy`: the commands that show, explain, change and undo the rules of a server."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.cards import moderating
from bot.discord.cards import policy as policy_cards
from bot.discord.cards.base import Card
from bot.discord.client import StillframeBot
from bot.domain.errors import NoSuchRule, OperatorBudgetUsedUp, PolicyRefused, Refusal
from bot.domain.policy import RULES, limits_for
from bot.domain.revision import to_default
from bot.text import refusals
from bot.text.refusals.policy import BLOCK
from cogs.orders.moderator_alerts import alert_used_up
from cogs.policy.allowances import SaveAllowanceButton
from cogs.policy.change import (
    Choices,
    UndoChangeButton,
    change_rules,
    moderated_server,
    read_rule,
    server_of,
    suggest_rules,
)
from cogs.policy.members import MemberRules, UnblockButton
from cogs.policy.money import MoneyRules
from cogs.policy.places import PlaceRules
from cogs.policy.times import TimeRules
from cogs.policy.words import WordRules, WordsPageButton
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import caller_of, is_moderator, services_of


@app_commands.allowed_contexts(guilds=True)
@app_commands.allowed_installs(guilds=True)
class PolicyCog(
    PlaceRules,
    MoneyRules,
    MemberRules,
    WordRules,
    TimeRules,
    commands.GroupCog,
    name="policy",
    description=locale_str("This server's rules for images and credits."),
):
    """All members see the commands, because they may use `why`. Each other command checks who asks."""

    @commands.Cog.listener()
    async def on_refusal(self, interaction: discord.Interaction, refusal: Refusal) -> None:
        if isinstance(refusal, PolicyRefused) and refusal.rule == "budget":
            await alert_used_up(interaction)
        elif isinstance(refusal, OperatorBudgetUsedUp):
            await services_of(interaction).operator_alerts.used_up(refusal.use)

    @app_commands.command(name=locale_str("show"), description=locale_str("All rules, and who set them."))
    async def show(self, interaction: discord.Interaction) -> None:
        guild_id, services = moderated_server(interaction), services_of(interaction)
        month, spent, held = await services.rules.spent(guild_id)
        card = policy_cards.show(
            await services.rules.policy_of(guild_id),
            await services.rules.latest_of_all(guild_id),
            guild_id=guild_id,
            month=month,
            spent=spent,
            held=held,
            untold=await services.rules.is_untold(guild_id),
        )
        await interaction.response.send_message(view=card, ephemeral=True)

    @app_commands.command(name=locale_str("why"), description=locale_str("What a rule says, and who set it."))
    @app_commands.rename(rule=locale_str("rule"))
    @app_commands.describe(rule=locale_str("Without it: the one that stops you here and now."))
    async def why(self, interaction: discord.Interaction, rule: str | None = None) -> None:
        card = await (_explain(interaction, read_rule(rule)) if rule else _explain_standing(interaction))
        await interaction.response.send_message(view=card, ephemeral=True)

    @why.autocomplete("rule")
    async def suggest_all(self, _interaction: discord.Interaction, typed: str) -> Choices:
        return suggest_rules(typed, others=(BLOCK,))

    @app_commands.command(name=locale_str("reset"), description=locale_str("Turn a rule off, back to its default."))
    @app_commands.rename(rule=locale_str("rule"))
    @app_commands.describe(rule=locale_str("Which one."))
    async def reset(self, interaction: discord.Interaction, rule: str) -> None:
        moderated_server(interaction)
        wanted = read_rule(rule)
        if wanted not in RULES:
            raise NoSuchRule(text=rule)
        await change_rules(interaction, {wanted: to_default(wanted)})

    @reset.autocomplete("rule")
    async def suggest(self, _interaction: discord.Interaction, typed: str) -> Choices:
        return suggest_rules(typed)

    @app_commands.command(name=locale_str("history"), description=locale_str("Every change, newest first."))
    async def history(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=await _page(interaction), ephemeral=True)

    @app_commands.command(name=locale_str("gallery"), description=locale_str("Where starred images are shown."))
    async def gallery(self, interaction: discord.Interaction) -> None:
        policy = await services_of(interaction).rules.policy_of(moderated_server(interaction))
        channel_id = policy.gallery_channel
        await interaction.response.send_message(view=policy_cards.gallery(channel_id), ephemeral=True)


async def _explain_standing(interaction: discord.Interaction[Any]) -> Card:
    guild_id, rules = server_of(interaction), services_of(interaction).rules
    try:
        await rules.check_standing(caller_of(interaction))
    except PolicyRefused as refused:
        return await _explain(interaction, refused.rule, refusal=refusals.say(refused))
    return policy_cards.nothing_stops_you(limits_for(await rules.policy_of(guild_id), caller_of(interaction).role_ids))


async def _explain(interaction: discord.Interaction[Any], rule: str, *, refusal: str = "") -> Card:
    guild_id, rules = server_of(interaction), services_of(interaction).rules
    if rule == BLOCK:
        newest = (await rules.blocks(guild_id, interaction.user.id))[:1]
        return moderating.why_blocked(newest[0] if newest else None, now=rules.now())
    policy = await rules.policy_of(guild_id)
    return policy_cards.why(
        rule,
        policy,
        await rules.latest(guild_id, rule),
        guild_id=guild_id,
        mine=limits_for(policy, caller_of(interaction).role_ids),
        moderator=is_moderator(interaction),
        refusal=refusal,
    )


async def _page(interaction: discord.Interaction[Any], before: int | None = None) -> Card:
    guild_id = moderated_server(interaction)
    changes, older = await services_of(interaction).rules.history(guild_id, before=before)
    return policy_cards.history(changes, guild_id=guild_id, older_before=older)


class WhyButton(DynamicButton, template=policy_cards.WHY_ID.format(rule=r"(?P<rule>[a-z_]{1,40})")):
    """Under a refusal: explains the rule behind it to the member who was refused."""

    rule: str

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        card = await _explain(interaction, read_rule(self.rule))
        await interaction.response.send_message(view=card, ephemeral=True)


class HistoryButton(DynamicButton, template=policy_cards.HISTORY_ID.format(before=r"(?P<before>[0-9]{1,18})")):
    """Under a page of changes: turns to the page before."""

    before: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.edit_message(view=await _page(interaction, self.before))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(PolicyCog())
    bot.add_dynamic_items(
        SaveAllowanceButton, UndoChangeButton, UnblockButton, WordsPageButton, WhyButton, HistoryButton
    )
