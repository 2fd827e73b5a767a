"""Sets the words of a card as Discord's app does: it reads the markup and breaks the lines."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources

from PIL import Image, ImageDraw, ImageFont

from sandbox.lettering import BOLD, REGULAR, Lettering

Colour = tuple[int, int, int]

WORDS: Colour = (219, 222, 225)
STRONG: Colour = (242, 243, 245)
FAINT: Colour = (148, 155, 164)
LINK: Colour = (0, 168, 252)
NAME: Colour = (201, 205, 251)
NAME_BACK: Colour = (60, 66, 112)
CODE_BACK: Colour = (30, 31, 34)

SCALE = 2  # pixels drawn for each of Discord's: sharp on any screen
BODY, HEADING, SMALL, CODE = 16, 20, 13, 14  # sizes of letters
LEADING = 1.38  # of a line, in sizes
ASCENT = 1.02  # from the top of a line to the foot of its letters, in sizes
CODE_PADDING = 8

_MARKS = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`|\[(?P<label>[^\]]+)\]\([^)]+\)|<(?P<link>https?://[^>]+)>"
    r"|<t:\d+:(?P<time>\w)>|<@!?(?P<member>\d+)>|<#(?P<channel>\d+)>"
)
_MONO = "noto-sans-mono-v2.014.ttf"  # comes with simcord's preview; has the arrows that our Noto Sans lacks


@dataclass(frozen=True, slots=True)
class Style:
    size: int = BODY
    colour: Colour = WORDS
    bold: bool = False
    code: bool = False
    back: Colour | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    words: str
    style: Style


_STARTS = {
    "### ": Style(size=HEADING, colour=STRONG, bold=True),
    "-# ": Style(size=SMALL, colour=FAINT),
}


class Type:
    """The fonts, opened once. `names` gives the name for the id in a mention."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self._sans = Lettering()
        self._mono = (resources.files("simcord.preview") / "static" / "fonts" / _MONO).read_bytes()
        self._fonts: dict[tuple[int, bool, bool], ImageFont.FreeTypeFont] = {}
        self._names = names

    def block(self, words: str, width: int, back: Colour) -> Image.Image:
        """The text in a block of `width` Discord pixels, as high as it needs."""
        parts = re.split(r"```\n?(.*?)\n?```\n?", words.strip("\n"), flags=re.DOTALL)
        images = [
            self._code(part, width, back) if index % 2 else self._prose(part, width, back)
            for index, part in enumerate(parts)
            if part.strip("\n")
        ]
        return stack(images, gap=4, back=back)

    def length(self, piece: Piece) -> float:
        """The length in drawn pixels."""
        return sum(self._font(piece.style, mono=mono).getlength(run) for run, mono in self._runs(piece))

    def draw(self, draw: ImageDraw.ImageDraw, x: float, foot: float, piece: Piece) -> None:
        if piece.style.back:
            top, bottom = foot - SCALE * piece.style.size, foot + SCALE * piece.style.size * 0.28
            box = (x - SCALE, top, x + self.length(piece) + SCALE, bottom)
            draw.rounded_rectangle(box, radius=3 * SCALE, fill=piece.style.back)
        for run, mono in self._runs(piece):
            font = self._font(piece.style, mono=mono)
            draw.text((x, foot), run, font=font, fill=piece.style.colour, anchor="ls")
            x += font.getlength(run)

    def _code(self, words: str, width: int, back: Colour) -> Image.Image:
        style, room = Style(size=CODE, code=True), width - 2 * CODE_PADDING - 2
        lines = [line for each in words.split("\n") for line in self._broken([Piece(each, style)], room)]
        inner = self._lines(lines, room, CODE_BACK)
        height = inner.height + 2 * CODE_PADDING * SCALE
        image = Image.new("RGB", (width * SCALE, height), back)
        box = (0, 0, width * SCALE - 1, height - 1)
        ImageDraw.Draw(image).rounded_rectangle(
            box, radius=4 * SCALE, fill=CODE_BACK, outline=(63, 66, 72), width=SCALE
        )
        image.paste(inner, (CODE_PADDING * SCALE, CODE_PADDING * SCALE))
        return image

    def _prose(self, words: str, width: int, back: Colour) -> Image.Image:
        lines: list[list[Piece]] = []
        for line in words.strip("\n").split("\n"):
            start = next((start for start in _STARTS if line.startswith(start)), "")
            pieces = self._pieces(line.removeprefix(start), _STARTS.get(start, Style()))
            lines += self._broken(list(pieces), width)
        return self._lines(lines, width, back)

    def _lines(self, lines: list[list[Piece]], width: int, back: Colour) -> Image.Image:
        sizes = [max((piece.style.size for piece in line), default=BODY) for line in lines]
        image = Image.new("RGB", (width * SCALE, round(sum(sizes) * LEADING * SCALE)), back)
        draw = ImageDraw.Draw(image)
        top = 0.0
        for line, size in zip(lines, sizes, strict=True):
            x = 0.0
            for piece in line:
                self.draw(draw, x, top + size * ASCENT * SCALE, piece)
                x += self.length(piece)
            top += size * LEADING * SCALE
        return image

    def _pieces(self, line: str, style: Style) -> Iterator[Piece]:
        end = 0
        for found in _MARKS.finditer(line):
            yield Piece(line[end : found.start()], style)
            end = found.end()
            match found.lastgroup, found[found.lastgroup or 0]:
                case "bold", inner:
                    yield from self._pieces(inner, replace(style, bold=True, colour=STRONG))
                case "code", inner:
                    yield Piece(inner, replace(style, code=True, size=round(style.size * 0.88), back=CODE_BACK))
                case (("label" | "link"), inner):
                    yield Piece(inner, replace(style, colour=LINK))
                case "time", form:
                    yield Piece("a minute ago" if form == "R" else "today", style)
                case "member", member_id:
                    name = f"@{self._names.get(int(member_id), 'somebody')}"
                    yield Piece(name, replace(style, colour=NAME, back=NAME_BACK))
                case _, channel_id:
                    name = f"#{self._names.get(int(channel_id), 'somewhere')}"
                    yield Piece(name, replace(style, colour=NAME, back=NAME_BACK))
        yield Piece(line[end:], style)

    def _broken(self, pieces: list[Piece], width: int) -> list[list[Piece]]:
        """Lines are broken at spaces; a word that is longer than a line is broken anywhere."""
        lines: list[list[Piece]] = [[]]
        left = float(width * SCALE)
        for piece in pieces:
            for word in re.findall(r"\s*\S+|\s+", piece.words):
                fit = Piece(word, piece.style)
                if self.length(fit) > left and lines[-1]:
                    lines.append([])
                    left = float(width * SCALE)
                    fit = Piece(word.lstrip(), piece.style)
                while self.length(fit) > left:
                    count = self._count_that_fits(fit, left)
                    lines[-1].append(Piece(fit.words[:count], fit.style))
                    lines.append([])
                    fit = Piece(fit.words[count:], fit.style)
                _append(lines[-1], fit)
                left -= self.length(fit)
        return lines

    def _count_that_fits(self, piece: Piece, left: float) -> int:
        counts = range(len(piece.words), 1, -1)
        return next((n for n in counts if self.length(Piece(piece.words[:n], piece.style)) <= left), 1)

    def _runs(self, piece: Piece) -> Iterator[tuple[str, bool]]:
        """Splits a text into parts of one font, and says for each whether it needs the other font."""
        for part in re.findall(r"[\x00-\u2018]+|[^\x00-\u2018]", piece.words):
            yield part, piece.style.code or not all(self._sans.has(each) for each in part if not each.isspace())

    def _font(self, style: Style, *, mono: bool) -> ImageFont.FreeTypeFont:
        key = (style.size, style.bold, mono)
        if key not in self._fonts:
            weight = BOLD if style.bold else REGULAR
            if mono:
                font = ImageFont.truetype(io.BytesIO(self._mono), style.size * SCALE)
                font.set_variation_by_axes([weight, 100])
            else:
                font = self._sans.font(style.size * SCALE, weight)
            self._fonts[key] = font
        return self._fonts[key]


def _append(line: list[Piece], piece: Piece) -> None:
    """Words of one style become one piece, so that one background is behind them."""
    if line and line[-1].style == piece.style:
        piece = Piece(line.pop().words + piece.words, piece.style)
    line.append(piece)


def stack(images: list[Image.Image], *, gap: int, back: Colour) -> Image.Image:
    """The parts, one below the other."""
    width = max(image.width for image in images)
    height = sum(image.height for image in images) + gap * SCALE * (len(images) - 1)
    whole = Image.new("RGB", (width, height), back)
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height + gap * SCALE
    return whole
