"""Emails: saved at once, sent by a task through one setting, in the reader's language; none in a demonstration."""

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
from samsvar.site.monitoring.tasks import read_upload
from samsvar.site.network import models
from samsvar.site.network.emails import actions as post
from samsvar.site.network.emails.email_templates import all_email_templates, render_email
from samsvar.site.network.emails.tasks import enqueue_unsent_emails, send_queued_email
from samsvar.site.settings.mail import InvalidMailSetting, mail_settings
from tests.factories.people import make_account, make_network, sign_in

FROM = "samsvar@ministry.example"


@pytest.fixture(autouse=True)
def clear_rate_limits(db):
    cache.clear()


class Mailbox:
    """The emails that the test's mail server received."""

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


def use_mail_server(settings, address):
    for name, value in mail_settings(address).items():
        setattr(settings, name, value)


def queue_test_email(**more):
    context = {"password_reset_url": "https://samsvar.example/a-token"}
    recipient = post.EmailRecipient("reader@network.example", **more)
    return post.notify(recipient, "account/email/password_reset_key", **context)


# --- The mail setting -------------------------------------------------------------------------------------------------


def test_an_email_is_sent_through_the_mail_server_in_the_setting(settings):
    with mail_server() as (mailbox, port):
        use_mail_server(settings, f"smtp://127.0.0.1:{port}?from={FROM}")
        letter = queue_test_email()
        [(sender, to, text)] = mailbox.mails
    assert (sender, to) == (FROM, ["reader@network.example"])
    assert "https://samsvar.example/a-token" in text
    assert "Message-ID: <" in text
    assert "@ministry.example>" in text
    assert "Auto-Submitted: auto-generated" in text
    letter.refresh_from_db()
    assert (letter.sent_at is not None, letter.attempts, letter.refusal) == (True, 1, "")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # on this machine, for this test
def test_a_mail_server_may_require_authentication(settings):
    with mail_server(user="samsvar", password="p@ss:word/") as (mailbox, port):
        use_mail_server(settings, f"smtp://samsvar:p%40ss%3Aword%2F@127.0.0.1:{port}?from={FROM}")
        queue_test_email()
        assert len(mailbox.mails) == 1
        use_mail_server(settings, f"smtp://samsvar:wrong@127.0.0.1:{port}?from={FROM}")
        letter = queue_test_email()
        assert len(mailbox.mails) == 1
    letter.refresh_from_db()
    assert letter.refusal.startswith("SMTPAuthenticationError")


def test_the_text_of_an_email_is_deleted_once_it_is_sent(settings):
    letter = queue_test_email()
    assert "a-token" in letter.body
    with mail_server() as (_, port):
        use_mail_server(settings, f"smtp://127.0.0.1:{port}?from={FROM}")
        post.send_email(email=letter)
    letter.refresh_from_db()
    assert (letter.body, letter.html, letter.to) == ("", "", "reader@network.example")


def queue_weekly_email(end_url):
    recipient = post.EmailRecipient("reader@network.example")
    return post.notify(recipient, "implementation/weekly_digest", lines="", page_url="", end_url=end_url)


def test_an_email_that_can_be_ended_has_the_headers_for_one_click_each_on_one_line(settings):
    """RFC 8058; Python would write such a long address as an encoded word, which mail programs do not read."""
    end_url = f"https://samsvar.example/en/desk/weekly-email/{'a' * 16}:{'b' * 43}/end/"
    with mail_server() as (mailbox, port):
        use_mail_server(settings, f"smtp://127.0.0.1:{port}?from={FROM}")
        letter = queue_weekly_email(end_url)
        [(_sender, _to, text)] = mailbox.mails
    headers = text.replace("\r\n", "\n").partition("\n\n")[0].splitlines()
    assert f"List-Unsubscribe: <{end_url}>" in headers
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in headers
    letter.refresh_from_db()
    assert (letter.sent_at is not None, letter.body, letter.end_url) == (True, "", "")


@pytest.mark.parametrize(("end_url", "names"), [("", []), ("http://localhost:8000/end/", ["List-Unsubscribe"])])
def test_an_email_that_cannot_be_ended_or_not_by_https_has_no_header_for_one_click(end_url, names):
    message = post._build_message(queue_weekly_email(end_url)).message()
    assert [name for name in message.keys() if name.startswith("List-")] == names  # noqa: SIM118 - a name may repeat


def test_an_email_is_sent_only_once_however_often_it_is_requested(settings):
    with mail_server() as (mailbox, port):
        use_mail_server(settings, f"smtp://127.0.0.1:{port}?from={FROM}")
        letter = queue_test_email()
        stale = models.OutgoingEmail.objects.get(pk=letter.pk)
        send_queued_email.enqueue(letter.pk)
        post.send_email(email=stale)
        stale.attempts = 0  # as if another worker had read it earlier
        post.send_email(email=stale)
        assert len(mailbox.mails) == 1


def test_a_refused_email_is_retried_for_a_day_and_then_given_up(settings):
    letter = queue_test_email()
    with mail_server() as (mailbox, port):
        mailbox.refuses = "451 not now"
        use_mail_server(settings, f"smtp://127.0.0.1:{port}?from={FROM}")
        waits = []
        for _ in range(6):
            letter = post.send_email(email=letter)
            waits.append(post.next_retry_delay(letter))
        assert letter.refusal.startswith("SMTPDataError")
        assert waits == [*post.RETRY_DELAYS, None]
        assert sum(waits[:-1], timedelta()) > timedelta(days=1)
        mailbox.refuses = ""
        letter = post.send_email(email=letter)
        assert (letter.sent_at is not None, letter.refusal, len(mailbox.mails)) == (True, "", 1)


def test_an_unreachable_mail_server_does_not_break_a_page(settings, client):
    use_mail_server(settings, f"smtp://127.0.0.1:9?from={FROM}")
    answer = client.post(reverse("account_reset_password"), {"email": "nobody@network.example"})
    assert answer.status_code == 302
    assert models.OutgoingEmail.objects.get().refusal.startswith("ConnectionRefusedError")


def test_emails_wait_until_a_mail_server_is_configured(settings):
    letter = queue_test_email()
    assert (letter.attempts, letter.sent_at) == (0, None)
    with mail_server() as (mailbox, port):
        use_mail_server(settings, f"smtp://127.0.0.1:{port}?from={FROM}")
        assert enqueue_unsent_emails() == 1
        assert len(mailbox.mails) == 1


def test_a_starting_worker_requeues_a_lost_email_but_not_one_still_in_the_queue(settings, db):
    """Queued as on a real site; the task of the first email waits, that of the second was lost with a worker."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.SAMSVAR_SMTP = True
    waits, lost = (
        post.notify(post.EmailRecipient(f"{who}@nordmark.example"), "network/second_factor_removed")
        for who in ("ingrid", "solveig")
    )
    lines = DBTaskResult.objects.filter(task_path=send_queued_email.module_path)
    assert sorted(line.args_kwargs["args"] for line in lines) == [[waits.pk], [lost.pk]]
    lines.get(args_kwargs__args=[lost.pk]).delete()
    assert (enqueue_unsent_emails(only_unscheduled=True), enqueue_unsent_emails(only_unscheduled=True)) == (1, 0)
    assert sorted(line.args_kwargs["args"] for line in lines.all()) == [[waits.pk], [lost.pk]]


def test_every_email_goes_through_the_database(settings, client):
    make_account(email="known@network.example")
    client.post(reverse("account_reset_password"), {"email": "known@network.example"})
    assert models.OutgoingEmail.objects.count() == 1
    assert django_mail.outbox == []


def test_the_subject_of_an_email_contains_no_line_breaks(db):
    network = {"network": "X\r\nBcc: everybody@elsewhere.example", "until": "then", "page_url": "u"}
    written = render_email("network/invitation_to_network", language="en", context=network)
    assert "\n" not in written.subject
    assert "\r" not in written.subject


# --- Text of the emails -----------------------------------------------------------------------------------------------


class AnyContext(dict[str, Any]):
    """A context with a value for every variable: an address if the name ends in "url", a number for "count"."""

    def __missing__(self, name: str) -> Any:
        if name == "count":
            return 3
        return f"https://h/{name}" if name.endswith("url") else f"some {name}"


CONTEXT = AnyContext()


@pytest.mark.parametrize("language", ["en", "fr", "nb", "ro"])
@pytest.mark.parametrize("kind", all_email_templates())
def test_every_email_can_be_written_in_every_language(kind, language):
    written = render_email(kind, language=language, context=CONTEXT)
    assert written.subject.startswith("Samsvar: ")
    assert "%(" not in written.subject + written.body
    assert written.body.endswith("Samsvar, samsvar.example\n")
    form = all_email_templates()[kind]
    assert (str(CONTEXT[form.link]) in written.body) if form.link else "https://" not in written.body


def test_an_email_is_in_the_language_of_its_account_not_of_the_page(client, db):
    account = make_account(email="known@network.example")
    account.language = "nb"
    account.save()
    client.post("/fr/password/reset/", {"email": "known@network.example"})
    letter = models.OutgoingEmail.objects.get()
    expected = render_email("account/email/password_reset_key", language="nb", context={"password_reset_url": "u"})
    assert letter.subject == expected.subject


# --- A demonstration --------------------------------------------------------------------------------------------------


def test_the_outbox_of_a_demonstration_shows_emails_with_their_links(client, db):
    network = make_network()
    sign_in(client, make_account(Role.SECRETARIAT, network=network), staff_session="inviting")
    client.post(
        reverse("network:invitations"),
        {"email": "newcomer@network.example", "network": network.pk, "office": "member", "language": "en"},
    )
    page = client.get(reverse("network:outbox")).content.decode()
    assert "newcomer@network.example" in page
    assert 'href="https://samsvar.example/en/join/with/' in page


def test_emails_are_sent_before_reports_are_read(db, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    read_upload.enqueue("00000000-0000-0000-0000-000000000000")
    send_queued_email.enqueue(1)
    assert [line.task_path.rpartition(".")[2] for line in DBTaskResult.objects.ready()] == [
        "send_queued_email",
        "read_upload",
    ]


def test_there_is_no_outbox_on_a_real_site(client, db, settings):
    assert client.get(reverse("network:outbox")).status_code == 200
    settings.SAMSVAR_DEMO = False
    assert client.get(reverse("network:outbox")).status_code == 404


def test_a_demonstration_never_sends_email(settings):
    from samsvar.site.settings import testing

    assert testing.SAMSVAR_SMTP is False
    assert mail_settings("")["MAILERS"]["default"]["BACKEND"] == "django.core.mail.backends.locmem.EmailBackend"


# --- The mail setting -------------------------------------------------------------------------------------------------


def test_the_mail_setting_is_translated_into_the_settings_of_django():
    read = mail_settings("smtps://samsvar:s%3Acret@mail.ministry.example?from=Samsvar <samsvar@ministry.example>")
    assert read == {
        "MAILERS": {
            "default": {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": {
                    "host": "mail.ministry.example",
                    "port": 465,
                    "username": "samsvar",
                    "password": "s:cret",
                    "use_ssl": True,
                    "use_tls": False,
                    "timeout": 20,
                },
            }
        },
        "DEFAULT_FROM_EMAIL": "Samsvar <samsvar@ministry.example>",
        "SERVER_EMAIL": "Samsvar <samsvar@ministry.example>",
        "SAMSVAR_SMTP": True,
    }


def test_tls_is_used_for_every_mail_server_except_localhost():
    def uses_tls(url: str) -> bool:
        return mail_settings(url)["MAILERS"]["default"]["OPTIONS"]["use_tls"]

    assert uses_tls(f"smtp://mail.ministry.example:587?from={FROM}") is True
    assert uses_tls(f"smtp://localhost?from={FROM}") is False


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
def test_the_error_for_an_invalid_mail_setting_does_not_contain_the_password(bad):
    with pytest.raises(InvalidMailSetting) as refused:
        mail_settings(bad)
    assert "SAMSVAR_SMTP is smtp(s)://" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_real_site_without_a_mail_server_gets_a_warning(settings):
    from samsvar.site.network.checks import check_email_is_configured

    settings.SAMSVAR_DEMO = False
    assert [found.id for found in check_email_is_configured()] == ["samsvar.W001"]
    settings.SAMSVAR_SMTP = True
    assert check_email_is_configured() == []
