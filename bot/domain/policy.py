"""A server's policy: one document of rules, and pure functions that judge an order by them.

Each rule has a name. It is shown, changed, logged and undone by this name, which is also told to a refused member.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.domain.allowance import Allowance, Entitlement, Every, entitlement
from bot.domain.caller import Caller
from bot.domain.recipe import FRAMES_LIMIT, MODEL_KEY, Recipe, Size
from bot.domain.wallet import DAY_MS, created_at

PATTERN_LIMIT = 200  # characters of a blocked word or pattern
PATTERNS_LIMIT = 200
MINUTES_A_DAY = 24 * 60
AMOUNT_LIMIT = 10_000_000  # credits in one rule: a typing error must not be a fortune
IMAGES_LIMIT = 10_000  # a day
DAYS_LIMIT = 3_650  # of an age
LINE_LIMIT = 100  # of one member, running or waiting
MODELS_LIMIT = 100  # that a server forbids
REFUSALS_LIMIT = 100  # before a cool-down
PAUSE_LIMIT = 200  # characters of the reason


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones. Cached: listing them reads some hundred files, and each policy needs them."""
    return frozenset(available_timezones())


def _is_zone(name: str) -> str:
    if name not in time_zones():
        raise ValueError(f"{name} is not a time zone, such as Europe/Berlin")
    return name


Amount = Annotated[int, Field(ge=0, le=AMOUNT_LIMIT)]
ZoneName = Annotated[str, AfterValidator(_is_zone)]
Percent = Annotated[int, Field(ge=1, le=100)]
Minute = Annotated[int, Field(ge=0, lt=MINUTES_A_DAY)]


ModelKey = Annotated[str, Field(pattern=MODEL_KEY)]


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AllowanceRule(_Rule):
    amount: Amount
    every: Every


class Limits(_Rule):
    """The limits of one role. None means that this role sets no such limit."""

    images_per_day: Annotated[int, Field(ge=0, le=IMAGES_LIMIT)] | None = None
    running: Annotated[int, Field(ge=1, le=LINE_LIMIT)] | None = None
    waiting: Annotated[int, Field(ge=0, le=LINE_LIMIT)] | None = None
    size: Size | None = None
    search: bool | None = None
    highest_price: Amount | None = None
    frames: Annotated[int, Field(ge=1, le=FRAMES_LIMIT)] | None = None


class Words(_Rule):
    """`pattern` is a whole word or phrase, or an RE2 expression (`is_pattern`). A flagged prompt is only reported."""

    pattern: str = Field(min_length=1, max_length=PATTERN_LIMIT)
    is_pattern: bool = False
    action: Literal["block", "flag"] = "block"


class Hours(_Rule):
    """In minutes after midnight in the server's time zone. An `until` before `since` is the next day's."""

    since: Minute
    until: Minute


class CoolDown(_Rule):
    """After so many refusals by the content filter within a day, the member must pause for `minutes`."""

    refusals: Annotated[int, Field(ge=1, le=REFUSALS_LIMIT)]
    minutes: Annotated[int, Field(ge=1, le=MINUTES_A_DAY)]


class GiftLimits(_Rule):
    """In credits: `highest` limits one gift, `per_day` all gifts of a member in a day."""

    allowed: bool = True
    highest: Amount = 1_000
    per_day: Amount = 2_000


class ManagerLimits(_Rule):
    """What a credit manager may give, in credits: `highest` at once, `per_day` in a day. None sets no such limit."""

    highest: Amount | None = None
    per_day: Amount | None = None


class Ages(_Rule):
    """How old, in days, a member's Discord account and membership must be for gifts and codes. 0 asks for none."""

    account_days: Annotated[int, Field(ge=0, le=DAYS_LIMIT)] = 0
    member_days: Annotated[int, Field(ge=0, le=DAYS_LIMIT)] = 0

    def old_enough_at(self, member_id: int, *, joined_at: int) -> int:
        """When a member who has joined then is old enough; Unix milliseconds."""
        return max(created_at(member_id) + self.account_days * DAY_MS, joined_at + self.member_days * DAY_MS)


class Policy(_Rule):
    """The rules of one server. The defaults apply in a server that has set none."""

    time_zone: ZoneName = "UTC"
    starting_credits: Amount | None = None
    managers: int | None = None
    manager_limits: ManagerLimits = ManagerLimits()
    highest_balance: Amount | None = None
    log_channel: int | None = None
    gallery_channel: int | None = None
    request_channel: int | None = None
    request_amounts: tuple[Amount, ...] = Field(default=(150, 300, 600), min_length=1, max_length=4)
    gifts: GiftLimits = GiftLimits()
    ages: Ages = Ages()
    allowances: Mapping[int, AllowanceRule] = {}
    limits: Mapping[int, Limits] = {}
    allowed_channels: tuple[int, ...] = ()
    denied_channels: tuple[int, ...] = ()
    age_restricted_only: bool = False
    budget: Amount | None = None
    channel_shares: Mapping[int, Percent] = {}
    words: tuple[Words, ...] = Field(default=(), max_length=PATTERNS_LIMIT)
    quiet_hours: Hours | None = None
    cool_down: CoolDown | None = None
    private_by_default: bool = False
    spoiler_by_default: bool = False
    default_model: ModelKey | None = None
    forbidden_models: tuple[ModelKey, ...] = Field(default=(), max_length=MODELS_LIMIT)
    paused: Annotated[str, Field(min_length=1, max_length=PAUSE_LIMIT)] | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def allowance_rules(self) -> dict[int, Allowance]:
        return {role: Allowance(amount=rule.amount, every=rule.every) for role, rule in self.allowances.items()}


RULES = tuple(Policy.model_fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A moderator (`actor`, a Discord id) changed one rule. `before` and `after` are JSON values."""

    id: int
    rule: str
    before: Any
    after: Any
    actor: int
    at: int
    undoes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Whether a member is `blocked` from ordering. `until` in Unix milliseconds; None for no end."""

    blocked: bool
    until: int | None
    reason: str
    actor: str
    at: int

    def holds(self, *, now: int) -> bool:
        return self.blocked and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleViolation:
    """The rule that an order breaks: a name in `Policy`, and for "limits" a name in `Limits`. `value` is in words."""

    rule: str
    value: str
    limit: str | None = None


def limits_for(policy: Policy, role_ids: Collection[int]) -> Limits:
    """Take each limit from the most generous of the member's roles; None where no role sets it."""
    mine = [limits for role, limits in policy.limits.items() if role in role_ids]
    sizes = list(Size)
    best: dict[str, object] = {}
    for name in Limits.model_fields:
        values = [value for each in mine if (value := getattr(each, name)) is not None]
        if values:
            best[name] = max(values, key=sizes.index if name == "size" else None)
    return Limits.model_validate(best)


def owed_to(policy: Policy, role_ids: Collection[int], *, now: int) -> Entitlement:
    """What the allowances of the server give to a member with these roles. `now`: Unix milliseconds."""
    return entitlement(policy.allowance_rules(), role_ids, zone=policy.zone, now=now)


def judge(policy: Policy, caller: Caller, recipe: Recipe, *, price: int, now: int) -> RuleViolation | None:
    """Return the first broken rule, of those that don't need the books. `now` in Unix milliseconds."""
    return place_and_time(policy, caller, now=now) or _size_and_price(policy, caller, recipe, price=price)


def place_and_time(policy: Policy, caller: Caller, *, now: int) -> RuleViolation | None:
    """The part of `judge` that is the same for every order of this member in this place at this time."""
    if policy.paused is not None:
        return RuleViolation(rule="paused", value=policy.paused)
    here = set(caller.channel_ids)
    if here & set(policy.denied_channels):
        return RuleViolation(rule="denied_channels", value=_channels(policy.denied_channels))
    if policy.allowed_channels and not here & set(policy.allowed_channels):
        return RuleViolation(rule="allowed_channels", value=_channels(policy.allowed_channels))
    if policy.age_restricted_only and not caller.age_restricted:
        return RuleViolation(rule="age_restricted_only", value="")
    if policy.quiet_hours and is_quiet(policy.quiet_hours, zone=policy.zone, now=now):
        return RuleViolation(rule="quiet_hours", value=say_hours(policy.quiet_hours))
    return None


def _size_and_price(policy: Policy, caller: Caller, recipe: Recipe, *, price: int) -> RuleViolation | None:
    if recipe.model in policy.forbidden_models:
        return RuleViolation(rule="forbidden_models", value=", ".join(policy.forbidden_models))
    limits = limits_for(policy, caller.role_ids)
    sizes = list(Size)
    if limits.size is not None and sizes.index(recipe.size) > sizes.index(limits.size):
        return RuleViolation(rule="limits", limit="size", value=limits.size.label)
    if limits.search is False and recipe.search:
        return RuleViolation(rule="limits", limit="search", value="")
    if limits.highest_price is not None and price > limits.highest_price:
        return RuleViolation(rule="limits", limit="highest_price", value=str(limits.highest_price))
    clip = recipe.clip
    if limits.frames is not None and clip and (clip.frames is None or clip.frames > limits.frames):
        return RuleViolation(rule="limits", limit="frames", value=str(limits.frames))
    return None


def is_quiet(hours: Hours, *, zone: ZoneInfo, now: int) -> bool:
    local = datetime.fromtimestamp(now / 1000, zone)
    minute = local.hour * 60 + local.minute
    if hours.since <= hours.until:
        return hours.since <= minute < hours.until
    return minute >= hours.since or minute < hours.until


def month_of(zone: ZoneInfo, *, now: int) -> str:
    """The month in the server's calendar, such as "2026-11"."""
    return datetime.fromtimestamp(now / 1000, zone).strftime("%Y-%m")


def say_hours(hours: Hours) -> str:
    return f"{hours.since // 60:02}:{hours.since % 60:02}-{hours.until // 60:02}:{hours.until % 60:02}"


def _channels(ids: Collection[int]) -> str:
    return ", ".join(f"<#{channel_id}>" for channel_id in ids)
