"""`/imagine` makes an image from a moment of a video and a prompt."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.client import Services, StillframeBot
from bot.domain.intent import normalise
from bot.domain.order import OrderText
from bot.domain.pricing import Pricing
from bot.domain.recipe import FRAME_RATE_MAX, FRAME_RATE_MIN, PROMPT_LIMIT
from bot.domain.styling import Styled
from bot.text import units
from bot.text.command_translator import spoken
from bot.text.i18n import number, tr
from cogs.orders import suggestions
from cogs.orders.order_form import OrderForm, lacks_video, without_refused_option
from cogs.orders.order_request import OrderRequest, carry_out, check_open
from cogs.shared.caller import services_of, wallet_of, where_offered
from cogs.shared.forms import keep_form

ImagineCallback = Callable[..., Coroutine[Any, Any, None]]


class ImagineCog(commands.Cog):
    def __init__(self, bot: StillframeBot) -> None:
        self._bot = bot
        self._command = _command(self.imagine, bot.services)

    async def cog_load(self) -> None:
        self._bot.tree.add_command(self._command)

    async def cog_unload(self) -> None:
        self._bot.tree.remove_command(self._command.name)

    async def imagine(
        self,
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, PROMPT_LIMIT] | None = None,
        video: str | None = None,
        start: str | None = None,
        end: str | None = None,
        clip: discord.Attachment | None = None,
        images: bool = False,
        style: str | None = None,
        model: str | None = None,
        shape: str | None = None,
        size: str | None = None,
        frames: app_commands.Range[float, FRAME_RATE_MIN, FRAME_RATE_MAX] | None = None,
        thinking: str | None = None,
        search: bool = False,
        image_search: bool = False,
        private: bool | None = None,
        spoiler: bool | None = None,
        confirm: bool = False,
    ) -> None:
        text = OrderText(
            prompt=prompt or "",
            model=model,
            video=video,
            attached=clip is not None,
            start=start,
            end=end,
            shape=shape,
            size=size,
            frames=frames,
            thinking=thinking,
            search=search,
            image_search=image_search,
            private=private,
            spoiler=spoiler,
            confirm=confirm,
        )
        await _begin(interaction, OrderRequest(text=normalise(text), clip=clip), style=style, images=images)


async def _begin(
    interaction: discord.Interaction[Any], request: OrderRequest, *, style: str | None, images: bool
) -> None:
    """Go on with the order. Where that is refused, its form has all that was given, for another try."""
    styled: Styled | None = None
    try:
        check_open(interaction)
        styled = await _styled(interaction, request.text, style) if style else None
        await _go_on(interaction, request, styled, images=images)
    except Exception as error:
        mendable = without_refused_option(request, error)

        def reopen(later: discord.Interaction[Any]) -> OrderForm:
            order = Styled(mendable.text, styled.template) if styled else None
            return OrderForm(later, mendable, order, images=images, everything=True)

        keep_form(interaction, reopen, filter(None, (request.text.prompt, request.text.video)))
        raise


async def _go_on(
    interaction: discord.Interaction[Any], request: OrderRequest, styled: Styled | None, *, images: bool
) -> None:
    """Open a form where the order still lacks something; otherwise carry out the order."""
    lacks_words = bool(styled.blanks) if styled else not request.text.prompt
    if images or lacks_words or lacks_video(interaction, request.text):
        form = OrderForm(interaction, request, styled, images=images)
        form.check_rest(interaction)
        await interaction.response.send_modal(form)
    else:
        await carry_out(interaction, replace(request, text=styled.filled({})) if styled else request)


async def _styled(interaction: discord.Interaction[Any], text: OrderText, style: str) -> Styled:
    """Put the options into the template. Raises `TemplateNotFound`."""
    wallet = wallet_of(interaction)
    templates = services_of(interaction).templates
    return Styled(text, await templates.find(style, guild_id=wallet.guild_id, member_id=wallet.member_id))


def _command(callback: ImagineCallback, services: Services) -> app_commands.Command[ImagineCog, ..., None]:
    """Build the command. Prices stand in the suggestions, so that a member reads them before the command is sent."""
    contexts, installs = where_offered(services)
    command: app_commands.Command[ImagineCog, ..., None] = app_commands.Command(
        name="imagine",
        description=locale_str("Make an image from a moment of a video."),
        callback=callback,
        allowed_contexts=contexts,
        allowed_installs=installs,
    )
    _name_options(command, services)
    if not any(row.image_search for row in services.pricing.models.rows):
        del command._params["image_search"]  # noqa: SLF001  # there is no public way to leave an option out
    for option, suggest in suggestions.OF_IMAGINE.items():
        command.autocomplete(option)(suggest)
    return command


def _name_options(command: app_commands.Command[ImagineCog, ..., None], services: Services) -> None:
    app_commands.rename(
        prompt=locale_str("prompt"),
        video=locale_str("video"),
        start=locale_str("start"),
        end=locale_str("end"),
        clip=locale_str("clip"),
        images=locale_str("images"),
        style=locale_str("style"),
        model=locale_str("model"),
        shape=locale_str("shape"),
        size=locale_str("size"),
        frames=locale_str("frames"),
        thinking=locale_str("thinking"),
        search=locale_str("search"),
        image_search=locale_str("image_search"),
        private=locale_str("private"),
        spoiler=locale_str("spoiler"),
        confirm=locale_str("confirm"),
    )(command)
    app_commands.describe(
        prompt=locale_str("What the image should show. Without it, a form asks for all there is to say."),
        video=locale_str("A YouTube link, or a direct link to a video file of up to 15 MB."),
        start=locale_str("Where it begins: 1:23, 83, 1m23s, or both ends: 0:14-0:17. Without it: the link's own time."),
        end=_end_option(services.ordering.default_span_seconds),
        clip=locale_str("A video file of up to 15 MB, instead of a link."),
        images=locale_str("Opens a form that takes up to 10 images to go by."),
        style=locale_str("A template's name; its blanks are asked for. The prompt may be left out."),
        model=locale_str("Which model makes the image. Without it: the default."),
        shape=locale_str("Width to height. Without it, the model picks."),
        size=locale_str("The smallest of the model without it."),
        frames=locale_str("Frames per second that the model sees, 0.1 to 24. Without it: 1."),
        thinking=locale_str("How long the model thinks first."),
        search=_search_price(services.pricing),
        image_search=_image_search_price(services.pricing),
        private=locale_str("Only you see it; you can share it afterwards."),
        spoiler=locale_str("Hide it until somebody clicks on it."),
        confirm=locale_str("Show first what was understood and what it costs, whatever it costs."),
    )(command)


def _end_option(default_seconds: float) -> locale_str:
    return spoken(
        lambda: tr(
            "Where it ends: 0:17, +3s for a length, or 'whole'. Without it: the link's end, or {length} s."
        ).format(length=number(default_seconds))
    )


def _search_price(pricing: Pricing) -> locale_str:
    price = pricing.search_credits
    return spoken(
        lambda: tr("Let the model look things up on the web: +{credits}.").format(credits=units.credits(price))
    )


def _image_search_price(pricing: Pricing) -> locale_str:
    price = pricing.image_search_credits
    return spoken(
        lambda: tr("Let the model look at pictures on the web, where it can: +{credits}.").format(
            credits=units.credits(price)
        )
    )


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(ImagineCog(bot))
