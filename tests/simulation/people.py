"""Members and a moderator: what they do reaches the bot as the gateway would deliver it."""

from __future__ import annotations

import asyncio
from typing import Any

import discord

from tests.simulation import payloads
from tests.simulation.loop import Clock
from tests.simulation.payloads import CLIP_URL, Json, Message
from tests.simulation.plan import MODERATOR_ID, PLAIN_CHANNEL_ID, Grant, Order, Plan, Press
from tests.simulation.server import Server, Talk
from tests.simulation.trace import Trace

COMMAND, COMPONENT, COMMAND_TYPE = 2, 3, 1
SUBCOMMAND, STRING, INTEGER, BOOLEAN, USER, ATTACHMENT = 1, 3, 4, 5, 6, 11
BUTTON = 2
Act = Order | Grant | Press
LINKS = {"youtube": "https://youtu.be/dQw4w9WgXcQ", "link": "https://videos.example/x.mp4"}


class People:
    """They act at their planned moments, whether or not a process is there to answer."""

    def __init__(self, plan: Plan, server: Server, clock: Clock, trace: Trace) -> None:
        self._alone_since: float | None = 0.0
        self.absences: list[tuple[float, float]] = []  # of the bot, from and until
        self._server = server
        self._clock = clock
        self._trace = trace
        told: list[Order | Grant] = [*plan.orders, *plan.grants]
        acts: list[tuple[float, int, Act]] = [
            (at, each.interaction_id, each) for each in told for at in each.deliveries
        ]
        acts += [(each.at, each.interaction_id, each) for each in plan.presses]
        self._acts = sorted(acts, key=lambda act: act[:2])

    def left_alone(self) -> None:
        """The process has ended."""
        if self._alone_since is None:
            self._alone_since = self._clock.seconds

    async def meet(self, bot: discord.Client) -> None:
        """Until nobody has anything more to do. The bot is logged in by now."""
        if self._alone_since is not None:
            self.absences.append((self._alone_since, self._clock.seconds))
        self._alone_since = None
        while self._acts and self._acts[0][0] < self._clock.seconds:
            at, _, act = self._acts.pop(0)
            self._trace.note(f"nobody is there for {_name(act)}")
            self._begin(act, at)
        while self._acts:
            await asyncio.sleep(max(0.0, self._acts[0][0] - self._clock.seconds))
            at, _, act = self._acts.pop(0)
            self._server.let_people_act()
            self._trace.note(_name(act))
            payload = self._payload(act, self._begin(act, at))
            if payload:
                bot._connection.parse_interaction_create(payload)  # type: ignore[arg-type]  # JSON as it comes

    def _begin(self, act: Act, at: float) -> Talk:
        """The interaction, as Discord knows it; the same one where it is delivered again."""
        member_id, channel_id = act.member_id, PLAIN_CHANNEL_ID
        if isinstance(act, Grant):
            member_id = MODERATOR_ID
        elif isinstance(act, Order):
            channel_id = act.channel_id
        else:
            channel_id = act.order.channel_id
        begun = Talk(
            interaction_id=act.interaction_id, token=act.token, member_id=member_id, channel_id=channel_id, born=at
        )
        return self._server.talks.setdefault(act.token, begun)

    def _payload(self, act: Act, talk: Talk) -> Json | None:
        """None where there is nothing to be pressed."""
        open_to_us = self._server.under("channel_closed", talk.channel_id) is None
        kind = COMPONENT if isinstance(act, Press) else COMMAND
        payload = payloads.interaction(
            talk.interaction_id, talk.token, kind, {}, member_id=talk.member_id, channel_id=talk.channel_id,
            open_to_us=open_to_us,
        )  # fmt: skip
        if not isinstance(act, Press):
            return {**payload, "data": _imagine(act) if isinstance(act, Order) else _grant(act)}
        talk.pressed = self._card_of(act)
        if talk.pressed is None:
            return None
        data = {"custom_id": talk.pressed.button, "component_type": BUTTON}
        return {**payload, "data": data, "message": payloads.message(talk.pressed, whole=True)}

    def _card_of(self, press: Press) -> Message | None:
        """Where it has a button, and whoever presses it can see it."""
        talk = self._server.talks.get(press.order.token)
        card = talk.original if talk else None
        seen = card and not card.deleted and card.only_for in {None, press.member_id}
        return card if card and seen and card.button else None


def _name(act: Act) -> str:
    match act:
        case Order():
            where = f"{'privately ' if act.private else ''}in {act.channel_id}"
            return f"order {act.number} by {act.member_id} {where}: {act.interaction_id} {act.way} {act.fate}"
        case Grant():
            return f"grant {act.number} of {act.amount} to {act.member_id}"
        case Press():
            return f"{act.member_id} presses the button of order {act.order.number}"


def _imagine(order: Order) -> Json:
    options: list[Json] = [
        _option("prompt", STRING, order.prompt),
        _option("size", STRING, order.size.value),
        _option("start", STRING, "0:14-0:17"),
        _option("private", BOOLEAN, order.private),
    ]
    data: Json = {"id": "1", "name": "imagine", "type": COMMAND_TYPE, "options": options}
    if order.way == "clip":
        options.append(_option("clip", ATTACHMENT, "1"))
        url = CLIP_URL.format(number=order.number)
        file = {"id": "1", "filename": "clip.mp4", "size": 100, "url": url, "proxy_url": url}
        data["resolved"] = {"attachments": {"1": file}}
    else:
        options.append(_option("video", STRING, LINKS[order.way]))
    return data


def _grant(grant: Grant) -> Json:
    member: Json = {"roles": [], "joined_at": payloads.LONG_AGO, "deaf": False, "mute": False, "flags": 0}
    user_id = str(grant.member_id)
    options = [
        _option("member", USER, user_id),
        _option("amount", INTEGER, grant.amount),
        _option("reason", STRING, f"grant {grant.number}."),
    ]
    return {
        "id": "2", "name": "bank", "type": COMMAND_TYPE,
        "options": [{"type": SUBCOMMAND, "name": "grant", "options": options}],
        "resolved": {
            "users": {user_id: payloads.user(grant.member_id)},
            "members": {user_id: {**member, "permissions": "0"}},
        },
    }  # fmt: skip


def _option(name: str, kind: int, value: Any) -> Json:
    return {"type": kind, "name": name, "value": value}
