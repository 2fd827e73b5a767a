"""What is counted while the bot runs, and what there is to count in the books: the values behind `/metrics`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.domain.job import Job, JobState

Rung = Literal["answer", "channel", "direct"]  # of the ladder by which an image reaches its member
NoCode = Literal["unsent", "dropped", "too_slow"]  # how an exchange ended that no answer ended


class Figures(Protocol):
    """Told of what happens, by whoever does it. Each is quick and never raises; none names a person or a server."""

    def ended(self, job: Job, *, now: int) -> None:
        """It is delivered or released, and that is written down."""
        ...

    def bought(self, micros: int, *, seconds: float) -> None:
        """An image is on our disk, for US$ 0.000001 and after so long at the supplier."""
        ...

    def shown(self, rung: Rung) -> None:
        """An image is in front of its member."""
        ...

    def reencoded(self) -> None:
        """An image was too large for Discord, and a copy was made."""
        ...

    def supplier_said(self, code: int | NoCode) -> None:
        """The HTTP status of each answer of the supplier."""
        ...

    def supplier_has(self, micros: int) -> None:
        """Our balance there, in US$ 0.000001."""
        ...

    def discord_refused(self, code: int | NoCode) -> None:
        """The HTTP status of each answer of Discord's that was an error."""
        ...

    def acknowledged(self, seconds: float) -> None:
        """From an interaction's arrival here until Discord had our first answer."""
        ...

    def audited(self, findings: int, *, now: int) -> None:
        """All books were proved: how many rules were found broken, counted for each wallet, job and month."""
        ...


class Uncounted:
    """For whoever is not looked at: a test, a measurement."""

    def ended(self, job: Job, *, now: int) -> None: ...

    def bought(self, micros: int, *, seconds: float) -> None: ...

    def shown(self, rung: Rung) -> None: ...

    def reencoded(self) -> None: ...

    def supplier_said(self, code: int | NoCode) -> None: ...

    def supplier_has(self, micros: int) -> None: ...

    def discord_refused(self, code: int | NoCode) -> None: ...

    def acknowledged(self, seconds: float) -> None: ...

    def audited(self, findings: int, *, now: int) -> None: ...


UNCOUNTED = Uncounted()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """The jobs that have not ended. `oldest_at`: when the first of them was ordered, in Unix milliseconds."""

    jobs: Mapping[JobState, int]
    credits_held: int
    oldest_at: int | None
