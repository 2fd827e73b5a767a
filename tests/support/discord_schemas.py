"""Values against Discord's own schemas. Stricter than JSON Schema: a field that a schema does not name is a mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "data" / "discord_schemas.json"

Schema = Mapping[str, Any]
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list,),
    "object": (dict,), "null": (type(None),),
}  # fmt: skip


def broken(value: object, name: str, where: str) -> Iterator[str]:
    """A sentence for each rule of the schema `name` that the value breaks; `where` is how the value is called."""
    yield from _judge(value, {"$ref": name}, where)


@cache
def _schemas() -> Mapping[str, Schema]:
    found: Mapping[str, Schema] = json.loads(FILE.read_text(encoding="utf-8"))["schemas"]
    return found


def _judge(value: object, schema: Schema, where: str) -> Iterator[str]:
    if "$ref" in schema:
        yield from _judge(value, _schemas()[schema["$ref"]], where)
        return
    if schema.get("format") == "snowflake" and isinstance(value, int):
        value = str(value)  # Discord takes an id, and a file's number, either way
    if not _is_one_of(value, schema.get("type")):
        yield f"{where}: {value!r:.60} is no {schema['type']}"
        return
    if value is None and "type" in schema:
        return
    for part in schema.get("allOf", ()):
        yield from _judge(value, part, where)
    for branches in (schema[key] for key in ("oneOf", "anyOf") if key in schema):
        yield from _nearest(value, branches, where)
    if value not in schema.get("enum", (value,)) or value != schema.get("const", value):
        yield f"{where}: {value!r:.60} is not allowed"
    yield from _judge_itself(value, schema, where)


def _judge_itself(value: object, schema: Schema, where: str) -> Iterator[str]:
    match value:
        case str():
            yield from _text(value, schema, where)
        case list():
            yield from _items(value, schema, where)
        case dict():
            yield from _fields(value, schema, where)
        case int() | float() if not isinstance(value, bool):
            yield from _between(value, schema.get("minimum"), schema.get("maximum"), where)


def _is_one_of(value: object, types: str | list[str] | None) -> bool:
    names = [types] if isinstance(types, str) else types or list(_TYPES)
    if isinstance(value, bool):  # no number here
        return "boolean" in names
    return any(isinstance(value, _TYPES[name]) for name in names)


def _nearest(value: object, branches: list[Schema], where: str) -> Iterator[str]:
    """By the `type` field of an object, else whichever has the fewest complaints."""
    schemas = [_schemas()[branch["$ref"]] if "$ref" in branch else branch for branch in branches]
    fitting = [schema for schema in schemas if _is_one_of(value, schema.get("type"))] or schemas
    if isinstance(value, dict) and "type" in value:
        fitting = [schema for schema in fitting if _is_of_kind(value["type"], schema)]
        if not fitting:
            yield f"{where}: nothing of type {value['type']} may stand here"
            return
    yield from min((list(_judge(value, schema, where)) for schema in fitting), key=len)


def _is_of_kind(kind: object, schema: Schema) -> bool:
    return not list(_judge(kind, schema.get("properties", {}).get("type", {}), ""))


def _text(value: str, schema: Schema, where: str) -> Iterator[str]:
    yield from _between(len(value), schema.get("minLength"), schema.get("maxLength"), f"{where}, its length")
    if not re.search(schema.get("pattern", ""), value):
        yield f"{where}: {value!r:.60} does not match {schema['pattern']}"
    if schema.get("format") == "uri" and not re.match(r"[a-z]+://\S+$", value):
        yield f"{where}: {value!r:.60} is no address"


def _items(value: list[object], schema: Schema, where: str) -> Iterator[str]:
    yield from _between(len(value), schema.get("minItems"), schema.get("maxItems"), f"{where}, their number")
    if schema.get("uniqueItems") and len(value) != len({json.dumps(each) for each in value}):
        yield f"{where}: something twice"
    for number, each in enumerate(value):
        yield from _judge(each, schema.get("items", {}), f"{where}[{number}]")


def _fields(value: dict[str, object], schema: Schema, where: str) -> Iterator[str]:
    if "properties" not in schema and "additionalProperties" not in schema:
        return
    yield from _between(len(value), None, schema.get("maxProperties"), f"{where}, their number")
    yield from (f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value)
    for name, each in value.items():
        field = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
        if field is None:
            yield f"{where}.{name}: there is no such field"
        else:
            yield from _judge(each, field, f"{where}.{name}")


def _between(value: float, least: float | None, most: float | None, where: str) -> Iterator[str]:
    if (least is not None and value < least) or (most is not None and value > most):
        yield f"{where}: {value} is not from {least} to {most}"
