"""A door that goes on without a connection, and two people who agree to meet, in a browser."""

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

from samsvar.meetings.registration import Standing
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.one_to_one import open_to_talk, set_hours
from tests.factories.meetings import give_duty, make_guest, make_meeting, make_session, organiser_of, published
from tests.factories.people import make_account, sign_in
from tests.journeys.test_pages import faults
from tools.chromium import flags

HALF_AN_HOUR = 30 * 60  # seconds


def as_somebody(page, site, account, **how):
    """This browser is signed in as an account."""
    client = sign_in(Client(), account, **how)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}])
    return page


def until(page, selector):
    """Wait until the page's own state says so; the policy lets no test evaluate anything there meanwhile."""
    page.locator(selector).wait_for(state="attached")


def is_waiting(count):
    return f"[data-part=state][data-waiting='{count}']"


def look_for(page, words):
    page.get_by_label("Part of a name").fill(words)


def check_in(page, name):
    page.get_by_role("button", name=f"Check in {name}", exact=True).first.click()
    page.get_by_text(f"{name} is checked in.").wait_for()


READY = "[data-check-in][data-kept=yes]"


@pytest.mark.django_db(transaction=True)
def test_a_door_goes_on_for_half_an_hour_without_a_connection_and_nobody_is_lost_or_counted_twice(
    live_server, open_page, axe
):
    meeting = make_meeting()
    guests = [make_guest(meeting, name) for name in ("Ana Moreau", "Ștefania Brâncuș", "Олена Їжак", "Late Canceller")]
    door = reverse("meetings:check-in", args=[meeting.public_id])
    pages = []
    for _phone in range(2):
        helper = make_account()
        give_duty(meeting, helper)
        page = as_somebody(open_page(width=390), live_server.url, helper)
        page.clock.install()
        page.goto(f"{live_server.url}{door}")
        until(page, READY)
        pages.append(page)
    one, other = pages
    assert faults(one, axe) == []
    assert one.evaluate("document.documentElement.scrollWidth") <= 390

    # both lose the connection; one is even opened anew without it
    for page in pages:
        page.context.set_offline(True)
    one.reload()
    until(one, "[data-check-in][data-ready=yes]")
    look_for(one, "mor")
    check_in(one, "Ana Moreau")
    look_for(one, "stef")
    check_in(one, "Ștefania Brâncuș")
    look_for(one, "late")
    check_in(one, "Late Canceller")
    look_for(other, "mor")
    check_in(other, "Ana Moreau")  # seen at both doors
    until(one, is_waiting(3))
    for page in pages:
        page.clock.fast_forward(HALF_AN_HOUR * 1000)
    assert models.CheckIn.objects.count() == 0

    # meanwhile a place is cancelled; then the connection comes back
    models.Registration.objects.filter(pk=guests[3].pk).update(standing=Standing.WITHDRAWN)
    for page in pages:
        page.context.set_offline(False)
        page.clock.fast_forward(20_000)  # tried every 15 seconds
        until(page, is_waiting(0))
    assert one.get_by_text("Late Canceller came in, and the place was cancelled meanwhile.").is_visible()
    stored = models.CheckIn.objects.order_by("pk")
    assert sorted(row.registration.public_id for row in stored) == sorted(
        guests[number].public_id for number in (0, 0, 1, 3)
    )
    assert len({row.device for row in stored}) == 2
    counted = models.CheckIn.objects.filter(registration__standing="confirmed").values("registration").distinct()
    assert counted.count() == 2
    now = timezone.now()
    assert all(now - timedelta(minutes=35) < row.at < now for row in stored)
    long_ago = [row for row in stored if row.at < now - timedelta(minutes=25)]
    assert len(long_ago) == 4  # half an hour ago, as the devices say, and not when they were sent

    # what was sent is not sent again, and names go with the signing out, on whichever page
    one.reload()
    until(one, READY)
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


def write_down(page, name):
    panel = page.locator("[data-part=new]")
    if panel.get_attribute("open") is None:
        panel.locator("summary").click()
    panel.get_by_label("Name", exact=True).fill(name)
    panel.get_by_role("button", name="Write down").click()


def on_the_device(page, store):
    """What a device keeps of a kind."""
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
def test_who_has_no_registration_is_written_down_at_two_doors_without_a_connection_and_nobody_is_lost(
    live_server, open_page, axe
):
    meeting = make_meeting()
    make_guest(meeting, "Petra Lind")
    models.Quota.objects.create(meeting=meeting, kind="whole", places=3, taken=1)
    door = reverse("meetings:check-in", args=[meeting.public_id])
    pages = []
    for _phone in range(2):
        helper = make_account()
        give_duty(meeting, helper)
        page = as_somebody(open_page(width=390), live_server.url, helper)
        page.clock.install()
        page.goto(f"{live_server.url}{door}")
        until(page, READY)
        page.context.set_offline(True)
        pages.append(page)
    one, other = pages
    write_down(one, "Ana Moreau")
    one.get_by_text("Ana Moreau is written down.").wait_for()
    assert faults(one, axe) == []
    assert one.evaluate("document.documentElement.scrollWidth") <= 390
    one.reload()  # still without a connection: whom it wrote down is on its list
    until(one, "[data-check-in][data-ready=yes]")
    until(one, is_waiting(1))
    look_for(one, "mor")
    assert one.locator("[data-part=found] li").count() == 1
    write_down(one, "Lind Petra")  # on the list already: asked about once
    one.get_by_text("Petra Lind is on this list already.").wait_for()
    one.locator("[data-part=new]").get_by_role("button", name="Write down").click()
    until(one, is_waiting(2))
    write_down(other, "Ana MOREAU")  # at the other door too
    until(other, is_waiting(1))
    assert models.CheckIn.objects.count() == 0

    for page in pages:
        page.context.set_offline(False)
        page.clock.fast_forward(20_000)
        until(page, is_waiting(0))
    assert one.get_by_text("Somebody of the same name is registered").count() == 1
    assert other.get_by_text("Ana MOREAU came in without a place").is_visible()
    assert sorted(meeting.registrations.values_list("standing", flat=True)) == [
        "confirmed", "confirmed", "confirmed", "waiting",
    ]  # fmt: skip
    assert models.CheckIn.objects.filter(walked_in=True).values("registration").distinct().count() == 3
    for page in pages:
        page.reload()
        until(page, READY)
    assert (models.CheckIn.objects.count(), on_the_device(one, "seen")) == (3, [])

    organiser = as_somebody(
        open_page(width=320), live_server.url, organiser_of(meeting), staff_session="at the door"
    )  # fmt: skip
    organiser.goto(f"{live_server.url}{door}")
    assert faults(organiser, axe) == []
    assert organiser.evaluate("document.documentElement.scrollWidth") <= 320
    organiser.get_by_role("button", name="The same as Ana Moreau").click()
    assert organiser.get_by_text("Counted as one person.").is_visible()
    organiser.get_by_role("button", name="Two people Lind Petra").click()
    assert organiser.get_by_text("One person, or two of one name").count() == 0
    assert sorted(meeting.registrations.values_list("standing", flat=True)) == [
        "confirmed", "confirmed", "confirmed", "withdrawn",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_name_of_a_walk_in_ends_on_the_device_with_the_others_and_the_coming_does_not(live_server, open_page):
    meeting = make_meeting()
    helper = make_account()
    give_duty(meeting, helper, until=timezone.now() + timedelta(minutes=40))
    page = as_somebody(open_page(width=390), live_server.url, helper)
    page.clock.install()
    page.goto(f"{live_server.url}{reverse('meetings:check-in', args=[meeting.public_id])}")
    until(page, READY)
    page.context.set_offline(True)
    write_down(page, "Ana Moreau")
    until(page, is_waiting(1))
    page.clock.fast_forward(41 * 60 * 1000)
    page.get_by_text("There are no names on this device.").wait_for()
    assert [one["walkIn"] for one in on_the_device(page, "seen")] == [None]
    models.Duty.objects.update(until=timezone.now() + timedelta(hours=1))
    page.context.set_offline(False)
    page.clock.fast_forward(20_000)
    until(page, is_waiting(0))
    assert [(one.walked_in, one.registration) for one in models.CheckIn.objects.all()] == [(True, None)]


@pytest.mark.django_db(transaction=True)
def test_whoever_signs_out_sends_the_walk_ins_first(live_server, open_page):
    meeting = make_meeting()
    helper = make_account()
    give_duty(meeting, helper)
    page = as_somebody(open_page(width=1280), live_server.url, helper)
    page.clock.install()
    page.goto(f"{live_server.url}{reverse('meetings:check-in', args=[meeting.public_id])}")
    until(page, READY)
    page.context.set_offline(True)
    write_down(page, "Ana Moreau")
    until(page, is_waiting(1))
    page.context.set_offline(False)
    page.goto(f"{live_server.url}/en/account/")  # where nothing sends by itself
    page.locator(".account summary").click()
    with page.expect_navigation():
        page.locator(".account").get_by_role("button", name="Sign out").click()
    assert (on_the_device(page, "seen"), models.CheckIn.objects.filter(registration__isnull=False).count()) == ([], 1)


@pytest.mark.django_db(transaction=True)
def test_the_names_on_a_device_end_by_themselves(live_server, open_page):
    meeting = make_meeting()
    make_guest(meeting, "Ana Moreau")
    helper = make_account()
    give_duty(meeting, helper, until=timezone.now() + timedelta(minutes=40))
    page = as_somebody(open_page(width=390), live_server.url, helper)
    page.clock.install()
    page.goto(f"{live_server.url}{reverse('meetings:check-in', args=[meeting.public_id])}")
    until(page, READY)
    page.context.set_offline(True)
    look_for(page, "ana")
    assert page.get_by_role("button", name="Check in Ana Moreau").is_visible()
    page.clock.fast_forward(41 * 60 * 1000)
    page.get_by_text("There are no names on this device.").wait_for()
    assert page.get_by_text("Ana Moreau").count() == 0


@pytest.mark.django_db(transaction=True)
def test_without_a_script_somebody_is_found_by_name_and_checked_in(live_server, open_page):
    meeting = make_meeting()
    make_guest(meeting, "Ana Moreau")
    helper = make_account()
    give_duty(meeting, helper)
    page = as_somebody(open_page(width=320, javascript=False), live_server.url, helper)
    page.goto(f"{live_server.url}{reverse('meetings:check-in', args=[meeting.public_id])}")
    page.get_by_role("searchbox", name="Name").fill("more")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Check in Ana Moreau").click()
    assert page.get_by_text("Ana Moreau is checked in.").is_visible()
    page.get_by_role("button", name="Take it back: the check-in of Ana Moreau").click()
    assert [row.undone_at is None for row in models.CheckIn.objects.all()] == [False]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_two_people_agree_to_meet_and_both_read_when_and_where(live_server, open_page, axe, width, scheme):
    today = timezone.now().date() + timedelta(days=1)
    meeting = make_meeting(begins=today, ends=today + timedelta(days=2))
    make_session(meeting, 9)
    published(meeting)
    starts = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    set_hours(
        by=organiser_of(meeting), meeting=meeting, starts=starts, ends=starts + timedelta(hours=1), minutes=20, tables=2
    )
    asker = make_guest(meeting, "Ana Moreau", account=make_account())
    asked = make_guest(meeting, "Olena Kostenko", account=make_account())
    open_to_talk(by=asked.person.account, registration=asked, about="Helplines")
    mine = f"{live_server.url}{reverse('meetings:one-to-one', args=[meeting.public_id])}"
    found = {}

    def look(page):
        found[page.url] = faults(page, axe)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    page = as_somebody(open_page(width=width, scheme=scheme), live_server.url, asker.person.account)
    page.goto(mine)
    look(page)
    page.get_by_role("link", name="Olena Kostenko").click()
    look(page)
    page.get_by_label("Why you would like to meet").fill("Your night shifts")
    page.get_by_role("main").get_by_role("button", name="Ask").click()
    other = as_somebody(open_page(width=width, scheme=scheme), live_server.url, asked.person.account)
    other.goto(mine)
    assert other.get_by_text("Your night shifts").is_visible()
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
def test_the_camera_reads_the_code_of_a_badge(live_server, browser, chromium, tmp_path):
    meeting = make_meeting()
    guest = make_guest(meeting, "Ana Moreau", ticket="a-ticket-of-24-signs-abc")
    make_guest(meeting, "Somebody Else")
    helper = make_account()
    give_duty(meeting, helper)
    film = tmp_path / "badge.mjpeg"
    film.write_bytes(a_picture_of(guest.ticket) * 10)
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    program = browser.browser_type.launch(executable_path=chromium, args=[*flags(), *camera])
    try:
        page = as_somebody(program.new_context().new_page(), live_server.url, helper)
        page.goto(f"{live_server.url}{reverse('meetings:check-in', args=[meeting.public_id])}")
        until(page, READY)
        page.get_by_role("button", name="Read badges with the camera").click()
        page.get_by_text("Ana Moreau is checked in.").wait_for(timeout=20_000)
        until(page, is_waiting(0))
        page.get_by_role("button", name="Read badges with the camera").click()
        page.locator("[data-part=camera]").wait_for(state="hidden")
    finally:
        program.close()
    assert list(models.CheckIn.objects.values_list("registration", flat=True)) == [guest.pk]


def a_picture_of(text):
    """What a camera sees of a badge: its code, on white, as one picture of a film."""
    code = qrcode.QRCode(box_size=8, border=4)
    code.add_data(text)
    code.make(fit=True)
    seen = Image.new("RGB", (640, 480), "white")
    seen.paste(code.make_image().convert("RGB"), (180, 80))
    kept = BytesIO()
    seen.save(kept, "JPEG", quality=90)
    return kept.getvalue()
