"""Letters: rows at once, mail by a task through one setting, in their reader's language; in a demonstration none."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from django.core import mail as django_mail
from django.core.cache import cache
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.network.emails import actions as post
from samsvar.site.network.emails.email_templates import LETTERS, write
from samsvar.site.network.emails.tasks import send_letter, send_what_waits
from samsvar.site.settings.mail import BadMailSetting, mail
from tests.factories.people import make_account, make_network, sign_in

FROM = "samsvar@ministry.example"


@pytest.fixture(autouse=True)
def no_limit_of_another_test(db):
    cache.clear()


class Mailbox:
    """What a mail server of this test was given."""

    def __init__(self):
        self.mails, self.refuses = [], ""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.refuses:
            return self.refuses
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content.decode()))
        return "250 taken"


@contextmanager
def mail_server(*, user="", password=""):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mailbox = Mailbox()

    def check(server, session, envelope, mechanism, said):
        right = isinstance(said, LoginPassword) and (said.login.decode(), said.password.decode()) == (user, password)
        return AuthResult(success=right, handled=False)

    asked = {"auth_required": True, "auth_require_tls": False, "authenticator": check} if user else {}
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, server_hostname="mail.test", **asked)
    controller.start()
    try:
        yield mailbox, port
    finally:
        controller.stop()


def use(settings, address):
    for name, value in mail(address).items():
        setattr(settings, name, value)


def post_one(**more):
    context = {"password_reset_url": "https://samsvar.example/a-token"}
    return post.post_letter(
        to="reader@network.example", kind="account/email/password_reset_key", host="samsvar.example",
        context=context, **more,
    )  # fmt: skip


# --- Leaving ----------------------------------------------------------------------------------------------------------


def test_a_letter_leaves_by_the_mail_server_that_one_setting_names(settings):
    with mail_server() as (mailbox, port):
        use(settings, f"smtp://127.0.0.1:{port}?from={FROM}")
        letter = post_one()
        [(sender, to, text)] = mailbox.mails
    assert (sender, to) == (FROM, ["reader@network.example"])
    assert "https://samsvar.example/a-token" in text
    assert "Message-ID: <" in text
    assert "@ministry.example>" in text
    assert "Auto-Submitted: auto-generated" in text
    letter.refresh_from_db()
    assert (letter.sent_at is not None, letter.attempts, letter.refusal) == (True, 1, "")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # on this machine, for this test
def test_a_mail_server_may_ask_who_sends(settings):
    with mail_server(user="samsvar", password="p@ss:word/") as (mailbox, port):
        use(settings, f"smtp://samsvar:p%40ss%3Aword%2F@127.0.0.1:{port}?from={FROM}")
        post_one()
        assert len(mailbox.mails) == 1
        use(settings, f"smtp://samsvar:wrong@127.0.0.1:{port}?from={FROM}")
        letter = post_one()
        assert len(mailbox.mails) == 1
    letter.refresh_from_db()
    assert letter.refusal.startswith("SMTPAuthenticationError")


def test_what_a_letter_says_is_not_kept_after_it_has_left(settings):
    letter = post_one()
    assert "a-token" in letter.body
    with mail_server() as (_, port):
        use(settings, f"smtp://127.0.0.1:{port}?from={FROM}")
        post.send(letter=letter)
    letter.refresh_from_db()
    assert (letter.body, letter.html, letter.to) == ("", "", "reader@network.example")


def test_a_letter_is_sent_once_however_often_it_is_asked_for(settings):
    with mail_server() as (mailbox, port):
        use(settings, f"smtp://127.0.0.1:{port}?from={FROM}")
        letter = post_one()
        stale = models.Letter.objects.get(pk=letter.pk)
        send_letter.enqueue(letter.pk)
        post.send(letter=stale)
        stale.attempts = 0  # as another worker had read it before
        post.send(letter=stale)
        assert len(mailbox.mails) == 1


def test_a_refused_letter_is_tried_again_for_a_day_and_then_given_up(settings):
    letter = post_one()
    with mail_server() as (mailbox, port):
        mailbox.refuses = "451 not now"
        use(settings, f"smtp://127.0.0.1:{port}?from={FROM}")
        waits = []
        for _ in range(6):
            letter = post.send(letter=letter)
            waits.append(post.wait_before_next(letter))
        assert letter.refusal.startswith("SMTPDataError")
        assert waits == [*post.WAITS, None]
        assert sum(waits[:-1], timedelta()) > timedelta(days=1)
        mailbox.refuses = ""
        letter = post.send(letter=letter)
        assert (letter.sent_at is not None, letter.refusal, len(mailbox.mails)) == (True, "", 1)


def test_a_mail_server_that_is_away_fails_no_page(settings, client):
    use(settings, f"smtp://127.0.0.1:9?from={FROM}")
    answer = client.post(reverse("account_reset_password"), {"email": "nobody@network.example"})
    assert answer.status_code == 302
    assert models.Letter.objects.get().refusal.startswith("ConnectionRefusedError")


def test_without_a_mail_server_letters_wait_and_leave_when_there_is_one(settings):
    letter = post_one()
    assert (letter.attempts, letter.sent_at) == (0, None)
    with mail_server() as (mailbox, port):
        use(settings, f"smtp://127.0.0.1:{port}?from={FROM}")
        assert send_what_waits() == 1
        assert len(mailbox.mails) == 1


def test_a_worker_that_starts_asks_for_a_forgotten_letter_and_not_for_one_that_waits_its_turn(settings, db):
    """Queued as on a real site; the first letter's line waits, the second's was lost with a worker."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.SAMSVAR_SMTP = True
    waits, lost = (
        post.post_letter(to=f"{who}@nordmark.example", kind="network/second_factor_removed", context={}, host="s.test")
        for who in ("ingrid", "solveig")
    )
    lines = DBTaskResult.objects.filter(task_path=send_letter.module_path)
    assert sorted(line.args_kwargs["args"] for line in lines) == [[waits.pk], [lost.pk]]
    lines.get(args_kwargs__args=[lost.pk]).delete()
    assert (send_what_waits(forgotten=True), send_what_waits(forgotten=True)) == (1, 0)
    assert sorted(line.args_kwargs["args"] for line in lines.all()) == [[waits.pk], [lost.pk]]


def test_everything_that_is_mailed_goes_through_the_table(settings, client):
    make_account(email="known@network.example")
    client.post(reverse("account_reset_password"), {"email": "known@network.example"})
    assert models.Letter.objects.count() == 1
    assert django_mail.outbox == []


def test_a_letter_cannot_be_given_lines_that_its_subject_should_not_have(db):
    network = {"network": "X\r\nBcc: everybody@elsewhere.example", "until": "then", "join_url": "u"}
    written = write("network/invitation_to_network", language="en", host="h", context=network)
    assert "\n" not in written.subject
    assert "\r" not in written.subject


# --- Words ------------------------------------------------------------------------------------------------------------


class Whatever(dict[str, Any]):
    """Something for everything that a letter asks for; what ends in "url" is an address, "count" a number."""

    def __missing__(self, name: str) -> Any:
        if name == "count":
            return 3
        return f"https://h/{name}" if name.endswith("url") else f"some {name}"


CONTEXT = Whatever()


@pytest.mark.parametrize("language", ["en", "fr", "nb", "ro"])
@pytest.mark.parametrize("kind", LETTERS)
def test_every_letter_can_be_written_in_every_language(kind, language):
    written = write(kind, language=language, host="samsvar.example", context=CONTEXT)
    assert written.subject.startswith("Samsvar: ")
    assert "%(" not in written.subject + written.body
    assert written.body.endswith("Samsvar, samsvar.example\n")
    form = LETTERS[kind]
    assert (str(CONTEXT[form.link]) in written.body) if form.link else "https://" not in written.body


def test_a_letter_is_in_the_language_of_its_account_whatever_the_page_was_in(client, db):
    account = make_account(email="known@network.example")
    account.language = "nb"
    account.save()
    client.post("/fr/password/reset/", {"email": "known@network.example"})
    letter = models.Letter.objects.get()
    expected = write(
        "account/email/password_reset_key", language="nb", host="testserver", context={"password_reset_url": "u"}
    )
    assert letter.subject == expected.subject


# --- A demonstration --------------------------------------------------------------------------------------------------


def test_the_outbox_of_a_demonstration_shows_letters_whose_links_work(client, db):
    network = make_network()
    sign_in(client, make_account(Role.SECRETARIAT, network=network), staff_session="inviting")
    client.post(
        reverse("network:invitations"),
        {"email": "newcomer@network.example", "network": network.pk, "office": "member", "language": "en"},
    )
    page = client.get(reverse("network:outbox")).content.decode()
    assert "newcomer@network.example" in page
    assert 'href="http://testserver/en/join/with/' in page


def test_there_is_no_outbox_on_a_real_site(client, db, settings):
    assert client.get(reverse("network:outbox")).status_code == 200
    settings.SAMSVAR_DEMO = False
    assert client.get(reverse("network:outbox")).status_code == 404


def test_a_demonstration_sends_nothing_whatever_the_environment_says(settings):
    from samsvar.site.settings import testing

    assert testing.SAMSVAR_SMTP is False
    assert mail("")["EMAIL_BACKEND"] == "django.core.mail.backends.locmem.EmailBackend"


# --- The one setting --------------------------------------------------------------------------------------------------


def test_the_setting_is_read_into_djangos():
    read = mail("smtps://samsvar:s%3Acret@mail.ministry.example?from=Samsvar <samsvar@ministry.example>")
    assert read == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.ministry.example",
        "EMAIL_PORT": 465,
        "EMAIL_HOST_USER": "samsvar",
        "EMAIL_HOST_PASSWORD": "s:cret",
        "EMAIL_USE_SSL": True,
        "EMAIL_USE_TLS": False,
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": "Samsvar <samsvar@ministry.example>",
        "SERVER_EMAIL": "Samsvar <samsvar@ministry.example>",
        "SAMSVAR_SMTP": True,
    }


def test_another_machine_is_spoken_to_under_tls_unless_it_is_this_one():
    assert mail(f"smtp://mail.ministry.example:587?from={FROM}")["EMAIL_USE_TLS"] is True
    assert mail(f"smtp://localhost?from={FROM}")["EMAIL_USE_TLS"] is False


@pytest.mark.parametrize(
    "bad",
    [
        "http://mail.ministry.example?from=a@b.example",
        "smtp://?from=a@b.example",
        "smtp://mail.ministry.example",
        "smtp://mail.ministry.example?from=nobody",
        "smtp://mail.ministry.example?from=a@b.example&tls=perhaps",
        "smtp://mail.ministry.example?from=a@b.example&tls=none",
        "smtps://mail.ministry.example?from=a@b.example&tls=starttls",
        "smtp://mail.ministry.example:port?from=a@b.example",
        "smtp://mail.ministry.example?from=a@b.example&timeout=soon",
        "smtp://user:hunter2@mail.ministry.example?from=a@b.example&colour=red",
    ],
)
def test_a_setting_that_cannot_be_understood_says_what_and_never_the_password(bad):
    with pytest.raises(BadMailSetting) as refused:
        mail(bad)
    assert "SAMSVAR_SMTP is smtp(s)://" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_real_site_without_a_mail_server_is_warned(settings):
    from samsvar.site.network.checks import letters_leave

    settings.SAMSVAR_DEMO = False
    assert [found.id for found in letters_leave()] == ["samsvar.W001"]
    settings.SAMSVAR_SMTP = True
    assert letters_leave() == []
