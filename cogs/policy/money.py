"""`/policy`, the rules of amounts: limits and allowances of roles, the budget, starting credits, gifts."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str
from discord.ext import commands

from bot.domain.allowance import Allowance, Every
from bot.domain.policy import AMOUNT_LIMIT, DAYS_LIMIT, IMAGES_LIMIT, LINE_LIMIT
from bot.domain.recipe import FRAMES_LIMIT, Size
from bot.domain.revision import for_role, set_to, with_fields, with_item, without_field, without_item, without_role
from cogs.orders.suggestions import all_models
from cogs.policy.allowances import set_allowance
from cogs.policy.change import change_rules
from cogs.shared.caller import services_of

Credits = app_commands.Range[int, 0, AMOUNT_LIMIT]

_EVERY = {Every.DAY: locale_str("day"), Every.WEEK: locale_str("week"), Every.MONTH: locale_str("month")}

_LIMITS = {
    "images_per_day": locale_str("images per day"),
    "running": locale_str("running"),
    "waiting": locale_str("waiting"),
    "size": locale_str("size"),
    "search": locale_str("web search"),
    "highest_price": locale_str("highest price"),
    "frames": locale_str("frames"),
}


class MoneyRules(commands.Cog):
    limit = app_commands.Group(
        name=locale_str("limit"), description=locale_str("What a role may order; the most generous role counts.")
    )
    allowance = app_commands.Group(
        name=locale_str("allowance"), description=locale_str("Credits that a role gets again and again.")
    )

    @limit.command(name=locale_str("set"), description=locale_str("Set limits of a role; the others stay."))
    @app_commands.rename(
        role=locale_str("role"),
        images_per_day=locale_str("images_per_day"),
        running=locale_str("running"),
        waiting=locale_str("waiting"),
        size=locale_str("size"),
        search=locale_str("search"),
        highest_price=locale_str("highest_price"),
        frames=locale_str("frames"),
    )
    @app_commands.describe(
        role=locale_str("Whose; @everyone is a role too."),
        images_per_day=locale_str("Ordered from midnight on."),
        running=locale_str("Made at the same time."),
        waiting=locale_str("In line."),
        size=locale_str("The largest."),
        search=locale_str("Allow web search."),
        highest_price=locale_str("Of one image, in credits."),
        frames=locale_str("Of one moment."),
    )
    @app_commands.choices(size=[Choice(name=size.label, value=size.value) for size in Size])
    async def set_limits(
        self,
        interaction: discord.Interaction,
        role: discord.Role,
        images_per_day: app_commands.Range[int, 0, IMAGES_LIMIT] | None = None,
        running: app_commands.Range[int, 1, LINE_LIMIT] | None = None,
        waiting: app_commands.Range[int, 0, LINE_LIMIT] | None = None,
        size: str | None = None,
        search: bool | None = None,
        highest_price: Credits | None = None,
        frames: app_commands.Range[int, 1, FRAMES_LIMIT] | None = None,
    ) -> None:
        given = {
            "images_per_day": images_per_day,
            "running": running,
            "waiting": waiting,
            "size": size,
            "search": search,
            "highest_price": highest_price,
            "frames": frames,
        }
        wanted = {name: value for name, value in given.items() if value is not None}
        await change_rules(interaction, {"limits": for_role(role.id, wanted)} if wanted else {})

    @limit.command(name=locale_str("clear"), description=locale_str("Take limits of a role away."))
    @app_commands.rename(role=locale_str("role"), which=locale_str("which"))
    @app_commands.describe(role=locale_str("Whose."), which=locale_str("Which one. Without it: all of them."))
    @app_commands.choices(which=[Choice(name=label, value=name) for name, label in _LIMITS.items()])
    async def clear_limits(
        self, interaction: discord.Interaction, role: discord.Role, which: str | None = None
    ) -> None:
        edit = without_role(role.id) if which is None else without_field(role.id, which)
        await change_rules(interaction, {"limits": edit})

    @limit.command(name=locale_str("balance"), description=locale_str("Most that one wallet may have."))
    @app_commands.rename(highest=locale_str("credits"))
    @app_commands.describe(highest=locale_str("Grants, gifts and codes stop there; what comes back never does."))
    async def limit_balance(
        self, interaction: discord.Interaction, highest: app_commands.Range[int, 1, AMOUNT_LIMIT]
    ) -> None:
        await change_rules(interaction, {"highest_balance": set_to(highest)})

    @limit.command(name=locale_str("model"), description=locale_str("Which models this server allows."))
    @app_commands.rename(model=locale_str("model"), allowed=locale_str("allowed"))
    @app_commands.describe(model=locale_str("Which one."), allowed=locale_str("Whether members may use it here."))
    @app_commands.autocomplete(model=all_models)
    async def limit_model(self, interaction: discord.Interaction, model: str, allowed: bool) -> None:
        key = services_of(interaction).pricing.models.named(model).key
        await change_rules(interaction, {"forbidden_models": without_item(key) if allowed else with_item(key)})

    @allowance.command(
        name=locale_str("set"), description=locale_str("Fill credits up to an amount; the best role counts.")
    )
    @app_commands.rename(role=locale_str("role"), amount=locale_str("amount"), every=locale_str("every"))
    @app_commands.describe(
        role=locale_str("Whose; @everyone is a role too."),
        amount=locale_str("What is there when a period begins; nothing is added up."),
        every=locale_str("By the server's time zone; weeks begin on Monday."),
    )
    @app_commands.choices(every=[Choice(name=label, value=every.value) for every, label in _EVERY.items()])
    async def set_allowance(
        self,
        interaction: discord.Interaction,
        role: discord.Role,
        amount: app_commands.Range[int, 1, AMOUNT_LIMIT],
        every: str,
    ) -> None:
        await set_allowance(interaction, role.id, Allowance(amount=amount, every=Every(every)))

    @allowance.command(name=locale_str("clear"), description=locale_str("No more; what is left of it lapses."))
    @app_commands.rename(role=locale_str("role"))
    @app_commands.describe(role=locale_str("Whose."))
    async def clear_allowance(self, interaction: discord.Interaction, role: discord.Role) -> None:
        await change_rules(interaction, {"allowances": without_role(role.id)})

    @app_commands.command(
        name=locale_str("budget"), description=locale_str("What the whole server may spend in a month.")
    )
    @app_commands.rename(credits_a_month=locale_str("credits"))
    @app_commands.describe(
        credits_a_month=locale_str("The log, or the owner, is told at 50, 80 and 100 %; then images stop.")
    )
    async def budget(
        self, interaction: discord.Interaction, credits_a_month: app_commands.Range[int, 1, AMOUNT_LIMIT]
    ) -> None:
        await change_rules(interaction, {"budget": set_to(credits_a_month)})

    @app_commands.command(name=locale_str("starting"), description=locale_str("Credits of a new member."))
    @app_commands.rename(starting_credits=locale_str("credits"))
    @app_commands.describe(starting_credits=locale_str("At most what whoever runs the bot gives."))
    async def starting(self, interaction: discord.Interaction, starting_credits: Credits) -> None:
        await change_rules(interaction, {"starting_credits": set_to(starting_credits)})

    @app_commands.command(name=locale_str("gifts"), description=locale_str("Credits from member to member."))
    @app_commands.rename(allowed=locale_str("allowed"), highest=locale_str("highest"), per_day=locale_str("per_day"))
    @app_commands.describe(
        allowed=locale_str("Whether there are any."),
        highest=locale_str("Of one gift, in credits."),
        per_day=locale_str("Of all that a member gives in a day."),
    )
    async def gifts(
        self,
        interaction: discord.Interaction,
        allowed: bool,
        highest: Credits | None = None,
        per_day: Credits | None = None,
    ) -> None:
        given = {"allowed": allowed, "highest": highest, "per_day": per_day}
        edit = with_fields({name: value for name, value in given.items() if value is not None})
        await change_rules(interaction, {"gifts": edit})

    @app_commands.command(
        name=locale_str("ages"), description=locale_str("How old an account must be for gifts and codes.")
    )
    @app_commands.rename(account_days=locale_str("account_days"), member_days=locale_str("member_days"))
    @app_commands.describe(
        account_days=locale_str("Of the Discord account, in days; 0: no matter."),
        member_days=locale_str("Of the membership in this server, in days; 0: no matter."),
    )
    async def ages(
        self,
        interaction: discord.Interaction,
        account_days: app_commands.Range[int, 0, DAYS_LIMIT] | None = None,
        member_days: app_commands.Range[int, 0, DAYS_LIMIT] | None = None,
    ) -> None:
        given = {"account_days": account_days, "member_days": member_days}
        edit = with_fields({name: value for name, value in given.items() if value is not None})
        await change_rules(interaction, {"ages": edit})
