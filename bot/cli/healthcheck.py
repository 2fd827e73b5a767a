"""`stillframe health` asks the bot on this machine for its health page, and prints the answer as one line.

A container asks every minute, by `python -m bot.cli.healthcheck [--ready]`: it does the same without the rest of the
command line, at a quarter of the cost.
"""

from __future__ import annotations

import http.client
import ipaddress
import sys
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import ValidationError

from bot.settings import Settings, problems

PATIENCE_SECONDS = 5.0
ANSWER_LIMIT_BYTES = 4_000


@dataclass(frozen=True, slots=True)
class Health:
    fine: bool
    words: str


def ask(settings: Settings, *, ready: bool) -> Health:
    """Ask whether the bot is alive, or, with `ready`, whether it takes orders."""
    if settings.http_port is None:
        return Health(fine=False, words="HTTP_PORT is not set: the bot has no page to ask.")
    host = _reached_at(settings.http_host)
    connection = http.client.HTTPConnection(host, settings.http_port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/readyz" if ready else "/healthz")
        answer = connection.getresponse()
        lines = answer.read(ANSWER_LIMIT_BYTES).decode(errors="replace").split("\n")
    except (OSError, http.client.HTTPException) as error:
        return Health(
            fine=False, words=f"No answer on {host}, port {settings.http_port}: {error or type(error).__name__}"
        )
    finally:
        connection.close()
    return Health(fine=answer.status == HTTPStatus.OK, words="; ".join(filter(None, lines)))


def _reached_at(host: str) -> str:
    """The address to ask at: a bot that listens on all addresses is asked on the loopback."""
    if host == "localhost" or not ipaddress.ip_address(host).is_unspecified:
        return host
    return "::1" if ":" in host else "127.0.0.1"


def main(*, ready: bool) -> int:
    """Returns the exit code."""
    try:
        health = ask(Settings(), ready=ready)
    except ValidationError as error:
        health = Health(fine=False, words="; ".join(problems(error)))
    sys.stdout.write(f"{health.words}\n")
    return 0 if health.fine else 1


if __name__ == "__main__":
    sys.exit(main(ready="--ready" in sys.argv[1:]))
