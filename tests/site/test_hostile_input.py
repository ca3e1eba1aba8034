"""Odd bodies from check-in devices, files changed behind the site's back, and what killed processes leave."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samsvar.site.meetings import models
from samsvar.site.monitoring import storage
from samsvar.site.monitoring.actions.uploads import delete_orphaned_files
from tests.factories.meetings import make_duty, make_meeting, make_registration
from tests.factories.people import make_account, sign_in
from tests.factories.reports import make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    """Return a function that sends a body to the merging of check-ins, and a registration of that meeting."""
    meeting, account = make_meeting(), make_account()
    registration = make_registration(meeting)
    make_duty(meeting, account)
    sign_in(client, account)
    address = reverse("meetings:merge-check-ins", args=[meeting.public_id])
    return lambda body: client.post(address, body, content_type="application/json"), registration


def merge_body(
    registration, *, device="desk", sent="2026-05-04T09:00:00+02:00", at="2026-05-04T09:00:00+02:00", **more
):
    entry = {"id": str(uuid.uuid4()), "registration": registration, "at": at, **more}
    return json.dumps({"device": device, "sent": sent, "seen": [entry]})


@pytest.mark.parametrize(
    "moments",
    [
        {"sent": "0001-01-01T00:00:00+14:00", "at": "0001-01-01T00:00:00+14:00"},
        {"sent": "9999-12-31T23:59:59-12:00", "at": "9999-12-31T23:00:00-12:00"},
        {"sent": "0001-01-01T00:00:00+02:00", "at": "9999-12-31T23:59:59-02:00"},
        {"sent": "9999-12-31T23:59:59-02:00", "at": "0001-01-01T00:00:00+02:00"},
    ],
)
def test_a_device_with_a_broken_clock_can_send_what_it_holds(desk, moments):
    send, registration = desk
    answer = send(merge_body(registration.public_id, **moments))
    assert (answer.status_code, list(answer.json()["answers"].values())) == (200, ["stored"])
    assert abs((models.CheckIn.objects.get().at - timezone.now()).days) <= 8


def test_invalid_characters_in_the_name_of_a_device_are_removed(desk):
    send, registration = desk
    assert send(merge_body(registration.public_id, device="de\x00sk\ud800")).status_code == 200
    assert models.CheckIn.objects.get().device == "desk"


@pytest.mark.parametrize("registration", ["a\x00b", "\ud800", "", 5, None, ["x"], "ø" * 40])
def test_an_odd_registration_is_reported_as_unknown(desk, registration):
    send, _ = desk
    answer = send(merge_body(registration))
    assert (answer.status_code, list(answer.json()["answers"].values())) == (200, ["unknown"])


@pytest.mark.parametrize(
    "body",
    [
        '{"seen":' + "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"seen": [[]], "sent": "x"}',
        "\ud800".encode("utf-8", "surrogatepass"),
    ],
)
def test_a_body_that_is_no_list_of_check_ins_is_rejected(desk, body):
    assert desk[0](body).status_code == 400


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just("\ud800\x00"),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "email", "id"]), inner, max_size=3)
    ),
    max_leaves=4,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(device=odd, at=odd | st.datetimes().map(str), walk_in=odd, extra=odd)
def test_no_odd_body_is_an_error_of_the_site(desk, device, at, walk_in, extra):
    send, registration = desk
    entries = [
        {"id": str(uuid.uuid4()), "registration": registration.public_id, "at": at},
        {"id": str(uuid.uuid4()), "walk_in": walk_in, "at": "2026-05-04T09:00:00+02:00"},
        extra,
    ]
    for seen in (entries, entries[1:2], extra):
        body = json.dumps({"device": device, "sent": "2026-05-04T09:00:00+02:00", "seen": seen})
        assert send(body).status_code in {200, 400}


# --- Files ------------------------------------------------------------------------------------------------------------


def test_a_report_file_whose_bytes_have_changed_is_not_served(client, caplog):
    report = make_report()
    content = b"%PDF-1.7 the file as it was uploaded" * 9_000
    hash_ = storage.store(content)
    type(report).objects.filter(pk=report.pk).update(content_hash=hash_)
    address = reverse("files:report", args=[report.public_id])
    assert b"".join(client.get(address).streaming_content) == content
    path = Path(default_storage.path(storage.storage_name(hash_)))
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    answer = client.get(address)
    assert answer.status_code == 503
    assert "has changed since it was uploaded" in answer.content.decode()
    assert "restore it from a backup" in caplog.text


def test_the_partial_file_of_a_killed_process_is_deleted_when_a_worker_starts():
    hash_ = storage.store(b"a whole report")
    folder = Path(default_storage.path(storage.storage_name(hash_))).parent
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left_over = folder / f"{storage._temporary_prefix(dead.pid)}x"
    being_written = folder / f"{storage._temporary_prefix(1)}x"
    for path in (left_over, being_written):
        path.write_bytes(b"half a rep")
    delete_orphaned_files()
    assert (left_over.exists(), being_written.exists()) == (False, True)
    being_written.unlink()
