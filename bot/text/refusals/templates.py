"""Refusals about templates."""

from __future__ import annotations

from bot.domain import errors as e
from bot.text.escape import inline
from bot.text.i18n import number, tr
from bot.text.refusals.base import free
from bot.text.units import megabytes


def about_templates(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.NoTemplates():
            return tr("Neither you nor this server has a template yet. Save one with `/templates save`.")
        case e.TemplateNotFound(name=None):
            return tr("This template is no longer here. `/templates browse` shows those that are.")
        case e.TemplateNotFound(name=str(name)):
            return tr("There is no template {name} here. `/templates browse` shows those that are.").format(
                name=inline(name)
            )
        case e.TemplateNameBad(limit=limit):
            return tr("A template's name is one line of 1 to {limit} characters. Nothing was saved.").format(
                limit=number(limit)
            )
        case e.TemplateNameTaken(name=name, published=True):
            return tr(
                "This server has a template {name} already. Save yours under another name, or unpublish that one first."
            ).format(name=inline(name))
        case e.TemplateNameTaken(name=name):
            return tr(
                "You have a template {name} already. Choose another name, or delete that one with `/templates delete`."
            ).format(name=inline(name))
        case e.TemplatesFull(limit=limit, published=True):
            return tr("This server has {limit} templates, which is as many as fit. Unpublish one first.").format(
                limit=number(limit)
            )
        case e.TemplatesFull(limit=limit):
            return tr(
                "You may have {limit} templates in a server, and this would be more. Nothing was saved. "
                "Delete some with `/templates delete`."
            ).format(limit=number(limit))
        case e.NoImageOfYours(text=text):
            return tr(
                "I can't find an image of yours by {text}. Give the job number that stands under it, "
                "or the link of its message."
            ).format(text=inline(text))
    return None


def about_template_contents(error: e.StillframeError) -> str | None:
    match error:
        case e.TooManyBlanks(names=names, limit=limit):
            blanks = ", ".join(inline(f"[{name}]") for name in names)
            return tr(
                "This has {count} blanks: {blanks}. A form has room for {limit}. "
                "Write some of them out, or use one blank twice. Nothing was saved."
            ).format(count=number(len(names)), blanks=blanks, limit=number(limit))
        case e.BlanksMissing(names=names):
            blanks = ", ".join(inline(f"[{name}]") for name in names)
            return free(tr("This template also needs words for {blanks}.").format(blanks=blanks))
        case e.TemplateFileTooLarge(size_bytes=size_bytes, limit_bytes=limit_bytes):
            return tr("The file has {size}; a file of templates has at most {limit}. Nothing was imported.").format(
                size=megabytes(size_bytes), limit=megabytes(limit_bytes)
            )
        case e.TemplateFileBroken(place=""):
            return tr(
                "I can't read this file as templates. It must be a JSON file such as `/templates export` makes. "
                "Nothing was imported."
            )
        case e.TemplateFileBroken(place=place):
            return tr(
                "Something in this file is not as `/templates export` would write it. The first such place: {place}. "
                "Nothing was imported."
            ).format(place=inline(place))
    return None
