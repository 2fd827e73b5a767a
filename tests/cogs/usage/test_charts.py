"""Charts have the promised size and show their data, with names of any characters."""

from __future__ import annotations

import asyncio
import io
import sys
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from bot.domain.pricing import Pricing
from bot.domain.usage import Ending, Usage
from bot.text.i18n import day, dollars, percent, speaking
from cogs.usage import cards as usage_cards
from cogs.usage.charts import DOTS_PER_INCH, WIDTH_INCHES, Bar, Bars, Chart, ChartRenderer, Columns, Panel, draw
from tests.support.discord_rules import COMPONENTS_V2, broken_message
from tests.support.factories import a_part
from tests.support.house import words_of

DAY = date(2026, 11, 22)
WIDTH = round(WIDTH_INCHES * DOTS_PER_INCH)
NASTY = ("$x^2$ \\bad {", "日本の人", "🎨", "مرحبا", "_under", "e\u0301", "", "\u202e=1+1", "W" * 32)


def columns(*values: int, above: tuple[int, ...] = ()) -> Columns:
    labels = [f"Nov {number}" for number in range(1, len(values) + 1)]
    return Columns(labels=labels, panels=(Panel(title="Images", values=values, above=above, above_title="none"),))


def bars(*labels: str, value: int = 150) -> Bars:
    return Bars(title="Credits", bars=[Bar(label=label, value=value, words=f"{value} credits") for label in labels])


def pixels(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    picture.load()
    assert picture.format == "PNG"
    return picture.convert("RGB")


@pytest.mark.parametrize(
    ("chart", "height"),
    [(columns(1, 2, 3), 760), (bars("ann"), 196), (bars(*"abcdefghij"), 700), (columns(*range(31)), 760)],
)
def test_a_chart_is_as_wide_as_a_message_and_as_high_as_it_needs(chart: Chart, height: int) -> None:
    assert pixels(draw(chart)).size == (WIDTH, height)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (columns(1, 2, 3), columns(1, 2, 4)),
        (columns(1, 2, 3), columns(1, 2, 3, above=(0, 1, 0))),
        (bars("ann"), bars("bob")),
        (bars("ann", "bob"), bars("bob", "ann")),
        (bars("ann"), bars("ann", value=300)),
    ],
)
def test_a_chart_differs_with_its_figures(one: Chart, other: Chart) -> None:
    assert draw(one) == draw(one)
    assert pixels(draw(one)).tobytes() != pixels(draw(other)).tobytes()


@pytest.mark.parametrize("chart", [columns(0, 0), columns(5), bars("ann", value=0)], ids=["zeros", "one day", "zero"])
def test_nothing_to_show_is_a_chart_as_well(chart: Chart) -> None:
    assert pixels(draw(chart)).width == WIDTH


def test_a_name_that_no_font_has_leaves_its_place_in_the_ranking() -> None:
    assert draw(bars(*(f"{rank} {name}" for rank, name in enumerate(NASTY, 1))))
    assert draw(bars("1 日本")) == draw(bars("1"))
    assert draw(bars("1 \u202e")) == draw(bars("1"))
    assert draw(bars("1 $x$")) != draw(bars("1 x"))


def test_numbers_at_the_side_are_written_as_where_the_reader_lives() -> None:
    chart = columns(10_000, 20_000)
    with speaking("es-ES"):
        spanish = draw(chart)
    assert spanish != draw(chart)


async def test_charts_are_drawn_one_after_another_and_a_caller_who_goes_leaves_the_gate_open() -> None:
    renderer = ChartRenderer()
    gone = asyncio.create_task(renderer.draw([columns(1, 2)]))
    await asyncio.sleep(0)
    gone.cancel()
    first, second = await asyncio.gather(renderer.draw([bars("ann")]), renderer.draw([bars("bob"), bars("cem")]))
    assert (first, second) == ([draw(bars("ann"))], [draw(bars("bob")), draw(bars("cem"))])


async def test_without_matplotlib_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert await ChartRenderer().draw([bars("ann")]) is None


# --- what they show -----------------------------------------------------------------------------------


def a_busy_month() -> Usage:
    days = [DAY - timedelta(days=number) for number in range(30, -1, -1)]
    parts = [
        a_part(day=day, member_id=10**18 + number % 40, channel_id=5 + number % 30, orders=8, charged=1_200 + number)
        for number, day in enumerate(days * 10)
    ]
    return Usage.of(days, [*parts, a_part(ending=Ending.SUPPLIER, charged=0, orders=31, priced=0, cost_micros=0)])


def drawings(usage: Usage) -> list[usage_cards.Drawing]:
    return usage_cards.drawings(usage, members={10**18: "an\nn`"}, channels=dict.fromkeys(range(40), "#" + "x" * 100))


def test_the_figures_stand_in_the_alt_text_for_those_who_do_not_see_them() -> None:
    usage = Usage.of(
        [date(2026, 11, 21), DAY],
        [
            a_part(orders=2, charged=300, refunded=50),
            a_part(member_id=11, channel_id=6),
            a_part(ending=Ending.CONTENT, charged=0),
        ],
    )
    found = usage_cards.drawings(usage, members={10: "Ann"}, channels={6: "#posters"})
    assert [drawing.alt_text for drawing in found] == [
        "Credits spent · images, by day. Nov 22: 400 · 3.",
        "Credits spent, by member. 1 Ann: 250 credits · 2 images; 2 11: 150 credits · 1 image.",
        "Credits spent, by channel. 1 5: 250 credits · 2 images; 2 #posters: 150 credits · 1 image.",
        "How the orders ended. Image shown: 3 · 75%; Content rules: 1 · 25%.",
    ]


def test_a_busy_month_keeps_within_discords_limits() -> None:
    usage = a_busy_month()
    found = drawings(usage)
    assert all(len(drawing.alt_text) <= 1_024 for drawing in found)
    assert found[0].alt_text.count(";") == 30  # every day
    assert "Nov 22: " in found[0].alt_text
    assert found[2].alt_text.endswith("images …")
    assert [len(drawing.chart.bars) for drawing in found if isinstance(drawing.chart, Bars)] == [10, 10, 2]
    card: Any = usage_cards.figures(usage, Pricing(), found)
    message: dict[str, Any] = {"flags": COMPONENTS_V2, "components": card.to_components()}
    message["attachments"] = [{"id": index, "filename": drawing.name} for index, drawing in enumerate(found)]
    assert list(broken_message(message, new=True)) == []


def in_words(card: Any) -> str:
    return words_of(SimpleNamespace(components=card.to_components()))


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en-US", ("$1,234.50", "Nov 22", "99%", "100%")),
        ("es-ES", ("1.234,50\xa0US$", "22 nov", "99\xa0%", "100\xa0%")),
    ],
)
def test_money_days_and_shares_are_written_as_where_the_reader_lives(locale: str, expected: tuple[str, ...]) -> None:
    with speaking(locale):
        assert (dollars(1_234.5), day(DAY), percent(0.999), percent(1.0)) == expected


def test_the_figures_in_words() -> None:
    usage = a_busy_month()
    words = in_words(usage_cards.figures(usage, Pricing()))
    for sentence in (
        "### Usage, Oct 23 – Nov 22",
        "**2,480 images** of 2,511 ordered.",
        "**99%** success: 2,480 of 2,511, not counting 0 cancelled and 0 still being made.",
        "**419,895 credits** spent.",
        "charged **$46.50** for 310 of these orders, and told no price of the others",
        "the credits spent are worth **$419.90**.",
        "4. <@1000000000000000026> 10,928 credits · 64 images",
        "Busiest channel: <#5>",
    ):
        assert sentence in words
    assert "refunded" not in words
    priced = Usage.of([DAY], [a_part(refunded=50)])
    assert "**100 credits** spent; 50 were charged and refunded." in in_words(usage_cards.figures(priced, Pricing()))
    assert "charged **$0.15**; the credits" in in_words(usage_cards.figures(priced, Pricing()))
    unpriced = Usage.of([DAY], [a_part(priced=0, cost_micros=0, ending=Ending.UNDER_WAY)])
    words = in_words(usage_cards.figures(unpriced, Pricing()))
    assert "has not told yet what it charged" in words
    assert "success" not in words
