"""A server's rules: who may order what, where and how much; and the changes of these rules."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.domain.admission import check_standing
from bot.domain.allowance import Entitlement, Every, period_start
from bot.domain.bank import Manager
from bot.domain.caller import Caller
from bot.domain.errors import BadRule, EveryoneAsManager, StartingTooHigh, TooNewHere
from bot.domain.operator_budget import NO_BUDGETS, OperatorBudgets
from bot.domain.policy import RULES, Block, Change, Policy, Words, month_of, owed_to
from bot.domain.revision import Edit, set_to
from bot.domain.wallet import read_reason
from bot.domain.wordlist import check_pattern, first_found
from bot.storage.engine.store import Store
from bot.storage.orders import admission
from bot.storage.server import policy as scripts

log = logging.getLogger(__name__)

BLOCKS_SHOWN = 10
CHANGES_SHOWN = 5  # each may be a pause with both its reasons, and a card has 4,000 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetAlert:
    """`percent` of the month's `budget` is reached. `spent` includes what is on hold. Both in credits."""

    percent: int
    spent: int
    budget: int


class Rules:
    """`starting_limit`: the credits that the operator gives a new member; a server may give less.

    `budgets`: the operator's. `clock` gives Unix milliseconds.
    """

    def __init__(
        self,
        store: Store,
        *,
        starting_limit: int,
        budgets: OperatorBudgets = NO_BUDGETS,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._budgets = budgets
        self.starting_limit = starting_limit
        self._clock = clock

    def now(self) -> int:
        """The time of the clock that the rules use, in Unix milliseconds."""
        return self._clock()

    async def check_ages(self, guild_id: int, member_id: int, *, joined_at: int | None) -> None:
        """For gifts and codes. `joined_at` in Unix milliseconds; None counts as now. Raises `TooNewHere`."""
        ages, now = (await self.policy_of(guild_id)).ages, self._clock()
        at = ages.old_enough_at(member_id, joined_at=now if joined_at is None else joined_at)
        if at > now:
            raise TooNewHere(account_days=ages.account_days, member_days=ages.member_days, old_enough_at=at)

    async def policy_of(self, guild_id: int) -> Policy:
        return await self._store.read(scripts.get(guild_id))

    def owed(self, policy: Policy, role_ids: frozenset[int]) -> Entitlement:
        return owed_to(policy, role_ids, now=self._clock())

    def manager(self, policy: Policy, guild_id: int, member_id: int, *, by_role: bool) -> Manager | None:
        """The limits of a credit manager by role; None for a moderator, who has none."""
        if not by_role:
            return None
        return Manager(
            guild_id=guild_id,
            member_id=member_id,
            highest=policy.manager_limits.highest,
            per_day=policy.manager_limits.per_day,
            day_since=period_start(Every.DAY, zone=policy.zone, now=self._clock()),
        )

    def found_words(self, policy: Policy, text: str) -> Words | None:
        return first_found(text, policy.words)

    async def check_standing(self, caller: Caller) -> None:
        """Raises `PolicyRefused` with the rule that refuses this member any order here, and `OperatorBudgetUsedUp`."""
        now = self._clock()
        script = admission.standing(caller, budgets=self._budgets, now=now)
        check_standing(await self._store.read(script), caller, now=now)

    async def budget_alert(self, guild_id: int, *, used_up: bool = False) -> BudgetAlert | None:
        """Returns how much of the month's budget is spent or on hold, once for each percentage reached; else None.

        `used_up`: an order did not fit any more.
        """
        policy = await self.policy_of(guild_id)
        if not policy.budget:
            return None
        month = month_of(policy.zone, now=self._clock())
        reached = await self._store.run(scripts.alert_due(guild_id, month, budget=policy.budget, used_up=used_up))
        return BudgetAlert(percent=reached[0], spent=reached[1], budget=policy.budget) if reached else None

    async def mark_untold(self, guild_id: int, *, untold: bool) -> None:
        """Write down whether the last alert about the month's budget has reached no person."""
        month = month_of((await self.policy_of(guild_id)).zone, now=self._clock())
        await self._store.run(scripts.mark_untold(guild_id, month, untold=untold))

    async def is_untold(self, guild_id: int) -> bool:
        """Say whether the last alert about the month's budget has reached no person."""
        month = month_of((await self.policy_of(guild_id)).zone, now=self._clock())
        return await self._store.read(scripts.is_untold(guild_id, month))

    async def spent(self, guild_id: int) -> tuple[str, int, int]:
        """Returns the server's present month, and the credits that are spent and on hold in it."""
        policy = await self.policy_of(guild_id)
        month = month_of(policy.zone, now=self._clock())
        return (month, *await self._store.read(scripts.spending(guild_id, month)))

    # --- changing it ----------------------------------------------------------------------------------------

    async def change(self, guild_id: int, rule: str, value: Any, *, actor: int) -> Change | None:
        """Set one rule to a JSON value; returns None where it was so already. Raises `BadRule`, `BadPattern`."""
        changes = await self.revise(guild_id, {rule: set_to(value)}, actor=actor)
        return changes[0] if changes else None

    async def revise(self, guild_id: int, edits: Mapping[str, Edit], *, actor: int) -> list[Change]:
        """Change several rules, all or none. Returns only those that are different now.

        Raises as `change`, and `StartingTooHigh` and `EveryoneAsManager`.
        """
        for rule in edits:
            if rule not in RULES:
                raise BadRule(rule=rule, why="there is no such rule")
        checked = {rule: self._checked(guild_id, rule, edit) for rule, edit in edits.items()}
        try:
            changes = await self._store.run(scripts.revise(guild_id, checked, actor=actor, now=self._clock()))
        except ValidationError as error:
            first = error.errors()[0]
            raise BadRule(rule=str(first["loc"][0]), why=first["msg"].removeprefix("Value error, ")) from error
        for change in changes:
            log.info("server %d: %s is now %r, by %d", guild_id, change.rule, change.after, actor)
        return changes

    def _checked(self, guild_id: int, rule: str, edit: Edit) -> Edit:
        """Returns the edit with the checks that the policy's model can't make."""

        def checked(present: Any) -> Any:
            value = edit(present)
            if rule == "words":
                for each in value:
                    check_pattern(Words.model_validate(each))
            if rule == "managers" and value == guild_id:
                raise EveryoneAsManager
            if rule == "starting_credits" and value is not None and value > self.starting_limit:
                raise StartingTooHigh(limit=self.starting_limit)
            return value

        return checked

    async def undo(self, guild_id: int, change_id: int, *, actor: int) -> Change:
        """Raises `NoSuchChange`, `AlreadyUndone`, `ChangedSince`."""
        return await self._store.run(scripts.undo(guild_id, change_id, actor=actor, now=self._clock()))

    async def latest(self, guild_id: int, rule: str) -> Change | None:
        """Returns the change that set this rule as it is; None for a default."""
        return await self._store.read(scripts.latest(guild_id, rule))

    async def latest_of_all(self, guild_id: int) -> dict[str, Change]:
        """As `latest`, for every rule that was changed, by its name."""
        return await self._store.read(scripts.latest_of(guild_id, RULES))

    async def history(self, guild_id: int, *, before: int | None = None) -> tuple[list[Change], int | None]:
        """Returns a page of changes, newest first, and the `before` of the next page; None at the end."""
        found = await self._store.read(scripts.log(guild_id, before=before, limit=CHANGES_SHOWN + 1))
        page = found[:CHANGES_SHOWN]
        return page, page[-1].id if len(found) > len(page) else None

    # --- members --------------------------------------------------------------------------------------------

    async def block(
        self, guild_id: int, member_id: int, *, blocked: bool, reason: str, actor: int, until: int | None = None
    ) -> Block:
        """`until` in Unix milliseconds. Raises `ReasonMissing`."""
        words = read_reason(reason)
        block = Block(blocked=blocked, until=until, reason=words, actor=str(actor), at=self._clock())
        await self._store.run(scripts.block(guild_id, member_id, block))
        return block

    async def blocks(self, guild_id: int, member_id: int) -> list[Block]:
        """The member's blocks, newest first."""
        return await self._store.read(scripts.blocks(guild_id, member_id, limit=BLOCKS_SHOWN))
