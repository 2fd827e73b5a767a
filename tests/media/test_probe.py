"""What a file is, by its own bytes."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import NotAVideoFile
from bot.media.probe import FileKind, has_content_credentials, sniff, video_type

ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x04\x00\x00"
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 "
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"


def ftyp(brand: str) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand.encode() + b"\x00\x00\x02\x00isomiso2"


def ebml(doctype: bytes, *, before: bytes = b"\x42\x86\x81\x01") -> bytes:
    """An EBML header: first another element (its version), then the doctype, then the start of the segment."""
    elements = before + b"\x42\x82" + bytes([0x80 | len(doctype)]) + doctype
    return b"\x1aE\xdf\xa3" + bytes([0x80 | len(elements)]) + elements + b"\x18\x53\x80\x67"


def transport_stream(packets: int) -> bytes:
    return (b"\x47\x40\x00\x10" + bytes(184)) * packets


@pytest.mark.parametrize(
    ("head", "extension", "content_type"),
    [
        pytest.param(ftyp("isom"), "mp4", "video/mp4", id="mp4"),
        pytest.param(ftyp("mp42"), "mp4", "video/mp4", id="mp4 version 2"),
        pytest.param(ftyp("XAVC"), "mp4", "video/mp4", id="mp4 of a camera"),
        pytest.param(ftyp("M4V "), "m4v", "video/mp4", id="m4v"),
        pytest.param(ftyp("qt  "), "mov", "video/quicktime", id="mov"),
        pytest.param(ftyp("3gp5"), "3gp", "video/3gpp", id="3gp"),
        pytest.param(ftyp("3g2a"), "3gp", "video/3gpp", id="3g2"),
        pytest.param(b"\x00\x00\x00\x08wide\x00\x01\x00\x00mdat", "mov", "video/quicktime", id="old mov, wide"),
        pytest.param(b"\x00\x00\x10\x00moov\x00\x00\x00\x6cmvhd", "mov", "video/quicktime", id="old mov, moov"),
        pytest.param(b"\x00\x00\x00\x01mdat", "mov", "video/quicktime", id="old mov, 64-bit size"),
        pytest.param(b"\x00\x00\x00\x08free", "mov", "video/quicktime", id="old mov, free"),
        pytest.param(ebml(b"webm"), "webm", "video/webm", id="webm"),
        pytest.param(ebml(b"webm\x00\x00"), "webm", "video/webm", id="webm, padded name"),
        pytest.param(ebml(b"webm", before=b""), "webm", "video/webm", id="webm, doctype first"),
        pytest.param(b"RIFF\x00\x00\x00\x00AVI LIST", "avi", "video/x-msvideo", id="avi"),
        pytest.param(b"FLV\x01\x05", "flv", "video/x-flv", id="flv"),
        pytest.param(b"\x00\x00\x01\xba\x44", "mpg", "video/mpeg", id="mpeg program stream"),
        pytest.param(b"\x00\x00\x01\xb3\x14", "mpg", "video/mpeg", id="mpeg video stream"),
        pytest.param(transport_stream(2), "ts", "video/mp2t", id="mpeg transport stream"),
        pytest.param(transport_stream(3)[:512], "ts", "video/mp2t", id="mpeg transport stream, head"),
        pytest.param(ASF + b"\x00", "wmv", "video/x-ms-wmv", id="wmv"),
    ],
)
def test_a_video_is_known_by_its_first_bytes(head: bytes, extension: str, content_type: str) -> None:
    assert (FileKind("video", extension, content_type), content_type) == (sniff(head), video_type(head))


@pytest.mark.parametrize(
    ("head", "extension", "content_type", "found"),
    [
        (PNG, "png", "image/png", "PNG image"),
        (JPEG, "jpg", "image/jpeg", "JPEG image"),
        (WEBP, "webp", "image/webp", "WebP image"),
        (b"GIF87a", "gif", "image/gif", "GIF image"),
        (b"GIF89a", "gif", "image/gif", "GIF image"),
        (ftyp("avif"), "avif", "image/avif", "AVIF image"),
    ],
)
def test_an_image_is_known_and_is_no_video(head: bytes, extension: str, content_type: str, found: str) -> None:
    assert FileKind("image", extension, content_type) == sniff(head)
    with pytest.raises(NotAVideoFile) as refusal:
        video_type(head)
    assert found == refusal.value.found


@pytest.mark.parametrize(
    ("head", "found"),
    [
        pytest.param(b"<!DOCTYPE html><html>", "HTML page", id="html"),
        pytest.param(b"\xef\xbb\xbf\r\n <html lang=en>", "HTML page", id="html after a byte order mark and blanks"),
        pytest.param(b'{"error": "not found"}\n', "text", id="text"),
        pytest.param("Grüße".encode()[:-1] + b"\xc3", "text", id="text cut in a character"),
        pytest.param(b"I'm free to go", "text", id="text with an atom's name in the right place"),
        pytest.param(b"G" * 188, "text", id="text that begins like one transport packet"),
        pytest.param(ebml(b"matroska"), "Matroska video", id="matroska"),
        pytest.param(ebml(b"other"), None, id="unknown EBML"),
        pytest.param(ebml(b"webm")[:9], None, id="EBML cut in its header"),
        pytest.param(b"\x1aE\xdf\xa3", None, id="EBML cut after its name"),
        pytest.param(HEIC, "HEIC image", id="heic"),
        pytest.param(ftyp("M4A "), "M4A audio", id="m4a"),
        pytest.param(b"RIFF\x00\x00\x00\x00WAVEfmt ", "WAV audio", id="wav"),
        pytest.param(b"II*\x00" + bytes(20), "TIFF image", id="tiff"),
        pytest.param(b"%PDF-1.7", "PDF document", id="pdf"),
        pytest.param(b"<svg xmlns=''></svg>", "SVG image", id="svg"),
        pytest.param(b"PK\x03\x04" + bytes(20), "ZIP archive", id="zip"),
        pytest.param(b"ID3\x04" + bytes(20), "MP3 audio", id="mp3"),
        pytest.param(b"OggS" + bytes(20), "Ogg file", id="ogg"),
        pytest.param(transport_stream(1) + b"\x00", None, id="one transport packet, then something else"),
        pytest.param(b"\x00\x00\x00\x08moo", None, id="an atom cut in its name"),
        pytest.param(b"PK\x03\x04\xff", "ZIP archive", id="binary"),
        pytest.param(b"a\x00b", None, id="text with a zero byte"),
        pytest.param(b" \n", None, id="blank"),
        pytest.param(b"", None, id="empty"),
    ],
)
def test_anything_else_is_named_where_it_can_be(head: bytes, found: str | None) -> None:
    assert sniff(head) is None
    with pytest.raises(NotAVideoFile) as refusal:
        video_type(head)
    assert found == refusal.value.found


starts = st.sampled_from(
    [b"", PNG, JPEG, b"\xff\xd8\xff\xeb", WEBP, ebml(b"webm")[:5], ftyp("isom")[:8], b"\x47", HEIC]
)


@given(starts, st.binary(max_size=600))
def test_no_bytes_can_break_the_probe(start: bytes, rest: bytes) -> None:
    data = start + rest
    kind = sniff(data)
    assert not has_content_credentials(data) or (kind is not None and kind.family == "image")


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def png(*chunks: bytes) -> bytes:
    return PNG + chunk(b"IHDR", bytes(13)) + b"".join(chunks) + chunk(b"IDAT", b"caBX") + chunk(b"IEND", b"")


def riff_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)


def webp(*chunks: bytes) -> bytes:
    body = b"WEBP" + riff_chunk(b"VP8X", bytes(10)) + b"".join(chunks)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def jumbf(
    content: bytes = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71", *, box_type: bytes = b"jumb"
) -> bytes:
    description = (8 + len(content)).to_bytes(4, "big") + b"jumd" + content
    box = (8 + len(description)).to_bytes(4, "big") + box_type + description
    return b"JP\x00\x01\x00\x00\x00\x01" + box


def jpeg(*segments: bytes) -> bytes:
    scan = segment(0xDA, bytes(10)) + segment(0xEB, jumbf())  # inside the picture's own data it means nothing
    return b"\xff\xd8" + segment(0xE0, b"JFIF\x00") + b"".join(segments) + scan + b"\xff\xd9"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(png(chunk(b"caBX", b"manifest")), id="png"),
        pytest.param(webp(riff_chunk(b"C2PA", b"manifest")), id="webp"),
        pytest.param(webp(riff_chunk(b"ICCP", b"odd"), riff_chunk(b"C2PA", b"odd")), id="webp, after an odd chunk"),
        pytest.param(jpeg(segment(0xEB, jumbf())), id="jpeg"),
        pytest.param(jpeg(segment(0xEB, b"other"), segment(0xEB, jumbf())), id="jpeg, after another APP11"),
    ],
)
def test_content_credentials_are_found(data: bytes) -> None:
    assert has_content_credentials(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(png(), id="png with the name only in its pixels"),
        pytest.param(png(chunk(b"tEXt", b"\x00\x00\x00\x00caBX")), id="png with the name in a comment"),
        pytest.param(png(chunk(b"caBX", b"manifest"))[:45], id="png cut in the manifest"),
        pytest.param(webp(), id="webp"),
        pytest.param(webp(riff_chunk(b"EXIF", riff_chunk(b"C2PA", b""))), id="webp with the name in its EXIF"),
        pytest.param(webp(riff_chunk(b"C2PA", b"manifest"))[:-1], id="webp cut in the manifest"),
        pytest.param(jpeg(), id="jpeg with a segment in its scan"),
        pytest.param(jpeg(segment(0xE1, jumbf())), id="jpeg with a manifest in the wrong segment"),
        pytest.param(jpeg(segment(0xEB, jumbf(b"other" * 3))), id="jpeg with other JUMBF"),
        pytest.param(jpeg(segment(0xEB, jumbf(box_type=b"free"))), id="jpeg with another box"),
        pytest.param(jpeg(segment(0xEB, jumbf()))[:40], id="jpeg cut in the manifest"),
        pytest.param(jpeg(b"\xff\xe1\x00\x00", segment(0xEB, jumbf())), id="jpeg after a length that can't be"),
        pytest.param(ftyp("isom") + b"c2pa", id="a video"),
        pytest.param(b"caBX", id="no image"),
    ],
)
def test_content_credentials_that_are_absent_damaged_or_elsewhere_are_not_claimed(data: bytes) -> None:
    assert not has_content_credentials(data)
