"""Settings, from the environment or a `.env` file. `.env.example` says what each is for; a test compares the two."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.preferences import NEVER_ASK
from bot.domain.pricing import Pricing
from bot.domain.wallet import GRANT_LIMIT

SQLITE = "sqlite:///"

_DSN = re.compile(r"https?://[^@/\s]+@[^@/\s]+/(?:[^@\s]*/)?[0-9]+")
_SKU = re.compile(r"(?P<sku>[0-9]{1,20}) ?: ?(?P<credits>[0-9]{1,7})")


class Settings(BaseSettings):
    """Read once at the start. The token and the key are optional here, because not every command needs them."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    discord_token: SecretStr | None = None
    atlascloud_api_key: SecretStr | None = None
    atlascloud_base_url: str = "https://api.atlascloud.ai"
    database_url: str = "sqlite:///data/stillframe.db"
    data_dir: Path = Path("data")
    starting_credits: int = Field(default=300, ge=0, le=1_000_000)
    credits_per_usd: int = Field(default=1_000, ge=1, le=1_000_000)
    price_markup_percent: int = Field(default=0, ge=0, le=1_000)
    default_span_seconds: float = Field(default=30.0, ge=1, le=450)
    supplier_max_running: int = Field(default=2, ge=1, le=100_000)
    supplier_polls_per_second: float = Field(default=20.0, gt=0, le=10_000)
    supplier_submits_per_second: float = Field(default=2.0, gt=0, le=10_000)
    supplier_balance_warn_usd: float = Field(default=1.0, ge=0, le=1_000_000)
    member_max_running: int = Field(default=2, ge=1, le=1_000)
    member_max_waiting: int = Field(default=5, ge=0, le=1_000)
    operator_channel_id: int | None = None
    confirm_from_credits: int = Field(default=200, ge=0, le=NEVER_ASK)
    direct_messages: bool = False
    purchase_skus: str = ""
    video_titles: bool = True
    retention_days: int = Field(default=30, ge=0, le=3_650)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"
    http_port: int | None = Field(default=None, ge=1, le=65_535)
    http_host: str = "127.0.0.1"
    sentry_dsn: SecretStr | None = None

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("atlascloud_base_url")
    @classmethod
    def _https_or_loopback(cls, value: str) -> str:
        parts = urlsplit(value)
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise ValueError("must be a plain address such as https://api.atlascloud.ai")
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
            raise ValueError("must begin with https:// (plain http only on this machine): it carries the key")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _sqlite(cls, value: str) -> str:
        if not value.startswith(SQLITE) or value == SQLITE:
            raise ValueError(f"must be {SQLITE}path/to/file.db; other databases are not supported yet")
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

    @field_validator("purchase_skus")
    @classmethod
    def _sold(cls, value: str, info: ValidationInfo) -> str:
        if _credits_by_sku(value) and not info.data.get("direct_messages"):
            raise ValueError("needs DIRECT_MESSAGES=True: what a member buys belongs to no server, and must be of use")
        return value

    @property
    def credits_by_sku(self) -> dict[int, int]:
        """What is for sale on Discord."""
        return _credits_by_sku(self.purchase_skus)

    @property
    def secrets(self) -> list[str]:
        """What must never be read in a log or a report: every setting that is a secret, whole and in its parts."""
        values = (getattr(self, name) for name in type(self).model_fields)
        whole = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        found = [*whole, self.database_url] if "@" in self.database_url else whole
        parts = [urlsplit(value) for value in found if "://" in value]
        return [*whole, *(part for url in parts for part in (url.username, url.password) if part)]

    @property
    def pricing(self) -> Pricing:
        return Pricing(credits_per_usd=self.credits_per_usd, markup_percent=self.price_markup_percent)

    @property
    def database_path(self) -> Path:
        return Path(self.database_url.removeprefix(SQLITE))


def problems(error: ValidationError) -> list[str]:
    """One line per wrong setting, by the name the operator knows it by; never its value, which may be a secret."""
    return [f"{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()]


def _credits_by_sku(text: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        match = _SKU.fullmatch(part)
        if match is None or not 1 <= int(match["credits"]) <= GRANT_LIMIT:
            raise ValueError("must be pairs such as 1234567890123456789:1000,2234567890123456789:5000")
        found[int(match["sku"])] = int(match["credits"])
    return found


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
