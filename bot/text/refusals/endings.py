"""Why a job ended without a charge."""

from __future__ import annotations

from bot.domain.job import ReleaseReason
from bot.text.i18n import mark, tr

_RELEASED = {
    ReleaseReason.CANCELLED: mark("It was taken out of the line before it began."),
    ReleaseReason.UNANSWERED: mark(
        "The command could not be answered in time, so it was taken back. Please run it again."
    ),
    ReleaseReason.CONTENT_REFUSED: mark(
        "The image service refused this request under its content rules. "
        "Describe the scene in other words, without named people or anything violent or sexual, or pick another moment."
    ),
    ReleaseReason.MODEL_GONE: mark("The image service does not have this model any more. The operator knows."),
    ReleaseReason.MODEL_FAILING: mark("This model fails for everyone at the moment. Try again in a few minutes."),
    ReleaseReason.REJECTED: mark(
        "The image service did not take this request as it is. "
        "Try a simpler prompt or another clip; if it happens again, tell a moderator the job number below."
    ),
    ReleaseReason.FAILED: mark(
        "The image service could not make this image, and does not say why. Try again, or change the words or the "
        "moment."
    ),
    ReleaseReason.OVERLOADED: mark("The image service is busy. Try again in a few minutes."),
    ReleaseReason.OUT_OF_ORDER: mark(
        "The image service is out of order. It is not your fault. Try again later; if it happens again, tell a "
        "moderator the job number below."
    ),
    ReleaseReason.TOO_MUCH_VIDEO: mark(
        "This moment has more frames than the model can read. Pick a shorter moment, or fewer frames a second."
    ),
    ReleaseReason.MOMENT_TOO_LATE: mark("The video ends before this moment. Pick an earlier one."),
    ReleaseReason.IMAGE_UNREADABLE: mark(
        "The image service could not read a reference image. Save the image as PNG or JPEG and add it again, or leave "
        "it out."
    ),
    ReleaseReason.VIDEO_UNREADABLE: mark(
        "The image service could not read this video. The link must open for everyone without signing in, and lead "
        "to the file itself; MP4 works best. Or attach the file."
    ),
    ReleaseReason.VIDEO_NOT_PUBLIC: mark(
        "The image service could not read this YouTube video. It must be public: not private, not for members only, "
        "not age-restricted, not live. If it is public, try again or pick another moment."
    ),
    ReleaseReason.NO_IMAGE: mark(
        "The image service finished, but no image came. Try again, or describe the image in other words."
    ),
    ReleaseReason.UNKNOWN: mark(
        "We could not tell whether the request arrived at the image service, so it was stopped "
        "and never sent twice. Try again."
    ),
    ReleaseReason.TIMED_OUT: mark(
        "The image service took longer than 10 minutes. Try again, perhaps with fewer frames."
    ),
    ReleaseReason.BUSY: mark("The image service was busy for an hour. Try again later."),
    ReleaseReason.CLOSED: mark(
        "The image service does not take requests from this bot just now. "
        "It is not your fault, and whoever runs the bot can see why. Try again later."
    ),
    ReleaseReason.UNREACHABLE: mark("The clip could not be handed to the image service. Try again in a few minutes."),
    ReleaseReason.CLIP_GONE: mark(
        "The attached clip is no longer here. Run the command again and attach it once more."
    ),
    ReleaseReason.UNSAFE: mark(
        "The image service marked the result as not safe for work, and this channel is not "
        "age-restricted, so it is not shown. Try other words, or an age-restricted channel."
    ),
    ReleaseReason.UNDELIVERABLE: mark(
        "The image was made, but there is no place left where the bot may show it to you. "
        "Ask a moderator to let the bot post here."
    ),
    ReleaseReason.GIVEN_UP: mark("The image could not be shown to you, and was given up. Its file is erased."),
}


def released(reason: ReleaseReason) -> str:
    """Why a job ended without a charge."""
    return tr(_RELEASED[reason])
