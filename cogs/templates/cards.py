"""The cards of templates: a page of them, each with its shape, and the answers of `/templates`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord
from discord import ui

from bot.discord.cards.base import CALM, DONE, Card, small, text
from bot.domain.pricing import Pricing
from bot.domain.recipe import Shape
from bot.domain.template import BLURB_LIMIT, NAME_LIMIT, Listed, Origin, Template
from bot.text import escape, units
from bot.text.i18n import mark, number, tr, trn

USE_ID = "template:{key}"
PAGE_ID = "templates:{page}"
PER_PAGE = 5  # five components each, and Discord takes 40 in a message
FILE_NAME = "stillframe-templates.json"

_WHOSE = {Origin.OWN: mark("yours"), Origin.SERVER: mark("of this server"), Origin.BUILT_IN: mark("built in")}


@dataclass(frozen=True, slots=True)
class TemplatesPage:
    """Some of the templates that a member may use. `number` counts from 0."""

    listed: tuple[Listed, ...]
    number: int
    pages: int

    @property
    def shapes(self) -> list[Shape | None]:
        """The shapes on the page, each once. Their pictures must be sent with the card."""
        return list(dict.fromkeys(each.template.shape for each in self.listed))


def page_of(listed: Sequence[Listed], number: int) -> TemplatesPage:
    """Page `number`, or the last page where templates were deleted since. The bot's own are never deleted."""
    pages = -(-len(listed) // PER_PAGE)
    number = min(number, pages - 1)
    return TemplatesPage(tuple(listed[number * PER_PAGE : (number + 1) * PER_PAGE]), number, pages)


def browse(page: TemplatesPage, pricing: Pricing) -> Card:
    """For each shape of the page, the file `picture_name(shape)` must be sent with the card."""
    title = tr("Templates, page {page} of {pages}").format(page=number(page.number + 1), pages=number(page.pages))
    hint = tr("Use one here, or as `style` of `/imagine`. Save your own from an image: `/templates save`.")
    items: list[ui.Item[ui.LayoutView]] = [text(f"### {title}"), small(hint)]
    for each in page.listed:
        items += [_section(each, pricing), ui.ActionRow(_use(each))]
    return Card(CALM, *items, _turning(page))


def picture_name(shape: Shape | None) -> str:
    return f"shape_{shape.replace(':', 'x') if shape else 'any'}.png"


def picture_words(shape: Shape | None) -> str:
    """The description of the picture for screen readers."""
    if shape is None:
        return tr("No shape of its own: the model picks.")
    return tr("A frame of the shape {shape}: {purpose}").format(shape=shape, purpose=units.purpose(shape))


def saved(template: Template) -> Card:
    words = tr("Saved as {name}. It is in `/templates browse`, and in `style` of `/imagine`.")
    return Card(DONE, text(words.format(name=_name(template))), small(_blanks(template)))


def deleted(template: Template) -> Card:
    """Repeats the words of the template, so that a member who deleted it by mistake still has them."""
    words = tr("Deleted: {name}. These were its words:").format(name=_name(template))
    return Card(CALM, text(f"{words}\n{escape.block(template.frame)}"))


def published(template: Template) -> Card:
    return Card(DONE, text(tr("Everybody in this server can use {name} now.").format(name=_name(template))))


def unpublished(template: Template, owner_id: int) -> Card:
    words = tr("This server no longer has this template. It went back to {member}, as {name}.")
    return Card(CALM, text(words.format(member=f"<@{owner_id}>", name=_name(template))))


def exported() -> Card:
    words = tr("Import it in any server with `/templates import`.")
    return Card(CALM, text(words), ui.File(f"attachment://{FILE_NAME}"))


def imported(templates: Sequence[Template]) -> Card:
    if not templates:
        return Card(CALM, text(tr("You have all of these already. Nothing was added.")))
    words = trn("{count} template was added to yours:", "{count} templates were added to yours:", len(templates))
    names = ", ".join(_name(each) for each in templates)
    return Card(DONE, text(f"{words.format(count=number(len(templates)))} {names}"))


def _section(listed: Listed, pricing: Pricing) -> ui.Section[ui.LayoutView]:
    template = listed.template
    facts = [template.shape or tr("any shape"), template.size.label]
    price = units.credits(pricing.size_credits(pricing.models.default.nearest_size(template.size)))
    return ui.Section(
        text(f"**{_title(listed)}** · {tr(_WHOSE[listed.origin])}\n{_about(listed)}"),
        small(f"{_blanks(template)}\n{' · '.join([*facts, price])}"),
        accessory=ui.Thumbnail(
            f"attachment://{picture_name(template.shape)}", description=picture_words(template.shape)
        ),
    )


def _title(listed: Listed) -> str:
    return listed.template.name if listed.origin is Origin.BUILT_IN else _name(listed.template)


def _about(listed: Listed) -> str:
    template = listed.template
    if listed.origin is Origin.BUILT_IN:
        return template.blurb
    return escape.inline(template.blurb or template.frame, BLURB_LIMIT)


def _name(template: Template) -> str:
    return escape.inline(template.name, NAME_LIMIT)


def _blanks(template: Template) -> str:
    if not template.blanks:
        return tr("Nothing to fill in.")
    return tr("To fill in: {blanks}").format(blanks=", ".join(escape.inline(each) for each in template.blanks))


def _use(listed: Listed) -> ui.Button[ui.LayoutView]:
    return ui.Button(label=tr("Use"), style=discord.ButtonStyle.primary, custom_id=USE_ID.format(key=listed.key))


def _turning(page: TemplatesPage) -> ui.ActionRow[ui.LayoutView]:
    before, after = page.number - 1, page.number + 1
    return ui.ActionRow(
        ui.Button(label=tr("Back"), custom_id=PAGE_ID.format(page=max(before, 0)), disabled=before < 0),
        ui.Button(label=tr("More"), custom_id=PAGE_ID.format(page=after), disabled=after == page.pages),
    )
