"""Templates: a prompt with blanks in brackets (the frame), and the shape and size that go with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.domain.errors import (
    BlanksMissing,
    Refusal,
    TemplateFileBroken,
    TemplateNameBad,
    TemplatesFull,
    TooManyBlanks,
)
from bot.domain.invisible import is_empty
from bot.domain.order import read_prompt
from bot.domain.recipe import Shape, Size

NAME_LIMIT = 50  # characters
BLURB_LIMIT = 150  # characters
BLANK_LIMIT = 40  # characters; a form's label takes 45
BLANKS_LIMIT = 4  # a Discord form has five fields, and one is for the video
OWN_LIMIT = 50  # templates of one member in one server
SERVER_LIMIT = 100  # published ones
FILE_LIMIT_BYTES = 4_000_000  # enough for every template that a member may see, each of full length

PROMPT_BLANK = "PROMPT"  # the blank that the member's own prompt fills, where a template only adds a style

_BLANK = re.compile(rf"\[([^\[\]\n]{{1,{BLANK_LIMIT}}})\]")


def read_name(text: str) -> str:
    """Read a name: one line of 1 to `NAME_LIMIT` visible characters. Raises `TemplateNameBad`."""
    name = _one_line(unicodedata.normalize("NFC", text))
    if not 1 <= len(name) <= NAME_LIMIT:
        raise TemplateNameBad(limit=NAME_LIMIT)
    return name


def read_frame(text: str) -> str:
    """Read a frame. Raises `PromptMissing`, `PromptTooLong` and `TooManyBlanks`."""
    frame = read_prompt(text)
    blanks = blanks_in(frame)
    if len(blanks) > BLANKS_LIMIT:
        raise TooManyBlanks(names=blanks, limit=BLANKS_LIMIT)
    return frame


def blanks_in(text: str) -> tuple[str, ...]:
    """List each blank once, in the order of the text, in capitals. `[hero_name]` and `[HERO NAME]` are the same."""
    names = map(_blank_name, dict.fromkeys(_BLANK.findall(text)))
    return tuple(dict.fromkeys(name for name in names if name))


def _blank_name(inside: str) -> str:
    """The blank's name in capitals. It is empty where the brackets hold nothing visible, and then this is no blank."""
    return _one_line(inside.replace("_", " ")).upper()


def _one_line(text: str) -> str:
    return " ".join("".join(each for each in text if each.isprintable() or each.isspace()).split())


def key_of(name: str) -> str:
    """The key by which a template is found, so that capitals make no difference."""
    return unicodedata.normalize("NFC", name.casefold())


class Template(BaseModel):
    """`blurb` says what it is for. Name and frame were checked by `read_name` and `read_frame`.

    The database keeps it as JSON. It is not checked again when it is read, because a member may see 150 of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    frame: str
    shape: Shape | None = None
    size: Size = Size.K1
    blurb: str = Field(default="", max_length=BLURB_LIMIT)

    @property
    def blanks(self) -> tuple[str, ...]:
        return blanks_in(self.frame)

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the prompt. `values` has texts by the names in `blanks`; others are ignored. Raises `BlanksMissing`.

        Brackets inside a value stay as they are, and open no other blank.
        """
        given = {name: text.strip() for name, text in values.items() if not is_empty(text)}
        missing = tuple(name for name in self.blanks if not given.get(name))
        if missing:
            raise BlanksMissing(names=missing)
        return _BLANK.sub(lambda match: given[name] if (name := _blank_name(match[1])) else match[0], self.frame)


class Origin(StrEnum):
    """The owner of a template. Where several have the same name, the first in this order is used."""

    OWN = "own"
    SERVER = "server"
    BUILT_IN = "built in"


@dataclass(frozen=True, slots=True)
class Listed:
    """A template that a member may use. `key` identifies it: a number, or the word of a built-in template."""

    key: str
    origin: Origin
    template: Template


def called(name: str, listed: Collection[Listed]) -> Listed | None:
    """Find a template by its name, or by the word of a built-in template."""
    wanted = key_of(" ".join(name.split()))
    for origin in Origin:
        for each in listed:
            if each.origin is origin and (
                key_of(each.template.name) == wanted or (origin is Origin.BUILT_IN and each.key == wanted)
            ):
                return each
    return None


def under_free_name(template: Template, taken: Collection[str]) -> Template:
    """Rename the template where its name is taken: "Poster" becomes "Poster 2". `taken` has keys."""
    name, number = template.name, 2
    while key_of(name) in taken:
        ending = f" {number}"
        name, number = template.name[: NAME_LIMIT - len(ending)].rstrip() + ending, number + 1
    return template.model_copy(update={"name": name})


def to_add(templates: Collection[Template], own: Collection[Template]) -> list[Template]:
    """Return the templates that `own` does not have yet, under free names. Raises `TemplatesFull`."""
    taken = {key_of(each.name) for each in own}
    added: list[Template] = []
    for template in dict.fromkeys(templates):
        if template not in own:
            added.append(under_free_name(template, taken))
            taken.add(key_of(added[-1].name))
    if len(own) + len(added) > OWN_LIMIT:
        raise TemplatesFull(limit=OWN_LIMIT, published=False)
    return added


def _refusing(read: Callable[[str], str]) -> Callable[[str], str]:
    """Turn a refusal into a `ValueError`, because pydantic reports where in the file it was raised."""

    def validate(text: str) -> str:
        try:
            return read(text)
        except Refusal as refusal:
            raise ValueError(str(refusal)) from refusal

    return validate


class _Carried(Template):
    """A template in an imported file, which a member may have written by hand."""

    name: Annotated[str, AfterValidator(_refusing(read_name))]
    frame: Annotated[str, AfterValidator(_refusing(read_frame))]


class _TemplateFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    stillframe_templates: Literal[1]  # the version of this kind of file
    templates: Annotated[tuple[_Carried, ...], Field(min_length=1, max_length=OWN_LIMIT + SERVER_LIMIT)]


def write_file(templates: Collection[Template]) -> bytes:
    """Write the templates as JSON that people can read, with each field under its own name."""
    carried = tuple(_Carried(**dict(each)) for each in templates)
    return _TemplateFile(stillframe_templates=1, templates=carried).model_dump_json(indent=2).encode()


def read_file(data: bytes) -> tuple[Template, ...]:
    """Read all templates of the file or none. Raises `TemplateFileBroken` with the first place that is wrong."""
    try:
        return tuple(Template(**dict(each)) for each in _TemplateFile.model_validate_json(data).templates)
    except ValidationError as error:
        where = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        raise TemplateFileBroken(place=_place(where)) from error


def _place(where: tuple[int | str, ...]) -> str:
    """Write the path as `templates, 3, shape`, counted from 1. It is empty where the file is not JSON."""
    return ", ".join(str(each + 1) if isinstance(each, int) else each for each in where)
