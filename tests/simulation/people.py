"""Members and a moderator: what they do reaches the bot as the gateway would deliver it."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from typing import Any

import discord

from tests.simulation.loop import START_MS, Clock
from tests.simulation.plan import MODERATOR, PLAIN_CHANNEL, Act, Choice, Grant, Look, Order, Plan, Press
from tests.simulation.simulated_discord import SimulatedDiscord
from tests.simulation.trace import Trace
from tests.wire.commands import Value
from tests.wire.components import walk
from tests.wire.interactions import Interaction
from tests.wire.messages import Message

CLIP = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64)  # an MP4 as far as its first bytes tell
WAYS: dict[str, dict[str, Value]] = {
    "youtube": {"video": "https://youtu.be/dQw4w9WgXcQ"},
    "link": {"video": "https://videos.example/x.mp4"},
    "clip": {"clip": ("clip.mp4", CLIP)},
}


class People:
    """They act at their planned moments, whether or not a process is there to answer."""

    def __init__(self, plan: Plan, server: SimulatedDiscord, clock: Clock, trace: Trace) -> None:
        self._alone_since: float | None = 0.0
        self.absences: list[tuple[float, float]] = []  # of the bot, from and until
        self._server = server
        self._clock = clock
        self._trace = trace
        acts: tuple[Act, ...] = (*plan.orders, *plan.grants, *plan.presses, *plan.visits)
        self._acts = sorted(((at, each) for each in acts for at in each.deliveries), key=lambda act: act[0])

    def left_alone(self) -> None:
        """The process has ended."""
        if self._alone_since is None:
            self._alone_since = self._clock.seconds

    async def meet(self, bot: discord.Client) -> None:
        """Act until no act is left. The bot is logged in by now."""
        if self._alone_since is not None:
            self.absences.append((self._alone_since, self._clock.seconds))
        self._alone_since = None
        while self._acts and self._acts[0][0] < self._clock.seconds:
            _, act = self._acts.pop(0)
            self._trace.note(f"no process is there for {_name(act)}")
        while self._acts:
            await asyncio.sleep(max(0.0, self._acts[0][0] - self._clock.seconds))
            _, act = self._acts.pop(0)
            self._server.catch_up()
            self._trace.note(_name(act))
            begun = self._server.begun.get(act) or self._begin(act)
            if begun:
                self._server.begun[act] = begun
                bot._connection.parse_interaction_create(_told(begun))

    def _begin(self, act: Act) -> Interaction | None:
        """The interaction as Discord makes it; None where there is nothing to be pressed."""
        match act:
            case Order():
                return self._slash("imagine", _options(act), by=act.member, where=act.channel, at=act.at)
            case Grant():
                member_id = self._server.person(act.member).id
                options: dict[str, Value] = {
                    "member": member_id,
                    "amount": act.amount,
                    "reason": f"grant {act.number}.",
                }
                return self._slash("bank grant", options, by=MODERATOR, where=PLAIN_CHANNEL, at=act.deliveries[0])
            case Press():
                card, person = self._server.answer_to(act.order), act.person
                return self._press(card, person, ("cancel:", "share:"))  # these lead to no further order
            case Look():
                begun = self._server.begun.get(act.order)
                options = {"id": str(begun.id if begun else 0)}
                return self._slash("job", options, by=act.order.member, where=act.channel, at=act.at)
            case Choice():
                card, person = self._server.answer_to(act.look), act.look.order.member
                return self._press(card, person, (f"{act.button}:",))

    def _slash(self, words: str, options: dict[str, Value], *, by: str, where: str, at: float) -> Interaction:
        return self._server.state.slash(
            words,
            options,
            person_id=self._server.person(by).id,
            channel_id=self._server.channel(where).id,
            at_ms=START_MS + int(at * 1000),
        )

    def _press(self, card: Message | None, person: str, buttons: tuple[str, ...]) -> Interaction | None:
        """Only a card that has a button, and that this person can see, is pressed."""
        person_id = self._server.person(person).id
        if card is None or card.deleted or card.visible_to not in {None, person_id}:
            return None
        button = _button(card, buttons)
        return self._server.state.press(card, button, person_id=person_id) if button else None


def _told(begun: Interaction) -> Any:
    """A copy as each delivery brings one, since discord.py may change it. JSON as it comes."""
    return deepcopy(begun.payload)


def _button(card: Message, prefixes: tuple[str, ...]) -> str | None:
    """The id of its first button that begins so."""
    ids = (each.get("custom_id", "") for each in walk(card.components))
    return next((each for each in ids if each.startswith(prefixes)), None)


def _name(act: Act) -> str:
    match act:
        case Order():
            where = f"{'privately ' if act.private else ''}in #{act.channel}"
            return f"order {act.number} by {act.member} {where}: {act.way} {act.fate}"
        case Grant():
            return f"grant {act.number} of {act.amount} to {act.member}"
        case Press():
            return f"{act.person} presses the button of order {act.order.number}"
        case Look():
            return f"{act.order.member} looks at order {act.order.number} in #{act.channel}"
        case Choice():
            return f"{act.look.order.member} presses {act.button} of order {act.look.order.number}"


def _options(order: Order) -> dict[str, Value]:
    """Every third order that could have a link is for the model that draws from words alone."""
    if order.way == "youtube" and order.number % 3 == 2:
        return {"prompt": order.prompt, "size": order.size.value, "private": order.private, "model": "nb2-text"}
    return {
        "prompt": order.prompt,
        "size": order.size.value,
        "start": "0:14-0:17",
        "private": order.private,
        **WAYS[order.way],
    }
