"""The figures of `make measure`, on a house of two rooms that is small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

from tests.meta.house import House
from tests.meta.measure import report

FILES = {
    "bot/app.py": '"""Whoever starts it."""\n\nfrom bot.low import things\n\n\nclass Thing:\n    """A\n    thing."""\n',
    "bot/low/__init__.py": "",
    "bot/low/things.py": "from bot import app  # noqa: F401\n\n\nclass Thing: ...\n",
    "cogs/cog.py": "# fmt: skip\ndef long():\n" + "    x = 1\n" * 40 + "\n\nclass _Thing: ...\n",
    "tests/meta/test_house_rules.py": 'L = ("bot.low",)\nMAY_IMPORT = {"bot": ("bot",), "bot.low": L, "cogs": ()}\n',
}


def test_the_figures_of_a_small_house(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert report(House(tmp_path)).splitlines() == [
        "bot: 1 rooms, 1 loose modules",
        "files: 4, lines: median 6, p90 45, max 45",
        "functions: 1, lines: median 41, p90 41, max 41",
        "lines of bot and cogs: 57, code alone: 46",
        "noqa: 1",
        "type: ignore: 0",
        "fmt: skip: 1",
        "functions over 40 lines: 1",
        "    cogs.cog.long 41",
        "imports upward: 1",
        "    bot.low.things -> bot.app",
        "circles: 1",
        "    ['bot.app', 'bot.low.things']",
        "public class names for two things: 1",
        "    Thing: bot.app, bot.low.things",
        "docstrings with whoever, somebody, nobody, whom: 1",
        "    bot.app",
    ]
