"""Everything that can go wrong, as one tree. Exceptions carry facts; the words for people are in `bot.text.refusals`.

StillframeError
├── Refusal                        what was asked can't be done; nothing was charged. Drawn without its leaves:
│   ├── VideoRefusal, OrderRefusal, ModelRefusal, ReferenceRefusal, TemplateRefusal, TemplateContentRefusal
│   ├── PaymentRefusal, EntryRefusal, BatchRefusal, PeriodRefusal, GiftRefusal, CodeRefusal, ActRefusal
│   ├── RequestRefusal
│   ├── RightsRefusal, ResultRefusal, FormRefusal, QueueRefusal
│   └── RuleRefusal, SettingRefusal, PolicyRefused, OperatorRefusal
├── SupplierError                  the image API failed; never shown raw
│   ├── SupplierBusy, SupplierRejected, ContentRefused, SupplierClosed, SupplierUnreachable
│   └── SubmitUnknown, PredictionLost
├── ImageError                     the image that came can't be used
│   └── BrokenImage, CannotFit
├── DeliveryError                  a message could not be sent
│   └── PictureTooLarge, Undeliverable, DiscordUnavailable
└── StorageError                   the database, the clips and images, or a backup
    ├── DatabaseUnavailable, DatabaseTooNew, DatabaseTooOld, DatabaseInUse, DatabaseAtWork
    ├── FilesUnavailable, DiskUnavailable, PlaceTaken, NotABackup, BackupTooNew, BooksUnsound, CopyDiffers
    └── ConstraintBroken, LeaseLost, RepeatDiffers
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, dataclass_transform

from bot.domain.budget_use import BudgetUse
from bot.domain.failure import Failure
from bot.domain.recipe import Reading

ClosedBecause = Literal["key", "funds", "region", "forbidden"]
FilesBecause = Literal["bucket", "keys", "network"]
LinkProblem = Literal[
    "not_a_link",
    "playlist",
    "channel",
    "live",
    "no_video",
    "clip",
    "other_site",
    "lookalike",
    "no_scheme",
    "space",
    "bad_id",
    "bare_id",
]
VideoNotShownBecause = Literal["private", "missing"]
UnreachableBecause = Literal["dns", "connect", "tls", "timeout", "status", "redirects", "compressed", "broken", "url"]


@dataclass_transform(kw_only_default=True, eq_default=False)
class StillframeError(Exception):
    """The root of the tree. Each subclass becomes a dataclass whose fields are its facts, given by keyword.

    `str()` shows the facts and is for logs. The dataclasses are not frozen, because Python assigns `__traceback__` and
    `__notes__` on exceptions; and they have no `__eq__`, which would make them unhashable.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(kw_only=True, eq=False, repr=False)(cls)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({facts})"


class Refusal(StillframeError):
    """What was asked can't be done. It is raised before anything is charged. Each group below has words of its own."""


class VideoRefusal(Refusal):
    """A link or a file can't be used as the video."""


class VideoMissing(VideoRefusal):
    """Neither a link nor a file was given."""


class TwoVideos(VideoRefusal):
    """Both a link and a file were given."""


class NotAVideoLink(VideoRefusal):
    """The text is not a link to one video that the bot can read. `instead`: the link that may have been meant."""

    text: str
    problem: LinkProblem
    instead: str = ""


class VideoNotShown(VideoRefusal):
    """YouTube does not show the video: it is private, or there is none."""

    link: str
    because: VideoNotShownBecause


class LinkNotPublic(VideoRefusal):
    """The link leads to a place that is not on the public internet."""

    host: str


class LinkUnreachable(VideoRefusal):
    """The link's server did not give the file. `status` is the HTTP status when `because` is "status", else None."""

    host: str
    because: UnreachableBecause
    status: int | None = None


class NotAVideoFile(VideoRefusal):
    """The model can't read the file as a video. `found` is what its first bytes say it is, or None if unknown."""

    found: str | None


class FileTooLarge(VideoRefusal):
    """The file is over the limit. `size_bytes` is None where reading stopped at the limit."""

    limit_bytes: int
    size_bytes: int | None = None


class NoVideoHere(VideoRefusal):
    """The message that was picked has neither a link to a video nor a video file."""


class OrderRefusal(Refusal):
    """Times, frames, options or the prompt of an order are wrong."""


class NotATime(OrderRefusal):
    """The text is not a moment in a video. `frames`: it counts frames, which are not read."""

    text: str
    option: Literal["start", "end"]
    frames: bool = False


class MomentRefusal(OrderRefusal):
    """The moment is in doubt, or can't be. `readings`: what may have been meant, the likeliest first."""

    readings: tuple[Reading, ...] = ()


class MomentInDoubt(MomentRefusal):
    """The times can be read in several ways: a dot may stand for a colon, an end may be a length."""


class EndBeforeStart(MomentRefusal):
    """The span is empty or runs backwards. In seconds."""

    start: float
    end: float


class WholeVideoAndTimes(MomentRefusal):
    """Both the whole video and a moment in it were asked for."""


class EndUnknown(MomentRefusal):
    """The moment is counted from the end of a video whose length is not known."""


class TimeTooLate(OrderRefusal):
    """The moment is later than any video may be long."""

    seconds: float
    limit_seconds: float


class TooManyFrames(MomentRefusal):
    """The span has more frames than the model reads. A reading has fewer frames a second, or is its first part."""

    frames: int
    limit: int


class BadOption(OrderRefusal):
    """An option does not take this value."""

    option: str
    value: str
    allowed: str


class BadLength(OrderRefusal):
    """The text of an option is too short or too long."""

    option: str
    length: int
    least: int
    limit: int


class OptionUnknown(OrderRefusal):
    """An option names a member, a role, a channel or a file that Discord does not tell of."""

    option: str


class PromptMissing(OrderRefusal):
    """The order has no prompt."""


class PromptTooLong(OrderRefusal):
    """The prompt has more characters than the limit."""

    length: int
    limit: int


class ModelRefusal(OrderRefusal):
    """A model can't make this. `model` is its label, `instead` the labels of those that can."""

    model: str
    instead: tuple[str, ...] = ()


class ModelUnknown(ModelRefusal):
    """No model has this name here. `instead` has the keys of all that are offered."""


class ModelOff(ModelRefusal):
    """The model is not offered, or not any more. `retires`: the day that its maker announced for its end, if any."""

    retires: date | None


class ModelClosed(ModelRefusal):
    """The supplier makes no image with this model now."""


class ModelNeedsVideo(ModelRefusal):
    """The model makes images from a video, and none was given."""


class ModelTakesNoVideo(ModelRefusal):
    """The model can't read a video, or, where it `takes_others`, not one of this kind."""

    takes_others: bool


class ModelNeedsImages(ModelRefusal):
    """The model changes images, and fewer than `least` were given."""

    least: int


class ModelTakesNoImages(ModelRefusal):
    """The model can't read images, and some were given."""


class ModelLacks(ModelRefusal):
    """The model does not offer this value of an option. `allowed` is empty where it has no such option at all."""

    option: str
    value: str
    allowed: tuple[str, ...]


class ReferenceRefusal(Refusal):
    """A file can't be used as a reference image."""


class NoImageHere(ReferenceRefusal):
    """The message that was picked shows no image."""


class NotAnImage(ReferenceRefusal):
    """The model can't read the file as an image. `found` is what its first bytes say it is, or None if unknown."""

    name: str
    found: str | None


class ImageTooLarge(ReferenceRefusal):
    """The image is over the limit. `size_bytes` is None where reading stopped at the limit."""

    name: str
    limit_bytes: int
    size_bytes: int | None = None


class TooManyPixels(ReferenceRefusal):
    """The image has too many pixels in all, or along one side."""

    name: str
    limit_pixels: int
    side_limit_pixels: int


class ImageDamaged(ReferenceRefusal):
    """A part of the image file is missing or damaged."""

    name: str


class TooManyReferences(ReferenceRefusal):
    """There are more images than one order takes."""

    count: int
    limit: int


class TemplateRefusal(Refusal):
    """A template can't be found, saved or exported."""


class NoTemplates(TemplateRefusal):
    """Neither the member nor the server has a template to export."""


class TemplateNotFound(TemplateRefusal):
    """There is no such template. `name` is None where the member did not ask for it by name."""

    name: str | None


class TemplateNameBad(TemplateRefusal):
    """The name is not one line of 1 to `limit` characters."""

    limit: int


class TemplateNameTaken(TemplateRefusal):
    """The name belongs to a template of the server (`published`), or to one of the member's own."""

    name: str
    published: bool


class TemplatesFull(TemplateRefusal):
    """The server (`published`) or the member has `limit` templates already."""

    limit: int
    published: bool


class NoImageOfYours(TemplateRefusal):
    """No image of the member's has the job number or link `text`."""

    text: str


class TemplateContentRefusal(Refusal):
    """What a template or a file of templates contains is wrong."""


class TooManyBlanks(TemplateContentRefusal):
    """A template asks for more than a form can hold."""

    names: tuple[str, ...]
    limit: int


class BlanksMissing(TemplateContentRefusal):
    """A template was used with these blanks left empty."""

    names: tuple[str, ...]


class TemplateFileTooLarge(TemplateContentRefusal):
    """The file to import is over the limit."""

    size_bytes: int
    limit_bytes: int


class TemplateFileBroken(TemplateContentRefusal):
    """The file is not one of templates. `place` is the path to the first wrong field, or "" for the file as a whole."""

    place: str


class PaymentRefusal(Refusal):
    """Credits can't be paid or given."""


class NotEnoughCredits(PaymentRefusal):
    """The wallet can't pay. `cheaper` has the choices that `available` would pay for: (label, price in credits).

    `starting_at`: when a member whose account is too young gets the starting credits, in Unix milliseconds.
    """

    needed: int
    available: int
    held: int
    cheaper: tuple[tuple[str, int], ...] = ()
    starting_at: int | None = None


class BadAmount(PaymentRefusal):
    """The amount of credits is not from 1 to `limit`."""

    amount: int
    limit: int


class NumberTooLarge(PaymentRefusal):
    """The number does not fit in the 64 bits that a database keeps of one. `name` says which number it is."""

    name: str
    value: int


class ReasonMissing(PaymentRefusal):
    """A moderator moves credits only with a reason."""


class PriceChanged(PaymentRefusal):
    """The button shows an older price. `price` in credits is the price now."""

    price: int


class AlreadyOrdered(PaymentRefusal):
    """The member has confirmed this order before, and its image is under way."""


class EntryRefusal(Refusal):
    """An entry in the books can't be made or undone."""


class NotEnoughToTake(EntryRefusal):
    """A wallet has fewer credits than a moderator wants to move out of it."""

    amount: int
    available: int
    held: int


class NoSuchEntry(EntryRefusal):
    """The server's books have no such entry."""

    entry_id: int


class NotUndoable(EntryRefusal):
    """An entry of this `kind` can't be undone."""

    entry_id: int
    kind: str


class AlreadyUndone(EntryRefusal):
    """The entry was undone before."""

    entry_id: int


class BatchRefusal(Refusal):
    """Credits can't be given to many members at once."""


class NoCreditsForBots(BatchRefusal):
    """Bots order no images, so they can't have credits."""


class NobodyToGive(BatchRefusal):
    """A role or a list has no member who can be given credits."""


class TooManyToGive(BatchRefusal):
    """More than `limit` members would get credits at once, or (`looked_through`) are in the server."""

    limit: int
    looked_through: bool = False


class MembersHidden(BatchRefusal):
    """Discord does not tell this bot who has a role."""


class MembersUnanswered(BatchRefusal):
    """Discord did not answer when the bot asked for members."""


class BatchGone(BatchRefusal):
    """The list of members was left, or no moderator confirmed it in time."""


class PeriodRefusal(Refusal):
    """`since` and `until` are wrong."""


class NotADate(PeriodRefusal):
    """The text is neither a day nor a span such as "7d"."""

    text: str
    option: Literal["since", "until"]


class PeriodEmpty(PeriodRefusal):
    """The period ends before it begins."""


class PeriodTooLong(PeriodRefusal):
    """The period has more than `limit` months."""

    limit: int


class GivingRefusal(Refusal):
    """A moderator or manager can't give these credits."""


class OwnWallet(GivingRefusal):
    """A credit manager by role gives nothing to the own wallet."""


class OverManagersLimit(GivingRefusal):
    """The server lets a credit manager give up to `limit` credits at once."""

    amount: int
    limit: int


class ManagersDayOver(GivingRefusal):
    """The server lets a credit manager give up to `limit` credits a day, and `left` are left of today's."""

    amount: int
    left: int
    limit: int


class WalletFull(GivingRefusal):
    """With `amount` more, the wallet would have more than the server's `limit`, in credits.

    `room` is what would fit; None where the one who is told may not know what the wallet has.
    """

    amount: int
    limit: int
    room: int | None


class GiftRefusal(Refusal):
    """A gift or a tip can't be made."""


class GiftsOff(GiftRefusal):
    """The server has switched gifts off."""


class GiftToSelf(GiftRefusal):
    """A member can't give credits to themselves."""


class GiftToStranger(GiftRefusal):
    """The one who would get the gift is not in this server."""


class GiftTooLarge(GiftRefusal):
    """`limit` in credits is for one gift."""

    amount: int
    limit: int


class GiftsOfTheDay(GiftRefusal):
    """The gift is more than what is `left` of `limit`, in credits, for all gifts of a member in a day."""

    amount: int
    left: int
    limit: int


class NotEnoughToGive(GiftRefusal):
    """`available` counts the member's own credits; an allowance can't be given away.

    `starting`: the part of the starting credits that no image was charged yet, which can't be given away either.
    """

    amount: int
    available: int
    starting: int = 0


class TooNewHere(GiftRefusal):
    """The server asks for older accounts or longer membership for gifts and codes.

    `old_enough_at`: when it will be so; Unix milliseconds.
    """

    account_days: int
    member_days: int
    old_enough_at: int


class NoResultHere(GiftRefusal):
    """The message that was picked shows no image that the bot made for a member."""


class NotAnAmount(GiftRefusal):
    """The text is not a number of credits."""

    text: str


class CodeRefusal(Refusal):
    """A code can't be redeemed, or is not in the list."""


class CodeUnknown(CodeRefusal):
    """The server has no such code. A code of another server is answered in the same way."""


class CodeExpired(CodeRefusal):
    """The code could be used until `at`, in Unix milliseconds."""

    at: int


class CodeWithdrawn(CodeRefusal):
    """A moderator has withdrawn the code."""


class CodeUsedUp(CodeRefusal):
    """The code was used by as many members as it was made for."""


class CodeUsedBefore(CodeRefusal):
    """This member has used the code before."""


class NoSuchCode(CodeRefusal):
    """The manager's list has no code with this number."""

    number: int


class TooManyTries(CodeRefusal):
    """The member guessed too many codes, and may try again at `until`, in Unix milliseconds."""

    until: int


class ActRefusal(Refusal):
    """An act with credits is not done, because the same act may have been done already."""


class DoneBefore(ActRefusal):
    """The same act was done `minutes` ago as the act `act_id`, and its answer was not confirmed.

    `number` is that of its entry or code. `code` is the text of a code that was never shown.
    """

    act_id: str
    numbered: Literal["entry", "code"]
    number: int
    minutes: int
    code: str | None = None


class QuestionClosed(ActRefusal):
    """The question whether to do an act once more was answered, or is from before a restart."""


class RequestRefusal(Refusal):
    """A request for credits can't be sent or answered."""


class RequestsOff(RequestRefusal):
    """Members can't ask for credits in this server."""


class AlreadyAsked(RequestRefusal):
    """The request made `at` waits for an answer. The member may ask anew at `again_at`. Both in Unix milliseconds."""

    amount: int
    at: int
    again_at: int


class RequestNotSent(RequestRefusal):
    """The request could not be posted in the moderators' channel."""


class RequestDecided(RequestRefusal):
    """The request was answered before. `given` in credits is None for a no.

    `decided_by` is None where the member has asked anew since.
    """

    decided_by: int | None
    given: int | None


class RightsRefusal(Refusal):
    """The member or the bot lacks a right."""


class CannotPostHere(RightsRefusal):
    """The bot lacks rights in this channel. `missing` has Discord's permission names, such as "Attach Files"."""

    missing: tuple[str, ...]


class CannotPostThere(RightsRefusal):
    """The bot lacks rights in the channel that was picked. `missing` has Discord's permission names."""

    channel_id: int
    missing: tuple[str, ...]


class NotAgeRestricted(RightsRefusal):
    """This image may only be shown in an age-restricted channel."""


class NotAModerator(RightsRefusal):
    """The command is for those who manage the server."""


class NotInAServer(RightsRefusal):
    """The command needs a server."""


class NotYours(RightsRefusal):
    """It belongs to another member."""


class ResultRefusal(Refusal):
    """Nothing can be done with this image."""


class ImageGone(ResultRefusal):
    """The image is no longer kept."""


class FileGone(ResultRefusal):
    """A clip or a reference image is no longer kept."""

    name: str


class NotFinished(ResultRefusal):
    """The image can't be taken down while it is still being delivered."""


class ImageWaits(ResultRefusal):
    """The image is made, could be shown nowhere, and waits for its member."""


class ImageOnItsWay(ResultRefusal):
    """A worker tries to show the image that waits, or whether it was shown can't be known at this moment."""


class AlreadyReported(ResultRefusal):
    """This member has reported the image before."""


class AlreadyPosted(ResultRefusal):
    """Its owner has posted the image in this channel before. `link` leads to the message."""

    link: str


class BeingPosted(ResultRefusal):
    """The image is being posted in this channel at this moment."""


class JobUnknown(ResultRefusal):
    """There is no such image. A private image of another member is answered in the same way."""

    text: str


class FormRefusal(Refusal):
    """A card, a form or a list of pages is out of date."""


class ProposalGone(FormRefusal):
    """The order that waited for confirmation was cancelled, made, or is more than a day old."""


class FormLost(FormRefusal):
    """The form was opened before a restart, or hours ago."""


class FormSent(FormRefusal):
    """The form arrived before, and was carried out."""


class PressUnknown(FormRefusal):
    """The button, the list or what was chosen in it is none that the bot has."""


class TypedLost(FormRefusal):
    """What was typed in a form that was refused is not kept any more."""


class ChoiceLost(FormRefusal):
    """The choice between the parts of a message was offered before a restart, or long ago."""


class SearchLost(FormRefusal):
    """The page of history is from more than a week ago."""


class WrongCommand(FormRefusal):
    """A Discord app that is not up to date sent an old command. `right` is the whole name of the command to use."""

    right: str


class QueueRefusal(Refusal):
    """The queue takes no order, or a job in it can't be stopped."""


class LineFull(QueueRefusal):
    """The member has `limit` images under way, those that wait included."""

    limit: int


class TooLateToCancel(QueueRefusal):
    """The job has `ended`, or the supplier works on it already. `cost` in credits."""

    cost: int
    ended: bool


class ImagesUnderWay(QueueRefusal):
    """The member's data can't be deleted while `count` images of theirs are being made."""

    count: int


class SalesPaused(QueueRefusal):
    """The bot takes no new orders for now."""


class Restarting(QueueRefusal):
    """The bot is shutting down for a restart."""


class RuleRefusal(Refusal):
    """A rule can't be found, set so, or set back."""


class BadRule(RuleRefusal):
    """A rule of the policy can't have this value. `why` says it in plain words."""

    rule: str
    why: str


class BadPattern(RuleRefusal):
    """RE2 can't read the pattern. `why` has its own words."""

    pattern: str
    why: str


class NoSuchChange(RuleRefusal):
    """The policy log has no such change."""

    change_id: int


class ChangedSince(RuleRefusal):
    """The change can't be undone by itself, because a later one changed the same rule again."""

    rule: str


class NoSuchRule(RuleRefusal):
    """The policy has no rule of this name."""

    text: str


class SettingRefusal(Refusal):
    """The value for a rule can't be read, or is out of range."""


class NotATimeOfDay(SettingRefusal):
    """The text is not a time of day."""

    text: str


class EmptyHours(SettingRefusal):
    """The quiet hours end when they begin."""


class NotAnEnd(SettingRefusal):
    """The text is not a moment that lies ahead."""

    text: str


class NotAmounts(SettingRefusal):
    """The text is not a list of up to `limit` whole numbers."""

    text: str
    limit: int


class TooManyWords(SettingRefusal):
    """The list of blocked and flagged words is full."""

    limit: int


class EveryoneAsManager(SettingRefusal):
    """The role of all members can't be the role of the credit managers."""


class StartingTooHigh(SettingRefusal):
    """A server's starting credits may be at most `limit`, which is what the operator gives."""

    limit: int


class PolicyRefused(Refusal):
    """A rule of the server forbids it.

    `rule` is a name in `Policy`, `limit` a name in `Limits`; `until` in Unix milliseconds.
    """

    rule: str
    value: str
    limit: str | None = None
    until: int | None = None


class OperatorRefusal(Refusal):
    """The operator of the bot has set a bound, and no moderator can move it."""


class OperatorBudgetUsedUp(OperatorRefusal):
    """One of the operator's budgets has no room for the order until the next month or day begins."""

    use: BudgetUse


class ServerNotAllowed(OperatorRefusal):
    """The bot works only in the servers that its operator names, and this is none of them."""


class SupplierError(StillframeError):
    """The image API failed. `request_id` is its X-Request-ID, for its support; `detail` is for our log only."""

    detail: str = ""
    request_id: str | None = None


class SupplierBusy(SupplierError):
    """The supplier certainly accepted nothing: the request may be sent again."""


class SupplierRejected(SupplierError):
    """The supplier certainly accepted nothing, and sending the request again is no use."""

    failure: Failure = Failure.OTHER


class ContentRefused(SupplierError):
    """The supplier's content filter refused the request."""


class SupplierClosed(SupplierError):
    """The key, the funds or the region is wrong: the operator must act."""

    because: ClosedBecause


class SubmitUnknown(SupplierError):
    """The supplier may or may not have accepted the request: it must never be sent again."""


class SupplierUnreachable(SupplierError):
    """A call that can be repeated (poll, upload, download) did not go through."""


class PredictionLost(SupplierError):
    """The supplier no longer knows this prediction."""


class ImageError(StillframeError):
    """The image that the supplier made can't be used."""


class BrokenImage(ImageError):
    """The bytes are not a whole image of a kind that we know."""


class CannotFit(ImageError):
    """No copy of the image is small enough."""


class DeliveryError(StillframeError):
    """A message could not be sent to Discord."""


class PictureTooLarge(DeliveryError):
    """Discord does not take an attachment of this size."""


class Undeliverable(DeliveryError):
    """Discord refuses the message for good. `in_doubt`: a try whose answer was lost may have shown it all the same."""

    detail: str
    in_doubt: bool = False


class DiscordUnavailable(DeliveryError):
    """Discord did not answer: the message may be sent again, after `wait_seconds` where that was told."""

    detail: str
    wait_seconds: float = 0


class StorageError(StillframeError):
    """The database, the clips and images, or a backup can't be used."""


class DatabaseUnavailable(StorageError):
    """The database is full, read-only, locked or damaged.

    `in_doubt`: the connection was lost during a commit, so it is not known whether the transaction was committed.
    """

    detail: str
    in_doubt: bool = False


class DatabaseTooNew(StorageError):
    """A newer version of the bot wrote the database."""

    found: int
    known: int


class DatabaseTooOld(StorageError):
    """An older version wrote the database, and it was opened for reading only. The bot upgrades it when it starts."""

    found: int
    known: int


class DatabaseInUse(StorageError):
    """Another process owns the database file."""

    path: str


class DatabaseAtWork(StorageError):
    """`processes` use the database that is to be copied or replaced."""

    where: str
    processes: str


class FilesUnavailable(StorageError):
    """Clips and images can't be kept or read: the disk is full, or the store does not answer.

    `because` is what the operator has to look at, where an S3 store is used and the cause can be told.
    """

    detail: str
    because: FilesBecause | None = None


class DiskUnavailable(StorageError):
    """A backup can't be written or read: there is no room for it, or no right."""

    detail: str


class PlaceTaken(StorageError):
    """There is something in the place that writing would destroy."""

    where: str


class NotABackup(StorageError):
    """The file is damaged, cut off, or not a backup of this bot."""

    detail: str


class BackupTooNew(StorageError):
    """A newer version of the bot made the backup."""

    found: int
    known: int


class BooksUnsound(StorageError):
    """The books that are to be brought in break a rule of the ledger."""

    findings: int


class CopyDiffers(StorageError):
    """The last check of a copy: what arrived is not what was sent. This was never seen yet."""

    detail: str


class ConstraintBroken(StorageError):
    """The database refused a row by one of its constraints."""

    detail: str


class LeaseLost(StorageError):
    """Another worker has taken this job."""

    job_id: str


class RepeatDiffers(StorageError):
    """The same idempotency key came with other content."""

    key: str
