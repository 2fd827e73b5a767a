"""Hostile values: what a person, a broken app or a forger may send, by the kind of what is asked for."""

from __future__ import annotations

import math
import re
from random import Random
from typing import Any

from tests.wire.components import Json

LINK = "https://youtu.be/dQw4w9WgXcQ"
TEXTS = (
    "",
    " ",
    "\x00",
    "nul\x00inside",
    "\ud800",
    "lone \udfff surrogate",
    "😀" * 4_000,
    "😀" * 50,
    "\u202ertl\u202e override",
    "e" + "\u0301" * 300,
    "\u200b\u2060\ufeff",
    "x" * 6_000,
    "`" * 200,
    "```\n" * 40,
    "@everyone <@&1> <@1> </imagine:1>",
    "{0} {name} %s %(x)s \\",
    "\n" * 100,
    "'; DROP TABLE jobs; --",
    "[A][B][C][D][E][]",
    "(" * 200,
    "(a+)+$",
    "9" * 400,
    "-1",
    "1e999",
    "NaN",
    "inf",
    "٣٤",
    "²³",
    "18446744073709551616",
    "0",
    "https://youtu.be/" + "a" * 2_000,
    "https://[::1]:99999/\ud800.mp4",
    "http://\x00.example/a.mp4",
    "0:00-0:00",
    "99999999999:00-" + "9" * 30,
    "2026-13-45",
    "0000-00-00",
    "9999-12-31T99:99",
    "-9999999999999999d",
    "<@99999999999999999999999>",
    "#" * 60,
)
INTEGERS = (-1, 0, 1, 2**31, 2**53 - 1, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30, -(10**30))
NUMBERS = (math.nan, math.inf, -math.inf, -0.0, 1e308, 5e-324, -1.0, 24.0000001, 10**30)
DIGITS = ("0", "1", "00", "007", *("9" * length for length in range(1, 26)))
FILES: tuple[tuple[str, bytes, Json], ...] = (
    ("empty.png", b"", {"size": 0, "content_type": "image/png"}),
    ("empty.mp4", b"", {"size": 0, "content_type": "video/mp4"}),
    ("lie.png", b"<html></html>", {"content_type": "image/png"}),
    ("lie.mp4", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, {"content_type": "video/mp4"}),
    ("lie.json", b"\xff\xfe{", {"content_type": "application/json"}),
    ("deep.json", b"[" * 20_000, {"content_type": "application/json"}),
    ("huge.mp4", b"\x00" * 100, {"size": 2**70}),
    ("negative.png", b"\x00" * 100, {"size": -1}),
    ("no type", b"\x00", {"content_type": None}),
    ("\ud800\x00\u202egnp.mp4", b"\x00" * 40, {"content_type": "\ud800"}),
    ("x" * 3_000 + ".png", b"GIF89a", {"content_type": "image/gif"}),
)


def texts(random: Random, ids: list[str]) -> str:
    return random.choice((random.choice(TEXTS), random.choice(TEXTS), random.choice(ids)))


def custom_ids(random: Random, template: str, real: dict[str, list[str]]) -> str:
    """Make a custom id that the template takes: ids that exist, ids of another kind, and numbers at every limit."""

    def group(match: re.Match[str]) -> str:
        name, inside = match[1], match[2]
        every = [each for ids in real.values() for each in ids]
        words = [*DIGITS, *every, *inside.split("|"), "film-poster", "quiet_hours", "16:9", "9:9,,", ",", "0:0"]
        words += ["0000-00-00", "2026-13-45", "9999-12-31", "2026-11-01", "0" * 12, "f" * 12]
        fitting = [each for each in words if re.fullmatch(inside, each)]
        own = [each for each in real.get(name, ()) if each in fitting]
        return str(random.choice(own if own and random.random() < 0.5 else fitting))

    filled = re.sub(r"\(\?P<(\w+)>((?:[^()\[\]]|\[[^\]]*\])*)\)", group, template)
    filled = re.sub(r"\(\?:([^()]*)\)", lambda match: random.choice(match[1].split("|")), filled)
    return re.sub(r"\\(.)", r"\1", filled)


def option(random: Random, kind: int, ids: list[str]) -> Any:
    """Return a value for an option of a command; a file is (name, bytes, facts that lie)."""
    match kind:
        case 3:
            return texts(random, ids)
        case 4:
            return random.choice(INTEGERS)
        case 5:
            return random.choice((True, False))
        case 10:
            return random.choice(NUMBERS)
        case 11:
            return random.choice(FILES)
        case _:
            return random.choice((*ids, "0", "1", str(2**64), "9" * 30))
