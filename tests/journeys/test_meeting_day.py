"""Check-in without a connection, walk-ins and one-to-one meetings, in a browser."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
import qrcode
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from samsvar.meetings.registration import RegistrationStatus
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.one_to_one import add_one_to_one_period, opt_in
from tests.factories.meetings import (
    make_duty,
    make_meeting,
    make_organiser,
    make_registration,
    make_session,
    publish_programme,
)
from tests.factories.people import make_account, sign_in
from tests.journeys.test_pages import faults
from tools.chromium import launch_flags

HALF_AN_HOUR = 30 * 60  # seconds


def sign_in_page(page, site, account, **how):
    """Sign the page's browser in with this account, and return the page."""
    client = sign_in(Client(), account, **how)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}])
    return page


def wait_for_state(page, selector):
    """Wait until the page's state matches a selector; its security policy does not allow a script to poll it."""
    page.locator(selector).wait_for(state="attached")


def waiting_selector(count):
    return f"[data-part=state][data-waiting='{count}']"


def search_guests(page, words):
    page.get_by_label("Part of a name").fill(words)


def check_in(page, name):
    page.get_by_role("button", name=f"Check in {name}", exact=True).first.click()
    page.get_by_text(f"{name} checked in.").wait_for()


READY = "[data-check-in][data-kept=yes]"


@pytest.mark.django_db(transaction=True)
def test_check_in_works_offline_for_half_an_hour_and_counts_each_guest_once(live_server, open_page, axe):
    meeting = make_meeting()
    guests = [
        make_registration(meeting, name) for name in ("Ana Moreau", "Ștefania Brâncuș", "Олена Їжак", "Late Canceller")
    ]
    door = reverse("meetings:check-in", args=[meeting.public_id])
    pages = []
    for _phone in range(2):
        helper = make_account()
        make_duty(meeting, helper)
        page = sign_in_page(open_page(width=390), live_server.url, helper)
        page.clock.install()
        page.goto(f"{live_server.url}{door}")
        wait_for_state(page, READY)
        pages.append(page)
    one, other = pages
    assert faults(one, axe) == []
    assert one.evaluate("document.documentElement.scrollWidth") <= 390

    # Both devices lose the connection; one page is even reloaded without it.
    for page in pages:
        page.context.set_offline(True)
    one.reload()
    wait_for_state(one, "[data-check-in][data-ready=yes]")
    search_guests(one, "mor")
    check_in(one, "Ana Moreau")
    search_guests(one, "stef")
    check_in(one, "Ștefania Brâncuș")
    search_guests(one, "late")
    check_in(one, "Late Canceller")
    search_guests(other, "mor")
    check_in(other, "Ana Moreau")  # checked in at both entrances
    wait_for_state(one, waiting_selector(3))
    wait_for_state(other, waiting_selector(1))
    for page in pages:
        page.clock.fast_forward(HALF_AN_HOUR * 1000)
    assert models.CheckIn.objects.count() == 0

    # Meanwhile a place is cancelled; then the connection comes back.
    models.Registration.objects.filter(pk=guests[3].pk).update(status=RegistrationStatus.WITHDRAWN)
    for page in pages:
        page.context.set_offline(False)
        page.clock.fast_forward(20_000)  # retried every 15 seconds
        wait_for_state(page, waiting_selector(0))
    expect(
        one.get_by_text("Late Canceller arrived, but their place had been cancelled in the meantime.")
    ).to_be_visible()
    stored = models.CheckIn.objects.order_by("pk")
    assert sorted(row.registration.public_id for row in stored) == sorted(
        guests[number].public_id for number in (0, 0, 1, 3)
    )
    assert len({row.device for row in stored}) == 2
    counted = models.CheckIn.objects.filter(registration__status="confirmed").values("registration").distinct()
    assert counted.count() == 2
    now = timezone.now()
    assert all(now - timedelta(minutes=35) < row.at < now for row in stored)
    long_ago = [row for row in stored if row.at < now - timedelta(minutes=25)]
    assert len(long_ago) == 4  # half an hour ago, as the devices recorded, and not when they were sent

    # What was sent is not sent again, and signing out on any page deletes the names.
    one.reload()
    wait_for_state(one, READY)
    assert models.CheckIn.objects.count() == 4
    one.goto(f"{live_server.url}/en/account/")
    one.set_viewport_size({"width": 1280, "height": 900})
    one.locator(".account summary").click()
    with one.expect_navigation():
        one.locator(".account").get_by_role("button", name="Sign out").click()
    kept = one.evaluate(
        """() => new Promise((resolve) => {
            const asked = indexedDB.open("samsvar-check-in");
            asked.onsuccess = () => {
              const names = asked.result.transaction("people").objectStore("people").count();
              names.onsuccess = () => resolve(names.result);
            };
          })"""
    )
    assert kept == 0


def add_walk_in(page, name):
    panel = page.locator("[data-part=new]")
    if panel.get_attribute("open") is None:
        panel.locator("summary").click()
    panel.get_by_label("Name", exact=True).fill(name)
    panel.get_by_role("button", name="Add").click()


def read_device_store(page, store):
    """Return what the device keeps in one of its stores."""
    return page.evaluate(
        """(store) => new Promise((resolve) => {
            const asked = indexedDB.open("samsvar-check-in");
            asked.onsuccess = () => {
              const rows = asked.result.transaction(store).objectStore(store).getAll();
              rows.onsuccess = () => resolve(rows.result);
            };
          })""",
        store,
    )


@pytest.mark.django_db(transaction=True)
def test_walk_ins_added_offline_at_two_entrances_are_all_recorded(live_server, open_page, axe):
    meeting = make_meeting()
    make_registration(meeting, "Petra Lind")
    models.Quota.objects.create(meeting=meeting, kind="whole", places=3, taken=1)
    door = reverse("meetings:check-in", args=[meeting.public_id])
    pages = []
    for _phone in range(2):
        helper = make_account()
        make_duty(meeting, helper)
        page = sign_in_page(open_page(width=390), live_server.url, helper)
        page.clock.install()
        page.goto(f"{live_server.url}{door}")
        wait_for_state(page, READY)
        page.context.set_offline(True)
        pages.append(page)
    one, other = pages
    add_walk_in(one, "Ana Moreau")
    one.get_by_text("Ana Moreau added.").wait_for()
    assert faults(one, axe) == []
    assert one.evaluate("document.documentElement.scrollWidth") <= 390
    one.reload()  # still without a connection: the walk-in is on its list
    wait_for_state(one, "[data-check-in][data-ready=yes]")
    wait_for_state(one, waiting_selector(1))
    search_guests(one, "mor")
    expect(one.locator("[data-part=found] li")).to_have_count(1)
    add_walk_in(one, "Lind Petra")  # already on the list: asks once for confirmation
    one.get_by_text("Petra Lind is already on this list.").wait_for()
    one.locator("[data-part=new]").get_by_role("button", name="Add").click()
    wait_for_state(one, waiting_selector(2))
    add_walk_in(other, "Ana MOREAU")  # also at the other entrance
    wait_for_state(other, waiting_selector(1))
    assert models.CheckIn.objects.count() == 0

    for page in pages:
        page.context.set_offline(False)
        page.clock.fast_forward(20_000)
        wait_for_state(page, waiting_selector(0))
    expect(one.get_by_text("Someone with the same name is registered")).to_have_count(1)
    expect(other.get_by_text("Ana MOREAU arrived without a place")).to_be_visible()
    assert sorted(meeting.registrations.values_list("status", flat=True)) == [
        "confirmed", "confirmed", "confirmed", "waiting",
    ]  # fmt: skip
    assert models.CheckIn.objects.filter(walked_in=True).values("registration").distinct().count() == 3
    for page in pages:
        page.reload()
        wait_for_state(page, READY)
    assert (models.CheckIn.objects.count(), read_device_store(one, "seen")) == (3, [])

    organiser = sign_in_page(
        open_page(width=320), live_server.url, make_organiser(meeting), staff_session="at the door"
    )  # fmt: skip
    organiser.goto(f"{live_server.url}{door}")
    assert faults(organiser, axe) == []
    assert organiser.evaluate("document.documentElement.scrollWidth") <= 320
    organiser.get_by_role("button", name="Same person as Ana Moreau").click()
    expect(organiser.get_by_text("Recorded as the same person.")).to_be_visible()
    organiser.get_by_role("button", name="A different person Lind Petra").click()
    expect(organiser.get_by_text("Marked as checked.")).to_be_visible()
    expect(organiser.get_by_text("Possible duplicates")).to_have_count(0)
    assert sorted(meeting.registrations.values_list("status", flat=True)) == [
        "confirmed", "confirmed", "confirmed", "withdrawn",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_name_of_a_walk_in_expires_on_the_device_but_the_check_in_is_kept(live_server, open_page):
    meeting = make_meeting()
    helper = make_account()
    make_duty(meeting, helper, until=timezone.now() + timedelta(minutes=40))
    page = sign_in_page(open_page(width=390), live_server.url, helper)
    page.clock.install()
    page.goto(f"{live_server.url}{reverse('meetings:check-in', args=[meeting.public_id])}")
    wait_for_state(page, READY)
    page.context.set_offline(True)
    add_walk_in(page, "Ana Moreau")
    wait_for_state(page, waiting_selector(1))
    page.clock.fast_forward(41 * 60 * 1000)
    page.get_by_text("There are no names on this device.").wait_for()
    assert [one["walkIn"] for one in read_device_store(page, "seen")] == [None]
    models.Duty.objects.update(until=timezone.now() + timedelta(hours=1))
    page.context.set_offline(False)
    page.clock.fast_forward(20_000)
    wait_for_state(page, waiting_selector(0))
    assert [(one.walked_in, one.registration) for one in models.CheckIn.objects.all()] == [(True, None)]


@pytest.mark.django_db(transaction=True)
def test_signing_out_sends_pending_walk_ins_first(live_server, open_page):
    meeting = make_meeting()
    helper = make_account()
    make_duty(meeting, helper)
    page = sign_in_page(open_page(width=1280), live_server.url, helper)
    page.clock.install()
    page.goto(f"{live_server.url}{reverse('meetings:check-in', args=[meeting.public_id])}")
    wait_for_state(page, READY)
    page.context.set_offline(True)
    add_walk_in(page, "Ana Moreau")
    wait_for_state(page, waiting_selector(1))
    page.context.set_offline(False)
    page.goto(f"{live_server.url}/en/account/")  # a page that does not send anything by itself
    page.locator(".account summary").click()
    with page.expect_navigation():
        page.locator(".account").get_by_role("button", name="Sign out").click()
    assert (read_device_store(page, "seen"), models.CheckIn.objects.filter(registration__isnull=False).count()) == (
        [],
        1,
    )


@pytest.mark.django_db(transaction=True)
def test_names_on_a_device_are_deleted_when_the_helpers_duty_ends(live_server, open_page):
    meeting = make_meeting()
    make_registration(meeting, "Ana Moreau")
    helper = make_account()
    make_duty(meeting, helper, until=timezone.now() + timedelta(minutes=40))
    page = sign_in_page(open_page(width=390), live_server.url, helper)
    page.clock.install()
    page.goto(f"{live_server.url}{reverse('meetings:check-in', args=[meeting.public_id])}")
    wait_for_state(page, READY)
    page.context.set_offline(True)
    search_guests(page, "ana")
    expect(page.get_by_role("button", name="Check in Ana Moreau")).to_be_visible()
    page.clock.fast_forward(41 * 60 * 1000)
    page.get_by_text("There are no names on this device.").wait_for()
    expect(page.get_by_text("Ana Moreau")).to_have_count(0)


@pytest.mark.django_db(transaction=True)
def test_without_javascript_a_guest_is_found_by_name_and_checked_in(live_server, open_page):
    meeting = make_meeting()
    make_registration(meeting, "Ana Moreau")
    helper = make_account()
    make_duty(meeting, helper)
    page = sign_in_page(open_page(width=320, javascript=False), live_server.url, helper)
    page.goto(f"{live_server.url}{reverse('meetings:check-in', args=[meeting.public_id])}")
    page.get_by_role("searchbox", name="Name").fill("more")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Check in Ana Moreau").click()
    expect(page.get_by_text("Ana Moreau has been checked in.")).to_be_visible()
    page.get_by_role("button", name="Undo the check-in of Ana Moreau").click()
    expect(page.get_by_text("Check-in undone.")).to_be_visible()
    assert [row.undone_at is None for row in models.CheckIn.objects.all()] == [False]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_two_participants_agree_to_meet_and_both_see_when_and_where(live_server, open_page, axe, width, scheme):
    today = timezone.now().date() + timedelta(days=1)
    meeting = make_meeting(begins=today, ends=today + timedelta(days=2))
    make_session(meeting, 9)
    publish_programme(meeting)
    starts = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    add_one_to_one_period(
        by=make_organiser(meeting),
        meeting=meeting,
        starts=starts,
        ends=starts + timedelta(hours=1),
        minutes=20,
        tables=2,
    )
    asker = make_registration(meeting, "Ana Moreau", account=make_account())
    asked = make_registration(meeting, "Olena Kostenko", account=make_account())
    opt_in(by=asked.person.account, registration=asked, about="Helplines")
    mine = f"{live_server.url}{reverse('meetings:one-to-one', args=[meeting.public_id])}"
    found = {}

    def look(page):
        found[page.url] = faults(page, axe)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    page = sign_in_page(open_page(width=width, scheme=scheme), live_server.url, asker.person.account)
    page.goto(mine)
    look(page)
    with page.expect_navigation():
        page.get_by_role("link", name="Olena Kostenko").click()
    look(page)
    page.get_by_label("Why you would like to meet").fill("Your night shifts")
    page.get_by_role("main").get_by_role("button", name="Send request").click()
    expect(page.get_by_text("Your request has been sent. You are waiting for a reply.")).to_be_visible()
    other = sign_in_page(open_page(width=width, scheme=scheme), live_server.url, asked.person.account)
    other.goto(mine)
    assert other.get_by_text("Your night shifts").is_visible()
    with other.expect_navigation():
        other.get_by_role("button", name=re.compile("Accept ?: Ana Moreau")).click()
    look(other)
    for one, name in ((page, "Olena Kostenko"), (other, "Ana Moreau")):
        one.goto(f"{live_server.url}{reverse('meetings:my-schedule', args=[meeting.public_id])}")
        assert one.get_by_text(f"One-to-one meeting with {name}, table 1").is_visible()
        look(one)
    page.goto(f"{live_server.url}{reverse('meetings:now', args=[meeting.public_id])}")
    look(page)
    assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.django_db(transaction=True)
def test_the_camera_scans_the_code_on_a_badge(live_server, browser, chromium, tmp_path):
    meeting = make_meeting()
    guest = make_registration(meeting, "Ana Moreau", ticket="a-ticket-of-24-signs-abc")
    make_registration(meeting, "Somebody Else")
    helper = make_account()
    make_duty(meeting, helper)
    film = tmp_path / "badge.mjpeg"
    film.write_bytes(badge_picture(guest.ticket) * 10)
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    program = browser.browser_type.launch(executable_path=chromium, args=[*launch_flags(), *camera])
    try:
        page = sign_in_page(program.new_context().new_page(), live_server.url, helper)
        page.goto(f"{live_server.url}{reverse('meetings:check-in', args=[meeting.public_id])}")
        wait_for_state(page, READY)
        page.get_by_role("button", name="Scan badges with the camera").click()
        page.get_by_text("Ana Moreau checked in.").wait_for(timeout=20_000)
        expect(page.locator("[data-came]")).to_have_text("1")  # the site has answered; nothing waited before either
        page.get_by_role("button", name="Scan badges with the camera").click()
        page.locator("[data-part=camera]").wait_for(state="hidden")
    finally:
        program.close()
    assert list(models.CheckIn.objects.values_list("registration", flat=True)) == [guest.pk]


def badge_picture(text):
    """Return what a camera sees of a badge: its code on white, as one JPEG frame of a film."""
    code = qrcode.QRCode(box_size=8, border=4)
    code.add_data(text)
    code.make(fit=True)
    seen = Image.new("RGB", (640, 480), "white")
    seen.paste(code.make_image().convert("RGB"), (180, 80))
    kept = BytesIO()
    seen.save(kept, "JPEG", quality=90)
    return kept.getvalue()
