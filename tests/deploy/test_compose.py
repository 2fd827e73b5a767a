"""Both compose files: confined, patient, and in the words of this version."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from bot.app import STOP_SECONDS
from tests.deploy.names import ROOT, commands_in, strange_settings, wrong_in

FILES = ("compose.yaml", "deploy/compose.postgres.yaml")
OURS = [(file, name) for file, names in zip(FILES, [("bot",), ("bot", "worker")], strict=True) for name in names]
ALL = [*OURS, ("deploy/compose.postgres.yaml", "postgres")]


def compose(file: str) -> Any:
    return yaml.safe_load((ROOT / file).read_text())


def seconds(text: str) -> int:
    return int(re.fullmatch(r"(\d+)s", text)[1])  # type: ignore[index]  # the test fails where it is written otherwise


@pytest.mark.parametrize(("file", "name"), ALL)
def test_a_service_can_write_only_what_it_is_given(file: str, name: str) -> None:
    service = compose(file)["services"][name]
    assert service["read_only"] is True
    assert "/tmp" in service["tmpfs"]  # noqa: S108  # a path in the container
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in service
    assert "privileged" not in service


@pytest.mark.parametrize(("file", "name"), ALL)
def test_a_service_comes_back_is_watched_and_has_time_to_end(file: str, name: str) -> None:
    service = compose(file)["services"][name]
    assert service["restart"] == "unless-stopped"
    assert seconds(service["stop_grace_period"]) > STOP_SECONDS
    assert service["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize(("file", "name"), OURS)
def test_a_service_of_ours_runs_a_command_that_there_is(file: str, name: str) -> None:
    service = compose(file)["services"][name]
    assert wrong_in(service["command"]) is None
    assert [wrong_in(words) for words in commands_in(service["healthcheck"]["test"])] == [None]
    assert service["environment"]["HTTP_PORT"].isdigit()  # else the health check has no port to ask at


@pytest.mark.parametrize(("file", "name"), OURS)
def test_settings_have_their_names_and_secrets_stay_in_files(file: str, name: str) -> None:
    service = compose(file)["services"][name]
    assert strange_settings(service["environment"]) == set()
    assert not {"DISCORD_TOKEN", "ATLASCLOUD_API_KEY", "POSTGRES_PASSWORD"} & service["environment"].keys()
    assert ".env" in str(service["env_file"])


@pytest.mark.parametrize("file", FILES)
def test_every_volume_that_is_used_is_kept_under_a_name(file: str) -> None:
    facts = compose(file)
    used = {volume.split(":")[0] for service in facts["services"].values() for volume in service["volumes"]}
    assert used == facts["volumes"].keys()


def test_workers_are_two_and_wait_for_a_database_that_answers() -> None:
    services = compose("deploy/compose.postgres.yaml")["services"]
    assert services["worker"]["deploy"]["replicas"] == 2
    for name in ("bot", "worker"):
        assert services[name]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
        assert services[name]["volumes"] == ["data:/data"]
        assert services[name]["env_file"][-1] == services["postgres"]["env_file"]  # stronger than .env


def test_the_example_of_the_database_s_file_fits_the_service_and_is_not_taken_into_git() -> None:
    lines = (ROOT / "deploy/postgres.env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    assert strange_settings(example) == set()
    url = urlsplit(example["DATABASE_URL"])
    assert (url.scheme, url.username, url.password, url.hostname, url.path) == (
        "postgresql",
        example["POSTGRES_USER"],
        example["POSTGRES_PASSWORD"],
        "postgres",
        f"/{example['POSTGRES_DB']}",
    )
    health = compose("deploy/compose.postgres.yaml")["services"]["postgres"]["healthcheck"]["test"]
    assert f"--username={example['POSTGRES_USER']}" in health
    assert "/deploy/postgres.env" in (ROOT / ".gitignore").read_text().splitlines()
