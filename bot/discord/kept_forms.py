"""Forms that were refused. Each waits in this process for its member, who opens it again with what was typed in it."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.domain.errors import FormSent, NotYours, TypedLost

KEPT_MINUTES = 15
FORMS_LIMIT = 1_000
FORMS_OF_MEMBER = 10  # so that one member pushes out nothing of others
SENT_LIMIT = 10_000  # forms
BYTES_LIMIT = 16_000_000  # of what was typed; one form may have 80 kB of emoji

Reopen = Callable[[discord.Interaction[Any]], ui.Modal]


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where an error of the interaction leads back to, in its `extras`. `notes`: what became of uploaded files."""

    form_id: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    member_id: int
    reopen: Reopen
    size_bytes: int
    until: float


class KeptForms:
    """The refused forms by their ids, the oldest first. Over a limit the oldest is forgotten; a restart forgets all.

    An interaction reaches the process that runs the shard of its server, as the one that comes later does.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._kept: dict[str, _Kept] = {}
        self._clock = clock

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, member_id: int, reopen: Reopen, typed: Iterable[str]) -> str:
        """Keep a form, and return its id."""
        size_bytes = sum(map(sys.getsizeof, typed))
        self._make_room(member_id, size_bytes)
        form_id = secrets.token_hex(6)
        self._kept[form_id] = _Kept(member_id, reopen, size_bytes, self._clock() + 60 * KEPT_MINUTES)
        return form_id

    def find(self, form_id: str, member_id: int) -> Reopen:
        """Return what opens the form. Raises `TypedLost`, and `NotYours` for another member."""
        found = self._kept.get(form_id)
        if found is None or found.until <= self._clock():
            raise TypedLost
        if found.member_id != member_id:
            raise NotYours
        return found.reopen

    def _make_room(self, member_id: int, size_bytes: int) -> None:
        now = self._clock()
        self._kept = {form_id: each for form_id, each in self._kept.items() if each.until > now}
        own = [form_id for form_id, each in self._kept.items() if each.member_id == member_id]
        for form_id in own[: max(0, len(own) + 1 - FORMS_OF_MEMBER)]:
            del self._kept[form_id]
        while self._kept and (len(self._kept) >= FORMS_LIMIT or self._size_bytes() + size_bytes > BYTES_LIMIT):
            del self._kept[next(iter(self._kept))]

    def _size_bytes(self) -> int:
        return sum(each.size_bytes for each in self._kept.values())


class SentForms:
    """The forms that were carried out, by custom id, each with its interaction: the app may send one twice."""

    def __init__(self) -> None:
        self._sent: dict[str, int] = {}

    def note(self, custom_id: str, interaction_id: int) -> None:
        self._sent[custom_id] = interaction_id
        if len(self._sent) > SENT_LIMIT:
            del self._sent[next(iter(self._sent))]

    def check(self, custom_id: str, interaction_id: int) -> None:
        """Raises `FormSent` where another interaction has brought the form before."""
        if self._sent.get(custom_id, interaction_id) != interaction_id:
            raise FormSent
