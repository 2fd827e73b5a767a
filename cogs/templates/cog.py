"""`/templates`: prompts to use again: those of the bot, of the server and of the member."""

from __future__ import annotations

import io
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.client import StillframeBot
from bot.domain.errors import LinkUnreachable, TemplateFileTooLarge
from bot.domain.order import OrderText
from bot.domain.styling import Styled
from bot.domain.template import FILE_LIMIT_BYTES, NAME_LIMIT, Origin
from cogs.orders.order_form import OrderForm
from cogs.orders.order_request import OrderRequest, check_open
from cogs.shared.acts import tell_done
from cogs.shared.answers import DISCORD_TROUBLE
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import check_moderator, services_of, wallet_of
from cogs.templates import cards as template_cards
from cogs.templates.forms import SaveForm

Choices = list[app_commands.Choice[str]]


@app_commands.allowed_contexts(guilds=True)
@app_commands.allowed_installs(guilds=True)
class TemplatesCog(commands.GroupCog, name="templates", description=locale_str("Prompts to use again.")):
    @app_commands.command(
        name=locale_str("browse"), description=locale_str("The bot's, this server's and your own templates.")
    )
    async def browse(self, interaction: discord.Interaction) -> None:
        page, files = await _page(interaction, 0)
        card = template_cards.browse(page, services_of(interaction).pricing)
        await interaction.response.send_message(view=card, files=files, ephemeral=True)

    @app_commands.command(
        name=locale_str("save"), description=locale_str("Make a template of an image that you ordered.")
    )
    @app_commands.rename(job=locale_str("job"), name=locale_str("name"))
    @app_commands.describe(
        job=locale_str("The job number under the image, or the link of its message."),
        name=locale_str("What to call it."),
    )
    async def save(
        self, interaction: discord.Interaction, job: str, name: app_commands.Range[str, 1, NAME_LIMIT]
    ) -> None:
        wallet, templates = wallet_of(interaction), services_of(interaction).templates
        recipe = await templates.recipe_of(job, member_id=wallet.member_id)
        free_name = await templates.check_new_name(name, guild_id=wallet.guild_id, member_id=wallet.member_id)
        await interaction.response.send_modal(SaveForm(interaction, free_name, recipe))

    @app_commands.command(name=locale_str("delete"), description=locale_str("Delete a template of your own."))
    @app_commands.rename(name=locale_str("name"))
    @app_commands.describe(name=locale_str("Which one."))
    async def delete(self, interaction: discord.Interaction, name: str) -> None:
        wallet = wallet_of(interaction)
        deleted = await services_of(interaction).templates.delete(
            name, guild_id=wallet.guild_id, member_id=wallet.member_id
        )
        await tell_done(interaction, lambda: template_cards.deleted(deleted))

    @app_commands.command(
        name=locale_str("publish"),
        description=locale_str("Moderators: let everybody in this server use a template of yours."),
    )
    @app_commands.rename(name=locale_str("name"))
    @app_commands.describe(name=locale_str("Which one of yours."))
    async def publish(self, interaction: discord.Interaction, name: str) -> None:
        wallet = wallet_of(interaction)
        check_moderator(interaction)
        published = await services_of(interaction).templates.publish(
            name, guild_id=wallet.guild_id, member_id=wallet.member_id
        )
        await tell_done(interaction, lambda: template_cards.published(published))

    @app_commands.command(
        name=locale_str("unpublish"),
        description=locale_str("Moderators: take a template of this server back; whoever saved it keeps it."),
    )
    @app_commands.rename(name=locale_str("name"))
    @app_commands.describe(name=locale_str("Which one of this server's."))
    async def unpublish(self, interaction: discord.Interaction, name: str) -> None:
        wallet = wallet_of(interaction)
        check_moderator(interaction)
        back, owner_id = await services_of(interaction).templates.unpublish(
            name, guild_id=wallet.guild_id, member_id=wallet.member_id
        )
        await tell_done(interaction, lambda: template_cards.unpublished(back, owner_id))

    @app_commands.command(
        name=locale_str("export"), description=locale_str("Your templates and this server's, or one, as a file.")
    )
    @app_commands.rename(name=locale_str("name"))
    @app_commands.describe(name=locale_str("Only this one."))
    async def export(self, interaction: discord.Interaction, name: str | None = None) -> None:
        wallet = wallet_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        data = await services_of(interaction).templates.export(
            name, guild_id=wallet.guild_id, member_id=wallet.member_id
        )
        file = discord.File(io.BytesIO(data), filename=template_cards.FILE_NAME)
        await interaction.edit_original_response(view=template_cards.exported(), attachments=[file])

    @app_commands.command(name=locale_str("import"), description=locale_str("Add the templates in a file to your own."))
    @app_commands.rename(file=locale_str("file"))
    @app_commands.describe(file=locale_str("A file that /templates export made."))
    async def import_(self, interaction: discord.Interaction, file: discord.Attachment) -> None:
        wallet = wallet_of(interaction)
        if file.size > FILE_LIMIT_BYTES:
            raise TemplateFileTooLarge(size_bytes=file.size, limit_bytes=FILE_LIMIT_BYTES)
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            data = await file.read()
        except DISCORD_TROUBLE as error:
            raise LinkUnreachable(host="Discord", because="broken") from error
        added = await services_of(interaction).templates.import_(
            data, guild_id=wallet.guild_id, member_id=wallet.member_id
        )
        await tell_done(interaction, lambda: template_cards.imported(added))

    @delete.autocomplete("name")
    @publish.autocomplete("name")
    async def suggest_own(self, interaction: discord.Interaction, text: str) -> Choices:
        return await _suggest(interaction, text, Origin.OWN)

    @unpublish.autocomplete("name")
    async def suggest_published(self, interaction: discord.Interaction, text: str) -> Choices:
        return await _suggest(interaction, text, Origin.SERVER)

    @export.autocomplete("name")
    async def suggest(self, interaction: discord.Interaction, text: str) -> Choices:
        return await _suggest(interaction, text)


async def _suggest(interaction: discord.Interaction, text: str, only: Origin | None = None) -> Choices:
    wallet = wallet_of(interaction)
    found = await services_of(interaction).templates.suggest(
        text, guild_id=wallet.guild_id, member_id=wallet.member_id, only=only
    )
    return [app_commands.Choice(name=label, value=value) for label, value in found]


async def _page(
    interaction: discord.Interaction, number: int
) -> tuple[template_cards.TemplatesPage, list[discord.File]]:
    """A page of the templates that the member may use, and the pictures that go with it."""
    wallet, templates = wallet_of(interaction), services_of(interaction).templates
    listed = await templates.visible(guild_id=wallet.guild_id, member_id=wallet.member_id)
    page = template_cards.page_of(listed, number)
    files = [
        discord.File(
            io.BytesIO(await templates.picture(shape)),
            filename=template_cards.picture_name(shape),
            description=template_cards.picture_words(shape),
        )
        for shape in page.shapes
    ]
    return page, files


class UseButton(DynamicButton, template=template_cards.USE_ID.format(key=r"(?P<key>[a-z0-9-]{1,40})")):
    """Beside a template: opens the form that asks for a video and for the template's blanks."""

    key: str

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        check_open(interaction)  # before the form is filled in for nothing
        wallet = wallet_of(interaction)
        template = await services_of(interaction).templates.by_key(
            self.key, guild_id=wallet.guild_id, member_id=wallet.member_id
        )
        styled = Styled(OrderText(prompt=""), template)
        await interaction.response.send_modal(OrderForm(interaction, OrderRequest(text=styled.order), styled))


class TemplatesPageButton(DynamicButton, template=template_cards.PAGE_ID.format(page=r"(?P<page>[0-9]{1,4})")):
    """Under a page of templates: turns to another page."""

    page: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        page, files = await _page(interaction, self.page)
        card = template_cards.browse(page, services_of(interaction).pricing)
        await interaction.response.edit_message(view=card, attachments=files)


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(TemplatesCog())
    bot.add_dynamic_items(UseButton, TemplatesPageButton)
