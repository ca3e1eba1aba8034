"""Letters: written into a table at once, sent by a task, tried again for a day, and emptied when they have left."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from email.utils import make_msgid, parseaddr
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import DNS_NAME, EmailMultiAlternatives, get_connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from samsvar.site.network import models
from samsvar.site.network.emails.email_templates import write

log = logging.getLogger(__name__)

# A mail server that is away comes back within a day, or somebody has to look: after these waits nothing more is tried.
WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=17))


def post_letter(
    *,
    to: str,
    kind: str,
    context: Mapping[str, Any],
    host: str,
    language: str = "",
    account: models.Account | None = None,
) -> models.Letter:
    """Write a letter of this kind. It leaves with the transaction that it belongs to, or not at all.

    The line of the queue that sends it is written as the row is (samsvar.site.network.apps).
    """
    language = language or (account.language if account else "") or settings.LANGUAGE_CODE
    written = write(kind, language=language, host=host, context=context)
    return models.Letter.objects.create(account=account, to=to, subject=written.subject[:250], body=written.body)


def tell(
    *, account: models.Account, kind: str, site: str, page: str, args: Sequence[str] = (), **context: Any
) -> models.Letter | None:
    """A letter that something waits on a page of ours, in the language of its reader; none to a closed account.

    `site` is the address of this site ("https://host/"), to which the letter leads.
    """
    if not account.is_active:
        return None
    with override(account.language or settings.LANGUAGE_CODE):
        address = urljoin(site, reverse(page, args=args))
    return post_letter(
        to=account.email,
        kind=kind,
        context={**context, "page_url": address},
        host=urlsplit(site).netloc,
        account=account,
    )


def send(*, letter: models.Letter) -> models.Letter:
    """Hand one letter to the mail server, once; what holds a token is not kept after it has left."""
    # The attempt is taken before the mail server is spoken to, and no transaction is open meanwhile: two workers that
    # were told to send it send it once, and a slow mail server holds up no other writer.
    waiting = models.Letter.objects.filter(pk=letter.pk, sent_at__isnull=True, attempts=letter.attempts)
    if not waiting.update(attempts=letter.attempts + 1):
        letter.refresh_from_db()
        return letter
    letter.attempts += 1
    mail, line = _as_mail(letter), get_connection()
    mail.connection = line
    try:
        mail.send()
    except OSError as refused:  # smtplib's errors are OSErrors, as those of the line are
        letter.refusal = f"{type(refused).__name__}: {refused}"[:250]
        log.error("letter %s was refused: %s", letter.pk, type(refused).__name__)  # no address in a log
    else:
        letter.sent_at = timezone.now()
        letter.refusal = letter.body = letter.html = ""
    finally:
        with suppress(OSError):
            line.close()  # Django leaves it open where the mail server did not let us in
    letter.save(update_fields=["sent_at", "refusal", "body", "html"])
    return letter


def wait_before_next(letter: models.Letter) -> timedelta | None:
    """How long until a refused letter is tried again; None where it has left, or is given up."""
    if letter.sent_at is not None or letter.attempts > len(WAITS):
        return None
    return WAITS[letter.attempts - 1] if letter.attempts else timedelta(0)


def _as_mail(letter: models.Letter) -> EmailMultiAlternatives:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    # Django would ask the name service what this machine is called, and greet the mail server with it
    DNS_NAME._fqdn = domain
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.body,
        to=[letter.to],
        # the machine's own name is nobody's business; automatic answers are not wanted
        headers={"Message-ID": make_msgid(domain=domain), "Auto-Submitted": "auto-generated"},
    )
    if letter.html:
        mail.attach_alternative(letter.html, "text/html")
    return mail
