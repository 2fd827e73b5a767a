"""Names that look like settings and are none: said, never refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.typos import typos
from tests.support.command_line import leave_for, stillframe

OF_OTHER_PROGRAMS = [
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "LOGNAME", "HOSTNAME", "HOME", "PATH", "TZ", "PIP_INDEX_URL"),
    *("COMPOSE_FILE", "POSTGRES_USER", "POSTGRES_PASSWORD", "PGHOST", "PGPASSWORD", "REDIS_URL", "KUBERNETES_PORT"),
    *("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "SENTRY_RELEASE", "SENTRY_ENVIRONMENT"),
]


@pytest.fixture(autouse=True)
def an_empty_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leave_for(tmp_path, monkeypatch)


def dotenv(text: str) -> list[str]:
    Path(".env").write_text(text)
    return list(typos())


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DISCORD_TOKN", "DISCORD_TOKEN"),
        ("DISCORD_BOT_TOKEN", "DISCORD_TOKEN"),
        ("DISCORD_TOKEN_FILE", "DISCORD_TOKEN"),
        ("ATLAS_API_KEY", "ATLASCLOUD_API_KEY"),
        ("atlas_cloud_api_key", "ATLASCLOUD_API_KEY"),
        ("STARTING_CREDIT", "STARTING_CREDITS"),
        ("DATABASE_URI", "DATABASE_URL"),
    ],
)
def test_a_name_that_is_like_a_setting_is_said_with_the_setting(name: str, meant: str) -> None:
    assert dotenv(f"{name}=1\n") == [f"{name.upper()} in .env is not a setting; did you mean {meant}?"]


def test_what_compose_puts_into_the_environment_is_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_DAY", "7")
    assert list(typos()) == ["RETENTION_DAY in the environment is not a setting; did you mean RETENTION_DAYS?"]


def test_names_of_other_programs_and_settings_themselves_are_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OF_OTHER_PROGRAMS:
        monkeypatch.setenv(name, "1")
    names = "".join(f"{name}=1\n" for name in OF_OTHER_PROGRAMS)
    assert dotenv(f"{names}export LOG_LEVEL=INFO\nlog_format = json\n# STARTING_CREDIT=5\n") == []


def test_a_setting_that_stands_twice_is_said() -> None:
    """The empty line of the example stands below the operator's own, so the setting is empty, and nothing shows why."""
    assert dotenv("DISCORD_TOKEN=abc\n\nDISCORD_TOKEN=\n") == [
        "DISCORD_TOKEN stands 2 times in .env: the last one counts."
    ]


def test_a_folder_in_the_place_of_dotenv_is_said() -> None:
    Path(".env").mkdir()
    (line,) = typos()
    assert line.startswith(".env is a folder")


def test_every_command_that_reads_settings_says_so_and_goes_on() -> None:
    Path(".env").write_text("DISCORD_TOKN=a-secret\n")
    result = stillframe("quote", "--video", "https://youtu.be/dQw4w9WgXcQ")
    assert result.exit_code == 0
    assert result.stderr == "DISCORD_TOKN in .env is not a setting; did you mean DISCORD_TOKEN?\n"
    assert "DISCORD_TOKN  in .env is not a setting" in stillframe("doctor").stdout
    assert stillframe("run").exit_code == 2


def test_a_dotenv_file_that_is_no_text_ends_a_command_with_one_line_and_no_stack() -> None:
    Path(".env").write_bytes("DISCORD_TOKEN=a-secret\n".encode("utf-16"))
    result = stillframe("run")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(".env: is not a text in UTF-8")
    assert "FIX  .env" in stillframe("doctor").stdout
