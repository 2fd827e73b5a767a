"""A form that was refused comes back with what was typed in it, for its member, for a quarter of an hour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from discord import ui
from simcord.actors import MemberActor

from bot.discord.kept_forms import (
    BYTES_LIMIT,
    FORMS_LIMIT,
    FORMS_OF_MEMBER,
    KEPT_MINUTES,
    SENT_LIMIT,
    KeptForms,
    SentForms,
)
from bot.domain.errors import FormSent, NotYours, TypedLost
from tests.meta.house import HERE
from tests.support.house import LINK, House, a_png, answer_to, labels, open_house
from tests.text.test_i18n import let_speak

BACK = "Back to the form"
LOTS: dict[str, Any] = {"amount": "lots"}
WITHOUT_FIELDS = {"DeleteForm"}  # it has words alone
UPLOADS = {"images": [("bad.png", b"no image"), ("worse.png", b"nothing")]}  # one good file would be taken


class Refused(NamedTuple):
    """A form that will be refused for what is typed in it."""

    actor: MemberActor
    form: Any
    typed: dict[str, Any]


def kinds_of_forms(base: type[ui.Modal] = ui.Modal) -> set[str]:
    """The names of all modals of the bot that no other is made from."""
    for module in HERE.modules:
        if module.startswith("cogs."):
            import_module(module)
    found: set[str] = set()
    for kind in base.__subclasses__():
        below = kinds_of_forms(kind)
        found |= below or ({kind.__name__} if kind.__module__.startswith("cogs.") else set())
    return found


def kind_of(house: House, form: Any) -> str:
    modals: dict[str, ui.Modal] = house.app.bot._connection._view_store._modals
    assert form.modal, answer_to(form)
    return type(modals[form.modal["custom_id"]]).__name__


def shown_in(form: Any) -> dict[str, Any]:
    """What stands in the fields of a form: a text, or the chosen values."""
    fields = [each["component"] for each in form.modal["components"] if "component" in each]
    return {
        each["custom_id"]: [option["value"] for option in each["options"] if option.get("default")]
        if "options" in each
        else each.get("value")
        for each in fields
    }


async def forms_of_orders(house: House) -> AsyncIterator[Refused]:
    ann = house.ann
    whole = {"video": "nothing", "start": "0:14", "end": "+3s", "prompt": "A long poem", "size": ["2k"]}
    yield Refused(ann, await ann.slash(house.channel, "imagine"), whole)
    asked: Any = await house.imagine(confirm=True)
    form = await ann.click(asked.response.message, label="Edit")
    yield Refused(ann, form, {"prompt": "Other words", "moment": "soon"})
    yield Refused(ann, await ann.click(asked.response.message, label="Add images"), UPLOADS)
    form = await ann.slash(house.channel, "imagine", prompt="A poem", private=True)
    asked = await ann.submit_modal(form, {"prompt": "A poem", "size": ["1k"]})
    form = await ann.click(asked.response.message, label="Add a video")
    yield Refused(ann, form, {"video": "nothing", "moment": "soon"})


async def forms_of_results(house: House) -> AsyncIterator[Refused]:
    ann = house.ann
    message, job = await house.a_result()
    edited = {"prompt": "Better", "moment": "soon", "shape": ["9:16"], "size": ["2k"], "thinking": ["high"]}
    yield Refused(ann, await ann.click(message, custom_id=f"edit:{job.id}"), edited)
    yield Refused(ann, await ann.click(message, custom_id=f"trim:{job.id}"), {"start": "soon", "end": "0:17"})
    again, report = [await house.moderator.click(message, custom_id=f"report:{job.id}") for _ in range(2)]
    await house.moderator.submit_modal(again, {"reason": "It is rude"})
    yield Refused(house.moderator, report, {"reason": "It is very rude"})
    save = await ann.slash(house.channel, "templates save", job=job.id, name="Mine")
    yield Refused(ann, save, {"frame": "[A] [B] [C] [D] [E]", "blurb": "For heroes"})
    yield Refused(house.moderator, await house.moderator.context_menu(house.channel, "Tip the maker", message), LOTS)


async def forms_of_credits(house: House) -> AsyncIterator[Refused]:
    await house.change_rule("request_channel", house.guild.create_text_channel("staff").id)
    poor: Any = await house.imagine(size="4k", search=True)
    ask = await house.ann.click(poor.response.message, label="Ask for credits")
    yield Refused(house.ann, ask, {**LOTS, "words": "For the poster"})
    mo, log = house.moderator, await house.open_log()

    async def undo() -> Any:
        assert log.last_message
        return await mo.click(log.last_message, label="Undo")

    await mo.slash(house.channel, "bank grant", member=house.ann, amount=5, reason="Contest")
    yield Refused(mo, await undo(), {"reason": "  "})
    batch: Any = await mo.slash(house.channel, "bank grant-list", members=house.ann.mention, amount=5, reason="Event")
    await mo.click(batch.response.message, label="Give")
    yield Refused(mo, await undo(), {"reason": "  "})


async def forms_of_setup(house: House) -> AsyncIterator[Refused]:
    mo = house.moderator
    card: Any = await mo.slash(house.channel, "setup")
    buttons: dict[str, dict[str, Any]] = {
        "Starting credits …": LOTS,
        "Allowance …": {**LOTS, "every": ["month"]},
        "Budget …": LOTS,
        "Another one …": {"zone": "Mars/Base"},
    }
    for button, typed in buttons.items():
        while button not in labels(card.response):
            await mo.click(card.response.message, label=next(each for each in labels(card.response) if "Next" in each))
        yield Refused(mo, await mo.click(card.response.message, label=button), typed)


async def test_every_form_that_is_refused_comes_back_with_what_was_typed(house: House) -> None:
    seen = set(WITHOUT_FIELDS)
    for forms in (forms_of_orders, forms_of_results, forms_of_credits, forms_of_setup):
        async for actor, form, typed in forms(house):
            kind = kind_of(house, form)
            seen.add(kind)
            answer: Any = await actor.submit_modal(form, typed)
            shown = answer.followups[-1] if answer.followups else answer.response
            assert BACK in labels(shown), (kind, answer_to(answer))
            again = await actor.click(shown.message, label=BACK)
            assert kind_of(house, again) == kind
            kept = {name: value for name, value in typed.items() if name != "images"}
            assert {name: shown_in(again)[name] for name in kept} == kept, kind
            if "images" in typed:
                assert "0 of 2 are in your tray" in answer_to(answer)
    assert seen == kinds_of_forms()


async def test_a_form_that_came_back_is_carried_out(house: House) -> None:
    form: Any = await house.ann.slash(house.channel, "imagine")
    typed = {"video": LINK, "start": "soon", "end": "", "prompt": "A long poem", "size": ["1k"]}
    for _ in range(2):  # it may be refused any number of times
        refused: Any = await house.ann.submit_modal(form, typed)
        form = await house.ann.click(refused.response.message, label=BACK)
    await house.ann.submit_modal(form, {**typed, "start": "0:14"})
    (job,) = await house.ended()
    assert job.recipe.prompt == "A long poem"


async def test_a_command_that_was_refused_comes_back_as_a_form(house: House) -> None:
    refused: Any = await house.imagine(prompt="A long poem", video="nothing", frames=2.0)
    form: Any = await house.ann.click(refused.response.message, label=BACK)
    assert shown_in(form) == {
        "video": "nothing", "start": "0:14-0:17", "end": None, "prompt": "A long poem", "size": ["1k"],
    }  # fmt: skip
    await house.ann.submit_modal(form, {**shown_in(form), "video": LINK, "end": ""})
    (job,) = await house.ended()
    assert job.recipe.clip
    assert job.recipe.clip.frame_rate == 2


async def test_the_images_of_a_refused_form_go_along_with_the_order_from_the_tray(house: House) -> None:
    form: Any = await house.ann.slash(house.channel, "imagine", images=True)
    typed = {"start": "0:14", "end": "", "prompt": "A poem"}
    refused: Any = await house.ann.submit_modal(form, {**typed, "video": "nothing", "images": [("a.png", a_png())]})
    assert "Of your files, 1 of 1 are in your tray" in answer_to(refused)
    shown = refused.followups[-1] if refused.followups else refused.response
    form = await house.ann.click(shown.message, label=BACK)
    asked: Any = await house.ann.submit_modal(form, {**typed, "video": LINK})
    await house.ann.click(asked.response.message, label="Create (150)")
    (job,) = await house.ended()
    assert len(job.recipe.references) == 1


async def test_in_direct_messages_a_refused_order_comes_back_too(tmp_path: Path) -> None:
    async with open_house(tmp_path, direct_messages=True) as house:
        visitor = house.env.create_user("visitor")
        form: Any = await visitor.slash("imagine", images=True)
        typed = {"video": "nothing", "start": "", "end": "", "prompt": "A poem"}
        files = [("good.png", a_png()), ("bad.png", b"no image")]
        refused: Any = await visitor.submit_modal(form, {**typed, "images": files})
        assert "1 of 2 are in your tray" in answer_to(refused)
        shown = refused.followups[-1] if refused.followups else refused.response
        again = await visitor.click(shown.message, label=BACK)
        assert {name: shown_in(again)[name] for name in ("video", "prompt")} == {"video": "nothing", "prompt": "A poem"}


async def test_the_way_back_is_shown_in_the_members_language(house: House) -> None:
    let_speak(house, {house.ann.id: "es-ES"})
    refused: Any = await house.imagine(video="nothing", prompt="Un póster")
    form = await house.ann.click(refused.response.message, label="Volver al formulario")
    assert form.modal
    assert form.modal["title"] == "Tu imagen"
    assert shown_in(form)["prompt"] == "Un póster"


async def test_after_a_restart_the_button_says_that_nothing_is_kept(house: House) -> None:
    refused: Any = await house.imagine(video="nothing")
    house.app.bot.kept_forms = KeptForms()
    answer = await house.ann.click(refused.response.message, label=BACK)
    assert "not here any more" in answer_to(answer)
    assert "Nothing was charged" in answer_to(answer)


def nothing(_: object) -> ui.Modal:
    raise NotImplementedError


def test_a_form_is_kept_for_its_member_and_for_a_quarter_of_an_hour() -> None:
    now = [0.0]
    kept = KeptForms(lambda: now[0])
    form_id = kept.keep(1, nothing, ["words"])
    assert kept.find(form_id, 1) is nothing
    with pytest.raises(NotYours):
        kept.find(form_id, 2)
    now[0] = 60 * KEPT_MINUTES
    with pytest.raises(TypedLost):
        kept.find(form_id, 1)


def test_what_is_kept_is_bounded_and_one_member_pushes_out_nothing_of_others() -> None:
    kept = KeptForms(lambda: 0.0)
    first = kept.keep(1, nothing, ["words"])
    of_two = [kept.keep(2, nothing, []) for _ in range(2 * FORMS_OF_MEMBER)]
    assert is_kept(kept, first, 1)
    assert len([form_id for form_id in of_two if is_kept(kept, form_id, 2)]) == FORMS_OF_MEMBER
    for member_id in range(3, FORMS_LIMIT + 3):
        last = kept.keep(member_id, nothing, [])
    assert not is_kept(kept, first, 1)
    assert len(kept) == FORMS_LIMIT
    heavy = kept.keep(1, nothing, ["x" * (BYTES_LIMIT - 1_000)])
    assert is_kept(kept, heavy, 1)
    kept.keep(2, nothing, ["x" * 2_000])
    assert not is_kept(kept, last, FORMS_LIMIT + 2)
    assert len(kept) == 1


def is_kept(kept: KeptForms, form_id: str, member_id: int) -> bool:
    try:
        kept.find(form_id, member_id)
    except TypedLost:
        return False
    return True


def test_only_another_interaction_is_told_that_a_form_was_sent() -> None:
    sent = SentForms()
    sent.check("form", 1)
    sent.note("form", 1)
    sent.check("form", 1)  # the gateway may send it once more
    with pytest.raises(FormSent):
        sent.check("form", 2)
    for number in range(SENT_LIMIT):
        sent.note(f"form {number}", 1)
    sent.check("form", 2)
