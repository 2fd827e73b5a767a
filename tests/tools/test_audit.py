"""`make audit`: a vulnerability, a database out of reach and a broken tool are three different things.

The tool is the real pip-audit, and its database a stand-in on loopback.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.tools import audit
from tests.tools.locks import Pin

PACKAGES = [Pin("stillframe-a", "1.0"), Pin("stillframe-b", "2.0"), Pin("stillframe-b", "2.5")]
VULNERABILITY = {
    "id": "GHSA-0000",
    "aliases": ["CVE-2026-1"],
    "summary": "A hole.",
    "affected": [
        {
            "package": {"name": "stillframe-b", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.6"}]}],
        }
    ],
}


@contextmanager
def database(*, status: int = 200, holes: frozenset[tuple[str, str]] = frozenset()) -> Iterator[list[str | Path]]:
    """pip-audit, pointed at a database that knows of these packages and versions."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked: Any = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            hole = (asked["package"]["name"], asked["version"]) in holes
            body = json.dumps({"vulns": [VULNERABILITY]} if hole else {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield pip_audit(f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()


def pip_audit(url: str) -> list[str | Path]:
    return [Path(sys.executable).with_name("pip-audit"), "--vulnerability-service=osv", f"--osv-url={url}"]


def fake(place: Path, *, prints: str, complains: str = "", code: int = 0) -> list[str | Path]:
    tool = place / "pip-audit"
    tool.write_text(f"#!/bin/sh\ncat <<'X'\n{prints}\nX\ncat >&2 <<'X'\n{complains}\nX\nexit {code}\n")
    tool.chmod(0o755)
    return [tool]


def test_nothing_known_is_said_with_the_number_of_packages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound = [{"name": "stillframe-a", "version": "1.0", "vulns": []}]
    assert audit.audit(PACKAGES[:1], fake(tmp_path, prints=json.dumps({"dependencies": sound}))) == 0
    assert capsys.readouterr().out == "1 packages: no known vulnerabilities.\n"


def test_what_is_known_fails_and_is_named_also_of_a_second_version(capsys: pytest.CaptureFixture[str]) -> None:
    with database(holes=frozenset({("stillframe-b", "2.5")})) as tool:
        assert audit.audit(PACKAGES, tool) == 1
    said = capsys.readouterr().out
    assert said == "stillframe-b 2.5: CVE-2026-1 GHSA-0000, fixed in 2.6\n3 packages: 1 known vulnerabilities.\n"


def test_what_was_accepted_with_a_reason_does_not_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(audit.ACCEPTED, "CVE-2026-1", "only on a platform that we do not run on")
    hole = {"id": "GHSA-0000", "aliases": ["CVE-2026-1"], "fix_versions": []}
    report = {"dependencies": [{"name": "stillframe-a", "version": "1.0", "vulns": [hole]}]}
    assert audit.audit(PACKAGES[:1], fake(tmp_path, prints=json.dumps(report), code=1)) == 0
    assert "CVE-2026-1 is accepted: only on a platform" in capsys.readouterr().out


def test_a_database_out_of_reach_or_out_of_order_is_no_failure_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    with database(status=503) as broken:
        for tool in (pip_audit("http://127.0.0.1:9/"), broken):
            assert audit.audit(PACKAGES, tool) == 0
            (line,) = capsys.readouterr().out.splitlines()
            assert line.startswith("The database of vulnerabilities could not be asked (")


def test_a_mirror_that_knows_no_package_is_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """pip-audit then says "No known vulnerabilities found", and ends with 0."""
    skipped = [{"name": name, "skip_reason": "Dependency not found"} for name in ("stillframe-a",)]
    tool = fake(tmp_path, prints=json.dumps({"dependencies": skipped}))
    assert audit.audit(PACKAGES[:1], tool) == 0
    assert "could not be asked (it knows none of these packages)" in capsys.readouterr().out


def test_a_package_that_was_not_judged_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dependencies = [
        {"name": "stillframe-a", "skip_reason": "Dependency not found"},
        {"name": "stillframe-b", "vulns": []},
    ]
    assert audit.audit(PACKAGES[:2], fake(tmp_path, prints=json.dumps({"dependencies": dependencies}))) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Not known to the database, so not judged: stillframe-a.",
        "1 packages: no known vulnerabilities.",
    ]


@pytest.mark.parametrize("complains", ["ERROR:pip_audit._cli:invalid requirements input: x", "KeyError: 'fixed'", ""])
def test_a_tool_that_breaks_is_a_failure_and_no_silence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], complains: str
) -> None:
    noise = "requests.exceptions.ConnectionError: on the way, and handled\n"
    assert (
        audit.audit(PACKAGES, fake(tmp_path, prints="", complains=noise + complains if complains else "", code=1)) == 2
    )
    assert capsys.readouterr().out.startswith("pip-audit failed: ")


def test_a_tool_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    assert audit.audit(PACKAGES, [tmp_path / "nothing"]) == 2
