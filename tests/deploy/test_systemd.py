"""The units: what systemd itself says of them, and that they fit each other and this version."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.app import STOP_SECONDS
from tests.deploy.names import ROOT, commands_in, strange_settings, wrong_in

FOLDER = ROOT / "deploy/systemd"
UNITS = ("stillframe.service", "stillframe-worker@.service")
ANALYZE = shutil.which("systemd-analyze")


def lines(unit: str) -> list[tuple[str, str]]:
    found = (line.partition("=") for line in (FOLDER / unit).read_text().splitlines() if re.match(r"[A-Z]", line))
    return [(name, value) for name, _, value in found]


def environment(unit: str) -> dict[str, str]:
    words = " ".join(value for name, value in lines(unit) if name == "Environment").split()
    return dict(word.split("=", 1) for word in words)


@pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not here")
def test_systemd_finds_nothing_to_say(tmp_path: Path) -> None:
    units = [tmp_path / "stillframe.service", tmp_path / "stillframe-worker@8081.service"]
    for source, unit in zip(UNITS, units, strict=True):
        unit.write_text((FOLDER / source).read_text().replace("/opt/stillframe/.venv/bin/python", sys.executable))
    checked = subprocess.run([str(ANALYZE), "verify", *units], capture_output=True, text=True, check=False)
    said = [line for line in checked.stderr.splitlines() if "stillframe" in line]
    assert (said, checked.returncode) == ([], 0)


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_runs_a_command_that_there_is_with_settings_that_there_are(unit: str) -> None:
    facts = dict(lines(unit))
    assert [wrong_in(words) for words in commands_in(facts["ExecStart"].split())] == [None]
    assert strange_settings(environment(unit)) == set()
    assert not {"DISCORD_TOKEN", "ATLASCLOUD_API_KEY"} & environment(unit).keys()


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_has_a_user_of_its_own_one_folder_and_time_to_end(unit: str) -> None:
    facts = dict(lines(unit))
    assert (facts["DynamicUser"], facts["StateDirectory"]) == ("yes", "stillframe")
    assert facts["CapabilityBoundingSet"] == ""
    assert int(facts["TimeoutStopSec"]) > STOP_SECONDS
    assert facts["Restart"] == "always"


def test_the_units_differ_only_in_what_they_run() -> None:
    one, other = (set(lines(unit)) for unit in UNITS)
    assert {name for name, _ in one ^ other} == {"Description", "Environment", "ExecStart"}


def test_a_command_by_hand_runs_as_the_service_does() -> None:
    text = (FOLDER / "stillframe").read_text()
    properties = dict(re.findall(r"--property=(\w+)=(\S+)", text))
    wanted = dict(lines("stillframe.service"))
    assert properties == {name: wanted[name].replace("%S", "/var/lib") for name in properties}
    assert {"DynamicUser", "User", "StateDirectory", "EnvironmentFile", "WorkingDirectory"} <= properties.keys()
    given = dict(re.findall(r"--setenv=(\w+)=(\S+)", text))
    settings = {name: value.replace("%S", "/var/lib") for name, value in environment("stillframe.service").items()}
    assert given == {name: settings[name] for name in given}
    assert strange_settings(given) == set()
