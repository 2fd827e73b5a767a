"""The dashboard and the alerts: every figure that they name is one that the bot tells, with the labels it has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.job import ReleaseReason, UnderWay
from bot.telemetry.metrics import Metrics, Now

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs/operators/seeing.md").read_text()
BOARD: dict[str, Any] = json.loads((ROOT / "deploy/grafana.json").read_text())
GROUPS: list[dict[str, Any]] = yaml.safe_load((ROOT / "deploy/alerts.yml").read_text())["groups"]
ALERTS: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"]]
PANELS: list[dict[str, Any]] = BOARD["panels"]

OF_PROMETHEUS = frozenset({"job", "instance", "le"})  # labels that a scrape or a histogram adds

_NAME = re.compile(r"\b(?:stillframe|process|python)_[a-z0-9_]+")
_SELECTOR = re.compile(r"\b((?:stillframe|process|python)_[a-z0-9_]+)\s*\{([^}]*)\}")
_MATCHER = re.compile(r'([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_GROUPING = re.compile(r"\bby\s*\(([^)]*)\)")


def samples() -> Iterator[tuple[str, dict[str, str]]]:
    """Everything that `/metrics` can say, once it knows all."""
    metrics = Metrics()
    metrics.supplier_said(200)
    metrics.discord_refused(500)
    metrics.supplier_has(1)
    metrics.audited(0, now=1)
    now = Now(
        at=1, ready={"database": True}, sales_open=True, loop_lag_seconds=0, gateway_latency_seconds=0, servers=1,
        under_way=UnderWay(jobs={}, credits_held=0, oldest_at=None),
    )  # fmt: skip
    metrics.page(now)
    for family in metrics.registry.collect():
        for sample in family.samples:
            yield sample.name, sample.labels


LABELS: dict[str, set[str]] = {}
for _name, _labels in samples():
    LABELS.setdefault(_name, set()).update(_labels)

QUERIES = [
    *((rule["alert"], rule["expr"]) for rule in ALERTS),
    *((f"{panel['title']} {panel['id']}", target["expr"]) for panel in PANELS for target in panel["targets"]),
    *(
        (variable["name"], variable["definition"])
        for variable in BOARD["templating"]["list"]
        if "definition" in variable
    ),
]


@pytest.mark.parametrize("query", [query for _, query in QUERIES], ids=[name for name, _ in QUERIES])
def test_every_figure_in_a_query_is_told_with_the_labels_that_are_asked_for(query: str) -> None:
    names = _NAME.findall(query)
    assert names
    assert set(names) <= LABELS.keys()
    for name, matchers in _SELECTOR.findall(query):
        asked = {label for label, _, _ in _MATCHER.findall(matchers)}
        assert asked <= LABELS[name] | OF_PROMETHEUS
    known = set().union(*(LABELS[name] for name in names)) | OF_PROMETHEUS
    grouped = {label.strip() for group in _GROUPING.findall(query) for label in group.split(",")}
    assert grouped <= known


@pytest.mark.parametrize("query", [query for _, query in QUERIES], ids=[name for name, _ in QUERIES])
def test_every_outcome_in_a_query_is_one_that_there_is(query: str) -> None:
    outcomes = {"delivered", *ReleaseReason}
    asked = {each for label, _, values in _MATCHER.findall(query) if label == "outcome" for each in values.split("|")}
    assert asked <= outcomes


@pytest.mark.parametrize("rule", ALERTS, ids=[rule["alert"] for rule in ALERTS])
def test_every_alert_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    notes = rule["annotations"]
    assert notes["summary"].endswith(".")
    assert notes["description"].endswith(".")
    assert rule["labels"]["severity"] in {"warning", "critical"}
    page, anchor = notes["runbook_url"].split("#")
    assert page == "docs/operators/seeing.md"
    assert f"### {rule['alert']}\n" in GUIDE
    assert anchor == rule["alert"].lower()


def test_every_alert_in_the_guide_is_one_that_there_is() -> None:
    assert re.findall(r"^### (Stillframe\w+)$", GUIDE, re.MULTILINE) == [rule["alert"] for rule in ALERTS]


def test_every_figure_of_ours_stands_in_the_guide_and_no_other() -> None:
    told = {name for name in LABELS if name.startswith("stillframe_")}
    told = {re.sub(r"_(bucket|count|sum)$", "", name) for name in told}
    explained = set(re.findall(r"^\| `(stillframe_\w+)", GUIDE, re.MULTILINE))
    assert explained == told


def test_the_labels_of_a_figure_stand_beside_it_in_the_guide() -> None:
    for name, labels in re.findall(r"^\| `(stillframe_\w+)(?:\{(\w+)\})?`", GUIDE, re.MULTILINE):
        found = LABELS[name] if name in LABELS else LABELS[f"{name}_bucket"] - {"le"}
        assert found == ({labels} if labels else set()), name


def test_every_outcome_is_explained_and_the_members_own_are_no_reason_for_an_alert() -> None:
    matters = dict(re.findall(r"^\| `(\w+)` \| (the member|Discord|the supplier|you) \|", GUIDE, re.MULTILINE))
    assert matters.keys() == {*ReleaseReason}
    (refunds,) = [rule["expr"] for rule in ALERTS if rule["alert"] == "StillframeRefundsHigh"]
    (left_out,) = [set(values.split("|")) for label, sign, values in _MATCHER.findall(refunds) if sign == "!~"]
    assert left_out == {"delivered", *(outcome for outcome, whose in matters.items() if whose == "the member")}


def test_the_dashboard_is_one_that_anybody_can_import() -> None:
    assert BOARD["id"] is None
    (source,) = [each for each in BOARD["templating"]["list"] if each["type"] == "datasource"]
    assert source["query"] == "prometheus"
    assert {panel["type"] for panel in PANELS} == {"stat", "timeseries"}
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    for part in (*PANELS, *(target for panel in PANELS for target in panel["targets"])):
        assert part["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_no_two_panels_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }  # fmt: skip
        assert not cells & taken
        assert all(x < 24 for x, _ in cells)
        taken |= cells
