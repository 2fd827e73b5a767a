"""What will happen in a simulated world: its orders, its faults, and the ends of its processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.domain.recipe import Size

MODERATOR = "mo"
MEMBERS = ("ann", "ben", "cem", "dua")
PLAIN_CHANNEL, BUSY_CHANNEL, _ = CHANNELS = ("images", "busy", "late-night")
OPERATOR_CHANNEL = "operators"

Way = Literal["youtube", "link", "clip"]
Accepting = Literal["yes", "at_once", "busy", "rejected", "refused", "unknown_lost", "unknown_taken"]
Making = Literal["image", "unsafe", "large", "broken_once", "broken", "failed", "refused", "forgotten"]
SpellKind = Literal[
    "discord_down", "discord_loses_answers", "discord_limits",  # nothing works, or seems not to
    "channel_closed", "no_history", "direct_shut",  # `where` is the channel, or the member
    "edits_refused",  # by the interaction's token
    "supplier_closed", "supplier_busy", "supplier_unreachable",
    "disk_full",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What the supplier will make of an order. `accepting` are its answers to the POSTs in turn; the last one stays.

    `ready_seconds` are counted from when it was accepted; None is never.
    """

    accepting: tuple[Accepting, ...]
    answer_seconds: float
    ready_seconds: float | None
    making: Making


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`deliveries` are the moments at which Discord delivers this one interaction; the first is when it was begun."""

    number: int
    deliveries: tuple[float, ...]
    member: str
    channel: str
    private: bool
    size: Size
    way: Way
    fate: Fate

    @property
    def at(self) -> float:
        return self.deliveries[0]

    @property
    def prompt(self) -> str:
        """The supplier and the books know the order by it, whatever its job is called."""
        return f"order {self.number}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Credits that the moderator gives to a member."""

    number: int
    deliveries: tuple[float, ...]
    member: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A person presses the button under the card of an order, if there is one by then."""

    order: Order
    at: float
    person: str

    @property
    def deliveries(self) -> tuple[float]:
        return (self.at,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The member looks at the own order with `/job`, in some channel."""

    order: Order
    at: float
    channel: str

    @property
    def deliveries(self) -> tuple[float]:
        return (self.at,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The member presses a button of an image that waits, where the card of the `look` has one."""

    look: Look
    at: float
    button: Literal["show-here", "give-up"]

    @property
    def deliveries(self) -> tuple[float]:
        return (self.at,)


Act = Order | Grant | Press | Look | Choice  # what a person does


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A stretch of bad weather; `where` is a channel or a member, None everywhere.

    `code` is Discord's error, `because` the supplier's reason.
    """

    kind: SpellKind
    start: float
    end: float
    where: str | None = None
    code: int = 0
    because: Literal["key", "funds", "forbidden"] = "funds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a process ends. A crash comes at the `edges`-th moment that counts after `at`. The next starts later."""

    at: float
    crash: bool
    edges: int
    down_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`allowance`: the credits a day of every member; 0 where the server gives none. `fault_rate`: how often a request
    to Discord fails in fair weather. `running_limit`: at the supplier at once; `waiting_limit`: of one member.
    `upload_limit_bytes` is less than what Discord said.
    """

    seed: int
    orders: tuple[Order, ...]
    grants: tuple[Grant, ...]
    presses: tuple[Press, ...]
    visits: tuple[Look | Choice, ...]
    deletions: tuple[tuple[float, Order], ...]
    chatter: tuple[float, ...]
    spells: tuple[Spell, ...]
    endings: tuple[Ending, ...]
    fault_rate: float
    starting_credits: int
    allowance: int
    running_limit: int
    waiting_limit: int
    upload_limit_bytes: int

    @property
    def last_event(self) -> float:
        told: list[Order | Grant] = [*self.orders, *self.grants]
        moments = [at for each in told for at in each.deliveries]
        return max([*moments, *(each.end for each in self.spells), *(each.at for each in self.endings)])
