"""Files in a bucket of any S3-compatible store, where all processes can read them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from bot.domain.errors import FilesBecause, FilesUnavailable
from bot.storage.files.base import checked, is_name

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import S3Credential

T = TypeVar("T")

LOOK_SECONDS = 2.0  # to see whether a file exists: Discord waits 3 s for the answer of a command
MOVE_SECONDS = 30.0  # to read or write 25 MB, with all tries
TRIES_AGAIN = 3
PAGE = 1_000  # objects in one answer to a listing: as many as S3 gives
SAID_LIMIT = 300  # characters that are kept of an answer that is not in S3's format

# S3 refuses with `<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>...`.
_CODE = re.compile(r"<Code>(\w+)</Code>")
_MESSAGE = re.compile(r"<Message>([^<]+)</Message>")
_KEY_CODES = frozenset({"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"})
_ROLE = "/latest/api/token"  # the path at which a machine in Amazon's cloud asks for the keys of its role
_NO_ANSWER = "HTTP error"  # the library's words for every trouble with a connection


@dataclass(frozen=True, slots=True)
class S3Keys:
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Place:
    """A bucket. `prefix`: a path before all names, or empty. `endpoint_url`: None for Amazon.

    `keys`: None for the keys of the machine's environment or role.
    """

    bucket: str
    prefix: str
    region: str
    endpoint_url: str | None = None
    keys: S3Keys | None = None


class S3Files:
    """`bot.storage.files.base.Files`, as the objects `<prefix>/<folder>/<name>`. The constructor uses no network."""

    def __init__(
        self, place: S3Place, folder: str, *, look_seconds: float = LOOK_SECONDS, move_seconds: float = MOVE_SECONDS
    ) -> None:
        self._store = _store(place, folder, move_seconds=move_seconds)
        self._look_seconds = look_seconds
        self._move_seconds = move_seconds

    async def keep(self, name: str, data: bytes) -> None:
        """Upload in one request, never in parts: an upload that is cut off leaves nothing in the bucket."""
        await _answer(self._store.put_async(checked(name), data, use_multipart=False), seconds=self._move_seconds)

    async def read(self, name: str) -> bytes | None:
        return await _answer(self._read(checked(name)), seconds=self._move_seconds)

    async def _read(self, name: str) -> bytes:
        return (await (await self._store.get_async(name)).bytes_async()).to_bytes()

    async def has(self, name: str) -> bool:
        """Read the first byte: the answer to HEAD has no body, so it can't say that the bucket is missing."""
        first = self._store.get_range_async(checked(name), start=0, length=1)
        return await _answer(first, seconds=self._look_seconds) is not None

    async def erase(self, name: str) -> None:
        await _answer(self._store.delete_async(checked(name)), seconds=self._move_seconds)

    async def names(self) -> AsyncIterator[str]:
        async for page in self._pages():
            for each in page:
                yield each["path"]

    async def older_than(self, unix_ms: int) -> list[str]:
        before = _moment(unix_ms)
        return [each["path"] async for page in self._pages() for each in page if each["last_modified"] < before]

    async def _pages(self) -> AsyncIterator[list[ObjectMeta]]:
        pages = self._store.list(chunk_size=PAGE)
        try:
            while page := await _answer(anext(pages, None), seconds=self._move_seconds):
                yield [each for each in page if is_name(each["path"])]
        finally:
            del pages  # else its connection stays open for as long as the error is referenced

    async def erase_if_older(self, name: str, unix_ms: int) -> bool:
        """Look, then erase. S3 can't do both in one request: a file that is written in between is erased too."""
        head = self._store.head_async(checked(name))
        facts = await _answer(head, seconds=self._move_seconds, in_words=False)
        if facts is None or facts["last_modified"] >= _moment(unix_ms):
            return False
        await self.erase(name)
        return True

    async def erase_remains(self, _unix_ms: int) -> int:
        """Erase nothing: an object is whole or does not exist."""
        return 0


def _store(place: S3Place, folder: str, *, move_seconds: float) -> S3Store:
    """The library's client for a place. Raises `FilesUnavailable` where the library refuses the settings."""
    keys, endpoint = place.keys, place.endpoint_url
    try:
        return S3Store(
            place.bucket,
            prefix=f"{place.prefix}/{folder}".lstrip("/"),
            config={
                "region": place.region,
                "virtual_hosted_style_request": False,  # few stores but Amazon's have a host name for each bucket
                "disable_bulk_delete": True,  # not every store has it, and we erase one file at a time
                # Under this name, no AWS_* variable overrides it.
                **({"aws_endpoint_url_s3": endpoint} if endpoint else {}),
            },
            client_options={
                "allow_http": endpoint is not None and endpoint.startswith("http://"),  # the operator has chosen it
                "connect_timeout": timedelta(seconds=min(3.0, move_seconds)),
                "timeout": timedelta(seconds=move_seconds),
            },
            retry_config={
                "max_retries": TRIES_AGAIN,
                "retry_timeout": timedelta(seconds=move_seconds),
                "backoff": {"max_backoff": timedelta(seconds=2)},
            },
            # Not in `config`: with keys there, a session token of the environment would be sent along.
            credential_provider=_provider(keys) if keys else None,
        )
    except (BaseError, ValueError) as error:
        raise FilesUnavailable(detail=_said(error)) from error


def _provider(keys: S3Keys) -> Callable[[], S3Credential]:
    return lambda: {
        "access_key_id": keys.access_key_id,
        "secret_access_key": keys.secret_access_key,
        "token": None,
        "expires_at": None,
    }


async def _answer(work: Awaitable[T], *, seconds: float, in_words: bool = True) -> T | None:
    """Wait for an answer; None where there is no such file. Raises `FilesUnavailable`.

    A missing file is recognised by S3's code, since a proxy before a dead store answers 404 too. `in_words`: does this
    kind of answer have a code?
    """
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as error:
        raise FilesUnavailable(detail=f"the store did not answer within {seconds:g} s", because="network") from error
    except FileNotFoundError as error:
        if _code(error) == "NoSuchKey" or not in_words:
            return None
        raise FilesUnavailable(detail=_said(error), because=_because(error)) from error
    except BaseError as error:
        raise FilesUnavailable(detail=_said(error), because=_because(error)) from error


def _because(error: Exception) -> FilesBecause | None:
    code = _code(error)
    if isinstance(error, PermissionDeniedError | UnauthenticatedError) or code in _KEY_CODES or _ROLE in str(error):
        return "keys"
    if code == "NoSuchBucket":
        return "bucket"
    return "network" if _NO_ANSWER in str(error) else None


def _said(error: Exception) -> str:
    """The error in one line: the library's own text has the whole request, over many lines."""
    text = str(error)
    if _ROLE in text:
        return "there are no keys, and the machine has no role that would give it some"
    code, message = _code(error), _MESSAGE.search(text)
    if code is None:
        return text.partition("\n")[0][:SAID_LIMIT]
    return f"{code}: {message[1]}" if message else code


def _code(error: Exception) -> str | None:
    found = _CODE.search(str(error))
    return found[1] if found else None


def _moment(unix_ms: int) -> datetime:
    return datetime.fromtimestamp(unix_ms / 1000, UTC)
