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


def dollars(**changes: Any) -> list[float | None]:
    from_before = changes.pop("from_before", False)
    found = Settings(_env_file=None, **changes).budgets(from_before=from_before)
    return [None if each is None else each / 1e6 for each in (found.server_month, found.day, found.strangers_day)]


def test_a_new_installation_bounds_the_operators_money_and_one_from_before_only_where_it_says_so() -> None:
    assert dollars() == [20, 100, 10]
    assert dollars(allowed_servers="1, 2") == [None, 100, None]
    assert dollars(allowed_servers="1", server_budget_usd_per_month=5) == [5, 100, None]
    assert dollars(from_before=True) == [None, None, None]
    assert dollars(from_before=True, budget_usd_per_day=7.5) == [None, 7.5, None]
    assert dollars(server_budget_usd_per_month="none", budget_usd_per_day="None", budget_usd_strangers_per_day=0) == [
        None,
        None,
        0,
    ]


def test_a_balance_stops_orders_where_it_did_until_the_stop_is_set() -> None:
    for changes, stop in (
        ({}, 1.0),
        ({"supplier_balance_warn_usd": 3}, 3.0),
        ({"supplier_balance_warn_usd": 3, "supplier_balance_stop_usd": 2}, 2.0),
        ({"supplier_balance_stop_usd": 0}, 0.0),
    ):
        settings = Settings(_env_file=None, **changes)  # type: ignore[arg-type]  # as the environment gives them
        assert settings.supplier_stop_usd == stop
        assert settings.stops_at_the_warning == (list(changes) == ["supplier_balance_warn_usd"])


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
        ("ALLOWED_SERVERS", "My server", "must be the ids of servers"),
        ("BUDGET_USD_PER_DAY", "-1", "must be greater than or equal to 0"),
        ("BUDGET_USD_PER_DAY", "2000000", "must be at most 1000000, or none"),
        ("SERVER_BUDGET_USD_PER_MONTH", "$20", "must be a number"),
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
        ("S3_ENDPOINT_URL", "https://s3.example.com:99999", "plain address"),
        ("S3_ENDPOINT_URL", "https://[::1", "plain address"),
        ("S3_REGION", "eu west", "should match pattern"),
        ("S3_SECRET_ACCESS_KEY", "secret-of-nobody", "go together"),
        ("ATLASCLOUD_BASE_URL", "https://[half", "plain address"),
        ("ATLASCLOUD_BASE_URL", "https://a.example:port", "plain address"),
        ("ATLASCLOUD_BASE_URL", "https://a b.example", "plain address"),
        ("DATABASE_URL", "sqlite:///:memory:", "must name a file"),
        ("DATABASE_URL", "sqlite:///a.db?mode=ro", "must name a file"),
        ("DATABASE_URL", "sqlite:///~/a.db", "~ and $ mean something only in a shell"),
        ("DATA_DIR", "$HOME/data", "~ and $ mean something only in a shell"),
        ("STARTING_CREDITS", "-1", "greater than or equal to 0"),
        ("STARTING_CREDITS", "many", "must be a whole number"),
        ("STARTING_CREDITS", "300 credits", "without a unit"),
        ("STARTING_CREDITS", "1,000", "without a unit, a comma"),
        ("STARTING_CREDITS", "300 # two images", "has a comment after its value"),
        ("RETENTION_DAYS", "30d", "must be a whole number"),
        ("DEFAULT_SPAN_SECONDS", "30s", "must be a number"),
        ("DEFAULT_SPAN_SECONDS", "nan", "must be"),
        ("SUPPLIER_BALANCE_WARN_USD", "$1", "must be a number"),
        ("DIRECT_MESSAGES", "maybe", "must be True or False"),
        ("OPERATOR_CHANNEL_ID", "#general", "must be a whole number"),
        ("OPERATOR_CHANNEL_ID", "0", "must be greater than 0"),
        ("DISCORD_TOKEN", "Bot secret", "must be one word"),
        ("DISCORD_TOKEN", "secret\u201d", "must be one word"),
        ("ATLASCLOUD_API_KEY", "apikey-secret # mine", "has a comment after its value"),
        ("PURCHASE_SKUS", "1:100,1:200", "names a SKU twice"),
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


def test_words_may_be_written_large_or_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    monkeypatch.setenv("LOG_FORMAT", "JSON")
    assert (Settings().log_level, Settings().log_format) == ("DEBUG", "json")


@pytest.mark.parametrize("value", ["'apikey-1'", '"apikey-1"', "apikey-1\n", " apikey-1 ", "' apikey-1 '"])
def test_quotes_and_blanks_around_a_value_are_not_part_of_it(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Docker's --env-file hands quotes on, and a Kubernetes secret made from a file ends with its last line's end."""
    monkeypatch.setenv("ATLASCLOUD_API_KEY", value)
    key = Settings().atlascloud_api_key
    assert key
    assert key.get_secret_value() == "apikey-1"


def test_a_value_of_blanks_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "  ")
    monkeypatch.setenv("STARTING_CREDITS", '""')
    assert (Settings().discord_token, Settings().starting_credits) == (None, 300)


def test_one_mistake_is_one_line_even_where_another_setting_leans_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PURCHASE_SKUS", "1:100")
    monkeypatch.setenv("DIRECT_MESSAGES", "maybe")
    with pytest.raises(ValidationError) as error:
        Settings()
    assert len(problems(error.value)) == 1


@pytest.mark.parametrize("content", ["DISCORD_TOKEN=abc\n".encode("utf-16"), "# Schlüssel\n".encode("latin-1")])
def test_a_dotenv_file_that_is_no_text_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(UnicodeDecodeError) as error:
        Settings()
    (line,) = problems(error.value)
    assert line.startswith(".env: is not a text in UTF-8")


def test_a_dotenv_file_that_may_not_be_read_is_one_line() -> None:
    assert problems(PermissionError(13, "Permission denied")) == [".env: can't be read: Permission denied."]


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
