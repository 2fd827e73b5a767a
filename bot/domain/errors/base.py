"""The two roots: everything that can go wrong, and what was only asked in vain."""

from __future__ import annotations


class StillframeError(Exception):
    """Root of the tree. `str()` is for logs; people read `bot.text.refusals`."""

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({facts})"


class Refusal(StillframeError):
    """What was asked can't be done. Raised before anything is charged."""
