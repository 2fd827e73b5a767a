"""The `stillframe` command: each subcommand reads its options, calls the function that does it, and prints.

A subcommand imports what it alone needs, so the running bot does not hold 3 MB of the other ones.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from bot.app import EVERYTHING, Role
from bot.cli.exits import EXIT_REFUSED, err, finish, give_up, read_settings, read_settings_with_books
from bot.cli.process import NO_SANDBOX, read_shards, require_postgres, run_process
from bot.domain.errors import StillframeError
from bot.domain.wallet import WalletKey
from bot.providers.atlas_bill import DAYS_LIMIT
from bot.settings import check_database_url

if TYPE_CHECKING:
    from bot.cli.output import CommandOutput
    from bot.cli.quote import QuoteCommand

ENTRIES_SHOWN = 20
ENTRIES_LIMIT = 10_000  # of a statement, held in memory
ID_MAX = 2**63 - 1  # Discord's ids fit, and so do SQLite's integers

SHARDS_LIMIT = 100_000

Guild = Annotated[int, typer.Option(min=0, max=ID_MAX, help="The server's id; 0 is for direct messages.")]
Server = Annotated[int, typer.Argument(min=0, max=ID_MAX, help="The server's id; 0 is for direct messages.")]
Member = Annotated[int, typer.Option(min=1, max=ID_MAX, help="The member's id.")]
Reason = Annotated[str, typer.Option(help="Why; the member reads it in the statement.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")]
ModelKey = Annotated[str, typer.Argument(help="As `stillframe models` shows it.")]
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
server_app = typer.Typer(no_args_is_help=True, help="See what each server costs, and set bounds.")
app.add_typer(server_app, name="server")
models_app = typer.Typer(help="The models: what is on, and what each costs.")
app.add_typer(models_app, name="models")

out = Console()


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
    settings = read_settings()
    role = Role(jobs=jobs, shards=read_shards(shards, shard_count), shard_count=shard_count)
    if role != EVERYTHING:
        require_postgres(settings)
    run_process(settings, role, sandbox=sandbox_supplier)


@app.command()
def worker() -> None:
    """Make and deliver images for a bot whose commands another process takes: any number, on any machines."""
    settings = read_settings()
    require_postgres(settings)
    run_process(settings, Role(commands=False))


@app.command()
def demo(
    output: Annotated[Path, typer.Option(help="Where the images and the database go.")] = Path("demo-output"),
) -> None:
    """Show the whole bot at work in a simulated Discord: no account, no key, no network."""
    try:
        from sandbox.demo import play  # an extra that only this needs
    except ImportError as error:
        give_up(NO_SANDBOX.format(missing=error.name))
    raise typer.Exit(asyncio.run(play(output, out)))


@app.command()
def play(
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Of the page; another one where it is taken.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Try the whole bot in a browser, in a simulated Discord: no account, no key, no network."""
    try:
        from sandbox.play.run import PORT, play_until_stopped  # an extra that only this needs
    except ImportError as error:
        give_up(NO_SANDBOX.format(missing=error.name))
    play_until_stopped(out, port or PORT, browser=browser)


@app.command()
def health(
    ready: Annotated[bool, typer.Option("--ready", help="Not only alive, but ready for orders.")] = False,
) -> None:
    """Ask the bot that runs on this machine how it is, by HTTP_PORT. For a container's health check."""
    from bot.cli import healthcheck

    raise typer.Exit(healthcheck.main(ready=ready))


@app.command()
def doctor() -> None:
    """Check the settings, the database, the supplier and Discord; say what to do about each problem."""
    from bot.cli.doctor import examine

    raise typer.Exit(asyncio.run(examine(out)))


@app.command()
def quote(
    video: Annotated[str | None, typer.Option(help="A YouTube link, or a direct link to a video file.")] = None,
    start: Annotated[str | None, typer.Option(help="1:23, 83, 1m23s, or both ends: 0:14-0:17.")] = None,
    end: Annotated[str | None, typer.Option(help="0:17, +3s, or whole.")] = None,
    size: Annotated[str | None, typer.Option(help="1k, 2k or 4k.")] = None,
    shape: Annotated[str | None, typer.Option(help="16:9, 9:16, 1:1 ...")] = None,
    frames: Annotated[float | None, typer.Option(help="Frames per second, 0.1 to 24.")] = None,
    search: Annotated[bool, typer.Option(help="With web search.")] = False,
    model: Annotated[str | None, typer.Option(help="Its key, as `stillframe models` shows it.")] = None,
    as_json: AsJson = False,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read one JSON object of these options a line.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Also look at a linked file over the network.")] = False,
) -> None:
    """Say how /imagine would understand these options, and what it would cost."""
    from bot.cli.quote import QuoteCommand, quote_as_json, quote_in_words

    command = QuoteCommand(read_settings(), check=check)
    if stdin:
        asyncio.run(_answer_lines(command))
        return
    answer = asyncio.run(
        command.answer(
            model=model, video=video, start=start, end=end, size=size, shape=shape, frames=frames, search=search
        )
    )
    if as_json:
        _print_json(quote_as_json(answer))
    else:
        out.print(quote_in_words(answer), markup=False, highlight=False, soft_wrap=True)
    if isinstance(answer, StillframeError):
        raise typer.Exit(EXIT_REFUSED)


@models_app.callback(invoke_without_command=True)
def models(context: typer.Context, as_json: AsJson = False) -> None:
    """List the models: what is on, what each costs, and since when that is known."""
    from bot.cli.models import list_models

    if context.invoked_subcommand is None:
        _answer(list_models(read_settings()), as_json=as_json)


@models_app.command("check")
def models_check(
    keys: Annotated[list[str] | None, typer.Argument(help="Those to check; without one, all that may be on.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the supplier whether the rows are still true: models, fields, prices. It costs nothing."""
    from bot.cli import models

    _answer(models.check(read_settings(), keys or []), as_json=as_json)


@models_app.command("confirm")
def models_confirm(key: ModelKey, as_json: AsJson = False) -> None:
    """Write the prices that the supplier names today into MODELS_FILE, and turn the model on."""
    from bot.cli import models

    _answer(models.confirm(read_settings(), key), as_json=as_json)


@models_app.command("open")
def models_open(key: ModelKey, as_json: AsJson = False) -> None:
    """Open a model again that was closed. On SQLite, while the bot is stopped."""
    from bot.cli import models

    _answer(models.open_again(read_settings_with_books(), key), as_json=as_json)


@ledger_app.command("check")
def ledger_check(as_json: AsJson = False) -> None:
    """Prove the books: every wallet, entry and job. The bot may be running meanwhile."""
    from bot.cli import ledger

    _answer(ledger.check(read_settings_with_books()), as_json=as_json)


@ledger_app.command("statement")
def ledger_statement(
    guild: Guild,
    member: Member,
    limit: Annotated[int, typer.Option(min=1, max=ENTRIES_LIMIT, help="How many entries.")] = ENTRIES_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show a member's newest entries. The bot may be running meanwhile."""
    from bot.cli import ledger

    settings = read_settings_with_books()
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
    from bot.cli import ledger

    work = ledger.grant(read_settings_with_books(), WalletKey(guild, member), amount, reason=reason, key=key)
    _answer(work, as_json=as_json)


@ledger_app.command("undo")
def ledger_undo(
    entry: Annotated[int, typer.Argument(min=1, max=ID_MAX, help="Its number, as the statement shows it.")],
    guild: Guild,
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Undo an entry by a counter-entry, while the bot is stopped. Of a charge, that is a refund."""
    from bot.cli import ledger

    _answer(ledger.undo(read_settings_with_books(), entry, guild_id=guild, reason=reason), as_json=as_json)


@server_app.command("list")
def server_list(as_json: AsJson = False) -> None:
    """Show what each server has cost this month, its images and refusals. The bot may be running meanwhile."""
    from bot.cli import server

    _answer(server.list_servers(read_settings_with_books()), as_json=as_json)


@server_app.command("leave")
def server_leave(guild: Server, as_json: AsJson = False) -> None:
    """Let the bot leave a server. Credits and images stay in the books. The bot may be running meanwhile."""
    from bot.cli import server

    _answer(server.leave(read_settings(), guild), as_json=as_json)


@server_app.command("budget")
def server_budget(
    guild: Server,
    usd: Annotated[str, typer.Argument(help="US$ a month; none for no budget, default for that of all servers.")],
    as_json: AsJson = False,
) -> None:
    """Set what the images of one server may cost you in a month (UTC). With SQLite, while the bot is stopped."""
    from bot.cli import server

    settings = read_settings_with_books()
    try:
        answer = finish(server.set_budget(settings, guild, usd))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    _print(answer, as_json=as_json)


@app.command()
def reconcile(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day, UTC.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day, UTC.")],
    as_json: AsJson = False,
) -> None:
    """Hold the jobs of some days against the supplier's bill. The bot may be running meanwhile."""
    from bot.cli.reconcile import compare_with_bill

    days = (last - first).days + 1
    if not 1 <= days <= DAYS_LIMIT:
        raise typer.BadParameter(f"--from to --to must be 1 to {DAYS_LIMIT} days, and is {days}.")
    settings = read_settings_with_books()
    if settings.atlascloud_api_key is None:
        give_up("ATLASCLOUD_API_KEY is not set, so the bill can't be read.")
    work = compare_with_bill(
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
    from bot.cli.backup import make_backup

    _answer(make_backup(read_settings_with_books(), file, images=images), as_json=as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `stillframe backup`, or the bot itself, has made.")],
    as_json: AsJson = False,
) -> None:
    """Restore a backup into DATABASE_URL and DATA_DIR, where there must be no database yet."""
    from bot.cli.backup import restore_backup

    _answer(restore_backup(read_settings(), file), as_json=as_json)


@app.command("migrate-database")
def migrate_database(source: Source = None, target: Target = None, as_json: AsJson = False) -> None:
    """Move everything from one database into an empty one, SQLite or PostgreSQL, while no bot runs."""
    from bot.cli.backup import move_database

    settings = read_settings()
    work = move_database(settings, source or settings.database, target or settings.database)
    _answer(work, as_json=as_json)


def _answer(work: Coroutine[Any, Any, CommandOutput], *, as_json: bool) -> None:
    _print(finish(work), as_json=as_json)


def _print(answer: CommandOutput, *, as_json: bool) -> None:
    if as_json:
        _print_json(answer.facts)
    else:
        for part in answer.shown:
            out.print(part, soft_wrap=isinstance(part, Text))
    if not answer.done:
        raise typer.Exit(EXIT_REFUSED)


async def _answer_lines(command: QuoteCommand) -> None:
    from bot.cli.quote import quote_as_json

    for line in sys.stdin:  # nothing else runs in this loop: it may wait for the next line
        if line.strip():
            _print_json(quote_as_json(await command.answer_line(line)))


def _print_json(answer: Mapping[str, object]) -> None:
    print(json.dumps(answer, ensure_ascii=False), flush=True)  # noqa: T201  # for scripts: nothing but the object
