"""Codes for credits: 80 random bits as 16 symbols that can be read aloud, and typed in any case."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no symbol looks like another one
SYMBOLS = 16  # of 5 bits each
GROUP = 4
HINT_SYMBOLS = 2  # shown in lists and kept beside the hash; 70 bits stay unknown
USES_LIMIT = 10_000
CODE_TEXT_LIMIT = 50  # characters that are read as a code

_LOOKALIKES = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCode:
    """Each of `uses` members gets `amount` credits. `expires_at` in Unix milliseconds; None for no end."""

    amount: int
    uses: int
    expires_at: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code as the database keeps it: without the code itself."""

    id: int
    hint: str
    terms: NewCode
    used: int
    withdrawn: bool
    actor: int

    def over(self, *, now: int) -> bool:
        return self.terms.expires_at is not None and self.terms.expires_at <= now


def grouped(symbols: str) -> str:
    """Write the symbols as XXXX-XXXX-XXXX-XXXX."""
    return "-".join(symbols[start : start + GROUP] for start in range(0, len(symbols), GROUP))


def digest(typed: str) -> str:
    """Hash a code as a member typed it: in any case, with or without dashes, with O for 0, and with I or L for 1."""
    symbols = "".join(filter(str.isalnum, typed.upper())).translate(_LOOKALIKES)
    return sha256(symbols.encode()).hexdigest()
