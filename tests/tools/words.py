"""`make words` brings the catalogues up to date with the words in the code.

A new message comes without a translation, and `tests/text/test_i18n.py` fails until it has one. A message that the code
no longer has is removed. No translation is guessed from similar words.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "bot" / "text" / "locales"
SOURCES = sorted(path for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*.py"))
KEYWORDS = {"tr": 1, "trn": 2, "mark": 1, "locale_str": 1}  # and how many of their arguments are words
WIDTH = 120  # of a line in a catalogue
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # so that the same words are the same bytes
HEADER = """\
# `make words` brings this file up to date with the code; then fill in what is empty, and keep each {{placeholder}}.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def in_code() -> Catalog:
    """Every message, in the order of the files and of their lines."""
    template = Catalog()
    for path in SOURCES:
        for line, arguments in calls_in(path):
            words = [each.value for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if len(words) == len(arguments):  # what is looked up by a variable is marked elsewhere
                template.add(
                    tuple(words) if len(words) > 1 else words[0], locations=[(path.relative_to(ROOT).as_posix(), line)]
                )
    return template


def calls_in(path: Path) -> Iterator[tuple[int, list[ast.expr]]]:
    """The line and the words of each call, from the syntax tree, because Babel's extractor skips f-strings."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    for node in sorted(nodes, key=lambda each: (each.lineno, each.col_offset)):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in KEYWORDS:
            yield node.lineno, node.args[: KEYWORDS[name]]


def catalogues() -> list[Path]:
    return sorted(LOCALES.glob("*.po"))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def write(path: Path, catalogue: Catalog) -> None:
    """Write the catalogue without dates and line numbers, which would change with every edit of the code."""
    written = io.BytesIO()
    write_po(written, catalogue, width=WIDTH, omit_header=True, ignore_obsolete=True, include_lineno=False)
    header = HEADER.format(language=path.stem, plural_forms=catalogue.plural_forms)
    path.write_bytes(header.encode() + written.getvalue())
    path.with_suffix(".mo").write_bytes(compiled(path))


def compiled(path: Path) -> bytes:
    """What the bot reads: a catalogue of text costs each process 0.2 s and 3 MB to read."""
    catalogue, written = read(path), io.BytesIO()
    catalogue.creation_date = catalogue.revision_date = NO_DATE
    write_mo(written, catalogue)
    return written.getvalue()


def update(catalogue: Catalog, template: Catalog) -> list[Message]:
    """The messages that still need a translation."""
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    return untranslated(catalogue)


def untranslated(messages: Iterable[Message]) -> list[Message]:
    return [message for message in messages if message.id and (message.fuzzy or not all(forms(message)))]


def forms(message: Message) -> tuple[str, ...]:
    string = message.string or ""
    return tuple(string) if isinstance(string, list | tuple) else (string,)


def main() -> None:
    template = in_code()
    for path in catalogues():
        catalogue = read(path)
        missing = update(catalogue, template)
        write(path, catalogue)
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} messages, {len(missing)} without a translation")  # noqa: T201  # its answer
        for message in missing:
            print(f"  {message.id}")  # noqa: T201  # its answer


if __name__ == "__main__":
    main()
