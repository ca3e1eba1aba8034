"""Uploaded files: detect their type from the content, clean, store and serve them.

The sender's file name and headers are never trusted. Images are decoded and re-encoded, so that nothing of the sender's
file is served except its pixels: no location, no camera model, no embedded second image.
"""

from __future__ import annotations

import contextlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
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
from django.utils.translation import gettext_lazy

from samsvar.ids import hash_content
from samsvar.site.shell.antivirus import scan_for_viruses
from samsvar.site.shell.errors import SiteError
from samsvar.site.shell.office_documents import detect_office_format

PRIVATE_FOLDER = "private"  # next to "reports", whose files are public
MAX_PICTURE_BYTES = 10 * 1024 * 1024  # phones write 3 to 8 MB (2026-11)
MAX_SIDE = 640  # pixels of a stored image: a portrait next to a name
# Maximum number of decoded pixels. JPEG can be decoded at reduced size (`draft`); the others need four bytes per pixel.
MAX_PIXELS = {"JPEG": 50_000_000, "PNG": 20_000_000, "WEBP": 20_000_000}
WEBP_QUALITY = 82

MAX_MEMBERS = 5_000  # files in a document; a report with all its images has some hundreds
MAX_UNPACKED_BYTES = 400 * 1024 * 1024  # unpacked size in bytes, as declared by the document

_HASH = re.compile(r"[0-9a-f]{64}")
_MARKUP = re.compile(rb"<(?:!doctype\s|\?xml|html|head|body|script|svg|iframe|[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)


# --- Errors -----------------------------------------------------------------------------------------------------------


class UploadRejected(SiteError):
    """Raised when an uploaded file is not accepted."""


class WrongFileType(UploadRejected):
    """Raised when the content of the file is none of the accepted types."""

    advice = gettext_lazy("Save the file in one of these formats, then choose the new file.")

    def __init__(self, accepted_types: Iterable[FileType]) -> None:
        names = [one.value.upper() if one is not FileType.TEXT else _("plain text") for one in accepted_types]
        message = _(
            "This file is not one of the accepted types: %(kinds)s. The type is determined by the file’s "
            "content, not by its name."
        )
        super().__init__(message % {"kinds": ", ".join(names)})


class FileTooLarge(UploadRejected):
    """Raised when the file is larger than the limit."""

    advice = gettext_lazy("Choose a smaller file.")

    def __init__(self, limit: int) -> None:
        super().__init__(_("This file is larger than %(limit)s.") % {"limit": filesizeformat(limit)})


class UnpackedTooLarge(UploadRejected):
    """Raised when the file is small but unpacks to an unreasonable size."""

    advice = gettext_lazy("Split the document, or remove its images.")

    def __init__(self) -> None:
        super().__init__(
            _("When unpacked, this document is larger than %(limit)s or contains more than %(members)d files.")
            % {"limit": filesizeformat(MAX_UNPACKED_BYTES), "members": MAX_MEMBERS}
        )


class ImageUnreadable(UploadRejected):
    """Raised when the file starts like an image but cannot be decoded."""

    message = gettext_lazy("This image is damaged and cannot be opened.")
    advice = gettext_lazy("Open the image in an image viewer and save it again as JPEG, PNG or WebP.")


class AnimatedImage(UploadRejected):
    """Raised when the image has several frames."""

    message = gettext_lazy("This image is animated: it has several frames.")
    advice = gettext_lazy("Choose a still image that shows you.")


class TooManyPixels(UploadRejected):
    """Raised when the image has too many pixels to be decoded."""

    message = gettext_lazy("This image has too many pixels to be processed here.")
    advice = gettext_lazy("Make the image smaller, then choose the new version.")


# --- File types -------------------------------------------------------------------------------------------------------


class FileType(StrEnum):
    """The type of a file, detected from its content."""

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


# The content type that each is served with. HTML is served as text: no uploaded content may run on our domain.
CONTENT_TYPES = {
    FileType.PDF: "application/pdf",
    FileType.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileType.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    FileType.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileType.ODT: "application/vnd.oasis.opendocument.text",
    FileType.ODP: "application/vnd.oasis.opendocument.presentation",
    FileType.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    FileType.HTML: "text/plain; charset=utf-8",
    FileType.TEXT: "text/plain; charset=utf-8",
    FileType.PNG: "image/png",
    FileType.JPEG: "image/jpeg",
    FileType.WEBP: "image/webp",
}
IMAGE_TYPES = (FileType.JPEG, FileType.PNG, FileType.WEBP)
# ZIP archives: see `reject_active_content`
OFFICE_TYPES = (FileType.DOCX, FileType.PPTX, FileType.XLSX, FileType.ODT, FileType.ODP, FileType.ODS)


class Readable(Protocol):
    """A file-like object: Django's `UploadedFile`, or any other that can be read in chunks."""

    def read(self, size: int = ..., /) -> bytes: ...


def read_with_limit(file: Readable, *, limit: int) -> bytes:
    """Return the content of a file. Stop and raise `FileTooLarge` one byte after `limit`, to bound the memory used."""
    chunks, remaining = [], limit + 1
    while remaining > 0 and (chunk := file.read(min(remaining, 64 * 1024))):
        chunks.append(chunk)
        remaining -= len(chunk)
    if remaining <= 0:
        raise FileTooLarge(limit)
    return b"".join(chunks)


def detect_file_type(content: bytes) -> FileType | None:
    """Return the type of the content, or None if it is not a type that Samsvar uses.

    Raises `UnpackedTooLarge` for a document that unpacks to an unreasonable size.
    """
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileType.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return FileType.JPEG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return FileType.WEBP
    if content.startswith(b"PK\x03\x04"):
        return _detect_office_type(content)
    if content[:1024].lstrip(b"\xef\xbb\xbf\0 \t\r\n").startswith(b"%PDF-"):
        return FileType.PDF
    text = _decode_text(content)
    if text is None:
        return None
    return FileType.HTML if _MARKUP.search(text[:4096].encode("utf-8", "replace")) else FileType.TEXT


def check_file_type(content: bytes, *accepted_types: FileType) -> FileType:
    """Return the type of the content. Raises `WrongFileType` if it is not one of the accepted types."""
    file_type = detect_file_type(content)
    if file_type not in accepted_types or file_type is None:
        raise WrongFileType(accepted_types)
    return file_type


def _detect_office_type(content: bytes) -> FileType | None:
    """Return the document type of a ZIP archive, or None. Nothing is unpacked to find it.

    The archive's declared size may be false, so code that unpacks it has to count the bytes itself (as
    monitoring/docx.py does).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members, format_ = archive.infolist(), detect_office_format(archive)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
        return None
    if not format_:
        return None
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise UnpackedTooLarge
    return FileType(format_)


def _decode_text(content: bytes) -> str | None:
    """Return the content as text, or None if it is empty or has too many control characters."""
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
            text = content.decode("cp1252", "replace")  # the encoding of Western versions of Windows
    sample = text[:65536]
    control_characters = sum(ord(c) < 9 or 13 < ord(c) < 32 or c == "�" for c in sample)
    return text if control_characters * 200 <= len(sample) else None


# --- Images -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CleanImage:
    """An image re-encoded for storage: at most 640 pixels on each side, and without metadata."""

    content: bytes
    format: str  # "webp"
    width: int
    height: int


def clean_image(file: Readable | bytes) -> CleanImage:
    """Return an uploaded image ready for storage: size-checked, scanned, decoded, rotated upright and re-encoded.

    Colour profiles are removed with all other metadata, because they can contain a name; faces remain recognisable
    without them.
    """
    content = file if isinstance(file, bytes) else read_with_limit(file, limit=MAX_PICTURE_BYTES)
    if len(content) > MAX_PICTURE_BYTES:
        read_with_limit(io.BytesIO(content), limit=MAX_PICTURE_BYTES)
    check_file_type(content, *IMAGE_TYPES)
    scan_for_viruses(content)
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=list(MAX_PIXELS)) as image:
            _check_dimensions(image)
            image.verify()  # checks checksums and structure; the file has to be reopened afterwards
        with Image.open(io.BytesIO(content), formats=list(MAX_PIXELS)) as image:
            image.draft("RGB", (2 * MAX_SIDE, 2 * MAX_SIDE))
            image.load()
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
            canvas = Image.new("RGB", upright.size, "white")  # a new image has no metadata
            if upright.has_transparency_data:
                layer = upright.convert("RGBA")
                canvas.paste(layer, mask=layer.getchannel("A"))
            else:
                canvas.paste(upright.convert("RGB"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise TooManyPixels from exc
    except UploadRejected:
        raise
    except Exception as broken:  # decoders fail in many ways, and all mean the same to the sender
        raise ImageUnreadable from broken
    buffer = io.BytesIO()
    canvas.save(buffer, "WEBP", quality=WEBP_QUALITY, method=4)
    return CleanImage(buffer.getvalue(), "webp", *canvas.size)


def _check_dimensions(image: Any) -> None:
    """Check the dimensions in the file's header before decoding."""
    # MPO is a phone's photograph with a second image in the file
    image_format = "JPEG" if image.format == "MPO" else image.format
    if image.width * image.height > MAX_PIXELS[image_format]:
        raise TooManyPixels
    if image_format != "JPEG" and getattr(image, "n_frames", 1) > 1:
        raise AnimatedImage


# --- Private storage --------------------------------------------------------------------------------------------------


def store_private_file(content: bytes) -> str:
    """Store the content and return its hash. An existing file is written again, to update its modification time."""
    hash_ = hash_content(content)
    default_storage.save(_storage_path(hash_), ContentFile(content))
    return hash_


def read_private_file(hash_: str) -> bytes | None:
    """Return the content with this hash; None if it is missing or altered, or if the hash is malformed."""
    if not _HASH.fullmatch(hash_):
        return None
    try:
        with default_storage.open(_storage_path(hash_), "rb") as file:
            content: bytes = file.read()
    except FileNotFoundError:
        return None
    return content if hash_content(content) == hash_ else None


def delete_private_file(hash_: str) -> None:
    """Delete the content with this hash, if it exists.

    The caller must ensure that no other row refers to it.
    """
    if _HASH.fullmatch(hash_):
        with contextlib.suppress(FileNotFoundError):
            default_storage.delete(_storage_path(hash_))


def list_private_files() -> Iterator[tuple[str, datetime]]:
    """Yield the hash and modification time of every private file."""
    with contextlib.suppress(FileNotFoundError):  # nothing was ever stored
        for folder in sorted(default_storage.listdir(PRIVATE_FOLDER)[0]):
            for name in sorted(default_storage.listdir(f"{PRIVATE_FOLDER}/{folder}")[1]):
                if _HASH.fullmatch(name):
                    with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                        yield name, default_storage.get_modified_time(_storage_path(name))


def _storage_path(hash_: str) -> str:
    return f"{PRIVATE_FOLDER}/{hash_[:2]}/{hash_}"


# --- Serving files ----------------------------------------------------------------------------------------------------


def file_response(content: bytes, file_type: FileType | str, filename: str, *, inline: bool = False) -> HttpResponse:
    """Return a file as a response that browsers do not run, sniff, embed elsewhere or cache.

    `inline` applies to images only.
    """
    file_type = FileType(file_type)
    response = HttpResponse(content, content_type=CONTENT_TYPES[file_type])
    shown_inline = inline and file_type in IMAGE_TYPES
    disposition = content_disposition_header(as_attachment=not shown_inline, filename=safe_filename(filename))
    response["Content-Disposition"] = disposition or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def safe_filename(filename: str) -> str:
    """Return a safe file name: without folders, invisible characters or characters that change the text direction."""
    basename = re.split(r"[/\\]", filename)[-1]
    visible = "".join(c for c in basename if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    return visible.strip(" .")[:150] or "file"
