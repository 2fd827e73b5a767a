"""The pictures in the documentation: real cards, drawn without a browser."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sandbox import screenshots
from sandbox.card_picture import CARD, PAGE, WIDTH, CardPicture
from sandbox.card_text import LINK, SCALE, Type

ROOT = Path(__file__).parent.parent.parent


async def test_a_card_is_taken_from_the_real_bot(tmp_path: Path) -> None:
    (path,) = await screenshots.take(tmp_path, ["help"])
    assert path == tmp_path / "help.png"
    assert path.stat().st_size <= screenshots.LIMIT_BYTES
    with Image.open(path) as picture:
        assert picture.width == WIDTH * SCALE
        assert picture.height > 300 * SCALE
        colours = {colour for _, colour in picture.convert("RGB").getcolors() or ()}
    assert {PAGE, CARD} <= colours


def test_the_documentation_shows_only_pictures_that_are_there() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {page.parent / link for page in pages for link in re.findall(r"!\[.*?\]\((.+?)\)", page.read_text("utf-8"))}
    assert len(shown) > 5
    assert [path for path in shown if not path.is_file()] == []


def test_a_picture_that_is_too_large_is_made_smaller() -> None:
    noise = Image.effect_noise((1_280, 1_600), 90).convert("RGB")
    with Image.open(io.BytesIO(screenshots.small_png(noise))) as small:
        assert small.width == noise.width * min(screenshots.SCALES)


def test_every_kind_of_component_is_drawn() -> None:
    image = io.BytesIO()
    Image.new("RGB", (40, 40), (200, 30, 30)).save(image, "PNG")
    media = {"media": {"url": "attachment://red.png"}}
    row: list[dict[str, Any]] = [
        {"type": 2, "style": 1, "label": f"Button {each}", "disabled": each == 1} for each in range(9)
    ]
    row.append({"type": 2, "style": 2, "label": "Star", "emoji": {"name": "⭐"}})
    inside = [
        {
            "type": 10,
            "content": "### A title\n-# small\n**bold `code` <@1>** [label](https://a.example) <t:1:R> <t:1:d> <#2>",
        },
        {"type": 10, "content": "```\n" + "unbroken" * 40 + "\n```"},
        {"type": 12, "items": [media]},
        {"type": 12, "items": [media] * 4},
        {"type": 12, "items": [media] * 5},
        {"type": 14},
        {"type": 9, "components": [{"type": 10, "content": "Side"}], "accessory": {"type": 11, **media}},
        {"type": 9, "components": [{"type": 10, "content": "Side"}], "accessory": row[0]},
        {"type": 13, "file": {"url": "attachment://templates.json"}},
        {"type": 1, "components": row},
        {"type": 1, "components": [{"type": 3, "options": [{"label": "1K", "default": True}]}]},
        {"type": 1, "components": [{"type": 8, "placeholder": "Channels"}]},
    ]
    artist = CardPicture({"red.png": image.getvalue()}, {1: "ann", 2: "images"})
    picture = artist.draw([{"type": 17, "accent_color": 0x2FA36B, "components": inside}], private=True)
    colours = {colour for _, colour in picture.getcolors(1 << 20) or ()}
    assert {(200, 30, 30), (0x2F, 0xA3, 0x6B), LINK} <= colours


def test_a_component_that_is_not_known_is_said() -> None:
    with pytest.raises(ValueError, match="99"):
        CardPicture({}, {}).draw([{"type": 99}], private=False)


def test_words_longer_than_a_line_are_broken() -> None:
    type_ = Type({})
    one, many = (type_.block(words, 200, PAGE) for words in ("short", "long " * 20 + "x" * 100))
    assert many.height > 4 * one.height
    assert many.width == one.width


def test_a_card_that_does_not_exist_ends_with_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none_at_all(_stage: object) -> AsyncIterator[screenshots.Scene]:
        return
        yield

    monkeypatch.setattr(screenshots, "tour", none_at_all)
    assert screenshots.main(["--output", str(tmp_path), "--only", "unicorn"]) == 1
    assert "There is no card named unicorn." in capsys.readouterr().err
