"""`make licences` writes docs/licences.md from the metadata of the installed packages."""

from __future__ import annotations

import re
from importlib import metadata
from typing import NamedTuple

from tests.tools.locks import PRODUCTION, ROOT, Pin, pins

PAGE = ROOT / "docs" / "licences.md"

# Anybody may run, change and pass on what stands under these, inside of an MIT program too.
ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU"),
    *("MPL-2.0", "PSF-2.0", "Unlicense", "Zlib"),
}
# What stands under another one, and why it may be used all the same.
REASONS: dict[str, str] = {}

# Packages name a licence in three ways, the newest first: by an SPDX expression, in words, by a classifier.
_IN_WORDS = {"Apache 2.0": "Apache-2.0", "ISC License": "ISC"}
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_HOME_LABELS = ("homepage", "home", "source", "source code", "repository", "github", "code", "documentation")

HEAD = """\
# Licences

What Stillframe runs on, as `requirements.lock` pins it, with the licence that each package states. Stillframe itself
stands under the [MIT licence](../LICENSE). Each package brings the text of its licence along: in the container under
`/venv/lib/python*/site-packages/*.dist-info`. The image also holds Python (PSF-2.0) and Debian, whose licences are in
`/usr/share/doc`.

`make licences` writes this page; a test compares it with the lock file, and lets no licence in that would bind those
who run or change Stillframe. MPL-2.0 asks that changes to the files of those packages stay open; nothing here changes
them.

| package | version | licence | |
|---|---|---|---|
"""


class Facts(NamedTuple):
    licence: str
    home: str


# What the development lock does not install in that version, or not on this system.
ELSEWHERE = {
    "audioop-lts": Facts("PSF-2.0", "https://github.com/AbstractUmbra/audioop"),
    "colorama": Facts("BSD-3-Clause", "https://github.com/tartley/colorama"),
}


def page() -> str:
    versions: dict[str, list[str]] = {}
    for name, version in pins(PRODUCTION):
        versions.setdefault(name, []).append(version)
    rows = []
    for name, found in versions.items():
        facts = facts_of(name, found)
        home = f"[{re.sub(r'^https?://(www[.])?', '', facts.home).rstrip('/')}]({facts.home})"
        rows.append(f"| {name} | {', '.join(found)} | {facts.licence} | {home} |\n")
    return HEAD + "".join(rows)


def facts_of(name: str, versions: list[str]) -> Facts:
    """A package that is pinned in a version for each Python stands under the same licence in both."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ELSEWHERE[name]
    return Facts(_licence(said), _home(said)) if said["Version"] in versions else ELSEWHERE[name]


def rows() -> dict[Pin, str]:
    """What the page says: the licence of each package in each version."""
    found = re.findall(
        r"^\| ([a-z0-9._-]+) \| ([0-9][^|]+) \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {Pin(name, version): licence for name, versions, licence in found for version in versions.split(", ")}


def stranger_in(licence: str) -> set[str]:
    """The names in it that are not allowed."""
    return {name for name in re.findall(r"[A-Za-z0-9.-]+", licence) if name not in {"AND", "OR", "and"}} - ALLOWED


def _licence(said: metadata.PackageMetadata) -> str:
    if "License-Expression" in said:
        return said["License-Expression"]
    words = "".join(said.get_all("License", []))
    if (named := _IN_WORDS.get(words, words)) in ALLOWED:
        return named
    classifiers = [each.split(" :: ")[-1] for each in said.get_all("Classifier", []) if each.startswith("License :: ")]
    return " and ".join(sorted(_CLASSIFIERS.get(each, each) for each in classifiers)) or "not stated"


def _home(said: metadata.PackageMetadata) -> str:
    if "Home-page" in said:
        return said["Home-page"]
    urls = dict(each.split(", ", 1) for each in said.get_all("Project-URL", []))
    by_label: dict[str, str] = {label.lower(): url for label, url in urls.items()}
    return next(by_label[label] for label in _HOME_LABELS if label in by_label)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
