"""Keeps what the stand-in remembers and tests ask for: requests, submissions, money and files."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal
from uuid import uuid4

MICROS = 1_000_000  # in a US dollar
FILES_LIMIT_BYTES = 300_000_000  # the oldest go first; the real supplier keeps outputs for 14 days


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request. Of the Authorization header it only keeps whether there was one."""

    method: str
    path: str
    headers: Mapping[str, str]
    with_key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """A valid submission. `id` is None where it was not accepted. `time` is in seconds of the event loop's clock."""

    prompt: str
    body: Mapping[str, object]
    scenario: str
    id: str | None
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was uploaded to the stand-in, and can be downloaded from `url`."""

    filename: str
    content_type: str
    size_bytes: int
    url: str


@dataclass(frozen=True, slots=True)
class Charge:
    """The reservation for a prediction, and whether it was charged or released."""

    micros: int
    model: str
    state: Literal["reserved", "charged", "released"] = "reserved"


class Account:
    """The money, in US$ 0.000001. `bill` has what was charged, by UTC day and model."""

    def __init__(self, balance_usd: str) -> None:
        self.available_micros = int(Decimal(balance_usd) * MICROS)
        self.charges: dict[str, Charge] = {}
        self.bill: dict[tuple[date, str], int] = {}

    @property
    def frozen_micros(self) -> int:
        return sum(charge.micros for charge in self.charges.values() if charge.state == "reserved")

    def reserve(self, prediction_id: str, micros: int, *, model: str) -> None:
        self.available_micros -= micros
        self.charges[prediction_id] = Charge(micros, model)

    def charge(self, prediction_id: str) -> None:
        charged = self.charges[prediction_id] = replace(self.charges[prediction_id], state="charged")
        self.book(datetime.now(UTC).date(), charged.model, charged.micros)

    def book(self, day: date, model: str, micros: int) -> None:
        """Put a cost on the bill. Tests add what other days and models have cost."""
        self.bill[day, model] = self.bill.get((day, model), 0) + micros

    def release(self, prediction_id: str) -> None:
        self.available_micros += self.charges[prediction_id].micros
        self.charges[prediction_id] = replace(self.charges[prediction_id], state="released")


class SandboxFiles:
    """Uploads and outputs, each under a token of its own."""

    def __init__(self, limit_bytes: int = FILES_LIMIT_BYTES) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size_bytes = 0
        self._limit_bytes = limit_bytes

    def keep(self, data: bytes) -> str:
        token = uuid4().hex
        self._kept[token] = data
        self._size_bytes += len(data)
        while self._size_bytes > self._limit_bytes:
            self._size_bytes -= len(self._kept.popitem(last=False)[1])
        return token

    def get(self, token: str) -> bytes | None:
        return self._kept.get(token)
