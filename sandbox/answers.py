"""Builds the supplier's JSON, by sections 2.3, 3, 5, 7 and 8 of the contract."""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus

from sandbox.ledger import MICROS, Account, Upload
from sandbox.prediction import Prediction

Json = dict[str, object]

RUNNING_WORDS = ("created", "processing", "pending")  # of the first polls; a status may step back
PRICE_LATE_READS = 2
BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
MESSAGES = {
    400: "invalid input",
    401: "unauthorized",
    402: "insufficient balance",
    403: "permission denied",
    404: "not found",
    413: "request body too large",
    429: "too many requests",
    451: "not available in your region",
    500: "internal error",
    502: "bad gateway",
    503: "service unavailable",
    504: "timed out waiting for the result; use the asynchronous mode",
}


def error(status: int, message: str, request_id: str) -> Json:
    return {"code": status, "msg": message, "request_id": request_id, "data": None}


def billing_error(status: int, message: str, request_id: str) -> Json:
    kind = "authentication_error" if status == HTTPStatus.UNAUTHORIZED else "invalid_request_error"
    return {"error": {"type": kind, "code": kind, "message": message, "param": None}, "request_id": request_id}


def error_shape(turn: int, message: str, request_id: str) -> Json:
    """Puts an error's text in one of the three places where it has been seen, in turn."""
    shapes: tuple[Json, ...] = (
        {"code": 400, "msg": message, "request_id": request_id, "data": None},
        {"code": 400, "message": message, "data": None},
        {"error": {"type": "invalid_request_error", "message": message}, "request_id": request_id},
    )
    return shapes[turn % len(shapes)]


def submitted(prediction: Prediction) -> Json:
    if prediction.scenario.reply == "legacy_ids":
        return {("id", "predictionId")[prediction.turn % 2]: prediction.id, "status": "processing"}
    return wrapped(200, "", _record(prediction, "processing"))


def polled(prediction: Prediction) -> tuple[int, Json]:
    """The HTTP status and the body. Counts as a poll, or as a read once the prediction has ended."""
    ended = prediction.ended
    if ended is None:
        word = RUNNING_WORDS[prediction.polls] if prediction.polls < len(RUNNING_WORDS) else "processing"
        prediction.polls += 1
        return 200, wrapped(200, "", _record(prediction, word))
    read = prediction.reads
    prediction.reads += 1
    milliseconds = round(prediction.latency_seconds * 1000)
    data = _record(prediction, ended.status) | {
        "outputs": ended.outputs,
        "error": ended.error,
        "created_at": prediction.created_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "executionTime": milliseconds,
        "timings": {"inference": milliseconds},
        "latency_ms": milliseconds,
    }
    if ended.failed:
        status = prediction.scenario.reads[min(read, len(prediction.scenario.reads) - 1)]
        message = "" if status == HTTPStatus.OK else f"Generation failed: {ended.error} (code: generation_failed)"
        return status, wrapped(status, message, data | {"error_code": ended.error_code})
    if prediction.scenario.unsafe:
        data["has_nsfw_contents"] = [True]
    return 200, wrapped(200, "", data | _price(prediction, read))


def _price(prediction: Prediction, read: int) -> Json:
    text = dollars(prediction.price_micros)
    match prediction.scenario.price:
        case "never":
            return {}
        case "late" if read < PRICE_LATE_READS:
            return {}
        case "number":
            return {"price": float(text)}
        case _:
            return {"price": text}


def wrapped(code: int, message: str, data: Json) -> Json:
    return {"code": code, "message": message, "data": data}


def _record(prediction: Prediction, status: str) -> Json:
    return {
        "id": prediction.id,
        "model": prediction.order.model,
        "status": status,
        "outputs": None,
        "urls": {"get": prediction.address},
        "has_nsfw_contents": None,
        "error": "",
    }


def uploaded(upload: Upload) -> Json:
    kind = upload.content_type.partition("/")[0]
    data: Json = {
        "type": kind if kind in {"image", "video"} else "other",
        "download_url": upload.url,
        "filename": upload.filename,
        "size": upload.size_bytes,
    }
    return wrapped(200, "success", data)


def calculated(micros: int, list_micros: int) -> Json:
    data: Json = {
        "price": float(dollars(micros)),
        "origin_price": float(dollars(list_micros)),
        "discount": micros / list_micros,
        "estimated": False,
        "estimated_tokens": None,
        "currency": "usd",
    }
    return wrapped(200, "", data)


def balance(account: Account, request_id: str) -> Json:
    none = _amount(0)
    return {
        "object": "balance",
        "scope": "account",
        "account": {"id": "ak_sandbox", "name": "Sandbox", "type": "personal"},
        "available": _amount(account.available_micros),
        "cash": _amount(account.available_micros),
        "bonus": none,
        "subscription_bonus": none,
        "frozen": _amount(account.frozen_micros),
        "credit_grant": {
            "status": "none",
            "granted": none,
            "used": none,
            "remaining_overdraft": none,
            "overdrawn": False,
        },
        "request_id": request_id,
    }


def dollars(micros: int) -> str:
    """US$ without zeros at the end, such as 0.15."""
    return f"{Decimal(micros) / MICROS:f}"


def _amount(micros: int) -> Json:
    return {"value": f"{Decimal(micros) / MICROS:.6f}", "currency": "usd"}
