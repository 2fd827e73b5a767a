"""Templates: members find them by name, save them from an image, share them in a server, and carry them in a file."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable

from bot.domain.discord_limits import CHOICES_LIMIT
from bot.domain.errors import NoImageOfYours, NoTemplates, TemplateNotFound
from bot.domain.recipe import Recipe, Shape
from bot.domain.template import Listed, Origin, Template, called, key_of, read_file, read_name, write_file
from bot.media.shapes import draw_shape
from bot.storage.engine.store import Store
from bot.storage.orders import templates

log = logging.getLogger(__name__)


# This matches a job's number, or a link to a message, whose last number is the message's.
_JOB = re.compile(r"(?:https://(?:\w+\.)?discord(?:app)?\.com/channels/(?:@me|[0-9]{1,20})/[0-9]{1,20}/)?([0-9]{1,19})")
_LARGEST_ID = 2**63 - 1  # a column holds no larger one; Discord's ids reach it in the year 2084


class Templates:
    """The use cases of templates. `clock` gives Unix milliseconds.

    `builtin` gives the templates that come with the bot, in the language that is being spoken.
    """

    def __init__(self, store: Store, *, builtin: Callable[[], tuple[Listed, ...]], clock: Callable[[], int]) -> None:
        self._store = store
        self._builtin = builtin
        self._clock = clock
        self._pictures: dict[Shape | None, bytes] = {}

    async def visible(self, *, guild_id: int, member_id: int) -> list[Listed]:
        """Return the member's own templates, then the server's, then the bot's."""
        return [*await self._store.read(templates.visible(guild_id, member_id)), *self._builtin()]

    async def find(self, name: str, *, guild_id: int, member_id: int) -> Template:
        """Find a template by name in any case; of several, the member's own goes first. Raises `TemplateNotFound`."""
        found = called(name, await self.visible(guild_id=guild_id, member_id=member_id))
        if found is None:
            raise TemplateNotFound(name=name)
        return found.template

    async def by_key(self, key: str, *, guild_id: int, member_id: int) -> Template:
        """Return the template with this key. Raises `TemplateNotFound`, also for one that this member may not see."""
        for each in await self.visible(guild_id=guild_id, member_id=member_id):
            if each.key == key:
                return each.template
        raise TemplateNotFound(name=None)

    async def suggest(
        self, text: str, *, guild_id: int, member_id: int, only: Origin | None = None
    ) -> list[tuple[str, str]]:
        """Return choices for autocomplete: each a label, and the value by which `find` finds the template."""
        listed = await self.visible(guild_id=guild_id, member_id=member_id)
        wanted = key_of(" ".join(text.split()))
        choices: dict[str, tuple[str, str]] = {}
        for each in listed:
            key = key_of(each.template.name)
            if wanted in key and only in {None, each.origin}:
                value = each.key if each.origin is Origin.BUILT_IN else each.template.name
                choices.setdefault(key, (each.template.name, value))
        return list(choices.values())[:CHOICES_LIMIT]

    async def recipe_of(self, job: str, *, member_id: int) -> Recipe:
        """Return the recipe of one of the member's own images. Raises `NoImageOfYours`.

        `job`: the job's number, or a link to its message.
        """
        match = _JOB.fullmatch(job.strip())
        number = int(match[1]) if match else None
        if number is None or number > _LARGEST_ID:
            raise NoImageOfYours(text=job)
        return await self._store.read(templates.recipe_of(member_id, job_or_message_id=number, text=job))

    async def check_new_name(self, name: str, *, guild_id: int, member_id: int) -> str:
        """Return the name as it would be saved. Raises `TemplateNameBad`, `TemplateNameTaken`, `TemplatesFull`."""
        read = read_name(name)
        await self._store.read(templates.check_new(guild_id, member_id, read))
        return read

    async def save(self, template: Template, *, guild_id: int, member_id: int) -> None:
        """Save a template of the member's own. Raises `TemplateNameTaken` and `TemplatesFull`."""
        await self._store.run(templates.add(guild_id, member_id, template, now=self._clock()))

    async def delete(self, name: str, *, guild_id: int, member_id: int) -> Template:
        """Delete one of the member's own templates. Raises `TemplateNotFound`."""
        return await self._store.run(templates.delete(guild_id, member_id, name))

    async def publish(self, name: str, *, guild_id: int, member_id: int) -> Template:
        """Make a moderator's template the server's. Raises `TemplateNotFound`, `TemplateNameTaken`, `TemplatesFull`."""
        published = await self._store.run(templates.publish(guild_id, member_id, name))
        log.info("template %r published in server %d by %d", published.name, guild_id, member_id)
        return published

    async def unpublish(self, name: str, *, guild_id: int, member_id: int) -> tuple[Template, int]:
        """Give one of the server's templates back to the member who saved it. Raises `TemplateNotFound`.

        Returns the template and that member's id.
        """
        back, owner_id = await self._store.run(templates.unpublish(guild_id, member_id, name))
        log.info("template %r taken back in server %d by %d, to %d", back.name, guild_id, member_id, owner_id)
        return back, owner_id

    async def export(self, name: str | None, *, guild_id: int, member_id: int) -> bytes:
        """Write a file of one template, or of the member's own and the server's.

        Raises `TemplateNotFound` and `NoTemplates`.
        """
        if name is not None:
            return write_file([await self.find(name, guild_id=guild_id, member_id=member_id)])
        listed = await self._store.read(templates.visible(guild_id, member_id))
        if not listed:
            raise NoTemplates
        return await asyncio.to_thread(write_file, [each.template for each in listed])

    async def import_(self, data: bytes, *, guild_id: int, member_id: int) -> list[Template]:
        """Add all templates of the file to the member's own, or none. Returns the templates that were added.

        A template that is there already, the same in all, is left out; another one with its name gets a number behind
        its name. Raises `TemplateFileBroken` and `TemplatesFull`.
        """
        found = await asyncio.to_thread(read_file, data)
        return await self._store.run(templates.add_all(guild_id, member_id, found, now=self._clock()))

    async def picture(self, shape: Shape | None) -> bytes:
        """Draw a PNG that shows the shape."""
        if shape not in self._pictures:
            self._pictures[shape] = await asyncio.to_thread(draw_shape, shape)
        return self._pictures[shape]
