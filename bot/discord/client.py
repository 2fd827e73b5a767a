"""The Discord client: its intents, its commands, and the answer to an error. Commands reach `services` through it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import aiohttp
import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.discord import cards
from bot.discord.acts import OpenQuestions, done_so_far
from bot.discord.cards import credit_requests as request_cards
from bot.discord.cards import forms as form_cards
from bot.discord.cards import help as help_cards
from bot.discord.cards import policy as policy_cards
from bot.discord.door import check_options, clean
from bot.discord.kept_forms import KEPT_MINUTES, KeptForms, SentForms, WayBack
from bot.domain.closest_command import closest_command
from bot.domain.errors import (
    FormLost,
    NotEnoughCredits,
    OptionUnknown,
    PolicyRefused,
    PressUnknown,
    Refusal,
    ServerNotAllowed,
    StillframeError,
    StorageError,
    WrongCommand,
)
from bot.domain.pricing import Pricing
from bot.services.credits.acts import Acts
from bot.services.credits.balance import Credits
from bot.services.credits.bank import Bank
from bot.services.credits.codes import Codes
from bot.services.credits.credit_requests import CreditRequests
from bot.services.credits.exports import Exports
from bot.services.credits.gifts import Gifts
from bot.services.credits.purchases import Purchases
from bot.services.jobs.awaiting_images import AwaitingImages
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.jobs.showings import Showings
from bot.services.orders.favourites import Favourites
from bot.services.orders.history import History
from bot.services.orders.ordering import Ordering
from bot.services.orders.preferences import MemberPreferences
from bot.services.orders.proposals import Proposals
from bot.services.orders.references import References
from bot.services.orders.result_actions import ResultActions
from bot.services.orders.takedowns import Takedowns
from bot.services.orders.templates import Templates
from bot.services.processes.once import Once
from bot.services.server.member_data import MemberData
from bot.services.server.operator_alerts import OperatorAlerts
from bot.services.server.policy import Rules
from bot.services.server.usage import Reports
from bot.telemetry.discord_trace import DiscordTrace
from bot.telemetry.log_context import bind_log_context
from bot.text import refusals
from bot.text.command_translator import Translator
from bot.text.i18n import speak

log = logging.getLogger(__name__)

EXTENSIONS = (
    "cogs.shared.forms",
    "cogs.members.help",
    "cogs.orders.imagine",
    "cogs.orders.proposals",
    "cogs.orders.message_menu",
    "cogs.members.preferences",
    "cogs.results.cog",
    "cogs.credits.balance",
    "cogs.credits.gifts",
    "cogs.credits.codes",
    "cogs.credits.credit_requests",
    "cogs.credits.purchases",
    "cogs.bank.cog",
    "cogs.policy.cog",
    "cogs.orders.references",
    "cogs.results.history",
    "cogs.results.favourites",
    "cogs.results.takedown",
    "cogs.templates.cog",
    "cogs.usage.cog",
    "cogs.setup.cog",
    "cogs.setup.joining",
    "cogs.members.member_data",
)
CONNECT_PAUSES_SECONDS = (1, 2, 5, 10, 30, 60)
RATE_LIMIT_PATIENCE_SECONDS = 60.0  # longer waits raise RateLimited; webhooks know no limit, the messenger has its own
FORM_SECONDS = 3_600.0  # a modal that is not sent by then is forgotten

# For a process that only delivers: it has no gateway, and pings no member.
REST_ONLY: dict[str, Any] = {
    "intents": discord.Intents(guilds=True),
    "allowed_mentions": discord.AllowedMentions.none(),
    "max_ratelimit_timeout": RATE_LIMIT_PATIENCE_SECONDS,
}

_FORM_ID = re.compile(r"form:(?P<run>[0-9a-f]{8}):(?P<until>[0-9]{1,12}):[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The use cases that commands call. `sandbox`: a stand-in makes the images, and each card must say so.

    `direct_messages`: members may also use the bot where it is in no server, and pay from a wallet of no server.
    `allowed_servers`: the only ones in which the bot works, if there are any.
    """

    ordering: Ordering
    references: References
    result_actions: ResultActions
    awaiting: AwaitingImages
    history: History
    favourites: Favourites
    showings: Showings
    takedowns: Takedowns
    credits: Credits
    bank: Bank
    exports: Exports
    acts: Acts
    gifts: Gifts
    codes: Codes
    credit_requests: CreditRequests
    purchases: Purchases
    rules: Rules
    preferences: MemberPreferences
    proposals: Proposals
    templates: Templates
    usage: Reports
    member_data: MemberData
    operator_alerts: OperatorAlerts
    breaker: CircuitBreaker
    pricing: Pricing
    once: Once
    sandbox: bool
    direct_messages: bool
    allowed_servers: frozenset[int]


class StillframeBot(commands.Bot):
    def __init__(self, services: Services, discord_trace: DiscordTrace, **shards: Any) -> None:
        intents = discord.Intents.none()
        intents.guilds = True  # channels and their rights; nothing privileged
        intents.messages = True  # without the privileged intent, Discord shows the words only of messages to the bot
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents,
            tree_cls=Tree,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=RATE_LIMIT_PATIENCE_SECONDS,
            max_messages=None,  # the bot uses no cache of messages
            http_trace=discord_trace.trace,
            **shards,
        )
        self.services = services
        self.questions = OpenQuestions()
        self.kept_forms = KeptForms()
        self._patterns: list[re.Pattern[str]] = []  # of all custom ids of buttons and selects
        self.sent_forms = SentForms()
        self._discord_trace = discord_trace
        self._run = secrets.token_hex(4)

    async def setup_hook(self) -> None:
        """Runs again when a log-in is repeated, so it loads only the extensions that are not loaded yet."""
        for extension in EXTENSIONS:
            if extension not in self.extensions:
                await self.load_extension(extension)
        await self.tree.set_translator(Translator())
        await self.services.once.run_once_per_deployment("commands", self._commands_digest, self.tree.sync)

    async def _commands_digest(self) -> str:
        """The SHA-256 of all that Discord is told of the commands, with every translation."""
        translator = self.tree.translator
        commands = [
            await each.get_translated_payload(self.tree, translator) if translator else each.to_dict(self.tree)
            for each in self.tree.get_commands()
        ]
        text = json.dumps([self.application_id, commands], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def connected(self) -> bool:
        """The bot is ready, and its connection to the gateway is open."""
        return self.is_ready() and self.ws is not None and self.ws.open

    def closest_command(self, typed: str) -> str:
        """The full name of the slash command that is closest to these words."""
        leaves = [each for each in self.tree.walk_commands() if isinstance(each, app_commands.Command)]
        return closest_command(typed, [each.qualified_name for each in leaves], otherwise="imagine")

    async def on_message(self, message: discord.Message, /) -> None:
        """The bot has no text commands. cogs/members/help.py answers messages to the bot."""

    def form_id(self) -> str:
        """A custom id for a modal: it says which run of the process opened the modal, and how long it is kept."""
        return f"form:{self._run}:{int(time.time() + FORM_SECONDS)}:{secrets.token_hex(6)}"

    def _check_open_form(self, custom_id: str) -> None:
        match = _FORM_ID.fullmatch(custom_id)
        if match is None or match["run"] != self._run or time.time() >= int(match["until"]):
            raise FormLost

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """discord.py finds forms in memory. A form of an earlier run, or one left open for hours, is answered here."""
        if interaction.type is not discord.InteractionType.autocomplete:
            self._discord_trace.arrived(interaction.id)
        if interaction.type is discord.InteractionType.modal_submit:
            sent: dict[str, Any] = dict(interaction.data or {})
            custom_id = str(sent.get("custom_id"))
            try:
                self._check_open_form(custom_id)
                self.sent_forms.check(custom_id, interaction.id)
            except Refusal as refusal:
                await answer_error(interaction, refusal)
        elif interaction.type is discord.InteractionType.component:
            sent = dict(interaction.data or {})
            if not any(each.fullmatch(str(sent.get("custom_id"))) for each in self._patterns):
                await answer_error(interaction, PressUnknown())

    def add_dynamic_items(self, *items: type[ui.DynamicItem[Any]]) -> None:
        super().add_dynamic_items(*items)
        self._patterns += [each.pattern for each in items if hasattr(each, "pattern")]


class ShardedBot(StillframeBot, commands.AutoShardedBot):
    """Runs some of the shards of a bot that has several processes."""

    @property
    def connected(self) -> bool:
        return self.is_ready() and not any(shard.is_closed() for shard in self.shards.values())


def build_bot(
    services: Services, discord_trace: DiscordTrace, *, shards: Sequence[int] | None, shard_count: int | None
) -> StillframeBot:
    if shards is None:
        return StillframeBot(services, discord_trace)
    return ShardedBot(services, discord_trace, shard_ids=list(shards), shard_count=shard_count)


class Tree(app_commands.CommandTree[StillframeBot]):
    async def interaction_check(self, interaction: discord.Interaction[StillframeBot]) -> bool:
        begin_context(interaction)
        try:
            check_interaction(interaction)
            if interaction.type is discord.InteractionType.application_command:
                check_options(interaction)
        except Refusal as refusal:
            await answer_error(interaction, refusal)
            return False
        return True

    async def on_error(
        self, interaction: discord.Interaction[StillframeBot], error: app_commands.AppCommandError
    ) -> None:
        if isinstance(error, app_commands.CommandNotFound):
            typed = " ".join([*error.parents, error.name])
            await answer_error(interaction, WrongCommand(right=interaction.client.closest_command(typed)))
        elif isinstance(error, app_commands.CommandSignatureMismatch):
            await answer_error(interaction, WrongCommand(right=error.command.qualified_name))
        elif isinstance(error, app_commands.TransformerError):
            await answer_error(interaction, OptionUnknown(option=_name_of_option(interaction, error)))
        else:
            await answer_error(interaction, error.__cause__ or error)


def _name_of_option(interaction: discord.Interaction[Any], error: app_commands.TransformerError) -> str:
    """The name of the option whose value is none: the first of its type, because discord.py does not say which."""
    parameters = interaction.command.parameters if isinstance(interaction.command, app_commands.Command) else ()
    return next((str(each.display_name) for each in parameters if each.type is error.type), "")


def begin_context(interaction: discord.Interaction[Any]) -> None:
    """Call this first for each interaction: it makes its texts sound, and sets the language and the log context."""
    clean(interaction.data)
    speak(interaction.locale.value)
    bind_log_context(interaction=interaction.id, guild=interaction.guild_id, command=_command_of(interaction))


def check_interaction(interaction: discord.Interaction[Any]) -> None:
    """Check for each command, button and form that the bot may answer it. Raises `Restarting`, `ServerNotAllowed`.

    A member may bring the bot along into any server; what is ordered there belongs to no server.
    """
    services = interaction.client.services
    services.breaker.check_running()
    allowed = services.allowed_servers
    belongs_to_server = interaction.guild_id is not None and interaction.is_guild_integration()
    if allowed and belongs_to_server and interaction.guild_id not in allowed:
        raise ServerNotAllowed


def _command_of(interaction: discord.Interaction[Any]) -> str | None:
    """The name of a command, or the first part of the custom id of a button or form."""
    if interaction.command is not None:
        return interaction.command.qualified_name
    sent: dict[str, Any] = dict(interaction.data or {})
    return str(sent.get("custom_id") or sent.get("name") or "").partition(":")[0]


async def answer_error(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the member privately what happened. An error that is no `Refusal` is logged with its traceback.

    Where the interaction has done something already (`note_done`), the words say so, and claim no failure of it.
    """
    begin_context(interaction)
    if isinstance(error, Refusal):
        log.info("refused: %s", error)
    else:
        log.error("interaction %s failed", interaction.id, exc_info=error)
    done = done_so_far(interaction)
    if done is None:
        words = refusals.say(error if isinstance(error, StillframeError) else StillframeError())
        card = await _error_card(interaction, error, words)
        back = interaction.extras.get(WayBack)
        if isinstance(back, WayBack):
            card = form_cards.with_way_back(card, back.form_id, back.notes, minutes=KEPT_MINUTES)
    else:
        card = cards.note(refusals.say_after(done))
    try:
        if interaction.type is discord.InteractionType.autocomplete:  # an autocomplete takes no words
            await interaction.response.autocomplete([])
        elif interaction.response.is_done():
            await interaction.followup.send(view=card, ephemeral=True)
        else:
            await interaction.response.send_message(view=card, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as lost:
        log.warning("interaction %s: the answer could not be sent: %s", interaction.id, lost)
    if isinstance(error, Refusal):
        interaction.client.dispatch("refusal", interaction, error)  # cogs may listen to it


async def _error_card(interaction: discord.Interaction[Any], error: BaseException, words: str) -> cards.Card:
    """The words of the error, with a button that leads further where one exists."""
    match error:
        case WrongCommand():
            return help_cards.refused(words)
        case PolicyRefused(rule=rule):
            return policy_cards.refused(words, rule)
        case NotEnoughCredits(needed=needed, available=available) if await _may_ask(interaction):
            return request_cards.lacking(words, needed - available)
        case _:
            return cards.note(words)


async def _may_ask(interaction: discord.Interaction[StillframeBot]) -> bool:
    """Whether the server takes requests for credits. False where the database can't tell."""
    try:
        return await interaction.client.services.credit_requests.taken_in(interaction.guild_id)
    except StorageError:
        return False


async def log_in(bot: discord.Client, token: str) -> None:
    """Log in, and try again while Discord can't be reached. Raises `discord.LoginFailure` for a wrong token."""
    await _retry_until_done(bot, lambda: _log_in(bot, token))


async def stay_connected(bot: discord.Client) -> None:
    """Connect, try again while Discord can't be reached, and stay connected until the bot is closed.

    discord.py 2.7.1 gives up, with an AttributeError, when its very first connection fails (Rapptz/discord.py#10520);
    from the second on it reconnects by itself. Raises `discord.PrivilegedIntentsRequired` and
    `discord.ConnectionClosed` when Discord refuses the bot.
    """
    await _retry_until_done(bot, bot.connect)


async def _log_in(bot: discord.Client, token: str) -> None:
    try:
        await bot.login(token)
    except BaseException:
        await bot.http.close()  # each log-in opens a session of its own
        bot.http.connector = discord.utils.MISSING
        raise


async def _retry_until_done(bot: discord.Client, act: Callable[[], Awaitable[None]]) -> None:
    pauses = chain(CONNECT_PAUSES_SECONDS, repeat(CONNECT_PAUSES_SECONDS[-1]))
    while not bot.is_closed():
        try:
            await act()
        except (discord.LoginFailure, discord.PrivilegedIntentsRequired, discord.ConnectionClosed):
            raise
        except (OSError, aiohttp.ClientError, discord.DiscordException, AttributeError) as error:
            if isinstance(error, AttributeError) and bot.ws is not None:  # not the one of #10520
                raise
            pause_seconds = next(pauses)
            log.warning("Discord can't be reached (%s); the next try is in %d s", error, pause_seconds)
            await asyncio.sleep(pause_seconds)
        else:
            return
