"""`/policy`, the rules of channels: where images are made, and where the bot writes its log and requests."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.revision import read_amounts, set_to, with_item, with_share, without_item
from bot.domain.rights import TO_WRITE
from cogs.orders.suggestions import all_models
from cogs.policy.change import change_rules, moderated_server
from cogs.shared.caller import services_of
from cogs.shared.rights import check_rights_in

PLACES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
    discord.ChannelType.category,
]


class PlaceReader(app_commands.Transformer):
    """Takes a channel as Discord sends it, so that a channel that the bot can't see may be denied too."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Without media channels, which `ForumChannel` would add: Discord's specification does not allow them."""
        return PLACES

    async def transform(
        self, _interaction: discord.Interaction[discord.Client], value: app_commands.AppCommandChannel
    ) -> app_commands.AppCommandChannel:
        return value


class HomeReader(PlaceReader):
    """As `PlaceReader`, without categories."""

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return [kind for kind in PLACES if kind is not discord.ChannelType.category]


Place = app_commands.Transform[app_commands.AppCommandChannel, PlaceReader]
Home = app_commands.Transform[app_commands.AppCommandChannel, HomeReader]


class PlaceRules(commands.Cog):
    channels = app_commands.Group(
        name=locale_str("channels"), description=locale_str("Where images are made; threads follow their channel.")
    )

    @channels.command(
        name=locale_str("allow"), description=locale_str("Images only here, and in the others that you allow.")
    )
    @app_commands.rename(channel=locale_str("channel"))
    @app_commands.describe(channel=locale_str("A channel, or a category with all in it."))
    async def allow(self, interaction: discord.Interaction, channel: Place) -> None:
        edits = {"allowed_channels": with_item(channel.id), "denied_channels": without_item(channel.id)}
        await change_rules(interaction, edits)

    @channels.command(name=locale_str("deny"), description=locale_str("No images here."))
    @app_commands.rename(channel=locale_str("channel"))
    @app_commands.describe(channel=locale_str("A channel, or a category with all in it."))
    async def deny(self, interaction: discord.Interaction, channel: Place) -> None:
        edits = {"allowed_channels": without_item(channel.id), "denied_channels": with_item(channel.id)}
        await change_rules(interaction, edits)

    @channels.command(name=locale_str("clear"), description=locale_str("Neither allowed nor denied any more."))
    @app_commands.rename(channel=locale_str("channel"))
    @app_commands.describe(channel=locale_str("Which one. Without it: all of them."))
    async def clear(self, interaction: discord.Interaction, channel: Place | None = None) -> None:
        edit = set_to([]) if channel is None else without_item(channel.id)
        await change_rules(interaction, {"allowed_channels": edit, "denied_channels": edit})

    @channels.command(name=locale_str("share"), description=locale_str("How much of the budget one channel may spend."))
    @app_commands.rename(channel=locale_str("channel"), percent=locale_str("percent"))
    @app_commands.describe(
        channel=locale_str("With its threads."), percent=locale_str("Of the budget. Without it: no share of its own.")
    )
    async def share(
        self,
        interaction: discord.Interaction,
        channel: Home,
        percent: app_commands.Range[int, 1, 100] | None = None,
    ) -> None:
        await change_rules(interaction, {"channel_shares": with_share(channel.id, percent)})

    @app_commands.command(name=locale_str("log"), description=locale_str("Where changes and alerts are told."))
    @app_commands.rename(channel=locale_str("channel"))
    @app_commands.describe(channel=locale_str("One that only moderators see."))
    async def log(self, interaction: discord.Interaction, channel: discord.TextChannel) -> None:
        moderated_server(interaction)
        check_rights_in(channel, TO_WRITE)
        await change_rules(interaction, {"log_channel": set_to(channel.id)})

    @app_commands.command(
        name=locale_str("requests"), description=locale_str("Where members' requests for credits are decided.")
    )
    @app_commands.rename(channel=locale_str("channel"), amounts=locale_str("amounts"))
    @app_commands.describe(
        channel=locale_str("One that only moderators see."),
        amounts=locale_str("Credits to choose from, such as 150 300 600."),
    )
    async def requests(
        self, interaction: discord.Interaction, channel: discord.TextChannel, amounts: str | None = None
    ) -> None:
        moderated_server(interaction)
        check_rights_in(channel, TO_WRITE)
        edits = {"request_channel": set_to(channel.id)}
        if amounts is not None:
            edits["request_amounts"] = set_to(read_amounts(amounts))
        await change_rules(interaction, edits)

    @app_commands.command(name=locale_str("defaults"), description=locale_str("What orders are unless they say more."))
    @app_commands.rename(
        private=locale_str("private"),
        spoiler=locale_str("spoiler"),
        age_restricted_only=locale_str("age_restricted"),
        model=locale_str("model"),
    )
    @app_commands.describe(
        private=locale_str("Only the member sees the image."),
        spoiler=locale_str("Hidden until somebody clicks on it."),
        age_restricted_only=locale_str("Images in age-restricted channels only."),
        model=locale_str("Which model makes an image where neither the order nor its member says."),
    )
    @app_commands.autocomplete(model=all_models)
    async def defaults(
        self,
        interaction: discord.Interaction,
        private: bool | None = None,
        spoiler: bool | None = None,
        age_restricted_only: bool | None = None,
        model: str | None = None,
    ) -> None:
        given = {
            "private_by_default": private,
            "spoiler_by_default": spoiler,
            "age_restricted_only": age_restricted_only,
            "default_model": services_of(interaction).pricing.models.named(model).key if model else None,
        }
        await change_rules(interaction, {rule: set_to(value) for rule, value in given.items() if value is not None})
