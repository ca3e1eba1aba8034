"""A commitment made at a meeting becomes a measure in one step, and both pages lead to the other."""

from __future__ import annotations

import pytest
from django.test import Client

from samsvar.meetings.meeting import AccessLevel
from samsvar.network.rights import Role
from samsvar.site.implementation import models
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.models import Organisation
from tests.factories.funding import make_activity
from tests.factories.implementation import make_measure
from tests.factories.meetings import make_commitment, make_meeting
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_report
from tests.site.implementation.test_measures import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nordmark")]


def test_a_commitment_becomes_a_measure_that_keeps_its_link(client: Client, desk: Client):
    make_report()
    finding = Finding.objects.get(paragraph="1")
    promise = make_commitment(make_meeting(), state="XA", due="2027-06", finding=finding.public_id)
    page = f"/en/meetings/commitments/{promise.public_id}/"
    assert "Make it a measure" in read(desk, page)
    assert "Make it a measure" not in read(client, page)
    assert desk.post(f"{page}measure/").status_code == 302
    measure = models.Measure.objects.get()
    assert (measure.title, measure.stage, measure.due, measure.visibility, measure.commitment) == (
        promise.text, "decided", "2027-06", "desk", promise.public_id,
    )  # fmt: skip
    assert measure.answers.get().finding_id == finding.public_id
    assert {change.cause for change in measure.changes.all()} == {"commitment"}
    measure_page = f"/en/measures/{measure.public_id}/"
    assert "Make it a measure" not in read(desk, page)
    assert measure_page in read(desk, page)
    assert measure_page not in read(client, page)  # not published
    assert page in read(desk, measure_page)
    models.Measure.objects.update(visibility="public", stage="under_way")
    assert "under way" in read(client, page)
    assert page in read(client, measure_page)
    desk.post(f"{page}measure/")
    assert "A measure has already been made" in read(desk, page)
    assert models.Measure.objects.count() == 1


def test_a_commitment_of_a_body_is_a_measure_of_its_state(desk: Client):
    body = Organisation.objects.create(public_id="hope", name="Ministry of Hope", kind="ministry", state_id="XA")
    promise = make_commitment(make_meeting(), text="We open a shelter. " * 30, state=None)
    promise.commitment.organisation = body
    promise.commitment.save()
    assert desk.post(f"/en/meetings/commitments/{promise.public_id}/measure/").status_code == 302
    measure = models.Measure.objects.get()
    assert (measure.state_id, measure.lead_text) == ("XA", "Ministry of Hope")
    assert measure.title.endswith("…")
    assert measure.text == promise.text


def test_only_the_desk_of_the_state_makes_a_measure_of_its_commitment(desk: Client):
    promise = make_commitment(make_meeting(), state="XB")
    page = f"/en/meetings/commitments/{promise.public_id}/measure/"
    assert desk.post(page).status_code == 403
    hidden = make_commitment(make_meeting(public_id="other"), state="XB", access=AccessLevel.ORGANISERS)
    assert desk.post(f"/en/meetings/commitments/{hidden.public_id}/measure/").status_code == 404
    assert not models.Measure.objects.exists()


def test_a_commitment_that_is_not_public_is_not_shown_with_its_public_measure(client: Client, desk: Client):
    promise = make_commitment(make_meeting(), text="Between us", state="XA", access=AccessLevel.ORGANISERS)
    measure = make_measure("Open a shelter", commitment=promise.public_id)
    assert "Between us" not in read(client, f"/en/measures/{measure.public_id}/")


def test_funding_leads_to_a_published_measure_only(client: Client):
    public, hidden = make_measure("Open a shelter"), make_measure("Talk to the treasury", visibility="desk")
    activity = make_activity().activity
    for measure in (public, hidden):
        activity.links.create(kind="measure", key=measure.public_id)
    page = read(client, f"/en/funding/{activity.slug}/")
    assert f"/en/measures/{public.public_id}/" in page
    assert "Talk to the treasury" not in page
    assert f"/en/funding/{activity.slug}/" in read(client, f"/en/measures/{public.public_id}/")


def test_a_person_of_no_desk_makes_no_measure():
    promise = make_commitment(make_meeting(), state="XA")
    reader = sign_in(Client(), make_account(Role.READER))
    assert reader.post(f"/en/meetings/commitments/{promise.public_id}/measure/").status_code == 403
