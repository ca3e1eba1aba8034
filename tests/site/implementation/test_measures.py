"""Pages of measures: what is public is shown to everyone, everything to the state's desk."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import lxml.html
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from samsvar.implementation.measures import AnswerScope, MeasureVisibility, Stage, TriageDecision
from samsvar.monitoring.report import Strength
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.models import State
from samsvar.site.implementation import models
from samsvar.site.implementation.measures import actions, matrix, queries, views
from samsvar.site.implementation.measures.actions import triage_findings
from samsvar.site.monitoring.models import Finding
from tests.factories.implementation import make_measure, make_organisation
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_finding, make_reading, make_report

pytestmark = pytest.mark.django_db


def read(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer
    return answer.content.decode()


LIST = "/en/countries/XA/measures/"


def test_everyone_sees_published_measures_and_the_desk_sees_all(client: Client, desk: Client):
    make_measure("Open a second shelter")
    hidden = make_measure("Talk to the treasury", visibility=MeasureVisibility.DESK)
    public_page, desk_page = read(client, LIST), read(desk, LIST)
    assert "Open a second shelter" in public_page
    assert "Talk to the treasury" not in public_page
    assert "Talk to the treasury" in desk_page
    read(client, f"/en/measures/{hidden.public_id}/", 404)
    assert "Talk to the treasury" in read(desk, f"/en/measures/{hidden.public_id}/")
    assert read(client, "/en/countries/ZZ/measures/", 404)


def test_a_plan_that_is_not_public_is_not_named_by_its_public_measures(client: Client, desk: Client):
    plan = actions.save_plan(
        by=None, state="XA", values={"title": "Confidential strategy"}, chapters=["Secret chapter"]
    )
    chapter = plan.chapters.get()
    measure = make_measure(plan=plan, chapter=chapter)
    actions.save_measure(by=None, state="XA", existing=measure, values={"chapter": None})
    page = f"/en/measures/{measure.public_id}/"
    for address in (LIST, f"{LIST}?view=board", page):
        assert "Confidential" not in read(client, address)
        assert "Secret chapter" not in read(client, address)
    assert "Confidential strategy" in read(desk, page)
    assert "Secret chapter" in read(desk, page)


def test_the_history_does_not_publish_what_was_written_for_the_desk(client: Client, desk: Client):
    measure = make_measure("First wording", visibility=MeasureVisibility.DESK)
    change = lambda **how: actions.save_measure(by=None, state="XA", existing=measure, **how)  # noqa: E731
    change(values={"title": "Second wording"}, reason="The minister disliked the first")
    change(
        values={"title": "Third wording", "visibility": MeasureVisibility.PUBLIC}, reason="Agreed in a closed meeting"
    )
    change(values={"title": "Fourth wording"}, reason="Corrected a name")
    page = read(client, f"/en/measures/{measure.public_id}/")
    assert "Fourth wording" in page
    assert "Third wording" in page  # it was public
    assert "Corrected a name" in page
    for words in ("First wording", "Second wording", "disliked", "closed meeting"):
        assert words not in page
    whole = read(desk, f"/en/measures/{measure.public_id}/")
    for words in ("First wording", "Second wording", "disliked", "closed meeting", "Corrected a name"):
        assert words in whole


def test_a_measure_cites_each_finding_that_it_answers(client: Client, nordmark: State):
    make_report()
    finding = Finding.objects.get(paragraph="1")
    measure = make_measure(stage=Stage.STOPPED, reason="The building burnt down")
    actions.link_answer(
        by=None,
        measure=measure,
        finding=finding,
        scope=AnswerScope.PART,
        part_text="enough places",
        reason="It adds ten",
    )
    page = read(client, f"/en/measures/{measure.public_id}/")
    for words in (
        "GREVIO 2023 § 1, p. 1",
        "urges",
        "enough places",
        "It adds ten",
        "The building burnt down",
        "Answers part of this finding",
    ):
        assert words in page, words
    assert "§ 1" in read(client, LIST)


def test_a_finding_whose_report_is_withdrawn_is_no_longer_cited(client: Client, nordmark: State):
    report = make_report()
    measure = make_measure()
    actions.link_answer(by=None, measure=measure, finding=Finding.objects.get(paragraph="1"))
    report.status = "withdrawn"
    report.save()
    for address in (LIST, f"/en/measures/{measure.public_id}/"):
        assert "§ 1" not in read(client, address)


@pytest.fixture
def many(nordmark: State) -> dict[str, models.Measure]:
    make_report()
    plan = actions.save_plan(
        by=None, state="XA", values={"title": "Plan A", "visibility": MeasureVisibility.PUBLIC}, chapters=["One", "Two"]
    )
    one, two = plan.chapters.all()
    region = models.Region.objects.create(state_id="XA", name="Northshire")
    made: dict[str, Any] = {
        "10": make_measure("Tenth", plan=plan, chapter=one, reference="1.10", kind="law", lead_name="Ministry of Law"),
        "2": make_measure("Second", plan=plan, chapter=one, reference="1.2", due="2020-01", region=region),
        "x": make_measure("Done", plan=plan, chapter=two, due="2020", stage=Stage.DONE),
        "y": make_measure("Alone"),
    }
    actions.link_answer(by=None, measure=made["2"], finding=Finding.objects.get(paragraph="1"))
    return made


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Second", "Tenth", "Done", "Alone"]),  # as the plan numbers them: 1.2 before 1.10
        ("kind=law", ["Tenth"]),
        ("kind=none", ["Second", "Done", "Alone"]),
        ("stage=done", ["Done"]),
        ("lead=Ministry of Law", ["Tenth"]),
        ("lead=none", ["Second", "Done", "Alone"]),
        ("article=7", ["Second"]),
        ("only=overdue", ["Second"]),  # what is done is not overdue
        ("only=unanswered", ["Tenth", "Done", "Alone"]),
        ("plan=PLAN", ["Second", "Tenth", "Done"]),
        ("chapter=CHAPTER", ["Second", "Tenth"]),
        ("region=REGION", ["Second"]),
        ("region=1&stage=nonsense", []),
        ("view=board", ["Second", "Tenth", "Alone", "Done"]),  # by stage
    ],
)
def test_filters(client: Client, many: dict[str, models.Measure], query: str, titles: list[str]):
    tenth, second = many["10"], many["2"]
    assert tenth.plan
    query = query.replace("PLAN", tenth.plan.public_id).replace("CHAPTER", str(tenth.chapter_id))
    page = read(client, f"{LIST}?{query.replace('REGION', str(second.region_id))}")
    shown = {
        page.index(f"{title}</a>"): title for title in ("Second", "Tenth", "Done", "Alone") if f"{title}</a>" in page
    }
    assert [shown[position] for position in sorted(shown)] == titles


def test_a_long_list_takes_the_same_number_of_queries(client: Client, many: Any, django_assert_max_num_queries: Any):
    for number in range(30):
        measure = make_measure(f"Measure {number}", plan=many["10"].plan, chapter=many["10"].chapter)
        actions.link_answer(by=None, measure=measure, finding=Finding.objects.get(paragraph="1"))
    with django_assert_max_num_queries(8):
        read(client, LIST)


# --- The desk's forms -------------------------------------------------------------------------------------------------


def post(client: Client, address: str, status: int = 302, **data: Any) -> str:
    answer = client.post(address, data)
    text = answer.content.decode()
    assert answer.status_code == status, text[text.find("notice") : text.find("notice") + 900]
    return text


MEASURE = {"title": "Open a helpline", "language": "en", "place": "none", "stage": "decided"}


def test_a_new_measure_is_for_the_desk_until_it_is_published(client: Client, desk: Client):
    post(
        desk, f"{LIST}new/", **MEASURE, lead_name="Ministry of Hope", bodies="Agency A\nAgency B\nAgency A", due="2027"
    )
    measure = models.Measure.objects.get()
    assert (measure.stage, measure.visibility, measure.due) == ("decided", "desk", "2027")
    assert [body.text for body in measure.bodies.all()] == ["Agency A", "Agency B"]
    assert "Open a helpline" not in read(client, LIST)
    post(desk, f"/en/measures/{measure.public_id}/visibility/", visibility="public", seen=1)
    assert "Open a helpline" in read(client, LIST)
    assert models.Change.objects.filter(role="national_desk").count() == 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"due": "soon"}, "is not a date"),
        ({"begins": "2028", "due": "2027"}, "cannot be due before it starts"),
        ({"budget": "10"}, "An amount needs a currency"),
        ({"budget": "10", "currency": "E1"}, "Enter the code of the currency"),
        ({"title": ""}, "This field is required"),
        ({"bodies": "x" * 201}, "at most 200 characters"),
        ({"place": "999"}, "Select a valid choice"),
    ],
)
def test_a_measure_with_an_error_is_not_saved(desk: Client, wrong: dict[str, str], words: str):
    assert words in post(desk, f"{LIST}new/", 422, **{**MEASURE, **wrong})
    assert not models.Measure.objects.exists()


def test_two_people_who_edit_a_measure_do_not_overwrite_each_other(desk: Client):
    measure = make_measure()
    page = f"/en/measures/{measure.public_id}/edit/"
    post(desk, page, **MEASURE, seen=1, reason="A better title")
    assert "Someone has changed this measure in the meantime" in post(desk, page, 409, **MEASURE, text="x", seen=1)
    measure.refresh_from_db()
    assert (measure.title, measure.text, measure.version) == ("Open a helpline", "", 2)
    assert post(desk, page, 409, **MEASURE, text="x")  # a form that does not say what it saw


def test_stopping_a_measure_needs_a_reason(client: Client, desk: Client):
    measure = make_measure()
    page = f"/en/measures/{measure.public_id}/stage/"
    assert "A reason is missing" in post(desk, page, 422, stage="stopped", seen=1)
    assert "Select a valid choice" in post(desk, page, 422, stage="decided", seen=1)  # it is decided already
    post(desk, page, stage="stopped", reason="No money was found", seen=1)
    assert "No money was found" in read(client, f"/en/measures/{measure.public_id}/")
    post(desk, page, stage="under_way", reason="The regions pay", seen=2)
    measure.refresh_from_db()
    assert (measure.stage, measure.stop_reason) == ("under_way", "")


def test_findings_are_linked_in_part_and_the_link_ends_with_a_reason(client: Client, desk: Client):
    make_report()
    measure, finding = make_measure(), Finding.objects.get(paragraph="1")
    page = f"/en/measures/{measure.public_id}/findings/"
    assert "§ 1" in read(desk, page)
    assert "§ 2" not in read(desk, page)  # praise
    assert "Enter which part" in post(desk, page, 422, findings=[finding.public_id], scope="part")
    assert "This field is required" in post(desk, page, 422, scope="whole")
    post(
        desk, page, findings=[finding.public_id], scope="part", part=1, part_text="enough places", reason="It adds ten"
    )
    answer = models.Answer.objects.get()
    assert "already answers this finding" in post(
        desk, page, 409, findings=[finding.public_id], scope="part", part=1, part_text="enough places"
    )
    post(desk, f"{page}{answer.pk}/", scope="whole", reason="It covers everything")
    first, second = models.Answer.objects.order_by("pk")
    assert (first.ended_at is None, second.scope, second.part) == (False, "whole", None)
    end = f"{page}{second.pk}/end/"
    assert "This field is required" in post(desk, end, 422)
    post(desk, end, reason="The report asked for something else")
    assert "§ 1" in read(client, f"/en/measures/{measure.public_id}/")  # in the history
    assert "not linked to any finding" in read(client, f"/en/measures/{measure.public_id}/")
    assert desk.post(end, {"reason": "again"}).status_code == 404


def test_several_measures_change_together_or_not_at_all(desk: Client, many: dict[str, models.Measure]):
    page, chosen = f"{LIST}edit/?kind=law", [f"{many[key].public_id}:{many[key].version}" for key in ("2", "10")]
    assert "Choose what to change" in post(desk, page, 422, measure=chosen, reason="x")
    assert "Select at least one measure" in post(desk, page, 422, stage="done", reason="x")
    assert "This field is required" in post(desk, page, 422, measure=chosen, stage="done")
    answer = desk.post(page, {"measure": chosen, "stage": "done", "due": "2027-05", "reason": "Reported in May"})
    assert answer["Location"] == f"{LIST}?kind=law"
    lines = models.Change.objects.filter(cause="bulk")
    assert {(line.reason, line.after["stage"], line.after["due"]) for line in lines} == {
        ("Reported in May", "done", "2027-05")
    }
    assert len({line.batch for line in lines}) == 1
    # one of them cannot take the step: none is changed
    both = [f"{measure.public_id}:{models.Measure.objects.get(pk=measure.pk).version}" for measure in many.values()]
    assert "A measure cannot go from this stage" in post(desk, page, 409, measure=both, stage="proposed", reason="x")
    assert not models.Measure.objects.filter(stage="proposed").exists()
    # someone has changed one of them since
    assert "Someone has changed this measure" in post(desk, page, 409, measure=chosen, due="2030", reason="x")
    assert not models.Measure.objects.filter(due="2030").exists()


def bulk_edit(desk: Client, measures: Iterable[models.Measure], **changes: str) -> str:
    """Change measures together by the page, and return the address that the message's button posts to."""
    chosen = [f"{one.public_id}:{models.Measure.objects.get(pk=one.pk).version}" for one in measures]
    answer = desk.post(f"{LIST}edit/?kind=law", {"measure": chosen, "reason": "Decided in May", **changes}, follow=True)
    (address,) = re.findall(r'action="(/en/countries/XA/measures/edit/[-0-9a-f]+/undo/\?kind=law)"', answer.text)
    return str(address)


def values_of_all() -> list[Any]:
    rows = models.Measure.objects.select_related("lead", "plan", "chapter", "region").order_by("pk")
    return [(queries.measure_values(measure), measure.stage_since) for measure in rows]


def test_a_bulk_edit_is_undone_with_one_click(desk: Client, many: dict[str, models.Measure]):
    body = make_organisation("Law Office")
    actions.save_measure(
        by=None, state="XA", values={}, existing=many["10"], stage=Stage.STOPPED, reason="No money in 2025"
    )
    before = values_of_all()
    chosen = [many["10"], many["2"]]
    undo = bulk_edit(desk, chosen, stage="decided", place="none", visibility="desk", lead=str(body.pk), due="2030-01")
    assert sum(after != earlier for after, earlier in zip(values_of_all(), before, strict=True)) == 2
    page = desk.post(undo, follow=True)
    assert page.redirect_chain == [(f"{LIST}?kind=law", 302)]
    assert "Undone. 2 measures are as they were before." in page.text
    assert values_of_all() == before
    assert "This was undone before." in desk.post(undo, follow=True).text
    assert values_of_all() == before
    assert AuditEntry.objects.filter(verb="undid a bulk edit of measures").count() == 1


def test_the_history_offers_to_undo_a_bulk_edit_until_the_measure_changes(
    client: Client, desk: Client, many: dict[str, models.Measure]
):
    address = f"/en/measures/{many['2'].public_id}/"
    bulk_edit(desk, [many["2"], many["y"]], due="2031")
    bulk_edit(desk, [many["2"], many["10"]], due="2032")
    assert "/undo/" not in read(client, address)  # not for everyone

    def undo() -> str:
        (action,) = re.findall(r'action="(/en/countries/XA/measures/edit/[-0-9a-f]+/undo/)"', read(desk, address))
        answer = desk.post(action, {"measure": many["2"].public_id})
        assert answer["Location"] == f"{address}#history"
        return str(models.Measure.objects.get(pk=many["2"].pk).due)

    assert "The last change was made to 2 measures together." in read(desk, address)
    assert undo() == "2031"
    assert undo() == "2020-01"  # the one before is then the last
    assert "/undo/" not in read(desk, address)


def test_a_bulk_edit_is_not_undone_over_later_changes_which_are_named(desk: Client, many: dict[str, models.Measure]):
    undo = bulk_edit(desk, [many["2"], many["10"], many["x"]], due="2030")
    for key in ("2", "x"):
        post(desk, f"/en/measures/{many[key].public_id}/visibility/", visibility="desk", seen=2)
    before = values_of_all()
    text = desk.post(undo, follow=True).text
    assert "These measures have changed since: “Done”; “Second”" in text
    assert "Correct these measures one by one instead." in text
    assert values_of_all() == before


def test_a_bulk_edit_is_not_undone_into_a_plan_that_cannot_be_identified(desk: Client, many: dict[str, models.Measure]):
    undo = bulk_edit(desk, [many["2"]], place="none")
    actions.save_plan(by=None, state="XA", values={"title": "Plan A"}, chapters=[])
    text = desk.post(undo, follow=True).text
    assert "“Plan A” no longer exists or has a namesake, so these measures cannot get it back: “Second”" in text
    assert models.Measure.objects.get(pk=many["2"].pk).plan is None


def test_a_bulk_edit_is_undone_by_its_desk_only(client: Client, desk: Client, many: dict[str, models.Measure]):
    undo = bulk_edit(desk, [many["2"]], due="2030")
    other = sign_in(Client(), make_account(Role.NATIONAL_DESK, state="XB"))
    assert other.post(undo).status_code == 403
    assert desk.post(f"{LIST}edit/00000000-0000-0000-0000-000000000000/undo/").status_code == 404
    assert models.Measure.objects.get(pk=many["2"].pk).due == "2030"


def test_a_plan_keeps_its_chapters_when_one_is_renamed(client: Client, desk: Client):
    plan = {"kind": "action_plan", "title": "Plan of hope", "language": "en", "begins": "2025", "visibility": "desk"}
    post(desk, f"{LIST}plans/new/", **plan, chapters="One\nTwo\nThree")
    row = models.Plan.objects.get()
    measure = make_measure(plan=row, chapter=row.chapters.all()[1])
    page = f"{LIST}plans/{row.public_id}/"
    assert "Two" in read(desk, page)
    post(desk, page, **{**plan, "visibility": "public"}, chapters="One\nSecond\nThree")
    measure.refresh_from_db()
    assert measure.chapter
    assert (measure.chapter.title, row.chapters.count()) == ("Second", 3)
    assert "Plan of hope › Second" in read(client, LIST)
    post(desk, page, **plan, chapters="")
    assert [chapter.title for chapter in row.chapters.all()] == ["Second"]  # a measure belongs to it


def test_regions_and_municipalities(client: Client, desk: Client):
    post(desk, f"{LIST}plans/", name="Northshire", kind="region")
    region = models.Region.objects.get()
    post(desk, f"{LIST}plans/", name="Lamp Town", kind="municipality", part_of=region.pk)
    assert "already a territory" in post(desk, f"{LIST}plans/", 422, name="Northshire", kind="region")
    town = models.Region.objects.get(name="Lamp Town")
    measure = make_measure(region=town)
    assert "Lamp Town, Northshire" in read(client, f"/en/measures/{measure.public_id}/")


def test_the_desk_of_another_state_changes_nothing(nordmark: State):
    measure = make_measure()
    other = sign_in(Client(), make_account(Role.NATIONAL_DESK, state="XB"))
    for address in (f"{LIST}new/", f"{LIST}plans/", f"/en/measures/{measure.public_id}/edit/"):
        assert other.get(address).status_code == 403
    assert other.post(f"/en/measures/{measure.public_id}/stage/", {"stage": "done", "seen": 1}).status_code == 403
    assert other.post(f"{LIST}edit/", {"measure": f"{measure.public_id}:1"}).status_code == 403


# --- Measures by finding ----------------------------------------------------------------------------------------------

BY_FINDING = f"{LIST}findings/"


@pytest.fixture
def answered(nordmark: State) -> dict[str, models.Measure]:
    """Measures that answer § 1 as a whole and in part, and § 3, under Articles 7 and 9; nothing answers § 2 and § 4."""
    strengths = {1: "invites", 2: "urges", 3: "urges", 4: "encourages"}
    articles = {1: ("9", "7"), 2: ("7",), 3: ("9",), 4: ()}
    made = [
        make_finding(number, articles=articles[number], strength=Strength(strengths[number])) for number in strengths
    ]
    make_report(reading=make_reading(findings=made))
    plan = actions.save_plan(
        by=None, state="XA", values={"title": "Plan A", "visibility": MeasureVisibility.PUBLIC}, chapters=[]
    )
    measures: dict[str, models.Measure] = {
        "2": make_measure("Open <shelters>", plan=plan, reference="1.2", lead_name="Ministry of Law"),
        "10": make_measure("Train judges", plan=plan, reference="1.10", stage=Stage.UNDER_WAY),
        "x": make_measure("Close a gap", stage=Stage.STOPPED, reason="No money"),
        "desk": make_measure("For the desk", visibility=MeasureVisibility.DESK, reference="9"),
    }
    findings = {finding.paragraph: finding for finding in Finding.objects.all()}
    actions.link_answer(by=None, measure=measures["2"], finding=findings["1"])
    for part in (1, 3):
        actions.link_answer(by=None, measure=measures["10"], finding=findings["1"], scope=AnswerScope.PART, part=part)
    actions.link_answer(by=None, measure=measures["x"], finding=findings["3"])
    actions.link_answer(by=None, measure=measures["desk"], finding=findings["4"])
    return measures


def rows_of(client: Client, query: str = "") -> list[tuple[str, list[str]]]:
    """Return the rows of the matrix: the paragraph, and the character in each cell; and the articles between them."""
    page = lxml.html.fromstring(read(client, f"{BY_FINDING}?view=matrix{query}"))
    rows = []
    for row in page.xpath("//table[contains(@class, 'answers')]/tbody/tr"):
        heading = " ".join(row.find("th").text_content().split())
        name = re.search(r"§ \d+|Article \d+|Under no article", heading)
        assert name
        cells = [cell.findtext("a/span") if len(cell) else "" for cell in row.findall("td")]
        rows.append((name[0], [cell or "" for cell in cells]))
    return rows


def test_the_matrix_has_a_row_for_each_finding_and_a_column_for_each_measure(
    client: Client, desk: Client, answered: dict[str, models.Measure]
):
    assert rows_of(client) == [
        ("Article 7", []),
        ("§ 2", ["", "", ""]),  # the strongest first
        ("§ 1", ["●", "◐", ""]),  # listed once, under the first of its articles; 1.2 before 1.10
        ("Article 9", []),
        ("§ 3", ["", "", "○"]),  # its measure was stopped
        ("Under no article", []),
        ("§ 4", ["", "", ""]),
    ]
    assert rows_of(desk)[-1] == ("§ 4", ["", "", "●", ""])  # measure 9 of the desk
    page = read(client, f"{BY_FINDING}?view=matrix")
    assert "Open &lt;shelters&gt;" in page
    assert "<shelters>" not in page
    assert (
        '<span class="scope">in part (1, 3), </span>under way: <span lang="en">1.10 Train judges' in page
    )  # in words, for screen readers and on a narrow page
    answer = answered["2"].answers.get()
    assert f'href="/en/measures/{answered["2"].public_id}/#answer-{answer.pk}"' in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("&plan=PLAN", [("§ 2", ["", ""]), ("§ 1", ["●", "◐"]), ("§ 3", ["", ""]), ("§ 4", ["", ""])]),
        ("&lead=Ministry of Law&only=answered", [("§ 1", ["●"])]),
        ("&lead=none&only=answered", [("§ 1", ["◐", ""]), ("§ 3", ["", "○"])]),
        ("&stage=stopped&only=unanswered", [("§ 2", [""]), ("§ 1", [""]), ("§ 4", [""])]),
        ("&strength=urges", [("§ 2", ["", "", ""]), ("§ 3", ["", "", "○"])]),
        ("&only=nonsense", []),
    ],
)
def test_the_matrix_is_filtered_by_measures_and_by_findings(
    client: Client, answered: dict[str, models.Measure], query: str, expected: list[Any]
):
    plan = answered["2"].plan
    assert plan
    found = rows_of(client, query.replace("PLAN", plan.public_id))
    assert [(name, cells) for name, cells in found if name.startswith("§")] == expected


def test_the_list_by_finding_says_what_no_measure_answers(
    client: Client, desk: Client, answered: dict[str, models.Measure]
):
    triage_findings(
        by=None, state="XA", findings=[Finding.objects.get(paragraph="2")], decision=TriageDecision.NOT_FOR_US,
        reason="The regions decide.",
    )  # fmt: skip
    page = lxml.html.fromstring(read(client, BY_FINDING))
    chips = {
        item.xpath(".//a[@class='answered']/span[last()]")[0].text: " ".join(
            item.xpath("./p[@class='chips']")[0].text_content().split()
        )
        for item in page.xpath("//ul[contains(@class, 'by-finding')]/li")
    }
    assert [(name.rpartition("§ ")[2], text) for name, text in chips.items() if name] == [
        ("2", "does not concern the state"), ("1", "● as a whole: 1.2 decided ◐ in part (1, 3): 1.10 under way"),
        ("3", "○ as a whole: Close a gap stopped"), ("4", "no measure shown"),
    ]  # fmt: skip
    assert "2 findings that none of them answers" in read(client, BY_FINDING)
    assert "1 finding that none of them answers" in read(desk, BY_FINDING)
    assert "Only published measures are shown" in read(client, BY_FINDING)
    assert "Only published measures are shown" not in read(desk, BY_FINDING)


@pytest.mark.parametrize("view", ["", "matrix"])
def test_measures_by_finding_take_the_same_number_of_queries(
    client: Client, answered: dict[str, models.Measure], view: str, django_assert_num_queries: Any
):
    with CaptureQueriesContext(connection) as few:
        read(client, f"{BY_FINDING}?view={view}")
    for number in range(12):
        measure = make_measure(f"Measure {number}", lead=make_organisation(f"Body {number}"))
        for paragraph in "1234":
            actions.link_answer(by=None, measure=measure, finding=Finding.objects.get(paragraph=paragraph))
    with django_assert_num_queries(len(few)):
        read(client, f"{BY_FINDING}?view={view}")


def test_the_matrix_says_which_measures_it_does_not_show(
    client: Client, answered: dict[str, models.Measure], monkeypatch: pytest.MonkeyPatch
):
    for module in (matrix, views):
        monkeypatch.setattr(module, "MAX_COLUMNS", 2)
    assert "The first 2 of 3 measures are shown as columns." in read(client, f"{BY_FINDING}?view=matrix")
    assert ("§ 1", ["●", "◐"]) in rows_of(client)


# --- Pages of the list ------------------------------------------------------------------------------------------------


def test_the_list_says_first_what_is_overdue_and_stopped(client: Client, many: dict[str, models.Measure]):
    page = read(client, LIST)
    assert 'href="?only=overdue"' in page
    assert "1 overdue" in page
    assert "nothing stopped" in page
    actions.save_measure(by=None, state="XA", values={}, existing=many["y"], stage=Stage.STOPPED, reason="No money")
    page = read(client, f"{LIST}?only=overdue")  # the counts are of all measures, also in a filtered list
    assert ("1 overdue" in page, "1 stopped" in page) == (True, True)


def test_the_table_has_pages_of_25_unless_all_are_wanted(client: Client, desk: Client, many: Any):
    for number in range(30):
        make_measure(f"Measure {number}")

    def count(visitor: Client, query: str) -> int:
        page = lxml.html.fromstring(read(visitor, LIST + query))
        return len(page.xpath("//tbody/tr[not(@class)] | //div[@class='board']//li/a[@lang]"))

    assert [count(client, query) for query in ("", "?page=2", "?pages=one", "?view=board")] == [25, 9, 34, 34]
    assert 'href="?pages=one"' in read(client, LIST)
    chosen = [f"{one.public_id}:{one.version}" for one in models.Measure.objects.all()]
    answer = desk.post(f"{LIST}edit/?pages=one", {"measure": chosen, "due": "2031", "reason": "New budget"})
    assert answer["Location"] == f"{LIST}?pages=one"
    assert models.Measure.objects.filter(due="2031").count() == 34


def test_the_form_of_a_measure_offers_bodies_by_name_and_no_sentence_of_django(desk: Client):
    make_organisation("Directorate of Lamps", kind="ministry")
    page = read(desk, "/nb/countries/XA/measures/new/")
    assert "Directorate of Lamps</option>" in page
    assert "Organisation object" not in page
    assert "Select an option" not in page
