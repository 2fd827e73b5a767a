"""Read a video, and the times that its link carries, from a link that a member pasted. Pure, without the network.

Of a YouTube link only the id is kept: its trackers and playlists are dropped. Everything here runs in linear time:
text is cut at fixed characters, and no pattern can match the same stretch in two ways.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

from bot.domain.errors import LinkProblem, NotATime, NotAVideoFile, NotAVideoLink, TimeTooLate
from bot.domain.recipe import VideoLink, YouTubeVideo
from bot.domain.time_grammar import INVISIBLE, Unread, plain, read_field
from bot.domain.timecode import LATEST_SECONDS, parse_time


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

_STUDIO = "studio.youtube.com"

# Pages whose query has the id, and folders whose next segment is the id.
_WATCH_PAGES = frozenset({"", "watch", "watch_popup", "watch.php", "movie", "details", "ytscreeningroom", "edit"})
_ID_PARAMETERS = ("v", "vi", "video_id")
_START_PARAMETERS = ("t", "start", "time_continue", "time", "start_time", "begin")
_ID_FOLDERS = frozenset({"watch", "embed", "shorts", "live", "v", "e", "vi", "vi_webp", "w"})

_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}(?![A-Za-z0-9_-])")
_BARE_ID = re.compile(
    r"(?:/?watch\?|\?)?v=([A-Za-z0-9_-]{11}(?:[?&#].*)?)|([A-Za-z0-9_-]{11})((?:[?&#].*)?)", re.DOTALL
)
_BESIDE_ID = re.compile(
    r"[^\w]*(?:t=([0-9][0-9hms:.]*)|([0-9]+:[0-9][0-9:.]*))", re.ASCII | re.IGNORECASE
)  # "ID/t=43", "ID@1:20"
_WORD = re.compile(r"[A-Za-z-]?[a-z-]+|[A-Z-]+")  # eleven such letters are a word, and surely no id
_NOT_IDS: dict[str, LinkProblem] = {"videoseries": "playlist", "live_stream": "live"}  # as long as an id
_PLAYLIST_PAGES = frozenset({"playlist", "course"})
_OTHER_PAGES = frozenset(
    {
        *("", "feed", "results", "premium", "trending", "gaming", "podcasts", "about", "account", "upload", "source"),
        *("movies", "news", "sports", "music", "learning", "fashion", "playables", "hashtag", "post", "explore"),
        *("howyoutubeworks", "creators", "ads", "jobs", "kids", "tv", "t", "new", "features", "paid_memberships"),
        *("account_privacy", "account_notifications", "reporthistory", "purchases", "logout", "signin", "redirect"),
        *("supported_browsers", "verify_age", "attribution_link", "oembed", "m", "intl", "press", "yt", "error"),
    }
)
_PAGE_PROBLEMS: dict[str, LinkProblem] = {
    **dict.fromkeys(_WATCH_PAGES | _ID_FOLDERS, "bad_id"),
    **dict.fromkeys(_OTHER_PAGES, "no_video"),
    **dict.fromkeys(("channel", "c", "user"), "channel"),
    "clip": "clip",
}

# Where pages that lead on carry the address; and how deep such pages may stand in each other.
_LEADS_ON = frozenset(
    {
        *("q", "u", "url", "next", "next_url", "continue", "target", "to", "dest", "destination", "redirect", "link"),
        *("redirect_url", "redirect_uri", "ru", "href", "out", "goto", "uddg", "z", "return_to", "returnto"),
    }
)
_DEPTH_LIMIT = 5
_INNER_LIMIT = 2  # addresses in one page that are looked at
_CLIP_LIMIT_BYTES = 64  # of the times of a clip, which are about 10
_UNQUOTED_LIMIT = 3  # times; some addresses are escaped more than once

_VIDEO_SITES = frozenset(
    {
        *("vimeo.com", "tiktok.com", "twitch.tv", "dailymotion.com", "x.com", "twitter.com", "instagram.com"),
        *("facebook.com", "fb.watch", "bilibili.com", "hooktube.com", "invidio.us"),
    }
)
# Google's list of what Gemini reads; m4v is another name of mp4, and 3gp of 3gpp.
_FILE_ENDINGS = (".mp4", ".m4v", ".mov", ".webm", ".avi", ".mpeg", ".mpg", ".flv", ".wmv", ".3gp", ".3gpp")
_OTHER_KINDS = {  # as bot/media/probe.py names them
    **dict.fromkeys((".mkv",), "Matroska video"),
    **dict.fromkeys((".ts", ".m2ts", ".mts"), "MPEG-TS video"),
    **dict.fromkeys((".ogv", ".ogg"), "Ogg file"),
    **dict.fromkeys((".gif", ".gifv"), "GIF image"),
    **dict.fromkeys((".png", ".apng"), "PNG image"),
    **dict.fromkeys((".jpg", ".jpeg"), "JPEG image"),
    **dict.fromkeys((".webp",), "WebP image"),
    **dict.fromkeys((".heic", ".heif"), "HEIC image"),
    **dict.fromkeys((".avif",), "AVIF image"),
    **dict.fromkeys((".mp3",), "MP3 audio"),
    **dict.fromkeys((".wav",), "WAV audio"),
    **dict.fromkeys((".m4a",), "M4A audio"),
    **dict.fromkeys((".zip",), "ZIP archive"),
    **dict.fromkeys((".m3u8", ".mpd"), "stream"),
}
# Pages that show a file, and what of their address leads to the file itself.
_PAGES_OF_FILES = {
    "gitlab.com": ("/blob/", "/raw/"),
    "bitbucket.org": ("/src/", "/raw/"),
    "codeberg.org": ("/src/", "/raw/"),
    "huggingface.co": ("/blob/", "/resolve/"),
}
_OF_A_PREVIEW = ("format=", "width=", "height=", "quality=")  # with these, Discord's proxy gives a picture

_ENDING = frozenset({"So", "Po", "Pd", "Ps", "Pe", "Pi", "Pf"})  # categories of punctuation, and of pictures
_BREAK = re.compile(r"[\s<>\"`|]+|\]\(|(?<=[^\x00-\x7f])(?=https?://)")
_SEPARATORS = "\uff1f\uff06\uff03\uff1d\uff1a\uff0f\uff0e\uff05"  # ? & # = : / . % in full width
_EDGE = "()[]{}.,;:!?*~'"  # around a link, never part of it; `_` and `-` may begin or end an id
_HOST = re.compile(r"([\w.-]+?)\.?(?::(?:80|443))?")
# The scheme as it is typed: twice, without its colon, or cut off where it was copied.
_SCHEME = re.compile(
    r"(?:(?:view-source|url|link|feed):|h?[tx]{1,3}p(s?)(?::/{0,2}|/{2}))+(?=[^\s:?#])", re.ASCII | re.IGNORECASE
)
_APP = re.compile(r"(?:vnd\.)?youtube:(?://)?|intent://", re.ASCII | re.IGNORECASE)
_TIME = re.compile(r"[0-9](?:[0-9hms:.]*[0-9hms])?", re.ASCII | re.IGNORECASE)  # a time ends at its last such character

# Letters and digits that pass for a Latin letter of "youtu".
_TWINS = {"y": "уүγ", "o": "оοօ0", "u": "υսц", "t": "тτ"}
_LATIN = {ord(twin): letter for letter, twins in _TWINS.items() for twin in twins}
_HOST_LIMIT = 1_000  # characters that are looked at; no host has more than 253
_LABEL_LIMIT = 63  # characters between two dots of a host: RFC 1035, 2.3.4


class _Shown(dict[int, str | None]):
    """Makes the separators of an address plain. Other punctuation and pictures end an address."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        ends = not character.isascii() and unicodedata.category(character) in _ENDING
        return " " if ends else character


_SHOWN = _Shown({**INVISIBLE, **{code: chr(code - 0xFEE0) for code in map(ord, "？＆＃＝：／．％＿－")}})


def parse_link(text: str, *, bare: bool = True) -> ParsedLink:
    """Return the one video that the text links to: a YouTube link in any form, or an http(s) link to a video file.

    The link may stand in a sentence or in Discord's markup. `bare`: the id of a video alone counts as a link to it.
    Raises `NotAVideoLink` and `NotAVideoFile`, and nothing else.
    """
    words = words_of(text)
    readings = [_read(word) for word in words]
    links = [reading for reading in readings if isinstance(reading, ParsedLink)]
    if links and all(link.video == links[0].video for link in links):
        return links[0]
    if links:
        raise NotAVideoLink(text=text, problem="not_a_link")
    if bare and (link := _bare(text, words)):
        return link
    refused = next((each for each in readings if isinstance(each, Refused)), Refused("not_a_link"))
    if refused.problem == "other_site" and (spaced := _spaced(text)):
        refused = Refused("space", instead=spaced)
    if refused.kind:
        raise NotAVideoFile(found=refused.kind)
    raise NotAVideoLink(text=text, problem=refused.problem, instead=refused.instead)


def words_of(text: str) -> list[str]:
    """Return the words of a text, without what stands around links in sentences and in Discord's markup."""
    words = (word.strip(_EDGE) for word in _BREAK.split(text.translate(_SHOWN)))
    return [word for word in words if word]


def is_link(word: str) -> bool:
    """Say whether the word links to a video."""
    return any(isinstance(_read(each), ParsedLink) for each in words_of(word))


def is_bare_id(word: str) -> bool:
    """Say whether the word is the id of a video."""
    found = _BARE_ID.fullmatch(word)
    return found is not None and not _WORD.fullmatch(word) and not _is_time(word)


@dataclass(frozen=True, slots=True)
class Refused:
    """What is wrong with a link. `instead`: what to give in its place; `kind`: what its file is."""

    problem: LinkProblem
    instead: str = ""
    kind: str = ""


_NO_LINK = Refused("not_a_link")


def _bare(text: str, words: list[str]) -> ParsedLink | None:
    """Read the id of a video alone, or beside a time. Raises `NotAVideoLink` where it may as well be a word."""
    found = _BARE_ID.fullmatch(words[0]) if words else None
    if found is None or (len(words) > 1 and not _is_time(" ".join(words[1:]))):
        return None
    video_id = found[2]
    if video_id and (_WORD.fullmatch(video_id) or (not found[3] and _is_time(video_id))):
        raise NotAVideoLink(text=text, problem="bare_id", instead=f"https://youtu.be/{video_id}")
    reading = _read(f"youtu.be/{video_id or found[1]}{found[3] or ''}")
    return reading if isinstance(reading, ParsedLink) else None


def _is_time(text: str) -> bool:
    try:
        read_field(plain(text))
    except Unread:
        return False
    return True


def _spaced(text: str) -> str | None:
    """Return the link to a file with %20 for the spaces in its name; None where no link goes on behind a space."""
    words = [word.strip('<>"`|') for word in text.split()]
    begins = next((at for at, word in enumerate(words) if isinstance(_read(word), Refused)), len(words))
    ends = next((at for at in range(begins, len(words)) if words[at].lower().endswith(_FILE_ENDINGS)), begins)
    link = "%20".join(words[begins : ends + 1])
    return (link if _SCHEME.match(link) else f"https://{link}") if ends > begins else None


def _read(word: str, *, depth: int = 0) -> ParsedLink | Refused | None:
    """Return the link, or what is wrong with it; None for a word that is no link."""
    address = _split(word)
    if address.scheme is None and not ("." in address.authority and (address.path or address.query)):
        return None
    if address.scheme not in {None, "", "http", "https"}:
        return Refused("not_a_link")
    host = _HOST.fullmatch(address.authority)
    if host is None:
        return Refused("lookalike" if _looks_like_youtube(address.authority) else "not_a_link")
    # ASCII is asked for before lowering, which makes an ASCII k of the Kelvin sign.
    name = host[1].lower() if host[1].isascii() else ""
    if name in _YOUTUBE_HOSTS or name == _STUDIO:
        return _read_youtube(name, address, depth=depth)
    return _read_elsewhere(host[1].lower(), address, depth=depth)


def _split(word: str) -> _Address:
    """Split an address. `urlsplit` differs between Python versions, raises on some hosts, and needs a scheme."""
    word = _whole_address(word)
    rest, _, fragment = word.partition("#")
    rest, _, query = rest.partition("?")
    before, slashes, after = rest.partition("//")
    scheme = None
    if slashes and (not before or before.endswith(":")):
        scheme, rest = before[:-1].lower(), after
    authority = rest.partition("/")[0].partition("\\")[0]
    return _Address(scheme, authority, rest[len(authority) :], query, fragment)


def _whole_address(word: str) -> str:
    """Mend an address that is escaped as a whole, an app's own, or one whose scheme was copied badly."""
    for _ in range(_UNQUOTED_LIMIT):
        if "%" in word and "/" not in word:
            word = unquote(word)
    if app := _APP.match(word):
        rest = word[app.end() :]
        if "." in rest.partition("/")[0].partition("?")[0]:
            return f"https://{rest}"
        return f"https://www.youtube.com/{rest}" if rest.startswith("watch") else f"https://youtu.be/{rest}"
    scheme = _SCHEME.match(word)
    return f"http{scheme[1] or ''}://{word[scheme.end() :]}" if scheme else word


def _read_youtube(host: str, address: _Address, *, depth: int) -> ParsedLink | Refused:
    path, _, more = (
        unquote(address.path).replace("?", "&").replace(";", "&").partition("&")
    )  # "youtu.be/ID&t=5" is seen in the wild
    folder, *rest = [segment for segment in path.split("/") if segment] or [""]
    parameters = _parameters(f"{address.query}&{more}&{address.fragment}")
    if address.fragment.startswith(("/", "!/")) and depth < _DEPTH_LIMIT:  # "m.youtube.com/#/watch?v=ID"
        return _read(f"https://www.youtube.com{address.fragment.removeprefix('!')}", depth=depth + 1) or _NO_LINK

    parameter = next((parameters[name] for name in _ID_PARAMETERS if parameters.get(name)), None)
    if host == _STUDIO:
        candidate = rest[0] if folder == "video" and rest else None
    elif folder in _WATCH_PAGES and parameter:
        candidate = unquote(parameter)
    elif folder in _ID_FOLDERS and rest:
        candidate = rest[0]
    else:
        candidate = folder if host in _SHORT_HOSTS and folder else None
    if candidate is None:
        return _read_inside(address, depth=depth) or Refused(_page_problem(folder, rest, parameters))
    found = _VIDEO_ID.match(candidate)
    if found is None:
        return Refused("bad_id")
    if found[0] in _NOT_IDS:
        return Refused(_NOT_IDS[found[0]])
    start, end = _times(parameters)
    if start is None and (beside := _BESIDE_ID.match(f"{candidate[found.end() :]}#{address.fragment}")):
        start = _seconds(beside[1] or beside[2])
    return ParsedLink(YouTubeVideo(id=found[0]), start, end)


def _times(parameters: dict[str, str]) -> tuple[float | None, float | None]:
    if "clipt" in parameters and (clip := _clip_times(parameters["clipt"])):
        return clip
    told = {name.lower(): value for name, value in parameters.items()}
    start = next((told[name] for name in _START_PARAMETERS if name in told), "")
    return _seconds(start), _seconds(told.get("end", ""))


def _read_inside(address: _Address, *, depth: int) -> ParsedLink | Refused | None:
    """Read the link that a page leads on to, such as a redirection or a question before the video; None without one."""
    if depth >= _DEPTH_LIMIT:
        return None
    refused = None
    for target in list(_leads_on_to(address))[:_INNER_LIMIT]:
        reading = _read(target, depth=depth + 1)
        if isinstance(reading, ParsedLink):
            return reading
        refused = refused or reading
    return refused


def _leads_on_to(address: _Address) -> Iterator[str]:
    """Return the links in the query. The part after an unescaped "&" of an inner link is in the outer query."""
    for name, value in _parameters(f"{address.query}&{address.fragment}").items():
        inner = value if name.lower() in _LEADS_ON else ""
        for _ in range(_UNQUOTED_LIMIT):
            if "%" in inner and not (inner.startswith("/") or _SCHEME.match(inner)):
                inner = unquote(inner)
        if inner.startswith("/") and not inner.startswith("//"):
            inner = f"https://www.youtube.com{inner}"
        if "/" in inner:
            yield inner if "?" in inner else f"{inner}#{unquote(address.query)}"


def _page_problem(folder: str, rest: list[str], parameters: dict[str, str]) -> LinkProblem:
    if folder in _PLAYLIST_PAGES or "list" in parameters:
        return "playlist"
    if "live" in {folder, *rest[-1:]}:
        return "live"
    known = "channel" if folder.startswith("@") else _PAGE_PROBLEMS.get(folder)
    return known or ("not_a_link" if rest else "channel")  # "youtube.com/NAME" is a channel's old address


def _read_elsewhere(host: str, address: _Address, *, depth: int) -> ParsedLink | Refused:
    if host.endswith(".youtube.com"):
        return _read_inside(address, depth=depth) or _NO_LINK
    if _looks_like_youtube(host):
        return Refused("lookalike")
    path = address.path.lower()
    if host.removeprefix("www.").removeprefix("m.") not in _VIDEO_SITES:
        if path.endswith(_FILE_ENDINGS):
            return _read_file(host, address)
        if inside := _read_inside(address, depth=depth):
            return inside
        if kind := _OTHER_KINDS.get(f".{path.rpartition('.')[2]}"):
            return Refused("other_site", kind=kind)
    return Refused("lookalike" if "youtube.com/" in path or "youtu.be/" in path else "other_site")


def _read_file(host: str, address: _Address) -> ParsedLink | Refused:
    query = f"?{address.query}" if address.query else ""
    url = f"{address.scheme or 'https'}://{address.authority.lower()}{address.path}{query}"
    if "\\" in url or not url.isprintable():  # browsers read a backslash as a slash, others do not
        return _NO_LINK
    if not address.scheme:
        return Refused("no_scheme", instead=url)
    # W3C Media Fragments, 4.2.1: "#t=10,20"
    start, _, end = _parameters(address.fragment).get("t", "").removeprefix("npt:").partition(",")
    return ParsedLink(
        VideoLink(url=_file_behind(host.removeprefix("www."), address, url)), _seconds(start), _seconds(end)
    )


def _file_behind(host: str, address: _Address, url: str) -> str:
    """Return the address of the file itself where the link leads to a page or a preview of it."""
    pieces = [piece for piece in address.query.split("&") if piece]
    if host == "dropbox.com":
        kept = [piece for piece in pieces if not piece.startswith(("dl=", "raw="))]
        return f"https://www.dropbox.com{address.path}?{'&'.join([*kept, 'dl=1'])}"
    if host == "media.discordapp.net":
        kept = [piece for piece in pieces if not piece.startswith(_OF_A_PREVIEW)]
        return f"https://{host}{address.path}{'?' if kept else ''}{'&'.join(kept)}"
    if host == "github.com" and "/blob/" in address.path:
        return f"https://raw.githubusercontent.com{address.path.replace('/blob', '', 1)}"
    if host.startswith("images-ext-") and host.endswith(".discordapp.net"):
        _, scheme, inner = address.path.partition("/https/")
        return f"https://{inner}" if scheme else url
    page, file = _PAGES_OF_FILES.get(host, ("", ""))
    if page and page in address.path:
        return f"https://{host}{address.path.replace(page, file, 1)}"
    return url


def _parameters(query: str) -> dict[str, str]:
    """Return the first value of each name, still escaped. A cut at ";" undoes "&amp;", however often it was escaped.

    A second "?" begins another parameter, as in "?si=abc?t=43".
    """
    found: dict[str, str] = {}
    for piece in query.replace(";", "&").replace("?", "&").split("&"):
        name, _, value = (piece if "=" in piece else unquote(piece)).partition("=")
        found.setdefault(name, value)
    return found


def _seconds(text: str) -> float | None:
    """Read a time in seconds, up to its last character. A bad time gives None, so that the link still works."""
    found = _TIME.match(plain(unquote_plus(text)))
    try:
        return parse_time(found[0], option="start") if found else None
    except (NotATime, TimeTooLate):
        return None


def _clip_times(text: str) -> tuple[float, float] | None:
    """Read the times of YouTube's clips: base64 of a protobuf whose fields 2 and 3 are milliseconds."""
    try:
        data = base64.urlsafe_b64decode(unquote(text).rstrip("=") + "==")
    except (binascii.Error, ValueError):
        return None
    numbers = list(_varints(data))
    fields = {key >> 3: value for key, value in zip(numbers[::2], numbers[1::2], strict=False) if not key & 7}
    start, end = fields.get(2), fields.get(3)
    if start is None or end is None or not start < end <= LATEST_SECONDS * 1000:
        return None
    return start / 1000, end / 1000


def _varints(data: bytes) -> Iterator[int]:
    """Return the numbers: seven bits in each byte, the lowest first; the eighth bit says that more follow."""
    number = shift = 0
    for byte in data[:_CLIP_LIMIT_BYTES]:
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            yield number
            number = shift = 0


def _looks_like_youtube(authority: str) -> bool:
    """Whether a person would read "youtu" in the host: as written, in punycode, or in letters of another script."""
    shown = ".".join(map(_decoded, authority[:_HOST_LIMIT].lower().split(".")))
    return "youtu" in unicodedata.normalize("NFKC", shown).translate(_LATIN)


def _decoded(label: str) -> str:
    if label.startswith("xn--") and len(label) <= _LABEL_LIMIT:
        with suppress(UnicodeError):
            return label[4:].encode().decode("punycode")
    return label
