"""Which error of ours an answer of Atlas Cloud is, when it is not what was asked for.

By www.atlascloud.ai/docs/en/errors. A wrong path is a 401 there, not a 404: a sudden "key" may be a mistyped address.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.domain.errors import (
    ClosedBecause,
    ContentRefused,
    PredictionLost,
    SubmitUnknown,
    SupplierBusy,
    SupplierClosed,
    SupplierError,
    SupplierRejected,
    SupplierUnreachable,
)
from bot.domain.failure import Failure
from bot.providers.atlas_failures import failure_of
from bot.providers.atlas_http import HttpAnswer

_FORBIDDEN = 403
_NOT_FOUND = 404
_TOO_MANY_REQUESTS = 429
_REFUSED_REQUEST = frozenset({400, 404, 413, 422})  # before any work; 422 by Atlas's ComfyUI client
_REFUSED_FILE = frozenset({400, 413})
_NO_SUCH_PREDICTION = frozenset({400, 404, 422})
_CLOSED: dict[int, ClosedBecause] = {401: "key", 402: "funds", 451: "region"}
_BAD_AGENT = re.compile(r"\b1010\b")  # Cloudflare's "error code: 1010": our User-Agent is banned


def submit_error(answer: HttpAnswer) -> SupplierError:
    """An answer that is not surely a refusal is `SubmitUnknown`: a 503, a redirect, and a 200 without an id too."""
    if closed := _closed(answer):
        return closed
    if answer.status == _TOO_MANY_REQUESTS:
        return _error(SupplierBusy, answer)
    if answer.status == _FORBIDDEN:  # the firewall, about this one request: its text can set off a rule
        return _error(SupplierRejected, answer)
    if answer.status in _REFUSED_REQUEST:
        return _refused(answer)
    return _error(SubmitUnknown, answer)


def poll_error(answer: HttpAnswer) -> SupplierError:
    if answer.status in _NO_SUCH_PREDICTION:
        return _error(PredictionLost, answer)
    if answer.status == _FORBIDDEN and answer.payload is None:  # the firewall; the prediction runs on behind it
        return _error(SupplierUnreachable, answer)
    return call_error(answer)


def upload_error(answer: HttpAnswer) -> SupplierError:
    return call_error(answer, rejected=_REFUSED_FILE)


def price_error(answer: HttpAnswer) -> SupplierError:
    return call_error(answer, rejected=_REFUSED_REQUEST)


def call_error(answer: HttpAnswer, *, rejected: Collection[int] = ()) -> SupplierError:
    if answer.status in rejected:
        return _error(SupplierRejected, answer)
    return _closed(answer) or _error(SupplierUnreachable, answer)


def _refused(answer: HttpAnswer) -> SupplierError:
    """By what the text says. "Invalid" alone says nothing here: it may be the request as a whole.

    The address of a submit is right, else it were a 401: a 404 is about the model. Not so a page of a proxy.
    """
    failure = failure_of(answer.payload or {"msg": answer.text})
    if failure is Failure.CONTENT:
        return _error(ContentRefused, answer)
    vague = failure in {Failure.OTHER, Failure.ARGUMENT}
    if answer.payload is None:
        failure = Failure.OTHER if vague or failure is Failure.MODEL else failure
    elif vague:
        failure = Failure.MODEL if answer.status == _NOT_FOUND else Failure.OTHER
    return SupplierRejected(failure=failure, detail=answer.detail, request_id=answer.request_id)


def _closed(answer: HttpAnswer) -> SupplierClosed | None:
    because = _CLOSED.get(answer.status)
    if answer.status == _FORBIDDEN and (answer.payload is not None or _BAD_AGENT.search(answer.text)):
        because = "forbidden"
    if because is None:
        return None
    return SupplierClosed(because=because, detail=answer.detail, request_id=answer.request_id)


def _error(kind: type[SupplierError], answer: HttpAnswer) -> SupplierError:
    return kind(detail=answer.detail, request_id=answer.request_id)
