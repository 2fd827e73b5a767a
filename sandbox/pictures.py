"""Opens the pictures that members gave. They may be hostile: `sandbox.drawing` runs this in another process."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
LONG_SIDE_LIMIT = 1_920  # pixels; 24 larger pictures would not fit the memory limit


class BrokenInput(Exception):
    """A file that was given is no image, or no video with a picture in the span."""


def open_picture(data: bytes) -> Image.Image:
    """The picture upright and in RGB; what is transparent becomes white. Raises `BrokenInput`."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as file:
            file.draft("RGB", (LONG_SIDE_LIMIT, LONG_SIDE_LIMIT))
            picture = ImageOps.exif_transpose(file).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BrokenInput(f"failed to read the image: {error}") from error
    picture.thumbnail((LONG_SIDE_LIMIT, LONG_SIDE_LIMIT))
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture)
    return white
