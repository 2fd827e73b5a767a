"""The search in a member's history: its terms, a page of results, and who may see which image. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from bot.domain.duration import read_day, read_duration
from bot.domain.errors import JobUnknown, NotADate
from bot.domain.job import Job, JobState, ReleaseReason
from bot.domain.recipe import Size

DAY = timedelta(days=1)

_KEPT = frozenset({ReleaseReason.UNDELIVERABLE, ReleaseReason.TIMED_OUT})  # other endings leave nothing to see

_ALL = frozenset({"all", "ever", "always", "todo", "siempre"})
_AGO = re.compile(r"^(?:hace |(?:the )?last |(?:l[oa]s )?[úu]ltim[oa]s )| (?:ago|atrás)$")
_JOB_ID = re.compile(r"#?([0-9]{1,25})")
_MESSAGE_LINK = re.compile(r"https?://(?:\w+\.)?discord(?:app)?\.com/channels/(?:[0-9]+|@me)/[0-9]+/([0-9]{1,25})")
_SNOWFLAKE = re.compile(r"(?<![0-9])[0-9]{15,25}(?![0-9])")


class Search(BaseModel):
    """Times are Unix milliseconds, `until` exclusive. `video` is a YouTube id, or part of a link or a file's name;
    `model` is the key of a row.

    `member_id` is the owner of the images; None, for all members' images, is allowed only with `favourites`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    guild_id: int
    asker_id: int
    member_id: int | None
    text: str | None = None
    video: str | None = None
    since: int | None = None
    until: int | None = None
    size: Size | None = None
    model: str | None = None
    favourites: bool = False

    @property
    def narrowed(self) -> bool:
        return any((self.text, self.video, self.since, self.until, self.size, self.model))


class Turn(StrEnum):
    OLDER = "older"
    NEWER = "newer"


class Cursor(NamedTuple):
    """A place in the list, beside the job that was ordered at `at` (Unix milliseconds)."""

    at: int
    job_id: str


@dataclass(frozen=True, slots=True)
class Item:
    """A job in the results. `channel_id` is where its image was shown, if it was. The searching member `starred` it."""

    job: Job
    channel_id: int | None
    starred: bool

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.job.created_at, self.job.id)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of results, newest first."""

    items: tuple[Item, ...]
    has_newer: bool
    has_older: bool


def may_read(job: Job, *, asker_id: int) -> bool:
    """Only its owner may read a private job that is not shared. Others learn that it exists, its cost and ending."""
    return not job.private or job.shared or job.wallet.member_id == asker_id


def may_see(job: Job, *, asker_id: int) -> bool:
    """An image may be seen that was delivered, or kept though its job was released.

    One that was never shown is for its owner alone.
    """
    if job.image is None or job.deleted or not may_read(job, asker_id=asker_id):
        return False
    if job.state is JobState.DELIVERED:
        return True
    was_shown = job.result_id is not None
    return job.release_reason in _KEPT and (was_shown or job.wallet.member_id == asker_id)


def read_period(text: str, *, option: Literal["since", "until"], now: int, day_first: bool = True) -> int:
    """Read `2026-11-22`, `22/11/2026`, `today`, `ayer`, `7d`, `2 weeks ago` or `all`, in UTC, as Unix milliseconds.

    A day as `since` means its first moment, and as `until` the end of it. `day_first`: what 5/6 means.
    Raises `NotADate`.
    """
    words = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    moment = datetime.fromtimestamp(now / 1000, UTC)
    if words in _ALL:
        return 0 if option == "since" else now
    try:
        ago = read_duration(_AGO.sub("", words), units="dw")
        if ago is not None:
            return _unix_ms(moment - ago)
        day = read_day(words, moment.date(), day_first=day_first)
        start = None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
        end = start and start + DAY
    except (ValueError, OverflowError) as error:
        raise NotADate(text=text, option=option) from error
    if start is None or end is None:
        raise NotADate(text=text, option=option)
    return _unix_ms(end if option == "until" else start)


def read_job(text: str) -> str:
    """Read the id of a job or of a message from an id, a message's link, or the name of a file that the bot made.

    Raises `JobUnknown`.
    """
    words = text.strip()
    if found := _JOB_ID.fullmatch(words) or _MESSAGE_LINK.search(words):
        return found[1]
    ids = _SNOWFLAKE.findall(words.partition("?")[0])
    if not ids:
        raise JobUnknown(text=text)
    return str(ids[-1])  # a job's id stands at the end of its file's name


def _unix_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
