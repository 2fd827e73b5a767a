"""What the pages and the files of deploy/ show can be read, and names only what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import STOP_SECONDS
from tests.deploy.names import ROOT, commands_in, documents, mappings, strange_settings, wrong_in

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
KUBERNETES = ROOT / "docs/operators/kubernetes.md"

_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
# At the start of a line of code, of a span of code, or behind a prompt: not where prose speaks of it.
_TYPED = re.compile(r"(?:^ {4}|`|\$ )(?:sudo )?(?:\.venv/bin/)?stillframe ([a-z][\w-]*(?:[ \w.:/=-]*))", re.MULTILINE)
_AS_MODULE = re.compile(r"-m bot ([a-z][\w-]*(?:[ \w.:/=-]*))")
_IN_COMPOSE = re.compile(r"run --rm bot ([a-z][\w-]*(?:[ \w.:/=-]*))")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(page: Path) -> list[Any]:
    return [each for text in _BLOCK.findall(page.read_text()) for each in documents(text)]


def sections(page: Path) -> set[str]:
    """The anchors of its headings, as GitHub makes them: lower case, no marks, a dash for each blank."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def kubernetes(kind: str) -> list[Any]:
    return [each for each in blocks(KUBERNETES) if each["kind"] == kind]


def pods() -> Iterator[Any]:
    for owner in [*kubernetes("Deployment"), *kubernetes("StatefulSet")]:
        yield owner["spec"]["template"]["spec"]


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_the_yaml_of_a_page_can_be_read(page: Path) -> None:
    assert len(blocks(page)) >= page.read_text().count("```yaml")


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_commands_on_a_page_can_be_typed(page: Path) -> None:
    text = page.read_text().replace("\\\n", " ")
    typed = [found for pattern in (_TYPED, _AS_MODULE, _IN_COMPOSE) for found in pattern.findall(text)]
    assert [wrong for wrong in (wrong_in(words.split()) for words in typed) if wrong] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_to_a_section_lead_to_its_heading(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]*)#([^)]+)\)", page.read_text())
    assert [link for link in links if link[1] not in sections(page.parent / link[0] if link[0] else page)] == []


def test_every_file_for_deployment_can_be_read() -> None:
    for path in (ROOT / "deploy").rglob("*"):
        if path.suffix in {".yaml", ".yml"}:
            assert documents(path.read_text()), path
        if path.suffix == ".json":
            json.loads(path.read_text())


def test_the_kubernetes_examples_name_only_settings() -> None:
    for secret in kubernetes("Secret"):
        assert strange_settings(secret["stringData"]) == set()
    names = {each["name"] for pod in pods() for container in pod["containers"] for each in container["env"]}
    assert strange_settings(names) == set()


def test_the_kubernetes_examples_run_only_commands() -> None:
    for pod in pods():
        (container,) = pod["containers"]
        command = container.get("command", ["python", "-m", "bot"])
        found = list(commands_in([*command, *container["args"]]))
        assert [wrong_in(words) for words in found] == [None]


def test_every_pod_is_confined_watched_and_has_time_to_end() -> None:
    assert list(pods())
    for pod in pods():
        assert pod["terminationGracePeriodSeconds"] > STOP_SECONDS
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert {each["mountPath"] for each in container["volumeMounts"]} == {"/data", "/tmp"}  # noqa: S108  # in the pod
        assert {each["name"] for each in container["volumeMounts"]} == {each["name"] for each in pod["volumes"]}


def test_one_process_owns_a_sqlite_file_on_kubernetes_too() -> None:
    (alone,) = (each for each in kubernetes("Deployment") if each["metadata"]["name"] == "stillframe")
    assert (alone["spec"]["replicas"], alone["spec"]["strategy"]) == (1, {"type": "Recreate"})


def test_the_shards_of_the_pods_are_all_of_them_and_each_once() -> None:
    (gateways,) = kubernetes("StatefulSet")
    ((words,),) = [list(commands_in(each["args"])) for each in gateways["spec"]["template"]["spec"]["containers"]]
    count = int(words[words.index("--shard-count") + 1])
    each = re.findall(r"POD \* (\d+)", " ".join(words))
    assert {int(number) * gateways["spec"]["replicas"] for number in each} == {count}
    assert f"+ {int(each[0]) - 1}" in " ".join(words)


def test_selectors_find_the_pods_that_they_mean() -> None:
    owners = [*kubernetes("Deployment"), *kubernetes("StatefulSet")]
    labels = [each["spec"]["template"]["metadata"]["labels"] for each in owners]
    for each in mappings(blocks(KUBERNETES)):
        if "matchLabels" in each:
            assert each["matchLabels"] in labels
    assert all(each["spec"]["selector"]["matchLabels"] in labels for each in kubernetes("PodDisruptionBudget"))
