"""Read a video, and the times that its link carries, from a link that a member pasted. Pure, without the network.

Of a YouTube link only the id is kept: its trackers and playlists are dropped. Everything here runs in linear time:
text is cut at fixed characters, and no pattern can match the same stretch in two ways.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

from bot.domain.errors import LinkProblem, NotATime, NotAVideoLink, TimeTooLate
from bot.domain.recipe import VideoLink, YouTubeVideo
from bot.domain.time_grammar import INVISIBLE
from bot.domain.timecode import parse_time


@dataclass(frozen=True, slots=True)
class ParsedLink:
    """`start` and `end` in seconds, as the link says them; None where it says none, or one that can't be read."""

    video: YouTubeVideo | VideoLink
    start: float | None
    end: float | None


class _Address(NamedTuple):
    scheme: str | None  # None where the text begins with the host; "" for "//host"
    authority: str
    path: str
    query: str
    fragment: str


_YOUTUBE_HOSTS = frozenset(
    {
        *(f"{name}youtube.com" for name in ("", "www.", "m.", "music.", "gaming.", "consent.", "img.")),
        *(f"{name}youtube-nocookie.com" for name in ("", "www.", "m.")),
        *(f"{name}youtubekids.com" for name in ("", "www.")),
        *("youtu.be", "www.youtu.be", "i.ytimg.com", "youtube.googleapis.com"),
    }
)
_SHORT_HOSTS = frozenset({"youtu.be", "www.youtu.be"})

# Pages whose query has the id, folders whose next segment is the id, and pages that wrap another link.
_WATCH_PAGES = frozenset({"", "watch", "watch_popup", "watch.php", "movie", "details", "ytscreeningroom", "edit"})
_ID_PARAMETERS = ("v", "vi", "video_id")
_ID_FOLDERS = frozenset({"watch", "embed", "shorts", "live", "v", "e", "vi", "vi_webp", "w"})
_WRAPPERS = {"attribution_link": "u", "oembed": "url", "m": "continue"}

_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}(?![A-Za-z0-9_-])")
_NOT_IDS: dict[str, LinkProblem] = {"videoseries": "playlist", "live_stream": "live"}  # as long as an id
_PLAYLIST_PAGES = frozenset({"playlist", "course"})
_CHANNEL_FOLDERS = frozenset({"channel", "c", "user"})
_OTHER_PAGES = frozenset({"", "feed", "results", "premium", *_WRAPPERS})

_VIDEO_SITES = frozenset(
    {
        *("vimeo.com", "tiktok.com", "twitch.tv", "dailymotion.com", "x.com", "twitter.com", "instagram.com"),
        *("facebook.com", "fb.watch", "bilibili.com", "hooktube.com", "invidio.us"),
    }
)
# Google's list of what Gemini reads; m4v is another name of mp4, and 3gp of 3gpp.
_FILE_ENDINGS = (".mp4", ".m4v", ".mov", ".webm", ".avi", ".mpeg", ".mpg", ".flv", ".wmv", ".3gp", ".3gpp")

_BREAK = re.compile(r"[\s<>\"`|“”„«»「」『』]+|\]\(|(?<=[^\x00-\x7f])(?=https?://)")
_EDGE = "()[]{}.,;:!?*~'‘’…，。！？（）、"  # around a link, never part of it; `_` and `-` may begin or end an id
_HOST = re.compile(r"([\w.-]+?)\.?(?::(?:80|443))?")

# Letters and digits that pass for a Latin letter of "youtu".
_TWINS = {"y": "уүγ", "o": "оοօ0", "u": "υսц", "t": "тτ"}
_LATIN = {ord(twin): letter for letter, twins in _TWINS.items() for twin in twins}
_LABEL_LIMIT = 63  # characters between two dots of a host: RFC 1035, 2.3.4


def parse_link(text: str) -> ParsedLink:
    """Return the one video that the text links to: a YouTube link in any form, or an http(s) link to a video file.

    The link may stand in a sentence or in Discord's markup. Raises `NotAVideoLink`, and nothing else.
    """
    words = [word.strip(_EDGE) for word in _BREAK.split(text.translate(INVISIBLE))]
    words = [word for word in words if word]
    readings = [_read(word) for word in words]
    links = [reading for reading in readings if isinstance(reading, ParsedLink)]
    problems = [reading for reading in readings if isinstance(reading, str)]
    if links and all(link.video == links[0].video for link in links):
        return links[0]
    if links:
        raise NotAVideoLink(text=text, problem="not_a_link")
    if len(words) == 1 and _VIDEO_ID.fullmatch(words[0]):
        raise NotAVideoLink(text=text, problem="bare_id")
    raise NotAVideoLink(text=text, problem=problems[0] if problems else "not_a_link")


def _read(word: str, *, wrapped: bool = False) -> ParsedLink | LinkProblem | None:
    """Return the link, or what is wrong with it; None for a word that is no link."""
    address = _split(word)
    if address.scheme is None and not ("." in address.authority and (address.path or address.query)):
        return None
    if address.scheme not in {None, "", "http", "https"}:
        return "not_a_link"
    host = _HOST.fullmatch(address.authority)
    if host is None:
        return "lookalike" if _looks_like_youtube(address.authority) else "not_a_link"
    # ASCII is asked for before lowering, which makes an ASCII k of the Kelvin sign.
    if host[1].isascii() and host[1].lower() in _YOUTUBE_HOSTS:
        return _read_youtube(host[1].lower(), address, wrapped=wrapped)
    return _read_elsewhere(host[1].lower(), address)


def _split(word: str) -> _Address:
    """Split an address. `urlsplit` differs between Python versions, raises on some hosts, and needs a scheme."""
    rest, _, fragment = word.partition("#")
    rest, _, query = rest.partition("?")
    before, slashes, after = rest.partition("//")
    scheme = None
    if slashes and (not before or before.endswith(":")):
        scheme, rest = before[:-1].lower(), after
    authority = rest.partition("/")[0].partition("\\")[0]
    return _Address(scheme, authority, rest[len(authority) :], query, fragment)


def _read_youtube(host: str, address: _Address, *, wrapped: bool) -> ParsedLink | LinkProblem:
    path, _, more = unquote(address.path).replace("?", "&").partition("&")  # "youtu.be/ID&t=5" is seen in the wild
    folder, *rest = [segment for segment in path.split("/") if segment] or [""]
    parameters = _parameters(f"{address.query}&{more}&{address.fragment}")
    target = parameters.get(_WRAPPERS[folder]) if folder in _WRAPPERS else None
    if address.fragment.startswith(("/", "!/")):  # "m.youtube.com/#/watch?v=ID"
        target = address.fragment.removeprefix("!")
    if target and not wrapped:
        return _read_wrapped(target, address.query)

    parameter = next((parameters[name] for name in _ID_PARAMETERS if parameters.get(name)), None)
    if folder in _WATCH_PAGES and parameter:
        candidate = unquote(parameter)
    elif host in _SHORT_HOSTS and folder:
        candidate = folder
    elif folder in _ID_FOLDERS and rest:
        candidate = rest[0]
    else:
        return _page_problem(folder, rest, parameters)
    found = _VIDEO_ID.match(candidate)
    if found is None:
        return "bad_id"
    if found[0] in _NOT_IDS:
        return _NOT_IDS[found[0]]
    start = next((parameters[name] for name in ("t", "start", "time_continue") if name in parameters), "")
    return ParsedLink(YouTubeVideo(id=found[0]), _seconds(start), _seconds(parameters.get("end", "")))


def _read_wrapped(target: str, outer_query: str) -> ParsedLink | LinkProblem:
    """Read a link inside a link. The part after an unescaped "&" of the inner link is in the outer query."""
    inner = unquote(unquote(target))  # some are escaped twice; an id has nothing that could be unescaped
    if inner.startswith("/"):
        inner = f"https://www.youtube.com{inner}"
    reading = _read(f"{inner}&{outer_query}", wrapped=True)
    if isinstance(reading, ParsedLink) and isinstance(reading.video, VideoLink):
        return "other_site"
    return reading or "not_a_link"


def _page_problem(folder: str, rest: list[str], parameters: dict[str, str]) -> LinkProblem:
    if folder in _PLAYLIST_PAGES or "list" in parameters:
        return "playlist"
    if "live" in {folder, *rest[-1:]}:
        return "live"
    if folder.startswith("@") or folder in _CHANNEL_FOLDERS:
        return "channel"
    if folder in _OTHER_PAGES:
        return "not_a_link"
    if folder in _WATCH_PAGES | _ID_FOLDERS:
        return "bad_id"
    return "not_a_link" if rest else "channel"  # "youtube.com/NAME" is a channel's old address


def _read_elsewhere(host: str, address: _Address) -> ParsedLink | LinkProblem:
    if host.endswith(".youtube.com"):  # such as studio.youtube.com
        return "not_a_link"
    if _looks_like_youtube(host):
        return "lookalike"
    is_page = host.removeprefix("www.").removeprefix("m.") in _VIDEO_SITES
    if address.scheme and address.path.lower().endswith(_FILE_ENDINGS) and not is_page:
        return _read_file(address)
    return "lookalike" if "youtube.com/" in address.path or "youtu.be/" in address.path else "other_site"


def _read_file(address: _Address) -> ParsedLink | LinkProblem:
    query = f"?{address.query}" if address.query else ""
    url = f"{address.scheme}://{address.authority.lower()}{address.path}{query}"
    if "\\" in url or not url.isprintable():  # browsers read a backslash as a slash, others do not
        return "not_a_link"
    # W3C Media Fragments, 4.2.1: "#t=10,20"
    start, _, end = _parameters(address.fragment).get("t", "").removeprefix("npt:").partition(",")
    return ParsedLink(VideoLink(url=url), _seconds(start), _seconds(end))


def _parameters(query: str) -> dict[str, str]:
    """Return the first value of each name, still escaped. A cut at ";" undoes "&amp;", however often it was escaped."""
    found: dict[str, str] = {}
    for piece in query.replace(";", "&").split("&"):
        name, _, value = piece.partition("=")
        found.setdefault(name, value)
    return found


def _seconds(text: str) -> float | None:
    """Read a time in seconds. A bad time gives None, so that the link still works."""
    try:
        return parse_time(unquote_plus(text), option="start")
    except (NotATime, TimeTooLate):
        return None


def _looks_like_youtube(authority: str) -> bool:
    """Whether a person would read "youtu" in the host: as written, in punycode, or in letters of another script."""
    shown = ".".join(map(_decoded, authority.lower().split(".")))
    return "youtu" in unicodedata.normalize("NFKC", shown).translate(_LATIN)


def _decoded(label: str) -> str:
    if label.startswith("xn--") and len(label) <= _LABEL_LIMIT:
        with suppress(UnicodeError):
            return label[4:].encode().decode("punycode")
    return label
