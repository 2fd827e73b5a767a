"""The walk: hostile values go into every command, option, form and custom id of the real bot, and each is answered."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

import discord
from discord import app_commands, ui

from bot.domain.bank import Batch
from bot.domain.errors import Refusal
from bot.text.i18n import ENGLISH, speaking, tr
from tests.fuzz import hostile
from tests.support.factories import sql
from tests.support.house import API_KEY, a_png, words_of
from tests.support.wire_house import TOKEN, WireHouse, until
from tests.wire import payloads
from tests.wire.commands import menu_data
from tests.wire.components import Json
from tests.wire.interactions import Interaction, InteractionKind
from tests.wire.messages import Message

PATIENCE_SECONDS = 20.0
REFUSAL_LIMIT = 1_200  # characters of an answer to something refused, with what it echoes
OURS = ("CommandTree-invoker", "discord-ui-", "discord.py: on_")  # names of discord.py's tasks for an interaction
NEVER = ("Traceback", 'File "', "sqlite", "Exception", "Error(", TOKEN, API_KEY)
CHANGES_RULES = ("policy", "setup", "blocks", "mydata", "gallery")  # last in a pass: what they forbid hides the rest
SIMPLE: dict[str, Any] = {
    "prompt": "A poster", "video": hostile.LINK, "start": "0:14-0:17", "end": None, "size": "1k", "shape": "16:9",
    "moment": "0:14-0:17", "amount": "5", "reason": "Because", "words": "Please", "zone": "Europe/Madrid",
    "frame": "[HERO] on a hill", "name": "Hero",
}  # fmt: skip

Step = Callable[[], Coroutine[Any, Any, None]]


class Errors(logging.Handler):
    """What was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@dataclass
class Fuzz:
    """`problems` has a sentence for each answer that is none. `visited` has what was reached, by its name."""

    house: WireHouse
    random: Random
    problems: list[str] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    refused: dict[int, Refusal] = field(default_factory=dict)
    steps: int = 0
    real: dict[str, list[str]] = field(default_factory=dict)

    @property
    def bot(self) -> Any:
        return self.house.app.bot

    @property
    def state(self) -> Any:
        return self.house.wire._state

    @property
    def ids(self) -> list[str]:
        world = self.house.wire.world
        people = [str(each) for each in (*world.people, world.guild_id, world.images.id)]
        return [*people, *(each for ids in self.real.values() for each in ids)]

    # --- what is there --------------------------------------------------------------------------------------

    async def furnish(self) -> None:
        """An image, an order that is asked about, a batch, a request and a log: ids that exist."""
        house, world = self.house, self.house.wire.world
        self.bot.add_listener(self._note_refusal, "on_refusal")
        for rule in ("request_channel", "log_channel"):
            await self.bot.services.rules.change(world.guild_id, rule, world.restricted.id, actor=world.moderator.id)
        made = await house.imagine()
        (job,) = await house.ended()
        image = house.wire.answer(made)
        assert image
        self._image = image
        asked = await house.imagine(confirm=True)
        batch = Batch(id="77", guild_id=world.guild_id, amount=5, reason="x", actor=world.moderator.id, count=1)
        await self.bot.services.bank.ask(batch, [world.ben.id], by_role=False)
        request = await house.wire.slash("credits ask", {"amount": 5, "words": "Please"})
        for interaction in (asked, request):
            await until(partial(self.told, self.state.interactions.all[interaction]))
        self.real = {
            "job_id": [job.id], "proposal_id": [str(asked)], "batch_id": [batch.id], "request_id": [str(request)],
            "member_id": [str(world.ann.id), str(world.ben.id)], "entry_id": ["1", "2"], "change_id": ["1"],
            "key": ["film-poster"], "search_id": [str(made)], "act_id": [str(made)], "role_id": [str(world.guild_id)],
        }  # fmt: skip

    async def _note_refusal(self, interaction: discord.Interaction[Any], refusal: Refusal) -> None:
        self.refused[interaction.id] = refusal

    async def open_forms(self) -> None:
        """Open the forms that only their member's press of the right button opens, and fill them in badly."""
        world = self.house.wire.world
        ann, ben, mo = world.ann.id, world.ben.id, world.moderator.id
        (job_id,), (proposal_id,), (batch_id,) = (self.real[each] for each in ("job_id", "proposal_id", "batch_id"))
        await self._menu("Tip the maker", self._image, person_id=ben)
        await self._press_one(f"batch-give:{batch_id}", person_id=mo)
        (given,) = await self.house.app.store.read(sql("SELECT max(id) AS id FROM entries WHERE kind = 'grant'"))
        presses = [(f"edit:{job_id}", ann), (f"trim:{job_id}", ann), (f"report:{job_id}", ben)]
        presses += [(f"undo-entry:{given['id']}", mo), (f"batch-undo:{batch_id}", mo)]
        presses += [(f"setup:{what}", mo) for what in ("starting", "allowance", "budget", "other-zone", "try")]
        presses += [(f"propose:{what}:{proposal_id}", ann) for what in ("images", "video", "words")]
        for custom_id, person_id in [*presses, ("ask:80", ann), ("help:try", ben)]:
            await self._press_one(custom_id, person_id=person_id)
        save = self.bot.tree.get_command("templates").get_command("save")
        options = [{"name": name, "type": 3, "value": value} for name, value in (("job", job_id), ("name", "Hero"))]
        await self._send(InteractionKind.COMMAND, self._named(save, options), "/templates save", person_id=ann)

    # --- where one can go -----------------------------------------------------------------------------------

    def targets(self) -> list[tuple[str, Step]]:
        """Every option, menu, suggestion and custom id, from what the bot has registered."""
        found = [*self._commands(), *self._items()]
        self.random.shuffle(found)
        return sorted(found, key=lambda each: any(word in each[0] for word in CHANGES_RULES))

    def _commands(self) -> Iterator[tuple[str, Step]]:
        for command in self.bot.tree.walk_commands():
            if isinstance(command, app_commands.Command):
                for parameter in (*command.parameters, None):
                    name = parameter.display_name if parameter else "alone"
                    yield f"/{command.qualified_name} {name}", partial(self._command, command, parameter)
                    if parameter and parameter.autocomplete:
                        yield f"/{command.qualified_name} {name} …", partial(self._suggest, command, parameter)
        for menu in self.bot.tree.get_commands(type=discord.AppCommandType.message):
            yield f"menu {menu.name}", partial(self._menu, menu.name)

    def _items(self) -> Iterator[tuple[str, Step]]:
        for template, kind in self.bot._connection._view_store._dynamic_items.items():
            yield f"item {kind.__name__}", partial(self._press, template.pattern, kind)
        yield "item of nothing", partial(self._press, "nothing:[0-9]+", None)

    # --- one step -------------------------------------------------------------------------------------------

    async def _command(self, command: Any, hostile_one: Any) -> None:
        resolved: Json = {}
        options = []
        for each in command.parameters:
            if each is hostile_one or each.required:
                value = self._value(each, resolved, hostile=each is hostile_one)
                options.append({"name": each.name, "type": each.type.value, "value": value})
            elif each.name in SIMPLE and command.name == "imagine" and SIMPLE[each.name]:
                options.append({"name": each.name, "type": each.type.value, "value": SIMPLE[each.name]})
        data = {**self._named(command, options), "resolved": resolved}
        await self._send(InteractionKind.COMMAND, data, f"/{command.qualified_name} {options!r:.300}")

    async def _suggest(self, command: Any, parameter: Any) -> None:
        typed = hostile.texts(self.random, self.ids)
        option = {"name": parameter.name, "type": parameter.type.value, "value": typed, "focused": True}
        await self._send(
            InteractionKind.AUTOCOMPLETE, self._named(command, [option]), f"/{command.qualified_name} … {option!r:.200}"
        )

    async def _menu(self, name: str, message: Message | None = None, *, person_id: int | None = None) -> None:
        messages = [each for each in self.state.messages.all.values() if not each.deleted]
        picked = message or self.random.choice([*messages, self._image, self._image])
        data = menu_data(self.house.wire.world, self.state.commands, name, picked)
        await self._send(InteractionKind.COMMAND, data, name, person_id=person_id)

    async def _press(self, template: str, kind: Any) -> None:
        custom_id = hostile.custom_ids(self.random, template, self.real) if kind else "nothing:1"
        item = getattr(kind, "item_type", ui.Button)
        await self._press_one(custom_id, {ui.Button: 2, ui.Select: 3, ui.ChannelSelect: 8}[item])

    async def _press_one(self, custom_id: str, component_type: int = 2, *, person_id: int | None = None) -> None:
        data: Json = {"custom_id": custom_id, "component_type": component_type, "id": 1}
        shown: Json = {"type": component_type, "id": 1, "custom_id": custom_id}
        if component_type == 2:
            shown |= {"style": 2, "label": self.random.choice(("x", "Again (1)", "Create (99999999999999999999)"))}
        else:
            values = self.random.choice(([], [hostile.texts(self.random, self.ids)], ["1:1"], ["2k"], ["Europe/Rome"]))
            data |= {"values": values, "resolved": {}}
            shown |= {"options": [{"label": "x", "value": each} for each in values]} if component_type == 3 else {}
        what = f"{custom_id} {data.get('values')!r:.200}"
        await self._send(InteractionKind.COMPONENT, data, what, shown=shown, person_id=person_id)

    async def fill_in(self, opened: Interaction) -> None:
        """Send the form that answered, with one field hostile and the others as people fill them in."""
        form = opened.form or {}
        resolved: Json = {}
        fields = [each["component"] for each in form["components"] if "component" in each]
        bad = self.random.choice(fields)["custom_id"] if fields else None
        filled = [
            {"type": 18, "id": n, "component": self._filled(each, resolved, hostile=each["custom_id"] == bad)}
            for n, each in enumerate(fields, 1)
        ]
        data = {"custom_id": form["custom_id"], "components": filled, "resolved": resolved}
        modal = self.bot._connection._view_store._modals.get(form["custom_id"])
        self.visited.add(type(modal).__name__)
        await self._send(
            InteractionKind.FORM,
            data,
            f"form {form['title']!r} {filled!r:.400}",
            person_id=opened.person_id,
            source=opened.source,
        )

    def _filled(self, field_: Json, resolved: Json, *, hostile: bool) -> Json:
        facts: Json = {"type": field_["type"], "id": 9, "custom_id": field_["custom_id"]}
        if field_["type"] == 4:
            typed = (
                _texts(self.random, self.ids)
                if hostile
                else field_.get("value") or SIMPLE.get(field_["custom_id"], "5")
            )
            return {**facts, "value": typed or ""}
        if field_["type"] == 19:
            files = [self._attach(self.random.choice(_FILES), resolved) for _ in range(self.random.randrange(3))]
            return {**facts, "values": files}
        options = [each["value"] for each in field_["options"]]
        chosen = self.random.choice(([], ["nope"], ["\ud800"], options)) if hostile else options[:1]
        return {**facts, "values": chosen}

    def _value(self, parameter: Any, resolved: Json, *, hostile: bool) -> Any:
        kind = parameter.type.value
        if not hostile and parameter.choices:
            return parameter.choices[0].value
        if not hostile:
            plain = {3: SIMPLE.get(parameter.name, "5"), 4: 5, 5: True, 10: 1.0}
            if kind in plain:
                return plain[kind]
            if kind == 11:
                return self._attach(("a.png", a_png(), {}), resolved)
        value: Any = _option(self.random, kind, self.ids) if hostile else str(self.house.wire.world.ben.id)
        if kind == 11:
            return self._attach(value, resolved)
        if kind in {6, 7, 8, 9} and self.random.random() < 0.7:
            self._resolve(value, resolved)
        return value

    def _resolve(self, value: str, resolved: Json) -> None:
        """Tell what an id stands for, as Discord does. An id of another kind stands for nothing."""
        world = self.house.wire.world
        number = int(value) if re.fullmatch("[0-9]+", value) else 0
        if number in world.people:
            person = world.person(number)
            resolved.setdefault("users", {})[value] = payloads.user(person)
            resolved.setdefault("members", {})[value] = payloads.member(person, alone=False)
        elif number in world.channels:
            resolved.setdefault("channels", {})[value] = {
                **payloads.channel(world, world.channels[number]), "permissions": "0",
            }  # fmt: skip

    def _attach(self, file: tuple[str, bytes, Json], resolved: Json) -> str:
        name, data, lies = file
        kept = self.state._keep(re.sub("[\ud800-\udfff\x00]", "_", name)[:200], data)
        facts = {**payloads.file(kept, ephemeral=True), "filename": name, **lies}
        resolved.setdefault("attachments", {})[str(kept.id)] = facts
        return str(kept.id)

    def _named(self, command: Any, options: list[Json]) -> Json:
        """The command as Discord sends it: subcommands stand inside their group."""
        path = command.qualified_name.split()
        inner = options
        for depth, name in reversed(list(enumerate(path[1:], 1))):
            inner = [{"name": name, "type": 1 if depth == len(path) - 1 else 2, "options": inner}]
        (synced,) = [each for each in self.state.commands if each["name"] == path[0]]
        return {"id": synced["id"], "name": path[0], "type": 1, "options": inner}

    # --- what came of it ------------------------------------------------------------------------------------

    async def _send(
        self,
        kind: InteractionKind,
        data: Json,
        what: str,
        *,
        shown: Json | None = None,
        person_id: int | None = None,
        source: Message | None = None,
    ) -> None:
        world = self.house.wire.world
        self.steps += 1
        who = person_id or self.random.choice((world.ann, world.ann, world.ben, world.moderator, world.moderator)).id
        self._image.deleted = False  # a form of the walk may have deleted it
        source = self._image if shown else source
        begun = self.state.interactions.begin(kind, data, person_id=who, channel_id=world.images.id, source=source)
        if shown:
            begun.payload["message"]["components"] = [{"type": 1, "id": 2, "components": [shown]}]
        before = asyncio.all_tasks()
        self.bot._connection.parsers["INTERACTION_CREATE"](begun.payload)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while running := [t for t in asyncio.all_tasks() - before if t.get_name().startswith(OURS)]:
                    await asyncio.wait(running)
        except TimeoutError:
            self.problems.append(f"{what}: still running after {PATIENCE_SECONDS:.0f} s")
        self._judge(begun, what)
        if begun.form:
            await self.fill_in(begun)

    def _judge(self, begun: Interaction, what: str) -> None:
        words = self.told(begun)
        if not begun.answered:
            self.problems.append(f"{what}: no answer")
        elif not (words or begun.form or begun.kind is InteractionKind.AUTOCOMPLETE or self._image.deleted):
            self.problems.append(f"{what}: an answer without words")
        with speaking(ENGLISH):
            sorry = tr("Something went wrong on our side, and it has been written down.")
        for never in (sorry, "something went wrong", *NEVER):
            if never in words:
                self.problems.append(f"{what}: {words!r:.300}")
        if begun.id in self.refused and not begun.source and len(words) > REFUSAL_LIMIT:
            self.problems.append(f"{what}: {len(words)} characters in a refusal: {words!r:.300}")

    def told(self, begun: Interaction) -> str:
        shown: list[Message] = [
            message
            for each in begun.message_ids
            if (message := self.state.messages.all.get(each)) and not message.deleted
        ]
        return "\n".join(words_of(each) for each in shown)

    async def settle(self) -> None:
        """Nothing is held, and what was refused has no job."""
        ended = await self.house.ended()
        for job in ended:
            if job.id.isdigit() and int(job.id) in self.refused:
                self.problems.append(f"job {job.id} was made though it was refused: {self.refused[int(job.id)]}")
        self.problems += [f"the books: {each}" for each in await self.house.findings()]
        (row,) = await self.house.app.store.read(sql("SELECT coalesce(sum(held), 0) AS held FROM wallets"))
        if row["held"]:
            self.problems.append(f"{row['held']} credits are still held")


_texts, _FILES, _option = hostile.texts, hostile.FILES, hostile.option
