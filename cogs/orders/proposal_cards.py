"""The card that asks before anything is paid: what was understood, what it costs, and all that can still be changed."""

from __future__ import annotations

from collections.abc import Mapping

import discord
from discord import ui

from bot.discord.cards.base import BUSY, CALM, Button, Card, Row, small, text
from bot.discord.cards.jobs import facts_of, source_link
from bot.domain.errors import NotEnoughCredits
from bot.domain.pricing import Pricing
from bot.domain.proposal import Proposal, Proposed
from bot.domain.recipe import Reading, Recipe, Reference
from bot.domain.timecode import LONG_FRAME_RATE, ends_of, is_long
from bot.domain.wallet import Balance
from bot.text import escape, refusals, units
from bot.text.i18n import number, tr

CREATE_ID = "propose:create:{id}:{credits}"  # with the price that was read; if it changed, the card says so first
MOMENT_ID = "propose:moment:{id}:{moment}:{credits}"
FRAMES_ID = "propose:frames:{id}"
SIZE_ID = "propose:size:{id}"
SHAPE_ID = "propose:shape:{id}"
IMAGES_ID = "propose:images:{id}"
VIDEO_ID = "propose:video:{id}"
WITHOUT_ID = "propose:without:{id}"
WORDS_ID = "propose:words:{id}"
CANCEL_ID = "propose:cancel:{id}"
MODELS_SHAPE = "model"  # the select's value that leaves the shape to the model
TITLE_ECHO_LIMIT = 100  # characters


def proposal(
    proposed: Proposed,
    balance: Balance,
    pricing: Pricing,
    lacking: NotEnoughCredits | None,
    *,
    pictures: Mapping[Reference, str],
    price_was: int | None,
) -> Card:
    """Build the card that asks.

    `lacking`: set where the balance is not enough. `pictures`: the references whose small copies are files of the
    message.
    `price_was`: the price that the card showed before, where it is no longer right.
    """
    wanted = proposed.proposal
    price = pricing.credits(wanted.recipe)
    if wanted.readings:
        return _which_moment(proposed, price, price_was)
    items: list[ui.Item[ui.LayoutView]] = [
        text(f"### {tr('Shall I make this?')}\n{escape.block(wanted.recipe.prompt)}\n{_source(wanted, pricing)}"),
        *_gallery(pictures),
        *_left_out(wanted),
        text(_cost(price, balance, lacking, price_was)),
        small(_when_paid(wanted.recipe)),
        *_acts(proposed, pricing),
        Row(_sizes(proposed.id, wanted.recipe, pricing)),
    ]
    if pricing.models.get(wanted.recipe.model).shapes:
        items.append(Row(_shapes(proposed.id, wanted.recipe, pricing)))
    return Card(BUSY, *items)


def _left_out(wanted: Proposal) -> list[ui.Item[ui.LayoutView]]:
    """Say which files are left out, and why."""
    if not wanted.left_out:
        return []
    return [text("\n".join([f"**{tr('Left out')}**", *(f"- {words}" for words in wanted.left_out)]))]


def ordered() -> Card:
    """Build the card that replaces the question once the member has said yes."""
    return Card(CALM, text(tr("Ordered: your image is under way.")))


def cancelled() -> Card:
    return Card(CALM, text(tr("Cancelled. Nothing was charged.")))


def _gallery(pictures: Mapping[Reference, str]) -> list[ui.Item[ui.LayoutView]]:
    items = [
        discord.MediaGalleryItem(f"attachment://{file}", description=escape.plain(reference.name))
        for reference, file in pictures.items()
    ]
    return [ui.MediaGallery(*items)] if items else []


def _source(wanted: Proposal, pricing: Pricing) -> str:
    lines = [source_link(wanted.recipe), _facts(wanted)] if wanted.recipe.clip else [_facts(wanted)]
    lines.append(tr("Model: {model}").format(model=escape.inline(pricing.models.get(wanted.recipe.model).label)))
    if wanted.remark:
        lines.append(wanted.remark)
    if wanted.title:
        lines.insert(0, escape.inline(wanted.title, TITLE_ECHO_LIMIT))
    return "\n".join(lines)


def _facts(wanted: Proposal) -> str:
    facts = [facts_of(wanted.recipe)]
    if wanted.private:
        facts.append(tr("only you will see it"))
    if wanted.spoiler:
        facts.append(tr("hidden as a spoiler"))
    return " · ".join(facts)


def _cost(price: int, balance: Balance, lacking: NotEnoughCredits | None, price_was: int | None) -> str:
    words = (
        refusals.say(lacking)
        if lacking
        else tr("**Cost {price}** · you have {available} · {after} after").format(
            price=number(price), available=number(balance.available), after=number(balance.available - price)
        )
    )
    return _with_price_before(words, price_was)


def _with_price_before(words: str, price_was: int | None) -> str:
    if price_was is None:
        return words
    changed = tr("The price was {before} on the card that you pressed. Nothing was charged.")
    return f"{words}\n{changed.format(before=number(price_was))}"


def _which_moment(proposed: Proposed, price: int, price_was: int | None) -> Card:
    """Build the card of a moment that is in doubt or can't be. Each button orders what may have been meant."""
    edit = Button(label=tr("Edit"), custom_id=WORDS_ID.format(id=proposed.id))
    cancel = Button(label=tr("Cancel"), custom_id=CANCEL_ID.format(id=proposed.id))
    left_out = _left_out(proposed.proposal)
    question = text(_with_price_before(proposed.proposal.question, price_was))
    return Card(CALM, question, *left_out, Row(*_moments(proposed, price)), Row(edit, cancel))


def _acts(proposed: Proposed, pricing: Pricing) -> list[Row]:
    """Without a video, one may be added: most models make their image from one."""
    recipe, price = proposed.proposal.recipe, pricing.credits(proposed.proposal.recipe)
    create = Button(
        label=_create(recipe).format(price=number(price)),
        style=discord.ButtonStyle.success,
        custom_id=CREATE_ID.format(id=proposed.id, credits=price),
    )
    clip, limit = recipe.clip, pricing.models.get(recipe.model).frames_limit
    slower = [
        Button(
            label=tr("{rate} frames a second").format(rate=number(LONG_FRAME_RATE)),
            custom_id=FRAMES_ID.format(id=proposed.id),
        )
    ]
    add = Button(label=tr("Add images"), custom_id=IMAGES_ID.format(id=proposed.id))
    without = Button(label=tr("Leave the images out"), custom_id=WITHOUT_ID.format(id=proposed.id))
    may_leave_out = recipe.references and pricing.models.makes(recipe.evolve(references=()))
    ways = [
        create,
        *(slower if clip and is_long(clip.span, clip.frame_rate, limit=limit) else []),
        *([] if clip else [Button(label=tr("Add a video"), custom_id=VIDEO_ID.format(id=proposed.id))]),
        *([] if may_leave_out else [add]),
        Button(label=tr("Edit"), custom_id=WORDS_ID.format(id=proposed.id)),
        Button(label=tr("Cancel"), custom_id=CANCEL_ID.format(id=proposed.id)),
    ]
    return [Row(*ways), *([Row(add, without)] if may_leave_out else [])]


def _when_paid(recipe: Recipe) -> str:
    if recipe.clip:
        return tr("Nothing is charged until you press Create, and then only when the image is here.")
    return tr("Nothing is charged until you press the green button, and then only when the image is here.")


def _create(recipe: Recipe) -> str:
    if recipe.clip:
        return tr("Create ({price})")
    return tr("From these images ({price})") if recipe.references else tr("From words alone ({price})")


def _moments(proposed: Proposed, price: int) -> list[Button]:
    """A button for each moment that may be meant; it orders that one."""
    readings = proposed.proposal.readings
    return [
        Button(
            label=_moment(each, slower=each.frame_rate != readings[-1].frame_rate, price=number(price)),
            style=discord.ButtonStyle.success,
            custom_id=MOMENT_ID.format(id=proposed.id, moment=key_of(each), credits=price),
        )
        for each in readings
    ]


def key_of(reading: Reading) -> str:
    """Write start, end and frame rate in thousandths, as custom ids have them; 0 for the end of a whole video."""
    numbers = (reading.span.start, reading.span.end or 0, reading.frame_rate)
    return "-".join(str(round(number * 1_000)) for number in numbers)


def _moment(reading: Reading, *, slower: bool, price: str) -> str:
    start, end = ends_of(reading.span)
    if not end:
        return tr("The whole video ({price})").format(price=price)
    if not slower:
        return tr("{start} → {end} ({price})").format(start=start, end=end, price=price)
    rate = number(reading.frame_rate)
    words = tr("{start} → {end}, {rate} frames a second ({price})")
    return words.format(start=start, end=end, rate=rate, price=price)


def _sizes(proposal_id: str, recipe: Recipe, pricing: Pricing) -> ui.Select[ui.LayoutView]:
    sizes = pricing.models.get(recipe.model).sizes
    prices = {size: units.credits(pricing.credits(recipe.evolve(size=size))) for size in sizes}
    return ui.Select(
        custom_id=SIZE_ID.format(id=proposal_id),
        options=[
            discord.SelectOption(label=f"{size.label} · {price}", value=size.value, default=size is recipe.size)
            for size, price in prices.items()
        ],
    )


def _shapes(proposal_id: str, recipe: Recipe, pricing: Pricing) -> ui.Select[ui.LayoutView]:
    free = discord.SelectOption(label=tr("Shape picked by the model"), value=MODELS_SHAPE, default=recipe.shape is None)
    shapes = [
        discord.SelectOption(
            label=f"{shape} · {units.purpose(shape)}", value=shape.value, default=shape is recipe.shape
        )
        for shape in pricing.models.get(recipe.model).shapes
    ]
    return ui.Select(custom_id=SHAPE_ID.format(id=proposal_id), options=[free, *shapes])
