"""The `stillframe` command, as an operator types it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.storage.engine.sqlite import open_sqlite
from bot.storage.orders import placing
from tests.support.command_line import leave_for, stillframe
from tests.support.factories import MANY, NOW, an_order, sql

LINK = "https://youtu.be/dQw4w9WgXcQ"
LEAD = [sys.executable, "-m", "bot"]


@pytest.fixture(autouse=True)
def an_empty_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leave_for(tmp_path, monkeypatch)


def quote(**options: Any) -> Any:
    result = stillframe("quote", "--stdin", stdin=json.dumps(options) + "\n")
    assert result.exit_code == 0
    return json.loads(result.stdout)


# --- quote --------------------------------------------------------------------------------------------


def test_a_quote_is_exactly_the_object_that_scripts_rely_on() -> None:
    assert quote(video=LINK, start="0:14-0:17") == {
        "ok": True,
        "model": "nb2-dev",
        "video": {"kind": "youtube", "id": "dQw4w9WgXcQ"},
        "start": 14,
        "end": 17,
        "frames": 3,
        "credits": 150,
    }


@pytest.mark.parametrize(
    ("options", "facts"),
    [
        ({"start": 83.5, "end": "+20s"}, {"start": 83.5, "end": 103.5, "frames": 20}),
        ({"start": 14, "end": 17, "frames": 2}, {"start": 14, "end": 17, "frames": 6}),
        ({"size": "2K"}, {"credits": 190}),
        ({"size": " 4k - 230 credits", "shape": "16:9 - YouTube thumbnail"}, {"credits": 230}),
        ({"size": "4k", "search": True, "shape": "9:16"}, {"credits": 244}),
        ({"end": "whole"}, {"start": 0, "end": None, "frames": None}),
        ({"video": f"{LINK}?t=1m5s"}, {"start": 65, "end": 95}),
        ({"video": "https://a.example/x.mp4"}, {"video": {"kind": "file", "url": "https://a.example/x.mp4"}}),
    ],
)
def test_a_quote_understands_what_imagine_understands(options: dict[str, Any], facts: dict[str, Any]) -> None:
    answer = quote(**{"video": LINK, **options})
    assert facts == {name: answer[name] for name in facts}


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"video": "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ"}', "NotAVideoLink"),
        ("{}", "VideoMissing"),
        (f'{{"video": "{LINK}", "start": "0:17", "end": "0:14"}}', "EndBeforeStart"),
        (f'{{"video": "{LINK}", "start": "soon"}}', "NotATime"),
        (f'{{"video": "{LINK}", "start": "13h"}}', "TimeTooLate"),
        (f'{{"video": "{LINK}", "start": "0:00-10:00", "frames": 24}}', "TooManyFrames"),
        (f'{{"video": "{LINK}", "size": "8k"}}', "BadOption"),
        (f'{{"video": "{LINK}", "shape": "wide"}}', "BadOption"),
        (f'{{"video": "{LINK}", "frames": "fast"}}', "BadOption"),
        (f'{{"video": "{LINK}", "frames": NaN}}', "BadOption"),
        (f'{{"video": "{LINK}", "frames": 25}}', "BadOption"),
        (f'{{"video": "{LINK}", "colour": "red"}}', "BadOption"),
        ('{"video": ["a list"]}', "BadOption"),
        ("[1, 2]", "BadOption"),
        ("not json", "BadOption"),
        ("[" * 100_000, "BadOption"),
    ],
)
def test_a_quote_refuses_by_the_name_of_the_domain_error_and_in_a_members_words(line: str, error: str) -> None:
    result = stillframe("quote", "--stdin", stdin=line + "\n")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert (answer["ok"], answer["error"]) == (False, error)
    assert "Nothing was charged." in answer["message"]


def test_each_line_has_its_own_answer_and_a_bad_one_stops_nothing() -> None:
    lines = [json.dumps({"video": LINK}), "nonsense", "", json.dumps({"video": LINK, "size": "2k"})]
    result = stillframe("quote", "--stdin", stdin="\n".join(lines))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["ok"] for answer in answers] == [True, False, True]


def test_a_quote_knows_every_row_and_takes_the_images_for_granted() -> None:
    for model, price in (("nb2-text", 80), ("nb2-edit", 80), ("Nano Banana 2 Text", 80)):
        result = stillframe("quote", "--model", model, "--json")
        answer = json.loads(result.stdout)
        assert (answer["ok"], answer["credits"], answer["video"]) == (True, price, None)
    answer = json.loads(stillframe("quote", "--model", "nb2-text", "--video", LINK, "--json").stdout)
    assert (answer["error"], "can't read a video" in answer["message"]) == ("ModelTakesNoVideo", True)
    answer = json.loads(stillframe("quote", "--model", "nb3", "--video", LINK, "--json").stdout)
    assert (answer["error"], "`nb2-dev`" in answer["message"]) == ("ModelUnknown", True)


def test_the_models_are_listed_with_their_state_their_prices_and_where_these_are_from() -> None:
    answer = json.loads(stillframe("models", "--json").stdout)
    assert answer["default"] == "nb2-dev"
    rows = {row["key"]: row for row in answer["models"]}
    assert (rows["nb2-dev"]["state"], rows["nb2"]["state"], rows["nb2.1"]["prices"]) == ("on", "unconfirmed", None)
    assert rows["nb2-dev"]["prices"]["image_micros"] == {"1k": 80_000, "2k": 120_000, "4k": 160_000}
    words = " ".join(stillframe("models").stdout.split())
    for part in (
        "nb2-dev on 0.08 0.12 0.16 0.07 0.014 2026-11-22 Nano Banana 2",
        "nb2.1 unconfirmed unknown Nano Banana 2.1",
        "its end is announced for 2027-05-28",
        "Prices of nb2-dev: Atlas Cloud, product page of",
    ):
        assert part in words


def test_a_file_of_models_changes_rows_and_a_fault_in_it_stops_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELS_FILE", "models.toml")
    assert "MODELS_FILE: can't be read" in stillframe("models").stderr
    Path("models.toml").write_text('[[model]]\nkey = "nb2-edit"\non = false\n')
    answer = json.loads(stillframe("models", "--json").stdout)
    assert [row["key"] for row in answer["models"] if row["state"] == "on"] == ["nb2-dev", "nb2-text"]
    Path("models.toml").write_text('[[model]]\nkey = "nb2-edit"\nsize = []\n[[model]]\nkey = "new"\n')
    result = stillframe("models")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        'MODELS_FILE: model "nb2-edit": there is no size; did you mean sizes?',
    ]


def test_image_search_is_there_once_the_operator_turns_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def price() -> int | None:
        rows = json.loads(stillframe("models", "--json").stdout)["models"]
        found: int | None = next(row for row in rows if row["key"] == "nb2-edit")["prices"]["image_search_micros"]
        return found

    assert price() is None
    monkeypatch.setenv("IMAGE_SEARCH", "True")
    assert price() == 14_000


def test_a_quote_for_people_says_what_was_understood_and_the_price() -> None:
    result = stillframe("quote", "--video", LINK, "--start", "0:14-0:17", "--size", "2k", "--search")
    assert result.exit_code == 0
    assert result.stdout == (
        "Model:  Nano Banana 2\n"
        "Video:  https://www.youtube.com/watch?v=dQw4w9WgXcQ\n"
        "Moment: 0:14 → 0:17 (3 s, about 3 frames)\n"
        "Image:  2K, shape picked by the model, with web search\n"
        "Price:  204 credits\n"
    )


def test_a_refused_quote_says_so_with_its_exit_code() -> None:
    spoken = stillframe("quote", "--video", "https://example.com/")
    assert spoken.exit_code == 1
    assert "I can't read videos from" in spoken.stdout
    printed = stillframe("quote", "--video", "https://example.com/", "--json")
    assert printed.exit_code == 1
    assert json.loads(printed.stdout)["error"] == "NotAVideoLink"


def test_a_checked_quote_looks_at_a_linked_file() -> None:
    result = stillframe("quote", "--video", "http://127.0.0.1/x.mp4", "--check", "--json")
    assert json.loads(result.stdout)["error"] == "LinkNotPublic"


def test_a_quote_uses_the_prices_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITS_PER_USD", "100")
    monkeypatch.setenv("PRICE_MARKUP_PERCENT", "50")
    assert quote(video=LINK)["credits"] == 23  # 0.15 USD and a half more, rounded up


# --- run ----------------------------------------------------------------------------------------------


def test_without_a_token_the_bot_does_not_start_and_says_what_to_do() -> None:
    result = stillframe("run")
    assert result.exit_code == 2
    assert "DISCORD_TOKEN is not set" in result.stderr
    assert "stillframe doctor" in result.stderr


def test_with_a_token_but_no_key_it_refuses_and_names_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "token")
    result = stillframe("run")
    assert result.exit_code == 2
    assert "ATLASCLOUD_API_KEY is not set" in result.stderr
    assert "--sandbox-supplier" in result.stderr


def test_wrong_settings_are_one_line_each_and_no_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARTING_CREDITS", "many")
    monkeypatch.setenv("LOG_FORMAT", "xml")
    result = stillframe("run")
    assert result.exit_code == 2
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["STARTING_CREDITS", "LOG_FORMAT"]


def test_a_bucket_without_its_library_is_one_line_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "bot.storage.files.s3", raising=False)
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    for name, value in {"DISCORD_TOKEN": "token", "ATLASCLOUD_API_KEY": "key", "FILES_URL": "s3://stills"}.items():
        monkeypatch.setenv(name, value)
    result = stillframe("run")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "Clips and images can't be kept: FILES_URL needs the extra s3: pip install 'stillframe[s3]'"
    ]


@pytest.mark.parametrize("place", ["a_file", "a_file/data", "locked", "/proc/data"])
def test_a_folder_that_cannot_be_written_is_refused_before_anybody_pays(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    Path("a_file").touch()
    Path("locked").mkdir()
    Path("locked/images").touch()
    monkeypatch.setenv("DISCORD_TOKEN", "token")
    monkeypatch.setenv("DATA_DIR", place)
    result = stillframe("run", "--sandbox-supplier")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"DATA_DIR: {place}")


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*LEAD, *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_running_bot_stops_cleanly_on_a_signal(number: signal.Signals) -> None:
    """Discord can't be reached from here, so the bot waits in its log-in, with the database open and its lock held."""
    with start("run", "--sandbox-supplier", DISCORD_TOKEN="not-a-real-token-of-anybody", LOG_FORMAT="json") as process:
        assert process.stderr
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "can't be reached" in line:
                break
        second = stillframe("ledger", "check")
        process.send_signal(number)
        rest = process.stderr.read()
        assert process.wait(20) == 0
    assert second.exit_code == 0  # the books can be read while the bot runs
    printed = "".join(lines) + rest
    assert "stopping" in printed
    assert "Traceback" not in rest
    assert "not-a-real-token-of-anybody" not in printed


def test_a_second_bot_on_the_same_file_is_told_that_there_is_one() -> None:
    async def hold_and_start() -> tuple[int, str]:
        async with open_sqlite(Path("data/stillframe.db")):
            process = start("run", "--sandbox-supplier", DISCORD_TOKEN="token")
            _, printed = await asyncio.to_thread(process.communicate)
            return process.returncode, printed

    code, printed = asyncio.run(hold_and_start())
    assert code == 2
    assert "Another Stillframe is running" in printed
    assert "Traceback" not in printed


# --- ledger -------------------------------------------------------------------------------------------


async def some_books(*, tamper: bool) -> None:
    async with open_sqlite(Path("data/stillframe.db")) as store:
        await store.run(placing.place(an_order("1"), starting_credits=300, limits=MANY, now=NOW))
        if tamper:
            for rule in ("wallets_move_only_by_entries",):
                await store.run(sql(f"DROP TRIGGER {rule}"))
            await store.run(sql("UPDATE wallets SET posted = 999"))


def test_sound_books_are_said_to_be_sound() -> None:
    asyncio.run(some_books(tamper=False))
    result = stillframe("ledger", "check")
    assert result.exit_code == 0
    assert "1 wallets, 2 entries, 1 open jobs; 300 credits, of which 150 on hold" in " ".join(result.stdout.split())


def test_unsound_books_name_the_broken_rule_and_whose_it_is() -> None:
    asyncio.run(some_books(tamper=True))
    result = stillframe("ledger", "check")
    assert result.exit_code == 1
    assert "broken: wallet 1" in result.stdout


def test_books_that_do_not_exist_yet_are_not_made_by_looking() -> None:
    result = stillframe("ledger", "check")
    assert result.exit_code == 2
    assert "There is no database" in result.stderr
    assert not Path("data").exists()


def test_a_damaged_database_is_named_and_no_stack_is_shown() -> None:
    Path("data").mkdir()
    Path("data/stillframe.db").write_bytes(b"not a database" * 1_000)
    result = stillframe("ledger", "check")
    assert result.exit_code == 2
    assert "can't be used" in result.stderr
