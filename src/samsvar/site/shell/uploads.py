"""What comes in as a file: what it is by its content, what is kept of it, where it lies and how it goes out again.

A name and a header are what a sender says about a file; neither is believed. A picture is decoded and drawn anew, so
that nothing of the sender's file goes out again but its colours: no place, no camera, no second picture behind it.
"""

from __future__ import annotations

import contextlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from samsvar.errors import SamsvarError
from samsvar.ids import content_hash
from samsvar.site.shell.antivirus import scan
from samsvar.site.shell.office_documents import format_of

FOLDER = "private"  # beside "reports", whose files are public
PICTURE_BYTES = 10 * 1024 * 1024  # phones write 3 to 8 MB (2026-11)
LONGEST_SIDE = 640  # pixels of a picture that is kept: a portrait beside a name
# Pixels that are decoded at most. JPEG decodes small at once (`draft`); the others need four bytes for each pixel.
MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 20_000_000, "WEBP": 20_000_000}
QUALITY = 82

MOST_MEMBERS = 5_000  # files in a document; a report with all its pictures has some hundreds
MOST_UNPACKED = 400 * 1024 * 1024  # bytes that a document says it unpacks to

_HASH = re.compile(r"[0-9a-f]{64}")
_MARKUP = re.compile(rb"<(?:!doctype\s|\?xml|html|head|body|script|svg|iframe|[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)


# --- Refusals, by name ------------------------------------------------------------------------------------------------


class UploadRefused(SamsvarError):
    """A file is not taken in."""

    code = "upload_refused"

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message, kept=_("Nothing was stored."), advice=advice)


class WrongKind(UploadRefused):
    """The file is, by its content, none of the kinds that are asked for here."""

    code = "wrong_kind"


class TooManyBytes(UploadRefused):
    """The file is longer than what is read here."""

    code = "too_many_bytes"


class UnpacksTooLarge(UploadRefused):
    """The file is small and unpacks to more than anybody needs."""

    code = "unpacks_too_large"


class PictureUnreadable(UploadRefused):
    """The file begins like a picture and cannot be decoded as one."""

    code = "picture_unreadable"


class PictureMoves(UploadRefused):
    """The picture has several frames."""

    code = "picture_moves"


class TooManyPixels(UploadRefused):
    """The picture has more pixels than are decoded."""

    code = "too_many_pixels"


# --- What a file is ---------------------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What a file is by its content."""

    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"
    XLSX = "xlsx"
    ODT = "odt"
    ODP = "odp"
    ODS = "ods"
    HTML = "html"
    TEXT = "text"
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


# What each kind goes out as. HTML goes out as text: nothing that was brought in may run under our name.
TYPES = {
    Kind.PDF: "application/pdf",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.ODT: "application/vnd.oasis.opendocument.text",
    Kind.ODP: "application/vnd.oasis.opendocument.presentation",
    Kind.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Kind.HTML: "text/plain; charset=utf-8",
    Kind.TEXT: "text/plain; charset=utf-8",
    Kind.PNG: "image/png",
    Kind.JPEG: "image/jpeg",
    Kind.WEBP: "image/webp",
}
PICTURES = (Kind.JPEG, Kind.PNG, Kind.WEBP)
OF_OFFICES = (Kind.DOCX, Kind.PPTX, Kind.XLSX, Kind.ODT, Kind.ODP, Kind.ODS)  # archives: see `office.refuse_what_runs`


class Readable(Protocol):
    """A file that comes in: Django's `UploadedFile`, or any other that can be read in parts."""

    def read(self, size: int = ..., /) -> bytes: ...


def read_bounded(file: Readable, *, limit: int) -> bytes:
    """The bytes of a file; refused after one byte more than `limit`, so that none beyond is ever in memory."""
    parts, left = [], limit + 1
    while left > 0 and (part := file.read(min(left, 64 * 1024))):
        parts.append(part)
        left -= len(part)
    if left <= 0:
        raise TooManyBytes(
            _("This file is larger than %(limit)s.") % {"limit": filesizeformat(limit)},
            advice=_("Choose a smaller one."),
        )
    return b"".join(parts)


def kind_of(content: bytes) -> Kind | None:
    """What these bytes are; None for what Samsvar has no use for. Refuses a document that unpacks too large."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return Kind.WEBP
    if content.startswith(b"PK\x03\x04"):
        return _of_an_office(content)
    if content[:1024].lstrip(b"\xef\xbb\xbf\0 \t\r\n").startswith(b"%PDF-"):
        return Kind.PDF
    text = _text_of(content)
    if text is None:
        return None
    return Kind.HTML if _MARKUP.search(text[:4096].encode("utf-8", "replace")) else Kind.TEXT


def demand(content: bytes, *kinds: Kind) -> Kind:
    """The kind of these bytes, where it is one of those asked for; else a refusal that says which they are."""
    kind = kind_of(content)
    if kind not in kinds or kind is None:
        asked = ", ".join(one.value.upper() if one is not Kind.TEXT else _("plain text") for one in kinds)
        raise WrongKind(
            _("This file is none of: %(kinds)s. Its content says so, whatever its name is.") % {"kinds": asked},
            advice=_("Save it as one of these, and choose that."),
        )
    return kind


def _of_an_office(content: bytes) -> Kind | None:
    """What document a ZIP archive is laid out as; None for any other. Nothing is unpacked to find out.

    What it says of its own size may be a lie: whoever unpacks it counts again (monitoring/word.py does).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members, format_ = archive.infolist(), format_of(archive)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
        return None
    if not format_:
        return None
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise UnpacksTooLarge(
            _("This document unpacks to more than %(limit)s, or to more than %(members)d files.")
            % {"limit": filesizeformat(MOST_UNPACKED), "members": MOST_MEMBERS},
            advice=_("Split it, or leave out its pictures."),
        )
    return Kind(format_)


def _text_of(content: bytes) -> str | None:
    """The text that these bytes are; None where they are none: control characters that no text has, or nothing."""
    if not content.strip(b"\0 \t\r\n"):
        return None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError:
            return None
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")  # what Western Windows wrote
    sample = text[:65536]
    odd = sum(ord(c) < 9 or 13 < ord(c) < 32 or c == "�" for c in sample)
    return text if odd * 200 <= len(sample) else None


# --- Pictures ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept: drawn anew, at most 640 pixels long, with nothing in it but its colours."""

    content: bytes
    format: str  # "webp"
    width: int
    height: int


def clean_picture(file: Readable | bytes) -> Picture:
    """The picture of an upload as it may be kept and shown: bounded, scanned, decoded, turned upright, drawn anew.

    Colour profiles go as all other metadata does (a name can stand in one); nobody's face is less theirs for it.
    """
    content = file if isinstance(file, bytes) else read_bounded(file, limit=PICTURE_BYTES)
    if len(content) > PICTURE_BYTES:
        read_bounded(io.BytesIO(content), limit=PICTURE_BYTES)
    demand(content, *PICTURES)
    scan(content)
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=list(MOST_PIXELS)) as image:
            _within_limits(image)
            image.verify()  # sums and structure; the file has to be opened again afterwards
        with Image.open(io.BytesIO(content), formats=list(MOST_PIXELS)) as image:
            image.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))
            image.load()
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            plain = Image.new("RGB", upright.size, "white")  # a new one: it has no pocket for metadata
            if upright.has_transparency_data:
                layer = upright.convert("RGBA")
                plain.paste(layer, mask=layer.getchannel("A"))
            else:
                plain.paste(upright.convert("RGB"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise _too_many_pixels() from bomb
    except UploadRefused:
        raise
    except Exception as broken:  # a decoder fails in many ways, and all mean the same to whoever sent the file
        raise PictureUnreadable(
            _("This picture is damaged and cannot be decoded."),
            advice=_("Open it in a viewer and save it again, as JPEG, PNG or WebP."),
        ) from broken
    written = io.BytesIO()
    plain.save(written, "WEBP", quality=QUALITY, method=4)
    return Picture(written.getvalue(), "webp", *plain.size)


def _within_limits(image: Any) -> None:
    """Refuses by what the head of the file says, before anything is decoded."""
    name = "JPEG" if image.format == "MPO" else image.format  # a phone's photograph with a second view behind it
    if image.width * image.height > MOST_PIXELS[name]:
        raise _too_many_pixels()
    if name != "JPEG" and getattr(image, "n_frames", 1) > 1:
        raise PictureMoves(
            _("This picture moves: it has several frames."), advice=_("Choose a still one, and one that shows you.")
        )


def _too_many_pixels() -> TooManyPixels:
    return TooManyPixels(
        _("This picture has more pixels than are decoded here."), advice=_("Make it smaller, and choose that.")
    )


# --- Where files lie that are not for everybody -----------------------------------------------------------------------


def store_private(content: bytes) -> str:
    """Put bytes in their place and return their content hash; what is there already is written again, to be fresh."""
    hash_ = content_hash(content)
    default_storage.save(_place_of(hash_), ContentFile(content))
    return hash_


def fetch_private(hash_: str) -> bytes | None:
    """The bytes with this hash; None where they are missing, are not what their name says, or it is no hash at all."""
    if not _HASH.fullmatch(hash_):
        return None
    try:
        with default_storage.open(_place_of(hash_), "rb") as file:
            content: bytes = file.read()
    except FileNotFoundError:
        return None
    return content if content_hash(content) == hash_ else None


def remove_private(hash_: str) -> None:
    """Delete these bytes; once more is as good as once. That no other row names them, the caller has made sure."""
    if _HASH.fullmatch(hash_):
        with contextlib.suppress(FileNotFoundError):
            default_storage.delete(_place_of(hash_))


def private_files() -> Iterator[tuple[str, datetime]]:
    """The hash of every file that lies there, and when it was last written."""
    with contextlib.suppress(FileNotFoundError):  # nothing was ever stored
        for folder in sorted(default_storage.listdir(FOLDER)[0]):
            for name in sorted(default_storage.listdir(f"{FOLDER}/{folder}")[1]):
                if _HASH.fullmatch(name):
                    with contextlib.suppress(FileNotFoundError):  # removed meanwhile
                        yield name, default_storage.get_modified_time(_place_of(name))


def _place_of(hash_: str) -> str:
    return f"{FOLDER}/{hash_[:2]}/{hash_}"


# --- How a file goes out again ----------------------------------------------------------------------------------------


def safe_response(content: bytes, kind: Kind | str, filename: str, *, inline: bool = False) -> HttpResponse:
    """A file as an answer that no browser runs, guesses at, frames elsewhere or keeps; `inline` for pictures alone."""
    kind = Kind(kind)
    response = HttpResponse(content, content_type=TYPES[kind])
    shown = inline and kind in PICTURES
    disposition = content_disposition_header(as_attachment=not shown, filename=safe_name(filename))
    response["Content-Disposition"] = disposition or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def safe_name(filename: str) -> str:
    """A name to save a file under: no folder, no sign that is not seen or that turns the direction of reading round."""
    last = re.split(r"[/\\]", filename)[-1]
    seen = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    return seen.strip(" .")[:150] or "file"
