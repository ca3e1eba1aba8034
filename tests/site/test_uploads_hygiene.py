"""What comes in as a file is known by its content, is cleaned, lies under its hash and goes out without running."""

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
from samsvar.site.shell.antivirus import BadScannerAddress, Infected, Scanner, ScannerSilent, scanner_at
from samsvar.site.shell.office_documents import FetchesFromElsewhere, HoldsMacros, TooMuchToLookAt, refuse_what_runs
from samsvar.site.shell.uploads import (
    Kind,
    PictureMoves,
    PictureUnreadable,
    TooManyBytes,
    TooManyPixels,
    UnpacksTooLarge,
    WrongKind,
    clean_picture,
    demand,
    fetch_private,
    kind_of,
    read_bounded,
    remove_private,
    safe_name,
    safe_response,
    store_private,
)
from tests.factories.people import make_account, sign_in
from tests.factories.reports import a_pdf
from tests.factories.stored import storages_in

SECRET = "written by the camera of an invented person"
# What the antivirus trade agreed on to try a scanner with; harmless, and cut in two so that no scanner minds this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture(autouse=True)
def an_empty_storage(settings, tmp_path):
    settings.STORAGES = storages_in(tmp_path)


def a_picture(format_: str = "JPEG", size: tuple[int, int] = (900, 600), **how: object) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    written = io.BytesIO()
    image.save(written, format_, **how)
    return written.getvalue()


def a_docx(**members: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in ({"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"} | members).items():
            archive.writestr(name, text)
    return written.getvalue()


def an_archive(*members: tuple[str, str | bytes]) -> bytes:
    """A ZIP archive, its first member as it is: so an OpenDocument file says what it is."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, text) in enumerate(members):
            archive.writestr(name, text, zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED)
    return written.getvalue()


TYPES_XML = ("[Content_Types].xml", "<Types/>")
RELS = "http://schemas.openxmlformats.org"
ODF = "application/vnd.oasis.opendocument."


def an_odf(kind: str, text: str = "<office:document-content/>", *more: tuple[str, str]) -> bytes:
    return an_archive(("mimetype", ODF + kind), ("content.xml", text), *more)


def slides_with(target: str, kind: str = "image") -> bytes:
    """Slides that lead out of themselves once."""
    relation = f'<Relationship Id="r1" Type="{RELS}/officeDocument/2006/relationships/{kind}" TargetMode="External" '
    relations = (
        f'<Relationships xmlns="{RELS}/package/2006/relationships">{relation}Target="{target}"/></Relationships>'
    )
    return an_archive(TYPES_XML, ("ppt/presentation.xml", "<p/>"), ("ppt/slides/_rels/slide1.xml.rels", relations))


def opened(picture: uploads.Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.content))


# --- What a file is, its content says ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (a_pdf(), Kind.PDF),
        (b"\xef\xbb\xbf%PDF-1.7\n", Kind.PDF),
        (a_docx(), Kind.DOCX),
        (an_archive(TYPES_XML, ("ppt/presentation.xml", "<p/>")), Kind.PPTX),
        (an_archive(TYPES_XML, ("xl/workbook.xml", "<w/>")), Kind.XLSX),
        (an_odf("text"), Kind.ODT),
        (an_odf("presentation"), Kind.ODP),
        (an_odf("spreadsheet"), Kind.ODS),
        (an_odf("graphics"), None),
        (an_archive(("content.xml", ""), ("mimetype", ODF + "text")), None),
        (an_archive(("ppt/presentation.xml", "<p/>")), None),
        (b"<!DOCTYPE html><title>A report</title>", Kind.HTML),
        (b"\n\n  <script>alert(1)</script>", Kind.HTML),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", Kind.HTML),
        ("1. La GREVIO prie instamment les autorités.".encode(), Kind.TEXT),
        ("1. Autoritățile".encode("utf-16"), Kind.TEXT),
        ("les autorités".encode("cp1252"), Kind.TEXT),
        (a_picture("JPEG"), Kind.JPEG),
        (a_picture("PNG"), Kind.PNG),
        (a_picture("WEBP"), Kind.WEBP),
        (b"", None),
        (b" \n\0 ", None),
        (a_picture("GIF"), None),
        (a_picture("BMP"), None),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(64), None),
        (b"\x7fELF\x02\x01\x01" + bytes(64), None),
        (b"PK\x03\x04" + bytes(64), None),
        (bytes(range(256)) * 4, None),
    ],
)
def test_a_file_is_what_its_content_says(content, kind):
    assert kind_of(content) == kind


def test_an_archive_that_is_no_word_document_is_none():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("readme.txt", "word/document.xml")
    assert kind_of(written.getvalue()) is None


@pytest.mark.parametrize(
    "content",
    [
        a_docx(**{"word/vbaProject.bin": "program"}),
        an_archive(TYPES_XML, ("ppt/presentation.xml", "<p/>"), ("ppt/VBAPROJECT.BIN", "program")),
        an_archive(TYPES_XML, ("xl/workbook.xml", "<w/>"), ("xl/macrosheets/sheet1.xml", "<m/>")),
        an_archive(TYPES_XML, ("ppt/presentation.xml", "<p/>"), ("ppt/embeddings/sums.xlsm", "PK")),
        an_archive(TYPES_XML, ("ppt/presentation.xml", "<p/>"), ("ppt/activeX/activeX1.bin", "x")),
        an_archive(
            (
                "[Content_Types].xml",
                '<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled"/></Types>',
            ),
            ("word/document.xml", "<d/>"),
        ),
        an_odf("text", "<office:document-content/>", ("Basic/Standard/Module1.xml", "<module/>")),
        an_odf("presentation", '<a><script:event-listener script:language="ooo:script"/></a>'),
    ],
)
def test_a_document_with_a_program_in_it_is_refused(content):
    assert kind_of(content) in uploads.OF_OFFICES
    with pytest.raises(HoldsMacros):
        refuse_what_runs(content)


@pytest.mark.parametrize(
    "content",
    [
        slides_with("https://elsewhere.example/pixel.png"),
        slides_with("\\\\elsewhere.example\\share\\pixel.png"),
        slides_with("file://elsewhere.example/share/template.potx", "attachedTemplate"),
        slides_with("http://elsewhere.example/template.dotm", "attachedTemplate"),
        an_odf("presentation", '<draw:image xlink:type="simple" xlink:href="https://elsewhere.example/pixel.png"/>'),
    ],
)
def test_a_document_that_fetches_something_when_it_is_opened_is_refused(content):
    with pytest.raises(FetchesFromElsewhere) as refusal:
        refuse_what_runs(content)
    assert "elsewhere.example" in str(refusal.value)


def test_links_films_and_what_lies_in_the_document_stay():
    for content in (
        a_docx(),
        slides_with("https://elsewhere.example/", "hyperlink"),
        slides_with("https://elsewhere.example/film", "video"),
        slides_with("file:///C:/Users/somebody/template.potx", "attachedTemplate"),
        an_odf(
            "presentation",
            '<office:scripts/><draw:image xlink:href="Pictures/1.png"/><text:a xlink:href="https://elsewhere.example/"/>'
            '<presentation:event-listener script:event-name="dom:click" presentation:action="next-page"/>',
        ),
    ):
        refuse_what_runs(content)


def test_a_document_that_cannot_be_looked_at_is_refused(monkeypatch):
    broken = an_archive(TYPES_XML, ("ppt/presentation.xml", "<p/>"), ("_rels/.rels", "<Relationships>"))
    with pytest.raises(TooMuchToLookAt):
        refuse_what_runs(broken)
    monkeypatch.setattr(office, "MOST_READ", 1_000)
    with pytest.raises(TooMuchToLookAt):
        refuse_what_runs(an_odf("text", "a" * 2_000))


def test_a_page_that_is_called_a_report_is_a_page_all_the_same():
    page = SimpleUploadedFile("report.pdf", b"<html><script>alert(1)</script>", content_type="application/pdf")
    with pytest.raises(WrongKind) as refusal:
        demand(page.read(), Kind.PDF, Kind.DOCX)
    assert refusal.value.explained() == (
        "This file is none of: PDF, DOCX. Its content says so, whatever its name is. Nothing was stored. "
        "Save it as one of these, and choose that."
    )


@given(st.binary(max_size=300))
def test_any_bytes_have_a_kind_or_none_and_never_fail(content):
    assert kind_of(content) in {*Kind, None}


def test_a_document_that_unpacks_too_large_is_refused_unopened(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 1_000_000)
    bomb = a_docx(**{"word/media/zeros": "0" * 2_000_000})
    assert len(bomb) < 10_000
    with pytest.raises(UnpacksTooLarge):
        kind_of(bomb)
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 10_000_000)
    assert kind_of(bomb) is Kind.DOCX
    monkeypatch.setattr(uploads, "MOST_MEMBERS", 2)
    with pytest.raises(UnpacksTooLarge):
        kind_of(bomb)


class Endless:
    """A file that never ends, and counts what was taken of it."""

    taken = 0

    def read(self, size: int = -1, /) -> bytes:
        assert 0 < size <= 64 * 1024
        self.taken += size
        return b"0" * size


def test_a_file_over_its_limit_is_refused_before_the_rest_is_read():
    endless = Endless()
    with pytest.raises(TooManyBytes):
        read_bounded(endless, limit=100_000)
    assert endless.taken == 100_001
    assert read_bounded(io.BytesIO(b"0" * 100_000), limit=100_000) == b"0" * 100_000


# --- Pictures -------------------------------------------------------------------------------------------------------


def with_everything(format_: str) -> bytes:
    """A picture with a place, a camera, a comment, a profile and a history."""
    exif = Image.Exif()
    exif[0x010F] = SECRET  # maker
    exif[0x9286] = SECRET  # comment of the user
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 35.0, 1.0), 3: "E", 4: (7.0, 46.0, 24.0)})  # the place
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
    return a_picture(format_, **how) + SECRET.encode()  # and what stands behind the end of the file


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_nothing_of_a_picture_is_kept_but_its_colours(format_):
    content = with_everything(format_)
    before = Image.open(io.BytesIO(content))
    assert before.getexif().get_ifd(0x8825)[2] == (48.0, 35.0, 1.0)  # there is a place to lose
    assert content.count(SECRET.encode()) >= 3
    after = clean_picture(content)
    picture = opened(after)
    assert (after.format, after.width, after.height, picture.format, picture.size) == (
        "webp", 640, 427, "WEBP", (640, 427),
    )  # fmt: skip
    assert dict(picture.getexif()) == {}
    assert set(picture.info) <= {"loop", "background", "timestamp", "duration"}  # what Pillow says of any WebP
    assert SECRET.encode() not in after.content
    assert not {b"EXIF", b"XMP ", b"ICCP"} & {after.content[i : i + 4] for i in range(12, len(after.content) - 3)}
    red, blue = picture.getpixel((100, 200)), picture.getpixel((540, 200))
    assert (red[0] > 200, red[2] < 60, blue[0] < 60, blue[2] > 200) == (True, True, True, True)


def test_a_picture_taken_sideways_stands_upright_without_saying_so():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the left side is the top
    picture = opened(clean_picture(a_picture("JPEG", exif=exif)))
    assert (picture.size, 0x0112 in picture.getexif()) == ((427, 640), False)
    assert picture.getpixel((200, 50))[0] > 200  # red, which was left, is above


def test_a_picture_with_holes_is_laid_on_white():
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    written = io.BytesIO()
    image.save(written, "PNG")
    assert opened(clean_picture(written.getvalue())).getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_picture_of_any_colours_is_drawn(mode):
    written = io.BytesIO()
    Image.new(mode, (30, 20)).save(written, "PNG")
    assert opened(clean_picture(written.getvalue())).size == (30, 20)


def test_a_picture_that_moves_is_refused():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    for format_ in ("PNG", "WEBP"):
        written = io.BytesIO()
        frames[0].save(written, format_, save_all=True, append_images=frames[1:], duration=100)
        with pytest.raises(PictureMoves):
            clean_picture(written.getvalue())


def test_a_photograph_with_a_second_view_behind_it_is_its_first_view():
    """What some phones write (MPO): the second view would be somebody's uncut picture."""
    written = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(
        written, "MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), "blue")]
    )
    assert Image.open(io.BytesIO(written.getvalue())).n_frames == 2
    picture = opened(clean_picture(written.getvalue()))
    assert (getattr(picture, "n_frames", 1), picture.size) == (1, (60, 40))


def a_png_that_says(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose head promises so many pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack("!I", len(content)) + name + content + struct.pack("!I", zlib.crc32(name + content))

    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(5_000, 5_000), (10_000, 10_000), (60_000, 60_000), (2_000_000, 100)])
def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused_undecoded(size):
    bomb = a_png_that_says(*size)
    assert len(bomb) < 2_000
    with pytest.raises(TooManyPixels):
        clean_picture(bomb)


def test_text_that_unpacks_without_end_is_refused():
    packed = zlib.compress(b"0" * 200_000_000)
    content = a_picture("PNG", size=(8, 8))
    text = b"Comment\0\0" + packed
    chunk = struct.pack("!I", len(text)) + b"zTXt" + text + struct.pack("!I", zlib.crc32(b"zTXt" + text))
    with pytest.raises(PictureUnreadable):
        clean_picture(content[:33] + chunk + content[33:])


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_a_damaged_picture_is_refused_by_name(format_):
    whole = a_picture(format_, size=(300, 200))
    for content in (whole[: len(whole) // 2], whole[:40], whole[:30] + bytes(len(whole) - 30)):
        with pytest.raises((PictureUnreadable, WrongKind)):
            clean_picture(content)


@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 400), st.binary(min_size=1, max_size=20))
def test_a_picture_with_any_bytes_changed_is_drawn_or_refused_by_name(format_, place, other):
    whole = a_picture(format_, size=(40, 30))
    content = whole[:place] + other + whole[place + len(other) :]
    try:
        picture = clean_picture(content)
    except uploads.UploadRefused:
        return
    assert max(opened(picture).size) <= 640


def test_what_only_is_called_a_picture_is_refused():
    for content in (b"<svg onload='alert(1)'/>", b"GIF89a" + bytes(40), a_pdf(), b"", b"\0" * 100):
        with pytest.raises(WrongKind):
            clean_picture(SimpleUploadedFile("face.jpg", content, content_type="image/jpeg"))


def test_a_picture_with_a_page_behind_it_loses_the_page():
    """A file that is a picture to one program and a page to another."""
    content = a_picture("JPEG", comment=b"<script>alert(1)</script>") + b"<html><script>alert(2)</script></html>"
    assert b"<script>" in content
    assert b"<script>" not in clean_picture(content).content


def test_a_picture_over_ten_megabytes_is_refused_before_it_is_looked_at(monkeypatch):
    monkeypatch.setattr(uploads, "demand", lambda *_: pytest.fail("it was looked at"))
    for file in (SimpleUploadedFile("face.jpg", bytes(10 * 1024 * 1024 + 1)), bytes(10 * 1024 * 1024 + 1)):
        with pytest.raises(TooManyBytes):
            clean_picture(file)


# --- Where files lie ----------------------------------------------------------------------------------------------


def test_private_bytes_lie_under_their_hash_apart_from_reports(tmp_path):
    hash_ = store_private(b"an invented face")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        f"private/{hash_[:2]}/{hash_}"
    ]
    assert (tmp_path / f"private/{hash_[:2]}/{hash_}").stat().st_mode & 0o077 == 0  # for nobody else on this machine
    assert fetch_private(hash_) == b"an invented face"
    assert storage.fetch(hash_) is None  # the pages of reports do not find it
    remove_private(hash_)
    remove_private(hash_)
    assert fetch_private(hash_) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_bytes_that_are_not_what_their_name_says_are_not_given_out(tmp_path):
    hash_ = store_private(b"an invented face")
    (tmp_path / f"private/{hash_[:2]}/{hash_}").write_bytes(b"another face")
    assert fetch_private(hash_) is None


@pytest.mark.parametrize(
    "name", ["../secret-key", "../../etc/passwd", "/etc/passwd", "", "a" * 63, "A" * 64, "a" * 64 + "\n"]
)
def test_a_name_that_is_no_hash_reaches_no_file(tmp_path, name):
    beside = tmp_path / "secret-key"
    beside.write_text("a secret")
    (tmp_path / "private").mkdir()
    assert (tmp_path / "private/../secret-key").exists()  # there is something to reach
    assert fetch_private(name) is None
    remove_private(name)
    assert beside.exists()


# --- How files go out ---------------------------------------------------------------------------------------------


def test_a_file_goes_out_so_that_no_browser_runs_or_keeps_it():
    answer = safe_response(b"<script>alert(1)</script>", Kind.HTML, 'the "report".html')
    assert dict(answer.headers) == {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": 'attachment; filename="the \\"report\\".html"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def test_only_a_picture_is_shown_in_place():
    shown = {kind: safe_response(b"", kind, "file", inline=True)["Content-Disposition"] for kind in Kind}
    assert {kind for kind, said in shown.items() if said.startswith("inline")} == {Kind.PNG, Kind.JPEG, Kind.WEBP}


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
def test_a_file_goes_out_under_a_name_that_hides_nothing(said, kept):
    assert safe_name(said) == kept


@given(st.text(max_size=60))
def test_any_name_makes_one_header_of_one_line(name):
    header = safe_response(b"", Kind.PDF, name)["Content-Disposition"]
    assert header.startswith("attachment")
    assert "\n" not in header
    assert "\r" not in header


# --- The virus scanner --------------------------------------------------------------------------------------------


class Clamd(threading.Thread):
    """A clamd of the tests' own: speaks INSTREAM, finds EICAR's text and nothing else, and keeps what it was sent."""

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
def a_clamd(settings, tmp_path: Path, reply: bytes | None = None, *, unix: bool = False) -> Iterator[Clamd]:
    if unix:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(tmp_path / "clamd"))
        listening.listen()
        settings.SAMSVAR_CLAMAV = f"unix:{tmp_path / 'clamd'}"
    else:
        listening = socket.create_server(("127.0.0.1", 0))
        settings.SAMSVAR_CLAMAV = f"127.0.0.1:{listening.getsockname()[1]}"
    clamd = Clamd(listening, reply)
    clamd.start()
    try:
        yield clamd
    finally:
        with scanner_at(settings.SAMSVAR_CLAMAV)._connection() as talk:
            talk.sendall(b"zEND......")
        clamd.join(5)


@pytest.mark.parametrize("unix", [False, True], ids=["host and port", "Unix socket"])
def test_the_scanner_gets_the_whole_file_and_is_believed(settings, tmp_path, unix):
    large = bytes(200_000) + b"the end"
    with a_clamd(settings, tmp_path, unix=unix) as clamd:
        antivirus.scan(large)
        antivirus.scan(b"")
        with pytest.raises(Infected) as refusal:
            antivirus.scan(bytes(70_000) + EICAR)
    assert clamd.sent == [large, b"", bytes(70_000) + EICAR]
    assert (refusal.value.code, refusal.value.signature) == ("infected", "Eicar-Test-Signature")
    assert refusal.value.explained() == (
        "The virus scanner found something in this file: Eicar-Test-Signature. Nothing was stored. "
        "Tell whoever gave you the file, and those who look after your computer."
    )


@pytest.mark.parametrize(
    "reply",
    [b"", b"\0", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OKAY\0", b"OK\0", b"\xff\xfe\0", b"x" * 9000],
)
def test_a_scanner_that_gives_no_clear_answer_lets_nothing_in(settings, tmp_path, reply):
    with a_clamd(settings, tmp_path, reply) as clamd, pytest.raises(ScannerSilent):
        antivirus.scan(b"a file")
    assert clamd.sent == [b"a file"]


def test_a_scanner_that_is_not_there_lets_nothing_in(settings, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    for address in (f"127.0.0.1:{port}", f"unix:{tmp_path / 'nobody'}"):
        settings.SAMSVAR_CLAMAV = address
        with pytest.raises(ScannerSilent):
            antivirus.scan(b"a file")


def test_a_scanner_that_never_answers_lets_nothing_in(settings, monkeypatch):
    monkeypatch.setattr(antivirus, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.SAMSVAR_CLAMAV = f"127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(ScannerSilent):
            antivirus.scan(b"a file")


def test_a_site_without_a_scanner_asks_none(settings):
    settings.SAMSVAR_CLAMAV = ""
    antivirus.scan(EICAR)


@pytest.mark.parametrize(
    ("address", "scanner"),
    [
        ("", None),
        ("unix:/run/clamav/clamd.ctl", Scanner(path="/run/clamav/clamd.ctl")),
        ("scanner.example:3310", Scanner(host="scanner.example", port=3310)),
        ("[::1]:3310", Scanner(host="::1", port=3310)),
    ],
)
def test_a_setting_names_a_scanner(address, scanner):
    assert scanner_at(address) == scanner


@pytest.mark.parametrize("address", ["clamd", "clamd:", ":3310", "clamd:port", "clamd:0", "clamd:99999", "unix:clamd"])
def test_a_setting_that_names_none_is_refused_by_name(address):
    with pytest.raises(BadScannerAddress):
        scanner_at(address)


def test_a_picture_is_scanned_before_it_is_decoded(settings, tmp_path):
    infected = a_picture("JPEG", comment=EICAR)
    with a_clamd(settings, tmp_path):
        assert clean_picture(a_picture("JPEG")).format == "webp"
        with pytest.raises(Infected):
            clean_picture(infected)


@pytest.fixture
def editor(client, db):
    load_convention()
    return sign_in(client, make_account(Role.EDITOR))


def bring_in(editor, content: bytes):
    file = SimpleUploadedFile("report.txt", content)
    return editor.post(reverse("monitoring:upload"), {"file": file, "body": "grevio", "state": "XA", "published": ""})


def test_an_infected_report_is_refused_before_anything_is_kept(settings, tmp_path, editor):
    kept = tmp_path / "kept"
    settings.STORAGES = storages_in(kept)
    with a_clamd(settings, tmp_path):
        answer = bring_in(editor, b"1. GREVIO urges the authorities. " + EICAR)
        assert (answer.status_code, models.Upload.objects.count(), list(tmp_path.rglob("reports"))) == (422, 0, [])
        assert "The virus scanner found something in this file: Eicar-Test-Signature." in answer.content.decode()
        assert bring_in(editor, b"1. GREVIO urges the authorities to act.").status_code == 302  # clean: accepted
    assert models.Upload.objects.count() == 1
    assert list(kept.rglob("reports")) != []


def test_no_report_is_taken_in_while_the_scanner_is_away(settings, tmp_path, editor):
    settings.SAMSVAR_CLAMAV = f"unix:{tmp_path / 'nobody'}"
    answer = bring_in(editor, b"1. GREVIO urges the authorities to act.")
    assert (answer.status_code, models.Upload.objects.count(), list(tmp_path.rglob("reports"))) == (422, 0, [])
    assert "The virus scanner does not answer" in answer.content.decode()
