"""The `stillframe` command: each subcommand parses, delegates and prints."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import discord
import typer
from pydantic import SecretStr, ValidationError
from rich.console import Console
from rich.table import Table

from bot import doctor as examination
from bot import quotes
from bot.app import open_app, serve
from bot.domain import errors as e
from bot.logs import set_up_logs
from bot.settings import Settings, problems
from bot.storage.audit import RULES, Books, check_books
from bot.storage.sqlite import read_once

T = TypeVar("T")

EXIT_REFUSED = 1  # the answer is no: a refusal, unsound books
EXIT_UNUSABLE = 2  # it can't run as it is set up
SUBJECTS_SHOWN = 5  # wallets or jobs named under a broken rule

NO_SANDBOX = "The sandbox is not installed here ({missing} is missing): pip install 'stillframe[sandbox]'."

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Stillframe: a moment of video, in the channel.")
ledger_app = typer.Typer(no_args_is_help=True, help="Look into the books.")
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
) -> None:
    """Run the bot."""
    settings = _settings()
    if settings.discord_token is None:
        _give_up("DISCORD_TOKEN is not set. Run `stillframe doctor`: it says how to get one.")
    if settings.atlascloud_api_key is None and not sandbox_supplier:
        _give_up(
            "ATLASCLOUD_API_KEY is not set, so no image can be made. Set it, "
            "or try everything else with `stillframe run --sandbox-supplier`."
        )
    set_up_logs(
        level=settings.log_level,
        as_json=settings.log_format == "json",
        secrets=[
            secret.get_secret_value() for secret in (settings.discord_token, settings.atlascloud_api_key) if secret
        ],
    )
    _finish(_run(settings, settings.discord_token, sandbox=sandbox_supplier))


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
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")] = False,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read one JSON object of these options a line.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Also look at a linked file over the network.")] = False,
) -> None:
    """Say how /imagine would understand these options, and what it would cost."""
    desk = quotes.Desk(_settings(), check=check)
    if stdin:
        asyncio.run(_answer_lines(desk))
        return
    answer = asyncio.run(
        desk.answer(video=video, start=start, end=end, size=size, shape=shape, frames=frames, search=search)
    )
    if as_json:
        _print_json(quotes.as_json(answer))
    else:
        out.print(quotes.in_words(answer), markup=False, highlight=False, soft_wrap=True)
    if isinstance(answer, e.StillframeError):
        raise typer.Exit(EXIT_REFUSED)


@ledger_app.command("check")
def ledger_check() -> None:
    """Prove the books: every wallet, entry and job. The bot may be running meanwhile."""
    settings = _settings()
    if not settings.database_path.exists():
        _give_up(f"There is no database at {settings.database_path} yet: it is made when the bot first runs.")
    books = _finish(read_once(settings.database_path, check_books()))
    out.print(books_in_words(books))
    if books.findings:
        raise typer.Exit(EXIT_REFUSED)


async def _answer_lines(desk: quotes.Desk) -> None:
    for line in sys.stdin:  # nothing else runs in this loop: it may wait for the next line
        if line.strip():
            _print_json(quotes.as_json(await desk.answer_line(line)))


async def _run(settings: Settings, token: SecretStr, *, sandbox: bool) -> None:
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
        opened = await stack.enter_async_context(open_app(settings, api_key=key or SecretStr(""), sandbox=sandbox))
        await serve(opened, token.get_secret_value())


def books_in_words(books: Books) -> Table:
    table = Table("rule", "holds for", title="The books", title_justify="left")
    broken: dict[str, list[str]] = {}
    for finding in books.findings:
        broken.setdefault(finding.rule, []).append(finding.subject)
    for rule in RULES:
        subjects = broken.get(rule, [])
        more = f" and {len(subjects) - SUBJECTS_SHOWN} more" if len(subjects) > SUBJECTS_SHOWN else ""
        shown = ", ".join(subjects[:SUBJECTS_SHOWN]) + more
        table.add_row(rule, f"[red]broken: {shown}[/red]" if subjects else "[green]all[/green]")
    table.caption = (
        f"{books.wallets:,} wallets, {books.entries:,} entries, {books.open_jobs:,} open jobs; "
        f"{books.posted:,} credits, of which {books.held:,} on hold"
    )
    return table


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        _give_up(*problems(error))


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
    except e.DatabaseUnavailable as error:
        _give_up(f"The database can't be used: {error.detail}")
    except discord.LoginFailure:
        _give_up("Discord does not accept DISCORD_TOKEN. Copy it again: Developer Portal, your application, Bot.")
    except discord.ConnectionClosed as error:
        _give_up(f"Discord has closed the connection and will not have us back (code {error.code}).")


def _give_up(*lines: str) -> NoReturn:
    for line in lines:
        err.print(line, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(EXIT_UNUSABLE)


def _print_json(answer: dict[str, Any]) -> None:
    print(json.dumps(answer, ensure_ascii=False), flush=True)  # noqa: T201  # for scripts: nothing but the object
