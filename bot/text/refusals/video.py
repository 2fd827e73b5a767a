"""Refusals about a link or a file: what is wrong with it, and what to give instead."""

from __future__ import annotations

from bot.domain import errors as e
from bot.domain.recipe import VIDEO_TYPES
from bot.text.escape import inline, plain
from bot.text.i18n import either, mark, tr
from bot.text.refusals.base import KINDS
from bot.text.units import megabytes

_LINKS = {
    "not_a_link": mark(
        "I can't find one video link in {text}. Paste a YouTube link such as "
        "`https://youtu.be/dQw4w9WgXcQ`, a direct link to a video file, or attach a file as `clip`."
    ),
    "playlist": mark("{text} is a playlist. Open the video you want in it, and paste that video's link."),
    "channel": mark("{text} is a channel, not a video. Open the video you want, and paste its link."),
    "live": mark(
        "{text} leads to whatever is live just now. Paste the link of one video; a finished stream has its own."
    ),
    "no_video": mark("{text} is a page of YouTube without a video on it. Open the video, and paste its link."),
    "clip": mark(
        "{text} is a YouTube clip, and its link doesn't say which video it is from. Open it, choose Share, then Embed, "
        "and paste the code that you see there."
    ),
    "no_scheme": mark("{text} needs `https://` in front. Did you mean `{instead}`?"),
    "space": mark("There is a space in the link in {text}. Did you mean `{instead}`?"),
    "other_site": mark(
        "I can't read videos from {text}. Paste a YouTube link or a direct link to a video file "
        "(.mp4, .mov, .webm ...), or attach the file as `clip`."
    ),
    "lookalike": mark("{text} looks like YouTube, but leads somewhere else. Paste the link from YouTube itself."),
    "bad_id": mark(
        "The video id in {text} is not whole: YouTube's have exactly 11 characters. Please copy the link once more."
    ),
    "bare_id": mark("{text} looks like a video id. Paste the whole link: `{instead}`."),
}

_UNREACHABLE = {
    "dns": mark("the address does not exist"),
    "connect": mark("the server does not answer"),
    "tls": mark("its certificate is not valid"),
    "timeout": mark("the server is too slow"),
    "status": mark("the server says {status}"),
    "redirects": mark("it redirects too often"),
    "compressed": mark("it sends the file compressed, which I can't check"),
    "broken": mark("the file breaks off in the middle"),
    "url": mark("the link is not a web address that can be fetched"),
}


def about_the_video(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.VideoMissing():
            return tr("Which video? Give a link as `video`, or attach a file as `clip`.")
        case e.TwoVideos():
            return tr("You gave both a link and a file. Leave one of them out.")
        case e.NoVideoHere():
            return tr(
                "I find no video in this message. I take YouTube links, links to video files, attached videos, those "
                "in cards and forwarded messages, and my own images made from a video. Or use `/imagine`."
            )
        case e.NotAVideoFile(found=str(found)):
            return tr("That file is something else: {kind}. I need a video: {types}.").format(
                kind=tr(KINDS.get(found, found)), types=either(VIDEO_TYPES)
            )
        case e.NotAVideoFile():
            return tr("I don't know this kind of file. I need a video: {types}.").format(types=either(VIDEO_TYPES))
        case e.FileTooLarge(limit_bytes=limit_bytes, size_bytes=int(size_bytes)):
            return tr(
                "The file has {size}; the image service takes up to {limit}. "
                "Cut the moment out of it, or use a YouTube link, which may be any size."
            ).format(size=megabytes(size_bytes), limit=megabytes(limit_bytes))
        case e.FileTooLarge(limit_bytes=limit_bytes):
            return tr(
                "The file is too large; the image service takes up to {limit}. "
                "Cut the moment out of it, or use a YouTube link, which may be any size."
            ).format(limit=megabytes(limit_bytes))
    return _about_the_link(error)


def _about_the_link(error: e.StillframeError) -> str | None:
    match error:
        case e.NotAVideoLink(text=text, problem=problem, instead=instead):
            return tr(_LINKS[problem]).format(text=inline(text), instead=plain(instead))
        case e.VideoNotShown(link=link, because="private"):
            return tr(
                "{link} is a private video. Ask its owner to make it public or unlisted, or attach a file as `clip`."
            ).format(link=inline(link))
        case e.VideoNotShown(link=link):
            return tr(
                "YouTube has no video at {link}: it was removed, or the link is not whole. Copy the link once more."
            ).format(link=inline(link))
        case e.LinkNotPublic(host=host):
            return tr(
                "{host} is not a place on the public internet, so I don't go there. "
                "Use a link that anybody can open, or attach the file as `clip`."
            ).format(host=inline(host))
        case e.LinkUnreachable(host=host, because=because, status=status):
            return tr("I can't get the file from {host}: {why}. Check the link, or attach the file.").format(
                host=inline(host), why=tr(_UNREACHABLE[because]).format(status=status)
            )
    return None
