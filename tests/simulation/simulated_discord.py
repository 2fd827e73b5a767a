"""The stand-in for Discord in a simulated world: the handlers of `tests.wire` on virtual time, in the plan's weather.

How requests get lost on the way is not its matter: see `line.py`.
"""

from __future__ import annotations

import re

from tests.simulation.loop import START_MS, Clock
from tests.simulation.plan import (
    BUSY_CHANNEL,
    CHANNELS,
    MEMBERS,
    OPERATOR_CHANNEL,
    Act,
    Plan,
    Spell,
    SpellKind,
)
from tests.simulation.trace import Trace
from tests.wire.errors import Code
from tests.wire.handlers import Call, Handlers, Reply
from tests.wire.interactions import Interaction, InteractionKind
from tests.wire.messages import Message
from tests.wire.state import State
from tests.wire.world import TALKING, WRITING, Channel, Person, born_ms

TOKEN = "token"
CDN_URL = "https://cdn.discordapp.com"
_ANSWER = re.compile(r"/webhooks/\d+/\w+/messages/([\d@a-z]+)")
_STATUS_OF_REFUSED_EDIT = {50_013: 403, 50_027: 401, 50_083: 400, 200_000: 400}
_MESSAGES = re.compile(r"/channels/(\d+)/messages(?:/(\d+))?")


def seconds_of(snowflake: int) -> float:
    """Virtual seconds since the beginning, by the time that an id tells."""
    return (born_ms(snowflake) - START_MS) / 1000


class SimulatedDiscord:
    """Outlives the processes that use it. `begun` has the interactions that a process was told of, by what began them.

    `asked` has, by interaction, when the bot first tried to answer. `blind_looks` are the bot's looks at a channel that
    did not show what stands in it, as (when, channel id). `refused_edits` are refused edits of a message in the last
    way that there is: by the bot's own token, or of a private one; as (when, message id).
    """

    def __init__(self, plan: Plan, clock: Clock, trace: Trace) -> None:
        self.state = State(clock=clock.unix_ms, base_url=CDN_URL)
        self.begun: dict[Act, Interaction] = {}
        self.asked: dict[int, float] = {}
        self.blind_looks: list[tuple[float, int]] = []
        self.refused_edits: list[tuple[float, int]] = []
        self._handlers = Handlers(self.state, token=TOKEN)
        self._plan = plan
        self._clock = clock
        self._trace = trace
        self._chatter = list(plan.chatter)
        self._deletions = sorted(plan.deletions, key=lambda each: each[0])
        for name in (BUSY_CHANNEL, OPERATOR_CHANNEL):
            self.state.world.open(name)
        for name in MEMBERS[2:]:  # the world has the first two
            self.state.world.join(name)
        self._people = {each.name: each for each in self.state.world.people.values()}
        self._channels = {each.name: each for each in self.state.world.channels.values()}

    def person(self, name: str) -> Person:
        return self._people[name]

    def channel(self, name: str) -> Channel:
        return self._channels[name]

    def answer_to(self, act: Act) -> Message | None:
        """The first answer to what a person did; None where there is none."""
        begun = self.begun.get(act)
        return self.state.original(begun) if begun else None

    def was_asked_for(self, message: Message) -> bool:
        """The message shows an image once more: it answers `/job`, or a button such as Share.

        An image that waited is shown by its button for the first time.
        """
        interaction = self.state.interactions.all.get(message.interaction_id or 0)
        if interaction is None:
            return False
        data = interaction.payload["data"]
        if interaction.kind is InteractionKind.COMPONENT:
            return not data["custom_id"].startswith("show-here:")
        return bool(data["name"] == "job")

    # --- requests -----------------------------------------------------------------------------------------

    def notice(self, call: Call) -> None:
        """The bot has sent a request, whether or not it arrives."""
        if call.path.endswith("/callback"):
            self.asked.setdefault(int(call.path.split("/")[2]), self._clock.seconds)

    def take(self, call: Call) -> Reply:
        """The answer to a request. What it asks for has then happened."""
        self.catch_up()
        reply = self._too_large(call) or self._refused_edit(call) or self._handlers.take(call)
        self._remember_refusals(call, reply)
        return reply

    def _too_large(self, call: Call) -> Reply | None:
        """Uploads may be refused below the limit that Discord told, in one of two ways."""
        for upload in call.uploads.values():
            size_bytes = len(upload.data)
            if size_bytes > self._plan.upload_limit_bytes:
                status, code = (413, Code.GENERAL) if size_bytes % 2 else (400, Code.TOO_LARGE)
                return Reply(status, {"code": code, "message": "too large"})
        return None

    def _refused_edit(self, call: Call) -> Reply | None:
        """The edit of an answer by its token. What can't be changed in any other way is noted as refused."""
        spell = self.under("edits_refused")
        match = _ANSWER.fullmatch(call.path)
        if spell is None or match is None or call.method != "PATCH":
            return None
        message = self.state.messages.all.get(int(match[1]) if match[1].isdigit() else 0)
        if message and message.ephemeral:
            self.refused_edits.append((self._clock.seconds, message.id))
        return Reply(_STATUS_OF_REFUSED_EDIT[spell.code], {"code": spell.code, "message": "refused"})

    def _remember_refusals(self, call: Call, reply: Reply) -> None:
        match = _MESSAGES.fullmatch(call.path)
        if match is None:
            return
        where, message_id = int(match[1]), match[2]
        if call.method == "GET" and message_id is None:
            channel = self.state.world.channels[where]
            if channel.closed or not channel.history_shown:
                self.blind_looks.append((self._clock.seconds, where))
        elif call.method == "PATCH" and message_id and reply.status >= 400:  # HTTP's
            self.refused_edits.append((self._clock.seconds, int(message_id)))

    # --- what else happens --------------------------------------------------------------------------------

    def under(self, kind: SpellKind, where: str | None = None) -> Spell | None:
        """The spell of this kind that holds just now, at this place."""
        now = self._clock.seconds
        holding = (each for each in self._plan.spells if each.kind == kind and each.start <= now < each.end)
        return next((each for each in holding if where is None or each.where in {None, where}), None)

    def catch_up(self) -> None:
        """People chat, a moderator deletes a card, and channels close and open, up to now."""
        now = self._clock.seconds
        while self._chatter and self._chatter[0] <= now:
            at_ms = START_MS + int(self._chatter.pop(0) * 1000)
            self.state.messages.say(self.channel(BUSY_CHANNEL).id, self.person(MEMBERS[0]).id, "Hello", at_ms=at_ms)
        while self._deletions and self._deletions[0][0] <= now:
            _, order = self._deletions.pop(0)
            card = self.answer_to(order)
            if card and not card.ephemeral:
                self._trace.note(f"discord: the card of order {order.number} is deleted")
                card.deleted = True
        self._let_weather_in()

    def _let_weather_in(self) -> None:
        for name in CHANNELS:
            channel = self.channel(name)
            closed = self.under("channel_closed", name)
            channel.closed = Code(closed.code) if closed else None
            channel.bot_rights = WRITING if self.under("no_history", name) else TALKING
        for name in MEMBERS:
            shut = self.under("direct_shut", name)
            self.state.world.direct(self.person(name).id).closed = Code.CLOSED_TO_MESSAGES if shut else None
