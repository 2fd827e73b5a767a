"""Cuts what a bot sends out of Discord's OpenAPI file, for `tests/support/discord_schemas.py`.

    python tests/data/cut_discord_schemas.py openapi.json

The file is https://github.com/discord/discord-api-spec/blob/74fda0f/specs/openapi.json (MIT licence).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SOURCE = (
    "github.com/discord/discord-api-spec, specs/openapi.json at 74fda0f, MIT licence; cut by cut_discord_schemas.py"
)
CUT = Path(__file__).with_name("discord_schemas.json")
ROOTS = (
    "ApplicationCommandAutocompleteCallbackRequest", "ApplicationCommandUpdateRequest",
    "CreateMessageInteractionCallbackRequest", "IncomingWebhookRequestPartial", "IncomingWebhookUpdateRequestPartial",
    "MessageCreateRequest", "MessageEditRequestPartial", "ModalInteractionCallbackRequest",
    "PongInteractionCallbackRequest", "UpdateMessageInteractionCallbackRequest",
)  # fmt: skip
WORDS = ("description", "title", "x-discord-union")  # for people
REFERENCE = "$ref"


def cut(schemas: dict[str, Any]) -> dict[str, Any]:
    """The roots, and all that they lead to."""
    kept: dict[str, Any] = {}
    wanted = list(ROOTS)
    while wanted:
        name = wanted.pop()
        if name not in kept:
            kept[name] = _lean(schemas[name])
            wanted += _references(kept[name])
    return dict(sorted(kept.items()))


def _lean(part: Any) -> Any:
    """Without words, and with bare names for references. A property called `title` stays: its value is no text."""
    if isinstance(part, list):
        return [_lean(each) for each in part]
    if not isinstance(part, dict):
        return part
    lean = {key: _lean(value) for key, value in part.items() if not (key in WORDS and isinstance(value, str))}
    if REFERENCE in lean:
        lean[REFERENCE] = lean[REFERENCE].rpartition("/")[2]
    return lean


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if REFERENCE in part:
            yield part[REFERENCE]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def main() -> None:
    whole = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    lines = [
        f"{json.dumps(name)}:{json.dumps(schema, separators=(',', ':'))}"
        for name, schema in cut(whole["components"]["schemas"]).items()
    ]
    text = ",\n".join(lines)  # a schema a line, so that a newer file shows what is new
    CUT.write_text(f'{{"source":{json.dumps(SOURCE)},\n"schemas":{{\n{text}\n}}}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
