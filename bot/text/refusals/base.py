"""The sentences that refusals end with, and the kinds of files that they name."""

from __future__ import annotations

from bot.text.i18n import mark, tr

FREE = mark("Nothing was charged.")
UNMOVED = mark("No credits were moved.")
TRY_AGAIN = mark("Please try again in a minute.")

# What a file may turn out to be, as bot/media/probe.py names it.
KINDS = {
    "PNG image": mark("a PNG image"),
    "JPEG image": mark("a JPEG image"),
    "WebP image": mark("a WebP image"),
    "GIF image": mark("a GIF image"),
    "HEIC image": mark("a HEIC image"),
    "AVIF image": mark("an AVIF image"),
    "TIFF image": mark("a TIFF image"),
    "BMP image": mark("a BMP image"),
    "JPEG XL image": mark("a JPEG XL image"),
    "SVG image": mark("an SVG image"),
    "PDF document": mark("a PDF document"),
    "M4A audio": mark("an M4A audio file"),
    "MP3 audio": mark("an MP3 audio file"),
    "WAV audio": mark("a WAV audio file"),
    "Ogg file": mark("an Ogg file"),
    "Matroska video": mark("a Matroska video"),
    "MPEG-TS video": mark("an MPEG transport stream (.ts)"),
    "stream": mark("the playlist of a stream"),
    "ZIP archive": mark("a ZIP archive"),
    "HTML page": mark("an HTML page"),
    "text": mark("text"),
    "video": mark("a video"),
}


def free(words: str) -> str:
    """Add that it cost nothing."""
    return f"{words} {tr(FREE)}"


def try_again(words: str) -> str:
    return f"{free(words)} {tr(TRY_AGAIN)}"
