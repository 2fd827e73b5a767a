"""A whole simulated world, from its seed to its report."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import DatabaseUnavailable
from bot.domain.job import JobState
from tests.simulation.books import Books, JobRow
from tests.simulation.drawing import make_plan
from tests.simulation.invariants import Aftermath, broken_rules
from tests.simulation.life import Life, Scene
from tests.simulation.loop import Clock, databases_watched
from tests.simulation.people import People
from tests.simulation.plan import Plan
from tests.simulation.simulated_discord import SimulatedDiscord
from tests.simulation.supplier import Works
from tests.simulation.trace import Trace

MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108  # memory, where the machine has it


class RuleViolation(AssertionError):
    """A rule was broken. The text has the seed, the rules and the end of the trace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`waiting`: images that could be shown nowhere, and have not ended.

    `orphans` were charged by the supplier and not shown; `twice` were shown twice, where no bot could know.
    """

    seed: int
    trace: tuple[str, ...]
    orders: int
    jobs: int
    delivered: int
    waiting: int
    gifts: int
    released: Counter[str]
    crashes: int
    stops: int
    orphans: int
    twice: int
    virtual_hours: float


def simulate(seed: int, folder: Path) -> Report:
    """Raises `RuleViolation`."""
    world = SimulatedWorld(make_plan(seed), folder)
    with databases_watched(), world.trace.listening(), _seeded(seed):
        try:
            return world.run()
        except Exception as error:
            raise RuleViolation(f"seed {seed}: {error}\n{world.trace.tail()}") from error


def try_seed(seed: int) -> Report | str:
    """The report, or the text of what was broken. The files are in memory, where the machine has such a folder."""
    folder = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None
    with tempfile.TemporaryDirectory(dir=folder, prefix="simulation-") as name:
        try:
            return simulate(seed, Path(name))
        except RuleViolation as broken:
            return str(broken)


class SimulatedWorld:
    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.clock = Clock()
        full = any(spell.kind == "disk_full" for spell in plan.spells)
        self.trace = Trace(self.clock, foreseen=(DatabaseUnavailable,) if full else ())
        self.server = SimulatedDiscord(plan, self.clock, self.trace)
        self.works = Works(plan, self.clock)
        self._people = People(plan, self.server, self.clock, self.trace)
        self._scene = Scene(plan, self.clock, self.trace, self.server, self.works, self._people)
        self._folder = folder
        self._crashes = 0

    def run(self) -> Report:
        for number, ending in enumerate((*self.plan.endings, None), 1):
            life = Life(number, self._folder / str(number), ending, self._scene, at_rest=self._at_rest)
            self._files = life.folder
            self._crashes += life.run(self._folder / str(number + 1))
            if ending:
                self._people.left_alone()
                self.clock.seconds += ending.down_seconds
        return self._judge()

    def _at_rest(self) -> bool:
        if self.trace.errors:
            return True  # there is no need to wait for what may never come
        if self.clock.seconds < self.plan.last_event:
            return False
        with Books(self._files / "stillframe.db", self.works) as books:
            return books.at_rest()

    def _judge(self) -> Report:
        with Books(self._files / "stillframe.db", self.works) as books:
            left = Aftermath(
                plan=self.plan, server=self.server, works=self.works, books=books, absences=tuple(self._people.absences)
            )
            broken = [
                *broken_rules(left),
                *(f"logged as an error: {error}" for error in self.trace.errors),
                *(f"Discord was asked for what no client may ask: {each}" for each in self.server.state.violations),
            ]
            for rule in broken:
                self.trace.note(f"BROKEN {rule}")
            if broken:
                raise AssertionError("\n".join(broken))
            return self._report(left, books.jobs())

    def _report(self, left: Aftermath, jobs: list[JobRow]) -> Report:
        shown = Counter({job.id: len(left.images_of(job)) for job in jobs})
        released = [job for job in jobs if job.state == JobState.RELEASED]
        seen = {job.order.number for job in jobs if shown[job.id]}
        return Report(
            seed=self.plan.seed,
            trace=tuple(self.trace.lines),
            orders=len(self.plan.orders),
            jobs=len(jobs),
            delivered=sum(job.state == JobState.DELIVERED for job in jobs),
            waiting=sum(job.state == JobState.AWAITING for job in jobs),
            gifts=sum(shown[job.id] > 0 for job in released),
            released=Counter(str(job.reason) for job in released),
            crashes=self._crashes,
            stops=len(self.plan.endings) - self._crashes,
            orphans=sum(1 for number in self.works.charged if number not in seen),
            twice=sum(times > 1 for times in shown.values()),
            virtual_hours=self.clock.seconds / 3600,
        )


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Inside, code that draws from the common generator draws the same numbers each time."""
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)
