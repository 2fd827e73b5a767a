"""The pages for developers follow the code: the picture of the house, the modules that they name, their length."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.meta.house import HERE, within

ARCHITECTURE = HERE.root / "docs/architecture.md"
PAGES = [*HERE.root.glob("*.md"), *(HERE.root / "docs").rglob("*.md")]
LINES_AT_MOST = {"docs/architecture.md": 249, "CONTRIBUTING.md": 79}

# The roof sees everything, and names the cogs as text; the ground is under every room. Neither needs all its arrows.
ROOF, GROUND = ("bot.cli", "bot.app", "sandbox"), ("bot.domain", "bot.settings", "bot.version")


def arrows() -> set[tuple[str, str]]:
    """Those of the picture, between rooms as modules: `cogs --> bot.text`."""
    ((picture,),) = [re.findall(r"```mermaid\n(.*?)```", ARCHITECTURE.read_text(), re.DOTALL)]
    labels = dict(re.findall(r'(\w+)\["(.+?)"\]', picture))
    sides = [line.split("-->") for line in re.sub(r'\["(.+?)"\]', "", picture).splitlines() if "-->" in line]

    def rooms(side: str) -> list[str]:
        return [labels[name.strip()].removesuffix(".py").replace("/", ".") for name in side.split("&")]

    return {(here, there) for left, right in sides for here in rooms(left) for there in rooms(right)}


def test_the_picture_of_the_house_has_the_arrows_of_the_imports() -> None:
    drawn = arrows()
    rooms = {room for arrow in drawn for room in arrow} | set(GROUND)
    real = {
        (here, there)
        for module, imported in HERE.import_graph.items()
        for name in imported
        for here in rooms
        for there in rooms
        if within(module, (here,)) and within(name, (there,)) and here != there
    }
    assert {arrow for arrow in drawn if arrow[0] not in ROOF} - real == set()
    assert {(here, there) for here, there in real if here not in ROOF and there not in GROUND} - drawn == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(HERE.root).as_posix())
def test_every_file_and_folder_that_a_page_names_is_there(page: Path) -> None:
    named = set(re.findall(r"`((?:bot|cogs|sandbox|tests|bench|deploy)/[\w/.-]*[\w/])`", page.read_text()))
    assert {name for name in named if not (HERE.root / name).exists()} == set()


@pytest.mark.parametrize("name", LINES_AT_MOST)
def test_a_page_for_a_first_afternoon_stays_short(name: str) -> None:
    assert len((HERE.root / name).read_text().splitlines()) <= LINES_AT_MOST[name]
