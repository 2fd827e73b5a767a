"""Draws a message of cards about as Discord's dark theme shows it, without a browser or a network.

It knows the components that our cards are made of, and raises an error for another one.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from PIL import Image, ImageDraw, ImageOps

from sandbox.card_text import FAINT, SCALE, STRONG, WORDS, Colour, Piece, Style, Type, stack

Component = Mapping[str, Any]


class Kind(IntEnum):
    """Discord's numbers: https://docs.discord.com/developers/components/reference"""

    ROW = 1
    BUTTON = 2  # in a row, all else is a select
    SECTION = 9
    TEXT = 10
    THUMBNAIL = 11
    GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17


PAGE: Colour = (49, 51, 56)
CARD: Colour = (43, 45, 49)
CARD_EDGE: Colour = (63, 65, 71)
FIELD: Colour = (30, 31, 34)
LINE: Colour = (73, 75, 81)
BUTTONS: Mapping[int, Colour] = {
    1: (88, 101, 242),
    2: (78, 80, 88),
    3: (36, 128, 70),
    4: (218, 55, 60),
    5: (78, 80, 88),
}
STAR: Colour = (255, 190, 60)

WIDTH = 640  # of the message, in Discord's pixels
MARGIN, AVATAR = 16, 40
CARD_PADDING = 16
GAP = 8
BUTTON_HEIGHT, BUTTON_PADDING = 32, 14
PICTURE_HEIGHT = 320  # at most, of one alone
THUMBNAIL = 80
PARTLY = 0.45  # of a button that can't be pressed


class CardPicture:
    """`files`: what the message's `attachment://` names stand for. `names`: of members and channels, by id."""

    def __init__(self, files: Mapping[str, bytes], names: Mapping[int, str]) -> None:
        self._files = files
        self._type = Type(names)

    def draw(self, components: Sequence[Component], *, private: bool) -> Image.Image:
        inner = WIDTH - 2 * MARGIN - AVATAR - 12
        parts = [self._header(inner), *(self._any(each, inner, PAGE) for each in components)]
        if private:
            parts.append(self._type.block("-# Only you can see this · Dismiss message", inner, PAGE))
        body = stack(parts, gap=6, back=PAGE)
        page = Image.new("RGB", (WIDTH * SCALE, body.height + 2 * MARGIN * SCALE), PAGE)
        page.paste(body, ((MARGIN + AVATAR + 12) * SCALE, MARGIN * SCALE))
        self._avatar(page)
        return page

    def _header(self, width: int) -> Image.Image:
        image = Image.new("RGB", (width * SCALE, 22 * SCALE), PAGE)
        draw, foot = ImageDraw.Draw(image), 17 * SCALE
        name = Piece("Stillframe", Style(colour=STRONG, bold=True))
        self._type.draw(draw, 0, foot, name)
        x = self._type.length(name) + 8 * SCALE
        badge = Piece("APP", Style(size=11, colour=(255, 255, 255), bold=True))
        end = x + self._type.length(badge) + 10 * SCALE
        draw.rounded_rectangle((x, 3 * SCALE, end, 19 * SCALE), radius=4 * SCALE, fill=BUTTONS[1])
        self._type.draw(draw, x + 5 * SCALE, 15 * SCALE, badge)
        return image

    def _avatar(self, page: Image.Image) -> None:
        draw = ImageDraw.Draw(page)
        left, top, side = MARGIN * SCALE, MARGIN * SCALE, AVATAR * SCALE
        draw.ellipse((left, top, left + side, top + side), fill=BUTTONS[1])
        frame = [left + side * 0.25, top + side * 0.33, left + side * 0.75, top + side * 0.67]
        draw.rounded_rectangle(frame, radius=3 * SCALE, outline=(255, 255, 255), width=2 * SCALE)
        play = [(0.45, 0.42), (0.45, 0.58), (0.58, 0.5)]
        draw.polygon([(left + side * x, top + side * y) for x, y in play], fill=(255, 255, 255))

    def _any(self, component: Component, width: int, back: Colour) -> Image.Image:
        draw = {
            Kind.ROW: self._row,
            Kind.SECTION: self._section,
            Kind.TEXT: self._text,
            Kind.GALLERY: self._gallery,
            Kind.FILE: self._file,
            Kind.SEPARATOR: self._separator,
            Kind.CONTAINER: self._container,
        }[Kind(component["type"])]
        return draw(component, width, back)

    def _text(self, component: Component, width: int, back: Colour) -> Image.Image:
        return self._type.block(component["content"], width, back)

    def _separator(self, _component: Component, width: int, back: Colour) -> Image.Image:
        image = Image.new("RGB", (width * SCALE, SCALE), back)
        ImageDraw.Draw(image).rectangle((0, 0, image.width, SCALE - 1), fill=LINE)
        return image

    def _container(self, component: Component, width: int, back: Colour) -> Image.Image:
        inner = width - 2 * CARD_PADDING - 4
        content = stack([self._any(each, inner, CARD) for each in component["components"]], gap=GAP, back=CARD)
        size = (width * SCALE, content.height + 2 * CARD_PADDING * SCALE)
        image, box = Image.new("RGB", size, back), (0, 0, size[0] - 1, size[1] - 1)
        accent = component.get("accent_color") or 0x3F4147
        rgb = (accent >> 16, accent >> 8 & 255, accent & 255)
        card = Image.new("RGB", size, CARD)
        draw = ImageDraw.Draw(card)
        draw.rounded_rectangle(box, radius=8 * SCALE, outline=CARD_EDGE, width=SCALE)
        draw.rectangle((0, 0, 4 * SCALE - 1, size[1]), fill=rgb)
        card.paste(content, ((CARD_PADDING + 4) * SCALE, CARD_PADDING * SCALE))
        image.paste(card, (0, 0), _corners(size))
        return image

    def _section(self, component: Component, width: int, back: Colour) -> Image.Image:
        accessory = component["accessory"]
        if accessory["type"] == Kind.THUMBNAIL:
            side = self._rounded(self._file_of(accessory), (THUMBNAIL, THUMBNAIL), back)
        else:
            side = self._button(accessory, back)
        left = width - side.width // SCALE - 12
        words = stack([self._any(each, left, back) for each in component["components"]], gap=4, back=back)
        image = Image.new("RGB", (width * SCALE, max(words.height, side.height)), back)
        image.paste(words, (0, 0))
        image.paste(side, (width * SCALE - side.width, 0))
        return image

    def _gallery(self, gallery: Component, width: int, back: Colour) -> Image.Image:
        items = gallery["items"]
        if len(items) == 1:
            with Image.open(io.BytesIO(self._file_of(items[0]))) as picture:
                ratio = picture.width / picture.height
            wide = min(width, round(PICTURE_HEIGHT * ratio))
            return self._rounded(self._file_of(items[0]), (wide, round(wide / ratio)), back)
        columns, ratio = (2, 0.75) if len(items) in {2, 4} else (3, 1.0)
        side = (width - 4 * (columns - 1)) // columns
        rows, height = -(-len(items) // columns), round(side * ratio)
        image = Image.new("RGB", (width * SCALE, (rows * (height + 4) - 4) * SCALE), back)
        for index, item in enumerate(items):
            place = (index % columns * (side + 4) * SCALE, index // columns * (height + 4) * SCALE)
            image.paste(self._rounded(self._file_of(item), (side, height), back), place)
        return image

    def _file(self, component: Component, width: int, back: Colour) -> Image.Image:
        name = component["file"]["url"].partition("?")[0].rpartition("/")[2]
        return self._type.block(f"```\n{name}\n```", width, back)

    def _row(self, row: Component, width: int, back: Colour) -> Image.Image:
        """Buttons that do not fit go on to the next line; a select takes a whole line."""
        lines: list[list[Image.Image]] = [[]]
        for each in row["components"]:
            drawn = self._button(each, back) if each["type"] == Kind.BUTTON else self._select(each, width, back)
            if lines[-1] and sum(one.width + GAP * SCALE for one in lines[-1]) + drawn.width > width * SCALE:
                lines.append([])
            lines[-1].append(drawn)
        return stack([self._beside(line, width, back) for line in lines], gap=GAP, back=back)

    def _beside(self, images: Sequence[Image.Image], width: int, back: Colour) -> Image.Image:
        row = Image.new("RGB", (width * SCALE, max(image.height for image in images)), back)
        x = 0
        for image in images:
            row.paste(image, (x, 0))
            x += image.width + GAP * SCALE
        return row

    def _button(self, button: Component, back: Colour) -> Image.Image:
        label = Piece(button.get("label") or "", Style(size=14, colour=(255, 255, 255)))
        star = 20 * SCALE if button.get("emoji") else 0
        width = round(self._type.length(label)) + star + 2 * BUTTON_PADDING * SCALE
        image = Image.new("RGB", (width, BUTTON_HEIGHT * SCALE), back)
        draw = ImageDraw.Draw(image)
        box = (0, 0, width - 1, image.height - 1)
        draw.rounded_rectangle(box, radius=8 * SCALE, fill=BUTTONS[button.get("style", 2)])
        if star:
            self._star(draw, (BUTTON_PADDING + 7) * SCALE, image.height / 2)
        self._type.draw(draw, BUTTON_PADDING * SCALE + star, image.height / 2 + 5 * SCALE, label)
        return Image.blend(Image.new("RGB", image.size, back), image, PARTLY if button.get("disabled") else 1.0)

    def _star(self, draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
        """Draws the star, the only emoji on our buttons."""
        points = []
        for index in range(10):
            radius = (7.5 if index % 2 == 0 else 3.2) * SCALE
            angle = math.pi * (index / 5 - 0.5)
            points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
        draw.polygon(points, fill=STAR)

    def _select(self, select: Component, width: int, back: Colour) -> Image.Image:
        chosen = [option["label"] for option in select.get("options", ()) if option.get("default")]
        words = ", ".join(chosen) or select.get("placeholder") or "Make a selection"
        label = Piece(words, Style(size=15, colour=WORDS if chosen else FAINT))
        image = Image.new("RGB", (width * SCALE, 40 * SCALE), back)
        draw = ImageDraw.Draw(image)
        draw.rounded_rectangle((0, 0, image.width - 1, image.height - 1), radius=8 * SCALE, fill=FIELD)
        self._type.draw(draw, 12 * SCALE, 25 * SCALE, label)
        x, y = image.width - 24 * SCALE, 18 * SCALE
        draw.line([(x, y), (x + 5 * SCALE, y + 5 * SCALE), (x + 10 * SCALE, y)], fill=FAINT, width=2 * SCALE)
        return image

    def _file_of(self, item: Component) -> bytes:
        return self._files[item["media"]["url"].partition("?")[0].rpartition("/")[2]]

    def _rounded(self, data: bytes, size: tuple[int, int], back: Colour) -> Image.Image:
        drawn = (size[0] * SCALE, size[1] * SCALE)
        with Image.open(io.BytesIO(data)) as picture:
            fitted = ImageOps.fit(picture.convert("RGB"), drawn, Image.Resampling.LANCZOS)
        image = Image.new("RGB", drawn, back)
        image.paste(fitted, (0, 0), _corners(drawn))
        return image


def _corners(size: tuple[int, int]) -> Image.Image:
    """A mask with round corners."""
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius=8 * SCALE, fill=255)
    return mask
