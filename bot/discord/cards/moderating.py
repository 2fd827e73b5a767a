"""Cards for moderators: blocked members, the list of words, and what the log channel is told of orders."""

from __future__ import annotations

from collections.abc import Sequence

from discord import ui

from bot.discord.cards.base import CALM, DONE, SORRY, Button, Card, Row, small, text
from bot.discord.cards.policy_values import say_action, say_channel
from bot.domain.job import Job
from bot.domain.policy import Block, Policy, Words
from bot.domain.wallet import REASON_LIMIT
from bot.text import escape, units
from bot.text.i18n import mark, number, tr
from bot.text.refusals.policy import BLOCK, rule_name

WORDS_ID = "policy-words:{page}"
UNBLOCK_ID = "unblock:{member_id}"
BY_BUTTON = mark("Unblocked by the button")  # the reason; kept in English, and said in any language

WORDS_A_PAGE = 25
PROMPT_ECHO_LIMIT = 300  # characters of a prompt that has one of the words, or is tried

USED_UP = 100  # percent


# --- members ---------------------------------------------------------------------------------------------


def blocked(member_id: int, block: Block) -> Card:
    words = tr("{member} can't make images here. Credits are kept.").format(member=f"<@{member_id}>")
    button = Button(label=tr("Unblock"), custom_id=UNBLOCK_ID.format(member_id=member_id))
    return Card(DONE, text(f"{words}\n{_block(block)}"), Row(button))


def unblocked(member_id: int, block: Block | None) -> Card:
    """`block` is None where the member was not blocked."""
    if block is None:
        return Card(CALM, text(tr("{member} is not blocked: nothing was changed.").format(member=f"<@{member_id}>")))
    words = tr("{member} can make images here again.").format(member=f"<@{member_id}>")
    return Card(DONE, text(f"{words}\n{_block(block)}"))


def blocks(member_id: int, found: Sequence[Block], *, now: int) -> Card:
    """`found` has the newest block first."""
    holds = bool(found) and found[0].holds(now=now)
    title = tr("{member} is blocked") if holds else tr("{member} is not blocked")
    lines = [_block(each) for each in found] or [tr("There never was a block.")]
    return Card(CALM, text("### " + title.format(member=f"<@{member_id}>")), text("\n".join(lines)))


def _block(block: Block) -> str:
    if not block.blocked:
        words = tr("Unblocked {when} by {actor}: {reason}")
    elif block.until is None:
        words = tr("Blocked {when} by {actor}, until somebody lifts it: {reason}")
    else:
        words = tr("Blocked {when} by {actor}, until {until}: {reason}")
    return words.format(
        when=f"<t:{block.at // 1000}:R>",
        actor=f"<@{block.actor}>",
        until=f"<t:{(block.until or 0) // 1000}:f>",
        reason=escape.inline(tr(block.reason) if block.reason == BY_BUTTON else block.reason, REASON_LIMIT),
    )


def why_blocked(block: Block | None, *, now: int) -> Card:
    """For the member."""
    if block is None or not block.holds(now=now):
        return Card(CALM, text(tr("You are not blocked here.")))
    return Card(CALM, text(f"### {rule_name(BLOCK)}\n{_block(block)}\n{tr('Talk to a moderator. Your credits stay.')}"))


# --- words -----------------------------------------------------------------------------------------------


def words_page(policy: Policy, number_of_page: int) -> Card:
    """`number_of_page` counts from 0. After the last page comes the last page again."""
    last = max(0, (len(policy.words) - 1) // WORDS_A_PAGE)
    here = min(number_of_page, last)
    shown = policy.words[here * WORDS_A_PAGE : (here + 1) * WORDS_A_PAGE]
    lines = [f"{escape.inline(each.pattern)} · {say_action(each)}" for each in shown]
    title = "### " + rule_name("words")
    items: list[ui.Item[ui.LayoutView]] = [text(title), text("\n".join(lines) or tr("The list is empty."))]
    turns = [(tr("Back"), here - 1), (tr("More"), here + 1)]
    buttons = [Button(label=label, custom_id=WORDS_ID.format(page=page)) for label, page in turns if 0 <= page <= last]
    return Card(CALM, *items, *([Row(*buttons)] if buttons else []))


def tested(words: str, found: Words | None) -> Card:
    """What would happen to a prompt. `found`: the words on the list that it has."""
    if found is None:
        verdict = tr("Nothing on the list is in it: it would be taken.")
    elif found.action == "block":
        verdict = tr("It would be refused, because of {words}.").format(words=_rule(found))
    else:
        verdict = tr("It would be taken, and told to moderators because of {words}.").format(words=_rule(found))
    return Card(CALM, text(f"{escape.block(words, PROMPT_ECHO_LIMIT)}\n{verdict}"))


def _rule(words: Words) -> str:
    pattern = escape.inline(words.pattern)
    return tr("the pattern {pattern}").format(pattern=pattern) if words.is_pattern else pattern


# --- what the log channel is told ------------------------------------------------------------------------


def flagged(job: Job, words: Words) -> Card:
    """An order was placed whose prompt has flagged words. The prompt of a private image is not shown."""
    said = tr("{member} has ordered an image with {words} in its prompt.").format(
        member=f"<@{job.wallet.member_id}>", words=escape.inline(words.pattern)
    )
    if job.private:
        return Card(SORRY, text(said), small(tr("Private, job {id}").format(id=job.id)))
    facts = tr("Job {id} in {channel}").format(id=job.id, channel=say_channel(job.channel_id))
    if job.message_id is not None:
        facts = tr("[Job {id}]({link}) in {channel}").format(
            id=job.id, link=job.link_to(job.channel_id, job.message_id), channel=say_channel(job.channel_id)
        )
    return Card(SORRY, text(f"{said}\n{escape.block(job.recipe.prompt, PROMPT_ECHO_LIMIT)}"), small(facts))


def budget_reached(percent: int, spent: int, budget: int, *, server: str | None = None) -> Card:
    """At 100 percent, an order did not fit into the budget, or it is spent.

    `spent` counts the credits on hold too. `server`: its name, where the card is read outside of it, by its owner.
    """
    facts = {"percent": number(percent), "spent": number(spent), "budget": units.credits(budget)}
    why = tr("You own {server}, which has no log channel that I may write in: `/policy log` chooses one.")
    about = [small(why.format(server=escape.inline(server)))] if server is not None else []
    if percent < USED_UP:
        used = tr("{percent} % of this month's budget is used: {spent} of {budget}.")
        return Card(CALM, text(used.format(**facts)), *about)
    used = tr("This month's budget is used up: {spent} of {budget}, and there is no room for another image.")
    until = tr("No new images until the month ends, or until the budget is raised: `/policy budget`.")
    return Card(SORRY, text(f"{used.format(**facts)}\n{until}"), *about)
