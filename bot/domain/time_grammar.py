"""The grammar of times as members type them: one field, and what it asks for. Pure; each character is read once.

    field   = FIRST length | LAST length | END | [FROM] moment [rest]
    rest    = TO (moment | END | length) | length | open | another moment, after a blank, a comma or a slash
    length  = FOR amount | "+" amount
    moment  = clock "1:02:03.5" | amount "1 h 2 min 3 s" | number "83.5"

The words are in `time_words.py`; digits are of any script.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from bot.domain.time_words import (
    AND,
    BEGINNING,
    BETWEEN,
    END,
    FIRST,
    FOR,
    FROM,
    ISO,
    LAST,
    MINUTE,
    OF_VIDEO,
    OPEN,
    OPTIONS,
    PLUS,
    QUERY,
    STARTING,
    TAIL,
    TO,
    UNITS,
    UNTIL,
    WHOLE,
)

Style = Literal["clock", "number", "amount", "units"]  # "1:23", "83", "3 s", "1 min 23 s"

# Invisible characters in pasted text: soft hyphen, zero-width characters, marks of direction, variation selector.
INVISIBLE = dict.fromkeys(
    [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFE0F, 0xFEFF]
)
FIELD_LIMIT = 90  # characters: two moments of 40, and what stands between
FRAMES_FROM_GROUPS = 4  # "00:01:02:12" counts frames
_SIXTY = 60
_HOUR = 3_600
_FULL_WIDTH = 0xFEE0  # so far behind ASCII stand the same characters in full width
_ASCII = range(0x21, 0x7F)
_TWO = 2  # digits of minutes and seconds; groups of "1:20"
_MARKUP = "()[]{}<>*`|\\«»「」『』【】"
_SAME = {
    "'": "‘’ʼ′",
    '"': "“”„″",
    "-": "−→⇒➡➜➔➝➞⟶⟹~〜∼",
    ":": "∶꞉",
    ",": "،、٬",
    ".": "٫。",
    "/": "⁄∕",  # slashes of other kinds
    " ": _MARKUP,
}
_PLAIN = {ord(other): same for same, others in _SAME.items() for other in others}
_ARROW = re.compile(r"[-=]+>|-(?: ?-)+")
_CUE = re.compile(r"^[0-9]+ (?=[0-9:]+,[0-9]{3} ?-)")  # the number of a subtitle, before its times
_STRUCK = re.compile(r"~~|__|(?<!\w)_|_(?!\w)")

_UNSPACED = "時間|小时|小時|分钟|分鐘|秒間|秒钟|秒鐘|時|时|分|秒|시간|분|초|から|まで|부터|까지|에서|到|至|从|從|前"
_TOKEN = re.compile(
    rf"[0-9]+|{_UNSPACED}|最初の?|最後の?|最后的?|jusqu'(?:à|au)?|time_continue|[^\W\d_]+|\.\.+|\S", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as typed. `other`: the same with a colon where its dot stands, in seconds.

    `dotted`: its digits look like minutes and seconds, such as 1.20. `unit`: of an amount, in seconds.
    """

    seconds: Decimal
    style: Style
    other: Decimal | None = None
    dotted: bool = False
    unit: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What one field asks for. `start` alone is an end in the option for ends; `last` counts from the video's end."""

    start: Moment | None = None
    end: Moment | None = None
    length: Moment | None = None
    last: Moment | None = None
    to_end: bool = False
    open: bool = False

    @property
    def has_end(self) -> bool:
        """Say whether an end is told, so that `start` is surely a start."""
        return bool(self.end or self.length or self.last or self.to_end or self.open)


class Unread(Exception):
    """The field, or its part after `text` begins, can't be read. `frames`: because it counts frames."""

    def __init__(self, text: str, *, frames: bool = False, second: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.frames = frames
        self.second = second


class _Token(NamedTuple):
    text: str
    word: str
    at: int
    glued: bool  # no blank before it


class _Plain(dict[int, str | None]):
    """Makes one character plain: digits of every script become ASCII, and so do full-width forms and dashes."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            return str(digit)
        if unicodedata.category(character) == "Pd":
            return "-"
        return chr(code - _FULL_WIDTH) if code - _FULL_WIDTH in _ASCII else character


_MARKS = dict.fromkeys(map(ord, _MARKUP), " ")
_PLAINLY = _Plain({**_PLAIN, **INVISIBLE, 0x2026: "..", 0x2025: "..", 0xFF5E: "-", 0xFF5B: " ", 0xFF5D: " "})


def plain(text: str) -> str:
    """Make spacing, digits, quotes and dashes plain, and drop markup. The words stay, for error messages."""
    about = _ARROW.sub("-", _STRUCK.sub(" ", text)).lstrip(" ~≈")  # "~0:14" is about 0:14
    words = " ".join(_ARROW.sub("-", about.translate(_PLAINLY).translate(_MARKS)).split())
    words = _CUE.sub("", words.replace("''", '"'))
    return words.strip(words[0]).strip() if words[:1] in {"'", '"'} else words


def is_whole(text: str) -> bool:
    """Say whether the plain text asks for the whole video."""
    return text.lower() in WHOLE


def read_field(text: str, *, relative: bool = True) -> Typed:
    """Read a text that `plain` has returned. `relative`: it may begin with "+". Raises `Unread`."""
    if len(text) > FIELD_LIMIT or (text.startswith("+") and not relative):
        raise Unread(text)
    return _Reader(text).field()


def read_moment(text: str) -> Moment:
    """Read a plain text that is one moment and nothing else. Raises `Unread`."""
    typed = read_field(text, relative=False)
    if typed.start is None or typed.has_end:
        raise Unread(text)
    return typed.start


class _Reader:
    """Reads the tokens of one field from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [
            _Token(
                found[0], found[0].lower(), found.start(), found.start() > 0 and not text[found.start() - 1].isspace()
            )
            for found in _TOKEN.finditer(text)
        ]
        self._at = 0

    # --- Tokens ------------------------------------------------------------------------------------------

    def _peek(self, ahead: int = 0) -> _Token:
        index = self._at + ahead
        return self._tokens[index] if index < len(self._tokens) else _Token("", "", len(self._text), glued=False)

    def _take(self, words: frozenset[str] | dict[str, int]) -> bool:
        found = self._peek().word in words
        self._at += found
        return found

    @property
    def _ended(self) -> bool:
        return self._at >= len(self._tokens)

    def _glued_number(self, ahead: int) -> bool:
        token = self._peek(ahead)
        return token.glued and token.text.isdecimal()

    # --- The grammar -------------------------------------------------------------------------------------

    def field(self) -> Typed:
        for words in (FIRST, LAST):
            if self._begins_with(words):
                return self._counted(words)
        if len(self._tokens) == 1 and self._take(END):
            return Typed(to_end=True)
        if length := self._length():
            return self._whole(Typed(length=length))
        lead = self._peek().word
        if self._take(UNTIL):
            return self._whole(Typed(end=self._expect()))
        self._lead_in()
        start = self._expect()
        return self._whole(self._rest(start, between=lead in BETWEEN))

    def _begins_with(self, words: frozenset[str]) -> bool:
        """Say whether one of the words stands at the beginning, or behind articles and a number."""
        for token in self._tokens:
            if token.word in words:
                return len(self._tokens) > 1
            if token.word not in FROM and not token.text.isdecimal():
                break
        return False

    def _counted(self, words: frozenset[str]) -> Typed:
        """Read "first 10 seconds" or "last 5 s", with the word before or after the number."""
        self._tokens = [each for each in self._tokens if each.word not in words | OF_VIDEO]
        self._lead_in()
        amount = self._expect()
        if words is LAST:
            return self._whole(Typed(last=amount))
        return self._whole(Typed(start=Moment(Decimal(0), "number"), length=amount))

    def _expect(self) -> Moment:
        """Read a moment. Raises `Unread` where there is none."""
        found = self._moment()
        if found is None:
            raise Unread(self._text)
        return found

    def _whole(self, typed: Typed) -> Typed:
        """Return what was read, if nothing is left but punctuation. Raises `Unread`."""
        while self._take(TAIL):
            pass
        if not self._ended:
            raise Unread(self._text)
        return typed

    def _lead_in(self) -> None:
        while self._take(FROM):
            pass
        if self._peek().word in MINUTE and self._peek(2).word == ":":
            self._at += 1
        self._take(QUERY)
        self._option(OPTIONS)

    def _option(self, names: frozenset[str]) -> bool:
        """Pass over the name of an option before its time: "t=", "start:", "start 1:20"."""
        marked = self._peek(1).word in {"=", ":"} and self._peek(2).word != ":"
        if self._peek().word not in names or not (marked or self._peek(1).text.isdecimal()):
            return False
        self._at += 2 if marked else 1
        return True

    def _length(self) -> Moment | None:
        """Read "for 5 seconds" or "+5"; None where something else stands here. Raises `Unread`."""
        if not (self._take(FOR) or self._take(PLUS)):
            return None
        at = self._peek().at
        amount = self._moment()
        if amount is None:
            raise Unread(self._text[at:] or self._text, second=True)
        return amount

    def _rest(self, start: Moment, *, between: bool) -> Typed:
        if length := self._length():
            return Typed(start=start, length=length)
        if start.style == "amount" and self._peek().word in STARTING:  # "5 seconds from 0:14"
            self._lead_in()
            return Typed(start=self._expect(), length=start)
        token, at = self._peek(), self._at
        if self._option(END):  # "start=1:20 end=1:40"
            return self._second(start, token)
        if token.word in TO or token.word.startswith("..") or (between and token.word in AND):
            self._at += 1
            return self._second(start, token)
        loose = token.word in {",", "/", ";"} and not self._is_tail()
        if loose:
            self._at += 1
        if loose or not token.glued:
            apart = loose and token.word in {",", ";"} and not self._peek().glued
            end = self._moment()
            styles = {start.style, end.style} if end else {"number"}
            if end and ("number" not in styles or apart):
                return Typed(start=start, end=end)
        self._at = at
        return Typed(start=start)

    def _is_tail(self) -> bool:
        return self._at + 1 >= len(self._tokens)

    def _second(self, start: Moment, joined_by: _Token) -> Typed:
        """Read what stands after "to"."""
        if self._ended and joined_by.word in OPEN:
            return Typed(start=start, open=True)
        if length := self._length():
            return Typed(start=start, length=length)
        at = self._peek().at
        self._lead_in()
        if self._take(END):
            return Typed(start=start, to_end=True)
        end = self._moment()
        if end is None:
            raise Unread(self._text[at:] or self._text, second=bool(self._text[at:]))
        if start.style == "number" and end.unit:  # "1-2 min"
            start = Moment(start.seconds * end.unit, "amount", unit=end.unit)
        return Typed(start=start, end=end)

    # --- One moment --------------------------------------------------------------------------------------

    def _moment(self) -> Moment | None:
        before = self._at
        if self._peek().word in ISO and self._glued_number(1):
            self._at += 1
        found = self._named() or self._clock() or self._amount()
        if found is None:
            self._at = before
        return found

    def _named(self) -> Moment | None:
        """Read "beginning", or a unit before its number: "minute 2"."""
        if self._take(BEGINNING):
            return Moment(Decimal(0), "clock")
        unit = UNITS.get(self._peek().word)
        if unit is None or not self._peek(1).text.isdecimal() or self._peek(2).word in UNITS:
            return None
        self._at += 1
        number = self._number()
        return Moment(Decimal(number) * unit, "units") if number else None

    def _clock(self) -> Moment | None:
        """Read "1:23", "1;23", "1:02:03.5", "00:00:14,000" or "1.02.03". Raises `Unread` where it counts frames."""
        if not self._peek().text.isdecimal():
            return None
        mark = self._peek(1).word if self._peek(1).word in {":", ";"} else "."
        if mark == "." and not (
            self._peek(3).word == "." and len(self._peek(2).text) == len(self._peek(4).text) == _TWO
        ):
            return None
        groups, ahead = [self._peek().text], 1
        while self._peek(ahead).glued and self._peek(ahead).word == mark and self._glued_number(ahead + 1):
            groups.append(self._peek(ahead + 1).text)
            ahead += 2
        frames = self._peek(ahead).word == ";" and self._glued_number(ahead + 1)
        if len(groups) >= FRAMES_FROM_GROUPS or (frames and len(groups) > 1):
            raise Unread(self._text, frames=True)
        if len(groups) == 1 or any(len(group) > _TWO or int(group) >= _SIXTY for group in groups[1:]):
            return None
        decimals = self._decimals(ahead)
        self._at += ahead + (2 if decimals else 0)
        seconds = Decimal(f"{_sum(groups)}.{decimals or 0}")
        as_clock = mark == ":" and len(groups) == len(decimals) == _TWO  # "1:20.30"
        other = _clock_of([*groups, decimals]) if as_clock else None
        hours = self._unit() == _HOUR and len(groups) == _TWO  # "1:20 h"; after other clocks a unit says nothing new
        return Moment(seconds * _SIXTY if hours else seconds, "clock", other)

    def _decimals(self, ahead: int) -> str:
        """Return the digits after a decimal sign, "" for none. A clock after a comma is another moment."""
        sign = self._peek(ahead)
        if not (sign.glued and sign.word in {".", ","} and self._glued_number(ahead + 1)):
            return ""
        after = self._peek(ahead + 2)
        return "" if after.glued and after.word == ":" else self._peek(ahead + 1).text

    def _number(self) -> str | None:
        """Read digits with decimals, such as "83.5", "83,5" or ".5"."""
        token = self._peek()
        if token.word in {".", ","} and self._glued_number(1):
            self._at += 2
            return f"0.{self._peek(-1).text}"
        if not token.text.isdecimal():
            return None
        decimals = self._decimals(1)
        self._at += 3 if decimals else 1
        return f"{token.text}.{decimals}" if decimals else token.text

    def _amount(self) -> Moment | None:
        """Read a number, or numbers with units from the largest to the smallest; only the last may have decimals."""
        first = self._number()
        if first is None:
            return None
        factor = self._unit()
        if factor is None:
            return _bare(first)
        parts = [(first, factor)]
        while "." not in parts[-1][0]:
            before = self._at
            self._take(AND)
            number, factor = self._number(), self._next_unit(parts[-1][1])
            if number is None or factor is None or self._peek().word == ":":
                self._at = before
                break
            parts.append((number, factor))
        seconds = sum((Decimal(number) * factor for number, factor in parts), Decimal(0))
        if len(parts) > 1:
            return Moment(seconds, "units")
        unit, bare = parts[0][1], _bare(first)
        other = bare.other * unit / _SIXTY if bare.dotted and bare.other and unit > 1 else None  # "1.20 min"
        return Moment(seconds, "amount", other, dotted=other is not None, unit=unit)

    def _next_unit(self, above: Decimal) -> Decimal | None:
        """Read a unit below the one before. Without a unit it is the next one: "1h30" is an hour and a half."""
        at = self._at
        factor = self._unit()
        if factor is None and above > 1:
            return above / _SIXTY
        if factor is None or factor >= above:
            self._at = at
            return None
        return factor

    def _unit(self) -> Decimal | None:
        word = self._peek().word
        factor = UNITS.get(word)
        if factor is not None:
            self._at += 1
            if self._peek().word == "." and self._peek().glued:  # of an abbreviation
                self._at += 1
        return factor


def _bare(number: str) -> Moment:
    whole, _, decimals = number.partition(".")
    other = _clock_of([whole, decimals]) if decimals else None
    return Moment(Decimal(number), "number", other, dotted=other is not None and len(decimals) == _TWO)


def _clock_of(groups: list[str]) -> Decimal | None:
    """Return the seconds of groups as a clock shows them, None where a clock shows no such digits."""
    last = groups[-1]
    return Decimal(_sum(groups)) if len(last) <= _TWO and int(last) < _SIXTY else None


def _sum(groups: list[str]) -> int:
    total = 0
    for group in groups:
        total = total * _SIXTY + int(group)
    return total
