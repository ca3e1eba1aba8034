"""No file name reaches a file outside its folder, and no exported list runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models as columns

from samsvar.interchange.tables import escape_formula, render_csv, render_xlsx
from samsvar.site.audit.actions import record
from samsvar.site.monitoring import models, storage
from samsvar.site.monitoring.actions import publishing
from tests.factories.attacks import FORMULAS, MARKER, World, address_of, content_of, routes
from tests.factories.stored import storage_settings

TRAVERSALS = (
    "../../secret-key", "..\\..\\secret-key", "/etc/passwd", "....//....//secret-key", "%2e%2e%2fsecret-key",
    "..%2f..%2fsecret-key", "..%252f..%252fsecret-key", "..%c0%af..%c0%afsecret-key", "a/../../secret-key",
    "\x00secret-key", "secret-key%00.pdf", "file:///etc/passwd", "\\\\evil.example\\share", "CON", ".htaccess", "-rf",
    "~/.ssh/id_rsa", "report.pdf\r\nSet-Cookie: a=b",
)  # fmt: skip
SECRET = "the secret beside the documents"


@pytest.fixture
def secret_file(tmp_path, settings) -> Path:
    """Return a secret file beside the documents folder, where a demonstration keeps its secret key."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "secret-key").write_text(SECRET)
    settings.STORAGES = storage_settings(tmp_path / "documents")
    return tmp_path / "secret-key"


@pytest.mark.parametrize("name", TRAVERSALS)
def test_an_upload_is_stored_under_its_hash_whatever_its_name(secret_file, world: World, name):
    content = b"1. GREVIO urges the authorities to act."
    file = SimpleUploadedFile("x", content)
    file._name = name  # Django's own class would shorten it before our code sees it
    answer = world.clients["owner"].post("/en/upload/", {"file": file, "body": "grevio", "state": "XA"})
    assert answer.status_code in {302, 422}
    assert secret_file.read_text() == SECRET
    inside = [
        path.relative_to(secret_file.parent).as_posix() for path in secret_file.parent.rglob("*") if path.is_file()
    ]
    for path in inside:
        assert path == "secret-key" or path.split("/")[:2] in (["documents", "reports"], ["documents", "private"]), path


@pytest.mark.parametrize("name", TRAVERSALS)
def test_no_address_reaches_a_file_outside_the_documents(secret_file, world: World, name):
    assert secret_file.read_text() == SECRET  # there is something to reach
    for place in (
        "/reports/{}/file", "/reports/{}/pages/1.png", "/findings/{}/cite.bib", "/static/{}", "/static/../{}", "/{}",
        "/findings/x/cite.{}", "/en/people/{}/photograph/", "/en/staff/audit-log/lines.{}",
    ):  # fmt: skip
        for visitor in ("nobody", "owner", "auditor"):
            answer = world.clients[visitor].generic("GET", place.format(name.replace("\r\n", "%0d%0a")))
            body = content_of(answer)
            assert SECRET.encode() not in body
            assert b"root:" not in body
            assert answer.status_code in {301, 302, 400, 403, 404}, (place, answer.status_code)


def test_the_storage_itself_never_leaves_its_folder(secret_file):
    assert storage.fetch("0" * 64) is None
    for name in ("../secret-key", "../../secret-key", "/etc/passwd"):
        with pytest.raises(SuspiciousOperation):
            default_storage.open(name)
        with pytest.raises(SuspiciousOperation):
            default_storage.delete(name)
    assert secret_file.exists()


def test_a_web_page_uploaded_as_a_report_never_runs_on_our_site(secret_file, world: World):
    page = b"<!doctype html><html><h1>GREVIO</h1><p>1. GREVIO urges the authorities to act.</p><script>zqxss()</script>"
    file = SimpleUploadedFile("report.pdf", page, content_type="application/pdf")
    world.clients["owner"].post("/en/upload/", {"file": file, "body": "grevio", "state": "XA"})
    upload = models.Upload.objects.exclude(filename="unpublished.pdf").get()
    assert upload.progress == "done", upload.refusal
    address = f"/reports/{upload.report.public_id}/file"
    assert world.clients["nobody"].get(address).status_code == 404  # a draft
    assert_is_a_harmless_download(world.clients["owner"].get(address), page)
    publishing.make_public(report=upload.report, by=world.accounts["editor"])
    assert_is_a_harmless_download(world.clients["nobody"].get(address), page)


def assert_is_a_harmless_download(answer, page: bytes) -> None:
    assert content_of(answer) == page  # exactly the uploaded file
    assert (answer["Content-Type"], answer["X-Content-Type-Options"], answer["Content-Security-Policy"]) == (
        "text/plain; charset=utf-8", "nosniff", "default-src 'none'; sandbox",
    )  # fmt: skip
    assert answer["Content-Disposition"].startswith("attachment")


# --- Formulas -----------------------------------------------------------------------------------------------------


def plant_formulas(world: World) -> None:
    """Start every free text of the network with a formula, bypassing all forms."""
    wanted = {
        "samsvar_network.Organisation": ("name", "about"),
        "samsvar_network.Network": ("name", "about"),
        "samsvar_network.Person": ("pseudonym",),
        "samsvar_network.Detail": ("value",),
        "samsvar_network.StaffSession": ("reason",),
        "samsvar_network.RoleGrant": ("reason",),
        "usersessions.UserSession": ("user_agent",),
    }
    turn = 0
    for label, names in wanted.items():
        model = apps.get_model(label)
        for name in names:
            column = model._meta.get_field(name)
            assert isinstance(column, columns.CharField | columns.TextField)
            rows = model._default_manager.all()
            if label.endswith("Detail"):
                rows = rows.exclude(field__in=["photograph", "organisation", "country", "group", "gender", "languages"])
            for row in rows:
                turn += 1
                model._default_manager.filter(pk=row.pk).update(**{name: f"{FORMULAS[turn % len(FORMULAS)]} {turn}"})
    detail = apps.get_model("samsvar_network", "Detail")
    for number, row in enumerate(detail.objects.filter(field="name")):
        said = {"value": f"“{FORMULAS[number % len(FORMULAS)]}”", "visibility": row.visibility}
        detail.objects.update_or_create(person=row.person, field="organisation", defaults=said)
    for formula in FORMULAS:
        record(
            by=world.accounts["owner"], verb=formula[:60], subject=formula, details={formula: formula}, reason=formula
        )


def cells_of(answer, content: bytes) -> list[str]:
    """Return every cell of a CSV response, or an empty list for any other response."""
    if answer.get("Content-Type", "").startswith("text/csv"):
        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    return []


def runs_as_formula(cell: str) -> bool:
    """Return whether a spreadsheet takes this cell for a formula, by its first character after blanks."""
    plain = cell.lstrip(" \t\r\n\x00")
    return plain[:1] in set("=+-@＝＋－＠|%") or cell[:1] in {"\t", "\r", "\n"}


def test_no_exported_list_runs_in_a_spreadsheet(world: World, without_rendering):
    plant_formulas(world)
    lists, marked, bad = set(), 0, []
    for route in routes():
        address = address_of(route, world)
        for visitor in ("nobody", "owner", "secretariat", "administrator", "auditor"):
            requests = [("get", {"form": "csv", "format": "csv"}), ("get", {})]
            if "export" in route.name:
                requests += [("post", {"form": form, "reason": "the tests of attacks"}) for form in ("csv", "xlsx")]
            told = False
            for method, sent in requests:
                if told and not sent:  # a list at this address would already have been exported
                    continue
                answer = getattr(world.clients[visitor], method)(address, sent)
                content = content_of(answer)
                told = answer.status_code == 200
                kind = answer.get("Content-Type", "").partition(";")[0]
                if kind == "text/csv":
                    lists.add(route.name)
                    found = cells_of(answer, content)
                    marked += sum(MARKER in cell for cell in found)
                    bad += [(route.name, cell) for cell in found if runs_as_formula(cell)]
                elif kind.endswith("spreadsheetml.sheet"):
                    lists.add(f"{route.name} as a workbook")
                    with zipfile.ZipFile(io.BytesIO(content)) as workbook:
                        bad += [(route.name, name) for name in workbook.namelist() if b"<f>" in workbook.read(name)]
                        assert not [
                            name for name in workbook.namelist() if "externalLink" in name or "vba" in name.lower()
                        ]
    assert bad == []
    assert {"network:network-people-csv", "network:export-audit-log"} <= lists
    assert marked > 5  # formulas were in lists


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_cell_that_could_run_is_exported_as_text(formula):
    (cell,) = next(iter(csv.reader(io.StringIO(render_csv([{"a": formula}], ["a"]).split("\r\n", 1)[1]))))
    assert not runs_as_formula(cell)
    assert escape_formula(formula).lstrip("'").strip() in formula or escape_formula(formula) == f"'{formula}"
    with zipfile.ZipFile(io.BytesIO(render_xlsx([{"a": formula}], {"a": "A"}))) as workbook:
        assert b"<f>" not in workbook.read("xl/worksheets/sheet1.xml")
        assert b"hyperlink" not in workbook.read("xl/worksheets/sheet1.xml")


def test_the_formula_check_recognises_each_formula():
    assert [one for one in FORMULAS if not runs_as_formula(one) and one[:1] not in {";", ",", '"', "'", "％"}] == []
    assert configured.STORAGES
