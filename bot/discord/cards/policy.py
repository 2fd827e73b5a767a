"""The cards of a server's rules: all rules, a change with its Undo, and the explanation of one rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from discord import ui

from bot.discord.cards.base import CALM, DONE, Button, Card, Row, small, text
from bot.discord.cards.policy_values import differences, is_set, say, say_channel, say_limits
from bot.domain.policy import Change, Limits, Policy
from bot.text.i18n import mark, number, tr
from bot.text.refusals.policy import rule_name

UNDO_ID = "undo-policy:{change_id}"
HISTORY_ID = "policy-history:{before}"
WHY_ID = "policy-why:{rule}"

PARTS_SHOWN = 3  # channels or roles of one rule, on the card of all
PARTS_EXPLAINED = 20  # on the card of one rule
PARTS_CHANGED = 8  # lines of one change
PARTS_LISTED = 2  # lines of one change, on a page of changes


_GROUPS = (
    (mark("Where"), ("allowed_channels", "denied_channels", "age_restricted_only")),
    (mark("Who, and how much"), ("limits", "allowances", "managers", "manager_limits", "cool_down")),
    (
        mark("Money"),
        (
            "budget",
            "channel_shares",
            "starting_credits",
            "highest_balance",
            "gifts",
            "ages",
            "request_channel",
            "request_amounts",
        ),
    ),
    (mark("Words"), ("words",)),
    (mark("Times"), ("paused", "quiet_hours", "time_zone")),
    (
        mark("Images, and the log"),
        (
            "private_by_default",
            "spoiler_by_default",
            "default_model",
            "forbidden_models",
            "gallery_channel",
            "log_channel",
        ),
    ),
)

# What a member may do whose order the rule refuses.
_ADVICE = {
    "allowed_channels": mark("Use one of these channels, or a thread in it."),
    "denied_channels": mark("Use another channel."),
    "age_restricted_only": mark("Use an age-restricted channel."),
    "limits": mark("Choose a smaller size or a shorter moment, or wait for the next day. More roles may allow more."),
    "forbidden_models": mark("Choose another model: the option `model` suggests those that this server allows."),
    "budget": mark("Wait for the next month, or ask a moderator to raise it."),
    "channel_shares": mark("Use another channel, or wait for the next month."),
    "words": mark("Say it in other words. The refusal names the one that was found."),
    "quiet_hours": mark("Wait until these hours are over."),
    "cool_down": mark("Wait until the pause is over, then describe another scene."),
    "paused": mark("Wait until a moderator lets images be made again."),
}


# --- all rules -------------------------------------------------------------------------------------------


def show(
    policy: Policy,
    set_by: Mapping[str, Change],
    *,
    guild_id: int,
    month: str,
    spent: int,
    held: int,
    untold: bool,
) -> Card:
    """`month`, `spent` and `held` belong to the budget, in credits; `untold`: its last alert reached no person."""
    items = [text("### " + tr("This server's rules"))]
    for title, rules in _GROUPS:
        lines = [_rule_line(rule, policy, set_by.get(rule), guild_id=guild_id) for rule in rules]
        if "budget" in rules:
            used = tr("{spent} spent in {month}, {held} more on hold")
            lines.insert(1, "-# " + used.format(spent=number(spent), month=month, held=number(held)))
            if untold:
                lines.insert(2, tr("No one is told how far it is used: set a log channel with `/policy log`."))
        items.append(text(f"**{tr(title)}**\n" + "\n".join(lines)))
    items.append(small(tr("`/policy why` tells more of one rule, `/policy reset` takes it back to its default.")))
    return Card(CALM, *items)


def _rule_line(rule: str, policy: Policy, change: Change | None, *, guild_id: int) -> str:
    words = say(rule, policy, guild_id=guild_id, limit=PARTS_SHOWN)
    if rule == "words":
        words = count_words(policy)
    elif rule == "forbidden_models" and len(policy.forbidden_models) > PARTS_SHOWN:
        words = number(len(policy.forbidden_models))
    if not is_set(rule, policy):
        default = f"{words} ({tr('default')})" if words else tr("not set")
        return f"-# {rule_name(rule)}: {default}"
    who = f" · <@{change.actor}> <t:{change.at // 1000}:d>" if change else ""
    return f"{rule_name(rule)}: {words}{who}"


def count_words(policy: Policy) -> str:
    blocked = sum(each.action == "block" for each in policy.words)
    if not policy.words:
        return ""
    return tr("{blocked} refused, {flagged} told to moderators").format(
        blocked=number(blocked), flagged=number(len(policy.words) - blocked)
    )


# --- changes ---------------------------------------------------------------------------------------------


def changed(changes: Sequence[Change], *, guild_id: int, note: str = "") -> Card:
    """For the moderator who made the changes. `note`: what else the moderator is to know."""
    if not changes:
        return Card(CALM, text(tr("It was so already: nothing was changed.")))
    items: list[ui.Item[ui.LayoutView]] = [text(_change(each, guild_id=guild_id)) for each in changes]
    return Card(DONE, *items, *([small(note)] if note else []), _undo_row(changes))


def logged(changes: Sequence[Change], *, guild_id: int) -> Card:
    """For the log channel: it also names the moderator."""
    lines = [_change(each, guild_id=guild_id, named=True) for each in changes]
    return Card(CALM, *map(text, lines), _undo_row(changes))


def history(changes: Sequence[Change], *, guild_id: int, older_before: int | None) -> Card:
    """A page of changes, the newest first. `older_before`: where the next page begins, or None at the end."""
    undone = {each.undoes for each in changes}
    items: list[ui.Item[ui.LayoutView]] = [text("### " + tr("Changes of this server's rules"))]
    items += [
        ui.Section(
            text(_change(each, guild_id=guild_id, limit=PARTS_LISTED, named=True, dated=True)),
            accessory=_undo(each, undone=each.id in undone),
        )
        for each in changes
    ]
    if not changes:
        items.append(text(tr("Nobody has changed a rule yet.")))
    if older_before is not None:
        items.append(Row(Button(label=tr("Older"), custom_id=HISTORY_ID.format(before=older_before))))
    return Card(CALM, *items)


def _change(
    change: Change, *, guild_id: int, limit: int = PARTS_CHANGED, named: bool = False, dated: bool = False
) -> str:
    lines = differences(change.rule, change.before, change.after, guild_id=guild_id, limit=limit)
    facts = [tr("Change {number}").format(number=change.id)]
    if change.undoes is not None:
        facts.append(tr("takes back change {number}").format(number=change.undoes))
    if named:
        facts.append(f"<@{change.actor}>")
    if dated:
        facts.append(f"<t:{change.at // 1000}:R>")
    return f"**{rule_name(change.rule)}**\n{lines}\n-# {' · '.join(facts)}"


def _undo_row(changes: Sequence[Change]) -> Row:
    if len(changes) == 1:
        return Row(_undo(changes[0]))
    return Row(*(_undo(each, label=tr("Undo: {rule}").format(rule=rule_name(each.rule))) for each in changes))


def _undo(change: Change, label: str | None = None, *, undone: bool = False) -> Button:
    return Button(label=label or tr("Undo"), custom_id=UNDO_ID.format(change_id=change.id), disabled=undone)


# --- why -------------------------------------------------------------------------------------------------


def why(
    rule: str, policy: Policy, change: Change | None, *, guild_id: int, mine: Limits, moderator: bool, refusal: str = ""
) -> Card:
    """Explains one rule. `mine`: the limits of the member who asks. `refusal`: the rule refuses their orders now."""
    lines = [f"### {rule_name(rule)}"]
    if refusal:
        lines.append(refusal)
    elif rule == "words":
        lines.append(count_words(policy) or tr("not set"))
        lines += [tr("`/policy words list` shows them.")] if moderator else []
    else:
        lines.append(say(rule, policy, guild_id=guild_id, limit=PARTS_EXPLAINED) or tr("not set"))
    if rule == "limits":
        lines.append(tr("For your roles: {limits}.").format(limits=say_limits(mine)))
    if rule == "quiet_hours" and policy.quiet_hours:
        lines.append(tr("By the clock of {zone}.").format(zone=policy.time_zone))
    if rule in _ADVICE and is_set(rule, policy) and not refusal:
        lines.append(tr(_ADVICE[rule]))
    return Card(CALM, text("\n".join(lines)), small(_setter(change)))


def nothing_stops_you(mine: Limits) -> Card:
    words = tr("No rule of this server stops you here and now.")
    if mine != Limits():
        allowed = tr("An order may go up to these limits. For your roles: {limits}.")
        words += "\n" + allowed.format(limits=say_limits(mine))
    return Card(CALM, text(words))


def _setter(change: Change | None) -> str:
    if change is None:
        return tr("Nobody has set this here: it is the default.")
    return tr("Set by {member} {when}").format(member=f"<@{change.actor}>", when=f"<t:{change.at // 1000}:R>")


# --- elsewhere ----------------------------------------------------------------------------------------


def gallery(channel_id: int | None) -> Card:
    now = tr("It is {channel} now.").format(channel=say_channel(channel_id)) if channel_id else tr("There is none now.")
    return Card(CALM, text(tr("`/gallery` sets the channel that shows starred images, and turns it off.") + f" {now}"))


def refused(words: str, rule: str) -> Card:
    """The words of the refusal, with a button that explains the rule."""
    return Card(CALM, text(words), Row(Button(label=tr("Why?"), custom_id=WHY_ID.format(rule=rule))))
