"""Practices: written, reviewed by peers of other organisations, published, confirmed and retired."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from samsvar.exchange.practices import (
    EvidenceLevel,
    PracticeActNotPossible,
    PracticeIncomplete,
    PracticeStatus,
    ReviewCheck,
    ReviewsMissing,
    ReviewVerdict,
)
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange.practices.actions import reviewing, writing
from samsvar.site.exchange.practices.models import Practice, PracticeReview, PracticeVersion
from samsvar.site.exchange.practices.queries.review import practices_to_review
from samsvar.site.exchange.practices.scheduled import run_practice_tasks
from samsvar.site.network.models import OutgoingEmail
from tests.factories.exchange_practices import (
    TEXT,
    VALUES,
    approve,
    contributor_for,
    make_practice,
    make_reviewer,
    publish,
    publish_practice,
)
from tests.factories.implementation import make_organisation, make_representative
from tests.factories.people import make_account, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """An organisation with a writer and a colleague, and a draft of theirs."""
    load_convention()
    it = SimpleNamespace()
    it.organisation = make_organisation("Lamp House")
    it.writer, it.colleague = make_representative(it.organisation), make_representative(it.organisation)
    it.secretariat = make_account(Role.SECRETARIAT)
    it.practice = make_practice(it.organisation, by=it.writer)
    return it


def act(client: Client, name: str, practice: Practice, *args: object, **data: object):
    practice.refresh_from_db()
    return client.post(
        reverse(f"exchange:{name}", args=[practice.public_id, *args]), {"seen": practice.revision, **data}
    )


def form_data(**changed: object) -> dict[str, object]:
    """Return what the form of a practice posts, with one building block and one result."""
    data: dict[str, object] = {
        **{name: TEXT[name] for name in TEXT if name != "blocks"},
        **{name: VALUES[name] for name in ("language", "since", "place", "concepts")},
        "articles": "52, 50",
        "evidence_level": "monitored",
        "blocks-0-title": "The form of one page",
        "blocks-0-text": "It asks for facts.",
        "results-0-what": "Orders at weekends",
        "results-0-value": "48",
        "results-0-source": "Register of the courts",
    }
    for prefix, number in (("blocks", 8), ("results", 12), ("links", 6)):
        data |= {f"{prefix}-TOTAL_FORMS": number, f"{prefix}-INITIAL_FORMS": 0}
    return data | changed


# --- Writing ----------------------------------------------------------------------------------------------------------


def test_a_practice_is_written_in_a_form_with_rows_and_can_be_saved_with_its_title_only(world):
    client = sign_in(Client(), world.writer)
    page = client.get(reverse("exchange:add-practice"))
    assert page.status_code == 200
    answer = client.post(reverse("exchange:add-practice"), form_data(cost="12000.50", currency="eur", cost_year="2024"))
    practice = Practice.objects.exclude(pk=world.practice.pk).get()
    assert answer.url == reverse("exchange:own-practice", args=[practice.public_id])
    assert (practice.organisation, practice.state_id, practice.articles) == (world.organisation, "XA", [52, 50])
    assert (f"{practice.cost}", practice.currency, practice.cost_year) == ("12000.50", "EUR", 2024)
    assert practice.texts.get().blocks == [{"title": "The form of one page", "text": "It asks for facts."}]
    assert practice.results == [
        {"what": "Orders at weekends", "value": "48", "unit": "", "period": "", "source": "Register of the courts"}
    ]
    rows = {name: value for name, value in form_data().items() if name.endswith("FORMS")}
    bare = {"title": "Only a title", "language": "en", "evidence_level": "described"}
    answer = client.post(reverse("exchange:add-practice"), rows | bare)
    assert answer.status_code == 302
    assert Practice.objects.filter(texts__title="Only a title").get().status == PracticeStatus.DRAFT


@pytest.mark.parametrize(
    "changed",
    [
        {"title": ""},
        {"articles": "52, 999"},
        {"cost": "100"},
        {"cost": "100", "currency": "EUR", "cost_year": "2999"},
        {"since": "some time ago"},
        {"blocks-1-title": "A block without a text"},
        {"links-0-title": "x", "links-0-url": "javascript:alert(1)"},
    ],
)
def test_a_form_with_a_fault_is_shown_again_with_what_was_typed(world, changed):
    client = sign_in(Client(), world.writer)
    answer = client.post(reverse("exchange:add-practice"), form_data(**changed))
    assert answer.status_code == 422
    assert TEXT["solution"] in answer.content.decode()
    assert Practice.objects.count() == 1


def test_two_people_who_edit_the_same_practice_do_not_overwrite_each_other(world):
    first, second = sign_in(Client(), world.writer), sign_in(Client(), world.colleague)
    address = reverse("exchange:edit-practice", args=[world.practice.public_id])
    seen = world.practice.revision
    assert first.post(address, form_data(seen=seen, problem="The first change.")).status_code == 302
    answer = second.post(address, form_data(seen=seen, problem="The second change."))
    assert answer.status_code == 409
    assert "The second change." in answer.content.decode()
    assert world.practice.texts.get().problem == "The first change."


def test_only_the_owner_sees_a_draft_and_a_stranger_finds_nothing(world):
    stranger = make_representative(make_organisation("Harbour House"))
    for name in ("own-practice", "edit-practice", "add-practice-text"):
        address = reverse(f"exchange:{name}", args=[world.practice.public_id])
        assert sign_in(Client(), world.colleague).get(address).status_code == 200
        assert sign_in(Client(), stranger).get(address).status_code == 404
    assert Client().get(reverse("exchange:practice", args=[world.practice.public_id])).status_code == 404
    with pytest.raises(PermissionDenied):
        writing.save_practice(
            by=stranger, contributor=contributor_for(world.organisation), values=VALUES, text=TEXT,
            existing=world.practice,
        )  # fmt: skip
    with pytest.raises(PermissionDenied):
        writing.submit_practice(by=stranger, practice=world.practice)


def test_the_desk_writes_for_its_state_only(world):
    desk = make_account(Role.NATIONAL_DESK, state="XA")
    assert make_practice(by=desk).organisation is None
    with pytest.raises(PermissionDenied):
        make_practice(by=desk, state="XB")


def test_an_incomplete_practice_names_the_fields_and_is_not_submitted_without_what_went_wrong(world):
    client = sign_in(Client(), world.writer)
    practice = make_practice(world.organisation, text={"went_wrong": " "}, results=[])
    with pytest.raises(PracticeIncomplete) as error:
        writing.submit_practice(by=world.writer, practice=practice)
    assert error.value.fields == "What went wrong, Results"
    page = client.get(reverse("exchange:own-practice", args=[practice.public_id])).content.decode()
    assert "<li>What went wrong</li><li>Results</li>" in page
    assert "Submit for review" not in page
    act(client, "submit-practice", practice)
    assert Practice.objects.get(pk=practice.pk).status == PracticeStatus.DRAFT


def test_a_text_in_another_language_is_added_marked_and_deleted(world):
    client = sign_in(Client(), world.writer)
    rows = {name: value for name, value in form_data().items() if name.startswith("blocks")}
    texts = {"title": "Un juge de permanence", "problem": "Aucune décision le week-end."}
    answer = act(client, "add-practice-text", world.practice, language="fr", is_draft="on", **texts, **rows)
    assert answer.status_code == 302
    text = world.practice.texts.get(language="fr")
    assert (text.title, text.is_draft_translation, len(text.blocks)) == ("Un juge de permanence", True, 1)
    answer = act(client, "edit-practice-text", world.practice, "fr", **texts, **rows)
    assert not world.practice.texts.get(language="fr").is_draft_translation
    publish(world.practice)
    page = Client().get(f"/en/exchange/practices/{world.practice.public_id}/?in=fr").content.decode()
    assert '<h1 lang="fr">Un juge de permanence</h1>' in page
    act(client, "revise-practice", world.practice)
    act(client, "delete-practice-text", world.practice, "fr")
    assert [text.language for text in world.practice.texts.all()] == ["en"]
    assert "Un juge" in Client().get(f"/fr/exchange/practices/{world.practice.public_id}/").content.decode()


def test_a_draft_can_be_deleted_until_it_has_been_published(world):
    client = sign_in(Client(), world.writer)
    other = publish_practice(world.organisation)
    act(client, "delete-practice", world.practice)
    act(client, "revise-practice", other)
    act(client, "delete-practice", other)
    assert list(Practice.objects.all()) == [other]
    assert AuditEntry.objects.filter(verb="deleted a practice").count() == 1


# --- Review -----------------------------------------------------------------------------------------------------------


def review_data(practice: Practice, **changed: object) -> dict[str, object]:
    checks = [check.value for check in ReviewCheck]
    return {"seen": practice.version, "conflict": "no", "checks": checks, "verdict": "approve", **changed}


def test_two_peers_approve_and_the_secretariat_publishes(world):
    writing.submit_practice(by=world.writer, practice=world.practice)
    secretariat = sign_in(Client(), world.secretariat)
    address = reverse("exchange:publish-practice", args=[world.practice.public_id])
    for number in range(2):
        assert "Publish practice" not in secretariat.get(address).content.decode()
        peer, _organisation = make_reviewer()
        client = sign_in(Client(), peer)
        assert "An on-call judge" in client.get(reverse("exchange:practices-to-review")).content.decode()
        review = reverse("exchange:review-practice", args=[world.practice.public_id])
        page = client.get(review).content.decode()
        assert TEXT["went_wrong"] in page
        assert client.post(review, review_data(world.practice)).status_code == 302
        assert client.get(review).status_code == 404, f"peer {number} cannot review it twice"
    assert "2 organisations approve this text." in secretariat.get(address).content.decode()
    answer = act(secretariat, "publish-practice", world.practice)
    assert answer.url == reverse("exchange:practice", args=[world.practice.public_id])
    world.practice.refresh_from_db()
    assert (world.practice.status, world.practice.published_version) == (PracticeStatus.PUBLISHED, 1)
    assert world.practice.confirmed_on == timezone.localdate()
    assert [entry.act for entry in world.practice.events.all()] == [
        "created", "submit", "reviewed", "reviewed", "publish",
    ]  # fmt: skip
    assert {"submitted a practice", "reviewed a practice", "published a practice"} <= {
        *AuditEntry.objects.values_list("verb", flat=True)
    }


def test_a_peer_sends_it_back_and_the_owner_reads_the_comment_without_a_name(world):
    writing.submit_practice(by=world.writer, practice=world.practice)
    approve(world.practice)
    peer, organisation = make_reviewer("Tell Tale House")
    client = sign_in(Client(), peer)
    review = reverse("exchange:review-practice", args=[world.practice.public_id])
    assert client.post(review, review_data(world.practice, verdict="send_back")).status_code == 422
    comment = "The caption of the second photograph shows the street of a shelter."
    assert client.post(review, review_data(world.practice, verdict="send_back", comment=comment)).status_code == 302
    owner = sign_in(Client(), world.writer)
    page = owner.get(reverse("exchange:own-practice", args=[world.practice.public_id])).content.decode()
    assert comment in page
    assert organisation.name not in page
    assert peer.email not in page
    assert [email.to for email in OutgoingEmail.objects.order_by("to")] == sorted(
        [world.writer.email, world.colleague.email]
    )
    assert comment not in OutgoingEmail.objects.first().body
    act(owner, "submit-practice", world.practice)
    world.practice.refresh_from_db()
    assert (world.practice.status, world.practice.version) == (PracticeStatus.IN_REVIEW, 2)
    approve(world.practice)
    with pytest.raises(ReviewsMissing):  # the first approval was of another text
        reviewing.publish_practice(by=None, practice=world.practice)
    approve(world.practice, by=peer, organisation=organisation)  # they can read the new version
    reviewing.publish_practice(by=None, practice=world.practice)


def test_an_approval_needs_every_tick(world):
    writing.submit_practice(by=world.writer, practice=world.practice)
    peer, organisation = make_reviewer()
    client = sign_in(Client(), peer)
    review = reverse("exchange:review-practice", args=[world.practice.public_id])
    all_but_one = [check.value for check in ReviewCheck][:-1]
    assert client.post(review, review_data(world.practice, checks=all_but_one)).status_code == 422
    with pytest.raises(reviewing.ChecksMissing):
        approve(world.practice, by=peer, organisation=organisation, checks=[])
    assert not PracticeReview.objects.exists()


def test_a_declared_conflict_of_interest_does_not_count_and_needs_nothing_else(world):
    writing.submit_practice(by=world.writer, practice=world.practice)
    peer, _organisation = make_reviewer()
    client = sign_in(Client(), peer)
    review = reverse("exchange:review-practice", args=[world.practice.public_id])
    assert client.post(review, {"seen": 1}).status_code == 422
    assert client.post(review, {"seen": 1, "conflict": "yes"}).status_code == 302
    approve(world.practice)
    with pytest.raises(ReviewsMissing):
        reviewing.publish_practice(by=None, practice=world.practice)


def test_two_peers_of_one_organisation_count_once(world):
    writing.submit_practice(by=world.writer, practice=world.practice)
    peer, organisation = make_reviewer()
    approve(world.practice, by=peer, organisation=organisation)
    approve(world.practice, by=make_representative(organisation), organisation=organisation)
    with pytest.raises(ReviewsMissing):
        reviewing.publish_practice(by=None, practice=world.practice)


def test_no_one_judges_what_their_own_side_has_written(world):
    """Neither a colleague, nor an author who has changed sides, nor a ministry about its state's desk."""
    writing.submit_practice(by=world.writer, practice=world.practice)
    other = make_organisation("Harbour House", state="XB")
    changed_sides = make_representative(other)
    world.practice.events.filter(act="created").update(by=changed_sides)
    of_desk = make_practice()
    writing.submit_practice(by=None, practice=of_desk)
    ministry = make_representative(make_organisation("Ministry of Lamps", kind="ministry"))
    bound = make_representative(make_organisation("Third House", state="XB"))
    bound.grants.create(role=Role.NATIONAL_DESK, state_id="XA", since=timezone.now() - timedelta(days=1))
    for account, practice in (
        (world.colleague, world.practice), (changed_sides, world.practice), (ministry, of_desk), (bound, of_desk),
    ):  # fmt: skip
        assert practice not in [waiting.practice for waiting in practices_to_review(account)]
        address = reverse("exchange:review-practice", args=[practice.public_id])
        assert sign_in(Client(), account).get(address).status_code == 404
        with pytest.raises(PermissionDenied):
            approve(practice, by=account)
    assert world.practice in [waiting.practice for waiting in practices_to_review(ministry)]


def test_a_review_of_a_version_that_is_no_longer_there_is_refused(world):
    writing.submit_practice(by=world.writer, practice=world.practice)
    peer, organisation = make_reviewer()
    with pytest.raises(writing.PracticeChanged):
        reviewing.review_practice(
            by=peer, practice=world.practice, organisation=organisation, verdict=ReviewVerdict.APPROVE,
            version=7, checks=list(ReviewCheck),
        )  # fmt: skip


def test_the_secretariat_sends_back_with_a_reason(world):
    writing.submit_practice(by=world.writer, practice=world.practice)
    client = sign_in(Client(), world.secretariat)
    assert "An on-call judge" in client.get(reverse("exchange:practices-to-publish")).content.decode()
    assert act(client, "send-practice-back", world.practice, reason="").status_code == 422
    assert act(client, "send-practice-back", world.practice, reason="It describes two problems.").status_code == 302
    world.practice.refresh_from_db()
    assert (world.practice.status, world.practice.status_reason) == ("sent_back", "It describes two problems.")


def test_the_text_cannot_be_changed_while_peers_read_it(world):
    writing.submit_practice(by=world.writer, practice=world.practice)
    client = sign_in(Client(), world.writer)
    address = reverse("exchange:edit-practice", args=[world.practice.public_id])
    assert client.get(address).status_code == 404
    with pytest.raises(PracticeActNotPossible):
        writing.save_practice(
            by=world.writer, contributor=contributor_for(world.organisation), values=VALUES, text=TEXT,
            existing=world.practice,
        )  # fmt: skip


# --- Versions, confirmation, retirement -------------------------------------------------------------------------------


def test_a_published_version_stays_readable_when_the_practice_is_revised_and_retired(world):
    practice = publish(world.practice)
    client, reader = sign_in(Client(), world.writer), Client()
    page = reverse("exchange:practice", args=[practice.public_id])
    act(client, "revise-practice", practice)
    writing.save_practice(
        by=world.writer, contributor=contributor_for(world.organisation), values=VALUES,
        text={**TEXT, "problem": "Now also on public holidays."}, existing=practice,
    )  # fmt: skip
    assert TEXT["problem"] in reader.get(page).content.decode()
    publish(practice)
    assert "Now also on public holidays." in reader.get(page).content.decode()
    first = reader.get(reverse("exchange:practice-version", args=[practice.public_id, 1])).content.decode()
    assert TEXT["problem"] in first
    assert "There is a newer one." in first
    assert reader.get(reverse("exchange:practice-version", args=[practice.public_id, 3])).status_code == 404

    answer = act(client, "retire-practice", practice, reason="The law was repealed.")
    assert answer.status_code == 302
    assert "The law was repealed." in reader.get(page).content.decode()
    assert (
        TEXT["problem"]
        in reader.get(reverse("exchange:practice-version", args=[practice.public_id, 1])).content.decode()
    )
    assert "An on-call judge" not in reader.get(reverse("exchange:practices")).content.decode()
    act(client, "reopen-practice", practice)
    assert "The law was repealed." in reader.get(page).content.decode()  # until it is published again
    publish(practice)
    assert "The law was repealed." not in reader.get(page).content.decode()
    assert [version.number for version in PracticeVersion.objects.filter(practice=practice)] == [3, 2, 1]


def test_the_owner_is_asked_once_to_confirm_after_18_months(world):
    practice = publish(world.practice)
    OutgoingEmail.objects.all().delete()
    page = reverse("exchange:practice", args=[practice.public_id])
    Practice.objects.filter(pk=practice.pk).update(confirmed_on=date(2025, 1, 10))
    assert run_practice_tasks(now=datetime(2026, 7, 9, 3, tzinfo=UTC)) == {}
    assert run_practice_tasks(now=datetime(2026, 7, 11, 3, tzinfo=UTC)) == {"practices_to_confirm": 1}
    assert run_practice_tasks(now=datetime(2026, 7, 12, 3, tzinfo=UTC)) == {}
    assert sorted(email.to for email in OutgoingEmail.objects.all()) == sorted(
        [world.writer.email, world.colleague.email]
    )
    assert "not confirmed since 10 January 2025" in Client().get(page).content.decode()
    act(sign_in(Client(), world.writer), "confirm-practice", practice)
    practice.refresh_from_db()
    assert (practice.confirmed_on, practice.reminded_on) == (timezone.localdate(), None)
    assert "not confirmed since" not in Client().get(page).content.decode()


def test_the_secretariat_can_retire_a_practice_and_a_stranger_cannot(world):
    practice = publish(world.practice)
    stranger = make_representative(make_organisation("Harbour House"))
    assert act(sign_in(Client(), stranger), "retire-practice", practice, reason="No").status_code == 404
    answer = act(sign_in(Client(), world.secretariat), "retire-practice", practice, reason="An address was found.")
    assert answer.status_code == 302
    assert practice.events.get(act="retire").role == "secretariat"


# --- The list and the page --------------------------------------------------------------------------------------------


def test_the_page_shows_everything_and_says_that_listing_is_not_endorsement(world):
    practice = publish_practice(
        world.organisation, cost=Decimal(12000), currency="EUR", cost_year=2024,
        links=[{"title": "The evaluation", "url": "https://fyrlys.example/evaluation"}],
        text={"staff": "Twelve judges.", "legal_basis": "Act 7.", "results": "Officers call more often."},
    )  # fmt: skip
    page = Client().get(reverse("exchange:practice", args=[practice.public_id])).content.decode()
    for text in (
        *(TEXT[name] for name in TEXT if name != "blocks"), "Twelve judges.", "Act 7.", "Officers call more often.",
        "12,000 EUR (2024)", "Listing is not endorsement.", "Register of the courts", "March 2021", "Fyrlys",
        'id="block-2"', "The telephone rota", "https://fyrlys.example/evaluation", "emergency barring orders",
        "Figures are collected over time, without a comparison.", "/v/1/",
    ):  # fmt: skip
        assert text in page, text
    assert '<li aria-current="true">\n            monitored' in page


def test_a_draft_translation_is_marked_wherever_it_is_read(world):
    world.practice.texts.create(language="fr", is_draft_translation=True, **TEXT | {"title": "Un juge de permanence"})
    publish(world.practice)
    url = reverse("exchange:practice", args=[world.practice.public_id])
    original = " ".join(Client().get(url).content.decode().split())
    assert "French (draft translation)</a>" in original
    assert "This is a draft translation, which no one has checked." not in original
    translated = Client().get(url, {"in": "fr"}).content.decode()
    assert "Un juge de permanence" in translated
    assert "This is a draft translation, which no one has checked." in translated


def test_the_list_filters_by_what_practices_have(world):
    publish(world.practice)
    other = publish_practice(
        make_organisation("Harbour House", state="XB"), text={"title": "A helpline at night"}, articles=[24],
        concepts=["helplines", "stalking"], evidence_level=EvidenceLevel.DESCRIBED, results=[],
    )  # fmt: skip
    writing.retire_practice(by=None, practice=publish_practice(text={"title": "Retired"}), reason="No longer done.")
    client = Client()

    def titles(**params: str) -> list[str]:
        answer = client.get(reverse("exchange:practices"), params)
        return [practice.title for practice in answer.context["page"].listed]

    judge, helpline = TEXT["title"], "A helpline at night"
    assert titles() == [helpline, judge]
    assert titles(order="evidence") == [judge, helpline]
    assert titles(order="state") == [judge, helpline]
    for params in (
        {"article": "24"}, {"form": "stalking"}, {"topic": "helplines"}, {"state": "XB"}, {"level": "described"},
    ):  # fmt: skip
        assert titles(**params) == [helpline], params
    assert titles(language="en") == [helpline, judge]
    for params in ({"article": "2"}, {"topic": "stalking"}, {"state": "XB|article:24"}, {"language": "fr"}):
        assert titles(**params) == [], params
    page = client.get(reverse("exchange:practices")).content.decode()
    assert "2 practices" in page
    assert "Listing is not endorsement." in page
    assert other.public_id in client.get(reverse("exchange:home")).content.decode()


def test_an_empty_list_says_what_to_do(client, db):
    load_convention()
    for name in ("practices", "home"):
        page = client.get(reverse(f"exchange:{name}")).content.decode()
        assert "Organisations and national desks can sign in" in page


def test_the_number_of_queries_does_not_depend_on_the_number_of_practices(world, django_assert_num_queries):
    publish(world.practice)
    address = reverse("exchange:practices")
    client = Client()
    client.get(address)
    with django_assert_num_queries(3):
        client.get(address)
    for number in range(3):
        publish_practice(world.organisation, text={"title": f"Practice {number}"})
    with django_assert_num_queries(3):
        assert len(client.get(address).context["page"].listed) == 4


def test_the_page_is_cacheable_and_its_queries_do_not_depend_on_the_versions(world):
    practice = publish(world.practice)
    address = reverse("exchange:practice", args=[practice.public_id])

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            answer = Client().get(address)
        assert answer["Cache-Control"] == "public, no-cache"
        return len(queries)

    count()
    before = count()
    for _number in range(2):
        writing.revise_practice(by=None, practice=practice)
        publish(practice)
    assert count() == before


def test_an_act_on_a_page_that_is_out_of_date_changes_nothing(world):
    seen = world.practice.revision
    writing.save_practice(
        by=world.colleague, contributor=contributor_for(world.organisation), values=VALUES,
        text={**TEXT, "solution": "Changed meanwhile."}, existing=world.practice,
    )  # fmt: skip
    with pytest.raises(writing.PracticeChanged):
        writing.submit_practice(by=world.writer, practice=world.practice, seen=seen)
    client = sign_in(Client(), world.writer)
    client.post(reverse("exchange:submit-practice", args=[world.practice.public_id]), {"seen": seen})
    client.post(reverse("exchange:submit-practice", args=[world.practice.public_id]))
    world.practice.refresh_from_db()
    assert world.practice.status == PracticeStatus.DRAFT


def test_search_finds_published_practices_only(world):
    client = Client()
    address, page = reverse("search:search"), reverse("exchange:practice", args=[world.practice.public_id])
    assert page not in client.get(address, {"q": "barring judge"}).content.decode()
    publish(world.practice)
    assert page in client.get(address, {"q": "barring judge"}).content.decode()
