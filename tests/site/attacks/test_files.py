"""No name reaches a file that is not meant, and no list runs in a spreadsheet."""

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

from samsvar.interchange.tables import csv_text, safe_cell, xlsx_bytes
from samsvar.site.audit.actions import record
from samsvar.site.monitoring import models, storage
from tests.factories.attacks import FORMULAS, MARKER, World, address_of, content_of, routes
from tests.factories.stored import storages_in

TRAVERSALS = (
    "../../secret-key", "..\\..\\secret-key", "/etc/passwd", "....//....//secret-key", "%2e%2e%2fsecret-key",
    "..%2f..%2fsecret-key", "..%252f..%252fsecret-key", "..%c0%af..%c0%afsecret-key", "a/../../secret-key",
    "\x00secret-key", "secret-key%00.pdf", "file:///etc/passwd", "\\\\evil.example\\share", "CON", ".htaccess", "-rf",
    "~/.ssh/id_rsa", "report.pdf\r\nSet-Cookie: a=b",
)  # fmt: skip
SECRET = "the secret beside the documents"


@pytest.fixture
def beside(tmp_path, settings) -> Path:
    """A secret that lies beside the folder of documents, as the secret key of a demonstration does."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "secret-key").write_text(SECRET)
    settings.STORAGES = storages_in(tmp_path / "documents")
    return tmp_path / "secret-key"


@pytest.mark.parametrize("name", TRAVERSALS)
def test_an_upload_lies_under_its_hash_whatever_it_is_called(beside, world: World, name):
    content = b"1. GREVIO urges the authorities to act."
    file = SimpleUploadedFile("x", content)
    file._name = name  # Django's own class would shorten it before we see it
    answer = world.clients["owner"].post("/en/upload/", {"file": file, "body": "grevio", "state": "XA"})
    assert answer.status_code in {302, 422}
    assert beside.read_text() == SECRET
    inside = [path.relative_to(beside.parent).as_posix() for path in beside.parent.rglob("*") if path.is_file()]
    for path in inside:
        assert path == "secret-key" or path.split("/")[:2] in (["documents", "reports"], ["documents", "private"]), path


@pytest.mark.parametrize("name", TRAVERSALS)
def test_no_address_reaches_a_file_outside(beside, world: World, name):
    assert beside.read_text() == SECRET  # there is something to reach
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


def test_the_storage_itself_leaves_its_folder_for_no_name(beside):
    assert storage.fetch("0" * 64) is None
    for name in ("../secret-key", "../../secret-key", "/etc/passwd"):
        with pytest.raises(SuspiciousOperation):
            default_storage.open(name)
        with pytest.raises(SuspiciousOperation):
            default_storage.delete(name)
    assert beside.exists()


def test_a_page_that_is_called_a_report_never_runs_under_our_name(beside, world: World):
    page = b"<!doctype html><html><h1>GREVIO</h1><p>1. GREVIO urges the authorities to act.</p><script>zqxss()</script>"
    file = SimpleUploadedFile("report.pdf", page, content_type="application/pdf")
    world.clients["owner"].post("/en/upload/", {"file": file, "body": "grevio", "state": "XA"})
    upload = models.Upload.objects.exclude(filename="unpublished.pdf").get()
    assert upload.progress == "done", upload.refusal
    answer = world.clients["nobody"].get(f"/reports/{upload.report.public_id}/file")
    assert content_of(answer) == page  # the very file
    assert (answer["Content-Type"], answer["X-Content-Type-Options"], answer["Content-Security-Policy"]) == (
        "text/plain; charset=utf-8", "nosniff", "default-src 'none'; sandbox",
    )  # fmt: skip
    assert answer["Content-Disposition"].startswith("attachment")


# --- Formulas -----------------------------------------------------------------------------------------------------


def plant_formulas(world: World) -> None:
    """Every free text of the network, past every form, begins like a formula."""
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
        record(by=world.accounts["owner"], verb=formula[:60], subject=formula, details={formula: formula}, why=formula)


def cells_of(answer, content: bytes) -> list[str]:
    """Every cell of a list, or none where it is none."""
    if answer.get("Content-Type", "").startswith("text/csv"):
        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    return []


def runs(cell: str) -> bool:
    """Whether a spreadsheet takes this cell for a formula: what it shows first is one of these, after blanks."""
    plain = cell.lstrip(" \t\r\n\x00")
    return plain[:1] in set("=+-@＝＋－＠|%") or cell[:1] in {"\t", "\r", "\n"}


def test_no_list_that_is_given_out_runs_in_a_spreadsheet(world: World, undrawn):
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
                if told and not sent:  # a list at this address would have been given out already
                    continue
                answer = getattr(world.clients[visitor], method)(address, sent)
                content = content_of(answer)
                told = answer.status_code == 200
                kind = answer.get("Content-Type", "").partition(";")[0]
                if kind == "text/csv":
                    lists.add(route.name)
                    found = cells_of(answer, content)
                    marked += sum(MARKER in cell for cell in found)
                    bad += [(route.name, cell) for cell in found if runs(cell)]
                elif kind.endswith("spreadsheetml.sheet"):
                    lists.add(f"{route.name} as a workbook")
                    with zipfile.ZipFile(io.BytesIO(content)) as workbook:
                        bad += [(route.name, name) for name in workbook.namelist() if b"<f>" in workbook.read(name)]
                        assert not [
                            name for name in workbook.namelist() if "externalLink" in name or "vba" in name.lower()
                        ]
    assert bad == []
    assert {"network:network-people-csv", "network:export-audit-log"} <= lists
    assert marked > 5  # formulas did stand in lists


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_cell_that_could_run_is_made_text(formula):
    (cell,) = next(iter(csv.reader(io.StringIO(csv_text([{"a": formula}], ["a"]).split("\r\n", 1)[1]))))
    assert not runs(cell)
    assert safe_cell(formula).lstrip("'").strip() in formula or safe_cell(formula) == f"'{formula}"
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes([{"a": formula}], {"a": "A"}))) as workbook:
        assert b"<f>" not in workbook.read("xl/worksheets/sheet1.xml")
        assert b"hyperlink" not in workbook.read("xl/worksheets/sheet1.xml")


def test_the_measure_of_running_knows_each_formula():
    assert [one for one in FORMULAS if not runs(one) and one[:1] not in {";", ",", '"', "'", "％"}] == []
    assert configured.STORAGES
