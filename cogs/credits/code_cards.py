"""The cards of one-time codes, for the moderators who make them."""

from __future__ import annotations

from bot.discord.cards.base import CALM, DONE, Card, small, text
from bot.domain.code import Code
from bot.text import escape, units
from bot.text.i18n import number, tr, trn

REASON_ECHO_LIMIT = 60  # characters of a reason, in a line of the list


def created(code: Code, symbols: str) -> Card:
    """The only card that shows the code itself, which is `symbols`."""
    once = tr("Copy it now: I keep no copy, and nobody can show it again. Members use it with `/credits redeem`.")
    return Card(DONE, text(f"### {_worth(code)}\n```\n{symbols}\n```\n{once}"), small(_facts(code)))


def listed(codes: list[Code], *, now: int) -> Card:
    lines = [
        f"**{code.id}** · `{code.hint}…` · {_worth(code)}\n-# {_state(code, now)} · {_facts(code)}" for code in codes
    ]
    return Card(CALM, text(f"### {tr('One-time codes')}"), text("\n".join(lines) or tr("There are none yet.")))


def withdrawn(code: Code) -> Card:
    words = tr("Code {number} is withdrawn: nobody can redeem it any more. What was redeemed stays.")
    return Card(CALM, text(words.format(number=code.id)), small(_facts(code)))


def log_created(code: Code) -> Card:
    words = tr("{moderator} made code {number}: {worth}.").format(
        moderator=f"<@{code.actor}>", number=code.id, worth=_worth(code)
    )
    return Card(CALM, text(words), small(_facts(code)))


def log_withdrawn(code: Code, actor_id: int) -> Card:
    words = tr("{moderator} withdrew code {number}.").format(moderator=f"<@{actor_id}>", number=code.id)
    return Card(CALM, text(words), small(_facts(code)))


def _worth(code: Code) -> str:
    return trn("{credits} for {count} member", "{credits} for each of {count} members", code.terms.uses).format(
        credits=units.credits(code.terms.amount), count=number(code.terms.uses)
    )


def _state(code: Code, now: int) -> str:
    if code.withdrawn:
        return tr("withdrawn")
    if code.used >= code.terms.uses:
        return tr("used up")
    return tr("expired") if code.over(now=now) else tr("open")


def _facts(code: Code) -> str:
    facts = [tr("used {used} of {uses}").format(used=number(code.used), uses=number(code.terms.uses))]
    if code.terms.expires_at is not None:
        facts.append(tr("until {when}").format(when=f"<t:{code.terms.expires_at // 1000}:f>"))
    facts += [
        tr("by {member}").format(member=f"<@{code.actor}>"),
        escape.inline(code.terms.reason, REASON_ECHO_LIMIT),
    ]
    return " · ".join(facts)
