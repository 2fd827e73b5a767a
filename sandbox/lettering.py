"""Writes words on a picture: it opens the font, replaces characters that the font lacks, and breaks lines.

The font is Noto Sans 2.015 (SIL Open Font License, see noto-sans-OFL.txt), cut down to Latin, Greek, Cyrillic and
Vietnamese and to weights 400-800. Pillow's own font is no help: it has 113 characters, without accents or dashes.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageFont

FONT_PATH = Path(__file__).with_name("noto-sans.ttf")
REGULAR = 400
BOLD = 700
TEXT_LIMIT = 600  # characters; no poster holds more, and measuring text costs time
STAND_IN = "·"  # for a letter that the font lacks
STAND_IN_RUN_LIMIT = 3
ELLIPSIS = "…"
LINE_HEIGHT = 1.18  # of the font's size


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Lines of one size, ready to be drawn."""

    font: ImageFont.FreeTypeFont
    lines: tuple[str, ...]

    @property
    def line_height(self) -> int:
        return round(self.font.size * LINE_HEIGHT)

    @property
    def height(self) -> int:
        return self.line_height * len(self.lines)


class Lettering:
    """The font, opened once for each picture."""

    def __init__(self) -> None:
        self._file = FONT_PATH.read_bytes()
        # The basic layout draws one box for whatever is missing; the other one gives up on some characters.
        self._probe = ImageFont.truetype(io.BytesIO(self._file), 24, layout_engine=ImageFont.Layout.BASIC)
        self._missing = bytes(self._probe.getmask("\uffff"))
        self._known: dict[str, bool] = {}

    def font(self, size: float, weight: int) -> ImageFont.FreeTypeFont:
        font = ImageFont.truetype(io.BytesIO(self._file), size)
        font.set_variation_by_axes([weight])
        return font

    def has(self, character: str) -> bool:
        if character not in self._known:
            self._known[character] = bytes(self._probe.getmask(character)) != self._missing
        return self._known[character]

    def legible(self, text: str) -> str:
        """One line that the font can show. Letters that it lacks become dots; emoji and controls are left out."""
        kept = "".join(self._legible(character) for character in unicodedata.normalize("NFC", text[:TEXT_LIMIT]))
        while STAND_IN * (STAND_IN_RUN_LIMIT + 1) in kept:
            kept = kept.replace(STAND_IN * (STAND_IN_RUN_LIMIT + 1), STAND_IN * STAND_IN_RUN_LIMIT)
        return " ".join(kept.split())

    def _legible(self, character: str) -> str:
        category = unicodedata.category(character)
        if character.isspace() or category == "Cc":
            return " "
        if category[0] in "CM":  # invisible, unpaired, or a mark that would pile up on its neighbour
            return ""
        if self.has(character):
            return character
        plain = [part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)]
        if plain != [character] and all(map(self.has, plain)):
            return "".join(plain)
        return STAND_IN if category[0] in "LN" else ""

    def block(self, text: str, *, sizes: tuple[float, ...], weight: int, width: float, line_limit: int) -> TextBlock:
        """The text in the first of the sizes in which it fits, or cut short in the last one. `width` is in pixels."""
        for size in sizes:
            font = self.font(size, weight)
            lines = _wrap(text, font, width, line_limit + 1)
            if len(lines) <= line_limit:
                return TextBlock(font, tuple(lines))
        kept = [*lines[: line_limit - 1], _shortened(lines[line_limit - 1], font, width)]
        return TextBlock(font, tuple(kept))


def _wrap(text: str, font: ImageFont.FreeTypeFont, width: float, line_limit: int) -> list[str]:
    """At most `line_limit` lines; words longer than a line are broken.

    Pillow 13.0 has `ImageText.Text.wrap`, which can't do this: it raises a ValueError for a word longer than a line,
    has no limit of lines, and measures ink instead of the advance, so that some lines grow wider than `width` (3 of 100
    random texts). It also takes 3 times as long.
    """
    lines = [""]
    words = text.split()[::-1]
    while words and len(lines) <= line_limit:
        word = words.pop()
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        elif lines[-1]:
            lines.append("")
            words.append(word)
        else:
            lines[-1] = _head(word, font, width)
            words.append(word[len(lines[-1]) :])
    return lines[:line_limit]


def _head(word: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """As many characters as fit; at least one, so that breaking a word always ends."""
    count = 1
    while count < len(word) and font.getlength(word[: count + 1]) <= width:
        count += 1
    return word[:count]


def _shortened(line: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    while line and font.getlength(line.rstrip() + ELLIPSIS) > width:
        line = line[:-1]
    return line.rstrip() + ELLIPSIS
