"""From an urged finding to a measure: a request, an introduction, a study visit, and the adoption of a practice."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from samsvar.exchange.requests import HelpForm
from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange.models import Adoption, Introduction
from samsvar.site.meetings.models import Meeting
from tests.factories.exchange_introductions import make_introduction, make_member, make_practice
from tests.factories.funding import make_activity
from tests.factories.implementation import make_evidence, make_organisation
from tests.factories.meetings import make_session, publish_programme
from tests.factories.people import make_account
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.stored import storage_settings
from tests.journeys.roles import Journey
from tests.journeys.test_meeting_day import sign_in_page

PRACTICE = "A reverse alarm"


@pytest.fixture
def journey(live_server, open_page, axe, settings, tmp_path):
    """Yield a journey on a site with a report, in which a finding urges the state to act."""
    settings.STORAGES = storage_settings(tmp_path)
    load_convention()
    walks = Journey(open_page, live_server.url, axe)
    yield walks
    assert walks.faults() == {}


def sign_in_as(journey, language, account, **how):
    visitor = journey.visitor(language)
    sign_in_page(visitor.page, visitor.site, account, **how)
    return visitor


def accept(visitor, path, shown_as):
    visitor.go(path)
    visitor.main.locator(f'[name="shown_as"][value="{shown_as}"]').check()
    visitor.press("Accept introduction")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "nb"])
def test_from_an_urged_finding_to_a_measure_by_way_of_a_study_visit(journey, language):
    report = make_report(b"baseline", make_reading([make_finding(1, articles=("53",))]))
    owner = make_organisation("Lighthouse", state="XB")
    helper = sign_in_as(journey, language, make_member("Hanna Helper", owner))
    asker = sign_in_as(journey, language, make_member("Asta Asker", None, Role.NATIONAL_DESK, state="XA"))
    secretariat = sign_in_as(journey, language, make_account(Role.SECRETARIAT), staff_session="the helpdesk")
    practice = make_practice(PRACTICE, organisation=owner)

    # from the finding to a request, and from the request to an introduction
    asker.go(f"findings/{report.findings.get().public_id}/")
    asker.follow("Ask the network")
    asker.fill(problem="We need an alarm that the offender wears.", situation="Women get a paper.")
    asker.press("Send request")
    asker.follow("Ask for an introduction")
    asker.choose(whom=f"practice:{practice.public_id}", help="study_visit")
    asker.press("Send to the secretariat")
    path = asker.path
    helper.go("exchange/introductions/")
    assert helper.main.locator(".lines a").count() == 0  # no one has been asked yet

    secretariat.go("exchange/introductions/helpdesk/")
    secretariat.take(secretariat.main.locator(".lines a").first)
    secretariat.press("Ask both sides")

    # both agree; neither sees the other's name before
    helper.go(path)
    assert not helper.sees("Asta Asker")
    accept(helper, path, "name")
    accept(asker, path, "organisation")
    helper.go(path)
    assert not helper.sees("Asta Asker")
    asker.go(path)
    assert asker.sees("Hanna Helper")
    asker.fill(text="Would the first week of May suit you?")
    asker.press("Send message")
    helper.go(path)
    assert helper.sees("Would the first week of May suit you?")

    # the study visit is a meeting with a programme and funding
    secretariat.go(path)
    secretariat.follow("Create a meeting from it")
    day = timezone.localdate() - timedelta(days=2)
    secretariat.choose(network="lantern")
    secretariat.fill(begins=day.isoformat(), ends=day.isoformat())
    secretariat.press("Create meeting")
    meeting = Meeting.objects.get()
    make_session(meeting, title={"en": "The control room"})
    publish_programme(meeting)
    make_activity().activity.links.create(kind="meeting", key=meeting.public_id)
    secretariat.go(f"meetings/{meeting.public_id}/manage/publish/")
    secretariat.main.locator('[name="access"][value="public"]').check()
    secretariat.take(secretariat.main.locator('form:has([name="access"])').get_by_role("button"))
    helper.go(path)
    helper.take(helper.main.locator(f'a[href$="/meetings/{meeting.public_id}/"]'))
    assert helper.sees("Lamps (fictional)")
    helper.go(path)
    helper.press("It took place on %(when)s", when=_shown(day, language))
    introduction = Introduction.objects.get()
    assert introduction.held_on == day

    # the practice becomes a measure of the asker's state, with evidence
    asker.go(f"exchange/practices/{practice.public_id}/")
    asker.follow("We take this up")
    asker.choose(measure="new")
    asker.fill(measure_title="Our own alarm", changed="One county first.")
    asker.main.locator('[name="is_public"]').check()
    asker.press("Save adoption")
    adoption = Adoption.objects.get()
    for status in ("taken_up", "working"):
        if status == "working":
            make_evidence(adoption.measure)
        asker.choose(status=status)
        asker.press("Save status")
    adoption.refresh_from_db()
    assert adoption.status == "working"
    asker.go(f"measures/{adoption.measure.public_id}/")
    assert asker.sees(PRACTICE)
    helper.go(f"exchange/practices/{practice.public_id}/")
    helper.take(helper.main.locator(f'a[href$="/adoptions/{adoption.public_id}/"]'))
    helper.press("Confirm adoption")
    assert helper.main.get_by_text("Our own alarm").count() == 0  # the desk has not published its measure


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "nb"])
def test_what_did_not_take_place_is_closed_and_no_one_is_asked_to_rate_it(journey, language):
    introduction = make_introduction(introduced=True, form_of_help=HelpForm.CALL)
    path = f"exchange/introductions/{introduction.public_id}/"
    helper = sign_in_as(journey, language, introduction.helper)
    helper.go(path)
    helper.press("It did not take place")
    for account in (introduction.asker, introduction.helper):
        visitor = sign_in_as(journey, language, account)
        visitor.go(path)
        assert visitor.reads("It did not take place. No one is asked to rate it or to say why.")
        assert visitor.main.locator('[name="outcome"]').count() == 0
        assert urlsplit(visitor.page.url).path.endswith(path)


def _shown(day, language):
    from django.utils.translation import override

    from samsvar.site.shell.templatetags.samsvar import day as shown_day

    with override(language):
        return shown_day(day.isoformat())
