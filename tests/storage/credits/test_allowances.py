"""Allowances by rate: no change of roles, rules, clocks or calendars gives a member more than the best rule does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.allowance import Allowance, Entitlement, Every, entitlement
from bot.domain.errors import ConstraintBroken, NotEnoughCredits, NotEnoughToTake
from bot.domain.wallet import Balance, Entry, EntryKind
from bot.storage.credits import bank, ledger
from bot.storage.credits.audit import check_books
from bot.storage.engine.sqlite import open_sqlite
from bot.storage.engine.store import Store
from bot.storage.orders import placing
from bot.storage.server import policy
from tests.support.factories import ANN, MANY, an_order, sql

DAILY, WEEKLY, MONTHLY, OTHER = 1, 2, 3, 4  # roles
MO = 3_000
RULES = {
    DAILY: Allowance(amount=100, every=Every.DAY),
    WEEKLY: Allowance(amount=500, every=Every.WEEK),
    MONTHLY: Allowance(amount=2_000, every=Every.MONTH),
}
MONDAY = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class World:
    """One member in one server, whose moderators, roles and clock do as a test says."""

    store: Store
    rules: Mapping[int, Allowance] = field(default_factory=lambda: dict(RULES))
    roles: frozenset[int] = frozenset()
    now: datetime = MONDAY
    zone: str = "UTC"
    jobs: int = 0

    @property
    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    @property
    def owed(self) -> Entitlement:
        return entitlement(self.rules, self.roles, zone=ZoneInfo(self.zone), now=self.now_ms)

    async def write_rules(self) -> None:
        document = {str(role): {"amount": rule.amount, "every": rule.every} for role, rule in self.rules.items()}
        for rule, value in (("allowances", document), ("time_zone", self.zone)):
            await self.store.run(policy.change(ANN.guild_id, rule, value, actor=MO, now=self.now_ms))

    async def touch(self) -> int:
        """What is free of the allowance, once the wallet was touched."""
        welcome = ledger.welcome(ANN, starting_credits=0, now=self.now_ms, owed=self.owed)
        return (await self.store.run(welcome)).allowance_available

    async def order(self, cost: int) -> str:
        self.jobs += 1
        await self.write_rules()
        new = an_order(str(self.jobs), cost=cost, role_ids=self.roles)
        await self.store.run(placing.place(new, starting_credits=0, limits=MANY, now=self.now_ms))
        return new.id

    async def release(self, job_id: str) -> None:
        await self.store.run(ledger.release(job_id, reason="Failed", now=self.now_ms))
        await self.store.run(sql("UPDATE jobs SET state = 'released' WHERE id = :id", id=job_id))

    async def deliver(self, job_id: str) -> None:
        await self.store.run(ledger.capture(job_id, reason="Delivered", now=self.now_ms))
        for state in ("submitting", "running", "stored", "posting", "delivered"):
            await self.store.run(sql("UPDATE jobs SET state = :state WHERE id = :id", state=state, id=job_id))

    async def undo_charge(self, job_id: str) -> None:
        rows = await self.store.read(sql("SELECT id FROM entries WHERE key = :key", key=f"job:{job_id}:capture"))
        await self.store.run(bank.undo(rows[0]["id"], guild_id=1, actor=str(MO), reason="Wrong", now=self.now_ms))

    async def balance(self) -> Balance:
        return await self.store.read(ledger.balance(ANN)) or Balance(posted=0, held=0)

    async def last_entry(self) -> Entry:
        page = await self.store.read(ledger.statement(ANN, before=None, limit=1))
        assert page
        return page.entries[0]


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


# --- what went wrong by bare amounts ----------------------------------------------------------------------


async def test_a_hundred_a_day_beats_five_hundred_a_week(world: World) -> None:
    world.roles = frozenset({DAILY, WEEKLY})
    assert await world.touch() == 100
    await world.order(100)
    world.now += DAY
    assert await world.touch() == 100


async def test_a_promotion_is_due_at_once_less_what_was_spent(world: World) -> None:
    world.roles = frozenset({DAILY})
    await world.touch()
    await world.order(30)
    world.roles = frozenset({MONTHLY})
    assert await world.touch() == 2_000 - 30
    world.rules = {**RULES, OTHER: Allowance(amount=300, every=Every.DAY)}
    world.roles = frozenset({MONTHLY, OTHER})
    assert await world.touch() == 300 - 30


@pytest.mark.parametrize("first", [DAILY, WEEKLY, MONTHLY])
async def test_toggling_roles_gives_no_more_than_the_better_one_alone(world: World, first: int) -> None:
    spent = 0
    for number in range(14):
        world.now += timedelta(hours=1)
        world.roles = frozenset({(DAILY, WEEKLY, MONTHLY)[(first + number) % 3]})
        free = await world.touch()
        if free:
            await world.order(free)
            spent += free
    assert spent == 2_000  # in one day, of the month's rule alone


async def test_a_week_and_a_day_in_turn_give_no_more_than_a_day_each_day(world: World) -> None:
    spent = 0
    for _ in range(7):
        for role in (WEEKLY, DAILY, WEEKLY):
            world.roles = frozenset({role})
            free = await world.touch()
            if free:
                await world.order(free)
                spent += free
        world.now += DAY
    assert spent == 700


@pytest.mark.parametrize(("mistyped", "meant"), [
    (Allowance(amount=100_000, every=Every.DAY), Allowance(amount=100, every=Every.DAY)),
    (Allowance(amount=100, every=Every.DAY), Allowance(amount=100, every=Every.WEEK)), (RULES[MONTHLY], None),
])  # fmt: skip
async def test_a_mistyped_rule_can_be_taken_back_in_every_wallet(
    world: World, mistyped: Allowance, meant: Allowance | None
) -> None:
    world.roles, world.rules = frozenset({OTHER}), {OTHER: mistyped}
    assert await world.touch() == mistyped.amount
    world.rules = {OTHER: meant} if meant else {}
    left = meant.amount if meant else 0
    assert await world.touch() == left
    if left < mistyped.amount:
        entry = await world.last_entry()
        assert (entry.kind, entry.posted_delta) == (EntryKind.LAPSE, left - mistyped.amount)


async def test_a_hold_over_midnight_hoards_nothing(world: World) -> None:
    world.roles = frozenset({DAILY})
    await world.touch()
    job_id = await world.order(80)
    world.now += DAY
    assert await world.touch() == 100
    await world.release(job_id)
    assert (await world.balance()).allowance_available == 180  # in full, as the database demands
    assert await world.touch() == 100
    entry = await world.last_entry()
    assert (entry.kind, entry.posted_delta, entry.reason) == (
        EntryKind.LAPSE,
        -80,
        "More than the allowance for the day",
    )


async def test_what_comes_back_in_its_own_period_can_be_spent_again(world: World) -> None:
    world.roles = frozenset({WEEKLY})
    await world.touch()
    released, charged = await world.order(200), await world.order(150)
    await world.deliver(charged)
    world.now += DAY
    assert await world.touch() == 150
    await world.release(released)
    await world.undo_charge(charged)
    assert await world.touch() == 500


# --- roles that are lost ----------------------------------------------------------------------------------


async def test_of_a_lost_role_what_is_free_stays_to_the_end_of_its_period_and_is_not_filled_up(world: World) -> None:
    world.roles = frozenset({WEEKLY})
    await world.touch()
    await world.order(200)
    world.roles = frozenset()
    world.now += 3 * DAY
    assert await world.touch() == 300
    await world.order(100)
    assert await world.touch() == 200
    world.now += 4 * DAY  # Monday
    assert await world.touch() == 0
    entry = await world.last_entry()
    assert (entry.kind, entry.posted_delta, entry.reason) == (EntryKind.LAPSE, -200, "The allowance has ended")


async def test_of_a_lost_role_whose_rule_is_lowered_or_cleared_no_more_stays_than_it_gives(world: World) -> None:
    world.roles = frozenset({WEEKLY})
    await world.touch()
    await world.order(50)
    world.roles, world.rules = frozenset(), {**RULES, WEEKLY: Allowance(amount=80, every=Every.WEEK)}
    assert await world.touch() == 30
    world.rules = {DAILY: RULES[DAILY]}
    assert await world.touch() == 0


async def test_a_role_that_comes_back_brings_no_second_allowance(world: World) -> None:
    world.roles = frozenset({WEEKLY})
    await world.touch()
    await world.order(400)
    world.roles = frozenset()
    world.now += DAY
    await world.touch()
    world.roles = frozenset({WEEKLY})
    assert await world.touch() == 100


# --- by a moderator's hand --------------------------------------------------------------------------------


async def test_what_a_moderator_takes_of_an_allowance_does_not_come_back_by_itself(world: World) -> None:
    world.roles = frozenset({DAILY})
    await world.touch()
    taken = await world.store.run(
        bank.take(ANN, 60, act_id="7", actor=str(MO), reason="Rude", starting_credits=0, now=world.now_ms)
    )
    assert await world.touch() == 40
    await world.store.run(bank.undo(taken.entry.id, guild_id=1, actor=str(MO), reason="Oh", now=world.now_ms))
    assert await world.touch() == 100


# --- clocks and calendars ---------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu"])
@pytest.mark.parametrize("hour", [1, 11, 23])
@pytest.mark.parametrize("role", [DAILY, WEEKLY, MONTHLY])
async def test_moving_the_time_zone_opens_no_second_period(world: World, zone: str, hour: int, role: int) -> None:
    world.roles, world.now = frozenset({role}), datetime(2026, 5, 31, hour, tzinfo=UTC)  # a Sunday
    free = await world.touch()
    await world.order(free)
    for each in (zone, "UTC", zone, "America/New_York", "UTC"):
        world.zone = each
        assert await world.touch() == 0
    spent = 0
    for _ in range(48):  # from now on, each day of the calendar has its own, and none a second one
        world.now += timedelta(hours=1)
        world.zone = zone if world.zone == "UTC" else "UTC"
        left = await world.touch()
        if left:
            await world.order(left)
            spent += left
    assert spent <= 3 * RULES[role].amount if role == DAILY else spent <= RULES[role].amount


@pytest.mark.parametrize("role", [DAILY, WEEKLY, MONTHLY])
async def test_a_clock_that_jumps_opens_no_second_period(world: World, role: int) -> None:
    world.roles = frozenset({role})
    start = world.now
    for jump in (31 * DAY, -31 * DAY, 31 * DAY, DAY, 31 * DAY):
        world.now = start if jump < timedelta() else world.now + jump
        free = await world.touch()
        if free:
            await world.order(free)
        assert await world.touch() == 0
    rows = await world.store.read(
        sql("SELECT allowance_day, sum(allowance_held_delta) AS spent FROM entries WHERE kind = 'hold' GROUP BY 1")
    )
    assert all(row["spent"] <= RULES[role].amount for row in rows)


async def test_a_hundred_touches_at_once_write_one_entry(world: World) -> None:
    world.roles = frozenset({DAILY})
    assert set(await asyncio.gather(*(world.touch() for _ in range(100)))) == {100}
    assert (await world.last_entry()).seq == 1


# --- the database is the judge ----------------------------------------------------------------------------


@pytest.mark.parametrize("attack", [
    "(1, 3, 'lapse', 50, 0, 50, 0, 180, 0, 150, 0, NULL, NULL, 'x', '1', 'x', 0)",  # the wrong way
    "(1, 3, 'lapse', -50, 0, 0, 0, 80, 30, 100, 30, NULL, NULL, 'x', '1', 'x', 0)",  # of funds
    "(1, 3, 'lapse', -80, 0, -80, 0, 20, 30, 20, 30, NULL, NULL, 'x', '1', 'x', 0)",  # of what is on hold
    "(1, 3, 'take', -10, 0, -10, 0, 90, 30, 90, 30, NULL, NULL, 'x', '1', 'x', 0)",  # on no day
    "(1, 3, 'take', -10, 0, -10, 0, 90, 30, 90, 30, '2026-11-01', NULL, 'x', '1', 'x', 0)",  # on another day
    "(1, 3, 'release', 0, -30, 0, -30, 100, 0, 100, 0, '2026-11-01', '1', 'x', '1', 'x', 0)",  # to another day
])  # fmt: skip
async def test_the_database_refuses_an_allowance_that_moves_the_wrong_way(world: World, attack: str) -> None:
    world.roles = frozenset({DAILY})
    await world.touch()
    await world.order(30)
    columns = (
        "wallet_id, seq, kind, posted_delta, held_delta, allowance_delta, allowance_held_delta, posted_after,"
        " held_after, allowance_after, allowance_held_after, allowance_day, job_id, key, actor, reason, at"
    )
    with pytest.raises(ConstraintBroken):
        await world.store.run(sql(f"INSERT INTO entries ({columns}) VALUES {attack}"))  # noqa: S608  # our own attacks


# --- a year of anything -----------------------------------------------------------------------------------


@dataclass
class Spent:
    """What the books must say of allowances, by plain arithmetic. `by_day`: what each job has spent, by its day."""

    world: World
    by_day: dict[str, tuple[date, int]] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    charged: list[str] = field(default_factory=list)
    caps: dict[tuple[Every, date], int] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.world.now.astimezone(ZoneInfo(self.world.zone)).date()

    def in_period(self, every: Every, day: date) -> int:
        return sum(amount for on, amount in self.by_day.values() if _first(every, on) == _first(every, day))

    def since(self, every: Every) -> int:
        return sum(amount for on, amount in self.by_day.values() if on >= _first(every, self.today))

    def free(self) -> int | None:
        """What the rule in force leaves free; None where none is in force."""
        rules = [self.world.rules[role] for role in self.world.roles if role in self.world.rules]
        if not rules:
            return None
        best = max(rules, key=lambda rule: (rule.amount * 210 // _DAYS[rule.every], -_DAYS[rule.every]))
        for every in Every:
            key = every, _first(every, self.today)
            self.caps[key] = max(self.caps.get(key, 0), _cap(best, every, self.today))
        return max(0, min(_cap(best, every, self.today) - self.since(every) for every in Every))


_DAYS = {Every.DAY: 1, Every.WEEK: 7, Every.MONTH: 30}


def _first(every: Every, day: date) -> date:
    if every is Every.WEEK:
        return date.fromisocalendar(*day.isocalendar()[:2], 1)
    return day if every is Every.DAY else date(day.year, day.month, 1)


def _cap(rule: Allowance, every: Every, day: date) -> int:
    """By counting each day of the period: how many different periods of the rule do they lie in?"""
    days = [day + number * DAY for number in range(-31, 32)]
    return rule.amount * len({_first(rule.every, each) for each in days if _first(every, each) == _first(every, day)})


ROLES = st.frozensets(st.sampled_from((DAILY, WEEKLY, MONTHLY)), max_size=3)
NEW_RULES = st.dictionaries(
    st.sampled_from((DAILY, WEEKLY, MONTHLY)),
    st.builds(Allowance, amount=st.integers(1, 300), every=st.sampled_from(Every)),
)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.sampled_from((1, 5, 13, 24, 24 * 7, 24 * 31)).map(lambda h: timedelta(hours=h))),
        st.tuples(st.just("back"), st.sampled_from((1, 24, 24 * 8)).map(lambda hours: timedelta(hours=hours))),
        st.tuples(st.just("order"), st.integers(1, 150)),
        st.tuples(st.just("order all"), st.none()),
        st.tuples(st.sampled_from(("release", "deliver", "undo")), st.integers(0, 9)),
        st.tuples(st.just("roles"), ROLES),
        st.tuples(st.just("rules"), NEW_RULES),
    ),
    max_size=40,
)


@given(zone=st.sampled_from(("UTC", "Europe/Berlin", "America/Havana")), start=st.integers(0, 364), acts=ACTS)
@settings(max_examples=60, deadline=None)
def test_through_a_year_of_anything_no_more_is_spent_than_the_best_rule_gives_and_no_less_is_free(
    tmp_path_factory: pytest.TempPathFactory, zone: str, start: int, acts: list[tuple[str, object]]
) -> None:
    asyncio.run(_live(tmp_path_factory.mktemp("allowance"), zone, start, acts))


async def _live(folder: Path, zone: str, start: int, acts: list[tuple[str, object]]) -> None:
    async with open_sqlite(folder / "a.db") as store:
        world = World(store, zone=zone, now=MONDAY + start * DAY, roles=frozenset({DAILY}))
        spent = Spent(world)
        for act, value in acts:
            await _act(world, spent, act, value)
            expected = spent.free()
            free = await world.touch()
            assert expected is None or free == expected
            for every, first in spent.caps:
                assert spent.in_period(every, first) <= spent.caps[every, first]
        assert (await store.read(check_books())).findings == ()


async def _act(world: World, spent: Spent, act: str, value: object) -> None:
    match act, value:
        case "wait", timedelta():
            world.now += value
        case "back", timedelta():
            world.now -= value
        case "roles", frozenset():
            world.roles = value
        case "rules", dict():
            world.rules = value
        case (("order" | "order all"), amount):
            cost = amount if isinstance(amount, int) else await world.touch()
            await _order(world, spent, cost)
        case "release", int() if spent.open:
            job_id = spent.open.pop(value % len(spent.open))
            await world.release(job_id)
            del spent.by_day[job_id]
        case "deliver", int() if spent.open:
            spent.charged.append(spent.open.pop(value % len(spent.open)))
            await world.deliver(spent.charged[-1])
        case "undo", int() if spent.charged:
            job_id = spent.charged.pop(value % len(spent.charged))
            await world.undo_charge(job_id)
            del spent.by_day[job_id]


async def _order(world: World, spent: Spent, cost: int) -> None:
    if not cost:
        return
    try:
        job_id = await world.order(cost)
    except (NotEnoughCredits, NotEnoughToTake):
        return
    spent.open.append(job_id)
    spent.by_day[job_id] = spent.today, cost


# --- starting credits of young accounts -------------------------------------------------------------------


async def test_starting_credits_that_were_not_due_yet_come_once_at_a_later_touch(store: Store) -> None:
    for starting, expected in ((None, 0), (None, 0), (300, 300), (300, 300), (500, 300)):
        balance = await store.run(ledger.welcome(ANN, starting_credits=starting, now=1))
        assert balance.available == expected
    assert await store.read(ledger.balance(ANN, starting_credits=300)) == Balance(posted=300, held=0)
