"""Questions through the secretariat: asked, forwarded or not, answered, gone on with, ended.

Letters about them say that something waits and where, and nothing else: neither who wrote nor what. A mailbox may be
read by others, at home or at work, and what is not in a letter cannot be forwarded from it.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from samsvar.network.consent import Purpose
from samsvar.network.membership import NetworkError
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.permissions import in_force
from samsvar.site.network.emails.actions import tell
from samsvar.site.network.messages import queries

Progress = models.Ask.Progress
Side = models.AskLine.Side


class AskError(NetworkError):
    """A question, an answer or a decision could not be taken; said in the language of whoever is at the page."""

    code = "ask_error"

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message, kept=_("Nothing was sent and nothing was stored."), advice=advice)


class TakesNoQuestions(AskError):
    """The member takes no questions, or does not any more."""

    code = "takes_no_questions"

    def __init__(self) -> None:
        super().__init__(_("This member takes no questions."))


class AskedEnough(AskError):
    """The limit of a day is reached."""

    code = "asked_enough"

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("You have sent %(limit)s within the last 24 hours, and more are not taken.") % {"limit": limit},
            _("Go on tomorrow."),
        )
        self.limit = limit


class TextDoesNotFit(AskError):
    """There is no text, or more than is taken."""

    code = "text_does_not_fit"

    def __init__(self, limit: int) -> None:
        super().__init__(_("The text has between 1 and %(limit)s characters.") % {"limit": limit})
        self.limit = limit


class AskIsDecided(AskError):
    """Somebody else decided on the question meanwhile, or it was ended."""

    code = "ask_is_decided"

    def __init__(self) -> None:
        super().__init__(_("Meanwhile this question was decided on or ended."), _("Look at it as it is now."))


def ask_member(*, by: models.Account, person: models.Person, subject: str, text: str, site: str) -> models.Ask:
    """Ask a member something; it waits for the secretariat of a network of theirs.

    `site` is the address of this site ("https://host/"), to which letters lead.
    """
    with transaction.atomic():
        models.Account.objects.select_for_update().get(pk=by.pk)  # two at once would both find room for one more
        member = queries.member_to_ask(by, person.public_id)
        if member is None:
            raise PermissionDenied
        if not member.takes_questions:
            raise TakesNoQuestions
        if queries.asked_lately(by) >= queries.ASKS_A_DAY:
            raise AskedEnough(queries.ASKS_A_DAY)
        ask = models.Ask.objects.create(
            by=by,
            to=member.person,
            network=queries.network_to_decide(by, member.person),
            subject=_fits(subject, 150),
        )
        _add_line(ask, Side.ASKER, text)
        _record(ask, by, "asked a member")
        _tell_that_one_waits(ask, site)
    return ask


def forward_ask(*, ask: models.Ask, by: models.Account, site: str) -> models.Ask:
    """Let a question reach the member; from now on the two write to each other on the site."""
    with transaction.atomic():
        ask = _waiting(ask, by)
        if not queries.takes_questions(ask.to):
            raise TakesNoQuestions
        ask.progress, ask.handled_by, ask.handled_at = Progress.FORWARDED, by, timezone.now()
        ask.save(update_fields=["progress", "handled_by", "handled_at"])
        _record(ask, by, "forwarded a question")
        _tell_the_member(ask, site)
    return ask


def decline_ask(*, ask: models.Ask, by: models.Account, reason: str, site: str) -> models.Ask:
    """Do not forward a question; the asker reads the reason, and the member never learns of it."""
    with transaction.atomic():
        ask = _waiting(ask, by)
        ask.progress, ask.handled_by, ask.handled_at = Progress.DECLINED, by, timezone.now()
        ask.reason = _fits(reason, 300)
        ask.save(update_fields=["progress", "handled_by", "handled_at", "reason"])
        _record(ask, by, "did not forward a question")
        _tell_the_asker(ask, site)
    return ask


def ask_back(*, ask: models.Ask, by: models.Account, text: str, site: str) -> models.AskLine:
    """Ask the asker something before deciding; the member reads it too if the question is forwarded."""
    with transaction.atomic():
        ask = _waiting(ask, by)
        _within_limit(ask, Side.SECRETARIAT)
        line = _add_line(ask, Side.SECRETARIAT, text)
        _record(ask, by, "asked back")
        _tell_the_asker(ask, site)
    return line


def write_in_ask(*, ask: models.Ask, by: models.Account, text: str, site: str) -> models.AskLine:
    """Go on with an exchange, as its asker or as its member; the other side gets a letter that something waits."""
    with transaction.atomic():
        ask = _locked(ask)
        side = _side(by, ask)
        if side == Side.ASKER and not queries.may_ask(by, ask.to):
            raise PermissionDenied
        if not queries.may_write(ask, side):
            raise TakesNoQuestions if queries.was_forwarded(ask) and _is_open(ask) else AskIsDecided
        _within_limit(ask, side)
        line = _add_line(ask, side, text)
        if side == Side.MEMBER and ask.progress == Progress.FORWARDED:
            ask.progress = Progress.ANSWERED
            ask.save(update_fields=["progress"])
        _record(ask, by, "answered a question" if side == Side.MEMBER else "went on with a question")
        if side == Side.MEMBER:
            _tell_the_asker(ask, site)
        elif ask.progress == Progress.WAITING:
            _tell_that_one_waits(ask, site)
        else:
            _tell_the_member(ask, site)
    return line


def decline_to_answer(*, ask: models.Ask, by: models.Account, site: str, leave_in_peace: bool = False) -> models.Ask:
    """Give no answer, without a reason; with `leave_in_peace` no question of anybody comes any more."""
    with transaction.atomic():
        ask = _locked(ask)
        if _side(by, ask) != Side.MEMBER:
            raise PermissionDenied
        if not _is_open(ask):
            raise AskIsDecided
        ask.progress = Progress.DECLINED
        ask.save(update_fields=["progress"])
        _record(ask, by, "declined to answer")
        _tell_the_asker(ask, site)
        if leave_in_peace:
            take_no_questions(by=by)
    return ask


def close_ask(*, ask: models.Ask, by: models.Account) -> models.Ask:
    """End an exchange, from either side; a question that still waits is taken back by it and reaches nobody."""
    with transaction.atomic():
        ask = _locked(ask)
        _side(by, ask)
        if not _is_open(ask):
            raise AskIsDecided
        ask.progress = Progress.CLOSED
        ask.save(update_fields=["progress"])
        _record(ask, by, "ended an exchange")
    return ask


def take_no_questions(*, by: models.Account) -> int:
    """Withdraw what lets questions reach one's own entry; holds from this moment.

    A ground other than consent ends too: whoever is asked may object (Article 21 of the GDPR), and none must be asked.
    """
    with transaction.atomic():
        person = models.Person.objects.filter(account=by, erased_at__isnull=True).first()
        if person is None:
            raise PermissionDenied
        now = timezone.now()
        ended = person.bases.filter(in_force(now), purpose=Purpose.CONTACT).update(until=now)
        details = {"purpose": Purpose.CONTACT}
        record(by=by, verb="withdrew", subject=f"person {person.public_id}", details=details, person=person.public_id)
    return ended


# --- Steps ------------------------------------------------------------------------------------------------------------


def _locked(ask: models.Ask) -> models.Ask:
    """The question as it is now, held until the transaction ends: two decisions at once become one and a refusal."""
    return (
        models.Ask.objects.select_for_update(of=("self",)).select_related("to__account", "by", "network").get(pk=ask.pk)
    )


def _waiting(ask: models.Ask, by: models.Account) -> models.Ask:
    """The question, locked, if `by` may decide on it and nobody has."""
    ask = _locked(ask)
    if not queries.may_decide(by, ask):
        raise PermissionDenied
    if ask.progress != Progress.WAITING:
        raise AskIsDecided
    return ask


def _side(by: models.Account, ask: models.Ask) -> str:
    if not (side := queries.side_of(by, ask)):
        raise PermissionDenied
    return side


def _is_open(ask: models.Ask) -> bool:
    return ask.progress in {Progress.WAITING, Progress.FORWARDED, Progress.ANSWERED}


def _within_limit(ask: models.Ask, side: str) -> None:
    if queries.written_lately(ask, side) >= queries.LINES_A_DAY:
        raise AskedEnough(queries.LINES_A_DAY)


def _add_line(ask: models.Ask, side: str, text: str) -> models.AskLine:
    return models.AskLine.objects.create(ask=ask, side=side, text=_fits(text, queries.LONGEST_TEXT))


def _fits(text: str, limit: int) -> str:
    text = text.strip()
    if not 1 <= len(text) <= limit:
        raise TextDoesNotFit(limit)
    return text


def _record(ask: models.Ask, by: models.Account, verb: str) -> None:
    record(by=by, verb=verb, subject=f"ask {ask.public_id}", person=ask.to.public_id)


# --- Letters ----------------------------------------------------------------------------------------------------------


def _tell_that_one_waits(ask: models.Ask, site: str) -> None:
    for account in queries.deciders(ask):
        tell(account=account, kind="network/question_to_decide", site=site, page="network:asks-to-decide")


def _tell_the_member(ask: models.Ask, site: str) -> None:
    if ask.to.account is not None:
        _tell_of(ask, ask.to.account, "network/question_for_you", site)


def _tell_the_asker(ask: models.Ask, site: str) -> None:
    _tell_of(ask, ask.by, "network/question_of_yours", site)


def _tell_of(ask: models.Ask, account: models.Account, kind: str, site: str) -> None:
    tell(account=account, kind=kind, site=site, page="network:my-ask", args=[ask.public_id])
