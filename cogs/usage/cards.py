"""The cards of `/usage`: figures in words, and the data of the charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import discord
from discord import ui

from bot.discord.cards.base import CALM, Button, Card, Row, small, text
from bot.domain.discord_limits import ALT_TEXT_LIMIT
from bot.domain.pricing import Pricing
from bot.domain.usage import Ending, Totals, Usage
from bot.text import escape, units
from bot.text.i18n import day, dollars, mark, number, percent, tr, trn
from cogs.usage.charts import Bar, Bars, Chart, Columns, Panel

CSV_ID = "usage:{first}:{last}"
RANKS = 10  # bars of a chart
RANKS_IN_WORDS = 5

_ENDINGS = {
    Ending.DELIVERED: mark("Image shown"),
    Ending.UNDER_WAY: mark("Still being made"),
    Ending.CANCELLED: mark("Cancelled"),
    Ending.CONTENT: mark("Content rules"),
    Ending.SUPPLIER: mark("Image service failed"),
    Ending.CLIP: mark("Clip not handed over"),
    Ending.DISCORD: mark("Could not be shown"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart to draw, the name of its file, and its figures as text for members who can't see it."""

    name: str
    chart: Chart
    alt_text: str


def figures(usage: Usage, pricing: Pricing, drawings: Sequence[Drawing] = (), *, remark: str = "") -> Card:
    """The files of `drawings` must be sent with the card."""
    days = tuple(usage.by_day)
    title = "### " + tr("Usage, {first} – {last}").format(first=day(days[0]), last=day(days[-1]))
    if not usage.total.orders:
        return Card(CALM, text(title), text(tr("Nothing was ordered here in this time.")))
    galleries = [
        ui.MediaGallery[ui.LayoutView](
            discord.MediaGalleryItem(f"attachment://{drawing.name}", description=drawing.alt_text)
        )
        for drawing in drawings
    ]
    csv = Button(label=tr("As CSV"), custom_id=CSV_ID.format(first=days[0].isoformat(), last=days[-1].isoformat()))
    words = "\n".join([title, *_totals(usage.total, pricing), *_models(usage, pricing), _busiest(usage)])
    items = [text(words), text(_leaders(usage)), *galleries, *([small(remark)] if remark else []), Row(csv)]
    return Card(CALM, *items)


def drawing_now() -> str:
    return tr("The charts are being drawn.")


def no_charts() -> str:
    return tr(
        "There are no charts, since matplotlib is not installed. Who runs the bot can add it: "
        "`pip install 'stillframe[charts]'`."
    )


def sheet(file_name: str, days: Sequence[date]) -> Card:
    words = tr(
        "Orders from {first} to {last}: one line for each day, member, channel and ending. Days are those of this "
        "server's time zone."
    ).format(first=day(days[0]), last=day(days[-1]))
    return Card(CALM, text(words), ui.File(f"attachment://{file_name}"))


def drawings(usage: Usage, *, members: Mapping[int, str], channels: Mapping[int, str]) -> list[Drawing]:
    """`members` and `channels` hold the names by id. An id without a name is drawn as its number."""
    top_members, top_channels = _first(usage.by_member, RANKS), _first(usage.by_channel, RANKS)
    return [
        _by_day(usage.by_day),
        _ranking("usage-members.png", tr("Credits spent, by member"), _named(top_members, members)),
        _ranking("usage-channels.png", tr("Credits spent, by channel"), _named(top_channels, channels)),
        _by_ending(usage.by_ending, usage.total.orders),
    ]


def _totals(total: Totals, pricing: Pricing) -> Iterable[str]:
    yield trn("**{count} image** of {orders} ordered.", "**{count} images** of {orders} ordered.", total.images).format(
        count=number(total.images), orders=number(total.orders)
    )
    if total.success is not None:
        yield tr(
            "**{percent}** success: {images} of {tried}, not counting {cancelled} cancelled and {under_way} still "
            "being made."
        ).format(
            percent=percent(total.success),
            images=number(total.images),
            tried=number(total.tried),
            cancelled=number(total.cancelled),
            under_way=number(total.under_way),
        )
    spent = (
        tr("**{credits}** spent; {refunded} were charged and refunded.")
        if total.refunded
        else tr("**{credits}** spent.")
    )
    yield spent.format(credits=units.credits(total.spent), refunded=number(total.refunded))
    yield _cost(total, pricing)


def _models(usage: Usage, pricing: Pricing) -> Iterable[str]:
    """Nothing where one model made all of it."""
    if len(usage.by_model) > 1:
        parts = [
            tr("{model} {credits} ({images})").format(
                model=pricing.models.get(key).label, credits=units.credits(each.spent), images=number(each.images)
            )
            for key, each in list(usage.by_model.items())[:RANKS]
        ]
        yield tr("By model, with their images: {models}.").format(models=", ".join(parts))


def _cost(total: Totals, pricing: Pricing) -> str:
    if not total.priced:
        return tr("The image service has not told yet what it charged for these.")
    words = tr("The image service charged **{cost}**; the credits spent are worth **{worth}**.")
    if total.priced < total.orders:
        words = tr(
            "The image service charged **{cost}** for {priced} of these orders, and told no price of the others; the "
            "credits spent are worth **{worth}**."
        )
    return words.format(
        cost=dollars(total.cost_micros / 1_000_000),
        priced=number(total.priced),
        worth=dollars(total.spent / pricing.credits_per_usd),
    )


def _busiest(usage: Usage) -> str:
    channel_id, most = max(usage.by_channel.items(), key=lambda item: item[1].orders)
    return trn(
        "Busiest channel: {channel}, {count} order.", "Busiest channel: {channel}, {count} orders.", most.orders
    ).format(channel=f"<#{channel_id}>", count=number(most.orders))


def _leaders(usage: Usage) -> str:
    lines = [
        f"{rank}. <@{member_id}> {_spent_and_made(totals)}"
        for rank, (member_id, totals) in enumerate(_first(usage.by_member, RANKS_IN_WORDS), 1)
    ]
    return "\n".join([f"**{tr('Who spent most')}**", *lines])


def _by_day(by_day: Mapping[date, Totals]) -> Drawing:
    totals = tuple(by_day.values())
    spent = Panel(title=tr("Credits spent, by day"), values=[each.spent for each in totals])
    made = Panel(
        title=tr("Images, by day"),
        values=[each.images for each in totals],
        above=[each.unsuccessful for each in totals],
        above_title=tr("on top: no image came"),
    )
    used = [
        f"{day(each)}: {number(totals.spent)} · {number(totals.images)}"
        for each, totals in by_day.items()
        if totals.orders
    ]
    return Drawing(
        name="usage-days.png",
        chart=Columns(labels=[day(each) for each in by_day], panels=(spent, made)),
        alt_text=_alt_text(tr("Credits spent · images, by day"), used),
    )


def _ranking(name: str, title: str, ranked: Sequence[tuple[str, Totals]]) -> Drawing:
    bars = [
        Bar(label=f"{rank} {label}", value=totals.spent, words=_spent_and_made(totals))
        for rank, (label, totals) in enumerate(ranked, 1)
    ]
    lines = [f"{escape.isolated(escape.plain(bar.label))}: {bar.words}" for bar in bars]
    return Drawing(name=name, chart=Bars(title=title, bars=bars), alt_text=_alt_text(title, lines))


def _by_ending(by_ending: Mapping[Ending, int], orders: int) -> Drawing:
    title = tr("How the orders ended")
    bars = [
        Bar(label=tr(_ENDINGS[ending]), value=count, words=f"{number(count)} · {percent(count / orders)}")
        for ending, count in by_ending.items()
    ]
    return Drawing(
        name="usage-endings.png",
        chart=Bars(title=title, bars=bars),
        alt_text=_alt_text(title, [f"{bar.label}: {bar.words}" for bar in bars]),
    )


def _spent_and_made(totals: Totals) -> str:
    images = trn("{count} image", "{count} images", totals.images).format(count=number(totals.images))
    return f"{units.credits(totals.spent)} · {images}"


def _first(ranked: Mapping[int, Totals], count: int) -> list[tuple[int, Totals]]:
    return list(ranked.items())[:count]


def _named(ranked: Sequence[tuple[int, Totals]], names: Mapping[int, str]) -> list[tuple[str, Totals]]:
    return [(names.get(number_, str(number_)), totals) for number_, totals in ranked]


def _alt_text(title: str, items: Sequence[str]) -> str:
    """Takes as many whole items as fit into `ALT_TEXT_LIMIT`."""
    words = f"{title}. "
    for item in items:
        if len(words) + len(item) + 2 > ALT_TEXT_LIMIT:
            return words.rstrip("; ") + " …"
        words += f"{item}; "
    return words.rstrip("; ") + "."
