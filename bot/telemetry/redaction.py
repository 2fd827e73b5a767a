"""Takes secrets out of log lines and error reports before they are written or sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

REDACTED = "[redacted]"
SHORTEST_SECRET = 8  # characters; a shorter one is a mistake, and would black out half of every line

# What leaks most easily: interaction and webhook tokens in URLs, keys in headers, signed CDN parameters. And any text
# of 96 or more characters without a break: an interaction's token has some 200 characters, a digest 64.
_PATTERNS = (
    (re.compile(r"(/(?:webhooks|interactions)/\d+/)[\w.\-]{20,}"), rf"\1{REDACTED}"),
    (re.compile(r"(?i)\bbearer\s+\S+"), REDACTED),
    (re.compile(r"\bBot [\w.\-]{50,}"), REDACTED),
    (re.compile(r"apikey-[\w\-]+"), REDACTED),
    (re.compile(r"(?<=[?&])(ex|is|hm)=[0-9a-fA-F]+"), REDACTED),
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"), REDACTED),  # the user and password of a database
    (re.compile(r"[A-Za-z0-9_\-]{96,}"), REDACTED),
)


class Redactor:
    """Replaces this process's own secrets, and every text that looks like one, by `REDACTED`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = (secret for secret in secrets if len(secret) >= SHORTEST_SECRET)
        self._known = sorted(known, key=len, reverse=True)  # one may be a part of another

    def text(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, REDACTED)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def value(self, value: object) -> object:
        """Returns the value with every text in it redacted, at any depth. Other objects become redacted text."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.value(each) for name, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(each) for each in value]
        return self.text(value if isinstance(value, str) else repr(value))
