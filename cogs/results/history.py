"""`/history` and `/job` find images that were made, and show them again."""

from __future__ import annotations

import io
import logging
from functools import partial
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.channels import is_age_restricted
from bot.discord.client import StillframeBot, begin_context
from bot.domain.admission import OrderFacts
from bot.domain.errors import NotAVideoLink, NotInAServer, NotYours, SearchLost
from bot.domain.history import Cursor, HistoryPage, Search, Turn, read_period
from bot.domain.recipe import Size, name_of
from bot.domain.video import parse_link
from bot.domain.wallet import NO_SERVER, WalletKey
from bot.text.i18n import day_first
from cogs.orders.suggestions import all_models
from cogs.results import history_cards
from cogs.results.show_job import check_age, check_may_see, place_of, post_again, show_job
from cogs.shared.acts import tell_done
from cogs.shared.answers import DISCORD_TROUBLE, think
from cogs.shared.buttons import JOB_ID, DynamicSelect, JobButton
from cogs.shared.caller import caller_of, check_moderator, services_of, wallet_of, where_offered
from cogs.shared.choices import one_of

log = logging.getLogger(__name__)

TEXT_LIMIT = 100  # characters that are searched for, in a prompt or in a video's name
NUMBER_LIMIT = 300  # characters of a message's link, or of a file's name


class HistoryCog(commands.Cog):
    def __init__(self, bot: StillframeBot) -> None:
        contexts, installs = where_offered(bot.services)
        for command in (self.history, self.job):
            command.allowed_contexts, command.allowed_installs = contexts, installs

    @app_commands.command(
        name="history", description=locale_str("What you made, newest first. Only you see the answer.")
    )
    @app_commands.rename(
        text=locale_str("text"),
        video=locale_str("video"),
        since=locale_str("since"),
        until=locale_str("until"),
        size=locale_str("size"),
        model=locale_str("model"),
        favourites=locale_str("favourites"),
        member=locale_str("member"),
    )
    @app_commands.describe(
        text=locale_str("Words in the prompt."),
        video=locale_str("A YouTube link or id, or part of a file's name."),
        since=locale_str("From when: 2026-11-22, yesterday, or 7d for the last seven days (UTC)."),
        until=locale_str("Until when: 2026-11-22, yesterday, or 2w for up to two weeks ago (UTC)."),
        size=locale_str("Only images of this size."),
        model=locale_str("Only images of this model."),
        favourites=locale_str("Only what you starred."),
        member=locale_str("For moderators: what this member made here."),
    )
    @app_commands.choices(size=[app_commands.Choice(name=size.label, value=size.value) for size in Size])
    @app_commands.autocomplete(model=all_models)
    async def history(
        self,
        interaction: discord.Interaction,
        text: app_commands.Range[str, 1, TEXT_LIMIT] | None = None,
        video: app_commands.Range[str, 1, NUMBER_LIMIT] | None = None,
        since: str | None = None,
        until: str | None = None,
        size: str | None = None,
        model: str | None = None,
        favourites: bool = False,
        member: discord.User | None = None,
    ) -> None:
        wallet = wallet_of(interaction)
        if member is not None and member.id != wallet.member_id:
            check_moderator(interaction)
        found = services_of(interaction).history
        search = Search(
            guild_id=wallet.guild_id,
            asker_id=wallet.member_id,
            member_id=_whose(wallet, member, favourites=favourites),
            text=text.strip() or None if text else None,
            video=_video(video) if video else None,
            since=read_period(since, option="since", now=found.now(), day_first=day_first()) if since else None,
            until=read_period(until, option="until", now=found.now(), day_first=day_first()) if until else None,
            size=Size(size) if size else None,
            model=services_of(interaction).pricing.models.named(model).key if model else None,
            favourites=favourites,
        )
        await interaction.response.defer(thinking=True, ephemeral=True)
        search_id = str(interaction.id)
        await _show_page(interaction, search, search_id, await found.begin(search_id, search))

    @app_commands.command(
        name="job", description=locale_str("One image: with its buttons, or how far it is, or how it ended.")
    )
    @app_commands.rename(number=locale_str("id"))
    @app_commands.describe(
        number=locale_str("The job number under an image, the link of its message, or its file's name.")
    )
    async def job(self, interaction: discord.Interaction, number: app_commands.Range[str, 1, NUMBER_LIMIT]) -> None:
        wallet_of(interaction)
        found = await services_of(interaction).history.find(number)
        await show_job(interaction, await check_may_see(interaction, found, text=number))

    @commands.Cog.listener()
    async def on_app_command_completion(self, interaction: discord.Interaction[Any], _command: object) -> None:
        """Tell the member, after the command's answer, of images that could be shown nowhere, and try them again."""
        facts = interaction.extras.get(OrderFacts)
        if not interaction.response.is_done() or (isinstance(facts, OrderFacts) and not facts.owes_note):
            return
        begin_context(interaction)
        services = services_of(interaction)
        try:
            wallet = wallet_of(interaction)
        except NotInAServer:  # some commands need no wallet
            return
        asked = {"guild_id": wallet.guild_id, "member_id": wallet.member_id}
        if not await services.history.owes_note(**asked):
            return
        owed = await services.history.claim_notes(**asked)
        try:
            if owed:
                await interaction.followup.send(view=history_cards.owed(owed), ephemeral=True)
        except DISCORD_TROUBLE as error:
            log.warning("member %s could not be told of %d kept images: %s", interaction.user.id, len(owed), error)
            await services.history.owe_notes(owed)
        await services.awaiting.try_again(wallet.member_id)


def _whose(asker: WalletKey, member: discord.User | None, *, favourites: bool) -> int | None:
    """Choose the member whose images are searched. In a server, favourites may be images of any member."""
    if member is not None:
        return member.id
    return None if favourites and asker.guild_id != NO_SERVER else asker.member_id


def _video(text: str) -> str | None:
    """Return the id in a YouTube link; else the words themselves, which may be part of a file's name."""
    try:
        return name_of(parse_link(text).video)
    except NotAVideoLink:
        return text.strip() or None


async def _show_page(interaction: discord.Interaction[Any], search: Search, search_id: str, page: HistoryPage) -> None:
    thumbnails = await services_of(interaction).history.thumbnails(
        page, asker_id=search.asker_id, unsafe_too=is_age_restricted(interaction.channel)
    )
    files = [
        discord.File(io.BytesIO(thumbnails[item.job.id]), filename=history_cards.thumbnail_name(item.job))
        for item in page.items
        if item.job.id in thumbnails
    ]
    card = history_cards.page(page, search, search_id, thumbnails)
    await interaction.edit_original_response(view=card, attachments=files)


class HistoryPageButton(
    JobButton,
    template=history_cards.TURN_ID.format(
        turn=r"(?P<turn>older|newer)", search_id=r"(?P<search_id>[0-9]{1,25})", at=r"(?P<at>[0-9]{1,15})", job_id=JOB_ID
    ),
):
    """The button under a page turns to the next one. The search is kept in the database."""

    turn: Turn
    search_id: str
    at: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        history = services_of(interaction).history
        search = await history.search(self.search_id, asker_id=interaction.user.id)
        if search.member_id != search.asker_id:  # images of others are found in their server alone
            if search.guild_id == NO_SERVER or search.guild_id != wallet_of(interaction).guild_id:
                raise SearchLost
            if search.member_id is not None:
                check_moderator(interaction)  # a member who was a moderator at the search may not be one any more
        await interaction.response.defer()
        page = await history.turn(search, self.turn, Cursor(self.at, self.job_id))
        await _show_page(interaction, search, self.search_id, page)


class ShowSelect(DynamicSelect, template=history_cards.SHOW_ID):
    """The select under a page opens one of its jobs."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await _open(interaction, one_of(self.item, str))


class OpenButton(JobButton, template=history_cards.OPEN_ID.format(job_id=JOB_ID)):
    """The button under a note that an image waits opens the image."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await _open(interaction, self.job_id)


async def _open(interaction: discord.Interaction[Any], job_id: str) -> None:
    found = await services_of(interaction).history.job(job_id)
    await show_job(interaction, await check_may_see(interaction, found, text=job_id))


class RepostButton(JobButton, template=history_cards.REPOST_ID.format(job_id=JOB_ID)):
    """The button under a member's own image from the history shows it to all members in this channel."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        found = await services_of(interaction).history.job(self.job_id)
        job = await check_may_see(interaction, found, text=self.job_id)
        if job.wallet.member_id != interaction.user.id:
            raise NotYours
        await post_again(interaction, job)


class ShowHereButton(JobButton, template=history_cards.SHOW_HERE_ID.format(job_id=JOB_ID)):
    """The button of an image that waits shows it to all members in this channel, and it is charged.

    Only the member sees it where the order was private, where the bot may post no images, and in another server.
    """

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        caller, services = caller_of(interaction), services_of(interaction)
        job = await services.awaiting.own(self.job_id, member_id=interaction.user.id)
        if job.state.ended:
            card = history_cards.ended(job, services.pricing, to_member=True)
            await interaction.response.send_message(view=card, ephemeral=True)
            return
        check_age(interaction, job)
        hidden = job.private or bool(caller.missing_rights) or caller.guild_id != job.wallet.guild_id
        message_id = await think(interaction, private=hidden)
        if hidden:  # the result of an order that was not private: a delete has to know that one member alone sees it
            await services.showings.note_look(job, place_of(interaction, ephemeral=True), message_id)
        job = await services.awaiting.show_here(self.job_id, caller, message_id)
        if job.state.ended:
            await tell_done(interaction, partial(history_cards.ended, job, services.pricing, to_member=hidden))


class GiveUpButton(JobButton, template=history_cards.GIVE_UP_ID.format(job_id=JOB_ID)):
    """The button of an image that waits erases it, and gives the credits back."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        services = services_of(interaction)
        await services.awaiting.own(self.job_id, member_id=interaction.user.id)
        await interaction.response.defer(thinking=True, ephemeral=True)
        job = await services.awaiting.give_up(self.job_id, member_id=interaction.user.id)
        await tell_done(interaction, partial(history_cards.ended, job, services.pricing, to_member=True))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(HistoryCog(bot))
    bot.add_dynamic_items(HistoryPageButton, ShowSelect, OpenButton, RepostButton, ShowHereButton, GiveUpButton)
