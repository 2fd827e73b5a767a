"""Builds what the supplier tells about its models: the catalogue, the schemas and the price list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import NAMESPACE_URL, uuid5

from sandbox.answers import Json, dollars, wrapped
from sandbox.catalogue import StandInCatalogue, StandInModel

SCHEMAS = "/model/schema/"
FLAGS = ("enable_web_search", "enable_image_search", "enable_sync_mode", "enable_base64_output")
PIC, REQUEST = "/pic", "/request"


def models(catalogue: StandInCatalogue, base_url: str) -> Json:
    """In this answer alone, `code` is text. `base_price` is one image's of the first size, and no price of an order."""
    return {"code": "200", "data": [_entry(model, base_url) for model in catalogue]}


def _entry(model: StandInModel, base_url: str) -> Json:
    base = model.micros_by_size[model.default_size]
    return {
        "uuid": str(uuid5(NAMESPACE_URL, model.id)),
        "model": model.id,
        "type": "Image",
        "displayName": model.name,
        "schema": f"{base_url}{SCHEMAS}{model.slug}.json",
        "price": {
            "discount": model.percent,
            "actual": {"base_price": dollars(base * model.percent // 100)},
            "origin": {"base_price": dollars(base)},
        },
        "display_console": True,
    }


def schema(model: StandInModel) -> Json:
    """OpenAPI 3.0, as the supplier's static host has it."""
    properties = _properties(model)
    required = ["model", "prompt"]
    if model.takes_clips:
        required.append("video_clips")  # its schema says so; images alone are taken all the same
    if model.images[0]:
        required.append("images")
    given: Json = {
        "type": "object",
        "properties": properties,
        "required": required,
        "x-order-properties": list(properties),
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Input"}}}}
    return {
        "openapi": "3.0.0",
        "info": {"title": model.name, "version": "1.0.0"},
        "paths": {"/api/v1/model/generateImage": {"post": {"requestBody": body}}},
        "components": {"schemas": {"Input": given, "PredictionResponse": {"type": "object"}}},
    }


def _properties(model: StandInModel) -> dict[str, Json]:
    found: dict[str, Json] = {
        "model": {"type": "string", "enum": [model.id], "default": model.id},
        "prompt": {"type": "string"},
    }
    if model.takes_clips:
        found["video_clips"] = {"type": "array", "maxItems": 1, "items": _clip()}
    if model.images[1]:
        found["images"] = {
            "type": "array",
            "minItems": model.images[0],
            "maxItems": model.images[1],
            "items": {"type": "string", "format": "uri"},
        }
    for name, values in model.options.items():
        found[name] = {"type": "string", "enum": list(values)}
        if name != "aspect_ratio":  # where none is given, the model picks
            found[name]["default"] = values[0]
    return found | {name: {"type": "boolean", "default": False} for name in FLAGS if name in model.fields}


def _clip() -> Json:
    keys: Mapping[str, Json] = {
        "url": {"type": "string", "format": "uri"},
        "start": {"type": "number", "minimum": 0},
        "ends": {"type": "number", "minimum": 0},
        "fps": {"type": "number", "minimum": 0, "maximum": 24},
    }
    return {"type": "object", "properties": keys, "required": list(keys)}


def prices(catalogue: StandInCatalogue) -> Json:
    return wrapped(200, "", {"rows": [row for model in catalogue for row in _price_rows(model)]})


def _price_rows(model: StandInModel) -> Iterator[Json]:
    sized = "resolution" in model.options
    for size, micros in model.micros_by_size.items():
        dimensions: Json = {"resolution": size} if sized else {}
        place = f"resolution-{size}" if sized else "image"
        yield _price_row(model, f"{place}-base", PIC, "base", micros, dimensions)
        for name in model.searches:
            total = micros + model.additions[name]
            yield _price_row(model, f"{place}-{name}-total", PIC, "total", total, dimensions | {name: True})
    for name, micros in model.additions.items():
        yield _price_row(model, f"{name}-addon", REQUEST, "addon", micros, {name: True})


def _price_row(model: StandInModel, row_id: str, unit: str, role: str, micros: int, dimensions: Json) -> Json:
    """Without a number where the supplier wants to be asked."""
    return {
        "model": model.id,
        "row_id": row_id,
        "billing_unit": unit,
        "price_role": role,
        "official_price": dollars(micros) if model.listed else None,
        "estimated": False,
        "requires_quote": not model.listed,
        "quote_defaults": dimensions,
    }
