"""Everything that can go wrong, as one tree. Exceptions carry facts; the words are in `bot/text/refusals`.

StillframeError
├── Refusal                    what was asked can't be done: nothing was charged
│   ├── VideoMissing           neither a link nor a file was given
│   ├── TwoVideos              a link and a file were given
│   ├── NotAVideoLink          the text is not a link to one video we can read
│   ├── LinkNotPublic          the link leads to a place that is not on the public internet
│   ├── LinkUnreachable        the link's server did not give the file
│   ├── NotAVideoFile          the file is there, but is not a video that the model reads
│   ├── FileTooLarge           the file is over the limit
│   ├── NotATime               the text is not a moment in a video
│   ├── EndBeforeStart         the span is empty or runs backwards
│   ├── TimeTooLate            the moment is past what any video may be long
│   ├── WholeVideoAndTimes     both the whole video and a moment in it were asked for
│   ├── TooManyFrames          the span has more frames than the model reads
│   ├── BadOption              an option's value is not one of those it takes
│   ├── PromptMissing, PromptTooLong
│   ├── NotEnoughCredits       the wallet can't pay for it
│   ├── CannotPostHere         the bot lacks rights in this channel
│   ├── NotAModerator          the command is for those who manage the server
│   ├── NotInAServer           the command needs a server
│   ├── NoVideoHere            the message that was picked has no video
│   ├── ProposalGone           the order that waited for a yes has ended
│   ├── AlreadyOrdered         its yes was said before
│   ├── BadAmount              credits out of range
│   ├── ReasonMissing          credits move by a person's hand only with a reason
│   ├── NotEnoughToTake        a wallet has less than is to be moved out of it
│   ├── NoSuchEntry, NotUndoable, AlreadyUndone
│   ├── NoCreditsForBots       what makes no images of its own needs none
│   ├── NobodyToGive, TooManyToGive
│   ├── MembersHidden          Discord does not say who has a role
│   ├── MembersUnanswered      Discord did not answer who the members are
│   ├── BatchGone              the list that waited for a yes is forgotten
│   ├── PeriodEmpty, PeriodTooLong
│   ├── PolicyRefused          a rule of this server
│   ├── BadRule, BadPattern    a value that no rule can have
│   ├── NoSuchChange, ChangedSince
│   ├── NotATimeOfDay, EmptyHours, NotAnEnd
│   ├── NoSuchRule, TooManyWords, StartingTooHigh, NotAmounts
│   ├── GiftsOff, GiftToSelf, GiftToStranger
│   ├── GiftTooLarge, GiftsOfTheDay, NotEnoughToGive
│   ├── NoResultHere           the message that was picked shows no image of ours that can be tipped for
│   ├── NotAnAmount            the text is not a number of credits
│   ├── CodeUnknown            the same for one of another server
│   ├── CodeExpired, CodeWithdrawn, CodeUsedUp, CodeUsedBefore, NoSuchCode
│   ├── TooManyTries           at guessing codes
│   ├── RequestsOff            members can't ask for credits in this server
│   ├── AlreadyAsked           and nobody has answered yet
│   ├── RequestNotSent         the moderators' channel did not take it
│   ├── RequestDecided         somebody has answered it before
│   ├── NotYours               somebody else's private image
│   ├── ImageGone              the image is no longer kept
│   ├── NotFinished            it can't be taken down while it is still being brought
│   ├── ImagesUnderWay         somebody wants to be forgotten while images of theirs are being made
│   ├── AlreadyReported        by this member
│   ├── PriceChanged           the button was drawn at another price
│   ├── NoTemplates, TemplateNotFound, TemplateNameBad, TemplateNameTaken, TemplatesFull
│   ├── TooManyBlanks          a template asks for more than a form can hold
│   ├── BlanksMissing          a template was used with blanks left empty
│   ├── TemplateFileTooLarge, TemplateFileBroken
│   ├── NoImageOfYours         no image of the member's goes by that number or link
│   ├── NoImageHere            the message that was picked shows no image
│   ├── NotAnImage             the file is there, but is not an image that the model reads
│   ├── ImageTooLarge, TooManyPixels, ImageDamaged
│   ├── TooManyReferences      more images than go along with one order
│   ├── NotADate               the text is not a day, nor how long ago
│   ├── JobUnknown             no such image, or none that this person may know of
│   ├── SearchLost             its pages can't be turned any more
│   ├── NotAgeRestricted       this image may only be shown in an age-restricted channel
│   ├── CannotPostThere        the bot lacks rights in the channel that was picked for something
│   ├── WrongCommand           an app that is not up to date shows a command that is no longer so
│   └── SalesPaused            the bot takes no new jobs just now
├── SupplierError              the image API; never shown raw
│   ├── SupplierBusy           certainly nothing was accepted: may be sent again
│   ├── SupplierRejected       certainly nothing was accepted: sending it again is no use
│   ├── ContentRefused         the content filter refused it
│   ├── SupplierClosed         key, funds or region: the operator's problem
│   ├── SubmitUnknown          it may or may not have been accepted: never send again
│   ├── SupplierUnreachable    a repeatable call (poll, upload, download) did not go through
│   └── PredictionLost         the supplier no longer knows this prediction
├── ImageError
│   ├── BrokenImage            not a whole image of a kind we know
│   └── CannotFit              no copy is small enough
└── StorageError
    ├── DatabaseUnavailable    full, read-only, locked or damaged
    ├── DatabaseTooNew         written by a newer version
    ├── DatabaseTooOld         written by an older one, and only to be read
    ├── DatabaseInUse          another process owns the file
    ├── FilesUnavailable       clips and images can't be kept or read: a full disk, a store that does not answer
    ├── DiskUnavailable        a backup can't be written, or read
    ├── DatabaseAtWork         processes use the database that is to be moved
    ├── PlaceTaken             something is where nothing may be lost
    ├── NotABackup             damaged, cut off, or none of ours
    ├── BackupTooNew           made by a newer version
    ├── BooksUnsound           what is to be brought in breaks a rule of the books
    ├── CopyDiffers            what has arrived is not what was sent
    ├── LeaseLost              another worker has taken this job
    └── RepeatDiffers          the same idempotency key with other content
"""

from __future__ import annotations

from bot.domain.errors.acts import (
    AlreadyOrdered,
    AlreadyReported,
    CannotPostHere,
    CannotPostThere,
    FileGone,
    FormLost,
    ImageGone,
    ImagesUnderWay,
    JobUnknown,
    LineFull,
    NotADate,
    NotAgeRestricted,
    NotAModerator,
    NotFinished,
    NotInAServer,
    NotYours,
    PriceChanged,
    ProposalGone,
    Restarting,
    SalesPaused,
    SearchLost,
    TooLateToCancel,
    WrongCommand,
)
from bot.domain.errors.base import (
    Refusal,
    StillframeError,
)
from bot.domain.errors.credits import (
    AlreadyUndone,
    BadAmount,
    BatchGone,
    MembersHidden,
    MembersUnanswered,
    NobodyToGive,
    NoCreditsForBots,
    NoSuchEntry,
    NotEnoughCredits,
    NotEnoughToTake,
    NotUndoable,
    PeriodEmpty,
    PeriodTooLong,
    ReasonMissing,
    TooManyToGive,
)
from bot.domain.errors.giving import (
    AlreadyAsked,
    CodeExpired,
    CodeUnknown,
    CodeUsedBefore,
    CodeUsedUp,
    CodeWithdrawn,
    GiftsOff,
    GiftsOfTheDay,
    GiftTooLarge,
    GiftToSelf,
    GiftToStranger,
    NoResultHere,
    NoSuchCode,
    NotAnAmount,
    NotEnoughToGive,
    RequestDecided,
    RequestNotSent,
    RequestsOff,
    TooManyTries,
)
from bot.domain.errors.order import (
    BadOption,
    EndBeforeStart,
    NotATime,
    PromptMissing,
    PromptTooLong,
    TimeTooLate,
    TooManyFrames,
    WholeVideoAndTimes,
)
from bot.domain.errors.policy import (
    BadPattern,
    BadRule,
    ChangedSince,
    EmptyHours,
    NoSuchChange,
    NoSuchRule,
    NotAmounts,
    NotAnEnd,
    NotATimeOfDay,
    PolicyRefused,
    StartingTooHigh,
    TooManyWords,
)
from bot.domain.errors.references import (
    ImageDamaged,
    ImageTooLarge,
    NoImageHere,
    NotAnImage,
    TooManyPixels,
    TooManyReferences,
)
from bot.domain.errors.storage import (
    BackupTooNew,
    BooksUnsound,
    ConstraintBroken,
    CopyDiffers,
    DatabaseAtWork,
    DatabaseInUse,
    DatabaseTooNew,
    DatabaseTooOld,
    DatabaseUnavailable,
    DiskUnavailable,
    FilesBecause,
    FilesUnavailable,
    LeaseLost,
    NotABackup,
    PlaceTaken,
    RepeatDiffers,
    StorageError,
)
from bot.domain.errors.supplier import (
    BrokenImage,
    CannotFit,
    ClosedBecause,
    ContentRefused,
    DeliveryError,
    DiscordUnavailable,
    ImageError,
    PictureTooLarge,
    PredictionLost,
    SubmitUnknown,
    SupplierBusy,
    SupplierClosed,
    SupplierError,
    SupplierRejected,
    SupplierUnreachable,
    Undeliverable,
)
from bot.domain.errors.templates import (
    BlanksMissing,
    NoImageOfYours,
    NoTemplates,
    TemplateFileBroken,
    TemplateFileTooLarge,
    TemplateNameBad,
    TemplateNameTaken,
    TemplateNotFound,
    TemplatesFull,
    TooManyBlanks,
)
from bot.domain.errors.video import (
    FileTooLarge,
    LinkNotPublic,
    LinkProblem,
    LinkUnreachable,
    NotAVideoFile,
    NotAVideoLink,
    NoVideoHere,
    TwoVideos,
    UnreachableBecause,
    VideoMissing,
)

__all__ = [
    "AlreadyAsked",
    "AlreadyOrdered",
    "AlreadyReported",
    "AlreadyUndone",
    "BackupTooNew",
    "BadAmount",
    "BadOption",
    "BadPattern",
    "BadRule",
    "BatchGone",
    "BlanksMissing",
    "BooksUnsound",
    "BrokenImage",
    "CannotFit",
    "CannotPostHere",
    "CannotPostThere",
    "ChangedSince",
    "ClosedBecause",
    "CodeExpired",
    "CodeUnknown",
    "CodeUsedBefore",
    "CodeUsedUp",
    "CodeWithdrawn",
    "ConstraintBroken",
    "ContentRefused",
    "CopyDiffers",
    "DatabaseAtWork",
    "DatabaseInUse",
    "DatabaseTooNew",
    "DatabaseTooOld",
    "DatabaseUnavailable",
    "DeliveryError",
    "DiscordUnavailable",
    "DiskUnavailable",
    "EmptyHours",
    "EndBeforeStart",
    "FileGone",
    "FileTooLarge",
    "FilesBecause",
    "FilesUnavailable",
    "FormLost",
    "GiftToSelf",
    "GiftToStranger",
    "GiftTooLarge",
    "GiftsOfTheDay",
    "GiftsOff",
    "ImageDamaged",
    "ImageError",
    "ImageGone",
    "ImageTooLarge",
    "ImagesUnderWay",
    "JobUnknown",
    "LeaseLost",
    "LineFull",
    "LinkNotPublic",
    "LinkProblem",
    "LinkUnreachable",
    "MembersHidden",
    "MembersUnanswered",
    "NoCreditsForBots",
    "NoImageHere",
    "NoImageOfYours",
    "NoResultHere",
    "NoSuchChange",
    "NoSuchCode",
    "NoSuchEntry",
    "NoSuchRule",
    "NoTemplates",
    "NoVideoHere",
    "NobodyToGive",
    "NotABackup",
    "NotADate",
    "NotAModerator",
    "NotATime",
    "NotATimeOfDay",
    "NotAVideoFile",
    "NotAVideoLink",
    "NotAgeRestricted",
    "NotAmounts",
    "NotAnAmount",
    "NotAnEnd",
    "NotAnImage",
    "NotEnoughCredits",
    "NotEnoughToGive",
    "NotEnoughToTake",
    "NotFinished",
    "NotInAServer",
    "NotUndoable",
    "NotYours",
    "PeriodEmpty",
    "PeriodTooLong",
    "PictureTooLarge",
    "PlaceTaken",
    "PolicyRefused",
    "PredictionLost",
    "PriceChanged",
    "PromptMissing",
    "PromptTooLong",
    "ProposalGone",
    "ReasonMissing",
    "Refusal",
    "RepeatDiffers",
    "RequestDecided",
    "RequestNotSent",
    "RequestsOff",
    "Restarting",
    "SalesPaused",
    "SearchLost",
    "StartingTooHigh",
    "StillframeError",
    "StorageError",
    "SubmitUnknown",
    "SupplierBusy",
    "SupplierClosed",
    "SupplierError",
    "SupplierRejected",
    "SupplierUnreachable",
    "TemplateFileBroken",
    "TemplateFileTooLarge",
    "TemplateNameBad",
    "TemplateNameTaken",
    "TemplateNotFound",
    "TemplatesFull",
    "TimeTooLate",
    "TooLateToCancel",
    "TooManyBlanks",
    "TooManyFrames",
    "TooManyPixels",
    "TooManyReferences",
    "TooManyToGive",
    "TooManyTries",
    "TooManyWords",
    "TwoVideos",
    "Undeliverable",
    "UnreachableBecause",
    "VideoMissing",
    "WholeVideoAndTimes",
    "WrongCommand",
]
