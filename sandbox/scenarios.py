"""Names how the supplier has behaved or may behave, by section 12 of the contract and 7 of the facts on siblings.

What a body alone decides needs no name: an edit without images, a video where none is taken, the size that an ultra
model takes for granted.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

HEADER = "X-Sandbox-Scenario"
TOKEN = re.compile(r"\[scenario:([a-z0-9_]+)\]")
NORMAL = "ok"

Reply = Literal["normal", "filled", "slow", "reset", "legacy_ids", "error_shapes"]
Ending = Literal["completed", "succeeded", "done", "failed", "timeout", "never"]
Outputs = Literal["url", "dead_url", "object", "base64", "datauri", "string", "images", "drafts", "words", "none"]
Image = Literal["png", "jpeg", "huge", "small", "8k", "square"]
Price = Literal["at_once", "late", "never", "number"]
ForeignFields = Literal["ignored", "refused", "break"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`reads` are the HTTP statuses of successive reads of a failed prediction, the last one for good.

    `gone_after`: how many orders the model takes before its id vanishes. `percent`: the price now, of the account's
    price before. `narrowed`: the schema has lost a value.
    """

    name: str
    refuse: int | None = None
    reply: Reply = "normal"
    late_validation: bool = False
    first_polls: tuple[int, ...] = ()
    ending: Ending = "completed"
    error: str = "task processing failed"
    error_code: int | None = 1
    reads: tuple[int, ...] = (200,)
    outputs: Outputs = "url"
    image: Image = "png"
    unsafe: bool = False
    price: Price = "at_once"
    foreign_address: bool = False
    foreign_fields: ForeignFields = "ignored"
    gone_after: int | None = None
    percent: int = 100
    narrowed: bool = False


_REFUSALS = (401, 402, 403, 404, 413, 429, 451, 500, 502, 503, 504)
_ALL = (
    Scenario(name=NORMAL),
    Scenario(name="ok_succeeded", ending="succeeded"),
    Scenario(name="sync_filled", reply="filled"),
    Scenario(name="failed_200", ending="failed"),
    Scenario(name="failed_500", ending="failed", reads=(500,)),
    Scenario(name="failed_flip", ending="failed", reads=(200, 500)),
    Scenario(name="moderated_1039", ending="failed", error="input rejected by moderation", error_code=1039),
    Scenario(
        name="refused_google",
        ending="failed",
        error="no parts found for the request: PROHIBITED_CONTENT",
        error_code=None,
    ),
    *(
        Scenario(name=name, ending="failed", error=error, error_code=None)
        for name, error in (
            ("overloaded", "The model is overloaded. Please try again later."),
            ("moderation_down", "moderation service unavailable"),
            (
                "too_many_tokens",
                "The input token count (150000) exceeds the maximum number of tokens allowed (131072).",
            ),
            ("bad_image", "Unable to process input image. Please retry."),
            ("beyond_the_end", "The start offset 14s exceeds the duration of the video (12.5s)."),
            ("video_refused", "400 INVALID_ARGUMENT. Unsupported MIME type: text/html"),
            ("no_image", "no parts found for the request: NO_IMAGE"),
        )
    ),
    Scenario(name="timeout_state", ending="timeout", error="task timed out", error_code=None),
    Scenario(name="completed_empty", outputs="none"),
    Scenario(name="nsfw_true", unsafe=True),
    Scenario(name="never", ending="never"),
    Scenario(name="fresh_404", first_polls=(404, 404)),
    Scenario(name="fresh_400", first_polls=(400, 400)),
    Scenario(name="poll_502_html", first_polls=(502,)),
    Scenario(name="poll_429", first_polls=(429, 429)),
    *(Scenario(name=f"submit_{status}", refuse=status) for status in _REFUSALS),
    Scenario(name="submit_accept_then_reset", reply="reset"),
    Scenario(name="submit_slow", reply="slow"),
    Scenario(name="msg_vs_message", refuse=400, reply="error_shapes"),
    Scenario(name="url_dead", outputs="dead_url"),
    Scenario(name="out_object", outputs="object"),
    Scenario(name="out_base64", outputs="base64"),
    Scenario(name="out_datauri", outputs="datauri"),
    Scenario(name="out_string", outputs="string"),
    Scenario(name="out_images", outputs="images"),
    Scenario(name="out_drafts", outputs="drafts"),
    Scenario(name="out_words", outputs="words"),
    Scenario(name="ok_done", ending="done"),
    Scenario(name="square_output", image="square"),
    Scenario(name="jpeg_named_png", image="jpeg"),
    Scenario(name="huge_output", image="huge"),
    Scenario(name="small_output", image="small"),
    Scenario(name="price_late", price="late"),
    Scenario(name="price_never", price="never"),
    Scenario(name="price_number", price="number"),
    Scenario(name="legacy_ids", reply="legacy_ids"),
    Scenario(name="hostile_urls_get", foreign_address=True),
    Scenario(name="late_validation", late_validation=True),
    Scenario(name="model_unknown", refuse=404),
    Scenario(name="model_gone", gone_after=2),
    Scenario(name="foreign_field_400", foreign_fields="refused"),
    Scenario(name="foreign_field_500", foreign_fields="break"),
    Scenario(name="ultra_8k", image="8k"),
    Scenario(name="price_moved", percent=125),
    Scenario(name="schema_moved", narrowed=True),
    Scenario(name="upstream_retired", ending="failed", error="model is no longer available"),
)
_BY_NAME: Mapping[str, Scenario] = MappingProxyType({scenario.name: scenario for scenario in _ALL})
SCENARIOS: tuple[str, ...] = tuple(_BY_NAME)


def find(name: str) -> Scenario:
    """The scenario of a name. Raises `ValueError`, which lists the names there are."""
    if name not in _BY_NAME:
        raise ValueError(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    return _BY_NAME[name]


def without_token(prompt: str) -> str:
    return TOKEN.sub("", prompt).strip()


class Switch:
    """Chooses the scenario of a submission: its header's, else its prompt's, else the next one set by `use`."""

    def __init__(self) -> None:
        self._standing = find(NORMAL)
        self._next: deque[Scenario] = deque()
        self._taken: Counter[str] = Counter()

    def use(self, name: str, times: int | None) -> None:
        scenario = find(name)
        if times is None:
            self._standing = scenario
            self._next.clear()
        else:
            self._next.extend([scenario] * times)

    def look(self, header: str | None, prompt: object) -> Scenario:
        """The scenario that `take` would give now. Raises `ValueError` for an unknown name."""
        own = _asked_for(header, prompt)
        if own:
            return find(own)
        return self._next[0] if self._next else self._standing

    def take(self, header: str | None, prompt: object) -> tuple[Scenario, int]:
        """The scenario for a submission, and how often it was taken before, since some scenarios alternate."""
        scenario = self.look(header, prompt)
        if self._next and not _asked_for(header, prompt):
            self._next.popleft()
        turn = self._taken[scenario.name]
        self._taken[scenario.name] += 1
        return scenario, turn


def _asked_for(header: str | None, prompt: object) -> str | None:
    if header:
        return header
    found = TOKEN.search(prompt) if isinstance(prompt, str) else None
    return found[1] if found else None
