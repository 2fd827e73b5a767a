"""Charts as PNG. matplotlib draws them in a thread, and is imported when the first chart is asked for.

`cogs/usage/cards.py` gives the words in them. The background has a dark colour of its own, so that a chart is readable
on Discord's dark and light background.
"""

from __future__ import annotations

import asyncio
import io
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.text.i18n import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS_PER_INCH = 200
WIDTH_INCHES = 6.0  # 1200 pixels: Discord shows 550, and twice that on fine screens
LABEL_LIMIT = 26  # characters of a name beside a bar
DAY_LABELS = 10  # dates below the columns; more run into each other

_COLUMNS_INCHES, _BARS_INCHES, _BAR_INCHES = 3.8, 0.7, 0.28  # heights: of columns; of bars, and of each bar
_FROM_THE_RIGHT = {"R", "AL", "RLE", "RLO"}  # Unicode's names of directions
_PADDING_INCHES = 0.12
_PAPER, _INK, _FAINT, _LINES = "#23262B", "#E8EAED", "#A9AFB8", "#3B4048"
_BLUE, _AMBER = "#6C93FF", "#E0A33A"  # told apart also by those who see no red or green


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """`words` stand at the end of the bar."""

    label: str
    value: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Horizontal bars, the first on top."""

    title: str
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One value for each label of the chart. The values of `above` stand on top of them in another colour."""

    title: str
    values: Sequence[int]
    above: Sequence[int] = ()
    above_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Vertical columns, one row of them for each panel."""

    labels: Sequence[str]
    panels: Sequence[Panel]


Chart = Bars | Columns


class ChartRenderer:
    """Draws one chart after another in a thread: matplotlib can't do two at once, and the event loop must go on."""

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(1)

    async def draw(self, charts: Sequence[Chart]) -> list[bytes] | None:
        """PNG files in the order of the charts, or None where matplotlib is not installed."""
        await self._gate.acquire()
        work = asyncio.ensure_future(asyncio.to_thread(_draw_all, charts))
        # A thread can't be cancelled: the gate opens when it is done, not when its caller has gone.
        work.add_done_callback(lambda _: self._gate.release())
        return await asyncio.shield(work)


def _draw_all(charts: Sequence[Chart]) -> list[bytes] | None:
    try:
        import matplotlib.figure  # noqa: F401, PLC0415  # 0.5 s and 50 MB, for those who ask for a chart
    except ImportError:
        return None
    return [draw(chart) for chart in charts]


def draw(chart: Chart) -> bytes:
    """Gives a PNG file. pyplot is not used: it keeps every figure, and is not made for threads."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  # see above
    from matplotlib.figure import Figure  # noqa: PLC0415  # see above

    height = _COLUMNS_INCHES if isinstance(chart, Columns) else _BARS_INCHES + _BAR_INCHES * len(chart.bars)
    figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DOTS_PER_INCH, facecolor=_PAPER)
    figure.set_layout_engine("constrained", w_pad=_PADDING_INCHES, h_pad=_PADDING_INCHES)
    FigureCanvasAgg(figure)
    if isinstance(chart, Columns):
        _columns(figure, chart)
    else:
        _bars(figure, chart)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _columns(figure: Figure, chart: Columns) -> None:
    rows = figure.subplots(len(chart.panels), 1, sharex=True, squeeze=False)
    places = range(len(chart.labels))
    for axes, panel in zip(rows[:, 0], chart.panels, strict=True):
        _plain(axes)
        axes.bar(places, panel.values, color=_BLUE, width=0.75)
        if any(panel.above):
            axes.bar(places, panel.above, bottom=panel.values, color=_AMBER, width=0.75)
            axes.set_title(panel.above_title, color=_AMBER, fontsize=9, loc="right", parse_math=False)
        axes.set_title(panel.title, color=_INK, fontsize=11, loc="left", parse_math=False)
        _count_axis(axes)
        axes.margins(x=0.01)
    step = -(-len(chart.labels) // DAY_LABELS)
    shown = places[::-1][::step]  # the newest day always
    rows[-1, 0].set_xticks(shown, [chart.labels[place] for place in shown], color=_FAINT, fontsize=8, parse_math=False)


def _bars(figure: Figure, chart: Bars) -> None:
    axes = figure.subplots()
    _plain(axes)
    places = range(len(chart.bars))
    drawn = axes.barh(places, [bar.value for bar in chart.bars], color=_BLUE, height=0.7)
    axes.bar_label(drawn, [bar.words for bar in chart.bars], padding=5, color=_INK, fontsize=8, parse_math=False)
    known = _characters()
    axes.set_yticks(places, [_label(bar.label, known) for bar in chart.bars], color=_INK, fontsize=9, parse_math=False)
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.margins(x=0)  # the layout makes room for the words at the end of the longest bar
    axes.set_xlim(left=0)
    axes.set_title(chart.title, color=_INK, fontsize=11, loc="left", parse_math=False)


def _plain(axes: Axes) -> None:
    axes.set_facecolor(_PAPER)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _count_axis(axes: Axes) -> None:
    """The axis has whole numbers from zero, written as in the region of the reader."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415  # see `_draw_all`

    axes.set_ylim(bottom=0, top=max(axes.get_ylim()[1], 1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axes.tick_params(axis="y", labelcolor=_FAINT, labelsize=8)
    axes.grid(axis="y", color=_LINES, linewidth=0.8)
    axes.set_axisbelow(True)


def _label(text: str, known: Collection[int]) -> str:
    """Drops characters that the font does not have or that run from right to left, and cuts to `LABEL_LIMIT`."""
    kept = "".join(
        each for each in text if ord(each) in known and unicodedata.bidirectional(each) not in _FROM_THE_RIGHT
    )
    clean = " ".join(kept.split())
    return clean if len(clean) <= LABEL_LIMIT else clean[: LABEL_LIMIT - 1] + "…"


def _characters() -> Collection[int]:
    """The code points that matplotlib's own font has a shape for."""
    from matplotlib import get_data_path  # noqa: PLC0415  # see `_draw_all`
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415  # see `_draw_all`

    return FT2Font(str(Path(get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"))).get_charmap()
