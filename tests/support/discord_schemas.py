"""Judges values by Discord's schemas. A field that a schema does not name is a mistake here, unlike in JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

FILE = Path(__file__).parents[1] / "data" / "discord_schemas.json"

Schema = Mapping[str, Any]

# The library checks addresses only with one more package, and by the whole RFC 3986.
_FORMATS = FormatChecker(formats=())
_FORMATS.checks("uri")(lambda value: not isinstance(value, str) or re.match(r"[a-z]+://\S+$", value) is not None)

_NAMES = {"uri": "address"}


def broken(value: Any, name: str, where: str) -> Iterator[str]:
    """A sentence for each rule of the schema `name` that the value breaks; `where` is how the value is called."""
    for error in _validators()[name].iter_errors(value):
        yield from (_sentence(each, where) for each in _nearest(error))


@cache
def _validators() -> Mapping[str, Any]:
    schemas = json.loads(FILE.read_text(encoding="utf-8"))["schemas"]
    definitions = {name: _stricter(schema, schemas) for name, schema in schemas.items()}
    judge = extend(  # type: ignore[no-untyped-call]  # the stubs say nothing of it
        Draft202012Validator,
        {"byType": _by_type},
        type_checker=Draft4Validator.TYPE_CHECKER,  # 1.0 is no integer
    )
    return {name: judge({"$ref": f"#/$defs/{name}", "$defs": definitions}, format_checker=_FORMATS) for name in schemas}


def _stricter(part: Any, schemas: Mapping[str, Schema]) -> Any:
    """The schema with its objects closed, and with `byType` where it has a choice of objects that differ by `type`."""
    if isinstance(part, list):
        return [_stricter(each, schemas) for each in part]
    if not isinstance(part, dict):
        return part
    match part:
        case {"$ref": name}:
            part = {"$ref": f"#/$defs/{name}"}
        case {"format": "snowflake"}:  # Discord takes an id, and a file's number, either way
            part = {**part, "type": ["string", "integer"], "minimum": 0}
        case {"oneOf": [{"type": "null"} as null, branch]}:
            part = {"if": null, "else": _stricter(branch, schemas)}
        case {"oneOf": [{"$ref": _}, *_] as branches}:
            part = {"byType": {kind: _stricter(each, schemas) for each in branches for kind in _kinds(each, schemas)}}
        case _:
            closed = {"additionalProperties": False} if "properties" in part else {}
            part = closed | {key: _stricter(value, schemas) for key, value in part.items()}
    return part


def _kinds(branch: Schema, schemas: Mapping[str, Schema]) -> list[Any]:
    kinds: list[Any] = schemas[branch["$ref"]]["properties"]["type"]["enum"]
    return kinds


def _by_type(validator: Any, schemas: Mapping[Any, Schema], value: Any, _: Schema) -> Iterator[ValidationError]:
    """The keyword `byType`: the value of the field `type` says by which schema an object is judged."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind in schemas:
        yield from validator.descend(value, schemas[kind])
    else:
        yield ValidationError(f"nothing of type {kind} may stand here")


def _nearest(error: ValidationError) -> Iterator[ValidationError]:
    """Where a value fits none of several schemas, its mistakes by the schema by which it has the fewest."""
    branches = [list(errors) for _, errors in groupby(error.context or (), key=lambda each: each.schema_path[0])]
    if not branches:
        yield error
        return
    for each in min(branches, key=lambda errors: (len(errors), errors[0].validator == "type")):
        yield from _nearest(each)


def _sentence(error: ValidationError, where: str) -> str:
    place = where + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    value: Any = error.instance
    schema = error.schema if isinstance(error.schema, dict) else {}
    match error.validator:
        case "minLength" | "maxLength":
            words = f", its length: {len(value)} is not from {schema.get('minLength')} to {schema.get('maxLength')}"
        case "minItems" | "maxItems":
            words = f", their number: {len(value)} is not from {schema.get('minItems')} to {schema.get('maxItems')}"
        case "minimum" | "maximum":
            words = f": {value} is not from {schema.get('minimum')} to {schema.get('maximum')}"
        case "type" | "format":
            words = f": {value!r:.60} is no {_NAMES.get(str(error.validator_value), error.validator_value)}"
        case "additionalProperties":
            words = f": there is no such field. {error.message}"
        case "required":
            words = "".join(f".{name} is missing" for name in schema["required"] if repr(name) in error.message)
        case _:
            words = f": {error.message}"
    return place + words
