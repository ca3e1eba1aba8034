"""Documents, slides and tables as offices write them: which of the formats a ZIP archive is, and what in it could run.

Nothing is unpacked to know a format. To know what would run, or be fetched from elsewhere, when somebody opens the
file, its relations and the text of OpenDocument files are read, up to a limit: macros, templates and objects of another
site. A link that a reader clicks, and a film that they start, stay.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from lxml import etree

from samsvar.errors import SamsvarError

MOST_READ = 64 * 1024 * 1024  # bytes of XML that are looked at in one file; slides of a whole day have some 10 MB

# The member that is the document, in what Microsoft and others write (ECMA-376)
MAIN = {"word/document.xml": "docx", "ppt/presentation.xml": "pptx", "xl/workbook.xml": "xlsx"}
# What OpenDocument files say in their first member (OpenDocument 1.3, part 2, 3.3)
MIME = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
_RUNS = re.compile(
    r"(^|/)(vbaproject\.bin|vbadata\.xml)$|(^|/)(activex|macrosheets)/|^(basic|scripts)/.|\.(docm|dotm|pptm|potm|ppsm|xlsm|xltm|xlam)$",
    re.IGNORECASE,
)
_ONLY_WHEN_ASKED = {"hyperlink", "video", "audio", "media"}  # what a program fetches once its reader clicks
_AWAY = re.compile(
    r"\s*(?:[a-z][a-z0-9+.-]+:(?!/*[a-z]:)|\\\\|//)", re.IGNORECASE
)  # another site; not a drive of one's own
_ODF_FETCHES = re.compile(
    rb"<(?:draw:(?:image|object|object-ole|floating-frame|applet|plugin)|text:section-source|table:table-source"
    rb"|table:cell-range-source|office:dde-source)\b[^>]*?xlink:href\s*=\s*[\"']\s*((?:[a-zA-Z][a-zA-Z0-9+.-]+:|//|\\\\)[^\"'<>]*)"
)
_ODF_RUNS = re.compile(rb"<(?:script:event-listener|office:script)\b")  # `office:scripts` is there without any


class OfficeRefused(SamsvarError):
    """A document of an office program is not taken in."""

    code = "office_refused"

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message, kept=_("Nothing was stored."), advice=advice)


class HoldsMacros(OfficeRefused):
    """There is a program in the document."""

    code = "holds_macros"

    def __init__(self) -> None:
        super().__init__(
            _("This file holds macros: a program that would run on its readers' machines."),
            _("Save it without macros, or as PDF, and choose that."),
        )


class FetchesFromElsewhere(OfficeRefused):
    """The document would fetch something from another site as soon as somebody opens it."""

    code = "fetches_from_elsewhere"

    def __init__(self, what: str) -> None:
        super().__init__(
            _("This file would fetch something from another place when it is opened: %(what)s") % {"what": what[:120]},
            _("Put the picture or the template into the file itself, or save it as PDF, and choose that."),
        )


class TooMuchToLookAt(OfficeRefused):
    """The document is damaged, or unpacks to more than is looked at."""

    code = "too_much_to_look_at"

    def __init__(self) -> None:
        super().__init__(
            _("This file is damaged, or unpacks to more than %(limit)s of text.")
            % {"limit": filesizeformat(MOST_READ)},
            _("Save it as PDF, and choose that."),
        )


def format_of(archive: zipfile.ZipFile) -> str:
    """ "docx", "odp", …: how the archive is laid out; "" where it is none of the formats."""
    members = archive.infolist()
    names = {member.filename for member in members}
    if "[Content_Types].xml" in names:
        return next((format_ for main, format_ in MAIN.items() if main in names), "")
    first = members[0] if members else None
    if first is None or first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
        return ""
    if first.file_size > 80 or "content.xml" not in names:
        return ""
    try:
        with archive.open(first) as said:
            return MIME.get(said.read(80).decode("ascii", "replace").strip(), "")
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError):
        return ""


def refuse_what_runs(content: bytes) -> None:
    """Raise where the document would run a program, or fetch something, on the machine of whoever opens it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if any(_RUNS.search(member.filename) for member in members):
                raise HoldsMacros
            left = MOST_READ
            for member in members:
                if not _is_looked_at(member.filename):
                    continue
                if member.file_size > left:
                    raise TooMuchToLookAt
                with archive.open(member) as part:
                    text = part.read(left + 1)  # what it says of its own size may be a lie
                left -= len(text)
                if left < 0:
                    raise TooMuchToLookAt
                _look_at(member.filename, text)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError, NotImplementedError) as wrong:
        raise TooMuchToLookAt from wrong


def _is_looked_at(name: str) -> bool:
    return name.endswith((".rels", "content.xml", "styles.xml")) or name == "[Content_Types].xml"


def _look_at(name: str, text: bytes) -> None:
    if name == "[Content_Types].xml":
        if b"macroenabled" in text.lower() or b"vbaproject" in text.lower():
            raise HoldsMacros
    elif name.endswith(".rels"):
        for kind, target in _outside(text):
            if kind not in _ONLY_WHEN_ASKED and _AWAY.match(target):
                raise FetchesFromElsewhere(target)
    elif name.rsplit("/", maxsplit=1)[-1] in {"content.xml", "styles.xml"}:
        if _ODF_RUNS.search(text):
            raise HoldsMacros
        if found := _ODF_FETCHES.search(text):
            raise FetchesFromElsewhere(found.group(1).decode("utf-8", "replace"))


def _outside(text: bytes) -> Iterable[tuple[str, str]]:
    """(kind, target) of each relation that leads out of the file."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as wrong:
        raise TooMuchToLookAt from wrong
    for one in root.iter("{*}Relationship"):
        if (one.get("TargetMode") or "").lower() == "external":
            yield (one.get("Type") or "").rsplit("/", 1)[-1].lower(), one.get("Target") or ""
