"""Templates as values: blanks, filling them in, names, and files that carry them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import (
    BlanksMissing,
    PromptMissing,
    PromptTooLong,
    TemplateFileBroken,
    TemplateNameBad,
    TemplatesFull,
    TooManyBlanks,
)
from bot.domain.invisible import is_empty
from bot.domain.recipe import Shape, Size
from bot.domain.template import (
    BLANK_LIMIT,
    BLANKS_LIMIT,
    BLURB_LIMIT,
    FILE_LIMIT_BYTES,
    NAME_LIMIT,
    OWN_LIMIT,
    PROMPT_BLANK,
    SERVER_LIMIT,
    Listed,
    Origin,
    Template,
    blanks_in,
    called,
    key_of,
    read_file,
    read_frame,
    read_name,
    to_add,
    under_free_name,
    write_file,
)
from bot.text.builtin_templates import builtin_templates
from bot.text.i18n import speaking

NO_BRACKETS = st.text(st.characters(exclude_characters="[]", exclude_categories=["Cs"]), max_size=40)
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
LETTERS = st.text("ABCDEFGHÄÖ0123456789 '/&", min_size=1, max_size=BLANK_LIMIT)
BLANK_NAMES = LETTERS.map(lambda text: " ".join(text.split()).upper()).filter(bool)

VALUES = ANYTHING.map(str.strip).filter(lambda text: not is_empty(text))


def a_template(name: str = "Hero", frame: str = "[HERO] in [PLACE]", **changes: Any) -> Template:
    return Template(name=name, frame=frame, **changes)


@pytest.mark.parametrize(
    ("frame", "blanks"),
    [
        ("A poster", ()),
        ("[HERO] meets [VILLAIN]; [HERO] wins", ("HERO", "VILLAIN")),
        ("[hero_name] and [Hero  Name]", ("HERO NAME",)),
        ("[SOURCE / CONTEXT]", ("SOURCE / CONTEXT",)),
        ("[名前] on a hill", ("名前",)),
        ("[] and [ ] and [_] and [\u200b]", ()),
        ("[over\ntwo lines]", ()),
        ("[[HERO]]", ("HERO",)),
        (f"[{'x' * BLANK_LIMIT}]", ("X" * BLANK_LIMIT,)),
        (f"[{'x' * (BLANK_LIMIT + 1)}]", ()),
    ],
)
def test_what_stands_in_brackets_is_a_blank(frame: str, blanks: tuple[str, ...]) -> None:
    assert blanks == blanks_in(frame)


def test_each_place_of_a_blank_gets_its_value() -> None:
    template = a_template(frame="[HERO] in [old_town], said [Hero].")
    assert template.fill({"HERO": " Ann ", "OLD TOWN": "Graz"}) == "Ann in Graz, said Ann."


def test_a_value_opens_no_other_blank() -> None:
    template = a_template(frame="[HERO] in [PLACE]")
    assert template.fill({"HERO": "[PLACE]", "PLACE": r"\1 [HERO]"}) == "[PLACE] in \\1 [HERO]"


def test_what_is_missing_is_named() -> None:
    with pytest.raises(BlanksMissing) as refused:
        a_template(frame="[A] [B] [C]").fill({"B": "x", "C": "  "})
    assert refused.value.names == ("A", "C")


@given(st.lists(st.tuples(NO_BRACKETS, BLANK_NAMES, VALUES), max_size=8), NO_BRACKETS)
def test_a_filled_frame_is_its_own_words_with_each_value_in_its_place(
    parts: list[tuple[str, str, str]], end: str
) -> None:
    frame = "".join(f"{words}[{name}]" for words, name, _ in parts) + end
    values = {name: value for _, name, value in parts}
    assert blanks_in(frame) == tuple(values)
    template = a_template().model_copy(update={"frame": frame})
    assert template.fill(values) == "".join(words + values[name] for words, name, _ in parts) + end


@given(ANYTHING, ANYTHING, st.sampled_from([None, *Shape]), st.sampled_from(Size))
def test_a_template_is_the_same_after_a_file(name: str, frame: str, shape: Shape | None, size: Size) -> None:
    try:
        template = Template(name=read_name(name), frame=read_frame(frame), shape=shape, size=size, blurb=name)
    except (TemplateNameBad, PromptMissing, TooManyBlanks):
        return
    assert (template,) == read_file(write_file([template]))


def test_the_longest_templates_that_a_member_may_see_fit_into_a_file_that_can_be_read_again() -> None:
    longest = a_template(name="🎬" * NAME_LIMIT, frame="🎬" * 4_000, blurb="🎬" * BLURB_LIMIT)
    data = write_file([longest] * (OWN_LIMIT + SERVER_LIMIT))
    assert len(data) <= FILE_LIMIT_BYTES
    assert len(read_file(data)) == OWN_LIMIT + SERVER_LIMIT


@pytest.mark.parametrize(("typed", "name"), [("  Big \n hero ", "Big hero"), ("a\u202eb", "ab"), ("e\u0301", "é")])
def test_a_name_is_one_visible_line(typed: str, name: str) -> None:
    assert name == read_name(typed)


@pytest.mark.parametrize("typed", ["", "  ", "\u200b", "x" * (NAME_LIMIT + 1)])
def test_a_name_that_is_empty_or_too_long_is_refused(typed: str) -> None:
    with pytest.raises(TemplateNameBad):
        read_name(typed)


def test_a_frame_with_more_blanks_than_a_form_holds_is_refused() -> None:
    with pytest.raises(TooManyBlanks) as refused:
        read_frame("[A] [B] [C] [D] [E]")
    assert (refused.value.names, refused.value.limit) == (("A", "B", "C", "D", "E"), BLANKS_LIMIT)
    assert read_frame("[A] [B] [C] [D] [a]") == "[A] [B] [C] [D] [a]"


def test_a_frame_is_no_longer_than_a_prompt() -> None:
    with pytest.raises(PromptTooLong):
        read_frame("x" * 4_001)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("no json", ""),
        ("[]", ""),
        ('{"templates": []}', "stillframe_templates"),
        ('{"stillframe_templates": 2, "templates": [{"name": "a", "frame": "b"}]}', "stillframe_templates"),
        ('{V, "templates": []}', "templates"),
        ('{V, "templates": [{"name": "a", "frame": "b"}, {"name": "c"}]}', "templates, 2, frame"),
        ('{V, "templates": [{"name": "", "frame": "b"}]}', "templates, 1, name"),
        ('{V, "templates": [{"name": "a", "frame": "[1][2][3][4][5]"}]}', "templates, 1, frame"),
        ('{V, "templates": [{"name": "a", "frame": "b", "shape": "7:7"}]}', "templates, 1, shape"),
        ('{V, "templates": [{"name": "a", "frame": "b", "run": "x"}]}', "templates, 1, run"),
        ("[" * 100_000, ""),
    ],
)  # fmt: skip
def test_a_file_that_is_not_of_templates_is_refused_by_its_first_wrong_place(text: str, place: str) -> None:
    with pytest.raises(TemplateFileBroken) as refused:
        read_file(text.replace("V", '"stillframe_templates": 1').encode())
    assert place == refused.value.place


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(TemplateFileBroken):
        read_file(data)


def test_ones_own_goes_before_the_servers_and_that_before_the_bots() -> None:
    listed = [
        Listed("poster", Origin.BUILT_IN, a_template("Poster")),
        Listed("2", Origin.SERVER, a_template("POSTER")),
        Listed("1", Origin.OWN, a_template("poster")),
    ]
    for key, left in (("1", listed), ("2", listed[:2]), ("poster", listed[:1])):
        found = called(" pOsTeR ", left)
        assert found
        assert key == found.key
    assert called("Poster 2", listed) is None


def test_a_built_in_is_found_by_its_word_in_every_language() -> None:
    with speaking("es-ES"):
        found = called("youtube-thumbnail", builtin_templates())
    assert found
    assert Shape.WIDE is found.template.shape


@given(st.lists(st.sampled_from(["Hero", "hero", "Hero 2", "x" * NAME_LIMIT]), max_size=20))
def test_imported_names_never_meet(names: list[str]) -> None:
    added = to_add([a_template(name, frame=f"Number {number}") for number, name in enumerate(names)], [])
    assert len(names) == len({key_of(each.name) for each in added})
    assert all(len(each.name) <= NAME_LIMIT for each in added)


def test_a_name_that_is_taken_gets_the_next_free_number() -> None:
    assert under_free_name(a_template("Hero"), {"hero", "hero 2"}).name == "Hero 3"
    assert under_free_name(a_template("Hero"), {"poster"}).name == "Hero"


def test_what_is_there_already_is_not_added_again() -> None:
    own = [a_template("Hero"), a_template("Poster")]
    other = a_template("Hero", frame="Another")
    assert [each.name for each in to_add([own[1], other, own[0], other], own)] == ["Hero 2"]


def test_more_than_fit_are_refused_together() -> None:
    many = [a_template(str(number)) for number in range(OWN_LIMIT)]
    assert len(to_add(many, [])) == OWN_LIMIT
    with pytest.raises(TemplatesFull):
        to_add(many, [a_template("One")])


BUILT_IN = {each.key: each.template for each in builtin_templates()}


@pytest.mark.parametrize("key", BUILT_IN)
def test_a_built_in_template_is_one_that_a_member_could_have_saved(key: str) -> None:
    template = BUILT_IN[key]
    assert (template,) == read_file(write_file([template]))
    assert template.blurb
    assert len(template.blanks) >= 1


def test_purposes_set_their_shape_and_keep_the_members_own_prompt() -> None:
    purposes = ("youtube-thumbnail", "story", "poster", "scene-summary", "brand-post", "infographic")
    assert [BUILT_IN[key].shape for key in purposes] == ["16:9", "9:16", "2:3", "4:3", "4:5", "2:3"]
    assert all(PROMPT_BLANK in BUILT_IN[key].blanks for key in purposes)


def test_built_in_names_differ_and_stand_in_a_file_as_they_are() -> None:
    assert len(BUILT_IN) == len({key_of(each.name) for each in BUILT_IN.values()})
    names = [each["name"] for each in json.loads(write_file(BUILT_IN.values()))["templates"]]
    assert [each.name for each in BUILT_IN.values()] == names
