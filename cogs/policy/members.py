"""`/policy`, the rules of members: blocks, a pause after refusals, and the role that manages credits."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.cards import moderating
from bot.domain.policy import AMOUNT_LIMIT, MINUTES_A_DAY, REFUSALS_LIMIT
from bot.domain.revision import set_to, with_fields
from bot.domain.schedule import read_end
from bot.domain.wallet import REASON_LIMIT
from bot.text.i18n import day_first
from cogs.policy.change import change_rules, moderated_server
from cogs.shared.acts import MakeCard, tell_done
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import services_of

Credits = app_commands.Range[int, 0, AMOUNT_LIMIT]
Reason = app_commands.Range[str, 1, REASON_LIMIT]


class MemberRules(commands.Cog):
    @app_commands.command(
        name=locale_str("block"), description=locale_str("Let a member make no images; credits are kept.")
    )
    @app_commands.rename(member=locale_str("member"), reason=locale_str("reason"), until=locale_str("until"))
    @app_commands.describe(
        member=locale_str("Who."),
        reason=locale_str("The member reads it."),
        until=locale_str("12h, 7d, 2w or 2026-12-24. Without it: until somebody lifts it."),
    )
    async def block(
        self, interaction: discord.Interaction, member: discord.User, reason: Reason, until: str | None = None
    ) -> None:
        guild_id, rules = moderated_server(interaction), services_of(interaction).rules
        zone = (await rules.policy_of(guild_id)).zone
        end = read_end(until, zone=zone, now=rules.now(), day_first=day_first()) if until else None
        block = await rules.block(
            guild_id, member.id, blocked=True, reason=reason, until=end, actor=interaction.user.id
        )
        await _tell(interaction, lambda: moderating.blocked(member.id, block))

    @app_commands.command(name=locale_str("unblock"), description=locale_str("Lift a member's block."))
    @app_commands.rename(member=locale_str("member"), reason=locale_str("reason"))
    @app_commands.describe(member=locale_str("Who."), reason=locale_str("Kept in the member's history."))
    async def unblock(self, interaction: discord.Interaction, member: discord.User, reason: Reason) -> None:
        await _unblock(interaction, member.id, reason)

    @app_commands.command(name=locale_str("blocks"), description=locale_str("A member's blocks, newest first."))
    @app_commands.rename(member=locale_str("member"))
    @app_commands.describe(member=locale_str("Who."))
    async def blocks(self, interaction: discord.Interaction, member: discord.User) -> None:
        guild_id, rules = moderated_server(interaction), services_of(interaction).rules
        found = await rules.blocks(guild_id, member.id)
        card = moderating.blocks(member.id, found, now=rules.now())
        await interaction.response.send_message(view=card, ephemeral=True)

    @app_commands.command(
        name=locale_str("cooldown"), description=locale_str("A pause for whom the content filter refuses often.")
    )
    @app_commands.rename(refusals=locale_str("refusals"), minutes=locale_str("minutes"))
    @app_commands.describe(refusals=locale_str("Within a day."), minutes=locale_str("From the last refusal on."))
    async def cooldown(
        self,
        interaction: discord.Interaction,
        refusals: app_commands.Range[int, 1, REFUSALS_LIMIT],
        minutes: app_commands.Range[int, 1, MINUTES_A_DAY],
    ) -> None:
        await change_rules(interaction, {"cool_down": set_to({"refusals": refusals, "minutes": minutes})})

    @app_commands.command(
        name=locale_str("managers"),
        description=locale_str("A role that may give and take credits: /bank, /codes, requests, /usage."),
    )
    @app_commands.rename(role=locale_str("role"), highest=locale_str("highest"), per_day=locale_str("per_day"))
    @app_commands.describe(
        role=locale_str("Members with it give and take credits, but give none to themselves."),
        highest=locale_str("Most that one of them gives at once, in credits."),
        per_day=locale_str("Most that one of them gives in a day."),
    )
    async def managers(
        self,
        interaction: discord.Interaction,
        role: discord.Role,
        highest: Credits | None = None,
        per_day: Credits | None = None,
    ) -> None:
        given = {"highest": highest, "per_day": per_day}
        limits = with_fields({name: value for name, value in given.items() if value is not None})
        await change_rules(interaction, {"managers": set_to(role.id), "manager_limits": limits})


async def _unblock(interaction: discord.Interaction[Any], member_id: int, reason: str) -> None:
    guild_id, rules = moderated_server(interaction), services_of(interaction).rules
    newest = (await rules.blocks(guild_id, member_id))[:1]
    if not newest or not newest[0].holds(now=rules.now()):
        await interaction.response.send_message(view=moderating.unblocked(member_id, None), ephemeral=True)
        return
    lifted = await rules.block(guild_id, member_id, blocked=False, reason=reason, actor=interaction.user.id)
    await _tell(interaction, lambda: moderating.unblocked(member_id, lifted))


async def _tell(interaction: discord.Interaction[Any], card: MakeCard) -> None:
    await tell_done(interaction, card, in_log=card)


class UnblockButton(DynamicButton, template=moderating.UNBLOCK_ID.format(member_id=r"(?P<member_id>[0-9]{1,20})")):
    """Under a block: lifts it."""

    member_id: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await _unblock(interaction, self.member_id, moderating.BY_BUTTON)
