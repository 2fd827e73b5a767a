"""`stillframe`, the real command, that dies when it calls something: `python -m tests.support.dying_process NAME ...`.

NAME is a function as the module that calls it knows it, such as `bot.storage.whole.backup.settle`; there it
meets SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import Any

from bot.cli import main as cli


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    module, _, name = sys.argv.pop(1).rpartition(".")
    if not callable(getattr(import_module(module), name)):
        raise TypeError(f"{module}.{name} is no function")
    setattr(import_module(module), name, die)
    cli.main()


if __name__ == "__main__":
    main()
