"""The container image: which files go in, which user runs it, and that these files are enough. No builder is needed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.names import ROOT, commands_in, strange_settings, wrong_in

NOBODY = 65534


def instructions() -> list[tuple[str, str]]:
    text = "\n".join(line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#"))
    lines = text.replace("\\\n", " ").splitlines()
    return [(name, argument.strip()) for name, _, argument in (line.partition(" ") for line in lines) if name]


def last_stage() -> list[tuple[str, str]]:
    """What the image is; the stage before it is thrown away."""
    found = instructions()
    return found[max(place for place, (name, _) in enumerate(found) if name == "FROM") :]


def said(name: str) -> str:
    (argument,) = (argument for each, argument in last_stage() if each == name)
    return argument


def copied_from_here() -> list[str]:
    copies = [argument.split() for name, argument in instructions() if name == "COPY" and "--from" not in argument]
    return [source for *sources, _target in copies for source in sources]


def goes_in(path: str) -> bool:
    """By .dockerignore: the last pattern that fits a path, or a folder that it is in, decides."""
    answer = True
    whole = [path, *(str(parent) for parent in Path(path).parents)]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = re.escape(line.removeprefix("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(pattern, each) for each in whole):
            answer = line.startswith("!")
    return answer


def test_the_base_image_has_a_tag_with_the_version_of_python_and_can_be_given_by_digest() -> None:
    bases = [argument.split()[0] for name, argument in instructions() if name == "FROM"]
    assert set(bases) == {"${PYTHON_IMAGE}"}
    (default,) = (argument for name, argument in instructions() if name == "ARG")
    version = re.fullmatch(r"PYTHON_IMAGE=python:3\.(\d+)-slim-\w+", default)
    assert version
    assert int(version[1]) >= 11


def test_dependencies_are_wheels_by_hash_and_nothing_is_compiled_or_fetched_beside_them() -> None:
    runs = " ".join(argument for name, argument in instructions() if name in {"RUN", "ADD"})
    assert "install --require-hashes --only-binary :all: -r requirements.lock" in runs
    assert not re.search(r"apt-get|gcc|curl|wget|git ", runs)
    assert runs.count("-m pip") == 1


def test_it_runs_as_a_plain_user_whom_kubernetes_can_tell_by_the_number() -> None:
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", said("USER"))
    order = [name for name, _ in last_stage()]
    assert order.index("USER") < order.index("ENTRYPOINT")
    assert "RUN" not in order[order.index("USER") :]


def test_every_command_in_it_is_one_and_needs_no_shell() -> None:
    entrypoint = json.loads(said("ENTRYPOINT"))
    health = json.loads(said("HEALTHCHECK").partition("CMD ")[2])
    assert [wrong_in(words) for words in commands_in([*entrypoint, *json.loads(said("CMD"))])] == [None]
    assert [wrong_in(words) for words in commands_in(health)] == [None]
    assert said("STOPSIGNAL") == "SIGTERM"


def test_its_environment_names_only_settings_and_what_python_reads() -> None:
    environment = dict(re.findall(r"([A-Z_]+)=(\S+)", said("ENV")))
    assert strange_settings(environment) == set()
    assert environment["HTTP_PORT"].isdigit()  # else the health check has no port to ask at


def test_nothing_goes_in_but_what_is_copied_and_no_secret() -> None:
    wanted = set(copied_from_here())
    assert {path.name for path in ROOT.iterdir() if goes_in(path.name)} - wanted == set()
    assert wanted <= {path.name for path in ROOT.iterdir()}
    for path in (".env", "data/stillframe.db", ".git/config", "deploy/postgres.env", "bot/__pycache__/cli.pyc"):
        assert not goes_in(path)


def test_everything_that_the_code_reads_beside_itself_goes_in() -> None:
    for folder in ("bot", "cogs"):
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert [path for path in files if not goes_in(str(path.relative_to(ROOT)))] == []
        assert {path.suffix for path in files} <= {".py", ".sql", ".po", ".mo"}


@pytest.fixture
def image() -> Iterator[Path]:
    """`/app` and `/data` as the Dockerfile lays them; not below pytest's folder, which others may not enter."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        (place / "data").mkdir(mode=0o700)
        for source in map(ROOT.__truediv__, copied_from_here()):
            for path in [source] if source.is_file() else filter(Path.is_file, source.rglob("*")):
                if goes_in(name := str(path.relative_to(ROOT))):
                    (place / "app" / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, place / "app" / name)
        yield place


def confined(image: Path) -> list[str]:
    """The words before a command that run it as another user and, where possible, with a root that can't be written."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return []
    os.chown(image / "data", NOBODY, NOBODY)
    user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
    if subprocess.run([*user, sys.executable, "-c", ""], cwd="/", check=False, capture_output=True).returncode:
        pytest.skip(f"{sys.executable} is out of another user's reach")
    mounts = 'mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro /'
    read_only = ["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', str(image / "data")]
    works = subprocess.run([*read_only, "true"], check=False, capture_output=True).returncode == 0
    return [*(read_only if works else []), *user]


def test_what_goes_in_is_enough_to_run_and_stop_as_a_user_who_may_write_only_the_data(image: Path) -> None:
    """Discord and the supplier are out of reach: it opens the books, logs in patiently, and ends on the signal."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(image / "app"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATABASE_URL": f"sqlite:///{image}/data/stillframe.db",
        "DATA_DIR": f"{image}/data",
        "DISCORD_TOKEN": "not-a-real-token-of-anybody",
        "ATLASCLOUD_API_KEY": "apikey-not-real",
        "ATLASCLOUD_BASE_URL": "http://127.0.0.1:9",
    }
    with subprocess.Popen(
        [*confined(image), sys.executable, "-m", "bot", "run"],
        cwd="/",
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "can't be reached" in line:
                break
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        assert process.wait(20) == 0, lines
    assert "stopping" in rest
    assert (image / "data/stillframe.db").stat().st_size > 0
    assert not list((image / "app").rglob("__pycache__"))


def build(place: Path, *arguments: str, info: int = 0, pull: int = 0, builds: int = 0) -> tuple[int, str, list[str]]:
    """`deploy/image` with an engine that writes down what it is asked. Gives exit code, words, and what was asked."""
    log = place / "asked"
    engine = place / "engine"
    engine.write_text(
        f'#!/bin/sh\necho "$*" >> {log}\n'
        f'case "$1" in info) exit {info};; image) exit 1;; pull) exit {pull};; build) exit {builds};; esac\n'
    )
    engine.chmod(0o755)
    ran = subprocess.run(
        [ROOT / "deploy/image", *arguments],
        env={"PATH": f"{place}:/usr/bin:/bin", "ENGINE": "nowhere engine"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout, log.read_text().splitlines()


def test_the_image_is_built_and_started_once_with_nothing_that_compose_would_not_give_it(tmp_path: Path) -> None:
    code, said, asked = build(tmp_path)
    assert (code, said) == (0, "stillframe is built, and starts.\n")
    assert [line.split()[0] for line in asked] == ["info", "image", "pull", "build", "run"]
    assert "--read-only" in asked[-1]


@pytest.mark.parametrize(
    ("faults", "why"),
    [
        ({"info": 1}, "No image was built: nowhere is not here; engine is here, but its engine does not answer.\n"),
        ({"pull": 1}, "No image was built: engine can't get python:3."),
    ],
)
def test_where_nothing_can_build_one_line_says_why(tmp_path: Path, faults: dict[str, int], why: str) -> None:
    code, said, _ = build(tmp_path, "--if-possible", **faults)
    assert code == 0
    assert said.startswith(why)
    assert said.count("\n") == 1
    assert build(tmp_path, **faults)[0] == 1


def test_a_build_that_fails_is_a_failure_also_where_none_was_asked_for(tmp_path: Path) -> None:
    assert build(tmp_path, "--if-possible", builds=1)[0] != 0
