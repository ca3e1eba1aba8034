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
from tests.factories.implementation import make_measure
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def nordmark() -> State:
    State.objects.get_or_create(code="XB", defaults={"kind": "fictional"})
    return State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})[0]


@pytest.fixture
def desk(nordmark: State) -> Client:
    return sign_in(Client(), make_account(Role.NATIONAL_DESK, state="XA"))


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
