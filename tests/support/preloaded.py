"""What each bot of the tests needs and no test changes: importing this makes it, in the fork server of `forked.py`."""

from __future__ import annotations

import gc
from importlib import import_module

import pytest

from bot.discord.client import EXTENSIONS
from bot.text import i18n
from tests.support.light_start import make_starts_light

for name in (*EXTENSIONS, "tests.support.bot_process"):
    import_module(name)
for language in i18n._languages():
    i18n._catalogue(language)
make_starts_light(pytest.MonkeyPatch())
gc.collect()
gc.freeze()
