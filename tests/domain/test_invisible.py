"""Invisible characters alone are no words."""

from __future__ import annotations

import pytest

from bot.domain.errors import BlanksMissing, PromptMissing
from bot.domain.invisible import is_empty
from bot.domain.order import OrderText, read_prompt
from bot.domain.styling import Styled
from bot.domain.template import Template

NOTHING = [
    "", " \n\t", "\u200b", "\u3164", "\u2800", "\ufe0f", "\u200b\u3164 \u2800\ufe0f", "\u200d\u200c\u2060\ufeff",
    "\u00ad", "\u115f\u1160\uffa0", "\u180e", "\u034f", "\U000e0041\U000e007f", "\u3000\u00a0\u205f", "\x00\x07",
    "\ud83d", "\ue000", "\u061c\u200e\u202e", "\u17b4", "\U0001d173",
]  # fmt: skip
SOMETHING = ["a", "猫", "ก", "\u200ba", "❤\ufe0f", "😀", ".", "١", "\u3164א\u3164", "가", "⠁"]


@pytest.mark.parametrize("text", NOTHING)
def test_a_prompt_of_invisible_characters_is_no_prompt(text: str) -> None:
    assert is_empty(text)
    with pytest.raises(PromptMissing):
        read_prompt(text)


@pytest.mark.parametrize("text", SOMETHING)
def test_one_character_that_is_seen_is_a_prompt(text: str) -> None:
    assert not is_empty(text)
    assert read_prompt(text)


@pytest.mark.parametrize("text", NOTHING)
def test_a_blank_of_a_template_is_not_filled_by_what_nobody_sees(text: str) -> None:
    frame = Template(name="Poster", frame="A poster of [PROMPT] in [COLOUR]")
    styled = Styled(OrderText(prompt=text), frame)
    assert styled.blanks == ("PROMPT", "COLOUR")
    with pytest.raises(BlanksMissing) as caught:
        styled.filled({"PROMPT": "a cat", "COLOUR": text})
    assert caught.value.names == ("COLOUR",)
