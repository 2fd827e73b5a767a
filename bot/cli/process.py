"""The process of the bot or of a worker: it checks its settings, sets up logs and error reports, and runs."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import typer
from pydantic import SecretStr

from bot.app import Role, open_app, serve
from bot.cli.exits import EXIT_REFUSED, finish, give_up
from bot.settings import Settings
from bot.status.http_server import PortUnusable
from bot.telemetry.logs import set_up_logs
from bot.telemetry.redaction import Redactor
from bot.telemetry.sentry import SentryMissing, reporting

log = logging.getLogger(__name__)

NO_SANDBOX = "The sandbox is not installed here ({missing} is missing): pip install 'stillframe[sandbox]'."

_SHARDS = re.compile(r"(?P<first>[0-9]{1,5})(?:-(?P<last>[0-9]{1,5}))?")


def run_process(settings: Settings, role: Role, *, sandbox: bool = False) -> None:
    """Run the bot or a worker until a signal stops it. Settings that can't work end it with one line."""
    if settings.discord_token is None:
        give_up("DISCORD_TOKEN is not set. Run `stillframe doctor`: it says how to get one.")
    if settings.atlascloud_api_key is None and not sandbox and role.jobs:
        give_up(
            "ATLASCLOUD_API_KEY is not set, so no image can be made. Set it, "
            "or try everything else with `stillframe run --sandbox-supplier`."
        )
    if not settings.files_url:
        _check_data_dir(settings.data_dir)
    with reporting_errors(settings):
        finish(_run(settings, settings.discord_token, role, sandbox=sandbox))


def require_postgres(settings: Settings) -> None:
    """Several processes can't share a SQLite file."""
    if settings.database_file is not None:
        give_up(
            "One process owns a SQLite file, so several need PostgreSQL: set DATABASE_URL=postgresql://... "
            "(`stillframe migrate-database` moves everything there)."
        )


def read_shards(text: str | None, count: int | None) -> tuple[int, ...] | None:
    """The shards that `0-3` or a single number means. Raises `typer.BadParameter` where one option lacks the other."""
    if text is None and count is None:
        return None
    match = _SHARDS.fullmatch(text or "")
    if match is None or count is None:
        raise typer.BadParameter("--shards 0-3 --shard-count 16: both are needed, and the first counts from 0.")
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if not first <= last < count:
        raise typer.BadParameter(f"--shards {text} is not within 0-{count - 1}.")
    return tuple(range(first, last + 1))


def _check_data_dir(folder: Path) -> None:
    """End the process now where images can't be written, before a member pays for one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        give_up(f"DATA_DIR: {folder} can't be made: {error.strerror}.")
    for place in (folder, folder / "clips", folder / "images"):
        if place.exists() and not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
            give_up(f"DATA_DIR: {place} is no folder that this user may write to.")


@contextmanager
def reporting_errors(settings: Settings) -> Iterator[None]:
    """Write logs, and report errors where SENTRY_DSN says so; no secret of the settings is in either."""
    redactor, dsn = Redactor(settings.secrets), settings.sentry_dsn
    set_up_logs(level=settings.log_level, as_json=settings.log_format == "json", redactor=redactor)
    try:
        with reporting(dsn.get_secret_value() if dsn else None, redactor):
            try:
                yield
            except (typer.Exit, PortUnusable):
                raise
            except Exception as error:
                log.critical("ended by an error that nobody foresaw", exc_info=error)
                raise typer.Exit(EXIT_REFUSED) from None
    except SentryMissing:
        give_up("SENTRY_DSN is set, but sentry-sdk is not installed here: pip install 'stillframe[sentry]'.")
    except PortUnusable as error:
        give_up(f"HTTP_PORT: nobody can listen on {error.host}, port {error.port}: {error.reason}. Choose another one.")


async def _run(settings: Settings, token: SecretStr, role: Role, *, sandbox: bool) -> None:
    async with AsyncExitStack() as stack:
        key = settings.atlascloud_api_key
        if sandbox:
            try:
                from sandbox.atlas import serve as serve_stand_in  # noqa: PLC0415  # an extra that only this needs
            except ImportError as error:
                give_up(NO_SANDBOX.format(missing=error.name))
            key = SecretStr("apikey-sandbox")
            stand_in = await stack.enter_async_context(serve_stand_in(api_key=key.get_secret_value()))
            settings = settings.model_copy(update={"atlascloud_base_url": stand_in.base_url})
        opened = await stack.enter_async_context(
            open_app(settings, api_key=key or SecretStr(""), role=role, sandbox=sandbox)
        )
        await serve(opened, token.get_secret_value())
