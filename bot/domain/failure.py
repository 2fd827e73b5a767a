"""Why the supplier made no image, by what it says."""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    CONTENT = "content"  # its content rules refuse the request or the image
    NO_IMAGE = "no image"  # it finished, and there is no image
    BUSY = "busy"  # it has no room, or its time was over
    OUT_OF_ORDER = "out of order"  # a part of it does not work, or it does not take what is always sent
    FRAMES = "frames"  # there is more to read than the model can
    MOMENT = "moment"  # the moment lies beyond the end of the video
    IMAGE = "image"  # an image that was given can't be read
    VIDEO = "video"  # the video can't be fetched or read
    MODEL = "model"  # it knows the ordered model no more
    ARGUMENT = "argument"  # something that was given was refused, and it does not say what
    OTHER = "other"

    @property
    def is_outage(self) -> bool:
        """The supplier is to blame, whatever was ordered."""
        return self in {Failure.BUSY, Failure.OUT_OF_ORDER}
