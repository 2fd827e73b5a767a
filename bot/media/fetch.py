"""Safe download of an address that a member or the supplier gave us: the only place that opens one.

A member's link may try to make us read what only we can reach: the cloud's metadata server, a router, a database on
this machine. So a name is resolved once, every answer must be a public address, and the connection goes to the
very number that was checked; a name that changes its mind afterwards gains nothing. Each redirect passes the same way.
TLS still verifies the name. Sizes and times have limits, because the other end may also lie, drip or never end.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpcore
import httpx

from bot.domain.errors import FileTooLarge, LinkNotPublic, LinkUnreachable, UnreachableBecause
from bot.media.address import is_public
from bot.media.probe import SNIFF_BYTES, video_type

DEADLINE_SECONDS = 30.0  # for all of a download: a timeout per read never ends a server that drips
RESOLVE_LIMIT_SECONDS = 7.0
CONNECT_LIMIT_SECONDS = 5.0  # for each address, and for TLS
ADDRESSES_TRIED_LIMIT = 4  # a name with a thousand answers must not make us knock at a thousand doors
REDIRECTS_LIMIT = 3
URL_LIMIT_CHARACTERS = 8_000  # what RFC 9110 asks every server to take; signed links are long
PORTS = (80, 443)
USER_AGENT = "Stillframe (Discord bot)"

_HEADERS = (
    ("User-Agent", USER_AGENT),
    ("Accept", "*/*"),
    ("Accept-Encoding", "identity"),
    ("Connection", "close"),
)
_REDIRECTS = (301, 302, 303, 307, 308)
_HOST = re.compile(r"[a-z0-9._-]{1,253}|[0-9a-f:.]+")  # as httpx gives it: lower case, IDNA, IPv6 without brackets

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""A host name (or a number in any form) and a port -> numeric addresses, best first. Raises OSError."""

_Origin = tuple[str, bytes, int]  # scheme, host, port


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """`content_type` is what the file's first bytes say, not what its server says."""

    size_bytes: int
    content_type: str


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Download(Protocol):
    """`Fetcher.download`, or what stands in its place in a test. Raises the same errors."""

    async def __call__(self, url: str, /, *, limit_bytes: int) -> bytes: ...


class Fetcher:
    """Holds no connection between two calls, so there is nothing to close.

    `trusted_origin`: an address of the supplier. Its scheme, host and port alone may be anywhere, on loopback too, so
    that a stand-in can serve outputs; and only for `download`, because a member's link must not get at it.
    """

    def __init__(
        self,
        *,
        trusted_origin: str | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
        resolve: Resolve = resolve_by_system,
        dial: httpcore.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._trusted = None if trusted_origin is None else _origin(httpx.URL(trusted_origin))
        self._deadline_seconds = deadline_seconds
        self._resolve = resolve
        self._dial = dial or httpcore.AnyIOBackend()
        self._tls = tls or httpx.create_ssl_context(trust_env=False)

    async def download(self, url: str, *, limit_bytes: int) -> bytes:
        """The file's bytes. Raises `LinkNotPublic`, `LinkUnreachable`, `FileTooLarge`."""
        chunks: list[bytes] = []
        await self._read(url, chunks.append, limit_bytes=limit_bytes, trusted=self._trusted)
        return b"".join(chunks)

    async def download_link(self, url: str, *, limit_bytes: int) -> bytes:
        """As `download`, for an address that a member chose."""
        chunks: list[bytes] = []
        await self._read(url, chunks.append, limit_bytes=limit_bytes, trusted=None)
        return b"".join(chunks)

    async def measure_video(self, url: str, *, limit_bytes: int) -> VideoFacts:
        """Read all of a video and keep none of it, because what a server says of a file's size may be wrong.

        Raises `NotAVideoFile` after the first bytes, and what `download` raises.
        """
        gauge = _VideoGauge()
        await self._read(url, gauge.take, limit_bytes=limit_bytes, trusted=None)
        return gauge.facts()

    async def _read(
        self, text: str, take: Callable[[bytes], None], *, limit_bytes: int, trusted: _Origin | None
    ) -> None:
        url = _parse(text, trusted=trusted)
        try:
            async with asyncio.timeout(self._deadline_seconds):
                for _ in range(REDIRECTS_LIMIT + 1):
                    # After a redirect to another origin, the trusted origin is not trusted any more.
                    trusted = trusted if _origin(url) == trusted else None
                    location = await self._get(url, take, limit_bytes=limit_bytes, trusted=trusted is not None)
                    if location is None:
                        return
                    url = _parse(location, trusted=trusted, base=url)
        except TimeoutError as error:
            raise LinkUnreachable(host=_host(url), because="timeout") from error
        raise LinkUnreachable(host=_host(url), because="redirects")

    async def _get(
        self, url: httpx.URL, take: Callable[[bytes], None], *, limit_bytes: int, trusted: bool
    ) -> str | None:
        """Send one request. Returns the address that it redirects to, or None when `take` has got the whole file."""
        guard = _Guard(self._resolve, self._dial, trusted=trusted)
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        connection = httpcore.AsyncHTTPConnection(target.origin, ssl_context=self._tls, network_backend=guard)
        headers = [("Host", url.netloc.decode("ascii")), *_HEADERS]
        limits = {"timeout": {"connect": CONNECT_LIMIT_SECONDS}}
        try:
            async with connection.stream("GET", target, headers=headers, extensions=limits) as response:
                location = _check_answer(response, _host(url), limit_bytes)
                if location is None:
                    await _pour(response, take, limit_bytes)
                return location
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            # The guard tells of failed connections itself: what is left of connecting is TLS.
            raise LinkUnreachable(host=_host(url), because="tls") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise LinkUnreachable(host=_host(url), because="broken") from error
        finally:
            await guard.aclose()


class _Guard(httpcore.AsyncNetworkBackend):
    """Opens the one connection of a request, to an address that it has resolved and judged itself."""

    def __init__(self, resolve: Resolve, dial: httpcore.AsyncNetworkBackend, *, trusted: bool) -> None:
        self._resolve = resolve
        self._dial = dial
        self._trusted = trusted
        self._stream: httpcore.AsyncNetworkStream | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._addresses(host, port)
        if not self._trusted and not all(map(is_public, addresses)):
            raise LinkNotPublic(host=host)  # one bad answer among good ones is a trap, not a mistake
        failure: Exception | None = None
        for address in addresses[:ADDRESSES_TRIED_LIMIT]:
            try:
                self._stream = await self._dial.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return self._stream
        raise LinkUnreachable(host=host, because="connect") from failure

    async def aclose(self) -> None:
        """httpcore 1.0 leaves the socket open when a TLS handshake is cancelled; closing twice does no harm."""
        if self._stream is not None:
            await self._stream.aclose()

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            async with asyncio.timeout(RESOLVE_LIMIT_SECONDS):
                addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:  # UnicodeError: a label over 63 characters
            raise LinkUnreachable(host=host, because="dns") from error
        if not addresses:
            raise LinkUnreachable(host=host, because="dns")
        return addresses


class _VideoGauge:
    """Counts a file that passes by, and stops it (`NotAVideoFile`) when its first bytes are not a video's."""

    def __init__(self) -> None:
        self._size_bytes = 0
        self._head = b""
        self._content_type: str | None = None

    def take(self, chunk: bytes) -> None:
        self._size_bytes += len(chunk)
        if self._content_type is None:
            self._head = (self._head + chunk)[:SNIFF_BYTES]
            if len(self._head) == SNIFF_BYTES:
                self._content_type = video_type(self._head)

    def facts(self) -> VideoFacts:
        return VideoFacts(self._size_bytes, self._content_type or video_type(self._head))


def _origin(url: httpx.URL) -> _Origin:
    return url.scheme, url.raw_host, _port(url)


def _port(url: httpx.URL) -> int:
    default = 443 if url.scheme == "https" else 80
    return default if url.port is None else url.port


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def _parse(text: str, *, trusted: _Origin | None, base: httpx.URL | None = None) -> httpx.URL:
    """Read an address once and strictly, so that what is checked is what is dialled: two readers of one odd text may
    see two hosts in it. `base` is the address that redirected to this one."""
    because: UnreachableBecause = "url" if base is None else "redirects"
    try:
        url = httpx.URL(text) if base is None else base.join(text)
        host = _host(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise LinkUnreachable(host="" if base is None else _host(base), because=because) from error
    plain = text.isprintable() and not set(text) & {" ", "\\"} and len(text) <= URL_LIMIT_CHARACTERS
    if not plain or not _HOST.fullmatch(host):
        raise LinkUnreachable(host="", because=because)
    door = _port(url) in PORTS or _origin(url) == trusted
    if url.scheme not in ("http", "https") or url.userinfo or not door:
        raise LinkUnreachable(host=host, because=because)
    return url


def _check_answer(response: httpcore.Response, host: str, limit_bytes: int) -> str | None:
    """Refuse what need not be read; give the address of a redirect."""
    headers = httpx.Headers(response.headers)
    location: str | None = headers.get("Location")
    if response.status in _REDIRECTS and location:
        return location
    if response.status != httpx.codes.OK:
        raise LinkUnreachable(host=host, because="status", status=response.status)
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise LinkUnreachable(host=host, because="compressed")  # we asked for none; a small answer may unpack to a bomb
    size_bytes = int(headers.get("Content-Length", 0))  # h11 has refused anything but digits
    if size_bytes > limit_bytes:
        raise FileTooLarge(limit_bytes=limit_bytes, size_bytes=size_bytes)
    return None


async def _pour(response: httpcore.Response, take: Callable[[bytes], None], limit_bytes: int) -> None:
    """Fewer bytes than Content-Length promised is an error of h11's."""
    size_bytes = 0
    async for chunk in response.aiter_stream():
        size_bytes += len(chunk)
        if size_bytes > limit_bytes:
            raise FileTooLarge(limit_bytes=limit_bytes)
        take(chunk)
