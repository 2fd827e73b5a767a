"""Refusals by a server's own rules, and of values that no rule can have."""

from __future__ import annotations

from bot.domain import errors as e
from bot.domain.wallet import NO_SERVER
from bot.text.escape import inline
from bot.text.i18n import mark, number, tr
from bot.text.units import credits, moment

BLOCK = "block"  # a block of one member is no rule of the policy, but is shown like one

_NAMES = {
    "time_zone": mark("Time zone"),
    "starting_credits": mark("Starting credits"),
    "managers": mark("Credit managers"),
    "manager_limits": mark("What a credit manager may give"),
    "highest_balance": mark("Most in one wallet"),
    "log_channel": mark("Log channel"),
    "gallery_channel": mark("Gallery channel"),
    "request_channel": mark("Requests for credits"),
    "request_amounts": mark("Amounts on a request"),
    "gifts": mark("Gifts between members"),
    "ages": mark("Age for gifts and codes"),
    "allowances": mark("Allowances"),
    "limits": mark("Limits by role"),
    "allowed_channels": mark("Only in these channels"),
    "denied_channels": mark("Not in these channels"),
    "age_restricted_only": mark("Age-restricted channels only"),
    "budget": mark("Budget a month"),
    "channel_shares": mark("Shares of channels"),
    "words": mark("Words in prompts"),
    "quiet_hours": mark("Quiet hours"),
    "cool_down": mark("Cool-down"),
    "private_by_default": mark("Private by default"),
    "spoiler_by_default": mark("Spoiler by default"),
    "default_model": mark("Default model"),
    "forbidden_models": mark("Models not allowed"),
    "paused": mark("Pause"),
    BLOCK: mark("Block of a member"),
}


def rule_name(rule: str) -> str:
    return tr(_NAMES[rule]) if rule in _NAMES else inline(rule)


def about_rules(error: e.StillframeError) -> str | None:
    match error:
        case e.BadRule(rule=rule, why=why):
            return tr("{rule} can't be that: {why}. Nothing was changed.").format(
                rule=rule_name(rule), why=inline(why, 120)
            )
        case e.BadPattern(pattern=pattern, why=why):
            return tr("{pattern} can't be looked for: {why}. Nothing was changed.").format(
                pattern=inline(pattern), why=inline(why, 120)
            )
        case e.NoSuchChange(change_id=change_id):
            return tr("The policy log has no change {change}. Nothing was changed.").format(change=change_id)
        case e.ChangedSince(rule=rule):
            return tr(
                "{rule} was changed again since. Undo the newer change first, or set it by hand. Nothing was changed."
            ).format(rule=rule_name(rule))
        case e.NoSuchRule(text=text):
            return tr("There is no rule {text}. Pick one of those that I suggest.").format(text=inline(text))
    return None


def about_settings(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.TooManyWords(limit=limit):
            return tr(
                "The list has {limit} words and patterns, and no room for more. Remove one, or put several into one "
                "pattern such as `cat|dog`. Nothing was changed."
            ).format(limit=number(limit))
        case e.EveryoneAsManager():
            return tr(
                "Everyone has this role, so every member could give credits. Pick a role that only some have. "
                "Nothing was changed."
            )
        case e.StartingTooHigh(limit=limit):
            return tr(
                "New members may have up to {credits} here: whoever runs the bot has set that limit. "
                "Nothing was changed."
            ).format(credits=credits(limit))
        case e.NotAmounts(text=text, limit=limit):
            return tr(
                "I can't read {text} as amounts. Write up to {limit} different whole numbers from 1 on, such as "
                "`150 300 600`. Nothing was changed."
            ).format(text=inline(text), limit=number(limit))
        case e.NotATimeOfDay(text=text):
            return tr("I can't read {text} as a time of day. Write it as `22:00`. Nothing was changed.").format(
                text=inline(text)
            )
        case e.EmptyHours():
            return tr(
                "These hours end when they begin. To stop images at all hours, use `/policy pause`. "
                "Nothing was changed."
            )
        case e.NotAnEnd(text=text):
            return tr(
                "I can't read {text} as an end that lies ahead. Write how long from now: `12h`, `7d`, `2w`; or a day: "
                "`2026-12-24`, `2026-12-24 18:00`. Nothing was changed."
            ).format(text=inline(text))
    return None


def about_the_policy(error: e.StillframeError) -> str | None:
    match error:
        case e.PolicyRefused(rule="limits"):
            return _rule_of_a_limit(error)
        case e.PolicyRefused():
            return _rule_of_the_server(error)
    return None


def _rule_of_a_limit(error: e.PolicyRefused) -> str:
    match error.limit:
        case "images_per_day":
            return tr("This server allows up to {count} images a day for your roles. Try again {when}.").format(
                count=number(int(error.value)), when=moment(error.until or 0)
            )
        case "size":
            return tr("With your roles, this server allows images up to {size}. Choose a smaller one.").format(
                size=error.value
            )
        case "search":
            return tr("With your roles, this server does not allow web search. Leave it out.")
        case "highest_price":
            return tr("With your roles, one image may cost up to {price} here. Choose a smaller size.").format(
                price=credits(int(error.value))
            )
        case _:
            return tr(
                "With your roles, a moment may have up to {frames} frames here. Choose a shorter one, or fewer frames."
            ).format(frames=error.value)


def _rule_of_the_server(error: e.PolicyRefused) -> str:  # noqa: C901, PLR0911  # one flat table
    match error.rule:
        case "paused":
            return tr("The moderators have paused new images here: {reason}.").format(reason=inline(error.value, 200))
        case "allowed_channels":
            return tr("Images are made in other channels of this server: {channels}.").format(channels=error.value)
        case "denied_channels":
            return tr("No images are made in this channel. Try another one.")
        case "age_restricted_only":
            return tr("This server makes images in age-restricted channels only. Try one of these.")
        case "quiet_hours":
            return tr("These are this server's quiet hours ({hours}). Try again afterwards.").format(hours=error.value)
        case "forbidden_models":
            return tr("This server does not allow this model. The option `model` suggests those that it allows.")
        case "budget":
            return tr("This server's budget for the month is used up. The moderators can raise it.")
        case "channel_shares":
            return tr("This channel's share of the month's budget is used up. Other channels may have some left.")
        case "words":
            return tr("The prompt has {words}, which this server does not allow. Say it in other words.").format(
                words=inline(error.value)
            )
        case "cool_down":
            return tr(
                "The image service has refused several of your requests under its content rules, so there is a pause. "
                "Try again {when}, with another scene."
            ).format(when=moment(error.until or 0))
        case _ if error.until is not None:
            return tr(
                "The moderators have blocked you from making images until {when}: {reason}. Your credits stay."
            ).format(when=moment(error.until or 0), reason=inline(error.value, 200))
        case _:
            return tr("The moderators have blocked you from making images: {reason}. Your credits stay.").format(
                reason=inline(error.value, 200)
            )


def about_the_operator(error: e.StillframeError) -> str | None:
    match error:
        case e.ServerNotAllowed():
            return tr("This bot works only in the servers that its operator names, and this is none of them.")
        case e.OperatorBudgetUsedUp(use=use) if use.kind == "server" and use.guild_id == NO_SERVER:
            return tr("What this bot may spend in direct messages this month is used up. New images {when}.").format(
                when=moment(use.until)
            )
        case e.OperatorBudgetUsedUp(use=use) if use.kind == "server":
            return tr("What this bot may spend in this server this month is used up. New images {when}.").format(
                when=moment(use.until)
            )
        case e.OperatorBudgetUsedUp(use=use):
            return tr("What this bot may spend today is used up. New images {when}.").format(when=moment(use.until))
    return None
