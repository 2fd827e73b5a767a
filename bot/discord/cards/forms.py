"""What stands under a refusal of something typed: the button that opens it again as a form, filled in."""

from __future__ import annotations

from collections.abc import Sequence

from bot.discord.cards.base import Button, Card, Row, small, text
from bot.text.i18n import number, tr

AGAIN_ID = "form-again:{form_id}"


def with_way_back(card: Card, form_id: str, notes: Sequence[str], *, minutes: int) -> Card:
    """Add the button under a refusal. `notes`: what became of uploaded files. `minutes`: how long the form is kept."""
    kept = tr("What you typed is kept for {minutes} minutes.").format(minutes=number(minutes))
    again = Button(label=tr("Back to the form"), custom_id=AGAIN_ID.format(form_id=form_id))
    return card.extended(*map(text, notes), small(kept), Row(again))
