"""A recipe is what an image is made of: clip, prompt, references and options. It is all that making it again needs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

FIRST_MODEL = "nb2-dev"  # the row of every recipe from before there were rows
PROMPT_LIMIT = 4_000  # characters; the API's own limit is unknown, its sibling's is 20,000. A row may have less
REFERENCES_LIMIT = 10  # of a tray and of a form; what one image takes is its model's
FRAME_RATE_MIN = 0.1  # frames per second; the page allows 0, but its effect is not known
FRAME_RATE_MAX = 24.0  # product page, "FPS range: 0-24"
FRAMES_LIMIT = 450  # so many fit 131,072 input tokens even at 258 tokens a frame. A row may have a lower limit
SHAPE_TOLERANCE = 0.05  # of the ratio of the sides; between 4:5 and 3:4 lie 0.065
FULL_ENOUGH = 0.75  # of a size's nominal long side; 1408 x 768 for 4K has been seen (Open-WebUI-Functions#150)
VIDEO_TYPES = ("MP4", "MOV", "WebM", "AVI", "FLV", "MPEG", "WMV", "3GP")  # common names; Gemini reads these
# The model's page, docs.cloud.google.com/vertex-ai/generative-ai/docs/models/gemini/3-1-flash-image: 7 MB for an image
# within a request, 30 MB for one in Google's storage. How the supplier passes our images on is not known.
REFERENCE_LIMIT_BYTES = 30_000_000  # we take no larger file
REFERENCE_KEPT_LIMIT_BYTES = 7_000_000  # we keep and lend no larger one: of a larger file, a smaller copy
VIDEO_FILE_LIMIT_BYTES = 15_000_000  # product page, "HTTP video is limited to 15MB", read strictly: decimal
MODEL_KEY = r"^[a-z0-9][a-z0-9._-]{0,31}$"
FORGOTTEN = "(deleted)"  # replaces what a member wanted to be forgotten
NO_FILE = "0" * 64  # replaces a file's SHA-256: it was erased, or is not read yet, and no image is made from it


class Shape(StrEnum):
    """Aspect ratios by their API value. A model takes some of them; without one, it picks."""

    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"
    PORTRAIT = "4:5"
    POSTER = "2:3"
    PHOTO = "3:2"
    CLASSIC = "4:3"
    CLASSIC_TALL = "3:4"
    PRINT = "5:4"
    CINEMA = "21:9"

    def is_that_of(self, width: int, height: int) -> bool:
        """Whether an image has this shape. Models make them of a few pixels more or less."""
        wide, high = map(int, self.value.split(":"))
        return abs(math.log(width * high / (height * wide))) <= SHAPE_TOLERANCE


class Size(StrEnum):
    K1 = "1k"
    K2 = "2k"
    K4 = "4k"

    @property
    def label(self) -> str:
        return self.value.upper()

    @property
    def long_side_pixels(self) -> int:
        """Return the nominal long side. The image is at times a little smaller, and a wide or tall one larger."""
        return 1_024 * int(self.value.removesuffix("k"))


def nearest(size: Size, sizes: Sequence[Size]) -> Size:
    """Return the largest of the sizes that is not larger, else the smallest; the size itself where there are none."""
    order = list(Size)
    below = [each for each in sizes if order.index(each) <= order.index(size)]
    return max(below, key=order.index) if below else min(sizes, key=order.index, default=size)


class Thinking(StrEnum):
    DEFAULT = "default"
    MINIMAL = "minimal"
    HIGH = "high"


class OutputFormat(StrEnum):
    PNG = "png"
    JPEG = "jpeg"


class MediaResolution(StrEnum):
    """How closely the model looks at what it is given."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


def size_of(width: int, height: int) -> Size:
    """Return the size that an image counts as, by its long side.

    The rule favours the supplier: an image that is a little smaller still counts as the size.
    """
    full_enough = [size for size in Size if max(width, height) >= FULL_ENOUGH * size.long_side_pixels]
    return full_enough[-1] if full_enough else Size.K1


class _Value(BaseModel):
    """A value that is frozen, takes no other fields, and is written to the database as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class YouTubeVideo(_Value):
    kind: Literal["youtube"] = "youtube"
    id: str = Field(pattern=r"^[A-Za-z0-9_-]{11}$")

    @property
    def url(self) -> str:
        """Return the only form of the link that the supplier documents."""
        return f"https://www.youtube.com/watch?v={self.id}"

    @property
    def short_link(self) -> str:
        """Return the short form of the link, which members read."""
        return f"https://youtu.be/{self.id}"

    def link_at(self, seconds: float) -> str:
        """Return the `short_link` that opens the video at this moment (in whole seconds)."""
        return f"{self.short_link}?t={int(seconds)}"


class VideoLink(_Value):
    """A video file on a public web server; the supplier fetches it itself."""

    kind: Literal["file"] = "file"
    url: str = Field(pattern=r"^https?://")


class AttachedVideo(_Value):
    """A video file that was given to Discord. We keep its bytes under their SHA-256 and upload them to the supplier."""

    kind: Literal["attachment"] = "attachment"
    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    content_type: str


def name_of(video: YouTubeVideo | VideoLink | AttachedVideo) -> str:
    """Return the name by which the history finds the video: id, URL or file name."""
    match video:
        case YouTubeVideo(id=video_id):
            return video_id
        case VideoLink(url=url):
            return url
        case AttachedVideo(name=name):
            return name


UNREAD = AttachedVideo(name="clip", sha256=NO_FILE, content_type="video/mp4")  # stands in for a file until it is read

Video = Annotated[YouTubeVideo | VideoLink | AttachedVideo, Field(discriminator="kind")]


class Span(_Value):
    """A part of a video, in seconds with milliseconds. `end` None is the whole video (and `start` is then 0)."""

    start: float = Field(ge=0)
    end: float | None = None

    @property
    def seconds(self) -> float | None:
        return None if self.end is None else round(self.end - self.start, 3)


class Reading(_Value):
    """One way to read the moment that a member typed."""

    span: Span
    frame_rate: float = Field(ge=FRAME_RATE_MIN, le=FRAME_RATE_MAX)


class Clip(_Value):
    video: Video
    span: Span
    frame_rate: float = Field(ge=FRAME_RATE_MIN, le=FRAME_RATE_MAX)

    @property
    def frames(self) -> int | None:
        """Return about how many frames the model will see; None where the length is not known."""
        return None if self.span.seconds is None else count_frames(self.span.seconds, self.frame_rate)


def count_frames(seconds: float, frame_rate: float) -> int:
    """Return how many frames there are: at least one, and a part of a frame's time counts as one.

    The product is rounded first, so that 0.1 * 30 is 3, not 4.
    """
    return max(1, math.ceil(round(seconds * frame_rate, 6)))


class Reference(_Value):
    """An extra image. We keep it under its SHA-256 and upload it to the supplier just before submitting."""

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    content_type: str


class Recipe(_Value):
    """What an image is made of. It is never changed: an edit is another recipe (`evolve`).

    `model`: the key of its row, which says what else it may have (`bot/domain/models.py`). None is the model's own
    choice.
    """

    model: str = Field(default=FIRST_MODEL, pattern=MODEL_KEY)
    prompt: str = Field(min_length=1, max_length=PROMPT_LIMIT)
    clip: Clip | None = None
    shape: Shape | None = None
    size: Size = Size.K1
    thinking: Thinking = Thinking.DEFAULT
    search: bool = False
    image_search: bool = False
    output_format: OutputFormat | None = None
    media_resolution: MediaResolution | None = None
    references: tuple[Reference, ...] = ()

    def evolve(self, **changes: Any) -> Self:
        """Return the same recipe but for these fields; `video`, `span` and `frame_rate` are those of its clip.

        Raises pydantic's `ValidationError` for a value that no recipe can have.
        """
        of_clip = {name: changes.pop(name) for name in Clip.model_fields if name in changes}
        if of_clip:
            changes["clip"] = Clip.model_validate({**(dict(self.clip) if self.clip else {}), **of_clip})
        return self.model_validate({**dict(self), **changes})

    def with_references(self, *more: Reference) -> Self:
        """Return the recipe with these images after its own, each image once."""
        return self.evolve(references=tuple(dict.fromkeys((*self.references, *more))))


def files_of(recipe: Recipe) -> frozenset[str]:
    """Return our files that the image is made from, by their SHA-256."""
    clip = {attached.sha256} if (attached := attached_to(recipe)) else set()
    return frozenset(clip | {each.sha256 for each in recipe.references})


def attached_to(recipe: Recipe) -> AttachedVideo | None:
    """Return the video of the recipe where it is a file that we keep."""
    video = recipe.clip.video if recipe.clip else None
    return video if isinstance(video, AttachedVideo) else None


def linked_by(recipe: Recipe) -> VideoLink | None:
    """Return the video of the recipe where it is a file on a public web server."""
    video = recipe.clip.video if recipe.clip else None
    return video if isinstance(video, VideoLink) else None


def forgotten(recipe: Recipe) -> Recipe:
    """Return the recipe without its member's words, links and files.

    What the price depends on stays, for the books and the supplier's bill. The video becomes a file that is not kept,
    because a link could lead to the member.
    """
    video = AttachedVideo(name=FORGOTTEN, sha256=NO_FILE, content_type="video/mp4")
    return Recipe(
        model=recipe.model,
        prompt=FORGOTTEN,
        clip=Clip(video=video, span=Span(start=0), frame_rate=1) if recipe.clip else None,
        size=recipe.size,
        thinking=recipe.thinking,
        search=recipe.search,
        image_search=recipe.image_search,
    )
