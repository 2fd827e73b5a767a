"""What the services ask of whoever carries answers and images to Discord (`bot/discord/messenger.py`)."""

from __future__ import annotations

from typing import Protocol

from bot.domain.job import Job, Picture, Shown


class Messenger(Protocol):
    """Idempotent: each may be called again after a crash."""

    async def find_answer(self, job: Job) -> int | None:
        """The id of our answer to the command; None where Discord never took one. Raises `DiscordUnavailable`."""
        ...

    async def show_working(self, job: Job) -> None:
        """Say that the image is being made. Never raises: the image matters, not the waiting screen."""
        ...

    async def may_show_unsafe(self, job: Job) -> bool:
        """Is the channel age-restricted? False where it is closed to us. Raises `DiscordUnavailable`."""
        ...

    async def deliver(self, job: Job, picture: Picture, *, look_first: bool) -> Shown:
        """Show the image, once. `look_first`: an earlier attempt may have shown it already.

        Raises `PictureTooLarge`, `Undeliverable`, `DiscordUnavailable`.
        """
        ...

    async def show_waiting(self, job: Job, place: int) -> None:
        """Say the place in the line. Never raises."""
        ...

    async def tell_released(self, job: Job) -> bool:
        """Say that nothing was charged, and why. False where it is worth another try. Never raises."""
        ...

    async def tell_operator(self, words: str) -> None:
        """To the operator's channel, if there is one. Never raises."""
        ...
