"""Values to Components V2 layouts. Pure: a card knows no services, sends nothing, and does nothing when pressed.

They stand in `bot/` and not in `cogs/`, because the courier shows the same cards as the commands do.
"""

from bot.cards.base import Card, note
from bot.cards.credits import PAGE_ID, balance, granted, statement
from bot.cards.jobs import (
    ALT_TEXT_LIMIT,
    CANCEL_ID,
    NOT_YET,
    SHARE_ID,
    alt_text,
    attachment_name,
    checking,
    moved,
    released,
    result,
    waiting,
    working,
)

__all__ = [
    "ALT_TEXT_LIMIT", "CANCEL_ID", "NOT_YET", "PAGE_ID", "SHARE_ID", "Card", "alt_text", "attachment_name", "balance",
    "checking", "granted", "moved", "note", "released", "result", "statement", "waiting", "working",
]  # fmt: skip
