"""Draws a sandbox picture: one image that fills it, a strip of film, and the words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageOps

from sandbox.lettering import BOLD, REGULAR, STAND_IN, Lettering, TextBlock

Colour = tuple[int, ...]

WHITE: Colour = (255, 255, 255)
FILM: Colour = (10, 10, 13)
MARK = "SANDBOX"
MARK_NOTE = "Drawn by the stand-in, not by the model"
NO_CAPTION = "A prompt that the sandbox's font cannot show"
UNTITLED = "Untitled"
CAPTION_SIZES = (58.0, 51.0, 45.0, 39.0, 34.0)
CAPTION_LINES = 3
CAPTION_LINES_TALL = 5
WIDEST_CELL = 2.4  # times its height
NARROWEST_CELL = 0.7  # of the whole frame, where more cells fit so
SMOOTHING = 4  # shapes are drawn so many times larger, Pillow's own have rough edges


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterWords:
    """`kicker` stands above the prompt, `notes` below it."""

    prompt: str
    kicker: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A frame of the strip, with its time."""

    picture: Image.Image
    time: str


class Poster:
    """Draws on `ground`. Lengths are in units: 1/1024 of the side of a square of the picture's area."""

    def __init__(self, ground: Image.Image, accent: Colour) -> None:
        self._image = ground
        self._accent = accent
        self._letters = Lettering()
        self._unit = math.sqrt(ground.width * ground.height) / 1024
        self._margin = self._px(46)
        self._tall = ground.height > ground.width

    def _px(self, units: float) -> int:
        return round(units * self._unit)

    def compose(self, words: PosterWords, cells: Sequence[Cell], insets: Sequence[Image.Image] = ()) -> None:
        strip_height = self._px(112 if self._tall else 132) if cells else 0
        blocks = self._blocks(words)
        floor = self._image.height - strip_height - self._px(36)
        top = floor - sum(block.height + gap for block, _, gap in blocks)
        self._shade(top)
        self._strip(cells, strip_height)
        for block, colour, gap in blocks:
            self._write(block, top, colour)
            top += block.height + gap
        self._inset(insets)
        self._mark()

    def _blocks(self, words: PosterWords) -> list[tuple[TextBlock, Colour, int]]:
        """The blocks of text, each with its colour and the space below it."""
        prompt = self._letters.legible(words.prompt)
        shown = prompt.replace(STAND_IN, "").strip()
        caption = prompt if shown else NO_CAPTION if words.prompt.strip() else UNTITLED
        kicker = self._set(words.kicker, (25.0,), BOLD, 1)
        title = self._set(caption, CAPTION_SIZES, BOLD, CAPTION_LINES_TALL if self._tall else CAPTION_LINES)
        notes = [self._set(self._letters.legible(note), (23.0,), REGULAR, 2) for note in words.notes]
        return [
            (kicker, self._accent, self._px(8)),
            (title, WHITE, self._px(12)),
            *((note, (214, 214, 220), self._px(2)) for note in notes),
        ]

    def _set(self, text: str, sizes: tuple[float, ...], weight: int, line_limit: int) -> TextBlock:
        width = self._image.width - 2 * self._margin
        in_pixels = tuple(size * self._unit for size in sizes)
        return self._letters.block(text, sizes=in_pixels, weight=weight, width=width, line_limit=line_limit)

    def _write(self, block: TextBlock, top: int, colour: Colour) -> None:
        draw = ImageDraw.Draw(self._image)
        for index, line in enumerate(block.lines):
            baseline = top + index * block.line_height + block.font.size * 0.95
            draw.text((self._margin, baseline), line, font=block.font, fill=colour, anchor="ls")

    def _shade(self, top: int) -> None:
        """The picture gets darker from above the words to the bottom, and a little behind the mark."""
        height = self._image.height
        begin, full = top - self._px(150), top + self._px(130)
        column = Image.new("L", (1, height))
        for y in range(height):
            below = min(1.0, max(0.0, (y - begin) / (full - begin)))
            above = max(0.0, 1 - y / self._px(170))
            column.putpixel((0, y), round(max(205 * below * below * (3 - 2 * below), 110 * above)))
        mask = column.resize(self._image.size, Image.Resampling.NEAREST)
        self._image.paste(tuple(part // 12 for part in self._accent), mask=mask)

    def _strip(self, cells: Sequence[Cell], height: int) -> None:
        if not cells:
            return
        top = self._image.height - height
        draw = ImageDraw.Draw(self._image)
        draw.rectangle([0, top, self._image.width, self._image.height], fill=FILM)
        self._holes(top + self._px(5))
        self._holes(self._image.height - self._px(14))
        inner = height - 2 * self._px(19)
        first = cells[0].picture
        whole, gap = inner * min(WIDEST_CELL, first.width / first.height), self._px(7)
        share = (self._image.width - gap) / len(cells) - gap
        width = round(min(whole, max(share - 1, whole * NARROWEST_CELL)))
        shown = _spread(cells, max(1, (self._image.width - gap) // (width + gap)))
        left = (self._image.width - len(shown) * (width + gap) + gap) // 2
        font = self._letters.font(15 * self._unit, BOLD)
        for index, cell in enumerate(shown):
            corner = left + index * (width + gap), top + self._px(19)
            self._image.paste(ImageOps.fit(cell.picture, (width, inner)), corner)
            spot = corner[0] + self._px(6), corner[1] + inner - self._px(7)
            shadow = max(1, self._px(2))
            draw.text(spot, cell.time, font=font, fill=WHITE, anchor="ls", stroke_width=shadow, stroke_fill=FILM)

    def _inset(self, pictures: Sequence[Image.Image]) -> None:
        """Lay small pictures in rows below the mark, each row as far right as it can be."""
        side, gap, frame = self._px(116), self._px(14), self._px(4)
        columns = max(1, (self._image.width - 2 * self._margin + gap) // (side + gap))
        for index, picture in enumerate(pictures):
            row, column = divmod(index, columns)
            in_row = min(columns, len(pictures) - row * columns)
            left = self._image.width - self._margin - (in_row - column) * (side + gap) + gap
            top = self._px(104) + row * (side + gap)
            small = ImageOps.fit(picture, (side - 2 * frame, side - 2 * frame))
            self._image.paste(ImageOps.expand(small, frame, WHITE), (left, top))

    def _holes(self, top: int) -> None:
        hole = _rounded(self._px(13), self._px(9), self._px(3))
        for left in range(self._px(6), self._image.width, self._px(26)):
            self._image.paste((58, 58, 64), (left, top), hole)

    def _mark(self) -> None:
        """Write in the corner that this is the sandbox, so that members do not take the picture for the model's."""
        bold, regular = self._letters.font(22 * self._unit, BOLD), self._letters.font(20 * self._unit, REGULAR)
        left, top = self._margin, self._px(40)
        width, height = round(bold.getlength(MARK)) + self._px(32), self._px(42)
        self._image.paste(self._accent, (left, top), _rounded(width, height, height / 2))
        draw = ImageDraw.Draw(self._image)
        middle = top + height / 2
        draw.text((left + width / 2, middle), MARK, font=bold, fill=FILM, anchor="mm")
        draw.text((left + width + self._px(14), middle), MARK_NOTE, font=regular, fill=WHITE, anchor="lm")


def _rounded(width: int, height: int, radius: float) -> Image.Image:
    mask = Image.new("L", (width * SMOOTHING, height * SMOOTHING))
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, mask.width - 1, mask.height - 1], radius * SMOOTHING, fill=255)
    return mask.resize((width, height), Image.Resampling.LANCZOS)


def _spread(cells: Sequence[Cell], limit: int) -> Sequence[Cell]:
    """At most `limit` of the items, at even distances."""
    return cells[:: math.ceil(len(cells) / limit)]
