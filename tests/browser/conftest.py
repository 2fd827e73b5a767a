"""`stillframe play` as a process of its own, and a real Chromium that looks at its page."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).parent.parent.parent
PICTURES = ROOT / "build" / "play"  # a picture of each step; the documentation shows one of them
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WINDOW: ViewportSize = {"width": 1_180, "height": 860}
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True, slots=True)
class Playing:
    process: subprocess.Popen[str]
    said: str
    seconds: float  # until it had said its address
    answers: list[float] = field(default_factory=list)  # seconds from each press in its page to what that brings

    @property
    def address(self) -> str:
        return self.said.split()[-1]

    @property
    def root(self) -> str:
        return self.address.partition("#")[0]

    @property
    def secret(self) -> str:
        return self.address.partition("#")[2]

    def stop(self) -> tuple[int, str]:
        """End it by Ctrl-C. Returns the exit code, and what it said after its address."""
        self.process.send_signal(signal.SIGINT)
        words, _ = self.process.communicate(timeout=20)
        return self.process.returncode, words


def start(*options: str, **environment: str) -> Playing:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "play", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COVERAGE_PROCESS_CONFIG": "", **environment},
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "http://" in line:
            return Playing(process, said, time.monotonic() - began)
    raise AssertionError(f"it ended without an address: {said}")


@pytest.fixture(scope="module")
def playing() -> Iterator[Playing]:
    it = start("--no-browser")
    yield it
    code, words = it.stop()
    assert (code, "Traceback" in words) == (0, False), words
    if it.answers:
        answers = sorted(it.answers)
        within, shown = answers[len(answers) * 95 // 100], " ".join(f"{each:.2f}" for each in answers)
        with (PICTURES / "figures.txt").open("a") as file:
            file.write(f"{len(answers)} answers, 95 of 100 within {within:.2f} s: {shown}\n")


@pytest.fixture(scope="module")  # not of the session: while it is open, no other test may run an event loop
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=CHROMIUM,
            chromium_sandbox=os.geteuid() != 0,  # root has none
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, playing: Playing) -> Iterator[Page]:
    context = browser.new_context(viewport=WINDOW)
    context.set_default_timeout(PATIENCE_MS)
    window = context.new_page()
    faults: list[str] = []
    window.on("pageerror", lambda error: faults.append(str(error)))
    yield window
    PICTURES.mkdir(parents=True, exist_ok=True)
    window.screenshot(path=PICTURES / "last.png")  # what a failed test saw
    context.close()
    assert faults == []
