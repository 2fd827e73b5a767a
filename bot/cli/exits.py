"""How a command ends early: one line on standard error for what an operator can mend, and an exit code."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import discord
import typer
import uvloop
from rich.console import Console

from bot.cli.typos import typos
from bot.domain import errors as e
from bot.settings import NO_SETTINGS, Settings, problems

EXIT_REFUSED = 1  # the answer is no: a refusal, unsound books
EXIT_UNUSABLE = 2  # the command can't run as it is set up

T = TypeVar("T")

err = Console(stderr=True)


def read_settings() -> Settings:
    try:
        tell(*typos())
        return Settings()
    except NO_SETTINGS as error:
        give_up(*problems(error))


def read_settings_with_books() -> Settings:
    settings = read_settings()
    if settings.database_file is not None and not settings.database_file.exists():
        give_up(f"There is no database at {settings.database_file} yet: it is made when the bot first runs.")
    return settings


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end. An error that the operator can mend is printed as one line, without a stack trace."""
    try:
        return uvloop.run(work)
    except e.DatabaseInUse as error:
        give_up(f"Another Stillframe is running on {error.path}. One process owns a SQLite file: stop that one first.")
    except e.DatabaseTooNew as error:
        give_up(
            f"The database was written by a newer version (step {error.found}; this one knows {error.known}). "
            "Update Stillframe. Nothing was changed."
        )
    except e.DatabaseTooOld as error:
        give_up(
            f"The database is of an older version (step {error.found}; this one has {error.known}). "
            "Start the bot once: it brings the database up to date. Nothing was changed."
        )
    except e.DatabaseUnavailable as error:
        give_up(f"The database can't be used: {error.detail}")
    except e.FilesUnavailable as error:
        give_up(f"Clips and images can't be kept: {error.detail}")
    except e.SupplierClosed as error:
        give_up(f"The supplier does not let this key in ({error.because}): {error.detail}")
    except e.SupplierError as error:
        give_up(f"The supplier did not answer as it should: {error.detail}")
    except discord.LoginFailure:
        give_up("Discord does not accept DISCORD_TOKEN. Copy it again: Developer Portal, your application, Bot.")
    except discord.ConnectionClosed as error:
        give_up(f"Discord has closed the connection and will not have us back (code {error.code}).")


def give_up(*lines: str) -> NoReturn:
    tell(*lines)
    raise typer.Exit(EXIT_UNUSABLE)


def tell(*lines: str) -> None:
    for line in lines:
        err.print(line, markup=False, highlight=False, soft_wrap=True)
