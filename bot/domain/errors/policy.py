"""A server's rules: broken, or not to be set so."""

from __future__ import annotations

from bot.domain.errors.base import Refusal


class BadPattern(Refusal):
    """`why`: RE2's own words."""

    def __init__(self, *, pattern: str, why: str) -> None:
        super().__init__()
        self.pattern = pattern
        self.why = why


class BadRule(Refusal):
    """A value that a rule of the policy can't have. `why` in plain words."""

    def __init__(self, *, rule: str, why: str) -> None:
        super().__init__()
        self.rule = rule
        self.why = why


class NoSuchChange(Refusal):
    def __init__(self, *, change_id: int) -> None:
        super().__init__()
        self.change_id = change_id


class ChangedSince(Refusal):
    """A change of policy that was changed again can't be undone by itself."""

    def __init__(self, *, rule: str) -> None:
        super().__init__()
        self.rule = rule


class NotATimeOfDay(Refusal):
    def __init__(self, *, text: str) -> None:
        super().__init__()
        self.text = text


class EmptyHours(Refusal):
    """Hours that end when they begin."""


class NotAnEnd(Refusal):
    """No moment that lies ahead."""

    def __init__(self, *, text: str) -> None:
        super().__init__()
        self.text = text


class NoSuchRule(Refusal):
    def __init__(self, *, text: str) -> None:
        super().__init__()
        self.text = text


class NotAmounts(Refusal):
    """No short list of whole numbers. `limit`: how many it may have."""

    def __init__(self, *, text: str, limit: int) -> None:
        super().__init__()
        self.text = text
        self.limit = limit


class TooManyWords(Refusal):
    """On the list of those that are blocked or flagged."""

    def __init__(self, *, limit: int) -> None:
        super().__init__()
        self.limit = limit


class StartingTooHigh(Refusal):
    """A server's starting credits are at most those that the operator gives."""

    def __init__(self, *, limit: int) -> None:
        super().__init__()
        self.limit = limit


class PolicyRefused(Refusal):
    """`rule` by its name in `Policy`, `limit` by its name in `Limits`; `until` in Unix milliseconds."""

    def __init__(self, *, rule: str, value: str, limit: str | None = None, until: int | None = None) -> None:
        super().__init__()
        self.rule = rule
        self.value = value
        self.limit = limit
        self.until = until
