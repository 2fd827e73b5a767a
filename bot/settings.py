"""Settings come from the environment or a `.env` file. `.env.example` says what each is for; a test compares both."""

from __future__ import annotations

import ipaddress
import math
import re
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.model_rows import BUILT_IN
from bot.domain.models import Models
from bot.domain.models_file import read_models
from bot.domain.operator_budget import MICROS, OperatorBudgets
from bot.domain.preferences import NEVER_ASK
from bot.domain.pricing import Pricing
from bot.domain.wallet import GRANT_LIMIT, StartingCredits

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")
NO_SETTINGS = (ValidationError, OSError, UnicodeError)  # a wrong value, a `.env` that can't be read or is no text

# What Amazon takes as a bucket's name, and a prefix of what needs no escape; a part of dots would climb.
_S3_URL = re.compile(
    r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(/(?P<prefix>\w[\w.=-]*(/\w[\w.=-]*)*))?/?", re.ASCII
)
# The library for S3 does not refuse what is no address: it panics.
_ADDRESS = re.compile(r"https?://(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?(/[\w.~/-]*)?", re.ASCII | re.IGNORECASE)
_DSN = re.compile(r"https?://[^@/\s]+@[^@/\s]+/(?:[^@\s]*/)?[0-9]+")
USD_LIMIT = 1_000_000
STOP_USD = 1.0  # of the supplier's balance, where neither the warning nor the stop is set
SERVER_USD, DAY_USD, STRANGERS_USD = 20.0, 100.0, 10.0  # the operator's budgets of a new installation
BACKUP_HOURS = 24  # a file of SQLite's, where nothing is said; PostgreSQL has better means of its own

_SKU = re.compile(r"(?P<sku>[0-9]{1,20}) ?: ?(?P<credits>[0-9]{1,7})")
_SERVER_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_WORD = re.compile(r"[!-~]+")  # what can stand in a header: no blanks, and no quotes that a word processor made round
_COMMENT = re.compile(r"\s#")

# What a setting can be that pydantic says in the words of programmers.
_MUST_BE = {
    "int_parsing": "must be a whole number, in digits alone: without a unit, a comma or a word",
    "float_parsing": "must be a number such as 1 or 0.5, without a unit or a word",
    "bool_parsing": "must be True or False",
}


class Settings(BaseSettings):
    """Read once at the start. The token and the keys are optional here, because not every command needs them."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    discord_token: SecretStr | None = None
    atlascloud_api_key: SecretStr | None = None
    atlascloud_base_url: str = "https://api.atlascloud.ai"
    database_url: SecretStr = SecretStr("sqlite:///data/stillframe.db")  # PostgreSQL's has a password in it
    data_dir: Path = Path("data")
    files_url: str = ""
    s3_endpoint_url: str = ""
    s3_region: str = Field(default="us-east-1", pattern="^[A-Za-z0-9-]{1,64}$")
    s3_access_key_id: SecretStr | None = None
    s3_secret_access_key: SecretStr | None = Field(default=None, validate_default=True)
    starting_credits: int = Field(default=300, ge=0, le=1_000_000)
    starting_credits_account_days: int = Field(default=7, ge=0, le=10_000)
    credits_per_usd: int = Field(default=1_000, ge=1, le=1_000_000)
    price_markup_percent: int = Field(default=0, ge=0, le=1_000)
    models_file: Path | None = None
    image_search: bool = False
    default_span_seconds: float = Field(default=30.0, ge=1, le=450)
    supplier_max_running: int = Field(default=2, ge=1, le=100_000)
    supplier_polls_per_second: float = Field(default=20.0, gt=0, le=10_000)
    supplier_submits_per_second: float = Field(default=2.0, gt=0, le=10_000)
    supplier_balance_warn_usd: float = Field(default=5.0, ge=0, le=1_000_000)
    supplier_balance_stop_usd: float | None = Field(default=None, ge=0, le=1_000_000)
    allowed_servers: str = ""
    server_budget_usd_per_month: float | None = Field(default=None, ge=0)
    budget_usd_per_day: float | None = Field(default=None, ge=0)
    budget_usd_strangers_per_day: float | None = Field(default=None, ge=0)
    member_max_running: int = Field(default=2, ge=1, le=1_000)
    member_max_waiting: int = Field(default=5, ge=0, le=1_000)
    operator_channel_id: int | None = Field(default=None, gt=0, lt=2**63)
    confirm_from_credits: int = Field(default=200, ge=0, le=NEVER_ASK)
    direct_messages: bool = False
    purchase_skus: str = ""
    video_titles: bool = True
    retention_days: int = Field(default=30, ge=0, le=3_650)
    backup_every_hours: int | None = Field(default=None, ge=0, le=8_760)
    backup_keep: int = Field(default=7, ge=1, le=10_000)
    backup_dir: Path | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"
    http_port: int | None = Field(default=None, ge=1, le=65_535)
    http_host: str = "127.0.0.1"
    sentry_dsn: SecretStr | None = None

    @field_validator("server_budget_usd_per_month", "budget_usd_per_day", "budget_usd_strangers_per_day", mode="before")
    @classmethod
    def _none_is_no_budget(cls, value: object) -> object:
        return math.inf if isinstance(value, str) and value.lower() == "none" else value

    @field_validator("server_budget_usd_per_month", "budget_usd_per_day", "budget_usd_strangers_per_day")
    @classmethod
    def _a_budget(cls, value: float | None) -> float | None:
        if value is not None and USD_LIMIT < value < math.inf:
            raise ValueError(f"must be at most {USD_LIMIT}, or none")
        return value

    @field_validator("allowed_servers")
    @classmethod
    def _servers(cls, value: str) -> str:
        _ids(value)
        return value

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _any_case(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        return value.upper() if info.field_name == "log_level" else value.lower()

    @field_validator("*", mode="before")  # of those that run before, the last one written runs first
    @classmethod
    def _as_dotenv_reads_it(cls, value: object, info: ValidationInfo) -> object:
        """Docker's --env-file and Kubernetes keep quotes and blanks around a value; here they go, as in `.env`."""
        if not isinstance(value, str):
            return value
        text = value.strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
            text = text[1:-1].strip()
        if _COMMENT.search(text):
            raise ValueError("has a comment after its value: give the comment a line of its own")
        return text or cls.model_fields[info.field_name or ""].default

    @field_validator("discord_token", "atlascloud_api_key", "s3_access_key_id")
    @classmethod
    def _one_word(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not _WORD.fullmatch(value.get_secret_value()):
            raise ValueError("must be one word of plain letters, digits and signs: copy it again, and nothing with it")
        return value

    @field_validator("atlascloud_base_url")
    @classmethod
    def _https_or_loopback(cls, value: str) -> str:
        return _safe_address(value, example="https://api.atlascloud.ai")

    @field_validator("s3_endpoint_url")
    @classmethod
    def _amazon_or_https(cls, value: str) -> str:
        return _safe_address(value, example="https://s3.example.com") if value else ""

    @field_validator("files_url")
    @classmethod
    def _bucket(cls, value: str) -> str:
        if value and not _S3_URL.fullmatch(value):
            raise ValueError("must be s3://bucket or s3://bucket/prefix, or empty for DATA_DIR")
        return value.rstrip("/")

    @field_validator("s3_secret_access_key")
    @classmethod
    def _both_or_none(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        other = info.data.get("s3_access_key_id", value)  # absent where it was refused itself
        if (value is None) != (other is None):
            raise ValueError("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY go together: set both, or neither")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        check_database_url(value.get_secret_value())
        return value

    @field_validator("http_host")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if value != "localhost" and not _is_address(value):
            raise ValueError("must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them")
        return value

    @field_validator("sentry_dsn")
    @classmethod
    def _dsn(cls, value: SecretStr | None) -> SecretStr | None:
        if value and _DSN.fullmatch(value.get_secret_value()) is None:
            raise ValueError("must be as Sentry shows it: https://KEY@HOST/NUMBER")
        return value

    @field_validator("models_file")
    @classmethod
    def _good_rows(cls, value: Path | None) -> Path | None:
        if value is not None:
            _check_written_out(str(value))
            _models_in(value)
        return value

    @field_validator("data_dir", "backup_dir")
    @classmethod
    def _on_this_disk(cls, value: Path | None) -> Path | None:
        _check_written_out(str(value))
        return value

    @field_validator("purchase_skus")
    @classmethod
    def _sold(cls, value: str, info: ValidationInfo) -> str:
        if _credits_by_sku(value) and not info.data.get("direct_messages", True):  # not there: it has a line of its own
            raise ValueError("needs DIRECT_MESSAGES=True: what a member buys belongs to no server, and must be of use")
        return value

    @property
    def allowed_server_ids(self) -> frozenset[int]:
        """The servers that the bot works in; empty for every server that adds it."""
        return _ids(self.allowed_servers)

    @property
    def supplier_stop_usd(self) -> float:
        """The balance under which no new orders are taken; 0 for never."""
        if self.supplier_balance_stop_usd is not None:
            return self.supplier_balance_stop_usd
        return self.supplier_balance_warn_usd if self.stops_at_the_warning else STOP_USD

    @property
    def stops_at_the_warning(self) -> bool:
        """The warning is set and the stop is not: then the bot stops there, as it did before there was a stop."""
        return self.supplier_balance_stop_usd is None and "supplier_balance_warn_usd" in self.model_fields_set

    def budgets(self, *, from_before: bool) -> OperatorBudgets:
        """The operator's budgets. `from_before`: an older version has placed orders, so only those count that are set.

        Where `ALLOWED_SERVERS` is set, no server is unknown.
        """
        chosen = bool(self.allowed_servers)
        month, day = self.server_budget_usd_per_month, self.budget_usd_per_day
        return OperatorBudgets(
            server_month=_micros(month, None if from_before or chosen else SERVER_USD),
            day=_micros(day, None if from_before else DAY_USD),
            strangers_day=None
            if chosen
            else _micros(self.budget_usd_strangers_per_day, None if from_before else STRANGERS_USD),
            credits_per_usd=self.credits_per_usd,
        )

    @property
    def credits_by_sku(self) -> dict[int, int]:
        """The credits that each SKU sells on Discord."""
        return _credits_by_sku(self.purchase_skus)

    @property
    def bucket_and_prefix(self) -> tuple[str, str] | None:
        """The bucket and the prefix that `FILES_URL` names; None where files are kept in `DATA_DIR`."""
        match = _S3_URL.fullmatch(self.files_url)
        return (match["bucket"], match["prefix"] or "") if match else None

    @property
    def secrets(self) -> list[str]:
        """The texts that logs and reports must never show: every setting that is a secret, whole and in its parts."""
        values = (getattr(self, name) for name in type(self).model_fields)
        whole = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        hidden = [value for value in whole if not value.startswith(SQLITE)]  # the path of a file is none
        urls = [urlsplit(value) for value in hidden if "://" in value]
        # A database's user is no secret, and may well be called as the bot is; Sentry's is the key.
        keys = [url.password if f"{url.scheme}://" in POSTGRES else url.username for url in urls]
        return [*hidden, *(unquote(key) for key in keys if key)]

    @property
    def backup_hours(self) -> int:
        """The hours between two backups; 0 makes none."""
        if self.backup_every_hours is not None:
            return self.backup_every_hours
        return BACKUP_HOURS if self.database_file is not None else 0

    @property
    def backups(self) -> Path:
        return self.backup_dir or self.data_dir / "backups"

    @cached_property
    def models(self) -> Models:
        """The rows of all models, as `MODELS_FILE` changes those built in."""
        models = self.models_with_all_options
        if self.image_search:
            return models
        return Models(tuple(replace(row, image_search=False) for row in models.rows))

    @cached_property
    def models_with_all_options(self) -> Models:
        """The same, with the options that the operator has not turned on."""
        return _models_in(self.models_file) if self.models_file else BUILT_IN

    @property
    def starting(self) -> StartingCredits:
        return StartingCredits(amount=self.starting_credits, account_days=self.starting_credits_account_days)

    @property
    def pricing(self) -> Pricing:
        return Pricing(
            models=self.models, credits_per_usd=self.credits_per_usd, markup_percent=self.price_markup_percent
        )

    @property
    def database(self) -> str:
        """The address of the database, with its password."""
        return self.database_url.get_secret_value()

    @property
    def database_file(self) -> Path | None:
        """The file of SQLite; None for PostgreSQL."""
        return Path(self.database.removeprefix(SQLITE)) if self.database.startswith(SQLITE) else None


def problems(error: ValidationError | OSError | UnicodeError) -> list[str]:
    """Each wrong setting gives a line with its name, a file of models one for each fault. Its value is never in it."""
    if isinstance(error, OSError):
        return [f".env: can't be read: {error.strerror}."]
    if isinstance(error, UnicodeError):
        return [".env: is not a text in UTF-8. Save it anew as UTF-8 (not Unicode, not UTF-16)."]
    return [
        f"{'.'.join(map(str, each['loc'])).upper()}: {line}"
        for each in error.errors()
        for line in _words(each).splitlines()
    ]


def _words(each: ErrorDetails) -> str:
    said = each["msg"].removeprefix("Value error, ").replace("Input should be", "must be", 1)
    return _MUST_BE.get(each["type"], said)


def check_database_url(url: str) -> None:
    """Raises `ValueError` for an address that can't be used; its text has no password."""
    if not ((url.startswith(SQLITE) and url != SQLITE) or (url.startswith(POSTGRES) and _names_a_database(url))):
        raise ValueError(f"must be {SQLITE}path/to/file.db, or postgresql://user:password@host/database")
    if url.startswith(SQLITE):
        path = url.removeprefix(SQLITE)
        _check_written_out(path)
        if path.startswith(":memory:") or "?" in path:
            raise ValueError("must name a file, without options: credits must outlive the process")


def _models_in(file: Path) -> Models:
    """Raises `ValueError`: one line for each fault of the file."""
    try:
        return read_models(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ValueError(f"can't be read: {error.strerror}") from error
    except UnicodeError as error:
        raise ValueError("is not a text in UTF-8") from error


def _check_written_out(path: str) -> None:
    if path.startswith(("~", "$")):
        raise ValueError("must be a path written out: ~ and $ mean something only in a shell")


def _credits_by_sku(text: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        match = _SKU.fullmatch(part)
        if match is None or not 1 <= int(match["credits"]) <= GRANT_LIMIT:
            raise ValueError("must be pairs such as 1234567890123456789:1000,2234567890123456789:5000")
        if int(match["sku"]) in found:
            raise ValueError("names a SKU twice")
        found[int(match["sku"])] = int(match["credits"])
    return found


def _ids(text: str) -> frozenset[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(_SERVER_ID.fullmatch(part) and 0 < int(part) < 2**63 for part in parts):
        raise ValueError("must be the ids of servers, such as 1234567890123456789, 2234567890123456789")
    return frozenset(map(int, parts))


def _micros(usd: float | None, default: float | None) -> int | None:
    wanted = default if usd is None else usd
    return None if wanted is None or math.isinf(wanted) else round(wanted * MICROS)


def _names_a_database(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname and parts.path.strip("/")) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _safe_address(value: str, *, example: str) -> str:
    try:
        parts = urlsplit(value)
        plain = _ADDRESS.fullmatch(value) and parts.hostname and parts.port != 0  # too high, and `port` raises
    except ValueError:  # brackets that do not close, a port that is none
        plain = False
    if not plain:
        raise ValueError(f"must be a plain address such as {example}")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        raise ValueError("must begin with https:// (plain http only on this machine): it carries the key")
    return value.rstrip("/")


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
