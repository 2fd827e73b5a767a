"""What an image is made of: clip, prompt, references and options. A recipe is all that making it again needs."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

PROMPT_LIMIT = 4_000  # characters; the API's own limit is unknown, its sibling model's is 20,000
REFERENCES_LIMIT = 10  # product page, "Maximum additional reference images"
FRAME_RATE_MIN = 0.1  # frames per second; 0 is allowed by the page, but what it does is not known
FRAME_RATE_MAX = 24.0  # product page, "FPS range: 0-24"
FRAMES_LIMIT = 450  # fits the model's 131,072 input tokens even at 258 tokens a frame
VIDEO_TYPES = "MP4, MOV, WebM, AVI, FLV, MPEG, WMV or 3GP"  # what Gemini reads, for people
VIDEO_FILE_LIMIT_BYTES = 15_000_000  # product page, "HTTP video is limited to 15MB", read strictly: decimal


class Shape(StrEnum):
    """Aspect ratios the model takes, by their API value. Without one, the model picks."""

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

    @property
    def purpose(self) -> str:
        """What people make in this shape."""
        return _PURPOSES[self]


_PURPOSES = {
    Shape.WIDE: "YouTube thumbnail",
    Shape.TALL: "story or short",
    Shape.SQUARE: "square post",
    Shape.PORTRAIT: "feed post",
    Shape.POSTER: "poster",
    Shape.PHOTO: "photo",
    Shape.CLASSIC: "slide",
    Shape.CLASSIC_TALL: "portrait",
    Shape.PRINT: "print",
    Shape.CINEMA: "cinema banner",
}


class Size(StrEnum):
    K1 = "1k"
    K2 = "2k"
    K4 = "4k"

    @property
    def label(self) -> str:
        return self.value.upper()


class Thinking(StrEnum):
    DEFAULT = "default"
    MINIMAL = "minimal"
    HIGH = "high"


class _Value(BaseModel):
    """Frozen, closed, and written to the database as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class YouTubeVideo(_Value):
    kind: Literal["youtube"] = "youtube"
    id: str = Field(pattern=r"^[A-Za-z0-9_-]{11}$")

    @property
    def url(self) -> str:
        """The one form that the supplier documents."""
        return f"https://www.youtube.com/watch?v={self.id}"

    def link_at(self, seconds: float) -> str:
        """A link for people that opens at the moment (whole seconds)."""
        return f"https://youtu.be/{self.id}?t={int(seconds)}"


class VideoLink(_Value):
    """A video file on somebody's web server; the supplier fetches it itself."""

    kind: Literal["file"] = "file"
    url: str = Field(pattern=r"^https?://")


class AttachedVideo(_Value):
    """A file given to Discord. Its bytes are kept by us under their SHA-256, and uploaded to the supplier."""

    kind: Literal["attachment"] = "attachment"
    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    content_type: str


Video = Annotated[YouTubeVideo | VideoLink | AttachedVideo, Field(discriminator="kind")]


class Span(_Value):
    """Seconds, to the millisecond. `end` None is the whole video (and `start` is then 0)."""

    start: float = Field(ge=0)
    end: float | None = None

    @property
    def seconds(self) -> float | None:
        return None if self.end is None else round(self.end - self.start, 3)


class Clip(_Value):
    video: Video
    span: Span
    frame_rate: float = Field(ge=FRAME_RATE_MIN, le=FRAME_RATE_MAX)

    @property
    def frames(self) -> int | None:
        """How many frames the model will see, about; None where the length is not known."""
        return None if self.span.seconds is None else count_frames(self.span.seconds, self.frame_rate)


def count_frames(seconds: float, frame_rate: float) -> int:
    """At least one; a part of a frame's time counts as one. Rounded first, so that 0.1 * 30 is 3, not 4."""
    return max(1, math.ceil(round(seconds * frame_rate, 6)))


class Reference(_Value):
    """An extra image, kept by us under its SHA-256 and uploaded to the supplier just before submitting."""

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    content_type: str


class Recipe(_Value):
    prompt: str = Field(min_length=1, max_length=PROMPT_LIMIT)
    clip: Clip
    shape: Shape | None = None
    size: Size = Size.K1
    thinking: Thinking = Thinking.DEFAULT
    search: bool = False
    references: tuple[Reference, ...] = Field(default=(), max_length=REFERENCES_LIMIT)
