"""Checks of office documents: detect the format of a ZIP archive, and reject active content in it.

Detecting the format unpacks nothing. Macros would run when the file is opened, and remote templates and objects would
be fetched; to find them, its relationships and the text of OpenDocument files are read, up to a limit. Links that a
reader clicks and videos that they start are allowed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from lxml import etree

from samsvar.site.shell.errors import SiteError

MAX_XML_BYTES = 64 * 1024 * 1024  # bytes of XML checked per file; slides for a whole day have some 10 MB

# The main part of each format, as Microsoft and others write it (ECMA-376)
MAIN_PARTS = {"word/document.xml": "docx", "ppt/presentation.xml": "pptx", "xl/workbook.xml": "xlsx"}
# The content of the first member of OpenDocument files (OpenDocument 1.3, part 2, 3.3)
OPENDOCUMENT_TYPES = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
_MACRO_PARTS = re.compile(
    r"(^|/)(vbaproject\.bin|vbadata\.xml)$|(^|/)(activex|macrosheets)/|^(basic|scripts)/.|\.(docm|dotm|pptm|potm|ppsm|xlsm|xltm|xlam)$",
    re.IGNORECASE,
)
_ON_DEMAND = {"hyperlink", "video", "audio", "media"}  # fetched only when the reader clicks
# another site, but not a local drive
_EXTERNAL_TARGET = re.compile(r"\s*(?:[a-z][a-z0-9+.-]+:(?!/*[a-z]:)|\\\\|//)", re.IGNORECASE)
_ODF_EXTERNAL_CONTENT = re.compile(
    rb"<(?:draw:(?:image|object|object-ole|floating-frame|applet|plugin)|text:section-source|table:table-source"
    rb"|table:cell-range-source|office:dde-source)\b[^>]*?xlink:href\s*=\s*[\"']\s*((?:[a-zA-Z][a-zA-Z0-9+.-]+:|//|\\\\)[^\"'<>]*)"
)
# `office:scripts` also occurs in files without macros
_ODF_MACROS = re.compile(rb"<(?:script:event-listener|office:script)\b")


class OfficeDocumentRejected(SiteError):
    """Raised when an office document is not accepted."""


class ContainsMacros(OfficeDocumentRejected):
    """Raised when the document contains macros."""

    message = _("This file contains macros: a program that would run on the computer of anyone who opens the file.")
    advice = _("Save the file without macros, or as a PDF, then choose the new file.")


class ContainsRemoteContent(OfficeDocumentRejected):
    """Raised when the document would fetch something from another site on opening."""

    advice = _("Embed the image or template in the file, or save the file as a PDF. Then choose the new file.")

    def __init__(self, target: str) -> None:
        super().__init__(
            _("When opened, this file would load content from another location: %(what)s") % {"what": target[:120]}
        )


class DocumentUncheckable(OfficeDocumentRejected):
    """Raised when the document is damaged, or unpacks to more data than the check allows."""

    advice = _("Save the file as a PDF, then choose the PDF instead.")

    def __init__(self) -> None:
        limit = filesizeformat(MAX_XML_BYTES)
        super().__init__(
            _("This file is damaged, or contains more than %(limit)s of text when unpacked.") % {"limit": limit}
        )


def detect_office_format(archive: zipfile.ZipFile) -> str:
    """Return the format of the archive ("docx", "odp", …), or "" if it is not an office document."""
    members = archive.infolist()
    names = {member.filename for member in members}
    if "[Content_Types].xml" in names:
        return next((format_ for main, format_ in MAIN_PARTS.items() if main in names), "")
    first = members[0] if members else None
    if first is None or first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
        return ""
    if first.file_size > 80 or "content.xml" not in names:
        return ""
    try:
        with archive.open(first) as stream:
            return OPENDOCUMENT_TYPES.get(stream.read(80).decode("ascii", "replace").strip(), "")
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError):
        return ""


def reject_active_content(content: bytes) -> None:
    """Raise an error if the document would run a program or fetch something when it is opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if any(_MACRO_PARTS.search(member.filename) for member in members):
                raise ContainsMacros
            remaining = MAX_XML_BYTES
            for member in members:
                if not _should_check(member.filename):
                    continue
                if member.file_size > remaining:
                    raise DocumentUncheckable
                with archive.open(member) as stream:
                    text = stream.read(remaining + 1)  # the size in its header may be false
                remaining -= len(text)
                if remaining < 0:
                    raise DocumentUncheckable
                _check_part(member.filename, text)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError, NotImplementedError) as exc:
        raise DocumentUncheckable from exc


def _should_check(name: str) -> bool:
    return name.endswith((".rels", "content.xml", "styles.xml")) or name == "[Content_Types].xml"


def _check_part(name: str, text: bytes) -> None:
    if name == "[Content_Types].xml":
        if b"macroenabled" in text.lower() or b"vbaproject" in text.lower():
            raise ContainsMacros
    elif name.endswith(".rels"):
        for kind, target in _external_relationships(text):
            if kind not in _ON_DEMAND and _EXTERNAL_TARGET.match(target):
                raise ContainsRemoteContent(target)
    elif name.rsplit("/", maxsplit=1)[-1] in {"content.xml", "styles.xml"}:
        if _ODF_MACROS.search(text):
            raise ContainsMacros
        if match := _ODF_EXTERNAL_CONTENT.search(text):
            raise ContainsRemoteContent(match.group(1).decode("utf-8", "replace"))


def _external_relationships(text: bytes) -> Iterable[tuple[str, str]]:
    """Yield (kind, target) of each relationship that points outside the file."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as exc:
        raise DocumentUncheckable from exc
    for relationship in root.iter("{*}Relationship"):
        if (relationship.get("TargetMode") or "").lower() == "external":
            yield (relationship.get("Type") or "").rsplit("/", 1)[-1].lower(), relationship.get("Target") or ""
