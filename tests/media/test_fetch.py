"""Downloads of addresses that a member wrote. Real sockets, all on loopback; names and public addresses are played.

The fetcher dials what it takes for public addresses; `Internet` writes down each of them, and connects it to a server
of the test instead.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import ip_address, ip_network
from pathlib import Path

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import FileTooLarge, LinkNotPublic, LinkUnreachable, NotAVideoFile, Refusal
from bot.media.fetch import ADDRESSES_TRIED_LIMIT, Fetcher, VideoFacts

PUBLIC = "93.184.216.34"
OTHER_PUBLIC = "93.184.216.35"
PUBLIC_V6 = "2606:4700::1111"
LIMIT_BYTES = 100_000
VIDEO = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(5_000)

NOT_PUBLIC = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
    192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/3 ::/3 2001::/23 2001:db8::/32 2002::/16
    3fff::/20 4000::/2 8000::/1
"""
NAMES: dict[str, list[str]] = {
    "video.test": [PUBLIC],
    "other.test": [OTHER_PUBLIC],
    "two.test": [OTHER_PUBLIC, PUBLIC],
    "many.test": [f"93.184.217.{last}" for last in range(100)],
    "xn--bcher-kva.test": [PUBLIC],
    "example.com": [PUBLIC],
    "silent.test": [],
    "localhost": ["::1", "127.0.0.1"],
    "localhost.": ["127.0.0.1"],
    "metadata-cname.test": ["169.254.169.254"],
    "metadata.google.internal": ["169.254.169.254"],
    "mixed-public-private.test": [PUBLIC, "10.0.0.1"],
    "mixed-at-the-end-of-many.test": [PUBLIC] * 50 + ["10.0.0.1"],
    "multicast.test": ["224.0.0.1"],
    "nat64.test": ["64:ff9b::a9fe:a9fe"],
    "v4mapped-aaaa.test": ["::ffff:127.0.0.1"],
    "sixtofour.test": ["2002:7f00:1::"],
    "scoped.test": ["fe80::1%eth0"],
    "odd-answer.test": ["127.1"],
}

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Reads one request on each connection, gives its answer, and closes."""

    def __init__(self, answer: Answer | bytes) -> None:
        self._answer = answer
        self._tasks: list[asyncio.Task[None]] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.client_left = asyncio.Event()

    async def start(self, tls: ssl.SSLContext | None = None) -> int:
        """The port that it listens at."""
        self._listener = await asyncio.start_server(self._handle, "127.0.0.1", 0, ssl=tls)
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks.append(asyncio.create_task(self._converse(reader, writer)))

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                self.asked.set()
                if isinstance(self._answer, bytes):
                    writer.write(self._answer)
                else:
                    await self._answer(writer)
                await writer.drain()
            self.client_left.set()
        finally:
            writer.close()

    async def aclose(self) -> None:
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Internet(httpcore.AsyncNetworkBackend):
    """`dialled` has every address that was dialled, `resolved` every name that was looked up."""

    def __init__(self) -> None:
        self.names = dict(NAMES)
        self.dialled: list[tuple[str, int]] = []
        self.resolved: list[str] = []
        self._ports: dict[str, int] = {}
        self._servers: list[Server] = []

    async def serve(self, answer: Answer | bytes, *, at: str = PUBLIC, tls: ssl.SSLContext | None = None) -> Server:
        server = Server(answer)
        self._ports[at] = await server.start(tls)
        self._servers.append(server)
        return server

    def fetcher(
        self,
        *,
        trusted_origin: str | None = None,
        deadline_seconds: float = 5.0,
        tls: ssl.SSLContext | None = None,
    ) -> Fetcher:
        """`tls`: by default a context that trusts no certificate, because it takes no time to make."""
        return Fetcher(
            trusted_origin=trusted_origin,
            deadline_seconds=deadline_seconds,
            resolve=self.resolve,
            dial=self,
            tls=tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        )

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.resolved.append(host)
        if host in self.names:
            return self.names[host]
        # What is left is a number in any of its forms, or a name that does not exist.
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [str(address[0]) for *_, address in found]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append((host, port))
        if host not in self._ports:
            raise httpcore.ConnectError
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self._ports[host], timeout)

    async def aclose(self) -> None:
        for server in self._servers:
            await server.aclose()


@pytest.fixture
async def internet() -> AsyncIterator[Internet]:
    internet = Internet()
    yield internet
    await internet.aclose()


def ok(body: bytes, *headers: str) -> bytes:
    return answer("200 OK", f"Content-Length: {len(body)}", *headers) + body


def answer(status: str, *headers: str) -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", *headers, "", "")).encode()


def redirect(location: str, status: str = "302 Found") -> bytes:
    return answer(status, f"Location: {location}", "Content-Length: 0")


def chunked(*chunks: bytes) -> bytes:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
    return answer("200 OK", "Transfer-Encoding: chunked") + framed


async def refused(fetcher: Fetcher, url: str) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await fetcher.download(url, limit_bytes=LIMIT_BYTES)
    return refusal.value


async def unreachable(fetcher: Fetcher, url: str) -> tuple[str, str]:
    """The host and the reason of the refusal."""
    refusal = await refused(fetcher, url)
    assert isinstance(refusal, LinkUnreachable)
    return refusal.host, refusal.because


# --- Hostile addresses --------------------------------------------------------------------------------

SAMPLE = (Path(__file__).parents[1] / "data" / "hostile_urls_sample.txt").read_text(encoding="utf-8").splitlines()
NUMBERS = """
    0 0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.127.127.127 169.254.169.254 172.16.0.1 192.0.0.8 192.88.99.1 198.18.0.1
    198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 255.255.255.255 2130706433 2852039166 0x7f000001 0x7F.0.0.1
    0177.1 0177.0.0.1 127.0x1 127.000.1 [::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1]
    [64:ff9b::7f00:1] [64:ff9b:1::1] [2002:7f00:1::] [2002:a9fe:a9fe::] [2001:db8::1] [fe80::1] [fe80::1%25eth0]
    [fe80::1%eth0] [fe80::1%é] [fec0::1] [ff02::1] [ff0e::1] [3fff::1] [5f00::1] [fd00::1] [100::1] 127。0。0。1
"""
TRICKS = [
    "http://mixed-at-the-end-of-many.test/",
    "http://sixtofour.test/",
    "http://scoped.test/",
    "http://odd-answer.test/",
    "http://nowhere.test/",
    "http://silent.test/",
    "http://user:secret@video.test/",
    "http://@video.test@127.0.0.1/",
    "http://video.test@127.0.0.1/",
    "http://video.test:80@127.0.0.1/",
    "http://video.test%40127.0.0.1/",
    "http://video.test%00.test/",
    "http://127.0.0.1#@video.test/",
    "http://127.0.0.1?@video.test/",
    "http://video.test\\@127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http:///127.0.0.1/",
    "http:127.0.0.1/",
    "http://video.test/\r\nHost: 127.0.0.1",
    "http://video.test/\t",
    "http://video.test/a b",
    " http://video.test/",
    "http://video.test/\u202e",
    "http://video\u200b.test/",
    "http://１２７.0.0.1/",
    "http://①②⑦.0.0.1/",
    "http://ex!ample.test/",
    "http://[video.test]/",
    "http://[::1/",
    "http://.../",
    "http://" + "a" * 64 + ".test/",
    "http://video.test/" + "a" * 8_000,
    "http://video.test/" + "a" * 70_000,
    "http://video.test:22/",
    "http://video.test:8080/",
    "https://video.test:8443/",
    "http://video.test:0/",
    "http://video.test:65536/",
    "http://video.test:80:22/",
    "http://video.test:port/",
    "file:///etc/passwd",
    "ftp://video.test/",
    "gopher://video.test:80/",
    "ws://video.test/",
    "data:video/mp4;base64,AAAA",
    "blob:http://video.test/",
    "//video.test/",
    "video.test/clip.mp4",
    "",
]
HOPS = [
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://[::ffff:127.0.0.1]/",
    "//localhost/",
    "http://metadata-cname.test/",
    "http://mixed-public-private.test/",
    "http://video.test:22/",
    "http://user@video.test/",
    "http://[::1/",
    "http://video.test/\\..\\",
    "file:///etc/passwd",
    "ftp://video.test/",
]
HOSTILE = [
    *SAMPLE,
    *(f"http://{number}/" for number in NUMBERS.split()),
    *TRICKS,
    *(f"redirect302:{hop}" for hop in HOPS),
]


@pytest.mark.parametrize("line", HOSTILE)
async def test_no_hostile_address_is_dialled(internet: Internet, line: str) -> None:
    """Lines of the sample that begin with `redirect` are about what a public server answers."""
    played = line.startswith("redirect")
    if played:
        kind, _, argument = line.partition(":")
        await internet.serve(redirect("http://video.test/" if kind == "redirectloop" else argument))
    url = "http://video.test/" if played else line
    await refused(internet.fetcher(), url)
    with pytest.raises(Refusal):
        await internet.fetcher().measure_video(url, limit_bytes=LIMIT_BYTES)
    assert set(internet.dialled) == ({(PUBLIC, 80)} if played else set())


def test_the_sample_has_hostile_addresses_of_every_sort() -> None:
    kinds = {line.partition(":")[0] for line in SAMPLE}
    assert {"http", "jar", "javascript", "ldap", "redirect302", "redirectloop"} <= kinds


@given(st.text() | st.text().map("http://{}".format) | st.text().map("https://video.test{}".format))
async def test_no_text_at_all_breaks_out_of_the_rules(text: str) -> None:
    internet = Internet()
    await refused(internet.fetcher(), text)
    assert not any(
        ip_address(host) in net for host, _ in internet.dialled for net in map(ip_network, NOT_PUBLIC.split())
    )
    assert all(port in (80, 443) for _, port in internet.dialled)


@pytest.mark.parametrize("url", ["http://ex!ample.test/", "http://video.test%40127.0.0.1/", "http:///video.test/"])
async def test_an_odd_host_is_not_even_looked_up(internet: Internet, url: str) -> None:
    expected = ("", "url")
    assert expected == await unreachable(internet.fetcher(), url)
    assert not internet.resolved


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://localhost/x", "http://mixed-public-private.test/"])
async def test_a_private_place_is_named_as_the_reason(internet: Internet, url: str) -> None:
    refusal = await refused(internet.fetcher(), url)
    assert isinstance(refusal, LinkNotPublic)
    assert refusal.host in url


async def test_a_name_that_changes_its_mind_gains_nothing(internet: Internet) -> None:
    victim = await internet.serve(ok(b"secret"), at="127.0.0.1")
    await internet.serve(ok(b"harmless"))
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    fetcher = Fetcher(resolve=rebinding, dial=internet, tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    first = await fetcher.download("http://rebinding.test/", limit_bytes=LIMIT_BYTES)
    second = await refused(fetcher, "http://rebinding.test/")
    assert (b"harmless", LinkNotPublic, 0) == (first, type(second), victim.connections)


async def test_a_name_that_changes_its_mind_between_redirects_gains_nothing(internet: Internet) -> None:
    async def send_round(writer: asyncio.StreamWriter) -> None:
        internet.names["video.test"] = ["127.0.0.1"]
        writer.write(redirect("/again"))

    victim = await internet.serve(ok(b"secret"), at="127.0.0.1")
    await internet.serve(send_round)
    refusal = await refused(internet.fetcher(), "http://video.test/")
    assert (LinkNotPublic, 0) == (type(refusal), victim.connections)


# --- The good case ------------------------------------------------------------------------------------


async def test_a_public_file_is_downloaded(internet: Internet) -> None:
    await internet.serve(ok(VIDEO))
    data = await internet.fetcher().download("http://video.test/clip.mp4", limit_bytes=len(VIDEO))
    assert data == VIDEO


async def test_a_members_link_is_downloaded(internet: Internet) -> None:
    await internet.serve(ok(VIDEO))
    data = await internet.fetcher().download_link("http://video.test/clip.mp4", limit_bytes=len(VIDEO))
    assert data == VIDEO


async def test_a_file_in_chunks_is_downloaded(internet: Internet) -> None:
    await internet.serve(chunked(b"a", b"bc", b"def"))
    expected = b"abcdef"
    assert expected == await internet.fetcher().download("http://video.test/", limit_bytes=6)


async def test_a_length_that_is_said_twice_is_read_once(internet: Internet) -> None:
    await internet.serve(ok(b"found", "Content-Length: 5, 5"))
    expected = b"found"
    assert expected == await internet.fetcher().download("http://video.test/", limit_bytes=10)


async def test_the_request_says_no_more_than_it_must(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    server = await internet.serve(ok(b""))
    await internet.fetcher().download("http://video.test/a/../b/@me?c=d&e=%2f#secret", limit_bytes=1)
    expected = (
        b"GET /b/@me?c=d&e=%2f HTTP/1.1\r\n"
        b"Host: video.test\r\n"
        b"User-Agent: Stillframe (Discord bot)\r\n"
        b"Accept: */*\r\n"
        b"Accept-Encoding: identity\r\n"
        b"Connection: close\r\n\r\n"
    )
    assert [expected] == server.requests


@pytest.mark.parametrize(
    ("url", "at", "host"),
    [
        ("http://bücher.test/", PUBLIC, b"xn--bcher-kva.test"),
        ("HTTP://VIDEO.TEST/", PUBLIC, b"video.test"),
        ("http://video.test:443/", PUBLIC, b"video.test:443"),
        (f"http://[{PUBLIC_V6}]/", PUBLIC_V6, b"[" + PUBLIC_V6.encode() + b"]"),
        (f"http://{PUBLIC}/", PUBLIC, PUBLIC.encode()),
    ],
)
async def test_the_host_is_written_as_servers_expect_it(internet: Internet, url: str, at: str, host: bytes) -> None:
    server = await internet.serve(ok(b""), at=at)
    await internet.fetcher().download(url, limit_bytes=1)
    assert b"\r\nHost: " + host + b"\r\n" in server.requests[0]


async def test_a_name_is_resolved_once_and_its_answers_are_dialled_in_order(internet: Internet) -> None:
    await internet.serve(ok(b"second"), at=PUBLIC)
    await internet.fetcher().download("http://two.test/", limit_bytes=10)
    expected = (["two.test"], [(OTHER_PUBLIC, 80), (PUBLIC, 80)])
    assert expected == (internet.resolved, internet.dialled)


async def test_a_name_of_many_answers_does_not_make_us_knock_at_all_of_them(internet: Internet) -> None:
    expected = ("many.test", "connect")
    assert expected == await unreachable(internet.fetcher(), "http://many.test/")
    assert len(internet.dialled) == ADDRESSES_TRIED_LIMIT


@pytest.mark.parametrize("url", ["http://nowhere.test/", "http://silent.test/", "http://" + "a" * 64 + ".test/"])
async def test_a_name_that_leads_nowhere_is_told_as_such(internet: Internet, url: str) -> None:
    _, because = await unreachable(internet.fetcher(), url)
    expected = "dns"
    assert expected == because


# --- Redirects and statuses ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_followed(internet: Internet, status: str) -> None:
    await internet.serve(redirect("//other.test/clip", status))
    other = await internet.serve(ok(b"found"), at=OTHER_PUBLIC)
    expected = b"found"
    assert expected == await internet.fetcher().download("http://video.test/", limit_bytes=10)
    assert other.requests[0].startswith(b"GET /clip HTTP/1.1\r\nHost: other.test\r\n")


async def test_a_cookie_is_not_carried_along(internet: Internet) -> None:
    await internet.serve(answer("302 Found", "Location: http://other.test/", "Set-Cookie: a=b; Domain=test"))
    other = await internet.serve(ok(b""), at=OTHER_PUBLIC)
    await internet.fetcher().download("http://video.test/", limit_bytes=10)
    assert b"cookie" not in other.requests[0].lower()


async def test_a_location_without_a_redirect_means_nothing(internet: Internet) -> None:
    await internet.serve(ok(b"found", "Location: http://127.0.0.1/"))
    expected = b"found"
    assert expected == await internet.fetcher().download("http://video.test/", limit_bytes=10)


def hopping(hops: int) -> Answer:
    """Redirects so many times, then gives a file."""
    left = iter(range(hops))

    async def hop(writer: asyncio.StreamWriter) -> None:
        writer.write(ok(b"found") if next(left, None) is None else redirect("/next"))

    return hop


async def test_three_redirects_are_followed(internet: Internet) -> None:
    await internet.serve(hopping(3))
    expected = b"found"
    assert expected == await internet.fetcher().download("http://video.test/", limit_bytes=10)


async def test_a_fourth_redirect_is_refused(internet: Internet) -> None:
    server = await internet.serve(hopping(4))
    expected = ("video.test", "redirects")
    assert expected == await unreachable(internet.fetcher(), "http://video.test/")
    assert len(server.requests) == 4


@pytest.mark.parametrize("location", ["ftp://video.test/", "http://other.test:8080/", "http://[::1/", "http://\xa0/"])
async def test_a_redirect_that_can_not_be_followed_is_told_as_such(internet: Internet, location: str) -> None:
    await internet.serve(redirect(location))
    _, because = await unreachable(internet.fetcher(), "http://video.test/")
    expected = "redirects"
    assert expected == because


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("404 Not Found", 404),
        ("500 Oh", 500),
        ("204 No Content", 204),
        ("206 Partial Content", 206),
        ("302 Found", 302),
        ("304 Not Modified", 304),
    ],
)
async def test_any_status_but_200_is_refused(internet: Internet, head: str, status: int) -> None:
    await internet.serve(answer(head, "Content-Length: 0"))
    refusal = await refused(internet.fetcher(), "http://video.test/")
    assert isinstance(refusal, LinkUnreachable)
    assert ("video.test", "status", status) == (refusal.host, refusal.because, refusal.status)


# --- Size and time ------------------------------------------------------------------------------------


async def never(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def then(start: bytes, more: Answer) -> Answer:
    async def both(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        await more(writer)

    return both


async def drip(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def flood(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"ffff\r\n" + bytes(0xFFFF) + b"\r\n")
        await writer.drain()


async def test_a_file_of_exactly_the_limit_is_taken(internet: Internet) -> None:
    await internet.serve(ok(bytes(LIMIT_BYTES)))
    assert bytes(LIMIT_BYTES) == await internet.fetcher().download("http://video.test/", limit_bytes=LIMIT_BYTES)


async def test_a_file_that_admits_to_be_too_large_is_refused_before_its_body(internet: Internet) -> None:
    size_bytes = LIMIT_BYTES + 1
    await internet.serve(then(answer("200 OK", f"Content-Length: {size_bytes}"), never))
    refusal = await refused(internet.fetcher(), "http://video.test/")
    assert isinstance(refusal, FileTooLarge)
    assert (LIMIT_BYTES, size_bytes) == (refusal.limit_bytes, refusal.size_bytes)


@pytest.mark.parametrize(
    "head", [answer("200 OK", "Transfer-Encoding: chunked"), answer("200 OK")], ids=["chunks", "until the end"]
)
async def test_an_endless_body_is_cut_at_the_limit(internet: Internet, head: bytes) -> None:
    server = await internet.serve(then(head, flood))
    refusal = await refused(internet.fetcher(), "http://video.test/")
    assert isinstance(refusal, FileTooLarge)
    assert refusal.limit_bytes == LIMIT_BYTES
    assert refusal.size_bytes is None
    await asyncio.wait_for(server.client_left.wait(), 1)


@pytest.mark.parametrize(
    "slow",
    [
        pytest.param(never, id="silence"),
        pytest.param(then(b"HTTP/1.1 200 OK\r\nX: ", drip), id="dripping header"),
        pytest.param(then(answer("200 OK", "Content-Length: 90000"), drip), id="dripping body"),
    ],
)
async def test_a_slow_server_ends_at_the_deadline(internet: Internet, slow: Answer) -> None:
    await internet.serve(slow)
    started = time.perf_counter()
    expected = ("video.test", "timeout")
    assert expected == await unreachable(internet.fetcher(deadline_seconds=0.2), "http://video.test/")
    assert time.perf_counter() - started < 2


async def resolve_never(host: str, port: int) -> Sequence[str]:
    await asyncio.Event().wait()
    return [PUBLIC]


async def test_a_hanging_name_server_ends_at_its_own_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.media.fetch.RESOLVE_LIMIT_SECONDS", 0.05)
    expected = ("video.test", "dns")
    assert expected == await unreachable(Fetcher(resolve=resolve_never), "http://video.test/")


async def test_a_hanging_name_server_ends_at_the_deadline() -> None:
    expected = ("video.test", "timeout")
    assert expected == await unreachable(Fetcher(resolve=resolve_never, deadline_seconds=0.05), "http://video.test/")


async def test_a_cancelled_download_ends_at_once_and_hangs_up(internet: Internet) -> None:
    server = await internet.serve(then(answer("200 OK", "Content-Length: 90000"), drip))
    task = asyncio.create_task(internet.fetcher().download("http://video.test/", limit_bytes=LIMIT_BYTES))
    await server.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(server.client_left.wait(), 1)


# --- Answers that lie ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "identity, gzip"])
async def test_a_compressed_answer_is_refused(internet: Internet, encoding: str) -> None:
    await internet.serve(ok(gzip.compress(bytes(10_000)), f"Content-Encoding: {encoding}"))
    expected = ("video.test", "compressed")
    assert expected == await unreachable(internet.fetcher(), "http://video.test/")


async def test_an_answer_that_says_it_is_not_compressed_is_taken(internet: Internet) -> None:
    await internet.serve(ok(b"plain", "Content-Encoding: Identity"))
    expected = b"plain"
    assert expected == await internet.fetcher().download("http://video.test/", limit_bytes=10)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x00\xff" * 100, id="garbage"),
        pytest.param(b"hello\r\n\r\n", id="no HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX", id="cut header"),
        pytest.param(answer("200 OK", "X: " + "x" * 200_000), id="enormous header"),
        pytest.param(answer("200 OK", "Content-Length: 10") + b"short", id="short body"),
        pytest.param(answer("200 OK", "Content-Length: -1"), id="negative length"),
        pytest.param(answer("200 OK", "Content-Length: 1", "Content-Length: 2") + b"ab", id="two lengths"),
        pytest.param(answer("200 OK", "Transfer-Encoding: gzip"), id="unknown framing"),
        pytest.param(answer("200 OK", "Transfer-Encoding: chunked") + b"zz\r\n", id="bad chunk"),
        pytest.param(chunked(b"all")[:-5], id="no last chunk"),
        pytest.param(answer("101 Switching Protocols", "Upgrade: x") + b"hello", id="another protocol"),
    ],
)
async def test_a_broken_answer_is_refused(internet: Internet, data: bytes) -> None:
    await internet.serve(data)
    _, because = await unreachable(internet.fetcher(), "http://video.test/")
    assert because in ("broken", "status")


async def test_a_short_body_is_told_as_broken(internet: Internet) -> None:
    await internet.serve(answer("200 OK", "Content-Length: 10") + b"short")
    expected = ("video.test", "broken")
    assert expected == await unreachable(internet.fetcher(), "http://video.test/")


# --- TLS ----------------------------------------------------------------------------------------------

# For the name video.test, valid until 2126; the key guards nothing but these tests.
KEY = """-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIDKwgIQ9RZexVlW5l4RlUcDAgMYZPIl2q77uVvkgMyZzoAoGCCqGSM49
AwEHoUQDQgAEoijOXP9RLxqsBC/TYwsh3rKqksItn3HOiAvPrRijnuJi80yiWYdX
0essV8c002mRAsISKNG54LPIPYEQDEDXNA==
-----END EC PRIVATE KEY-----
"""
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBiDCCAS2gAwIBAgIUN54CbJyMc7qtKdI2guCUPrJ2btowCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKdmlkZW8udGVzdDAgFw0yNjExMjIwODUyMTZaGA8yMTI2MTAy
OTA4NTIxNlowFTETMBEGA1UEAwwKdmlkZW8udGVzdDBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABKIozlz/US8arAQv02MLId6yqpLCLZ9xzogLz60Yo57iYvNMolmH
V9HrLFfHNNNpkQLCEijRueCzyD2BEAxA1zSjWTBXMB0GA1UdDgQWBBTuH1nDN6DR
MPIRPmTo9SyI+s/SYjAVBgNVHREEDjAMggp2aWRlby50ZXN0MA8GA1UdEwEB/wQF
MAMBAf8wDgYDVR0PAQH/BAQDAgKEMAoGCCqGSM49BAMCA0kAMEYCIQCAh1luXgfJ
IXOx0byoTpP2rjqQqik7mpsOEA50YjRXnQIhALdDNo5WfTrSNVPtQSgRcYwK6LQQ
83nXeG6BzcSrhZPS
-----END CERTIFICATE-----
"""


@pytest.fixture
def server_tls(tmp_path: Path) -> ssl.SSLContext:
    pem = tmp_path / "server.pem"
    pem.write_text(KEY + CERTIFICATE, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def client_tls() -> ssl.SSLContext:
    """A context that trusts the test's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=CERTIFICATE)
    return context


async def test_tls_proves_the_name_though_the_number_is_dialled(internet: Internet, server_tls: ssl.SSLContext) -> None:
    await internet.serve(ok(b"private talk"), tls=server_tls)
    expected = b"private talk"
    assert expected == await internet.fetcher(tls=client_tls()).download("https://video.test/", limit_bytes=100)
    dialled = [(PUBLIC, 443)]
    assert dialled == internet.dialled


async def test_a_certificate_for_another_name_is_refused(internet: Internet, server_tls: ssl.SSLContext) -> None:
    server = await internet.serve(ok(b"private talk"), at=OTHER_PUBLIC, tls=server_tls)
    expected = ("other.test", "tls")
    assert expected == await unreachable(internet.fetcher(tls=client_tls()), "https://other.test/")
    assert not server.requests


async def test_a_certificate_that_nobody_vouches_for_is_refused(internet: Internet, server_tls: ssl.SSLContext) -> None:
    await internet.serve(ok(b"private talk"), tls=server_tls)
    fetcher = Fetcher(resolve=internet.resolve, dial=internet)  # with the certificates that it brings itself
    expected = ("video.test", "tls")
    assert expected == await unreachable(fetcher, "https://video.test/")


async def test_damage_inside_tls_is_told_as_broken(internet: Internet, server_tls: ssl.SSLContext) -> None:
    async def damage(writer: asyncio.StreamWriter) -> None:
        os.write(writer.get_extra_info("socket").fileno(), b"no TLS record")

    await internet.serve(then(answer("200 OK", "Content-Length: 90000"), damage), tls=server_tls)
    expected = ("video.test", "broken")
    assert expected == await unreachable(internet.fetcher(tls=client_tls()), "https://video.test/")


async def test_a_handshake_that_hangs_leaves_no_open_socket(internet: Internet) -> None:
    server = await internet.serve(never)
    await unreachable(internet.fetcher(deadline_seconds=0.1), "https://video.test/")
    await asyncio.wait_for(server.client_left.wait(), 1)


# --- The trusted origin -------------------------------------------------------------------------------


async def test_the_stand_in_may_be_on_loopback() -> None:
    """With the real resolver and real sockets."""
    server = Server(ok(b"image"))
    port = await server.start()
    fetcher = Fetcher(trusted_origin=f"http://127.0.0.1:{port}/api/v1")
    expected = b"image"
    assert expected == await fetcher.download(f"http://127.0.0.1:{port}/out.png", limit_bytes=10)
    await server.aclose()


async def test_loopback_is_refused_with_the_real_resolver() -> None:
    fetcher = Fetcher()
    for url in ("http://localhost/", "http://127.1/", "http://[::1]/"):
        assert isinstance(await refused(fetcher, url), LinkNotPublic)


@pytest.mark.parametrize("origin", ["http://127.0.0.1", "http://127.0.0.1:80/api", "http://localhost:8000"])
async def test_a_members_link_may_not_lead_to_the_trusted_origin(internet: Internet, origin: str) -> None:
    server = await internet.serve(ok(VIDEO), at="127.0.0.1")
    internet.names["localhost"] = ["127.0.0.1"]
    fetcher = internet.fetcher(trusted_origin=origin)
    assert await fetcher.download(f"{origin}/clip.mp4", limit_bytes=LIMIT_BYTES) == VIDEO
    with pytest.raises(Refusal):
        await fetcher.measure_video(f"{origin}/clip.mp4", limit_bytes=LIMIT_BYTES)
    with pytest.raises(Refusal):
        await fetcher.download_link(f"{origin}/clip.mp4", limit_bytes=LIMIT_BYTES)
    assert server.connections == 1


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:80/", "http://127.0.0.1:8001/", "https://127.0.0.1:8000/", "http://localhost:8000/"],
)
async def test_only_the_very_origin_is_trusted(internet: Internet, url: str) -> None:
    await refused(internet.fetcher(trusted_origin="http://127.0.0.1:8000"), url)
    assert not internet.dialled


async def test_the_trusted_origin_may_redirect_to_itself(internet: Internet) -> None:
    await internet.serve(hopping(1), at="127.0.0.1")
    fetcher = internet.fetcher(trusted_origin="http://127.0.0.1:8000")
    expected = b"found"
    assert expected == await fetcher.download("http://127.0.0.1:8000/", limit_bytes=10)


@pytest.mark.parametrize("location", ["http://127.0.0.1/", "http://10.0.0.1/", "http://metadata-cname.test/"])
async def test_the_trusted_origin_may_not_redirect_to_another_private_place(internet: Internet, location: str) -> None:
    await internet.serve(redirect(location), at="127.0.0.1")
    await refused(internet.fetcher(trusted_origin="http://127.0.0.1:8000"), "http://127.0.0.1:8000/")
    expected = [("127.0.0.1", 8000)]
    assert expected == internet.dialled


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "http://127.0.0.1"])
async def test_a_stranger_may_not_redirect_to_the_trusted_origin(internet: Internet, origin: str) -> None:
    await internet.serve(redirect(f"{origin}/secret"))
    await refused(internet.fetcher(trusted_origin=origin), "http://video.test/")
    expected = [(PUBLIC, 80)]
    assert expected == internet.dialled


async def test_a_stranger_may_not_lead_back_to_the_trusted_origin(internet: Internet) -> None:
    await internet.serve(redirect("http://video.test/"), at="127.0.0.1")
    await internet.serve(redirect("http://127.0.0.1/secret"))
    await refused(internet.fetcher(trusted_origin="http://127.0.0.1"), "http://127.0.0.1/")
    expected = [("127.0.0.1", 80), (PUBLIC, 80)]
    assert expected == internet.dialled


# --- Measuring a video --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(ok(VIDEO, "Content-Type: text/html"), id="whole"),
        pytest.param(chunked(VIDEO[:5], VIDEO[5:300], VIDEO[300:]), id="in chunks"),
        pytest.param(answer("200 OK") + VIDEO, id="until the end"),
    ],
)
async def test_a_video_is_measured_by_what_comes(internet: Internet, data: bytes) -> None:
    server = await internet.serve(data)
    facts = await internet.fetcher().measure_video("http://video.test/clip", limit_bytes=LIMIT_BYTES)
    assert VideoFacts(size_bytes=len(VIDEO), content_type="video/mp4") == facts
    assert server.requests[0].startswith(b"GET ")


async def test_a_video_shorter_than_the_first_look_is_measured(internet: Internet) -> None:
    await internet.serve(ok(VIDEO[:100]))
    facts = await internet.fetcher().measure_video("http://video.test/", limit_bytes=LIMIT_BYTES)
    assert VideoFacts(size_bytes=100, content_type="video/mp4") == facts


@pytest.mark.parametrize("size_bytes", [15, 600])
async def test_a_page_is_no_video(internet: Internet, size_bytes: int) -> None:
    await internet.serve(ok(b"<!doctype html>".ljust(size_bytes), "Content-Type: video/mp4"))
    with pytest.raises(NotAVideoFile) as refusal:
        await internet.fetcher().measure_video("http://video.test/clip.mp4", limit_bytes=LIMIT_BYTES)
    expected = "HTML page"
    assert expected == refusal.value.found


async def test_reading_stops_when_the_first_bytes_are_no_videos(internet: Internet) -> None:
    page = b"<!doctype html>".ljust(512)
    server = await internet.serve(then(answer("200 OK", "Content-Length: 90000") + page, drip))
    with pytest.raises(NotAVideoFile):
        await internet.fetcher().measure_video("http://video.test/", limit_bytes=LIMIT_BYTES)
    await asyncio.wait_for(server.client_left.wait(), 1)


async def test_a_video_over_the_limit_is_refused(internet: Internet) -> None:
    await internet.serve(then(answer("200 OK", "Transfer-Encoding: chunked") + b"8\r\n\x00\x00\x00\x08wide\r\n", flood))
    with pytest.raises(FileTooLarge):
        await internet.fetcher().measure_video("http://video.test/", limit_bytes=LIMIT_BYTES)


async def test_an_empty_file_is_no_video(internet: Internet) -> None:
    await internet.serve(ok(b""))
    with pytest.raises(NotAVideoFile) as refusal:
        await internet.fetcher().measure_video("http://video.test/", limit_bytes=LIMIT_BYTES)
    assert refusal.value.found is None
