"""The values of a server's rules in words, and the difference that a change made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.domain.allowance import Every
from bot.domain.policy import (
    PAUSE_LIMIT,
    Ages,
    AllowanceRule,
    CoolDown,
    GiftLimits,
    Limits,
    ManagerLimits,
    Policy,
    Words,
    say_hours,
)
from bot.text import escape, units
from bot.text.i18n import mark, number, tr, trn

PATTERN_ECHO_LIMIT = 60  # characters of a blocked word, in a list

_EVERY = {
    Every.DAY: mark("{credits} a day"),
    Every.WEEK: mark("{credits} a week"),
    Every.MONTH: mark("{credits} a month"),
}


def of_json(rule: str, value: Any) -> Policy:
    """A policy with only this rule set."""
    return Policy.model_validate({rule: value})


def is_set(rule: str, policy: Policy) -> bool:
    return bool(getattr(policy, rule) != getattr(Policy(), rule))


def parts(rule: str, policy: Policy, *, guild_id: int) -> dict[str, str]:  # noqa: PLR0911  # one flat table
    """The parts of a rule by what each is about: a channel, a role, a word. A rule of one part has the key ""."""
    match rule:
        case "allowed_channels" | "denied_channels":
            return {say_channel(channel_id): "" for channel_id in getattr(policy, rule)}
        case "forbidden_models":
            return {escape.inline(key): "" for key in policy.forbidden_models}
        case "channel_shares":
            return {say_channel(each): tr("{percent} %").format(percent=share) for each, share in _shares(policy)}
        case "limits":
            return {say_role(role, guild_id): say_limits(limits) for role, limits in policy.limits.items()}
        case "allowances":
            return {say_role(role, guild_id): say_allowance(each) for role, each in policy.allowances.items()}
        case "words":
            return {escape.inline(each.pattern, PATTERN_ECHO_LIMIT): say_action(each) for each in policy.words}
    words = _whole(rule, policy, guild_id=guild_id)
    return {"": words} if words else {}


def say(rule: str, policy: Policy, *, guild_id: int, limit: int) -> str:
    """The rule in words, with its first `limit` parts. Empty where it is not set and has no default."""
    found = parts(rule, policy, guild_id=guild_id)
    said = [": ".join(filter(None, part)) for part in found.items()]
    return _listed(said, limit=limit, between="; " if rule in {"limits", "allowances"} else ", ")


def differences(rule: str, before: Any, after: Any, *, guild_id: int, limit: int) -> str:
    """A line for each part that changed: before → after."""
    old, new = (parts(rule, of_json(rule, value), guild_id=guild_id) for value in (before, after))
    keys = [key for key in (old | new) if old.get(key) != new.get(key)]
    return _listed([_difference(key, old.get(key), new.get(key)) for key in keys], limit=limit, between="\n")


def _shares(policy: Policy) -> Iterable[tuple[int, str]]:
    return ((channel_id, number(percent)) for channel_id, percent in policy.channel_shares.items())


def say_role(role_id: int, guild_id: int) -> str:
    """The role of everyone has the server's id, and Discord would show it as "@@everyone"."""
    return tr("everyone") if role_id == guild_id else f"<@&{role_id}>"


def say_channel(channel_id: int) -> str:
    return f"<#{channel_id}>"


def say_limits(limits: Limits) -> str:
    said = [_limit(name, value) for name, value in limits if value is not None]
    return ", ".join(said) or tr("no limit")


def say_allowance(rule: AllowanceRule) -> str:
    return tr(_EVERY[rule.every]).format(credits=units.credits(rule.amount))


def say_action(words: Words) -> str:
    if words.is_pattern:
        return tr("a pattern, refused") if words.action == "block" else tr("a pattern, told to moderators")
    return tr("refused") if words.action == "block" else tr("told to moderators")


def _whole(rule: str, policy: Policy, *, guild_id: int) -> str:  # noqa: C901, PLR0911  # one flat table
    value = getattr(policy, rule)
    match rule, value:
        case _, None:
            return ""
        case _, bool():
            return tr("yes") if value else ""
        case (("time_zone" | "default_model"), _):
            return str(value)
        case (("log_channel" | "request_channel" | "gallery_channel"), _):
            return say_channel(value)
        case "managers", _:
            return say_role(value, guild_id)
        case "request_amounts", _:
            return ", ".join(map(number, value))
        case _, GiftLimits():
            return _gifts(value)
        case _, ManagerLimits():
            return _manager_limits(value)
        case _, Ages():
            return _ages(value)
        case "quiet_hours", _:
            return say_hours(value)
        case _, CoolDown():
            return _cool_down(value)
        case "paused", _:
            return escape.inline(value, PAUSE_LIMIT)
    return units.credits(value)


def _gifts(gifts: GiftLimits) -> str:
    if not gifts.allowed:
        return tr("not allowed")
    return tr("up to {highest} each, {per_day} a day").format(
        highest=number(gifts.highest), per_day=number(gifts.per_day)
    )


def _manager_limits(limits: ManagerLimits) -> str:
    said = []
    if limits.highest is not None:
        said.append(tr("up to {credits} at once").format(credits=number(limits.highest)))
    if limits.per_day is not None:
        said.append(tr("up to {credits} a day").format(credits=number(limits.per_day)))
    return ", ".join(said) or tr("no limit")


def _ages(ages: Ages) -> str:
    said = []
    if ages.account_days:
        said.append(tr("account of {days} days").format(days=number(ages.account_days)))
    if ages.member_days:
        said.append(tr("member for {days} days").format(days=number(ages.member_days)))
    return ", ".join(said) or tr("any age")


def _cool_down(rule: CoolDown) -> str:
    return trn(
        "{minutes} min after {count} refusal within a day",
        "{minutes} min after {count} refusals within a day",
        rule.refusals,
    ).format(minutes=number(rule.minutes), count=number(rule.refusals))


def _limit(name: str, value: Any) -> str:  # noqa: PLR0911  # one flat table
    match name:
        case "images_per_day":
            return trn("{count} image a day", "{count} images a day", value).format(count=number(value))
        case "running":
            return tr("{count} at once").format(count=number(value))
        case "waiting":
            return tr("{count} in line").format(count=number(value))
        case "size":
            return tr("up to {size}").format(size=value.label)
        case "search":
            return tr("web search") if value else tr("no web search")
        case "highest_price":
            return tr("up to {credits} an image").format(credits=units.credits(value))
    return trn("up to {count} frame", "up to {count} frames", value).format(count=number(value))


def _difference(key: str, before: str | None, after: str | None) -> str:
    if key and after == "":
        return f"+ {key}"
    if key and after is None:
        return f"− {': '.join(filter(None, (key, before)))}"
    change = f"{before or tr('not set')} → {after or tr('not set')}"
    return f"{key}: {change}" if key else change


def _listed(said: Iterable[str], *, limit: int, between: str) -> str:
    every = list(said)
    more = len(every) - limit
    if more > 0:
        every = [*every[:limit], trn("and {count} more", "and {count} more", more).format(count=number(more))]
    return between.join(every)
