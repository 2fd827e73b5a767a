"""The judgement whether this member may order this here and now. It is pure; one database read gives the facts.

It is made twice: before the answer, from a snapshot, and once more inside the transaction that holds the credits, so
that two orders at the same moment cannot both be the last that fits.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.allowance import Entitlement, Every, period_start
from bot.domain.budget_use import BudgetUse
from bot.domain.caller import Caller
from bot.domain.errors import LineFull, PolicyRefused
from bot.domain.job import Job, LineLimits
from bot.domain.operator_budget import check_uses
from bot.domain.policy import Block, Limits, Policy, RuleViolation, judge, limits_for, month_of, owed_to, place_and_time
from bot.domain.preferences import Preferences
from bot.domain.proposal import Proposed
from bot.domain.recipe import Recipe, Reference
from bot.domain.wallet import NO_SERVER, Balance
from bot.domain.wordlist import first_found

DAY_MS = 24 * 3_600_000
A_DAY_AND_A_HALF_MS = DAY_MS * 3 // 2  # so long after a midnight it is always the next day: days have 23 to 25 hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The facts of a member in one place that decide about an order, as the database has them: credits, counts of jobs.

    `refusals`: how many orders the content filter refused within a day, the last at `refused_at` (Unix milliseconds).
    `spent`: credits of the server in its month, with those on hold; `spent_here`: those of this channel and its
    threads. `uses`: the operator's budgets that an order here counts to; `stranger`: it counts to those of unknown
    servers too. `ordered_today`: by the server's calendar, without released jobs that never reached the supplier.
    `under_way`: the member's jobs that wait in the line or are being made, in all servers.
    """

    policy: Policy
    under_way: int
    block: Block | None = None
    refusals: int = 0
    refused_at: int | None = None
    spent: int = 0
    spent_here: int = 0
    uses: tuple[BudgetUse, ...] = ()
    stranger: bool = False
    ordered_today: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """All facts that an order needs from the database, read at one moment.

    `balance`: None where the wallet is to be written first: it is new, or its allowance is to be filled up or lapses.
    `owed`: what the allowances of the server give to the member.
    `job`: the one whose button was pressed, where one was asked for; `job_is_open`: its owner lets others press.
    `proposed`: the order whose asking card was pressed, where one was asked for.
    `owes_note`: an image of the member could be shown nowhere and waits, or the member is still to be told of it.
    """

    standing: Standing
    preferences: Preferences
    tray: tuple[Reference, ...]
    balance: Balance | None
    owed: Entitlement
    job: Job | None = None
    job_is_open: bool = False
    proposed: Proposed | None = None
    owes_note: bool = False

    @property
    def models_wanted(self) -> tuple[str | None, ...]:
        """Return the keys of the models that an order is to take where it names none, the dearest wish first."""
        return self.preferences.model, self.standing.policy.default_model

    @property
    def private(self) -> bool:
        """Say whether an order that does not say so itself is private."""
        return self.preferences.private or self.standing.policy.private_by_default

    @property
    def spoiler(self) -> bool:
        """Say whether an image is hidden as a spoiler where its order does not say."""
        return self.preferences.spoiler or self.standing.policy.spoiler_by_default


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionTerms:
    """What the policy decides for an order that it admits; it is written down with the job.

    `month`: the server's calendar month that the order counts to, empty outside a server. `running`: how many images of
    the member may be made at once, None for the operator's default.
    """

    owed: Entitlement
    month: str
    running: int | None


def admit(
    standing: Standing,
    caller: Caller,
    recipe: Recipe,
    *,
    price: int,
    list_micros: int = 0,
    limits: LineLimits,
    now: int,
) -> AdmissionTerms:
    """Judge an order. `price` in credits, `list_micros` in US$ 0.000001; `now` in Unix milliseconds.

    `limits`: the operator's limits. Raises `PolicyRefused` with the first rule that stops the order, `LineFull` and
    `OperatorBudgetUsedUp`. The balance is not looked at.
    """
    policy, mine = standing.policy, limits_for(standing.policy, caller.role_ids)
    _raise(judge(policy, caller, recipe, price=price, now=now))
    found = first_found(recipe.prompt, policy.words)
    if found and found.action == "block":
        raise PolicyRefused(rule="words", value=found.pattern)
    _check_member(standing, now=now)
    waiting = limits.waiting if mine.waiting is None else mine.waiting
    under_way = LineLimits(running=mine.running or limits.running, waiting=waiting).under_way
    if standing.under_way >= under_way:
        raise LineFull(limit=under_way)
    _check_month(standing, caller, price)
    _check_day(standing, mine, now=now)
    check_uses(standing.uses, list_micros)
    return AdmissionTerms(
        owed=owed_to(policy, caller.role_ids, now=now), month=month_for(caller, policy, now=now), running=mine.running
    )


def check_standing(standing: Standing, caller: Caller, *, now: int) -> None:
    """Check this member here and now, for any order.

    Raises `PolicyRefused` with the rule that stops the member, and `OperatorBudgetUsedUp`.
    """
    policy = standing.policy
    _raise(place_and_time(policy, caller, now=now))
    _check_member(standing, now=now)
    _check_month(standing, caller, 1)
    _check_day(standing, limits_for(policy, caller.role_ids), now=now)
    check_uses(standing.uses, 1)


def month_for(caller: Caller, policy: Policy, *, now: int) -> str:
    """Return the server's month that an order counts to; empty outside a server."""
    return "" if caller.guild_id == NO_SERVER else month_of(policy.zone, now=now)


def day_of(policy: Policy, *, now: int) -> tuple[int, int]:
    """Return when the server's present day began, and when the next one begins, in Unix milliseconds."""
    since = period_start(Every.DAY, zone=policy.zone, now=now)
    return since, period_start(Every.DAY, zone=policy.zone, now=since + A_DAY_AND_A_HALF_MS)


def _check_member(standing: Standing, *, now: int) -> None:
    block, pause = standing.block, standing.policy.cool_down
    if block and block.holds(now=now):
        raise PolicyRefused(rule="block", value=block.reason, until=block.until)
    if pause and standing.refusals >= pause.refusals:
        until = (standing.refused_at or 0) + pause.minutes * 60_000
        if now < until:
            raise PolicyRefused(rule="cool_down", value=str(pause.minutes), until=until)


def _check_month(standing: Standing, caller: Caller, price: int) -> None:
    budget = standing.policy.budget
    if budget is None:
        return
    if standing.spent + price > budget:
        raise PolicyRefused(rule="budget", value=str(budget))
    percent = standing.policy.channel_shares.get(caller.home_channel_id)
    if percent is not None and (standing.spent_here + price) * 100 > budget * percent:
        raise PolicyRefused(rule="channel_shares", value=str(budget * percent // 100))


def _check_day(standing: Standing, mine: Limits, *, now: int) -> None:
    limit = mine.images_per_day
    if limit is not None and standing.ordered_today >= limit:
        _, until = day_of(standing.policy, now=now)
        raise PolicyRefused(rule="limits", limit="images_per_day", value=str(limit), until=until)


def _raise(broken: RuleViolation | None) -> None:
    if broken:
        raise PolicyRefused(rule=broken.rule, value=broken.value, limit=broken.limit)
