"""Finds out what a file is from its bytes: a name and a Content-Type header are only claims."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.domain.errors import NotAVideoFile

SNIFF_BYTES = 512  # enough for every kind below; the longest look is for MPEG transport packets, 2 * 188 bytes


@dataclass(frozen=True, slots=True)
class FileKind:
    """`extension` without a dot."""

    family: Literal["video", "image"]
    extension: str
    content_type: str


_MP4 = FileKind("video", "mp4", "video/mp4")
_M4V = FileKind("video", "m4v", "video/mp4")
_MOV = FileKind("video", "mov", "video/quicktime")
_3GP = FileKind("video", "3gp", "video/3gpp")
_WEBM = FileKind("video", "webm", "video/webm")
_AVI = FileKind("video", "avi", "video/x-msvideo")
_FLV = FileKind("video", "flv", "video/x-flv")
_MPEG = FileKind("video", "mpg", "video/mpeg")
_MPEG_TS = FileKind("video", "ts", "video/mp2t")
_WMV = FileKind("video", "wmv", "video/x-ms-wmv")
_PNG = FileKind("image", "png", "image/png")
_JPEG = FileKind("image", "jpg", "image/jpeg")
_WEBP = FileKind("image", "webp", "image/webp")
_GIF = FileKind("image", "gif", "image/gif")
_AVIF = FileKind("image", "avif", "image/avif")

_FIRST_BYTES = (
    (b"\x89PNG\r\n\x1a\n", _PNG),
    (b"\xff\xd8\xff", _JPEG),
    (b"GIF87a", _GIF),
    (b"GIF89a", _GIF),
    (b"FLV\x01", _FLV),
    (b"\x00\x00\x01\xba", _MPEG),  # pack header of a program stream
    (b"\x00\x00\x01\xb3", _MPEG),  # sequence header of a bare video stream
    (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), _WMV),  # ASF's header object
)
_IMAGE_NAMES = {_PNG: "PNG image", _JPEG: "JPEG image", _WEBP: "WebP image", _GIF: "GIF image", _AVIF: "AVIF image"}

# Files that begin like an MP4 and are none, by their major brand (the first three letters tell).
_NOT_VIDEO_BRANDS = {
    b"hei": "HEIC image",
    b"hev": "HEIC image",
    b"mif": "HEIC image",
    b"M4A": "M4A audio",
    b"M4B": "M4A audio",
    b"M4P": "M4A audio",
}
_VIDEO_BRANDS = {b"qt ": _MOV, b"M4V": _M4V, b"3gp": _3GP, b"3g2": _3GP, b"3ge": _3GP, b"3gr": _3GP, b"3gs": _3GP}
# What people attach by mistake.
_OTHERS = (
    (b"II*\x00", "TIFF image"),
    (b"MM\x00*", "TIFF image"),
    (b"BM", "BMP image"),
    (b"\xff\x0a", "JPEG XL image"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL image"),
    (b"%PDF", "PDF document"),
    (b"ID3", "MP3 audio"),
    (b"\xff\xfb", "MP3 audio"),
    (b"OggS", "Ogg file"),
    (b"PK\x03\x04", "ZIP archive"),
)
_QUICKTIME_FIRST_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_TS_PACKET_BYTES = 188
_EBML = b"\x1aE\xdf\xa3"
_EBML_DOCTYPE = b"\x42\x82"


def sniff(head: bytes) -> FileKind | None:
    """`head`: the first `SNIFF_BYTES` of a file, or all of a shorter one. None: nothing that we can use."""
    for first_bytes, kind in _FIRST_BYTES:
        if head.startswith(first_bytes):
            return kind
    if head.startswith(b"RIFF"):
        return {b"AVI ": _AVI, b"WEBP": _WEBP}.get(head[8:12])
    if head.startswith(_EBML):
        return _WEBM if _ebml_doctype(head) == b"webm" else None
    return _sniff_atoms(head) or _sniff_transport_stream(head)


def video_type(head: bytes) -> str:
    """The content type of a video that the model reads; else raises `NotAVideoFile`."""
    kind = sniff(head)
    if kind is None or kind.family == "image":
        raise NotAVideoFile(found=name_of(head))
    return kind.content_type


def name_of(head: bytes) -> str | None:
    """The name of a file's kind, for a member who attached the wrong file; None where it is not known."""
    kind = sniff(head)
    if kind is None:
        return _name_other(head)
    return _IMAGE_NAMES.get(kind, "video")


def has_content_credentials(data: bytes) -> bool:
    """Whether a whole PNG, JPEG or WebP carries a C2PA manifest: present, not verified. Damage means no."""
    match sniff(data[:SNIFF_BYTES]):
        case FileKind(extension="png"):
            return any(kind == b"caBX" for kind in _png_chunks(data))
        case FileKind(extension="jpg"):
            return any(map(_is_c2pa_segment, _jpeg_app11_segments(data)))
        case FileKind(extension="webp"):
            return any(kind == b"C2PA" for kind in _riff_chunks(data))
        case _:
            return False


def _sniff_atoms(head: bytes) -> FileKind | None:
    """MP4 and its relatives: a chain of atoms, each a size and a name of four letters."""
    name = head[4:8]
    if name == b"ftyp":
        brand = head[8:11]
        if brand == b"avi":
            return _AVIF
        return None if brand in _NOT_VIDEO_BRANDS else _VIDEO_BRANDS.get(brand, _MP4)
    # An old QuickTime file has no ftyp. Its first byte is the top of the atom's size; a text such as "I'm free"
    # has the name in the right place too, but no text begins with a byte this low.
    if name in _QUICKTIME_FIRST_ATOMS and head[0] < ord("\t"):
        return _MOV
    return None


def _sniff_transport_stream(head: bytes) -> FileKind | None:
    packet_starts = head[::_TS_PACKET_BYTES]
    return _MPEG_TS if len(packet_starts) > 1 and set(packet_starts) == {0x47} else None


def _ebml_doctype(head: bytes) -> bytes:
    """The format's name in an EBML header (RFC 8794): `webm`, `matroska`, or nothing where the header is damaged."""
    try:
        _, at = _ebml_size(head, len(_EBML))
        while True:
            id_width = 9 - head[at].bit_length()
            element = head[at : at + id_width]
            size, at = _ebml_size(head, at + id_width)
            if element == _EBML_DOCTYPE:
                return head[at : at + size].rstrip(b"\0")
            at += size
    except IndexError:
        return b""


def _ebml_size(head: bytes, at: int) -> tuple[int, int]:
    """A number whose leading zero bits tell how many bytes it has, and where it ends."""
    width = 9 - head[at].bit_length()
    marker = 1 << (7 * width)
    return int.from_bytes(head[at : at + width], "big") & (marker - 1), at + width


def _name_other(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        return _NOT_VIDEO_BRANDS.get(head[8:11])
    if head.startswith(_EBML):
        return "Matroska video" if _ebml_doctype(head) == b"matroska" else None
    return _name_by_first_bytes(head) or _name_text(head)


def _name_by_first_bytes(head: bytes) -> str | None:
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "WAV audio"
    return next((name for first_bytes, name in _OTHERS if head.startswith(first_bytes)), None)


def _name_text(head: bytes) -> str | None:
    try:
        # An incremental decoder, because the head may end in the middle of a character.
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head).strip()
    except UnicodeDecodeError:
        return None
    if text.lower().startswith(("<!doctype", "<html")):
        return "HTML page"
    if text.startswith("<svg") or (text.startswith("<?xml") and "<svg" in text):
        return "SVG image"
    return "text" if text and all(c.isprintable() or c.isspace() for c in text) else None


def _png_chunks(data: bytes) -> Iterator[bytes]:
    """The types of the chunks that are there in full."""
    at = 8
    while (end := at + 12 + int.from_bytes(data[at : at + 4], "big")) <= len(data):
        yield data[at + 4 : at + 8]
        at = end


def _riff_chunks(data: bytes) -> Iterator[bytes]:
    """The types of the chunks that are there in full; each is padded to an even length."""
    at = 12
    while (end := at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")) <= len(data):
        yield data[at : at + 4]
        at = end + end % 2


def _jpeg_app11_segments(data: bytes) -> Iterator[bytes]:
    """The contents of the APP11 segments before the picture's own data."""
    at = 2
    while data[at : at + 1] == b"\xff":
        marker = data[at + 1 : at + 2]
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in (b"\xda", b"\xd9") or end > len(data):
            return
        if marker == b"\xeb":
            yield data[at + 4 : end]
        at = end


def _is_c2pa_segment(segment: bytes) -> bool:
    """JUMBF in JPEG (ISO 19566-5): "JP", instance, sequence number, then a `jumb` box that opens with a `jumd` box,
    whose UUID begins with the letters c2pa. Of a manifest in several segments, the first has them."""
    return segment.startswith(b"JP") and segment[12:16] == b"jumb" and segment[20:28] == b"jumdc2pa"
