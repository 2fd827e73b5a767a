"""An image as Discord takes it: the bytes as they came wherever they fit, else the best copy that does.

JPEG comes first because on 4K pictures it won on time, memory and likeness against WebP and AVIF at a size far below
any Discord limit; `bench/fitting.py` shows it again. Only real transparency asks for WebP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any, TypeVar

from PIL import Image, ImageOps

from bot.domain.errors import BrokenImage, CannotFit
from bot.media.probe import SNIFF_BYTES, FileKind, has_content_credentials, sniff

SOURCE_LIMIT_BYTES = 64_000_000  # a 4K PNG of pure noise has 50 MB
PIXELS_LIMIT = 40_000_000  # 4096 x 4096 is 16.8 million; decoded, a pixel takes 4 bytes
SIDE_LIMIT_PIXELS = 16_383  # WebP's own limit
THUMBNAIL_SIDE_PIXELS = 512  # sharp in a gallery of ten, and under 100 kB but for noise

_PILLOW_FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
_QUALITIES = (95, 92, 85)
_SMALLER_QUALITY = 92  # a smaller picture is already a loss: it need not also look worse
_SMALLER_STEP = 0.75
_THUMBNAIL_QUALITY = 80
_SMALLEST_LONG_SIDE_PIXELS = 512
_WEBP_METHOD = 2  # of 0-6: slower ones gain little
_OPAQUE = 255
_PNG_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_PROFILE_LIMIT_BYTES = 65_536  # compressed; decompressed, Pillow reads up to 1 MB

# What every copy of an image of ours says of itself (https://cv.iptc.org/newscodes/digitalsourcetype/): made by a model
# from a prompt. What the supplier's own file says is lost with its bytes.
AI_MARK = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmp:CreatorTool="Stillframe"
 Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    width: int
    height: int
    extension: str
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """`content_credentials`: a C2PA manifest is present in `data`, the bytes to be posted."""

    data: bytes
    extension: str
    content_type: str
    width: int
    height: int
    reencoded: bool
    content_credentials: bool


class Fitter:
    """Works on one image at a time, in a thread: each takes up to 250 MB, and the event loop must go on."""

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(1)

    async def fit(self, data: bytes, *, limit_bytes: int) -> Fitted:
        """Raises what the function `fit` raises."""
        return await self._in_turn(partial(fit, data, limit_bytes=limit_bytes))

    async def inspect(self, data: bytes) -> ImageFacts:
        """Raises what the function `inspect` raises."""
        return await self._in_turn(partial(inspect, data))

    async def thumbnail(self, data: bytes) -> Fitted:
        """Raises what the function `thumbnail` raises."""
        return await self._in_turn(partial(thumbnail, data))

    async def run(self, work: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """Do other work on one image in the same turn. Raises what `work` raises."""
        return await self._in_turn(partial(work, *arguments, **options))

    async def _in_turn(self, job: Callable[[], T]) -> T:
        await self._gate.acquire()
        work = asyncio.ensure_future(asyncio.to_thread(job))
        # A thread can't be cancelled: the gate opens when it is done, not when its caller has gone.
        work.add_done_callback(lambda _: self._gate.release())
        return await asyncio.shield(work)


def inspect(data: bytes) -> ImageFacts:
    """Check that the image is whole, by decoding all of it. Raises `BrokenImage`."""
    kind, image = _decode(data)
    return ImageFacts(width=image.width, height=image.height, extension=kind.extension, content_type=kind.content_type)


def fit(data: bytes, *, limit_bytes: int) -> Fitted:
    """Raises `BrokenImage` (whatever its size: only whole images are passed on) and `CannotFit`."""
    kind, image = _decode(data)
    if len(data) <= limit_bytes:
        return _fitted(data, kind, image.size, reencoded=False)
    return fit_picture(image, limit_bytes=limit_bytes, xmp=AI_MARK)


def fit_picture(image: Image.Image, *, limit_bytes: int, xmp: bytes | None = None) -> Fitted:
    """Return the best copy of a decoded image that fits, with these words about it. Raises `CannotFit`."""
    picture, profile = _prepare(image)
    for size, quality in _rungs(*picture.size):
        copy = picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)
        encoded = _encode(copy, quality, profile, xmp)
        if len(encoded) <= limit_bytes:
            return _fitted(encoded, _kind(encoded), size, reencoded=True)
    raise CannotFit


def thumbnail(data: bytes) -> Fitted:
    """Returns a small copy of the image. Raises `BrokenImage`."""
    _, image = _decode(data)
    picture, profile = _prepare(image)
    picture.thumbnail((THUMBNAIL_SIDE_PIXELS, THUMBNAIL_SIDE_PIXELS))
    encoded = _encode(picture, _THUMBNAIL_QUALITY, profile, None)
    return _fitted(encoded, _kind(encoded), picture.size, reencoded=True)


def _fitted(data: bytes, kind: FileKind, size: tuple[int, int], *, reencoded: bool) -> Fitted:
    return Fitted(
        data=data,
        extension=kind.extension,
        content_type=kind.content_type,
        width=size[0],
        height=size[1],
        reencoded=reencoded,
        content_credentials=has_content_credentials(data),
    )


def png_without_text(data: bytes) -> bytes:
    """Return the PNG without its texts and its colour profile where these are large: Pillow refuses such a file."""
    kept, found = [data[:8]], False
    at = 8
    while (end := at + 12 + int.from_bytes(data[at : at + 4], "big")) <= len(data):
        is_text = data[at + 4 : at + 8] in _PNG_TEXTS or (
            data[at + 4 : at + 8] == b"iCCP" and end - at > _PROFILE_LIMIT_BYTES
        )
        found = found or is_text
        if not is_text:
            kept.append(data[at:end])
        at = end
    return b"".join([*kept, data[at:]]) if found else data


def _kind(data: bytes) -> FileKind:
    kind = sniff(data[:SNIFF_BYTES])
    if kind is None or kind.extension not in _PILLOW_FORMATS:
        raise BrokenImage
    return kind


def _decode(data: bytes) -> tuple[FileKind, Image.Image]:
    kind = _kind(data)
    if len(data) > SOURCE_LIMIT_BYTES:
        raise BrokenImage
    try:
        # This reads the header only. Pillow's own warning about bombs begins at 89 million pixels; making it an error
        # would change the warning filters of the whole process, from a thread.
        picture = png_without_text(data) if kind.extension == "png" else data
        image = Image.open(BytesIO(picture), formats=[_PILLOW_FORMATS[kind.extension]])
        within_limits = image.width * image.height <= PIXELS_LIMIT and max(image.size) <= SIDE_LIMIT_PIXELS
        if within_limits:
            image.load()
    except Exception as error:  # on damaged data the decoders raise nearly anything
        raise BrokenImage from error
    if not within_limits:
        raise BrokenImage
    return kind, image


def _prepare(image: Image.Image) -> tuple[Image.Image, bytes | None]:
    """The picture in a mode that can be written, and its colour profile where it still holds. Nothing else of the
    file's metadata is kept: a C2PA manifest copied to other bytes would read as forged."""
    profile: bytes | None = image.info.get("icc_profile")
    picture = _writable(_upright(image))
    picture.info = {}
    colour_space = b"GRAY" if picture.mode == "L" else b"RGB "
    return picture, profile if profile is not None and profile[16:20] == colour_space else None


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - damaged EXIF raises nearly anything, and must not cost a whole picture
        return image


def _writable(image: Image.Image) -> Image.Image:
    """RGBA only where some pixel really can be seen through, else RGB or L."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (_OPAQUE, _OPAQUE):
            return image
    if image.mode == "I;16":  # 16-bit grey, which `convert` would cut off at white instead of scaling it
        return image.point(lambda level: level / 257).convert("L")
    return image if image.mode in ("RGB", "L") else image.convert("RGB")


def _rungs(width: int, height: int) -> Iterator[tuple[tuple[int, int], int]]:
    """Sizes and qualities, best first, until the long side is under `_SMALLEST_LONG_SIDE_PIXELS`."""
    for quality in _QUALITIES:
        yield (width, height), quality
    scale = 1.0
    while max(width, height) * scale >= _SMALLEST_LONG_SIDE_PIXELS:
        scale *= _SMALLER_STEP
        yield (max(1, round(width * scale)), max(1, round(height * scale))), _SMALLER_QUALITY


def _encode(picture: Image.Image, quality: int, profile: bytes | None, xmp: bytes | None) -> bytes:
    file = BytesIO()
    words = {"xmp": xmp} if xmp else {}
    if picture.mode == "RGBA":
        picture.save(file, "WEBP", quality=quality, method=_WEBP_METHOD, icc_profile=profile, **words)
    else:
        # 4:4:4 keeps colour at full resolution: lettering and posters need it.
        picture.save(file, "JPEG", quality=quality, subsampling="4:4:4", icc_profile=profile, **words)
    return file.getvalue()
