"""Transaction scripts of templates: those of a member in one server, and those that the server has published.

The column `name` is the key that a template is found by; the name as the member wrote it is in the body. At most
`OWN_LIMIT + SERVER_LIMIT` rows are visible to a member, so a search by name reads them all.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.errors import NoImageOfYours, TemplateNameTaken, TemplateNotFound, TemplatesFull
from bot.domain.recipe import Recipe
from bot.domain.template import (
    OWN_LIMIT,
    SERVER_LIMIT,
    Listed,
    Origin,
    Template,
    called,
    key_of,
    to_add,
    under_free_name,
)
from bot.storage.engine import locks
from bot.storage.engine.store import Script

_SELECT_VISIBLE = """
    SELECT id, body, published FROM templates
    WHERE guild_id = :guild_id AND (published = 1 OR member_id = :member_id) ORDER BY published, name"""
_SELECT_OWNER = "SELECT member_id FROM templates WHERE id = :id"
_INSERT = """
    INSERT INTO templates (guild_id, member_id, name, body, published, created_at)
    VALUES (:guild_id, :member_id, :name, :body, 0, :now)"""
_DELETE = "DELETE FROM templates WHERE id = :id"
_PUBLISH = "UPDATE templates SET published = 1 WHERE id = :id"
_UNPUBLISH = "UPDATE templates SET published = 0, name = :name, body = :body WHERE id = :id"
_SELECT_RECIPE = """
    SELECT recipe FROM jobs
    WHERE member_id = :member_id AND forgotten_at IS NULL
        AND (id = :id OR message_id = :message_id OR result_id = :message_id)
    ORDER BY created_at DESC LIMIT 1"""


def visible(guild_id: int, member_id: int) -> Script[list[Listed]]:
    """The templates of the member, then those of the server, each group sorted by name."""
    rows = yield _SELECT_VISIBLE, {"guild_id": guild_id, "member_id": member_id}
    return [
        Listed(
            key=str(row["id"]),
            origin=Origin.SERVER if row["published"] else Origin.OWN,
            template=Template.model_validate_json(row["body"]),
        )
        for row in rows
    ]


def check_new(guild_id: int, member_id: int, name: str) -> Script[None]:
    """Check that there is room and that the name is free. Raises `TemplateNameTaken` and `TemplatesFull`."""
    own = yield from _of_origin(Origin.OWN, guild_id, member_id)
    if called(name, own):
        raise TemplateNameTaken(name=name, published=False)
    if len(own) >= OWN_LIMIT:
        raise TemplatesFull(limit=OWN_LIMIT, published=False)


def add(guild_id: int, member_id: int, template: Template, *, now: int) -> Script[None]:
    """Store a new template. Raises as `check_new`."""
    yield from locks.of_member(member_id)
    yield from check_new(guild_id, member_id, template.name)
    yield from _insert(guild_id, member_id, template, now=now)


def add_all(guild_id: int, member_id: int, templates: Collection[Template], *, now: int) -> Script[list[Template]]:
    """Store all templates that are new, under free names, or none of them. Raises `TemplatesFull`."""
    yield from locks.of_member(member_id)
    own = yield from _of_origin(Origin.OWN, guild_id, member_id)
    added = to_add(templates, [each.template for each in own])
    for template in added:
        yield from _insert(guild_id, member_id, template, now=now)
    return added


def delete(guild_id: int, member_id: int, name: str) -> Script[Template]:
    """Delete a template of the member. Raises `TemplateNotFound`."""
    yield from locks.of_member(member_id)
    found = yield from _find(name, Origin.OWN, guild_id, member_id)
    yield _DELETE, {"id": int(found.key)}
    return found.template


def publish(guild_id: int, member_id: int, name: str) -> Script[Template]:
    """Make a member's template the server's. Raises `TemplateNotFound`, `TemplateNameTaken`, `TemplatesFull`."""
    yield from locks.of_server(guild_id)
    yield from locks.of_member(member_id)
    found = yield from _find(name, Origin.OWN, guild_id, member_id)
    published = yield from _of_origin(Origin.SERVER, guild_id, member_id)
    if called(found.template.name, published):
        raise TemplateNameTaken(name=found.template.name, published=True)
    if len(published) >= SERVER_LIMIT:
        raise TemplatesFull(limit=SERVER_LIMIT, published=True)
    yield _PUBLISH, {"id": int(found.key)}
    return found.template


def unpublish(guild_id: int, member_id: int, name: str) -> Script[tuple[Template, int]]:
    """Give a template of the server back to the member who saved it. Returns it, and the id of that member.

    It gets another name where the member has one of that name by now. Raises `TemplateNotFound`.
    """
    yield from locks.of_server(guild_id)
    found = yield from _find(name, Origin.SERVER, guild_id, member_id)
    owner_id: int = (yield _SELECT_OWNER, {"id": int(found.key)})[0]["member_id"]
    yield from locks.of_member(owner_id)
    own = yield from _of_origin(Origin.OWN, guild_id, owner_id)
    back = under_free_name(found.template, {key_of(each.template.name) for each in own})
    yield _UNPUBLISH, {"id": int(found.key), "name": key_of(back.name), "body": back.model_dump_json()}
    return back, owner_id


def recipe_of(member_id: int, *, job_or_message_id: int, text: str) -> Script[Recipe]:
    """The recipe of an image that the member ordered. Raises `NoImageOfYours` with the `text` that the member typed."""
    found = {"member_id": member_id, "id": str(job_or_message_id), "message_id": job_or_message_id}
    rows = yield _SELECT_RECIPE, found
    if not rows:
        raise NoImageOfYours(text=text)
    return Recipe.model_validate_json(rows[0]["recipe"])


def _of_origin(origin: Origin, guild_id: int, member_id: int) -> Script[list[Listed]]:
    listed = yield from visible(guild_id, member_id)
    return [each for each in listed if each.origin is origin]


def _find(name: str, origin: Origin, guild_id: int, member_id: int) -> Script[Listed]:
    found = called(name, (yield from _of_origin(origin, guild_id, member_id)))
    if found is None:
        raise TemplateNotFound(name=name)
    return found


def _insert(guild_id: int, member_id: int, template: Template, *, now: int) -> Script[None]:
    yield (
        _INSERT,
        {
            "guild_id": guild_id,
            "member_id": member_id,
            "name": key_of(template.name),
            "body": template.model_dump_json(),
            "now": now,
        },
    )
