"""The judge of all that the bot sends has teeth: one bad request for each rule, and good ones that pass."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.discord_rules import COMPONENTS_V2, Callback, Json, broken

CHANNEL = "/channels/1/messages"
MESSAGE = "/channels/1/messages/2"
ANSWER = "/webhooks/1/token/messages/@original"
CALLBACK = "/interactions/1/token/callback"
COMMANDS = "/applications/1/commands"


def text(words: str = "Hello", **more: Any) -> Json:
    return {"type": 10, "content": words, **more}


def button(custom_id: str = "again:1", **changes: Any) -> Json:
    return {"type": 2, "style": 2, "label": "Again", "custom_id": custom_id, **changes}


def link(**changes: Any) -> Json:
    return {"type": 2, "style": 5, "label": "Open", "url": "https://a.example/", **changes}


def select(*values: str, **changes: Any) -> Json:
    options = [{"label": "An option", "value": value} for value in values or ("1:1", "16:9")]
    return {"type": 3, "custom_id": "shapes:1", "options": options, **changes}


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def container(*components: Json, **more: Any) -> Json:
    return {"type": 17, "components": list(components), **more}


def gallery(*urls: str, **more: Any) -> Json:
    return {"type": 12, "items": [{"media": {"url": url}, **more} for url in urls]}


def attached(*names: str, **more: Any) -> list[Json]:
    return [{"id": number, "filename": name, **more} for number, name in enumerate(names)]


def message(*components: Json, **more: Any) -> Json:
    return {"flags": COMPONENTS_V2, "components": list(components), **more}


def label(component: Json, words: str = "Prompt", **more: Any) -> Json:
    return {"type": 18, "label": words, "component": component, **more}


def text_input(**changes: Any) -> Json:
    return {"type": 4, "custom_id": "prompt", "style": 2, **changes}


def modal(*components: Json, title: str = "Edit") -> Json:
    return {"type": Callback.MODAL, "data": {"custom_id": "edit:1", "title": title, "components": list(components)}}


def command(*options: Json, **changes: Any) -> Json:
    return {"name": "imagine", "type": 1, "description": "Make an image", "options": list(options), **changes}


def option(name: str = "video", **changes: Any) -> Json:
    return {"type": 3, "name": name, "description": "A link", **changes}


def choices(*values: str) -> list[Json]:
    return [{"name": f"Choice {number}", "value": value} for number, value in enumerate(values)]


GOOD = {
    "a result": (
        "POST",
        CHANNEL,
        message(
            container(
                text(), gallery("attachment://1.png", description="A poster", spoiler=True),
                row(*(button(f"a{n}:1") for n in range(5))), row(select(max_values=2)),
                {"type": 9, "components": [text()], "accessory": link()},
                {"type": 14, "divider": True, "spacing": 1},
                accent_color=0xFFFFFF,
            ),
            attachments=attached("1.png", description="A poster"), nonce="1" * 20, enforce_nonce=True,
            allowed_mentions={"parse": [], "users": [1]},
        ),
    ),
    "an edit that keeps its files": ("PATCH", MESSAGE, message(gallery("attachment://1.png"))),
    "an edit by the token": ("PATCH", ANSWER, message(text(), attachments=[])),
    "a follow-up": ("POST", "/webhooks/1/token", message(text())),
    "a message of the old kind": ("POST", CHANNEL, {"content": "Hello", "components": [row(button())]}),
    "a deferred answer": ("POST", CALLBACK, {"type": Callback.THINKING, "data": {"flags": 64}}),
    "a deferred change": ("POST", CALLBACK, {"type": Callback.LATER}),
    "suggestions": ("POST", CALLBACK, {"type": Callback.AUTOCOMPLETE, "data": {"choices": choices("a")}}),
    "a form": (
        "POST",
        CALLBACK,
        modal(
            text("What shall be different?"), label(text_input(value="A poster", max_length=4_000)), label(select()),
            label({"type": 19, "custom_id": "images", "min_values": 0, "max_values": 10, "required": False}),
        ),
    ),
    "commands": (
        "PUT",
        COMMANDS,
        [
            command(option(required=True), option("size", choices=choices("1k", "2k"))),
            command(name="templates", options=[{"type": 1, "name": "save", "description": "Save one"}]),
            {"name": "Use image as reference", "type": 3},
        ],
    ),
    "a direct channel": ("POST", "/users/@me/channels", {"recipient_id": 1}),
    "nothing at all": ("DELETE", MESSAGE, None),
}  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), GOOD.values(), ids=GOOD.keys())
def test_what_discord_takes_is_not_complained_about(method: str, path: str, body: Any) -> None:
    assert broken(method, path, body) == []


BAD_MESSAGES = {
    "41 components": (message(*(container(*[text("x")] * 40) for _ in range(1))), "41 components"),
    "an id of two components": (message(text(id=7), text(id=7)), "the id 7 twice"),
    "too much text": (message(text("x" * 2_001), text("y" * 2_000)), "4001 characters"),
    "too many bytes of text": (message(text("\N{ROCKET}" * 2_600)), "10412 bytes"),
    "a blank text": (message(text("  \n")), "a text of nothing"),
    "an empty text": (message(text("")), "its length: 0"),
    "content beside the cards": (message(text(), content="Hello"), "content beside"),
    "embeds beside the cards": (message(text(), embeds=[{"title": "Hello"}]), "embeds beside"),
    "cards without their flag": ({"components": [text()]}, "needs the flag"),
    "six old rows": ({"components": [row(button(f"a:{n}")) for n in range(6)]}, "6 rows"),
    "nothing": ({"flags": COMPONENTS_V2}, "an empty message"),
    "an empty container": (message(container()), "their number: 0"),
    "a container in a container": (message(container(container(text()))), "nothing of type 17 may stand here"),
    "a text input in a message": (message(row(text_input())), "nothing of type 4 may stand here"),
    "a colour off the scale": (message(container(text(), accent_color=0x1000000)), "16777216 is not from 0"),
    "a field that does not exist": (message(text(), colour=1), "there is no such field"),
    "a type that is none": (message(container(text(), spoiler="yes")), "is no ['boolean', 'null']"),
    "a number for a truth": (message(container(text(), spoiler=1)), "is no ['boolean', 'null']"),
    "no custom id": (message(row(button(""))), "its length: 0"),
    "a custom id of 101": (message(row(button("x" * 101))), "its length: 101"),
    "a custom id twice": (message(row(button()), row(button())), "the custom_id 'again:1' twice"),
    "six buttons in a row": (message(row(*(button(f"a:{n}") for n in range(6)))), "their number: 6"),
    "a label of 81": (message(row(button(label="x" * 81))), "its length: 81"),
    "a button that says nothing": (message(row(button(label=""))), "says nothing"),
    "a button with a link and an id": (message(row(link(custom_id="x"))), "needs url"),
    "a button without an id": (message(row({"type": 2, "style": 1, "label": "Again"})), "needs custom_id"),
    "a link that is none": (message(row(link(url="a.example"))), "is no address"),
    "a link of 513": (message(row(link(url="https://a.example/" + "x" * 495))), "its length: 513"),
    "a select beside a button": (message(row(select(), button())), "its row for itself"),
    "26 options": (message(row(select(*map(str, range(26))))), "their number: 26"),
    "no options": (message(row({**select(), "options": []})), "their number: 0"),
    "an option's value twice": (message(row(select("1:1", "1:1"))), "a value twice"),
    "an option's value of 101": (message(row(select("x" * 101))), "its length: 101"),
    "a placeholder of 151": (message(row(select(placeholder="x" * 151))), "its length: 151"),
    "more to choose than there is": (message(row(select(max_values=3))), "3 may be chosen, of 2"),
    "more at least than at most": (message(row(select(min_values=2))), "at least 2 and at most 1"),
    "too many chosen already": (
        message(row({**select(), "options": [{"label": "x", "value": v, "default": True} for v in "ab"]})),
        "2 are chosen from the start",
    ),
    "11 pictures": (message(gallery(*["https://a.example/1.png"] * 11)), "their number: 11"),
    "an empty gallery": (message(gallery()), "their number: 0"),
    "an alt text of 1025": (message(gallery("https://a.example/1.png", description="x" * 1_025)), "its length: 1025"),
    "an empty alt text": (message(gallery("https://a.example/1.png", description="")), "its length: 0"),
    "a picture that was not sent": (message(gallery("attachment://2.png")), "'2.png' is shown, and was not attached"),
    "a picture of another name": (
        message(gallery("attachment://2.png"), attachments=attached("1.png")),
        "'1.png' is attached, and not shown",
    ),
    "a thumbnail that was not sent": (
        message({"type": 9, "components": [text()], "accessory": {"type": 11, "media": {"url": "attachment://t.png"}}}),
        "'t.png' is shown",
    ),
    "a file that was not sent": (message({"type": 13, "file": {"url": "attachment://t.json"}}), "'t.json' is shown"),
    "a picture from nowhere": (message(gallery("ftp://a.example/1.png")), "is no place for a picture"),
    "two files of one name": (
        message(gallery("attachment://1.png"), attachments=attached("1.png", "1.png")),
        "two files of one name",
    ),
    "11 files": (
        message(
            *(gallery(f"attachment://{n}") for n in range(11)), attachments=attached(*map(str, range(11)))
        ),
        "attachments, their number: 11",
    ),
    "a file's description of 1025": (
        message(gallery("attachment://1"), attachments=attached("1", description="x" * 1_025)),
        "its length: 1025",
    ),
    "a nonce of 26": (message(text(), nonce="1" * 26), "its length: 26"),
    "an enforced nonce that is none": (message(text(), enforce_nonce=True), "a nonce is enforced"),
    "all may be mentioned, and some": (
        message(text(), allowed_mentions={"parse": ["users"], "users": [1]}),
        "all users may be mentioned",
    ),
    "a section without its accessory": (message({"type": 9, "components": [text()]}), "accessory is missing"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "complaint"), BAD_MESSAGES.values(), ids=BAD_MESSAGES.keys())
def test_a_message_that_discord_would_refuse_is_found(body: Json, complaint: str) -> None:
    assert complaint in "\n".join(broken("POST", CHANNEL, body))


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", MESSAGE), ("PATCH", ANSWER), ("POST", "/webhooks/1/token"), ("POST", CALLBACK)]
)
def test_each_way_to_show_a_message_is_judged(method: str, path: str) -> None:
    body = message(row(button()), row(button()))
    sent = {"type": Callback.MESSAGE, "data": body} if path == CALLBACK else body
    assert [f"{method} {path}: the custom_id 'again:1' twice"] == broken(method, path, sent)


def test_a_change_by_a_button_is_judged_as_an_edit() -> None:
    kept: Json = {"type": Callback.CHANGE, "data": message(gallery("attachment://1.png"))}
    assert broken("POST", CALLBACK, kept) == []
    kept["data"]["attachments"] = []
    assert "'1.png' is shown, and was not attached" in "\n".join(broken("POST", CALLBACK, kept))


BAD_MODALS = {
    "a title of 46": (modal(label(text_input()), title="x" * 46), "its length: 46"),
    "no fields": (modal(), "their number: 0"),
    "six fields": (modal(*(label(text_input(custom_id=str(n))) for n in range(6))), "6 components in a modal"),
    "a row": (modal(row(text_input())), "a row in a modal"),
    "a field twice": (modal(label(text_input()), label(text_input())), "the custom_id 'prompt' twice"),
    "a label of 46": (modal(label(text_input(), "x" * 46)), "its length: 46"),
    "a description of 101": (modal(label(text_input(), description="x" * 101)), "its length: 101"),
    "a label in a label": (modal(label(text_input(label="Prompt"))), "no label of its own"),
    "a placeholder of 101": (modal(label(text_input(placeholder="x" * 101))), "its length: 101"),
    "a value of 4001": (modal(label(text_input(value="x" * 4_001))), "its length: 4001"),
    "a value beyond its own limit": (modal(label(text_input(value="abc", max_length=2))), "3 characters are filled in"),
    "a limit of 4001": (modal(label(text_input(max_length=4_001))), "4001 is not from 1 to 4000"),
    "limits upside down": (modal(label(text_input(min_length=9, max_length=2))), "from 9 to 2 characters"),
    "a disabled field": (modal(label(select(disabled=True))), "can be disabled"),
    "a select of one value": (modal(label(select("a", "a"))), "a value twice"),
    "eleven files": (modal(label({"type": 19, "custom_id": "i", "max_values": 11})), "11 is not from 1 to 10"),
    "more files at least": (
        modal(label({"type": 19, "custom_id": "i", "min_values": 3, "max_values": 2})),
        "at least 3 and at most 2",
    ),
    "required, and none needed": (modal(label({"type": 19, "custom_id": "i", "min_values": 0})), "it is required"),
    "a button": (modal(label(button())), "nothing of type 2 may stand here"),
    "blank words": (modal(text(" "), label(text_input())), "a text of nothing"),
}


@pytest.mark.parametrize(("body", "complaint"), BAD_MODALS.values(), ids=BAD_MODALS.keys())
def test_a_form_that_discord_would_refuse_is_found(body: Json, complaint: str) -> None:
    assert complaint in "\n".join(broken("POST", CALLBACK, body))


BAD_ANSWERS = {
    "26 suggestions": ({"type": 8, "data": {"choices": choices(*map(str, range(26)))}}, "their number: 26"),
    "a suggestion of 101": ({"type": 8, "data": {"choices": [{"name": "x" * 101, "value": "x"}]}}, "its length: 101"),
    "a type that is none": ({"type": 3, "data": {}}, "no answer has the type 3"),
}


@pytest.mark.parametrize(("body", "complaint"), BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_an_answer_that_discord_would_refuse_is_found(body: Json, complaint: str) -> None:
    assert complaint in "\n".join(broken("POST", CALLBACK, body))


GROUP = {"type": 2, "name": "group", "description": "x", "options": [{"type": 1, "name": "deep", "description": "x"}]}
BAD_COMMANDS = {
    "a name in capitals": (command(name="Imagine"), "'Imagine' is no name"),
    "a name with a space": (command(name="imagine it"), "'imagine it' is no name"),
    "a name of 33": (command(name="x" * 33), "its length: 33"),
    "no description": (command(description=""), "needs a description"),
    "a description of 101": (command(description="x" * 101), "its length: 101"),
    "26 options": (command(*(option(f"o{n}") for n in range(26))), "their number: 26"),
    "two options of one name": (command(option(), option()), "two options of one name"),
    "required behind optional": (command(option(), option("size", required=True)), "behind one that is not"),
    "an option in capitals": (command(option("Video")), "'Video' is no name"),
    "26 choices": (command(option(choices=choices(*map(str, range(26))))), "their number: 26"),
    "two choices of one value": (command(option(choices=choices("a", "a"))), "two choices of one value"),
    "a choice of 101": (command(option(choices=choices("x" * 101))), "the value of a choice"),
    "choices beside autocomplete": (command(option(choices=choices("a"), autocomplete=True)), "beside autocomplete"),
    "bounds upside down": (command(option(type=4, min_value=2, max_value=1)), "from 2 to 1"),
    "a locale that is none": (command(name_localizations={"es": "imagina"}), "knows no locale es"),
    "a localised name in capitals": (command(name_localizations={"es-ES": "Imagina"}), "'Imagina' is no name"),
    "two options of one Spanish name": (
        command(option(), option("size", name_localizations={"es-ES": "video"})),
        "two options of one name (es-ES)",
    ),
    "a localised description of 101": (command(description_localizations={"es-ES": "x" * 101}), "its length: 101"),
    "a command beside an option": (
        command({"type": 1, "name": "save", "description": "x"}, option()),
        "commands beside options",
    ),
    "a group in a group": (command({**GROUP, "options": [GROUP]}), "too deep"),
    "more than 8000 characters": (
        command(*(option(f"o{n}", choices=choices(*(f"{c}" * 90 for c in "abcdefgh"))) for n in range(12))),
        "8000 are allowed",
    ),
    "a menu with a description": ({"name": "Use it", "type": 3, "description": "x"}, "neither description nor options"),
}


@pytest.mark.parametrize(("body", "complaint"), BAD_COMMANDS.values(), ids=BAD_COMMANDS.keys())
def test_a_command_that_discord_would_refuse_is_found(body: Json, complaint: str) -> None:
    assert complaint in "\n".join(broken("PUT", COMMANDS, [body]))


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ([command(), command()], "imagine: two commands of this name"),
        ([command(name=f"c{n}") for n in range(101)], "101 commands of type 1"),
        ([{"name": f"Menu {n}", "type": 3} for n in range(16)], "16 commands of type 3"),
    ],
)
def test_a_set_of_commands_that_discord_would_refuse_is_found(body: list[Json], complaint: str) -> None:
    assert complaint in "\n".join(broken("PUT", COMMANDS, body))


def test_what_nobody_has_written_down_is_not_waved_through() -> None:
    assert "nobody has written down" in broken("POST", "/channels/1/threads", {"name": "x"})[0]
