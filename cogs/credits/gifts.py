"""Credits from member to member: `/credits gift`, and a tip for the maker of an image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import discord
from discord import app_commands, ui
from discord.app_commands import locale_str

from bot.discord import cards
from bot.discord.cards import actions
from bot.discord.cards import bank as bank_cards
from bot.discord.cards.base import Text
from bot.discord.client import StillframeBot
from bot.domain.errors import GiftToStranger, NoCreditsForBots, NoResultHere
from bot.domain.job import Job
from bot.domain.wallet import AMOUNT_TEXT_LIMIT, read_amount
from bot.text.i18n import tr
from cogs.credits import gift_cards
from cogs.shared.acts import MakeCard, do_once, say_entries, tell_done
from cogs.shared.buttons import JOB_ID
from cogs.shared.caller import check_ages, server_wallet_of, services_of
from cogs.shared.forms import Form
from cogs.shared.menus import BY_SERVERS, IN_SERVERS, MenuCog

TIP_REASON = "Tip for job {job_id}"  # in the books, in English

_STAR = re.compile(actions.STAR_ID.format(job_id=JOB_ID))  # a button under each image, also where it is shown again


class GiftsCog(MenuCog):
    def __init__(self, bot: StillframeBot) -> None:
        menu = app_commands.ContextMenu(
            name=locale_str("Tip the maker"),
            callback=self.tip,
            allowed_contexts=IN_SERVERS,
            allowed_installs=BY_SERVERS,
        )
        super().__init__(bot, menu)

    async def tip(self, interaction: discord.Interaction, message: discord.Message) -> None:
        wallet = server_wallet_of(interaction)
        found = next(filter(None, map(_STAR.fullmatch, _custom_ids(message.components))), None)
        if found is None or message.author != self._bot.user:
            raise NoResultHere
        job = await services_of(interaction).gifts.job_to_tip(found["job_id"], asker=wallet)
        await interaction.response.send_modal(TipForm(interaction, job, message.jump_url))


class TipForm(Form):
    def __init__(self, interaction: discord.Interaction[Any], job: Job, link: str) -> None:
        """`link` leads to the message with the image."""
        super().__init__(interaction, tr("Tip the maker"))
        self._job = job
        self._link = link
        self._amount = Text(custom_id="amount", max_length=AMOUNT_TEXT_LIMIT)
        words = tr("The credits go from you to {member}, and this channel sees it.")
        self.add_item(ui.TextDisplay(words.format(member=f"<@{job.wallet.member_id}>")))
        self.add_item(ui.Label(text=tr("How many credits"), component=self._amount))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        amount, maker_id = read_amount(self._amount.value), self._job.wallet.member_id

        def card() -> cards.Card:
            return gift_cards.tipped(interaction.user.id, maker_id, amount, self._link)

        await _move(interaction, maker_id, amount, TIP_REASON.format(job_id=self._job.id), card)


async def give(
    interaction: discord.Interaction, member: discord.User | discord.Member, amount: int, reason: str
) -> None:
    server_wallet_of(interaction)
    if member.bot:
        raise NoCreditsForBots
    if not isinstance(member, discord.Member):
        raise GiftToStranger

    def card() -> cards.Card:
        return gift_cards.given(interaction.user.id, member.id, amount, reason)

    await _move(interaction, member.id, amount, reason, card)


async def _move(interaction: discord.Interaction[Any], taker_id: int, amount: int, reason: str, card: MakeCard) -> None:
    """Move the credits once, and show the receipt to both members in the channel. Raises as `Gifts.give`."""

    async def act(interaction: discord.Interaction[Any], once_more: str | None) -> None:
        await check_ages(interaction)
        act_id = str(interaction.id)
        made = await services_of(interaction).gifts.give(
            server_wallet_of(interaction), taker_id, amount, act_id=act_id, reason=reason, once_more=once_more
        )
        await tell_done(
            interaction,
            card,
            way="public",
            mentions=discord.AllowedMentions(users=[discord.Object(taker_id)]),
            done=lambda: say_entries(made),
            act_id=act_id,
            in_log=lambda: bank_cards.moved(made),
        )

    await do_once(interaction, act)


def _custom_ids(components: Iterable[object]) -> Iterator[str]:
    for component in components:
        yield getattr(component, "custom_id", None) or ""
        yield from _custom_ids(getattr(component, "children", ()))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(GiftsCog(bot))
