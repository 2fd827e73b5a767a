"""The `stillframe` command: each subcommand parses, delegates and prints."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import sys
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import discord
import typer
from pydantic import SecretStr
from rich.console import Console
from rich.text import Text

from bot.app import EVERYTHING, Role, open_app, serve
from bot.cli import backup as backing_up
from bot.cli import doctor as examination
from bot.cli import healthcheck, ledger
from bot.cli import quote as quoting
from bot.cli import reconcile as reconciling
from bot.cli.output import CommandOutput
from bot.cli.typos import typos
from bot.domain import errors as e
from bot.domain.wallet import WalletKey
from bot.providers.atlas_bill import DAYS_LIMIT
from bot.settings import NO_SETTINGS, Settings, check_database_url, problems
from bot.status.http_server import PortUnusable
from bot.telemetry.logs import set_up_logs
from bot.telemetry.redaction import Redactor
from bot.telemetry.sentry import SentryMissing, reporting

log = logging.getLogger(__name__)

T = TypeVar("T")

EXIT_REFUSED = 1  # the answer is no: a refusal, unsound books
EXIT_UNUSABLE = 2  # it can't run as it is set up
ENTRIES_SHOWN = 20
ENTRIES_LIMIT = 10_000  # of a statement, held in memory
ID_MAX = 2**63 - 1  # Discord's ids fit, and so do SQLite's integers

SHARDS_LIMIT = 100_000

_SHARDS = re.compile(r"(?P<first>[0-9]{1,5})(?:-(?P<last>[0-9]{1,5}))?")

NO_SANDBOX = "The sandbox is not installed here ({missing} is missing): pip install 'stillframe[sandbox]'."

Guild = Annotated[int, typer.Option(min=0, max=ID_MAX, help="The server's id; 0 is for direct messages.")]
Member = Annotated[int, typer.Option(min=1, max=ID_MAX, help="The member's id.")]
Reason = Annotated[str, typer.Option(help="Why; the member reads it in the statement.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")]
Key = Annotated[
    str | None, typer.Option(help="Of this act: told twice, it happens once. Without one, a new one is made.")
]


def _address(value: str | None) -> str | None:
    if value is not None:
        try:
            check_database_url(value)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    return value


Source = Annotated[str | None, typer.Option("--from", callback=_address, help="Where it is. Without it, DATABASE_URL.")]
Target = Annotated[str | None, typer.Option("--to", callback=_address, help="Where it goes. Without it, DATABASE_URL.")]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Stillframe: a moment of video, in the channel.")
ledger_app = typer.Typer(no_args_is_help=True, help="Look into the books, and move credits by hand.")
app.add_typer(ledger_app, name="ledger")

out = Console()
err = Console(stderr=True)


def main() -> None:
    app()


@app.command()
def run(
    sandbox_supplier: Annotated[
        bool, typer.Option(help="A stand-in makes the images, free of charge; each result says so.")
    ] = False,
    shards: Annotated[
        str | None, typer.Option(help="The gateway shards of this process, such as 0-3. Needs PostgreSQL.")
    ] = None,
    shard_count: Annotated[
        int | None, typer.Option(min=1, max=SHARDS_LIMIT, help="How many shards there are in all processes together.")
    ] = None,
    jobs: Annotated[
        bool, typer.Option(help="--no-jobs: take commands only; `stillframe worker` makes the images.")
    ] = True,
) -> None:
    """Run the bot."""
    settings = _settings()
    role = Role(jobs=jobs, shards=_shards(shards, shard_count), shard_count=shard_count)
    if role != EVERYTHING:
        _check_shared(settings)
    _start(settings, role, sandbox=sandbox_supplier)


@app.command()
def worker() -> None:
    """Make and deliver images for a bot whose commands another process takes: any number, on any machines."""
    settings = _settings()
    _check_shared(settings)
    _start(settings, Role(commands=False))


def _start(settings: Settings, role: Role, *, sandbox: bool = False) -> None:
    if settings.discord_token is None:
        _give_up("DISCORD_TOKEN is not set. Run `stillframe doctor`: it says how to get one.")
    if settings.atlascloud_api_key is None and not sandbox and role.jobs:
        _give_up(
            "ATLASCLOUD_API_KEY is not set, so no image can be made. Set it, "
            "or try everything else with `stillframe run --sandbox-supplier`."
        )
    if not settings.files_url:
        _refuse_where_nothing_can_be_kept(settings.data_dir)
    with _telling(settings):
        _finish(_run(settings, settings.discord_token, role, sandbox=sandbox))


def _check_shared(settings: Settings) -> None:
    if settings.database_file is not None:
        _give_up(
            "One process owns a SQLite file, so several need PostgreSQL: set DATABASE_URL=postgresql://... "
            "(`stillframe migrate-database` moves everything there)."
        )


def _shards(text: str | None, count: int | None) -> tuple[int, ...] | None:
    """`0-3`, or a single number. Both options or none."""
    if text is None and count is None:
        return None
    match = _SHARDS.fullmatch(text or "")
    if match is None or count is None:
        raise typer.BadParameter("--shards 0-3 --shard-count 16: both are needed, and the first counts from 0.")
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if not first <= last < count:
        raise typer.BadParameter(f"--shards {text} is not within 0-{count - 1}.")
    return tuple(range(first, last + 1))


@app.command()
def demo(
    output: Annotated[Path, typer.Option(help="Where the images and the database go.")] = Path("demo-output"),
) -> None:
    """Show the whole bot at work in a simulated Discord: no account, no key, no network."""
    try:
        from sandbox.demo import play  # noqa: PLC0415  # an extra that only this needs
    except ImportError as error:
        _give_up(NO_SANDBOX.format(missing=error.name))
    raise typer.Exit(asyncio.run(play(output, out)))


@app.command()
def health(
    ready: Annotated[bool, typer.Option("--ready", help="Not only alive, but ready for orders.")] = False,
) -> None:
    """Ask the bot that runs on this machine how it is, by HTTP_PORT. For a container's health check."""
    raise typer.Exit(healthcheck.main(ready=ready))


@app.command()
def doctor() -> None:
    """Check the settings, the database, the supplier and Discord; say what to do about each problem."""
    raise typer.Exit(asyncio.run(examination.examine(out)))


@app.command()
def quote(
    video: Annotated[str | None, typer.Option(help="A YouTube link, or a direct link to a video file.")] = None,
    start: Annotated[str | None, typer.Option(help="1:23, 83, 1m23s, or both ends: 0:14-0:17.")] = None,
    end: Annotated[str | None, typer.Option(help="0:17, +3s, or whole.")] = None,
    size: Annotated[str | None, typer.Option(help="1k, 2k or 4k.")] = None,
    shape: Annotated[str | None, typer.Option(help="16:9, 9:16, 1:1 ...")] = None,
    frames: Annotated[float | None, typer.Option(help="Frames per second, 0.1 to 24.")] = None,
    search: Annotated[bool, typer.Option(help="With web search.")] = False,
    as_json: AsJson = False,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read one JSON object of these options a line.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Also look at a linked file over the network.")] = False,
) -> None:
    """Say how /imagine would understand these options, and what it would cost."""
    desk = quoting.QuoteDesk(_settings(), check=check)
    if stdin:
        asyncio.run(_answer_lines(desk))
        return
    answer = asyncio.run(
        desk.answer(video=video, start=start, end=end, size=size, shape=shape, frames=frames, search=search)
    )
    if as_json:
        _print_json(quoting.as_json(answer))
    else:
        out.print(quoting.in_words(answer), markup=False, highlight=False, soft_wrap=True)
    if isinstance(answer, e.StillframeError):
        raise typer.Exit(EXIT_REFUSED)


@ledger_app.command("check")
def ledger_check(as_json: AsJson = False) -> None:
    """Prove the books: every wallet, entry and job. The bot may be running meanwhile."""
    _answer(ledger.check(_settings_with_books()), as_json=as_json)


@ledger_app.command("statement")
def ledger_statement(
    guild: Guild,
    member: Member,
    limit: Annotated[int, typer.Option(min=1, max=ENTRIES_LIMIT, help="How many entries.")] = ENTRIES_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show a member's newest entries. The bot may be running meanwhile."""
    settings = _settings_with_books()
    _answer(ledger.statement(settings, WalletKey(guild, member), limit=limit), as_json=as_json)


@ledger_app.command("grant")
def ledger_grant(
    guild: Guild,
    member: Member,
    amount: Annotated[int, typer.Option(help="Credits.")],
    reason: Reason,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Give a member credits, while the bot is stopped."""
    work = ledger.grant(_settings_with_books(), WalletKey(guild, member), amount, reason=reason, key=key)
    _answer(work, as_json=as_json)


@ledger_app.command("undo")
def ledger_undo(
    entry: Annotated[int, typer.Argument(min=1, max=ID_MAX, help="Its number, as the statement shows it.")],
    guild: Guild,
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Undo an entry by a counter-entry, while the bot is stopped. Of a charge, that is a refund."""
    _answer(ledger.undo(_settings_with_books(), entry, guild_id=guild, reason=reason), as_json=as_json)


@app.command()
def reconcile(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day, UTC.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day, UTC.")],
    as_json: AsJson = False,
) -> None:
    """Hold the jobs of some days against the supplier's bill. The bot may be running meanwhile."""
    days = (last - first).days + 1
    if not 1 <= days <= DAYS_LIMIT:
        raise typer.BadParameter(f"--from to --to must be 1 to {DAYS_LIMIT} days, and is {days}.")
    settings = _settings_with_books()
    if settings.atlascloud_api_key is None:
        _give_up("ATLASCLOUD_API_KEY is not set, so the bill can't be read.")
    work = reconciling.reconcile(
        settings, settings.atlascloud_api_key, first.date(), last.date(), progress=err, now=datetime.now(UTC)
    )
    _answer(work, as_json=as_json)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to; it must not be there yet.")],
    images: Annotated[bool, typer.Option("--images", help="With all images, clips and references.")] = False,
    as_json: AsJson = False,
) -> None:
    """Back everything up into one file, proved. The bot may be running meanwhile."""
    _answer(backing_up.back_up(_settings_with_books(), file, images=images), as_json=as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `stillframe backup`, or the bot itself, has made.")],
    as_json: AsJson = False,
) -> None:
    """Restore a backup into DATABASE_URL and DATA_DIR, where there must be no database yet."""
    _answer(backing_up.restore(_settings(), file), as_json=as_json)


@app.command("migrate-database")
def migrate_database(source: Source = None, target: Target = None, as_json: AsJson = False) -> None:
    """Move everything from one database into an empty one, SQLite or PostgreSQL, while no bot runs."""
    settings = _settings()
    work = backing_up.migrate_database(settings, source or settings.database, target or settings.database)
    _answer(work, as_json=as_json)


def _answer(work: Coroutine[Any, Any, CommandOutput], *, as_json: bool) -> None:
    answer = _finish(work)
    if as_json:
        _print_json(answer.facts)
    else:
        for part in answer.shown:
            out.print(part, soft_wrap=isinstance(part, Text))
    if not answer.done:
        raise typer.Exit(EXIT_REFUSED)


async def _answer_lines(desk: quoting.QuoteDesk) -> None:
    for line in sys.stdin:  # nothing else runs in this loop: it may wait for the next line
        if line.strip():
            _print_json(quoting.as_json(await desk.answer_line(line)))


async def _run(settings: Settings, token: SecretStr, role: Role, *, sandbox: bool) -> None:
    async with AsyncExitStack() as stack:
        key = settings.atlascloud_api_key
        if sandbox:
            try:
                from sandbox.atlas import serve as serve_stand_in  # noqa: PLC0415  # an extra that only this needs
            except ImportError as error:
                _give_up(NO_SANDBOX.format(missing=error.name))
            key = SecretStr("apikey-sandbox")
            stand_in = await stack.enter_async_context(serve_stand_in(api_key=key.get_secret_value()))
            settings = settings.model_copy(update={"atlascloud_base_url": stand_in.base_url})
        opened = await stack.enter_async_context(
            open_app(settings, api_key=key or SecretStr(""), role=role, sandbox=sandbox)
        )
        await serve(opened, token.get_secret_value())


@contextmanager
def _telling(settings: Settings) -> Iterator[None]:
    """A process that stays: it logs, and reports errors where it is told to; no secret is in either."""
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
        _give_up("SENTRY_DSN is set, but sentry-sdk is not installed here: pip install 'stillframe[sentry]'.")
    except PortUnusable as error:
        _give_up(
            f"HTTP_PORT: nobody can listen on {error.host}, port {error.port}: {error.reason}. Choose another one."
        )


def _settings() -> Settings:
    try:
        _tell(*typos())
        return Settings()
    except NO_SETTINGS as error:
        _give_up(*problems(error))


def _refuse_where_nothing_can_be_kept(folder: Path) -> None:
    """Before the first order, and not after it was paid for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _give_up(f"DATA_DIR: {folder} can't be made: {error.strerror}.")
    for place in (folder, folder / "clips", folder / "images"):
        if place.exists() and not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
            _give_up(f"DATA_DIR: {place} is no folder that this user may write to.")


def _settings_with_books() -> Settings:
    settings = _settings()
    if settings.database_file is not None and not settings.database_file.exists():
        _give_up(f"There is no database at {settings.database_file} yet: it is made when the bot first runs.")
    return settings


def _finish(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; what an operator can mend is one line, not a stack."""
    try:
        return asyncio.run(work)
    except e.DatabaseInUse as error:
        _give_up(f"Another Stillframe is running on {error.path}. One process owns a SQLite file: stop that one first.")
    except e.DatabaseTooNew as error:
        _give_up(
            f"The database was written by a newer version (step {error.found}; this one knows {error.known}). "
            "Update Stillframe. Nothing was changed."
        )
    except e.DatabaseTooOld as error:
        _give_up(
            f"The database is of an older version (step {error.found}; this one has {error.known}). "
            "Start the bot once: it brings the database up to date. Nothing was changed."
        )
    except e.DatabaseUnavailable as error:
        _give_up(f"The database can't be used: {error.detail}")
    except e.FilesUnavailable as error:
        _give_up(f"Clips and images can't be kept: {error.detail}")
    except e.SupplierClosed as error:
        _give_up(f"The supplier does not let this key in ({error.because}): {error.detail}")
    except e.SupplierError as error:
        _give_up(f"The supplier did not answer as it should: {error.detail}")
    except discord.LoginFailure:
        _give_up("Discord does not accept DISCORD_TOKEN. Copy it again: Developer Portal, your application, Bot.")
    except discord.ConnectionClosed as error:
        _give_up(f"Discord has closed the connection and will not have us back (code {error.code}).")


def _give_up(*lines: str) -> NoReturn:
    _tell(*lines)
    raise typer.Exit(EXIT_UNUSABLE)


def _tell(*lines: str) -> None:
    for line in lines:
        err.print(line, markup=False, highlight=False, soft_wrap=True)


def _print_json(answer: Mapping[str, object]) -> None:
    print(json.dumps(answer, ensure_ascii=False), flush=True)  # noqa: T201  # for scripts: nothing but the object
