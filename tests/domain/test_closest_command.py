"""The closest command to what a member typed."""

import pytest

from bot.domain.closest_command import closest_command

NAMES = ("imagine", "credits balance", "credits statement", "templates browse", "help")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("imagine", "imagine"),
        ("imagine a cat on the roof", "imagine"),
        ("/Imagine a cat", "imagine"),
        ("!immagine", "imagine"),
        ("credits", "credits balance"),
        ("credits statment please", "credits statement"),
        ("credit", "credits balance"),
        ("template", "templates browse"),
        ("help me", "help"),
        ("", "imagine"),
        ("what is this", "imagine"),
        ("x" * 5_000, "imagine"),
    ],
)
def test_the_closest_command_is_meant_and_else_the_one_for_images(typed: str, name: str) -> None:
    assert name == closest_command(typed, NAMES, otherwise="imagine")
