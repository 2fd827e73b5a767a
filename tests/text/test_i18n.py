"""Translations: every word has one, and two people can read two languages at the same moment."""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel import Locale
from babel.messages.catalog import Message
from babel.numbers import format_decimal

from bot.domain.errors import NotAVideoFile, VideoMissing
from bot.domain.job import ReleaseReason
from bot.domain.pricing import Pricing
from bot.media.probe import video_type
from bot.text import refusals, units
from bot.text.i18n import PLAIN_BELOW, number, speak, speaking, tr
from sandbox.atlas import Latency
from tests.support.factories import a_recipe
from tests.support.house import House, open_house, words_of
from tests.tools import words

MEND = "run `make words`, and fill in what is empty in bot/text/locales"
CATALOGUES = words.catalogues()
SPANISH = ("es-ES", "es-419")  # Discord's two
COMMAND_LIMIT = 8_000  # characters of a command with its options and choices, each in its longest language
NAME = re.compile(r"[-_'\w]{1,32}")  # Discord, application commands: naming; lower case where the script has one
CHAT_INPUT = 1


@pytest.fixture(scope="module", params=CATALOGUES, ids=lambda path: path.stem)
def catalogue(request: pytest.FixtureRequest) -> list[Message]:
    return [message for message in words.read(request.param) if message.id]


# --- the catalogues -----------------------------------------------------------------------------------


def test_a_catalogue_has_the_words_of_the_code_and_no_others(catalogue: list[Message]) -> None:
    in_code = {message.id for message in words.in_code() if message.id}
    written = {message.id for message in catalogue}
    assert (set(), set()) == (in_code - written, written - in_code), MEND


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_the_compiled_catalogue_has_the_words_of_the_one_in_text(path: Path) -> None:
    assert path.with_suffix(".mo").read_bytes() == words.compiled(path), MEND  # also at another minute


def test_every_message_is_translated(catalogue: list[Message]) -> None:
    assert [message.id for message in words.untranslated(catalogue)] == [], MEND


def test_a_translation_names_the_same_facts(catalogue: list[Message]) -> None:
    differing = [
        message.id
        for message in catalogue
        for form in words.forms(message)
        if form and placeholders(form) not in map(placeholders, originals(message))
    ]
    assert differing == []


def originals(message: Message) -> tuple[str, ...]:
    """A singular that is spelt out ("An image of yours ...") need not name its count."""
    return tuple(message.id) if isinstance(message.id, list | tuple) else (message.id,)


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("path", words.SOURCES, ids=lambda path: path.relative_to(words.ROOT).as_posix())
def test_words_are_plain_where_they_are_marked_so_that_the_catalogue_can_have_them(path: Path) -> None:
    """No f-string and no sum is translated; and only `tr` may take a name, for words that were marked elsewhere."""
    unfit = [
        f"{path.name}:{line}"
        for line, arguments in words.calls_in(path)
        for argument in arguments
        if isinstance(argument, ast.JoinedStr | ast.BinOp)
        or (
            isinstance(argument, ast.Call)
            and isinstance(argument.func, ast.Attribute)
            and argument.func.attr == "format"
        )
    ]
    assert unfit == []


@pytest.mark.parametrize("locale", ["en-US", *SPANISH])
def test_a_small_number_is_written_as_the_region_writes_it(locale: str) -> None:
    """Without Babel, whose tables take 5 MB."""
    region = Locale.parse(locale, sep="-")
    with speaking(locale):
        assert [number(value) for value in range(2 * PLAIN_BELOW)] == [
            format_decimal(value, locale=region) for value in range(2 * PLAIN_BELOW)
        ]


# --- what the domain calls by a name, and replies say -------------------------------------------------


@pytest.mark.parametrize("locale", SPANISH)
@pytest.mark.parametrize("head", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"<!doctype html>", b"hello"])
def test_what_a_file_is_instead_of_a_video_is_said_in_spanish(head: bytes, locale: str) -> None:
    with pytest.raises(NotAVideoFile) as refusal:
        video_type(head)
    with speaking(locale):
        assert str(refusal.value.found) not in refusals.say(refusal.value).replace("una imagen", "").replace(
            "texto", ""
        )


def test_every_cheaper_choice_is_said_in_spanish() -> None:
    labels = [label for label, _ in Pricing().cheaper_than(10_000, a_recipe(search=True)) if "search" in label]
    with speaking("es-ES"):
        assert [label.replace("without web search", "sin búsqueda web") for label in labels] == list(map(tr, labels))


@pytest.mark.parametrize("reason", ReleaseReason)
def test_every_reason_that_the_bot_writes_into_the_books_is_said_in_spanish(reason: ReleaseReason) -> None:
    written = f"Not charged: {reason.value.replace('_', ' ')}"
    with speaking("es-ES"):
        assert tr(written).startswith("Sin cobro: ")


@pytest.mark.parametrize("locale", ["fr", "en-GB", "zh-CN", "", "..", "es_ES"])
def test_a_language_without_a_catalogue_is_english(locale: str) -> None:
    with speaking(locale):
        assert refusals.say(VideoMissing()).startswith("Which video?")


def test_a_region_that_nobody_knows_has_its_language() -> None:
    with speaking("es-XX"):
        assert units.credits(12_500) == "12.500 créditos"


# --- what people see ----------------------------------------------------------------------------------


def let_speak(house: House, locales: dict[int, str]) -> None:
    """In simcord all people speak English, so each interaction gets its member's locale here, as Discord sends it."""
    parsers = house.app.bot._connection.parsers
    parse = parsers["INTERACTION_CREATE"]

    def parse_with_locale(data: Any) -> None:
        parse({**data, "locale": locales.get(int(data["member"]["user"]["id"]), "en-US")})

    parsers["INTERACTION_CREATE"] = parse_with_locale


async def test_two_tasks_speak_their_own_languages_at_the_same_time() -> None:
    both_speak = asyncio.Barrier(2)

    async def answer(locale: str) -> str:
        speak(locale)
        await both_speak.wait()
        return units.credits(2)

    spanish, english = await asyncio.gather(answer("es-419"), answer("en-US"))
    assert (spanish, english) == ("2 créditos", "2 credits")
    assert units.credits(2) == "2 credits"


async def test_two_images_are_made_at_once_and_each_card_speaks_the_language_of_its_member(tmp_path: Path) -> None:
    async with open_house(tmp_path, latency=Latency.fixed(0.5)) as house:
        bob = house.guild.add_member(house.env.create_user("bob"))
        let_speak(house, {house.ann.id: "es-419"})
        spanish, english = await house.imagine(), await house.imagine(bob)
        assert "150 créditos" in words_of(spanish.response)
        assert "150 credits" in words_of(english.response)

        refused = await bob.click(spanish.response.message, label="Cancelar")
        assert "only its owner can do that" in words_of(refused.response)
        refused = await house.imagine(video="https://www.youtube.com/playlist?list=PL1")
        assert "No se cobró nada." in words_of(refused.response)

        await house.ended(count=2)
        assert "alrededor de 3 fotogramas" in words_of(spanish.response)
        assert "generada con IA" in words_of(spanish.response)
        assert "AI-generated" in words_of(english.response)
        description = spanish.response.attachments[0].description
        assert description.startswith("A poster. De un video de YouTube, 0:14 a ")

        statement = await house.ann.slash(house.channel, "credits statement")
        assert "`Imagen entregada`" in words_of(statement.response)
        assert "`Créditos iniciales`" in words_of(statement.response)


async def test_commands_are_shown_in_spanish_within_discords_rules(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        sent = [request.json for request in house.env.http_requests if request.path.endswith("/commands")]
    commands: list[dict[str, Any]] = sent[-1] or []
    for command in commands:
        assert not (command.get("type", CHAT_INPUT) == CHAT_INPUT and command.get("name_localizations")), command[
            "name"
        ]
        assert length(command) <= COMMAND_LIMIT, command["name"]
        for node in nodes(command):
            check_texts(node, is_menu=command.get("type", CHAT_INPUT) != CHAT_INPUT)
    imagine = next(command for command in commands if command["name"] == "imagine")
    options = {option["name"]: option for option in imagine["options"]}
    assert options["size"]["name_localizations"]["es-419"] == "tamaño"
    assert not any("choices" in option for option in imagine["options"])  # they would be the same for every model
    assert options["search"]["description_localizations"]["es-ES"].endswith("+14 créditos.")


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in (*node.get("options", ()), *node.get("choices", ())):
        yield from nodes(below)


def check_texts(node: dict[str, Any], *, is_menu: bool) -> None:
    is_choice = "value" in node
    for name in (node["name"], *(node.get("name_localizations") or {}).values()):
        fits = 1 <= len(name) <= 100 if is_choice or is_menu else NAME.fullmatch(name) and name == name.lower()
        assert fits, name
    if node.get("description"):
        said = node.get("description_localizations") or {}
        assert set(SPANISH) == set(said), f"{node['name']}: {MEND}; is its description inside locale_str?"
        assert all(1 <= len(words) <= 100 for words in (node["description"], *said.values())), node["name"]
    for locale in SPANISH:
        names = [(each.get("name_localizations") or {}).get(locale, each["name"]) for each in node.get("options", ())]
        assert len(names) == len(set(names)), names


def length(node: dict[str, Any]) -> int:
    own = [
        [node[key], *(node.get(f"{key}_localizations") or {}).values()]
        for key in ("name", "description")
        if node.get(key)
    ]
    below = (*node.get("options", ()), *node.get("choices", ()))
    value = len(node["value"]) if isinstance(node.get("value"), str) else 0
    return sum(max(map(len, texts)) for texts in own) + value + sum(map(length, below))
