"""Limits that Discord sets and that several rooms keep. Source: https://discord.com/developers/docs."""

from __future__ import annotations

ALT_TEXT_LIMIT = 1_024  # characters, attachments[].description
CHOICES_LIMIT = 25  # choices of an autocomplete, and options of a select
CHOICE_LIMIT = 100  # characters of the label of a choice or of an option, and of its value
TEXT_LIMIT = 6_000  # characters of an option that is a text
INTEGER_LIMIT = 2**53 - 1  # of an option that is a whole number
