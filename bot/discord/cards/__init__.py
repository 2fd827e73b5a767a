"""Values to Components V2 layouts. Pure: a card knows no services, sends nothing, and does nothing when pressed.

They stand in `bot/` and not in `cogs/`, because the courier shows the same cards as the commands do.
"""

from bot.discord.cards.actions import SHARE_ID
from bot.discord.cards.base import Card, note
from bot.discord.cards.credits import PAGE_ID, balance, statement
from bot.discord.cards.jobs import (
    CANCEL_ID,
    NOT_YET,
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
    "CANCEL_ID",
    "NOT_YET",
    "PAGE_ID",
    "SHARE_ID",
    "Card",
    "alt_text",
    "attachment_name",
    "balance",
    "checking",
    "moved",
    "note",
    "released",
    "result",
    "statement",
    "waiting",
    "working",
]
