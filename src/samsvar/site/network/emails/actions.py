"""Actions on emails, which are stored in a table, sent by a task, retried for a day and cleared once sent."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import make_msgid, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import DNS_NAME, mailers
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from samsvar.site.network import models
from samsvar.site.network.emails.email_templates import render_email
from samsvar.site.shell.one_click import OneClickMessage, one_click_headers
from samsvar.site.shell.site_url import absolute_url

log = logging.getLogger(__name__)

# Delays before further attempts, about a day in total. There are none after that, because a longer outage of the
# mail server needs attention.
RETRY_DELAYS = (
    timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=17),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EmailRecipient:
    """A recipient that is not an account's current address: a former address, or someone without an account."""

    email: str
    language: str = ""
    account: models.Account | None = None  # the account that the email is about; erasing it also erases the email


def notify(
    recipient: models.Account | EmailRecipient,
    template: str,
    /,
    *,
    page: str = "",
    args: Sequence[str] = (),
    end_url: str = "",
    **context: Any,
) -> models.OutgoingEmail | None:
    """Queue an email in the recipient's language; send nothing if it links to a page and the account is inactive.

    If nothing is sent, None is returned. `page` is the name of the view that the email links to, with the arguments
    `args`. `end_url` is the address of a page that ends emails of this kind without signing in
    (samsvar.site.shell.one_click); the template can show it. The email is committed or rolled back with the surrounding
    transaction. Creating the row enqueues the task that sends the email (samsvar.site.network.apps).
    """
    if isinstance(recipient, models.Account):
        if page and not recipient.is_active:
            return None
        recipient = EmailRecipient(recipient.email, recipient.language, recipient)
    language = recipient.language or settings.LANGUAGE_CODE
    if page:
        with override(language):
            context["page_url"] = absolute_url(reverse(page, args=args))
    rendered = render_email(template, language=language, context={**context, "end_url": end_url})
    return models.OutgoingEmail.objects.create(
        account=recipient.account,
        to=recipient.email,
        subject=rendered.subject[:250],
        body=rendered.body,
        end_url=end_url,
    )


def send_email(*, email: models.OutgoingEmail) -> models.OutgoingEmail:
    """Make one attempt to send an email. When it has been sent, its body is cleared, because it may contain a token."""
    # The attempt is claimed before the mail server is contacted, and without an open transaction: two workers with the
    # same email send it only once, and a slow mail server blocks no other writer.
    waiting = models.OutgoingEmail.objects.filter(pk=email.pk, sent_at__isnull=True, attempts=email.attempts)
    if not waiting.update(attempts=email.attempts + 1):
        email.refresh_from_db()
        return email
    email.attempts += 1
    message, mailer = _build_message(email), mailers.default
    try:
        mailer.send_messages([message])
    except OSError as error:  # smtplib's errors are OSErrors, like connection errors
        email.refusal = f"{type(error).__name__}: {error}"[:250]
        log.error("email %s could not be sent: %s", email.pk, type(error).__name__)  # without the email address
    else:
        email.sent_at = timezone.now()
        email.refusal = email.body = email.html = email.end_url = ""
    finally:
        with suppress(OSError):
            mailer.close()  # Django leaves the connection open if authentication failed
    email.save(update_fields=["sent_at", "refusal", "body", "html", "end_url"])
    return email


def next_retry_delay(email: models.OutgoingEmail) -> timedelta | None:
    """Return the delay before the next attempt; None if the email was sent or will not be tried again."""
    if email.sent_at is not None or email.attempts > len(RETRY_DELAYS):
        return None
    return RETRY_DELAYS[email.attempts - 1] if email.attempts else timedelta(0)


def _build_message(email: models.OutgoingEmail) -> OneClickMessage:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    # prevent Django from looking up this machine's hostname and sending it to the mail server
    DNS_NAME._fqdn = domain
    message = OneClickMessage(
        subject=email.subject,
        body=email.body,
        to=[email.to],
        # keep the hostname private; ask for no automatic replies
        headers={
            "Message-ID": make_msgid(domain=domain),
            "Auto-Submitted": "auto-generated",
            **one_click_headers(email.end_url),
        },
    )
    if email.html:
        message.attach_alternative(email.html, "text/html")
    return message
