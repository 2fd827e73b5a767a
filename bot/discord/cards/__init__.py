"""Functions that make cards (Components V2 layouts) of values. They call no service, send nothing and handle no press.

Cards that only one cog shows are beside that cog. These here are shown by the messenger, the client or several cogs.
"""

from bot.discord.cards.actions import SHARE_ID
from bot.discord.cards.base import Card, note
from bot.discord.cards.credits import PAGE_ID, balance, statement
from bot.discord.cards.jobs import (
    CANCEL_ID,
    NOT_YET,
    alt_text,
    attachment_name,
    awaiting,
    checking,
    moved,
    released,
    result,
    sent_directly,
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
    "awaiting",
    "balance",
    "checking",
    "moved",
    "note",
    "released",
    "result",
    "sent_directly",
    "statement",
    "waiting",
    "working",
]
