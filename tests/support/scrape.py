"""Reading what `/metrics` says, as a monitor would."""

from __future__ import annotations

import socket

from prometheus_client.parser import text_string_to_metric_families


class Scrape:
    """`scrape["jobs_total", "delivered"]`: by the name without our prefix, and the value of its label if it has one."""

    def __init__(self, page: str) -> None:
        families = text_string_to_metric_families(page)
        self._samples = [sample for family in families for sample in family.samples]

    def __getitem__(self, asked: str | tuple[str, str]) -> float:
        name, *label = (asked,) if isinstance(asked, str) else asked
        (value,) = [
            sample.value
            for sample in self._samples
            if sample.name == f"stillframe_{name}" and list(sample.labels.values()) == label
        ]
        return value

    def __contains__(self, name: str) -> bool:
        return any(sample.name == f"stillframe_{name}" for sample in self._samples)

    @property
    def labels(self) -> dict[str, set[str]]:
        """Every label there is, with its values."""
        found: dict[str, set[str]] = {}
        for sample in self._samples:
            for name, value in sample.labels.items():
                found.setdefault(name, set()).add(value)
        return found


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
