"""Settings: what the environment may say, what it may not, and that `.env.example` tells all of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.settings import Settings, problems

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_an_empty_environment_gives_the_defaults_that_the_documentation_promises() -> None:
    settings = Settings()
    assert settings.discord_token is None
    assert settings.atlascloud_base_url == "https://api.atlascloud.ai"
    assert settings.database_url == "sqlite:///data/stillframe.db"
    assert settings.data_dir == Path("data")
    assert settings.credits_per_usd == 1_000


def test_an_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "")
    monkeypatch.setenv("STARTING_CREDITS", "")
    assert Settings().discord_token is None
    assert Settings().starting_credits == 300


def test_a_dotenv_file_in_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKEN=from-the-file\nSTARTING_CREDITS=0\nSOMETHING_ELSE=1\n")
    settings = Settings()
    assert settings.discord_token
    assert settings.discord_token.get_secret_value() == "from-the-file"
    assert settings.starting_credits == 0


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080", "https://a.example"]
)
def test_plain_http_is_for_this_machine_only(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ATLASCLOUD_BASE_URL", f"{url}/")
    assert Settings().atlascloud_base_url == url


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ATLASCLOUD_BASE_URL", "http://api.atlascloud.ai", "must begin with https://"),
        ("ATLASCLOUD_BASE_URL", "http://127.0.0.1.evil.example", "must begin with https://"),
        ("ATLASCLOUD_BASE_URL", "https://user:secret@api.atlascloud.ai", "plain address"),
        ("ATLASCLOUD_BASE_URL", "atlascloud", "plain address"),
        ("DATABASE_URL", "postgresql://localhost/x", "not supported yet"),
        ("DATABASE_URL", "sqlite:///", "must be sqlite:///path"),
        ("STARTING_CREDITS", "-1", "greater than or equal to 0"),
        ("STARTING_CREDITS", "many", "valid integer"),
        ("CREDITS_PER_USD", "0", "greater than or equal to 1"),
        ("LOG_LEVEL", "LOUD", "DEBUG"),
        ("LOG_FORMAT", "xml", "console"),
        ("HTTP_PORT", "0", "greater than or equal to 1"),
        ("HTTP_PORT", "65536", "less than or equal to 65535"),
        ("HTTP_HOST", "secret.example.com", "an address of this machine"),
        ("SENTRY_DSN", "https://secret", "https://KEY@HOST/NUMBER"),
        ("SENTRY_DSN", "https://secret@sentry.example.com/project", "https://KEY@HOST/NUMBER"),
    ],
)
def test_a_wrong_setting_is_one_line_with_its_name_and_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as error:
        Settings()
    (line,) = problems(error.value)
    assert line.startswith(f"{name}: ")
    assert words in line
    assert "secret" not in line


def test_a_log_level_may_be_written_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert Settings().log_level == "DEBUG"


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    facts: dict[str, Any] = {"discord_token": "top-secret", "atlascloud_api_key": "top-secret"}
    assert "top-secret" not in repr(Settings(**facts))


def test_what_no_log_may_tell_is_every_secret_setting_and_each_key_in_one() -> None:
    dsn = "https://0123456789abcdef@o1.ingest.sentry.example.com/42"
    facts: dict[str, Any] = {"discord_token": "the-token", "atlascloud_api_key": "apikey-1", "sentry_dsn": dsn}
    assert Settings(**facts).secrets == ["the-token", "apikey-1", dsn, "0123456789abcdef"]
    assert Settings().secrets == []


def test_the_example_file_names_every_setting_with_its_default_and_nothing_else() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    matches = (re.fullmatch(r"#? ?([A-Z_]+)=(.*)", line) for line in lines)
    found = {match[1]: match[2] for match in matches if match}
    expected = {
        name.upper(): "" if field.default is None else str(field.default).removesuffix(".0")
        for name, field in Settings.model_fields.items()
    }
    assert expected == found


def test_the_example_file_is_itself_a_file_that_works(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text())
    assert Settings() == Settings(_env_file=None)
