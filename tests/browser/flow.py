"""What a person does with the page of `stillframe play`, by mouse or by keyboard."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS, PICTURES, Playing

TABS = 60
LOOK_MS = 10
# When the page was last pressed, without the driver's own way to the button.
PRESSED = "for (const it of ['click', 'keydown']) addEventListener(it, () => { pressed = performance.now(); }, true)"
SINCE = "() => (performance.now() - pressed) / 1000"
LOADED = "() => [...document.images].every((each) => each.complete && each.naturalWidth > 0)"
CHOSEN = "() => simcordPreview.ready && simcordPreview.viewerId === document.getElementById('play-player').value"


class Flow:
    """`name` begins the names of its pictures."""

    def __init__(self, page: Page, name: str, playing: Playing) -> None:
        self.page = page
        self.name = name
        self._playing = playing

    def open(self) -> float:
        """Open the page. Returns the seconds until the welcome was there to read; pictures and fonts may be later."""
        self.page.add_init_script(PRESSED)
        began = time.monotonic()
        self.page.goto(self._playing.address)
        self.card("Welcome!").wait_for()
        seconds = time.monotonic() - began
        self.ready()
        return seconds

    def ready(self) -> None:
        expect(self.page.locator("#preview-app")).to_have_attribute("aria-busy", "false")

    def keep(self, step: str) -> None:
        """Keep a picture of the page as it is now, with all its pictures."""
        self.ready()
        self.page.wait_for_function(LOADED)
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{self.name}-{step}.png")

    def answered(self, press: Callable[[], None], brings: Locator) -> None:
        press()
        for _ in range(PATIENCE_MS // LOOK_MS):  # the driver's own wait looks only every half second
            if brings.is_visible():
                break
            self.page.wait_for_timeout(LOOK_MS)
        brings.wait_for()
        self._playing.answers.append(self.page.evaluate(SINCE))

    # --- what is seen ---------------------------------------------------------------------------------------

    @property
    def offered(self) -> Locator:
        """What the list above the line offers: commands, options, choices."""
        return self.page.locator("[role=listbox] [role=option]:visible")

    @property
    def form(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def newest(self) -> Locator:
        return self.page.locator("#channel-message-list [data-message-id]").last

    @property
    def send(self) -> Locator:
        return self.page.locator("#send-message")

    @property
    def who(self) -> Locator:
        return self.page.get_by_label("You are")

    def card(self, words: str) -> Locator:
        return self.page.locator("#channel-message-list [data-message-id]", has_text=words).last

    def answer_to(self, command: str) -> Locator:
        """The answer to a command that is yet to be given, and not to an earlier one."""
        last = self.newest.get_attribute("data-message-id")
        later = self.page.locator(f'[data-message-id="{last}"] ~ [data-message-id]')
        return later.filter(has_text=f"used {command}").last

    def image(self, words: str) -> Locator:
        return self.card(words).locator("img.gallery-image")

    def button(self, label: str) -> Locator:
        return self.newest.get_by_role("button", name=re.compile(f"^{label}"))

    def sample(self, name: str) -> Locator:
        return self.page.locator("#play-bar").get_by_role("button", name=name)

    # --- what is done by mouse ------------------------------------------------------------------------------

    def command(self, name: str) -> None:
        """Type a command and take it from the list, as Discord asks."""
        self.page.keyboard.type(f"/{name}")
        expect(self.offered.first).to_contain_text(f"/{name}")
        self.page.keyboard.press("Enter")
        self.page.locator(".command-chip").wait_for()

    def run(self, name: str) -> None:
        self.command(name)
        self.answered(self.send.click, self.answer_to(f"/{name.split(maxsplit=1)[0]}"))

    def option(self, name: str, value: str | None = None) -> None:
        """Choose an option from the list, if it is not in the line yet, and type its value."""
        field = self.page.locator(f".command-option-input[data-option={name}]")
        entry = self.page.locator(f".command-suggestion[data-value={name}]")
        if field.count():
            field.click()
        else:
            if not entry.is_visible():
                self.page.locator(".command-ghost").click()
            entry.click()
        if value is not None:
            self.page.keyboard.type(value)

    def attach(self, *names: str) -> None:
        for name in names:
            self.sample(name).click()
            expect(self.page.locator("#play-status")).to_have_text(f"{name} is attached.")

    def submit(self, brings: Locator) -> None:
        self.answered(self.form.get_by_role("button", name="Submit").click, brings)

    def become(self, who: str, channel: str = "#images") -> None:
        self.who.select_option(label=who)
        self.page.get_by_label("Channel", exact=True).select_option(label=channel)
        expect(self.page.locator("#channel-name")).to_have_text(channel.removeprefix("#"))
        self.switched()

    def switched(self) -> None:
        """Wait until the page is the chosen member's."""
        self.page.wait_for_function(CHOSEN)

    # --- what is done by keyboard alone ---------------------------------------------------------------------

    def tab_to(self, control: Locator) -> None:
        for _ in range(TABS):
            if control.evaluate("it => it === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{control} is not reached by {TABS} tabs")

    def press(self, control: Locator, brings: Locator) -> None:
        self.tab_to(control)
        self.answered(lambda: self.page.keyboard.press("Enter"), brings)

    def pick(self, value: str) -> None:
        """Choose one of the offered by the arrow keys."""
        chosen = self.page.locator(f".command-suggestion.is-active[data-value={value}]")
        self.offered.first.wait_for()
        for _ in range(TABS):
            if chosen.count():
                break
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")
