"""The words people read. Each refusal says what happened, what it cost, and what to do next.

One `match` by type in each room; a test fails when a leaf of the error tree has no words of its own.
"""

from __future__ import annotations

from bot.domain import errors as e
from bot.text.escape import block, inline, plain
from bot.text.i18n import tr
from bot.text.refusals.acts import about_a_form, about_an_image, about_rights, about_the_line, rights
from bot.text.refusals.bank import about_the_bank
from bot.text.refusals.base import free, try_again
from bot.text.refusals.commands import EXAMPLE_LINK, about_commands, example
from bot.text.refusals.endings import released
from bot.text.refusals.giving import about_codes, about_gifts, about_requests
from bot.text.refusals.order import about_the_order
from bot.text.refusals.policy import about_a_rule, about_rules, about_settings
from bot.text.refusals.references import about_references
from bot.text.refusals.templates import about_templates
from bot.text.refusals.video import about_the_video
from bot.text.refusals.wallet import about_credits, about_entries
from bot.text.units import credits, megabytes, purpose, span

__all__ = [
    "EXAMPLE_LINK",
    "block",
    "credits",
    "example",
    "inline",
    "megabytes",
    "plain",
    "purpose",
    "released",
    "rights",
    "say",
    "span",
]

_FREE_TABLES = (about_the_video, about_the_order, about_references)  # these end with what they cost: nothing
_TABLES = (
    about_templates,
    about_rights,
    about_credits,
    about_entries,
    about_the_bank,
    about_gifts,
    about_codes,
    about_requests,
    about_an_image,
    about_a_form,
    about_the_line,
    about_a_rule,
    about_rules,
    about_settings,
    about_commands,
)


def say(error: e.StillframeError) -> str:
    """What the person reads instead of the error. Never a stack, a secret or a supplier's own text."""
    if isinstance(error, e.Refusal):
        return _refusal(error)
    if isinstance(error, e.SupplierError | e.ImageError | e.DeliveryError):
        return try_again(tr("The image service or Discord did not answer as it should."))
    if isinstance(error, e.DatabaseUnavailable):
        return try_again(tr("The credit books can't be written just now."))
    if isinstance(error, e.FilesUnavailable):
        return try_again(tr("Clips and images can't be read or kept just now."))
    return try_again(tr("Something went wrong on our side, and it has been written down."))


def _refusal(error: e.Refusal) -> str:
    words = next(filter(None, (table(error) for table in _FREE_TABLES)), None)
    if words is not None:
        return free(words)
    words = next(filter(None, (table(error) for table in _TABLES)), None)
    if words is None:
        raise AssertionError(f"no words for {type(error).__name__}")
    return words
