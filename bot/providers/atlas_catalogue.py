"""Atlas Cloud's catalogue of models, and the schema of each: what they say about a row. Pure: nothing here knows HTTP.

Of www.atlascloud.ai only the answers that others recorded are known; what is unexpected says nothing, and is no fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from bot.domain.models import Model
from bot.domain.recipe import Thinking
from bot.providers.atlas_wire import JsonObject

_SENT_ALWAYS = frozenset({"model", "prompt", "resolution"})


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields that a model takes. `required`: without them it takes nothing."""

    fields: Mapping[str, JsonObject]
    required: frozenset[str]


def read_models(payload: JsonObject) -> dict[str, str | None] | None:
    """Returns the address of each model's schema by the model's wire id; None where this is no catalogue."""
    data = payload.get("data")
    if not isinstance(data, list) or not data:
        return None
    entries = [each for each in data if isinstance(each, dict)]
    found = {str(each["model"]): _text(each.get("schema")) for each in entries if each.get("model")}
    return found or None


def read_schema(payload: JsonValue) -> Schema | None:
    """The model's input in its OpenAPI document; None where there is none."""
    found = payload
    for name in ("components", "schemas", "Input"):
        found = found.get(name) if isinstance(found, dict) else None
    properties = found.get("properties") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(properties, dict):
        return None
    required = found.get("required")
    return Schema(
        {name: each for name, each in properties.items() if isinstance(each, dict)},
        frozenset(map(str, required)) if isinstance(required, list) else frozenset(),
    )


def misfits(row: Model, schema: Schema) -> Iterator[str]:
    """Say in one line each what the row offers and the model does not take any more."""
    for name, values in _offered(row).items():
        field = schema.fields.get(name)
        if field is None:
            yield f"{name} is gone"
            continue
        allowed = field.get("enum")
        if isinstance(allowed, list) and (missing := [value for value in values if value not in allowed]):
            yield f"{name} no longer takes {', '.join(missing)}"
    yield from _images(row, schema)
    known = _SENT_ALWAYS | ({"video_clips"} if row.videos else set()) | ({"images"} if row.images[0] else set())
    for name in sorted(schema.required - known):
        yield f"{name} is required now"


def _images(row: Model, schema: Schema) -> Iterator[str]:
    if not row.images[1]:
        return
    field = schema.fields.get("images")
    if field is None:
        yield "images is gone"
        return
    least, most = field.get("minItems"), field.get("maxItems")
    if isinstance(most, int) and most < row.images[1]:
        yield f"images takes at most {most}, and the row says {row.images[1]}"
    if isinstance(least, int) and least > row.images[0]:
        yield f"images takes at least {least}, and the row says {row.images[0]}"


def _offered(row: Model) -> dict[str, list[str]]:
    """The values that the row may send, by the field's name in the API; no values where any will do."""
    offered = {
        "resolution": [size.value for size in row.sizes],
        "aspect_ratio": [shape.value for shape in row.shapes],
        "thinking_level": [level.value for level in row.thinking if level is not Thinking.DEFAULT],
        "output_format": [each.value for each in row.output_formats],
        "media_resolution": [each.value for each in row.media_resolutions],
    }
    flags = {"video_clips": row.videos, "enable_web_search": row.web_search, "enable_image_search": row.image_search}
    return {name: values for name, values in offered.items() if values} | {
        name: [] for name, is_on in flags.items() if is_on
    }


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None
