"""Pages of measures: what is public is shown to everyone, everything to the state's desk."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from samsvar.implementation.measures import AnswerScope, MeasureVisibility, Stage
from samsvar.network.rights import Role
from samsvar.site.convention.models import State
from samsvar.site.implementation import models
from samsvar.site.implementation.measures import actions
from samsvar.site.monitoring.models import Finding
from tests.factories.implementation import make_measure, make_organisation
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_report

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


def test_the_form_of_a_measure_offers_bodies_by_name_and_no_sentence_of_django(desk: Client):
    make_organisation("Directorate of Lamps", kind="ministry")
    page = read(desk, "/nb/countries/XA/measures/new/")
    assert "Directorate of Lamps</option>" in page
    assert "Organisation object" not in page
    assert "Select an option" not in page
