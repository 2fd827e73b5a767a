"""Draws from a seed, before a world begins, what will happen in it.

Only what depends on the moment (does this very request fail?) is drawn while it runs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Literal

from bot.domain.recipe import Size
from tests.simulation.plan import (
    CHANNELS,
    MEMBERS,
    MODERATOR,
    Accepting,
    Choice,
    Ending,
    Fate,
    Grant,
    Look,
    Making,
    Order,
    Plan,
    Press,
    Spell,
    SpellKind,
)

MINUTE = 60.0


def make_plan(seed: int) -> Plan:
    """Each seed has its own weather: some are calm, so that a fault that is rare elsewhere stands alone there."""
    rng = random.Random(f"plan {seed}")  # noqa: S311  # seeded on purpose
    span = rng.uniform(2, 30) * MINUTE
    wild = rng.choice((0.0, 0.3, 1.0, 1.0))
    orders = tuple(_orders(rng, span=span, wild=wild))
    return Plan(
        seed=seed,
        orders=orders,
        grants=tuple(_grants(rng, span=span)),
        presses=tuple(_presses(rng, orders)),
        visits=tuple(_visits(seed, orders)),
        deletions=(
            *((each.at + rng.uniform(1, 400), each) for each in orders if rng.random() < 0.1 * wild),
            *_early_deletions(seed, orders),
        ),
        chatter=tuple(sorted(_chatter(rng, span=span))),
        spells=(
            *_spells(rng, span=span, wild=wild),
            *_late_night(seed, orders),
            *_shut_doors(seed, orders),
            *_refused_edits(seed, orders),
        ),
        endings=tuple(_endings(rng, orders, span=span)),
        fault_rate=rng.choice((0.0, 0.05, 0.2)) * wild,
        starting_credits=rng.choice((300, 300, 2_000)),
        allowance=random.Random(f"allowance {seed}").choice((0, 0, 100, 700)),  # noqa: S311  # seeded on purpose
        running_limit=rng.randint(1, 5),
        waiting_limit=rng.choice((1, 5)),
        upload_limit_bytes=rng.choice((10_000_000, 10_000_000, 9_000)),
    )


def _orders(rng: random.Random, *, span: float, wild: float) -> Iterator[Order]:
    at = 5.0
    count = rng.randint(6, 12)
    for number in range(1, count + 1):
        at += rng.choice((0.0, rng.uniform(0, 2), rng.expovariate(count / span) * 1.5))
        again = rng.choice((0.0, 0.02, 1.0, 20.0, 200.0, 1200.0))
        yield Order(
            number=number,
            deliveries=(at, at + again) if rng.random() < 0.25 else (at,),
            member=rng.choice(MEMBERS),
            channel=rng.choice(CHANNELS),
            private=rng.random() < 0.3,
            size=rng.choice((Size.K1, Size.K1, Size.K2, Size.K4)),
            way=rng.choices(("youtube", "link", "clip"), (8, 1, 1))[0],
            fate=_fate(rng, wild),
        )


def _fate(rng: random.Random, wild: float) -> Fate:
    bad = rng.random() < 0.2 + 0.4 * wild
    accepting: list[Accepting] = ["busy"] * (rng.randint(1, 3) if rng.random() < 0.2 else 0)
    kinds: tuple[Accepting, ...] = ("at_once", "rejected", "refused", "unknown_lost", "unknown_taken")
    accepting.append(rng.choice(kinds) if bad and rng.random() < 0.4 else "yes")
    quick = rng.uniform(4, 30)
    making: tuple[Making, ...] = (
        "image", "image", "image", "unsafe", "large", "large", "broken_once", "broken", "failed", "refused",
        "forgotten",
    )  # fmt: skip
    return Fate(
        accepting=tuple(accepting),
        answer_seconds=rng.choice((0.2, 1.0, 3.0, 40.0)),
        ready_seconds=rng.choice((quick, quick, None, rng.uniform(500, 1_500), rng.uniform(610, 2_500)))
        if bad
        else quick,
        making=rng.choice(making) if bad else "image",
    )


def _grants(rng: random.Random, *, span: float) -> Iterator[Grant]:
    for number in range(1, rng.randint(1, 5)):
        at = rng.uniform(0, span * 0.7)
        again = at + rng.choice((0.0, 1.0, 600.0))
        yield Grant(
            number=number,
            deliveries=(at, again) if rng.random() < 0.4 else (at,),
            member=rng.choice(MEMBERS),
            amount=rng.randint(100, 900),
        )


def _presses(rng: random.Random, orders: tuple[Order, ...]) -> Iterator[Press]:
    for order in orders:
        if rng.random() < 0.25:
            at = order.at + rng.expovariate(1 / 15)
            who = rng.choice((order.member, order.member, MODERATOR, rng.choice(MEMBERS)))
            yield Press(order=order, at=at, person=who)


def _chatter(rng: random.Random, *, span: float) -> Iterator[float]:
    """People write in the busy channel: now and then a hundred messages and more within minutes."""
    for _ in range(rng.choice((0, 3, 10))):
        yield rng.uniform(0, span)
    if rng.random() < 0.2:
        began = rng.uniform(0, span)
        for number in range(rng.randint(90, 160)):
            yield began + number * rng.choice((0.5, 2.0))


def _spells(rng: random.Random, *, span: float, wild: float) -> Iterator[Spell]:
    kinds: tuple[SpellKind, ...] = (
        "discord_down", "discord_loses_answers", "discord_limits", "channel_closed", "channel_closed", "no_history",
        "direct_shut", "direct_shut", "supplier_closed", "supplier_busy", "supplier_unreachable", "disk_full",
    )  # fmt: skip
    for _ in range(round(rng.randint(0, 7) * wild)):
        kind = rng.choice(kinds)
        start = rng.uniform(0, span + 20 * MINUTE)
        yield Spell(
            kind=kind,
            start=start,
            end=start + rng.choice((20.0, rng.uniform(30, 200), rng.uniform(300, 1_500))),
            where=rng.choice((None, *(MEMBERS if kind == "direct_shut" else CHANNELS))),
            code=rng.choice((50_001, 50_013, 10_003)),
            because=rng.choice(("key", "funds", "forbidden")),
        )
    if rng.random() < 0.2 * wild:  # and now and then, every place where an image could be shown is shut
        start = rng.uniform(0, span)
        end = start + rng.uniform(300, 3_000)
        yield Spell(kind="channel_closed", start=start, end=end, code=50_013)
        yield Spell(kind="direct_shut", start=start, end=end)


def _late_night(seed: int, orders: tuple[Order, ...]) -> Iterator[Spell]:
    """In one world of eight: images wait until every token is dead, and then Discord takes them without a word."""
    rng = random.Random(f"late night {seed}")  # noqa: S311  # seeded on purpose, and a generator of its own
    if rng.random() < 1 / 8:
        night = orders[-1].at + rng.uniform(2, 20)
        morning = night + 15 * MINUTE
        yield Spell(kind="discord_down", start=night, end=morning)
        yield Spell(kind="discord_loses_answers", start=morning, end=morning + rng.uniform(60, 300))
        if rng.random() < 0.5:
            yield Spell(kind="no_history", start=night, end=morning + 20 * MINUTE)


def _refused_edits(seed: int, orders: tuple[Order, ...]) -> Iterator[Spell]:
    """In one world of six: Discord takes edits without a word, and a moment later refuses them for another reason."""
    rng = random.Random(f"refused edits {seed}")  # noqa: S311  # seeded on purpose, and a generator of its own
    for order in orders if rng.random() < 1 / 6 else ():
        if rng.random() < 0.5:
            start = order.at + rng.uniform(3, 40)
            refused = start + rng.uniform(1, 20)
            end = refused + rng.choice((60.0, rng.uniform(100, 1_200)))
            yield Spell(kind="discord_loses_answers", start=start, end=refused)
            yield Spell(
                kind="edits_refused", start=refused, end=end, code=rng.choice((50_013, 50_027, 50_083, 200_000))
            )


def _nowhere(seed: int, orders: tuple[Order, ...]) -> tuple[random.Random, list[tuple[Order, float]]]:
    """In one world of four there are orders whose image finds every door shut; each with the moment when that begins.

    By then the card is there, and the image is not: the bot takes no order where it may not post.
    """
    rng = random.Random(f"nowhere {seed}")  # noqa: S311  # seeded on purpose, and a generator of its own
    some = rng.random() < 1 / 4
    return rng, [(each, each.at + rng.uniform(0.5, 3)) for each in orders if some and rng.random() < 0.5]


def _shut_doors(seed: int, orders: tuple[Order, ...]) -> Iterator[Spell]:
    rng, found = _nowhere(seed, orders)
    for order, start in found:
        end = start + rng.choice((rng.uniform(60, 900), 4_000.0))
        yield Spell(kind="channel_closed", start=start, end=end, where=order.channel, code=50_013)
        yield Spell(kind="direct_shut", start=start, end=end, where=order.member)


def _early_deletions(seed: int, orders: tuple[Order, ...]) -> Iterator[tuple[float, Order]]:
    """Before the image is ready, so that no answer is left to show it in."""
    rng, found = _nowhere(seed, orders)
    yield from ((start + rng.uniform(0, 2), order) for order, start in found)


def _visits(seed: int, orders: tuple[Order, ...]) -> Iterator[Look | Choice]:
    """The members look for these images, and show them or give them up, while the doors are shut and after."""
    rng, found = _nowhere(seed, orders)
    for order, start in found:
        for within in (100, 400, 5_000):
            at = start + rng.uniform(20, within)
            look = Look(order=order, at=at, channel=rng.choice(CHANNELS))
            button: Literal["show-here", "give-up"] = rng.choice(("show-here", "show-here", "give-up"))
            yield look
            yield Choice(look=look, at=at + rng.uniform(3, 30), button=button)


def _endings(rng: random.Random, orders: tuple[Order, ...], *, span: float) -> Iterator[Ending]:
    """Many processes end soon after a member has ordered."""
    moments = [
        rng.choice((rng.uniform(2, span + 20 * MINUTE), rng.choice(orders).at + rng.expovariate(1 / 8)))
        for _ in range(rng.randint(0, 4))
    ]
    for at in sorted(moments):
        yield Ending(
            at=at,
            crash=rng.random() < 0.85,
            edges=rng.randint(0, 30),
            down_seconds=rng.choice((1.0, 5.0, rng.uniform(10, 120), rng.uniform(700, 1_500))),
        )
