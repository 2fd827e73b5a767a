"""A word is found in whatever case, form and width it is written."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.search_text import fold, fold_video, grams, match, search_text


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Закат", "Закат над морем"),
        ("ЗАКАТ НАД", "закат над морем"),
        ("ÉTÉ", "un été à Paris"),
        ("ete", "Un É\u0301te\u0301"),
        ("Cafe\u0301", "CAFÉ"),
        ("ΑΘΗΝΑΣ", "η Αθήνας"),
        ("αθηνασ", "ΑΘΗΝΑΣ"),
        ("istanbul", "İSTANBUL"),
        ("İstanbul", "istanbul"),
        ("IŞIK", "ışık"),
        ("strasse", "Große Straße"),
        ("STRASSE", "Straße"),
        ("日落", "海边的日落"),
        ("ﾈｺ", "ネコの絵"),
        ("ｐｏｓｔｅｒ", "A poster"),
        ("각", "각각"),
        ("hello", "h\u200be\u00adllo"),
        ("نمیخواهم", "نمی\u200cخواهم"),
        ("בראשית", "בְּרֵאשִׁית"),
        ("a  b\tc", "a b\nc"),
        ("ﬁlm", "FILM"),
    ],
)
def test_these_are_found(typed: str, written: str) -> None:
    assert fold(typed) in fold(written)


@pytest.mark.parametrize(("typed", "written"), [("가", "각"), ("cat", "dog"), ("seen", "sea"), ("日日", "日落")])
def test_these_are_not(typed: str, written: str) -> None:
    assert fold(typed) not in fold(written)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("клип с моря", "клип_с_моря.mp4"),
        ("КЛИП", "https://a.example/%D0%BA%D0%BB%D0%B8%D0%BF.mp4"),
        ("my clip", "https://a.example/My%20Clip.mp4?sig=1"),
        ("https://a.example/My%20Clip.mp4", "https://a.example/My%20Clip.mp4"),
        ("dqw4w9wgxcq", "dQw4w9WgXcQ"),
    ],
)
def test_a_video_is_found_by_the_name_that_people_know(typed: str, name: str) -> None:
    assert fold_video(typed) in fold_video(name)


@given(st.text())
def test_a_folded_text_is_one_line_that_stays_as_it_is(text: str) -> None:
    folded = fold(text)
    assert "\n" not in folded
    assert "\0" not in folded
    assert fold(folded) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded


@given(st.text(max_size=50), st.text(max_size=50), st.data())
def test_the_pieces_of_every_part_of_a_text_are_among_its_own(prompt: str, video: str, data: st.DataObject) -> None:
    text = search_text(prompt, video)
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    words = grams(text).split(" ")
    for piece in match(part).split(" AND "):
        if piece.endswith(" *"):
            assert any(word.startswith(piece[1:-3]) for word in words)
        else:
            assert piece[1:-1] in words
