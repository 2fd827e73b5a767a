"""What is wrong with a template."""

from __future__ import annotations

from bot.domain.errors.base import Refusal


class NoTemplates(Refusal):
    """There are none of the member's or the server's to be exported."""


class TemplateNotFound(Refusal):
    """`name` is None where it was not asked for by its name."""

    def __init__(self, *, name: str | None) -> None:
        super().__init__()
        self.name = name


class TemplateNameBad(Refusal):
    """`limit` in characters."""

    def __init__(self, *, limit: int) -> None:
        super().__init__()
        self.limit = limit


class TemplateNameTaken(Refusal):
    """`published`: by a template of the server, else by one of the member's own."""

    def __init__(self, *, name: str, published: bool) -> None:
        super().__init__()
        self.name = name
        self.published = published


class TemplatesFull(Refusal):
    """`limit`: how many a server may have (`published`), or a member of their own."""

    def __init__(self, *, limit: int, published: bool) -> None:
        super().__init__()
        self.limit = limit
        self.published = published


class TooManyBlanks(Refusal):
    def __init__(self, *, names: tuple[str, ...], limit: int) -> None:
        super().__init__()
        self.names = names
        self.limit = limit


class BlanksMissing(Refusal):
    def __init__(self, *, names: tuple[str, ...]) -> None:
        super().__init__()
        self.names = names


class TemplateFileTooLarge(Refusal):
    def __init__(self, *, size_bytes: int, limit_bytes: int) -> None:
        super().__init__()
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


class TemplateFileBroken(Refusal):
    """`place`: the way to the first field that is wrong; empty where the file as a whole can't be read."""

    def __init__(self, *, place: str) -> None:
        super().__init__()
        self.place = place


class NoImageOfYours(Refusal):
    """`text`: what was given as a job's number or link."""

    def __init__(self, *, text: str) -> None:
        super().__init__()
        self.text = text
