"""Uploaded files: typed by their content, cleaned, stored under their hash, and served so that nothing runs."""

from __future__ import annotations

import io
import socket
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring import models, storage
from samsvar.site.shell import antivirus, uploads
from samsvar.site.shell import office_documents as office
from samsvar.site.shell.antivirus import (
    FileInfected,
    InvalidScannerAddress,
    Scanner,
    ScannerUnavailable,
    parse_scanner_address,
)
from samsvar.site.shell.office_documents import (
    ContainsMacros,
    ContainsRemoteContent,
    DocumentUncheckable,
    reject_active_content,
)
from samsvar.site.shell.uploads import (
    AnimatedImage,
    FileTooLarge,
    FileType,
    ImageUnreadable,
    TooManyPixels,
    UnpackedTooLarge,
    WrongFileType,
    check_file_type,
    clean_image,
    delete_private_file,
    detect_file_type,
    file_response,
    read_private_file,
    read_with_limit,
    safe_filename,
    store_private_file,
)
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_pdf
from tests.factories.stored import storage_settings

SECRET = "written by the camera of a fictional person"
# The harmless test file that the antivirus vendors agreed on, split in two so that no scanner objects to this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture(autouse=True)
def empty_storage(settings, tmp_path):
    settings.STORAGES = storage_settings(tmp_path)


def make_picture(format_: str = "JPEG", size: tuple[int, int] = (900, 600), **how: object) -> bytes:
    """Create a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    written = io.BytesIO()
    image.save(written, format_, **how)
    return written.getvalue()


def make_docx(**members: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in ({"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"} | members).items():
            archive.writestr(name, text)
    return written.getvalue()


def make_archive(*members: tuple[str, str | bytes]) -> bytes:
    """Create a ZIP archive whose first member is not compressed, as OpenDocument requires of its type."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, text) in enumerate(members):
            archive.writestr(name, text, zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED)
    return written.getvalue()


TYPES_XML = ("[Content_Types].xml", "<Types/>")
RELS = "http://schemas.openxmlformats.org"
ODF = "application/vnd.oasis.opendocument."


def make_odf(kind: str, text: str = "<office:document-content/>", *more: tuple[str, str]) -> bytes:
    return make_archive(("mimetype", ODF + kind), ("content.xml", text), *more)


def make_slides_with_link(target: str, kind: str = "image") -> bytes:
    """Create slides with one external relationship."""
    relation = f'<Relationship Id="r1" Type="{RELS}/officeDocument/2006/relationships/{kind}" TargetMode="External" '
    relations = (
        f'<Relationships xmlns="{RELS}/package/2006/relationships">{relation}Target="{target}"/></Relationships>'
    )
    return make_archive(TYPES_XML, ("ppt/presentation.xml", "<p/>"), ("ppt/slides/_rels/slide1.xml.rels", relations))


def open_picture(picture: uploads.CleanImage) -> Image.Image:
    return Image.open(io.BytesIO(picture.content))


# --- How files are served ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (make_pdf(), FileType.PDF),
        (b"\xef\xbb\xbf%PDF-1.7\n", FileType.PDF),
        (make_docx(), FileType.DOCX),
        (make_archive(TYPES_XML, ("ppt/presentation.xml", "<p/>")), FileType.PPTX),
        (make_archive(TYPES_XML, ("xl/workbook.xml", "<w/>")), FileType.XLSX),
        (make_odf("text"), FileType.ODT),
        (make_odf("presentation"), FileType.ODP),
        (make_odf("spreadsheet"), FileType.ODS),
        (make_odf("graphics"), None),
        (make_archive(("content.xml", ""), ("mimetype", ODF + "text")), None),
        (make_archive(("ppt/presentation.xml", "<p/>")), None),
        (b"<!DOCTYPE html><title>A report</title>", FileType.HTML),
        (b"\n\n  <script>alert(1)</script>", FileType.HTML),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", FileType.HTML),
        ("1. La GREVIO prie instamment les autorités.".encode(), FileType.TEXT),
        ("1. Autoritățile".encode("utf-16"), FileType.TEXT),
        ("les autorités".encode("cp1252"), FileType.TEXT),
        (make_picture("JPEG"), FileType.JPEG),
        (make_picture("PNG"), FileType.PNG),
        (make_picture("WEBP"), FileType.WEBP),
        (b"", None),
        (b" \n\0 ", None),
        (make_picture("GIF"), None),
        (make_picture("BMP"), None),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(64), None),
        (b"\x7fELF\x02\x01\x01" + bytes(64), None),
        (b"PK\x03\x04" + bytes(64), None),
        (bytes(range(256)) * 4, None),
    ],
)
def test_the_type_of_a_file_is_detected_from_its_content(content, kind):
    assert detect_file_type(content) == kind


def test_a_zip_archive_that_is_not_a_word_document_has_no_type():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("readme.txt", "word/document.xml")
    assert detect_file_type(written.getvalue()) is None


@pytest.mark.parametrize(
    "content",
    [
        make_docx(**{"word/vbaProject.bin": "program"}),
        make_archive(TYPES_XML, ("ppt/presentation.xml", "<p/>"), ("ppt/VBAPROJECT.BIN", "program")),
        make_archive(TYPES_XML, ("xl/workbook.xml", "<w/>"), ("xl/macrosheets/sheet1.xml", "<m/>")),
        make_archive(TYPES_XML, ("ppt/presentation.xml", "<p/>"), ("ppt/embeddings/sums.xlsm", "PK")),
        make_archive(TYPES_XML, ("ppt/presentation.xml", "<p/>"), ("ppt/activeX/activeX1.bin", "x")),
        make_archive(
            (
                "[Content_Types].xml",
                '<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled"/></Types>',
            ),
            ("word/document.xml", "<d/>"),
        ),
        make_odf("text", "<office:document-content/>", ("Basic/Standard/Module1.xml", "<module/>")),
        make_odf("presentation", '<a><script:event-listener script:language="ooo:script"/></a>'),
    ],
)
def test_a_document_with_macros_is_refused(content):
    assert detect_file_type(content) in uploads.OFFICE_TYPES
    with pytest.raises(ContainsMacros):
        reject_active_content(content)


@pytest.mark.parametrize(
    "content",
    [
        make_slides_with_link("https://elsewhere.example/pixel.png"),
        make_slides_with_link("\\\\elsewhere.example\\share\\pixel.png"),
        make_slides_with_link("file://elsewhere.example/share/template.potx", "attachedTemplate"),
        make_slides_with_link("http://elsewhere.example/template.dotm", "attachedTemplate"),
        make_odf("presentation", '<draw:image xlink:type="simple" xlink:href="https://elsewhere.example/pixel.png"/>'),
    ],
)
def test_a_document_that_loads_something_when_it_is_opened_is_refused(content):
    with pytest.raises(ContainsRemoteContent) as refusal:
        reject_active_content(content)
    assert "elsewhere.example" in str(refusal.value)


def test_links_videos_and_embedded_content_are_allowed():
    for content in (
        make_docx(),
        make_slides_with_link("https://elsewhere.example/", "hyperlink"),
        make_slides_with_link("https://elsewhere.example/film", "video"),
        make_slides_with_link("file:///C:/Users/somebody/template.potx", "attachedTemplate"),
        make_odf(
            "presentation",
            '<office:scripts/><draw:image xlink:href="Pictures/1.png"/><text:a xlink:href="https://elsewhere.example/"/>'
            '<presentation:event-listener script:event-name="dom:click" presentation:action="next-page"/>',
        ),
    ):
        reject_active_content(content)


def test_a_document_that_cannot_be_inspected_is_refused(monkeypatch):
    broken = make_archive(TYPES_XML, ("ppt/presentation.xml", "<p/>"), ("_rels/.rels", "<Relationships>"))
    with pytest.raises(DocumentUncheckable):
        reject_active_content(broken)
    monkeypatch.setattr(office, "MAX_XML_BYTES", 1_000)
    with pytest.raises(DocumentUncheckable):
        reject_active_content(make_odf("text", "a" * 2_000))


def test_an_html_page_named_as_a_pdf_is_refused():
    page = SimpleUploadedFile("report.pdf", b"<html><script>alert(1)</script>", content_type="application/pdf")
    with pytest.raises(WrongFileType) as refusal:
        check_file_type(page.read(), FileType.PDF, FileType.DOCX)
    assert refusal.value.full_message() == (
        "This file is not one of the accepted types: PDF, DOCX. The type is determined by the file’s content, not by "
        "its name. Nothing was saved."
        " Save the file in one of these formats, then choose the new file."
    )


@given(st.binary(max_size=300))
def test_detecting_the_type_of_any_bytes_never_fails(content):
    assert detect_file_type(content) in {*FileType, None}


def test_a_document_that_unpacks_to_too_much_is_refused_without_being_opened(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UNPACKED_BYTES", 1_000_000)
    bomb = make_docx(**{"word/media/zeros": "0" * 2_000_000})
    assert len(bomb) < 10_000
    with pytest.raises(UnpackedTooLarge):
        detect_file_type(bomb)
    monkeypatch.setattr(uploads, "MAX_UNPACKED_BYTES", 10_000_000)
    assert detect_file_type(bomb) is FileType.DOCX
    monkeypatch.setattr(uploads, "MAX_MEMBERS", 2)
    with pytest.raises(UnpackedTooLarge):
        detect_file_type(bomb)


class EndlessFile:
    """A file that never ends and counts how much was read."""

    taken = 0

    def read(self, size: int = -1, /) -> bytes:
        assert 0 < size <= 64 * 1024
        self.taken += size
        return b"0" * size


def test_a_file_over_its_limit_is_refused_before_the_rest_is_read():
    endless = EndlessFile()
    with pytest.raises(FileTooLarge):
        read_with_limit(endless, limit=100_000)
    assert endless.taken == 100_001
    assert read_with_limit(io.BytesIO(b"0" * 100_000), limit=100_000) == b"0" * 100_000


# --- Pictures -------------------------------------------------------------------------------------------------------


def make_picture_with_metadata(format_: str) -> bytes:
    """Create a picture with a location, a camera, a comment, a colour profile and an edit history."""
    exif = Image.Exif()
    exif[0x010F] = SECRET  # camera maker
    exif[0x9286] = SECRET  # user comment
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 35.0, 1.0), 3: "E", 4: (7.0, 46.0, 24.0)})  # location
    how: dict[str, object] = {"exif": exif, "icc_profile": b"a profile " + SECRET.encode()}
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
    if format_ == "PNG":
        chunks = PngImagePlugin.PngInfo()
        chunks.add_text("Author", SECRET)
        chunks.add_text("Comment", SECRET, zip=True)
        chunks.add_itxt("XML:com.adobe.xmp", xmp.decode())
        how["pnginfo"] = chunks
    elif format_ == "JPEG":
        how |= {"comment": SECRET.encode(), "xmp": xmp}
    else:
        how["xmp"] = xmp
    return make_picture(format_, **how) + SECRET.encode()  # and data after the end of the file


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_all_metadata_of_a_picture_are_removed(format_):
    content = make_picture_with_metadata(format_)
    before = Image.open(io.BytesIO(content))
    assert before.getexif().get_ifd(0x8825)[2] == (48.0, 35.0, 1.0)  # make sure there is a location to remove
    assert content.count(SECRET.encode()) >= 3
    after = clean_image(content)
    picture = open_picture(after)
    assert (after.format, after.width, after.height, picture.format, picture.size) == (
        "webp", 640, 427, "WEBP", (640, 427),
    )  # fmt: skip
    assert dict(picture.getexif()) == {}
    assert set(picture.info) <= {"loop", "background", "timestamp", "duration"}  # what Pillow reports for any WebP file
    assert SECRET.encode() not in after.content
    assert not {b"EXIF", b"XMP ", b"ICCP"} & {after.content[i : i + 4] for i in range(12, len(after.content) - 3)}
    red, blue = picture.getpixel((100, 200)), picture.getpixel((540, 200))
    assert (red[0] > 200, red[2] < 60, blue[0] < 60, blue[2] > 200) == (True, True, True, True)


def test_a_picture_taken_sideways_is_turned_upright_and_loses_its_orientation_tag():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the left side is the top
    picture = open_picture(clean_image(make_picture("JPEG", exif=exif)))
    assert (picture.size, 0x0112 in picture.getexif()) == ((427, 640), False)
    assert picture.getpixel((200, 50))[0] > 200  # red, on the left before, is now at the top


def test_a_transparent_picture_gets_a_white_background():
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    written = io.BytesIO()
    image.save(written, "PNG")
    assert open_picture(clean_image(written.getvalue())).getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_picture_in_any_colour_mode_is_accepted(mode):
    written = io.BytesIO()
    Image.new(mode, (30, 20)).save(written, "PNG")
    assert open_picture(clean_image(written.getvalue())).size == (30, 20)


def test_an_animated_picture_is_refused():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    for format_ in ("PNG", "WEBP"):
        written = io.BytesIO()
        frames[0].save(written, format_, save_all=True, append_images=frames[1:], duration=100)
        with pytest.raises(AnimatedImage):
            clean_image(written.getvalue())


def test_only_the_first_image_of_a_multi_picture_file_is_kept():
    """Some phones write this (MPO): the second image could be someone's uncropped picture."""
    written = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(
        written, "MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), "blue")]
    )
    assert Image.open(io.BytesIO(written.getvalue())).n_frames == 2
    picture = open_picture(clean_image(written.getvalue()))
    assert (getattr(picture, "n_frames", 1), picture.size) == (1, (60, 40))


def make_png_claiming_size(width: int, height: int) -> bytes:
    """Create a PNG of a few bytes whose header claims this many pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack("!I", len(content)) + name + content + struct.pack("!I", zlib.crc32(name + content))

    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(5_000, 5_000), (10_000, 10_000), (60_000, 60_000), (2_000_000, 100)])
def test_a_small_file_with_a_huge_picture_is_refused_without_being_decoded(size):
    bomb = make_png_claiming_size(*size)
    assert len(bomb) < 2_000
    with pytest.raises(TooManyPixels):
        clean_image(bomb)


def test_a_picture_with_a_huge_compressed_comment_is_refused():
    packed = zlib.compress(b"0" * 200_000_000)
    content = make_picture("PNG", size=(8, 8))
    text = b"Comment\0\0" + packed
    chunk = struct.pack("!I", len(text)) + b"zTXt" + text + struct.pack("!I", zlib.crc32(b"zTXt" + text))
    with pytest.raises(ImageUnreadable):
        clean_image(content[:33] + chunk + content[33:])


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_a_damaged_picture_is_refused_with_a_specific_error(format_):
    whole = make_picture(format_, size=(300, 200))
    for content in (whole[: len(whole) // 2], whole[:40], whole[:30] + bytes(len(whole) - 30)):
        with pytest.raises((ImageUnreadable, WrongFileType)):
            clean_image(content)


@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 400), st.binary(min_size=1, max_size=20))
def test_a_picture_with_any_bytes_changed_is_accepted_or_refused_cleanly(format_, place, other):
    whole = make_picture(format_, size=(40, 30))
    content = whole[:place] + other + whole[place + len(other) :]
    try:
        picture = clean_image(content)
    except uploads.UploadRejected:
        return
    assert max(open_picture(picture).size) <= 640


def test_a_file_that_only_claims_to_be_a_picture_is_refused():
    for content in (b"<svg onload='alert(1)'/>", b"GIF89a" + bytes(40), make_pdf(), b"", b"\0" * 100):
        with pytest.raises(WrongFileType):
            clean_image(SimpleUploadedFile("face.jpg", content, content_type="image/jpeg"))


def test_an_html_page_hidden_in_a_picture_is_removed():
    """Such a file is a picture to one program and a page to another."""
    content = make_picture("JPEG", comment=b"<script>alert(1)</script>") + b"<html><script>alert(2)</script></html>"
    assert b"<script>" in content
    assert b"<script>" not in clean_image(content).content


def test_a_picture_over_ten_megabytes_is_refused_before_it_is_inspected(monkeypatch):
    monkeypatch.setattr(uploads, "check_file_type", lambda *_: pytest.fail("it was looked at"))
    for file in (SimpleUploadedFile("face.jpg", bytes(10 * 1024 * 1024 + 1)), bytes(10 * 1024 * 1024 + 1)):
        with pytest.raises(FileTooLarge):
            clean_image(file)


# --- Where files are stored -------------------------------------------------------------------------------------------


def test_private_files_are_stored_under_their_hash_apart_from_reports(tmp_path):
    hash_ = store_private_file(b"a fictional face")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        f"private/{hash_[:2]}/{hash_}"
    ]
    assert (tmp_path / f"private/{hash_[:2]}/{hash_}").stat().st_mode & 0o077 == 0  # no access for other users
    assert read_private_file(hash_) == b"a fictional face"
    assert storage.fetch(hash_) is None  # the storage of reports does not find it
    delete_private_file(hash_)
    delete_private_file(hash_)
    assert read_private_file(hash_) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_private_file_that_does_not_match_its_hash_is_not_returned(tmp_path):
    hash_ = store_private_file(b"a fictional face")
    (tmp_path / f"private/{hash_[:2]}/{hash_}").write_bytes(b"another face")
    assert read_private_file(hash_) is None


@pytest.mark.parametrize(
    "name", ["../secret-key", "../../etc/passwd", "/etc/passwd", "", "a" * 63, "A" * 64, "a" * 64 + "\n"]
)
def test_a_name_that_is_not_a_hash_reaches_no_file(tmp_path, name):
    beside = tmp_path / "secret-key"
    beside.write_text("a secret")
    (tmp_path / "private").mkdir()
    assert (tmp_path / "private/../secret-key").exists()  # make sure there is a file to reach
    assert read_private_file(name) is None
    delete_private_file(name)
    assert beside.exists()


# --- How files are served ---------------------------------------------------------------------------------------------


def test_a_file_is_served_so_that_no_browser_executes_or_caches_it():
    answer = file_response(b"<script>alert(1)</script>", FileType.HTML, 'the "report".html')
    assert dict(answer.headers) == {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": 'attachment; filename="the \\"report\\".html"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def test_only_pictures_are_shown_inline():
    shown = {kind: file_response(b"", kind, "file", inline=True)["Content-Disposition"] for kind in FileType}
    assert {kind for kind, said in shown.items() if said.startswith("inline")} == {
        FileType.PNG,
        FileType.JPEG,
        FileType.WEBP,
    }


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\somebody\\report.pdf", "report.pdf"),
        ("a\r\nSet-Cookie: x=1", "aSet-Cookie: x=1"),
        ("report\u202efdp.exe", "reportfdp.exe"),
        ("..", "file"),
        ("", "file"),
        ("été.pdf", "été.pdf"),
        ("x" * 500, "x" * 150),
    ],
)
def test_a_file_is_served_under_a_safe_name(said, kept):
    assert safe_filename(said) == kept


@given(st.text(max_size=60))
def test_no_file_name_can_break_the_header(name):
    header = file_response(b"", FileType.PDF, name)["Content-Disposition"]
    assert header.startswith("attachment")
    assert "\n" not in header
    assert "\r" not in header


# --- The virus scanner --------------------------------------------------------------------------------------------


class FakeClamd(threading.Thread):
    """A fake clamd that speaks INSTREAM, detects only the EICAR text and records the content it was sent."""

    def __init__(self, listening: socket.socket, reply: bytes | None = None) -> None:
        super().__init__(daemon=True)
        self.listening, self.reply, self.sent = listening, reply, []

    def run(self) -> None:
        with self.listening:
            while True:
                talk, _ = self.listening.accept()
                with talk:
                    if not self.answer(talk):
                        return

    def answer(self, talk: socket.socket) -> bool:
        heard = talk.makefile("rb")
        command = heard.read(10)
        if command != b"zINSTREAM\0":
            return False
        content = b""
        while size := struct.unpack("!I", heard.read(4))[0]:
            content += heard.read(size)
        self.sent.append(content)
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        talk.sendall(found if self.reply is None else self.reply)
        return True


@contextmanager
def run_clamd(settings, tmp_path: Path, reply: bytes | None = None, *, unix: bool = False) -> Iterator[FakeClamd]:
    if unix:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(tmp_path / "clamd"))
        listening.listen()
        settings.SAMSVAR_CLAMAV = f"unix:{tmp_path / 'clamd'}"
    else:
        listening = socket.create_server(("127.0.0.1", 0))
        settings.SAMSVAR_CLAMAV = f"127.0.0.1:{listening.getsockname()[1]}"
    clamd = FakeClamd(listening, reply)
    clamd.start()
    try:
        yield clamd
    finally:
        with parse_scanner_address(settings.SAMSVAR_CLAMAV)._connect() as talk:
            talk.sendall(b"zEND......")
        clamd.join(5)


@pytest.mark.parametrize("unix", [False, True], ids=["host and port", "Unix socket"])
def test_the_scanner_gets_the_whole_file_and_its_verdict_counts(settings, tmp_path, unix):
    large = bytes(200_000) + b"the end"
    with run_clamd(settings, tmp_path, unix=unix) as clamd:
        antivirus.scan_for_viruses(large)
        antivirus.scan_for_viruses(b"")
        with pytest.raises(FileInfected) as refusal:
            antivirus.scan_for_viruses(bytes(70_000) + EICAR)
    assert clamd.sent == [large, b"", bytes(70_000) + EICAR]
    assert (refusal.value.code, refusal.value.signature) == ("file_infected", "Eicar-Test-Signature")
    assert refusal.value.full_message() == (
        "The virus scanner detected something in this file: Eicar-Test-Signature. Nothing was saved."
        " Tell your IT support team and the person who gave you the file."
    )


@pytest.mark.parametrize(
    "reply",
    [b"", b"\0", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OKAY\0", b"OK\0", b"\xff\xfe\0", b"x" * 9000],
)
def test_a_file_is_refused_if_the_scanner_gives_no_clear_answer(settings, tmp_path, reply):
    with run_clamd(settings, tmp_path, reply) as clamd, pytest.raises(ScannerUnavailable):
        antivirus.scan_for_viruses(b"a file")
    assert clamd.sent == [b"a file"]


def test_a_file_is_refused_if_the_scanner_is_unreachable(settings, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    for address in (f"127.0.0.1:{port}", f"unix:{tmp_path / 'nobody'}"):
        settings.SAMSVAR_CLAMAV = address
        with pytest.raises(ScannerUnavailable):
            antivirus.scan_for_viruses(b"a file")


def test_a_file_is_refused_if_the_scanner_never_answers(settings, monkeypatch):
    monkeypatch.setattr(antivirus, "SOCKET_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.SAMSVAR_CLAMAV = f"127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(ScannerUnavailable):
            antivirus.scan_for_viruses(b"a file")


def test_a_site_without_a_scanner_scans_nothing(settings):
    settings.SAMSVAR_CLAMAV = ""
    antivirus.scan_for_viruses(EICAR)


@pytest.mark.parametrize(
    ("address", "scanner"),
    [
        ("", None),
        ("unix:/run/clamav/clamd.ctl", Scanner(path="/run/clamav/clamd.ctl")),
        ("scanner.example:3310", Scanner(host="scanner.example", port=3310)),
        ("[::1]:3310", Scanner(host="::1", port=3310)),
    ],
)
def test_the_scanner_setting_is_parsed(address, scanner):
    assert parse_scanner_address(address) == scanner


@pytest.mark.parametrize("address", ["clamd", "clamd:", ":3310", "clamd:port", "clamd:0", "clamd:99999", "unix:clamd"])
def test_an_invalid_scanner_setting_is_refused(address):
    with pytest.raises(InvalidScannerAddress):
        parse_scanner_address(address)


def test_a_picture_is_scanned_before_it_is_decoded(settings, tmp_path):
    infected = make_picture("JPEG", comment=EICAR)
    with run_clamd(settings, tmp_path):
        assert clean_image(make_picture("JPEG")).format == "webp"
        with pytest.raises(FileInfected):
            clean_image(infected)


@pytest.fixture
def editor(client, db):
    load_convention()
    return sign_in(client, make_account(Role.EDITOR))


def upload_report(editor, content: bytes):
    file = SimpleUploadedFile("report.txt", content)
    return editor.post(reverse("monitoring:upload"), {"file": file, "body": "grevio", "state": "XA", "published": ""})


def test_an_infected_report_is_refused_before_anything_is_saved(settings, tmp_path, editor):
    kept = tmp_path / "kept"
    settings.STORAGES = storage_settings(kept)
    with run_clamd(settings, tmp_path):
        answer = upload_report(editor, b"1. GREVIO urges the authorities. " + EICAR)
        assert (answer.status_code, models.Upload.objects.count(), list(tmp_path.rglob("reports"))) == (422, 0, [])
        assert "The virus scanner detected something in this file: Eicar-Test-Signature." in answer.content.decode()
        assert upload_report(editor, b"1. GREVIO urges the authorities to act.").status_code == 302  # clean: accepted
    assert models.Upload.objects.count() == 1
    assert list(kept.rglob("reports")) != []


def test_no_report_is_accepted_while_the_scanner_is_unreachable(settings, tmp_path, editor):
    settings.SAMSVAR_CLAMAV = f"unix:{tmp_path / 'nobody'}"
    answer = upload_report(editor, b"1. GREVIO urges the authorities to act.")
    assert (answer.status_code, models.Upload.objects.count(), list(tmp_path.rglob("reports"))) == (422, 0, [])
    assert "The virus scanner is not responding" in answer.content.decode()
