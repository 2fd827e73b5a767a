"""`make audit` prints known vulnerabilities of the packages in the lock files.

Exit code 0: none is known, or no database could be reached, and one line says which. 1: one is known. 2: pip-audit
itself failed. pip-audit alone can't tell these apart: it ends with 1 for each of them, and with 0 when a mirror that
stands in for the database knows no package at all.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tests.tools.locks import DEVELOPMENT, PRODUCTION, Pin, pins

# Known, looked at, and no danger here: the id, and why. Empty it as soon as a fixed version is out.
ACCEPTED: dict[str, str] = {}

LIMIT_SECONDS = 600
NOT_ASKED = "The database of vulnerabilities could not be asked ({why}), so nothing is known either way."

# The last thing that pip-audit says where its database can't be reached, or does not answer as it should.
_NOT_REACHED = re.compile(
    r"(requests|urllib3)\.exceptions\.\w+|pip_audit\._service\.interface\.\w+|your network may be blocking"
)


class NotAsked(Exception):
    pass


class Failed(Exception):
    pass


def audit(found: Iterable[Pin], tool: Sequence[str | Path]) -> int:
    """Print the findings, and return the exit code. `tool` is pip-audit with its options."""
    vulnerable, total = 0, 0
    unknown: list[str] = []
    try:
        for some in _rounds(found):
            total += len(some)
            for each in _ask(some, tool):
                unknown += [each["name"]] if "skip_reason" in each else []
                vulnerable += sum(_said(each, vulnerability) for vulnerability in each.get("vulns", ()))
        if len(unknown) == total:
            raise NotAsked("it knows none of these packages")  # noqa: TRY301  # said below like the others
    except NotAsked as why:
        _say(NOT_ASKED.format(why=why))
    except Failed as why:
        _say(f"pip-audit failed: {why}")
        return 2
    else:
        if unknown:
            _say(f"Not known to the database, so not judged: {', '.join(sorted(unknown))}.")
        _say(f"{total - len(unknown)} packages: {vulnerable or 'no'} known vulnerabilities.")
    return 1 if vulnerable else 0


def _rounds(found: Iterable[Pin]) -> list[list[Pin]]:
    """pip-audit takes one version of a package at a time; markers are left out, so that all platforms are judged."""
    by_name: dict[str, list[Pin]] = {}
    for pin in sorted(set(found)):
        by_name.setdefault(pin.name, []).append(pin)
    return [[pin for pin in some if pin] for some in zip_longest(*by_name.values())]


def _ask(some: Sequence[Pin], tool: Sequence[str | Path]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("".join(f"{pin.name}=={pin.version}\n" for pin in some))
        options: list[str | Path] = [
            "--no-deps",
            "--disable-pip",
            "--progress-spinner=off",
            "--format=json",
            "--requirement",
            listed,
        ]
        try:
            answer = subprocess.run(
                [*tool, *options], capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotAsked(f"no answer within {LIMIT_SECONDS} s") from None
        except OSError as error:
            raise Failed(str(error)) from error
    try:
        dependencies: list[dict[str, Any]] = json.loads(answer.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (answer.stderr.strip().splitlines() or [f"exit code {answer.returncode}"])[-1]
        if reason := _NOT_REACHED.search(last):
            raise NotAsked(reason[0]) from None
        raise Failed(last) from None
    return dependencies


def _said(package: dict[str, Any], vulnerability: dict[str, Any]) -> bool:
    """Print a finding. Returns whether it counts."""
    names: list[str] = [vulnerability["id"], *vulnerability["aliases"]]
    for name in names:
        if name in ACCEPTED:
            _say(f"{package['name']} {package['version']}: {name} is accepted: {ACCEPTED[name]}")
            return False
    fixed = ", ".join(vulnerability["fix_versions"]) or "nothing yet"
    _say(f"{package['name']} {package['version']}: {' '.join(names)}, fixed in {fixed}")
    return True


def _say(line: str) -> None:
    print(line)  # noqa: T201  # its answer


if __name__ == "__main__":
    sys.exit(audit([*pins(PRODUCTION), *pins(DEVELOPMENT)], [Path(sys.executable).with_name("pip-audit")]))
