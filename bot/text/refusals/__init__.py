"""The words that people read instead of an error. Each says what happened, what it cost, and what to do next.

Each group of refusals has one `match` by type in a module of this package. A test fails when a leaf of the error tree
has no words of its own.
"""

from __future__ import annotations

from bot.domain import errors as e
from bot.text.i18n import tr
from bot.text.refusals.acts import about_forms, about_results, about_rights, about_the_queue, rights
from bot.text.refusals.bank import about_batches, about_periods
from bot.text.refusals.base import FREE, UNMOVED, try_again
from bot.text.refusals.commands import EXAMPLE_LINK, example
from bot.text.refusals.endings import released
from bot.text.refusals.giving import about_acts, about_codes, about_gifts, about_giving, about_requests
from bot.text.refusals.models import about_models, instead_of
from bot.text.refusals.order import about_the_order
from bot.text.refusals.policy import about_rules, about_settings, about_the_operator, about_the_policy
from bot.text.refusals.references import about_references
from bot.text.refusals.templates import about_template_contents, about_templates
from bot.text.refusals.video import about_the_video
from bot.text.refusals.wallet import about_entries, about_payments

__all__ = ["EXAMPLE_LINK", "example", "instead_of", "released", "rights", "say", "say_after"]


def _about_our_side(error: e.StillframeError) -> str | None:
    match error:
        case e.Refusal():
            return None
        case e.SupplierError() | e.ImageError() | e.DeliveryError():
            return try_again(tr("The image service or Discord did not answer as it should."))
        case e.DatabaseUnavailable(in_doubt=True):
            return tr(
                "The credit books did not say whether this was done. Look at `/credits statement` or `/history` before "
                "you try again."
            )
        case e.DatabaseUnavailable():
            return try_again(tr("The credit books can't be written just now."))
        case e.FilesUnavailable():
            return try_again(tr("Clips and images can't be read or kept just now."))
    return try_again(tr("Something went wrong on our side, and it has been written down."))


# By the class of the error, or the nearest one above it: who says it, and the sentence that ends it, if any.
_WORDS = {
    e.VideoRefusal: (about_the_video, FREE),
    e.OrderRefusal: (about_the_order, FREE),
    e.ModelRefusal: (about_models, FREE),
    e.ReferenceRefusal: (about_references, FREE),
    e.PolicyRefused: (about_the_policy, FREE),
    e.OperatorBudgetUsedUp: (about_the_operator, FREE),
    e.ServerNotAllowed: (about_the_operator, ""),
    e.TemplateRefusal: (about_templates, ""),
    e.TemplateContentRefusal: (about_template_contents, ""),
    e.PaymentRefusal: (about_payments, ""),
    e.EntryRefusal: (about_entries, ""),
    e.BatchRefusal: (about_batches, ""),
    e.PeriodRefusal: (about_periods, ""),
    e.GivingRefusal: (about_giving, UNMOVED),
    e.GiftRefusal: (about_gifts, UNMOVED),
    e.CodeRefusal: (about_codes, UNMOVED),
    e.ActRefusal: (about_acts, ""),
    e.RequestRefusal: (about_requests, ""),
    e.RightsRefusal: (about_rights, ""),
    e.ResultRefusal: (about_results, ""),
    e.FormRefusal: (about_forms, ""),
    e.QueueRefusal: (about_the_queue, ""),
    e.RuleRefusal: (about_rules, ""),
    e.SettingRefusal: (about_settings, ""),
    e.StillframeError: (_about_our_side, ""),
}


def say(error: e.StillframeError) -> str:
    """What the person reads instead of the error. Never a stack, a secret or a supplier's own text."""
    about, ending = next(_WORDS[kind] for kind in type(error).__mro__ if kind in _WORDS)
    words = about(error)
    if words is None:
        raise AssertionError(f"no words for {type(error).__name__}")
    return f"{words} {tr(ending)}" if ending else words


def say_after(done: str) -> str:
    """What the person reads where an error came after something was `done`."""
    after = tr("After that something went wrong on our side, and it has been written down. Please don't do it again.")
    return f"{done} {after}"
