"""What the services ask of the messenger, which sends answers and images to Discord (`bot/discord/messenger.py`)."""

from __future__ import annotations

from typing import Protocol

from bot.domain.job import Job, Picture, Shown
from bot.domain.showing import Showing


class Messenger(Protocol):
    """Each method is idempotent: it may be called again after a crash."""

    async def find_answer(self, job: Job) -> int | None:
        """The id of our answer to the command; None where Discord never took one. Raises `DiscordUnavailable`."""
        ...

    async def show_working(self, job: Job) -> None:
        """Tell the member that the image is being made. Never raises, because the image matters more than this card."""
        ...

    async def may_show_unsafe(self, job: Job) -> bool:
        """Returns whether the channel is age-restricted; False where we may not see it. Raises `DiscordUnavailable`."""
        ...

    async def deliver(self, job: Job, picture: Picture, *, look_first: bool) -> Shown:
        """Show the image once. `look_first`: an earlier attempt may have shown it already, so look for it first.

        Raises `PictureTooLarge`, `Undeliverable`, `DiscordUnavailable`.
        """
        ...

    async def tell_where(self, job: Job, shown: Shown) -> bool:
        """Let our answer lead to the image, where another message shows it. Returns False where another try may work.

        Never raises.
        """
        ...

    async def find_image(self, job: Job) -> Shown | None:
        """Look for a message that shows the image; None where there is none that we can find.

        Raises `DiscordUnavailable`.
        """
        ...

    async def show_waiting(self, job: Job, place: int) -> None:
        """Tell the member the place in the line. Never raises."""
        ...

    async def tell_released(self, job: Job) -> bool:
        """Tell the member that nothing was charged, and why. Returns False where another try may work. Never raises."""
        ...

    async def tell_awaiting(self, job: Job) -> None:
        """Tell the member, on the card, that the image could not be shown and waits. Never raises."""
        ...

    async def tell_operator(self, words: str) -> None:
        """Write to the operator's channel, if there is one. Never raises."""
        ...

    async def remove(self, showing: Showing) -> bool:
        """Delete the message. Returns False where Discord does not let us. Raises `DiscordUnavailable`."""
        ...

    async def still_shows(self, showing: Showing) -> bool:
        """Look whether the message shows the image. Where we may not look, it does. Raises `DiscordUnavailable`."""
        ...

    async def find_showing(self, showing: Showing, *, besides: frozenset[int]) -> int | None:
        """Look for the message in its channel, since the attempt began. Raises `DiscordUnavailable`."""
        ...
