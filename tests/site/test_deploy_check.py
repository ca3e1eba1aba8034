"""What `check --deploy` says of a real site: nothing where all is set, and by name what is missing or open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from subprocess import PIPE

import pytest
from django.conf import settings as configured
from django.contrib.messages import add_message
from django.contrib.messages.constants import INFO
from django.http import HttpResponse
from django.test import Client, RequestFactory

from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.shell.headers import PERMISSIONS
from samsvar.site.shell.messages import HostMessages
from tests.factories.people import make_account, sign_in

WHOLE = {
    "SAMSVAR_SECRET_KEY": "made for one run of one test, and long enough for Django's own check of its length",
    "SAMSVAR_HOSTS": "samsvar.example, www.samsvar.example",
    "SAMSVAR_SMTP": "smtps://samsvar:a-password@mail.samsvar.example:465?from=samsvar@samsvar.example",
    "SAMSVAR_SECURITY_CONTACT": "security@samsvar.example",
    "SAMSVAR_CONTROLLER": "The Ministry of Lamps of Nordmark, which is invented",
    "SAMSVAR_PRIVACY_CONTACT": "privacy@samsvar.example",
    "SAMSVAR_CLAMAV": "unix:/run/clamav/clamd.ctl",
    "SAMSVAR_DATABASE": "postgresql://samsvar:a-password@db.samsvar.example/samsvar?sslmode=verify-full",
    "SAMSVAR_OIDC_NAME": "The ministry",
    "SAMSVAR_OIDC_SERVER": "https://sign-in.samsvar.example",
    "SAMSVAR_OIDC_CLIENT_ID": "samsvar",
    "SAMSVAR_OIDC_SECRET": "a secret of an invented provider",
}

once = pytest.mark.skipif(
    "postgresql" in configured.DATABASES["default"]["ENGINE"],
    reason="asked on SQLite: a process of its own, with its own settings, that opens no database",
)


# A process that has read the libraries and no setting yet. For each environment it makes a child, which then is
# `samsvar-site check`: reading the libraries anew for each took nearly half of the time of these tests.
ASKED_AGAIN_AND_AGAIN = """
import json, os, sys, warnings
import cryptography.x509, django.contrib.admin, django.db.models, django.forms, django.template, django.views.generic
import fido2.server, lxml.etree, requests
import samsvar.monitoring, samsvar.search.engine
from samsvar.site import manage

for line in sys.stdin:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.environ.clear()
        os.environ.update(json.loads(line))
        warnings.simplefilter("error")
        sys.argv = ["samsvar-site", "check", "--deploy", "--fail-level", "WARNING"]
        manage.main()
        sys.exit()
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as said:
        heard = said.read()
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), heard]), flush=True)
"""


def without_ours() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("SAMSVAR", "DJANGO"))}


@pytest.fixture(scope="module")
def checker() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", ASKED_AGAIN_AND_AGAIN]
    with subprocess.Popen(command, env=without_ours(), stdin=PIPE, stdout=PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=30) == 0


@pytest.fixture
def remarks(checker, tmp_path) -> Callable[..., tuple[int, list[str], str]]:
    """How the check ended, the names of its remarks in order, and all that it said."""

    def asked(**environment: str) -> tuple[int, list[str], str]:
        whole = {"DJANGO_SETTINGS_MODULE": "samsvar.site.settings.production", "SAMSVAR_DATA": str(tmp_path)} | WHOLE
        checker.stdin.write(json.dumps(without_ours() | whole | environment) + "\n")
        checker.stdin.flush()
        code, said = json.loads(checker.stdout.readline())
        return code, sorted({word[1:-1] for line in said.splitlines() for word in line.split() if _names(word)}), said

    return asked


def _names(word: str) -> bool:
    word = word.removesuffix(":")
    return word.startswith(("(samsvar.", "(security.")) and word.endswith(")")


@once
def test_a_site_of_which_all_is_set_gets_no_remark(remarks):
    assert remarks() == (0, [], "System check identified no issues (0 silenced).\n")


@once
def test_a_site_whose_secrets_lie_in_files_gets_none_either(remarks, tmp_path):
    files = {}
    for name in ("SAMSVAR_SECRET_KEY", "SAMSVAR_DATABASE", "SAMSVAR_SMTP", "SAMSVAR_OIDC_SECRET"):
        (tmp_path / name).write_text(f"{WHOLE[name]}\n", encoding="utf-8")
        files |= {name: "", f"{name}_FILE": str(tmp_path / name)}
    assert remarks(**files) == (0, [], "System check identified no issues (0 silenced).\n")


@once
@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"SAMSVAR_HOSTS": "*"}, ["samsvar.E101"]),
        ({"SAMSVAR_HOSTS": "samsvar.example,"}, ["samsvar.E101"]),
        ({"SAMSVAR_SMTP": "smtp://mail.samsvar.example:25?from=samsvar@samsvar.example"}, ["samsvar.W102"]),
        ({"SAMSVAR_SMTP": "smtp://mail.samsvar.example:587?tls=starttls&from=samsvar@samsvar.example"}, []),
        ({"SAMSVAR_SMTP": "smtp://localhost:25?from=samsvar@samsvar.example"}, []),
        ({"SAMSVAR_SMTP": "", "SAMSVAR_SECURITY_CONTACT": ""}, ["samsvar.W001", "samsvar.W103"]),
        ({"SAMSVAR_SECRET_KEY": "a short secret"}, ["security.W009"]),
        ({"SAMSVAR_OIDC_SECRET": ""}, ["samsvar.E104"]),
        ({"SAMSVAR_OIDC_SERVER": ""}, ["samsvar.E104"]),
        ({"SAMSVAR_OIDC_SERVER": "http://sign-in.samsvar.example"}, ["samsvar.E002"]),
        ({"SAMSVAR_CLAMAV": "clamd"}, ["samsvar.E105"]),
        ({"SAMSVAR_FONTS": "no-such-folder"}, ["samsvar.E107"]),
        ({"SAMSVAR_DATABASE": "postgresql://samsvar:x@db.samsvar.example/samsvar"}, ["samsvar.W106"]),
        ({"SAMSVAR_DATABASE": "postgresql://samsvar:x@localhost/samsvar"}, []),
        ({"SAMSVAR_DATABASE": "postgresql://samsvar@/samsvar?host=/run/postgresql"}, []),
    ],
)
def test_what_is_missing_or_open_is_named(remarks, environment, names):
    code, found, said = remarks(**environment)
    assert (found, code) == (names, 1 if names else 0), said


@once
def test_no_remark_repeats_a_secret(remarks):
    _, found, said = remarks(
        SAMSVAR_SECRET_KEY="a short secret",
        SAMSVAR_SMTP="smtp://samsvar:a-password@mail.samsvar.example:25?from=samsvar@samsvar.example",
        SAMSVAR_OIDC_CLIENT_ID="",
    )
    assert found == ["samsvar.E104", "samsvar.W102", "security.W009"]
    assert [word for word in ("a short secret", "a-password", "a secret of an invented provider") if word in said] == []


# --- security.txt -----------------------------------------------------------------------------------------------------

PLACE = "/.well-known/security.txt"


def test_who_finds_a_weakness_finds_whom_to_tell(client, settings):
    settings.SAMSVAR_DEMO = False
    settings.SAMSVAR_SECURITY_CONTACT = "security@samsvar.example, https://samsvar.example/weakness"
    settings.SAMSVAR_SECURITY_POLICY = "https://samsvar.example/how-we-answer"
    answer = client.get(PLACE, secure=True, headers={"host": "samsvar.example"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    *_, ends = [line for line in answer.content.decode().splitlines() if line.startswith("Expires: ")]
    assert answer.content.decode().splitlines() == [
        "Contact: mailto:security@samsvar.example",
        "Contact: https://samsvar.example/weakness",
        ends,
        "Preferred-Languages: en, fr, nb, ro",
        "Canonical: https://samsvar.example/.well-known/security.txt",
        "Policy: https://samsvar.example/how-we-answer",
    ]
    left = datetime.strptime(ends, "Expires: %Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(days=178) < left < timedelta(days=181)


def test_where_nobody_is_named_there_is_no_promise(client, settings):
    settings.SAMSVAR_SECURITY_CONTACT = ""
    assert client.get(PLACE).status_code == 404
    settings.SAMSVAR_SECURITY_CONTACT = "security@samsvar.example"
    assert client.get(PLACE).status_code == 200


def test_a_demonstration_says_that_it_is_one(client, settings):
    settings.SAMSVAR_SECURITY_CONTACT = "mailto:nobody@samsvar.example"
    assert client.get(PLACE).content.decode().splitlines()[:2] == [
        "# This is a demonstration: the address below is invented, and nobody reads it.",
        "Contact: mailto:nobody@samsvar.example",
    ]


# --- Headers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/en/", "/en/sign-in/", "/en/nowhere/", "/", "/robots.txt", "/static/samsvar/icon.svg"]
)
def test_every_answer_names_the_powers_of_its_page_and_who_may_load_it(client, db, path):
    load_convention()
    answer = client.get(path)
    if answer.streaming:
        b"".join(answer)  # a file is closed at its end
    assert (answer["Permissions-Policy"], answer["Cross-Origin-Resource-Policy"]) == (PERMISSIONS, "same-origin")
    assert "publickey-credentials-get=(self)" in PERMISSIONS  # passkeys
    assert "camera=()" in PERMISSIONS


def test_whatever_somebody_signed_in_is_given_is_kept_by_no_browser(client, db):
    load_convention()
    paths = ["/en/", "/en/upload/", "/en/nowhere/", "/", "/robots.txt", "/en/account/email/", "/en/findings/none/"]
    assert Client().get("/en/")["Cache-Control"] == "public, no-cache"  # for everybody: kept
    sign_in(client, make_account(Role.EDITOR))
    answers = [(path, client.get(path)) for path in paths]
    assert {answer.status_code for _, answer in answers} >= {200, 302, 404}  # there is something of each kind
    assert [(path, "no-store" in answer.get("Cache-Control", "")) for path, answer in answers] == [
        (path, True) for path in paths
    ]


def test_a_sentence_for_the_next_page_travels_in_a_cookie_of_this_host_alone(settings):
    settings.SESSION_COOKIE_SECURE = True
    request = RequestFactory().get("/en/")
    request.session = {}
    request._messages = HostMessages(request)
    add_message(request, INFO, "You are signed out.")
    response = HttpResponse()
    request._messages.update(response)
    (cookie,) = response.cookies.values()
    assert (cookie.key, cookie["secure"], cookie["path"], cookie["domain"], cookie["httponly"]) == (
        "__Host-messages", True, "/", "", True,
    )  # fmt: skip
    again = RequestFactory().get("/en/")
    again.session = {}
    again.COOKIES["__Host-messages"] = cookie.value
    assert [str(message) for message in HostMessages(again)] == ["You are signed out."]
