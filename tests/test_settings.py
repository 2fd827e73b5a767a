"""Settings: what the environment may say, what it may not, and that `.env.example` tells all of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

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
    assert settings.database == "sqlite:///data/stillframe.db"
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
        ("DATABASE_URL", "mysql://user:secret@localhost/x", "postgresql://user:password@host/database"),
        ("DATABASE_URL", "postgresql://user:secret@localhost", "must be sqlite:///path"),
        ("DATABASE_URL", "postgresql://user:secret@localhost:port/x", "must be sqlite:///path"),
        ("DATABASE_URL", "sqlite:///", "must be sqlite:///path"),
        ("FILES_URL", "https://s3.example.com/bucket", "must be s3://bucket"),
        ("FILES_URL", "s3://", "must be s3://bucket"),
        ("FILES_URL", "s3://Bucket", "must be s3://bucket"),
        ("FILES_URL", "s3://secret@bucket", "must be s3://bucket"),
        ("FILES_URL", "s3://bucket/../other", "must be s3://bucket"),
        ("FILES_URL", "s3://bucket//prefix", "must be s3://bucket"),
        ("FILES_URL", "s3://bucket/prefix?secret", "must be s3://bucket"),
        ("S3_ENDPOINT_URL", "http://minio:9000", "must begin with https://"),
        ("S3_ENDPOINT_URL", "https://key:secret@s3.example.com", "plain address"),
        ("S3_ENDPOINT_URL", "https://s3 example.com", "plain address"),
        ("S3_ENDPOINT_URL", "https://", "plain address"),
        ("S3_ENDPOINT_URL", "https://s3.example.com?secret", "plain address"),
        ("S3_ENDPOINT_URL", "https://s3.example.com:99999", "out of range"),
        ("S3_ENDPOINT_URL", "https://[::1", "Invalid IPv6"),
        ("S3_REGION", "eu west", "should match pattern"),
        ("S3_SECRET_ACCESS_KEY", "secret-of-nobody", "go together"),
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


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("", None),
        ("s3://stills", ("stills", "")),
        ("s3://stills/", ("stills", "")),
        ("s3://my.stills-2/of/a_bot-1.x/", ("my.stills-2", "of/a_bot-1.x")),
    ],
)
def test_files_are_kept_in_a_bucket_where_the_setting_names_one(
    monkeypatch: pytest.MonkeyPatch, url: str, found: tuple[str, str] | None
) -> None:
    monkeypatch.setenv("FILES_URL", url)
    assert Settings().bucket_and_prefix == found


def test_a_key_that_is_no_word_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_ACCESS_KEY_ID", "AKIA\nX")
    monkeypatch.setenv("S3_SECRET_ACCESS_KEY", "secret")
    with pytest.raises(ValidationError) as error:
        Settings()
    (line,) = problems(error.value)
    assert line.startswith("S3_ACCESS_KEY_ID: ")
    assert "one word" in line


def test_one_key_of_a_store_without_the_other_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_ACCESS_KEY_ID", "AKIA-alone")
    with pytest.raises(ValidationError) as error:
        Settings()
    (line,) = problems(error.value)
    assert line.startswith("S3_SECRET_ACCESS_KEY: ")
    assert "AKIA" not in line


def test_a_log_level_may_be_written_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert Settings().log_level == "DEBUG"


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    names = ("discord_token", "atlascloud_api_key", "s3_access_key_id", "s3_secret_access_key")
    facts: dict[str, Any] = {name: f"top-secret-{name}" for name in names}
    assert "top-secret" not in repr(Settings(**facts))
    assert sorted(Settings(**facts).secrets) == sorted(facts.values())  # what the logs are told to leave out


def test_what_no_log_may_tell_is_every_secret_setting_and_each_key_in_one() -> None:
    dsn = "https://0123456789abcdef@o1.ingest.sentry.example.com/42"
    facts: dict[str, Any] = {"discord_token": "the-token", "atlascloud_api_key": "apikey-1", "sentry_dsn": dsn}
    assert Settings(**facts).secrets == ["the-token", "apikey-1", dsn, "0123456789abcdef"]
    assert Settings().secrets == []


def test_the_example_file_names_every_setting_with_its_default_and_nothing_else() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    matches = (re.fullmatch(r"#? ?([A-Z0-9_]+)=(.*)", line) for line in lines)
    found = {match[1]: match[2] for match in matches if match}
    expected = {name.upper(): _written(field.default) for name, field in Settings.model_fields.items()}
    assert expected == found


def _written(default: object) -> str:
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    return "" if default is None else str(default).removesuffix(".0")


def test_the_example_file_is_itself_a_file_that_works(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text())
    assert Settings() == Settings(_env_file=None)
