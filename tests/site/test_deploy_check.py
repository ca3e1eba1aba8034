"""What `check --deploy` reports for a real site: nothing if all is set, otherwise what is missing or insecure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from subprocess import PIPE

import pytest
from django.contrib.messages import add_message
from django.contrib.messages.constants import INFO
from django.http import HttpResponse
from django.test import Client, RequestFactory

from samsvar.network.rights import Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.shell.headers import PERMISSIONS_POLICY
from samsvar.site.shell.messages import HostCookieMessageStorage
from tests.factories.people import make_account, sign_in

COMPLETE_ENVIRONMENT = {
    "SAMSVAR_SECRET_KEY": "made for one run of one test, and long enough for Django's own check of its length",
    "SAMSVAR_HOSTS": "samsvar.example, www.samsvar.example",
    "SAMSVAR_SMTP": "smtps://samsvar:a-password@mail.samsvar.example:465?from=samsvar@samsvar.example",
    "SAMSVAR_SECURITY_CONTACT": "security@samsvar.example",
    "SAMSVAR_CONTROLLER": "The Ministry of Lamps of Nordmark, which is fictional",
    "SAMSVAR_PRIVACY_CONTACT": "privacy@samsvar.example",
    "SAMSVAR_CLAMAV": "unix:/run/clamav/clamd.ctl",
    "SAMSVAR_DATABASE": "postgresql://samsvar:a-password@db.samsvar.example/samsvar?sslmode=verify-full",
    "SAMSVAR_OIDC_NAME": "The ministry",
    "SAMSVAR_OIDC_SERVER": "https://sign-in.samsvar.example",
    "SAMSVAR_OIDC_CLIENT_ID": "samsvar",
    "SAMSVAR_OIDC_SECRET": "a secret of a fictional provider",
}


# A process that has imported the libraries but no settings. For each environment it forks a child that runs
# `samsvar-site check`: importing the libraries again each time took nearly half of the time of these tests.
CHECK_SERVER = """
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


def environment_without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("SAMSVAR", "DJANGO"))}


@pytest.fixture(scope="module")
def check_server() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", CHECK_SERVER]
    with subprocess.Popen(command, env=environment_without_settings(), stdin=PIPE, stdout=PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=30) == 0


@pytest.fixture
def run_check(check_server, tmp_path) -> Callable[..., tuple[int, list[str], str]]:
    """Return a function that runs the check and returns its exit code, its sorted check ids and its output."""

    def asked(**environment: str) -> tuple[int, list[str], str]:
        whole = {
            "DJANGO_SETTINGS_MODULE": "samsvar.site.settings.production",
            "SAMSVAR_DATA": str(tmp_path),
        } | COMPLETE_ENVIRONMENT
        check_server.stdin.write(json.dumps(environment_without_settings() | whole | environment) + "\n")
        check_server.stdin.flush()
        code, said = json.loads(check_server.stdout.readline())
        return (
            code,
            sorted({word[1:-1] for line in said.splitlines() for word in line.split() if _is_check_id(word)}),
            said,
        )

    return asked


def _is_check_id(word: str) -> bool:
    word = word.removesuffix(":")
    return word.startswith(("(samsvar.", "(security.")) and word.endswith(")")


def test_a_fully_configured_site_passes_without_warnings(run_check):
    assert run_check() == (0, [], "System check identified no issues (0 silenced).\n")


def test_a_site_with_its_secrets_in_files_passes_without_warnings(run_check, tmp_path):
    files = {}
    for name in ("SAMSVAR_SECRET_KEY", "SAMSVAR_DATABASE", "SAMSVAR_SMTP", "SAMSVAR_OIDC_SECRET"):
        (tmp_path / name).write_text(f"{COMPLETE_ENVIRONMENT[name]}\n", encoding="utf-8")
        files |= {name: "", f"{name}_FILE": str(tmp_path / name)}
    assert run_check(**files) == (0, [], "System check identified no issues (0 silenced).\n")


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
def test_missing_and_insecure_settings_are_named(run_check, environment, names):
    code, found, said = run_check(**environment)
    assert (found, code) == (names, 1 if names else 0), said


def test_no_warning_contains_a_secret(run_check):
    _, found, said = run_check(
        SAMSVAR_SECRET_KEY="a short secret",
        SAMSVAR_SMTP="smtp://samsvar:a-password@mail.samsvar.example:25?from=samsvar@samsvar.example",
        SAMSVAR_OIDC_CLIENT_ID="",
    )
    assert found == ["samsvar.E104", "samsvar.W102", "security.W009"]
    assert [word for word in ("a short secret", "a-password", "a secret of a fictional provider") if word in said] == []


# --- security.txt -----------------------------------------------------------------------------------------------------

SECURITY_TXT = "/.well-known/security.txt"


def test_security_txt_names_the_security_contact(client, settings):
    settings.SAMSVAR_DEMO = False
    settings.SAMSVAR_SECURITY_CONTACT = "security@samsvar.example, https://samsvar.example/weakness"
    settings.SAMSVAR_SECURITY_POLICY = "https://samsvar.example/how-we-answer"
    answer = client.get(SECURITY_TXT, secure=True, headers={"host": "samsvar.example"})
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


def test_there_is_no_security_txt_without_a_security_contact(client, settings):
    settings.SAMSVAR_SECURITY_CONTACT = ""
    assert client.get(SECURITY_TXT).status_code == 404
    settings.SAMSVAR_SECURITY_CONTACT = "security@samsvar.example"
    assert client.get(SECURITY_TXT).status_code == 200


def test_security_txt_of_a_demo_says_that_it_is_a_demo(client, settings):
    settings.SAMSVAR_SECURITY_CONTACT = "mailto:nobody@samsvar.example"
    assert client.get(SECURITY_TXT).content.decode().splitlines()[:2] == [
        "# This is a demonstration: the address below is fictional, and no one reads it.",
        "Contact: mailto:nobody@samsvar.example",
    ]


# --- Headers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/en/", "/en/sign-in/", "/en/nowhere/", "/", "/robots.txt", "/static/samsvar/icon.svg"]
)
def test_every_response_sets_permissions_policy_and_cross_origin_resource_policy(client, db, path):
    load_convention()
    answer = client.get(path)
    if answer.streaming:
        b"".join(answer)  # a file is closed when it was read to its end
    assert (answer["Permissions-Policy"], answer["Cross-Origin-Resource-Policy"]) == (PERMISSIONS_POLICY, "same-origin")
    assert "publickey-credentials-get=(self)" in PERMISSIONS_POLICY  # passkeys
    assert "camera=()" in PERMISSIONS_POLICY


def test_no_response_to_a_signed_in_user_is_stored_by_the_browser(client, db):
    load_convention()
    paths = ["/en/", "/en/upload/", "/en/nowhere/", "/", "/robots.txt", "/en/account/email/", "/en/findings/none/"]
    assert Client().get("/en/")["Cache-Control"] == "public, no-cache"  # public, so it may be stored
    sign_in(client, make_account(Role.EDITOR))
    answers = [(path, client.get(path)) for path in paths]
    assert {answer.status_code for _, answer in answers} >= {200, 302, 404}  # one of each kind
    assert [(path, "no-store" in answer.get("Cache-Control", "")) for path, answer in answers] == [
        (path, True) for path in paths
    ]


def test_messages_for_the_next_page_travel_in_a_cookie_of_this_host_only(settings):
    settings.SESSION_COOKIE_SECURE = True
    request = RequestFactory().get("/en/")
    request.session = {}
    request._messages = HostCookieMessageStorage(request)
    add_message(request, INFO, "You have signed out.")
    response = HttpResponse()
    request._messages.update(response)
    (cookie,) = response.cookies.values()
    assert (cookie.key, cookie["secure"], cookie["path"], cookie["domain"], cookie["httponly"]) == (
        "__Host-messages", True, "/", "", True,
    )  # fmt: skip
    again = RequestFactory().get("/en/")
    again.session = {}
    again.COOKIES["__Host-messages"] = cookie.value
    assert [str(message) for message in HostCookieMessageStorage(again)] == ["You have signed out."]
