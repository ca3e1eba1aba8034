"""What accounts, people and networks hold of anybody, with the tables of allauth, Django, the queue and the trail.

Tables that come from elsewhere, and those of apps that this one stands on, are spoken for here: they cannot know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from allauth.account.models import EmailConfirmation
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from samsvar.network.consent import Ground, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.network.holdings import INSIDE, Fate, Holding, HoldsNone, Kind, Subject, Whose
from samsvar.site.network.permissions import in_force
from samsvar.site.network.queries.duties import DUTIES, duties_of, fields_kept
from samsvar.site.shell.uploads import fetch_private, remove_private
from samsvar.site.trail.models import Entry
from samsvar.site.trail.queries import old_lines

# --- Sentences that stand at more than one holding --------------------------------------------------------------------

OTHER = _("names another person; that is theirs")
OPENS = _("opens the account; whoever has the file would have the key")
SECRETARIAT = _("the secretariat of the person’s networks, in a staff session that says why")
ITSELF = _("nobody but the person and the site itself")
OTHERS_RIGHT = _("it is about somebody else; there your emptied account stands as who did it, without name or address")
LIVES = _("while the account lives")

SECURITY = (Purpose.SECURITY,)
INTEREST = (Ground.LEGITIMATE_INTERESTS,)
COUNTED = (Field.GROUP,)  # stays at an emptied person, so that the share of each group stays true


# --- How rows are found that no relation leads to ---------------------------------------------------------------------


def _invitations(subject: Subject) -> QuerySet[Any]:
    asked = Q(email__in=subject.addresses)
    if subject.account:
        asked |= Q(account=subject.account)
    if subject.person:
        asked |= Q(person=subject.person)
    return models.Invitation.objects.filter(asked)


def _letters(subject: Subject) -> QuerySet[Any]:
    asked = Q(to__in=subject.addresses)
    if subject.account:
        asked |= Q(account=subject.account)
    return models.Letter.objects.filter(asked)


def _letters_with_traces(subject: Subject) -> QuerySet[Any]:
    """Their letters, and those to others in which their public number stands: a link to their page.

    Names and addresses are not looked for: whoever calls themselves “Samsvar” would take everybody's letters with them.
    Letters hold neither (samsvar.site.network.letters).
    """
    traces = Q(pk__in=())
    for public_id in subject.public_ids:
        traces |= Q(subject__contains=public_id) | Q(body__contains=public_id) | Q(html__contains=public_id)
    return models.Letter.objects.filter(Q(pk__in=_letters(subject)) | traces)


def _sessions(subject: Subject) -> QuerySet[Any]:
    """Browser sessions of the account, also those that got no further than the second step of signing in.

    What a session holds is packed, so each is opened; some thousands take a second.
    """
    said = set(subject.addresses) | ({subject.account.public_id} if subject.account else set())
    own = str(subject.account.pk) if subject.account else None
    found = []
    for session in Session.objects.iterator():
        inside = session.get_decoded()
        if (own and inside.get("_auth_user_id") == own) or said & set(_texts_in(inside)):
            found.append(session.pk)
    return Session.objects.filter(pk__in=found)


def _texts_in(value: Any) -> Iterator[str]:
    """Every whole text in a value of JSON, in small letters."""
    match value:
        case str():
            yield value.lower()
        case dict():
            for one in value.values():
                yield from _texts_in(one)
        case list():
            for one in value:
                yield from _texts_in(one)


def _letter_tasks(subject: Subject) -> QuerySet[Any]:
    """Lines of the queue about their letters."""
    letters = {str(key) for key in _letters(subject).values_list("pk", flat=True)}
    own = DBTaskResult.objects.filter(task_path__startswith="samsvar.site.network.").only("pk", "args_kwargs")
    found = [line.pk for line in own if letters & {str(one) for one in line.args_kwargs["args"]}]
    return DBTaskResult.objects.filter(pk__in=found)


def _finished_with_traces(subject: Subject) -> QuerySet[Any]:
    """The finished ones, and finished lines whose error speaks of their address. What waits or runs holds a number."""
    traces = Q(pk__in=_letter_tasks(subject))
    for address in subject.addresses:
        traces |= Q(traceback__icontains=address)
    return DBTaskResult.objects.filter(traces, status__in=("SUCCESSFUL", "FAILED"))


def _done(subject: Subject) -> QuerySet[Any]:
    return Entry.objects.filter(actor=subject.account) if subject.account else Entry.objects.none()


def _seen(subject: Subject) -> QuerySet[Any]:
    """What others did to and saw of somebody."""
    asked = Q(person__in=[subject.person.public_id] if subject.person else [])
    if subject.account:
        asked |= Q(subject=f"account {subject.account.public_id}")
    lines = Entry.objects.filter(asked)
    return lines.exclude(actor=subject.account) if subject.account else lines


def _seen_of_what_reached(subject: Subject) -> QuerySet[Any]:
    """The same without lines about questions that never reached the person: nobody tells them that there was one."""
    reached = _forwarded(subject) if subject.person else models.Ask.objects.none()
    told = [f"ask {public_id}" for public_id in reached.values_list("public_id", flat=True)]
    return _seen(subject).exclude(~Q(subject__in=told), subject__startswith="ask ", saw=False)


def _forwarded(subject: Subject) -> QuerySet[Any]:
    """Questions that have reached the member: what the secretariat weighs, or has turned down, is the asker's alone."""
    reached = models.Ask.objects.filter(to=subject.person, handled_at__isnull=False, reason="")
    return reached.exclude(by=subject.account) if subject.account else reached


def _forwarded_lines(subject: Subject) -> QuerySet[Any]:
    return models.AskLine.objects.filter(ask__in=_forwarded(subject))


# --- What is derived for the person -----------------------------------------------------------------------------------


def _who(entry: Entry, subject: Subject) -> str:
    """As what somebody did or saw it: their roles on that day, never who they are."""
    if entry.actor_id is None:
        return "site"
    held = models.RoleGrant.objects.filter(in_force(entry.at), account_id=entry.actor_id)
    roles = held.values_list("role", flat=True)
    order = (Role.SECRETARIAT, Role.ADMINISTRATOR, Role.AUDITOR)
    staff = [role for role in order if role in set(roles)]
    return str(staff[0]) if entry.staff_session and staff else "member"


def _about_what(entry: Entry, subject: Subject) -> str:
    """What the line is about, unless that is a person."""
    kind = entry.subject.partition(" ")[0]
    own = any(public_id in entry.subject for public_id in subject.public_ids)
    return entry.subject if own or not (entry.person or kind in {"account", "person"}) else ""


def _pictures(row: models.Photograph) -> Iterable[tuple[str, bytes]]:
    content = fetch_private(row.content_hash)
    if content is not None:
        yield f"photographs/{row.content_hash[:16]}.{row.format.lower()}", content


# --- What erasure does where deleting is not enough -------------------------------------------------------------------


def _erase_details(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    assert subject.person is not None
    kept = fields_kept(subject.person, now)
    staying = rows.filter(field__in=[*COUNTED, *kept])
    gone, _per_table = rows.exclude(pk__in=list(staying.values_list("pk", flat=True))).delete()
    staying.filter(field__in=COUNTED).update(visibility=Visibility.ONLY_ME)
    staying.exclude(field__in=COUNTED).update(visibility=Visibility.SECRETARIAT)
    return gone


def _erase_bases(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    assert subject.person is not None
    gone, _per_table = rows.exclude(pk__in=[basis.pk for basis in duties_of(subject.person, now)]).delete()
    return gone


def _erase_person(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    """The row stays for the counts; whoever is at risk keeps that mark while a duty keeps the name."""
    assert subject.person is not None
    if fields_kept(subject.person, now):
        return rows.update(account=None, erased_at=now)
    return rows.update(account=None, erased_at=now, at_risk=False, pseudonym="")


def _erase_account(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    for account in rows:
        account.email = f"erased-{account.public_id}@erased.invalid"
        account.password = make_password(None)
        account.language, account.last_login = "", None
        account.is_active, account.erased_at = False, now
        account.save()
    models.Person.objects.filter(account__in=rows).update(account=None)
    return len(rows)


def _end_terms(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    """Terms that have begun end today at the latest, so that the count of every day until today stays what it was."""
    today = now.date()
    rows.filter(begins__gt=today).delete()
    rows.filter(Q(ends__isnull=True) | Q(ends__gt=today)).update(ends=today)
    return rows.update(organisation=None)


def _erase_pictures(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    """The rows, and the bytes unless another person has the same picture."""
    hashes = set(rows.values_list("content_hash", flat=True))
    gone, _per_table = rows.delete()
    for content_hash in hashes - set(models.Photograph.objects.values_list("content_hash", flat=True)):
        transaction.on_commit(partial(remove_private, content_hash))  # a change that is taken back loses no file
    return gone


# --- The holdings -----------------------------------------------------------------------------------------------------

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        key="account",
        model="samsvar_network.Account",
        what=_("The account that signs in: its address, its language, when it was last used"),
        whose=Whose.ACCOUNTS,
        through=(),
        rows=lambda subject: models.Account.objects.filter(pk__in=[subject.account.pk] if subject.account else []),
        given=("public_id", "email", "is_active", "language", "joined_at", "last_login"),
        withheld={"password": OPENS, "id": INSIDE},
        plain=("erased_at",),
        purposes=SECURITY,
        grounds=(Ground.CONTRACT,),
        recipients=_("administrators, where they give roles, in a staff session"),
        stays="unused_accounts",
        fate=Fate.EMPTIED,
        erasure=_("address, password and language are removed; an empty row stays, so that the record stays whole"),
        erase=_erase_account,
    ),
    Holding(
        key="addresses",
        model="account.EmailAddress",
        what=_("Addresses of the account, and whether they were confirmed"),
        whose=Whose.ACCOUNTS,
        through=("user",),
        given=("email", "verified", "primary"),
        withheld={"id": INSIDE, "user": INSIDE},
        plain=(),
        purposes=SECURITY,
        grounds=(Ground.CONTRACT,),
        recipients=ITSELF,
        stays=LIVES,
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="address_confirmations",
        model="account.EmailConfirmation",
        what=_("Letters that ask to confirm an address"),
        whose=Whose.ACCOUNTS,
        through=("email_address__user",),
        given=("created", "sent"),
        withheld={"id": INSIDE, "email_address": INSIDE, "key": OPENS},
        plain=(),
        purposes=SECURITY,
        grounds=(Ground.CONTRACT,),
        recipients=ITSELF,
        stays="address_confirmations",
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="second_factors",
        model="mfa.Authenticator",
        what=_("Second factors: passkeys, codes from an app, recovery codes"),
        whose=Whose.ACCOUNTS,
        through=("user",),
        given=("type", "created_at", "last_used_at"),
        withheld={"id": INSIDE, "user": INSIDE, "data": OPENS},
        plain=(),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=ITSELF,
        stays=LIVES,
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="sign_in_elsewhere",
        model="socialaccount.SocialAccount",
        what=_("Connections to a sign-in elsewhere, and what that place said of the person"),
        whose=Whose.ACCOUNTS,
        through=("user",),
        given=("provider", "uid", "last_login", "date_joined", "extra_data"),
        withheld={"id": INSIDE, "user": INSIDE},
        plain=(),
        purposes=SECURITY,
        grounds=(Ground.CONTRACT,),
        recipients=_("the place where the person signs in learns that they signed in here"),
        stays=LIVES,
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="sign_in_elsewhere_tokens",
        model="socialaccount.SocialToken",
        what=_("Keys that a sign-in elsewhere gave to this site"),
        whose=Whose.ACCOUNTS,
        through=("account__user",),
        given=("expires_at",),
        withheld={"id": INSIDE, "app": INSIDE, "account": INSIDE, "token": OPENS, "token_secret": OPENS},
        plain=(),
        purposes=SECURITY,
        grounds=(Ground.CONTRACT,),
        recipients=ITSELF,
        stays=LIVES,
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="sessions",
        model="usersessions.UserSession",
        what=_("Where the account is signed in: network address and browser, first and last seen"),
        whose=Whose.ACCOUNTS,
        through=("user",),
        given=("created_at", "ip", "last_seen_at", "user_agent", "data"),
        withheld={"id": INSIDE, "user": INSIDE, "session_key": OPENS},
        plain=(),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=ITSELF,
        stays="sessions_seen",
        fate=Fate.DELETED,
        erasure=_("deleted: every browser is signed out at once"),
    ),
    Holding(
        key="browser_sessions",
        model="sessions.Session",
        what=_("What the site remembers between two pages while somebody is signed in"),
        whose=Whose.ACCOUNTS,
        through=(),
        rows=_sessions,
        given=("expire_date",),
        withheld={"session_key": OPENS, "session_data": OPENS},
        plain=(),
        purposes=SECURITY,
        grounds=(Ground.CONTRACT,),
        recipients=ITSELF,
        stays="browser_sessions",
        fate=Fate.DELETED,
        erasure=_("deleted: every browser is signed out at once"),
    ),
    Holding(
        key="tasks",
        model="django_tasks_database.DBTaskResult",
        what=_("Lines of the queue that sends letters"),
        whose=Whose.ACCOUNTS,
        through=(),
        rows=_letter_tasks,
        erases=_finished_with_traces,
        given=("status", "enqueued_at", "started_at", "finished_at", "traceback"),
        withheld={"id": INSIDE, "args_kwargs": INSIDE, "return_value": INSIDE},
        plain=(
            "priority", "task_path", "worker_ids", "queue_name", "backend_name", "run_after", "exception_class_path",
        ),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=ITSELF,
        stays="tasks",
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="letters",
        model="samsvar_network.Letter",
        what=_("Letters that the site sent to the person, or tried to"),
        whose=Whose.ACCOUNTS,
        through=("account",),
        rows=_letters,
        erases=_letters_with_traces,
        given=("to", "subject", "body", "at", "sent_at", "attempts", "refusal"),
        withheld={"id": INSIDE, "account": INSIDE, "html": _("the same words as the letter’s text")},
        plain=(),
        purposes=(Purpose.SECURITY, Purpose.MEMBERSHIP, Purpose.CONTACT),
        grounds=(Ground.CONTRACT,),
        recipients=_("the mail service that carries the letter"),
        stays="letters",
        fate=Fate.DELETED,
        erasure=_("deleted, with every letter to others that leads to the person"),
    ),
    Holding(
        key="invitations",
        model="samsvar_network.Invitation",
        what=_("Invitations to an account, also to an address that never had one"),
        whose=Whose.INVITED,
        through=("account", "person"),
        rows=_invitations,
        given=(
            "public_id", "email", "language", "network", "organisation", "office",
            "at", "expires_at", "accepted_at", "withdrawn_at",
        ),
        withheld={"id": INSIDE, "token_hash": OPENS, "invited_by": OTHER, "account": INSIDE, "person": INSIDE},
        plain=(),
        purposes=(Purpose.MEMBERSHIP,),
        grounds=INTEREST,
        recipients=_("the secretariat of the network, and administrators, in a staff session"),
        stays="invitations",
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="invitations_made",
        model="samsvar_network.Invitation",
        what=_("Invitations that the person sent for a network"),
        whose=Whose.STAFF,
        through=("invited_by",),
        given=("at", "network", "office", "expires_at", "accepted_at", "withdrawn_at"),
        withheld={
            "id": INSIDE, "public_id": OTHER, "token_hash": OPENS, "email": OTHER, "language": OTHER,
            "organisation": OTHER, "account": OTHER, "person": OTHER, "invited_by": INSIDE,
        },
        plain=(),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=_("the secretariat of the network, and administrators, in a staff session"),
        stays="invitations",
        fate=Fate.KEPT,
        erasure=OTHERS_RIGHT,
    ),
    Holding(
        key="roles",
        model="samsvar_network.RoleGrant",
        what=_("Roles that the account was given, for what, by when, and why"),
        whose=Whose.ACCOUNTS,
        through=("account",),
        given=("role", "state", "network", "meeting", "since", "until", "reason"),
        withheld={"id": INSIDE, "account": INSIDE, "given_by": OTHER},
        plain=(),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=_("administrators, where they give roles, in a staff session"),
        stays="ended_roles",
        fate=Fate.DELETED,
        erasure=_("deleted; the trail keeps that they were given"),
    ),
    Holding(
        key="roles_given",
        model="samsvar_network.RoleGrant",
        what=_("Roles that the person gave to others"),
        whose=Whose.STAFF,
        through=("given_by",),
        given=("role", "since", "until"),
        withheld={
            "id": INSIDE, "account": OTHER, "given_by": INSIDE, "state": OTHER, "network": OTHER, "meeting": OTHER,
            "reason": OTHER,
        },
        plain=(),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=_("administrators, where they give roles, in a staff session"),
        stays="ended_roles",
        fate=Fate.KEPT,
        erasure=OTHERS_RIGHT,
    ),
    Holding(
        key="refusals",
        model="samsvar_network.Refusal",
        what=_("Rights that the account was refused, and why"),
        whose=Whose.ACCOUNTS,
        through=("account",),
        given=("claim", "state", "network", "meeting", "since", "until", "reason"),
        withheld={"id": INSIDE, "account": INSIDE, "made_by": OTHER},
        plain=(),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=_("administrators, where they give roles, in a staff session"),
        stays="ended_refusals",
        fate=Fate.DELETED,
        erasure=_("deleted; an emptied account has no rights that could be refused"),
    ),
    Holding(
        key="refusals_made",
        model="samsvar_network.Refusal",
        what=_("Rights that the person refused to others"),
        whose=Whose.STAFF,
        through=("made_by",),
        given=("claim", "since", "until"),
        withheld={
            "id": INSIDE, "account": OTHER, "made_by": INSIDE, "state": OTHER, "network": OTHER, "meeting": OTHER,
            "reason": OTHER,
        },
        plain=(),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=_("administrators, where they give roles, in a staff session"),
        stays="ended_refusals",
        fate=Fate.KEPT,
        erasure=OTHERS_RIGHT,
    ),
    Holding(
        key="staff_sessions",
        model="samsvar_network.StaffSession",
        what=_("Staff sessions that the person opened, and the reason given"),
        whose=Whose.STAFF,
        through=("account",),
        given=("reason", "opened_at", "ends_at", "closed_at"),
        withheld={"id": INSIDE, "account": INSIDE, "browser": OPENS},
        plain=(),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=_("auditors"),
        stays="staff_sessions",
        fate=Fate.DELETED,
        erasure=_("deleted; each line of the trail keeps the reason under which something was seen"),
    ),
    Holding(
        key="person",
        model="samsvar_network.Person",
        what=_("That somebody belongs to a network; whether they are at risk, and the pseudonym they chose"),
        whose=Whose.PEOPLE,
        through=(),
        rows=lambda subject: models.Person.objects.filter(pk__in=[subject.person.pk] if subject.person else []),
        given=("public_id", "at_risk", "pseudonym", "created_at"),
        withheld={"id": INSIDE, "account": INSIDE},
        plain=("invented", "erased_at"),
        purposes=(Purpose.MEMBERSHIP, Purpose.PROGRAMME),
        grounds=(Ground.CONTRACT, Ground.PUBLIC_TASK),
        recipients=SECRETARIAT,
        stays=_("for the record, without the name"),
        fate=Fate.EMPTIED,
        erasure=_("an empty row stays, so that the counts of members stay true"),
        erase=_erase_person,
    ),
    Holding(
        key="entry",
        model="samsvar_network.Detail",
        what=_("What the entry in the directory says: name, title, organisation, languages, addresses and the rest"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("field", "value", "visibility"),
        withheld={"id": INSIDE, "person": INSIDE},
        plain=(),
        purposes=(
            Purpose.MEMBERSHIP, Purpose.DIRECTORY, Purpose.PUBLIC_ENTRY, Purpose.CONTACT, Purpose.MEETINGS,
            Purpose.MATCHING,
        ),
        grounds=(Ground.CONSENT, Ground.CONTRACT, Ground.PUBLIC_TASK),
        recipients=_("whoever the person chose for each detail; without a choice, the secretariat of their networks"),
        stays="former_members",
        fate=Fate.DELETED,
        erasure=_(
            "deleted; which of the four groups somebody belonged to stays for the figures, and what an official "
            "meeting must be able to show stays while that duty lasts"
        ),
        erase=_erase_details,
    ),
    Holding(
        key="consents",
        model="samsvar_network.Basis",
        what=_("Consents and other grounds: for which use, since when, to which text, until when"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("purpose", "ground", "since", "until", "text_version", "note"),
        withheld={"id": INSIDE, "person": INSIDE, "recorded_by": OTHER},
        plain=(),
        purposes=(Purpose.MEMBERSHIP,),
        grounds=(Ground.LEGAL_OBLIGATION,),
        recipients=SECRETARIAT,
        stays="ended_grounds",
        fate=Fate.DELETED,
        erasure=_("deleted; a duty that keeps something of an official meeting stays with it"),
        erase=_erase_bases,
    ),
    Holding(
        key="grounds_recorded",
        model="samsvar_network.Basis",
        what=_("Grounds that the person recorded for others"),
        whose=Whose.STAFF,
        through=("recorded_by",),
        given=("purpose", "ground", "since", "until"),
        withheld={"id": INSIDE, "person": OTHER, "text_version": OTHER, "note": OTHER, "recorded_by": INSIDE},
        plain=(),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=SECRETARIAT,
        stays="ended_grounds",
        fate=Fate.KEPT,
        erasure=OTHERS_RIGHT,
        handed=lambda subject: (
            models.Basis.objects.filter(recorded_by=subject.account).exclude(person=subject.person)
            if subject.account
            else models.Basis.objects.none()
        ),
    ),
    Holding(
        key="memberships",
        model="samsvar_network.Membership",
        what=_("Memberships: in which network, as what, from when to when"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("public_id", "network", "organisation", "state", "office", "begins", "ends"),
        withheld={"id": INSIDE, "person": INSIDE, "follows": OTHER},
        plain=(),
        purposes=(Purpose.MEMBERSHIP,),
        grounds=(Ground.CONTRACT, Ground.PUBLIC_TASK),
        recipients=_("members of the network as the person’s entry allows; the secretariat"),
        stays=_("for the record, without the name"),
        fate=Fate.EMPTIED,
        erasure=_("the term ends today and stays without name and organisation, so that every day’s count stays true"),
        erase=_end_terms,
    ),
    Holding(
        key="photographs",
        model="samsvar_network.Photograph",
        what=_("Photographs, drawn anew without what a camera writes into them"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=("content_hash", "format", "width", "height", "at"),
        withheld={"id": INSIDE, "person": INSIDE},
        plain=(),
        purposes=(Purpose.DIRECTORY, Purpose.PHOTOGRAPHS),
        grounds=(Ground.CONSENT,),
        recipients=_("whoever the person chose for the photograph"),
        stays="former_members",
        fate=Fate.DELETED,
        erasure=_("deleted, with the files"),
        erase=_erase_pictures,
        files=_pictures,
    ),
    Holding(
        key="question_lines",
        model="samsvar_network.AskLine",
        what=_("What was written in questions that the person asked"),
        whose=Whose.ACCOUNTS,
        through=("ask__by",),
        given=("side", "text", "at"),
        withheld={"id": INSIDE, "ask": INSIDE},
        plain=(),
        purposes=(Purpose.CONTACT,),
        grounds=(Ground.CONTRACT,),
        recipients=_("the secretariat that forwards it, and the member who was asked, without the asker’s address"),
        stays="questions",
        fate=Fate.DELETED,
        erasure=_("deleted, with the answers"),
    ),
    Holding(
        key="received_lines",
        model="samsvar_network.AskLine",
        what=_("What was written in questions that reached the person"),
        whose=Whose.PEOPLE,
        through=("ask__to",),
        handed=_forwarded_lines,
        given=("side", "text", "at"),
        withheld={"id": INSIDE, "ask": INSIDE},
        plain=(),
        purposes=(Purpose.CONTACT,),
        grounds=(Ground.CONSENT, Ground.CONTRACT),
        recipients=_("the secretariat that forwards it, and the asker, without the member’s address"),
        stays="questions",
        fate=Fate.DELETED,
        erasure=_("deleted, with the question"),
    ),
    Holding(
        key="questions",
        model="samsvar_network.Ask",
        what=_("Questions that the person asked through the secretariat"),
        whose=Whose.ACCOUNTS,
        through=("by",),
        given=("public_id", "subject", "progress", "at", "handled_at", "reason"),
        withheld={
            "id": INSIDE, "by": INSIDE, "to": OTHER, "handled_by": OTHER,
            "network": _("that the member belongs to it is theirs to tell"),
        },
        plain=(),
        purposes=(Purpose.CONTACT,),
        grounds=(Ground.CONTRACT,),
        recipients=_("the secretariat that forwards it, and the member who was asked, without the asker’s address"),
        stays="questions",
        fate=Fate.DELETED,
        erasure=_("deleted, with the answers"),
    ),
    Holding(
        key="questions_received",
        model="samsvar_network.Ask",
        what=_("Questions that the secretariat forwarded to the person"),
        whose=Whose.PEOPLE,
        through=("to",),
        handed=_forwarded,
        given=("public_id", "subject", "progress", "at", "handled_at", "network"),
        withheld={
            "id": INSIDE, "by": OTHER, "to": INSIDE, "handled_by": OTHER,
            "reason": _("speaks to the asker alone, and never of a question that was forwarded"),
        },
        plain=(),
        purposes=(Purpose.CONTACT,),
        grounds=(Ground.CONSENT, Ground.CONTRACT),
        recipients=_("the secretariat that forwards it, and the asker, without the member’s address"),
        stays="questions",
        fate=Fate.DELETED,
        erasure=_("deleted, with the answers"),
    ),
    Holding(
        key="questions_handled",
        model="samsvar_network.Ask",
        what=_("Questions of others that the person handled for the secretariat"),
        whose=Whose.STAFF,
        through=("handled_by",),
        given=("public_id", "progress", "handled_at"),
        withheld={
            "id": INSIDE, "by": OTHER, "to": OTHER, "handled_by": INSIDE, "subject": OTHER, "network": OTHER,
            "at": OTHER, "reason": OTHER,
        },
        plain=(),
        purposes=SECURITY,
        grounds=INTEREST,
        recipients=_("the secretariat of the network"),
        stays="questions",
        fate=Fate.KEPT,
        erasure=OTHERS_RIGHT,
    ),
    Holding(
        key="done",
        model="samsvar_trail.Entry",
        what=_("The trail: what the account did, when and why"),
        whose=Whose.ACCOUNTS,
        through=("actor",),
        rows=_done,
        given=("at", "verb", "details", "saw", "why"),
        extra={"about": _about_what},
        withheld={
            "id": INSIDE, "actor": INSIDE, "person": OTHER, "staff_session": INSIDE,
            "subject": _("handed out as “about”, unless it names another person"),
        },
        plain=("keep_until",),
        purposes=SECURITY,
        grounds=(Ground.LEGAL_OBLIGATION, Ground.LEGITIMATE_INTERESTS),
        recipients=_("auditors"),
        stays="trail",
        fate=Fate.KEPT,
        erasure=_("kept until its time is over: it names the account by a number that leads to no name any more"),
    ),
    Holding(
        key="seen",
        model="samsvar_trail.Entry",
        what=_("The trail: who did something with the person’s data or saw them, as what, on which day and why"),
        whose=Whose.PEOPLE,
        through=(),
        rows=_seen,
        handed=_seen_of_what_reached,
        given=("at", "verb", "details", "saw", "why"),
        extra={"by": _who},
        withheld={
            "id": INSIDE, "actor": _("who it was is handed out as the role, “by”"), "person": INSIDE, "subject": INSIDE,
            "staff_session": INSIDE,
        },
        plain=("keep_until",),
        purposes=SECURITY,
        grounds=(Ground.LEGAL_OBLIGATION, Ground.LEGITIMATE_INTERESTS),
        recipients=_("auditors"),
        stays="trail",
        fate=Fate.KEPT,
        erasure=_("kept until its time is over: it names the person by a number that leads to no name any more"),
    ),
)  # fmt: skip


# --- What goes by itself ----------------------------------------------------------------------------------------------


def _closed_asks(limit: datetime) -> QuerySet[Any]:
    over = (models.Ask.Progress.ANSWERED, models.Ask.Progress.DECLINED, models.Ask.Progress.CLOSED)
    lately = models.AskLine.objects.filter(ask=OuterRef("pk"), at__gte=limit)
    return models.Ask.objects.filter(~Exists(lately), progress__in=over, at__lt=limit).exclude(handled_at__gte=limit)


def _former_members(limit: datetime) -> QuerySet[Any]:
    """Contact details and photographs' places of people whose last membership ended before a day."""
    later = models.Membership.objects.filter(person=OuterRef("person")).filter(
        Q(ends__isnull=True) | Q(ends__gte=limit.date())
    )
    ever = models.Membership.objects.filter(person=OuterRef("person"))
    return models.Detail.objects.filter(
        Exists(ever), ~Exists(later), field__in=(Field.EMAIL, Field.TELEPHONE, Field.PHOTOGRAPH)
    ).annotate(ended=Max("person__memberships__ends"))


def _remove_contacts(rows: QuerySet[Any]) -> int:
    """Contact details, and with a photograph's place its row and file."""
    found = list(rows.values_list("pk", "person_id", "field"))
    shown = {person for _pk, person, field in found if field == Field.PHOTOGRAPH}
    gone, _per_table = models.Detail.objects.filter(pk__in=[pk for pk, _person, _field in found]).delete()
    _erase_pictures(Subject(), models.Photograph.objects.filter(person__in=shown), timezone.now())
    return gone


def _kept_by_ended_duty(limit: datetime) -> QuerySet[Any]:
    """What stayed of an erased person under a duty that holds no more."""
    holds = models.Basis.objects.filter(
        Q(until__isnull=True) | Q(until__gte=limit), person=OuterRef("person"), ground__in=DUTIES
    )
    return models.Detail.objects.filter(~Exists(holds), person__erased_at__lt=limit).exclude(field__in=COUNTED)


def _remove_kept(rows: QuerySet[Any]) -> int:
    people = set(rows.values_list("person_id", flat=True))
    gone, _per_table = rows.delete()
    models.Person.objects.filter(pk__in=people).update(at_risk=False, pseudonym="")
    return gone


def unused_accounts(limit: datetime) -> QuerySet[Any]:
    """Accounts that nobody has signed in to since a moment; those trusted with others' data are looked at by people."""
    seen = UserSession.objects.filter(user=OuterRef("pk"), last_seen_at__gte=limit)
    staff = models.RoleGrant.objects.filter(
        in_force(timezone.now()),
        account=OuterRef("pk"),
        role__in=(Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR),
    )
    return models.Account.objects.annotate(used_at=Greatest(Coalesce("last_login", "joined_at"), "joined_at")).filter(
        ~Exists(seen), ~Exists(staff), used_at__lt=limit, erased_at__isnull=True
    )


KINDS: tuple[Kind, ...] = (
    Kind(
        key="letters",
        what=_("Letters"),
        days=30,
        after=_("after they were written"),
        why=_("long enough to see why somebody heard nothing"),
        rows=lambda limit: models.Letter.objects.filter(at__lt=limit),
        age="at",
    ),
    Kind(
        key="invitations",
        what=_("Invitations that were accepted or withdrawn, or whose time is over"),
        days=30,
        after=_("after that"),
        why=_("an address that never became an account is no longer needed"),
        rows=lambda limit: models.Invitation.objects.filter(
            Q(accepted_at__lt=limit) | Q(withdrawn_at__lt=limit) | Q(expires_at__lt=limit, accepted_at__isnull=True)
        ),
        age="expires_at",
    ),
    Kind(
        key="address_confirmations",
        what=_("Letters that ask to confirm an address"),
        days=14,
        after=_("after they were sent"),
        why=_("their links are dead by then"),
        rows=lambda limit: EmailConfirmation.objects.filter(created__lt=limit),
        age="created",
    ),
    Kind(
        key="questions",
        what=_("Questions through the secretariat that are answered, declined or closed"),
        days=365,
        after=_("after the last line"),
        why=_("an exchange may be taken up again at the next yearly meeting"),
        rows=_closed_asks,
        age="at",
    ),
    Kind(
        key="staff_sessions",
        what=_("Ended staff sessions"),
        days=365,
        after=_("after they ended"),
        why=_("the trail keeps what was seen and why; the list is for one yearly look"),
        rows=lambda limit: models.StaffSession.objects.filter(ends_at__lt=limit),
        age="ends_at",
    ),
    Kind(
        key="ended_roles",
        what=_("Roles that have ended"),
        days=2 * 365,
        after=_("after they ended"),
        why=_("the trail keeps that they were given; two reports of an auditor look back so far"),
        rows=lambda limit: models.RoleGrant.objects.filter(until__lt=limit),
        age="until",
    ),
    Kind(
        key="ended_refusals",
        what=_("Refusals that have ended"),
        days=2 * 365,
        after=_("after they ended"),
        why=_("the trail keeps that they were made; two reports of an auditor look back so far"),
        rows=lambda limit: models.Refusal.objects.filter(until__lt=limit),
        age="until",
    ),
    Kind(
        key="tasks",
        what=_("Finished lines of the queue"),
        days=7,
        after=_("after they finished"),
        why=_("long enough to see what failed"),
        rows=lambda limit: DBTaskResult.objects.filter(status__in=("SUCCESSFUL", "FAILED"), finished_at__lt=limit),
        age="finished_at",
    ),
    Kind(
        key="browser_sessions",
        what=_("Browser sessions that have run out"),
        days=1,
        after=_("after they ran out"),
        why=_("nobody is signed in with them any more"),
        rows=lambda limit: Session.objects.filter(expire_date__lt=limit),
        age="expire_date",
    ),
    Kind(
        key="sessions_seen",
        what=_("Network addresses and browsers of sessions"),
        days=30,
        after=_("after they were last seen"),
        why=_("long enough for somebody to notice a sign-in that was not theirs"),
        rows=lambda limit: UserSession.objects.filter(last_seen_at__lt=limit),
        age="last_seen_at",
    ),
    Kind(
        key="former_members",
        what=_("Contact details and photographs of former members"),
        days=180,
        after=_("after the last membership ended"),
        why=_("a successor may need to reach them for some months"),
        rows=_former_members,
        age="ended",
        remove=_remove_contacts,
    ),
    Kind(
        key="ended_duties",
        what=_("What stayed of an erased person while an official meeting had to be able to show it"),
        days=1,
        after=_("after the duty ended"),
        why=_("nothing asks for it any more"),
        rows=_kept_by_ended_duty,
        age="person__erased_at",
        remove=_remove_kept,
    ),
    Kind(
        key="ended_grounds",
        what=_("Consents that were withdrawn and other grounds that have ended"),
        days=3 * 365,
        after=_("after they ended"),
        why=_("that a use was lawful at the time can be asked for three years"),
        rows=lambda limit: models.Basis.objects.filter(until__lt=limit),
        age="until",
    ),
    Kind(
        key="unused_accounts",
        what=_("Accounts that nobody signs in to"),
        days=2 * 365,
        after=_("after the last sign-in, and not before 30 days after a letter that says so"),
        why=_("an account that nobody watches is one that nobody misses when it is taken"),
        rows=unused_accounts,
        age="used_at",
    ),
    Kind(
        key="trail",
        what=_("Lines of the trail"),
        days=5 * 365,
        after=_("after they were written"),
        why=_("who saw whom can be asked for five years; the database lets nobody remove a line before"),
        rows=lambda limit: old_lines(),
        age="keep_until",
        fixed=True,
    ),
)


# --- Tables that hold nothing of anybody ------------------------------------------------------------------------------

_SOURCED = "a fact about a body, from a public source that is named"

HOLDS_NONE: dict[str, HoldsNone] = {
    "auth.Permission": HoldsNone(
        "Django's own; nothing here uses it", {"name": "a permission's", "codename": "a permission's"}
    ),
    "auth.Group": HoldsNone("Django's own; nothing here uses it", {"name": "a group's"}),
    "auth.Group_permissions": HoldsNone("Django's own; nothing here uses it"),
    "contenttypes.ContentType": HoldsNone("names of tables"),
    "socialaccount.SocialApp": HoldsNone(
        "how the site speaks to a sign-in elsewhere", {"name": "that place's", "settings": "that place's addresses"}
    ),
    "samsvar_trail.Change": HoldsNone("one number"),
    "samsvar_convention.State": HoldsNone("states"),
    "samsvar_convention.TreatyEvent": HoldsNone(
        "what states did, and when",
        {"note": _SOURCED, "source": _SOURCED, "second_source": _SOURCED, "provisions": "articles", "basis": _SOURCED},
    ),
    "samsvar_network.Organisation": HoldsNone(
        "bodies; people stand in their own entries",
        {
            "name": "a body's", "name_language": "a code", "about": _SOURCED, "source": _SOURCED,
            "second_source": _SOURCED, "languages": "codes", "website": "a body's",
        },
    ),
    "samsvar_network.Network": HoldsNone(
        "networks; people stand in their memberships",
        {"name": "a network's", "about": _SOURCED, "source": _SOURCED, "second_source": _SOURCED},
    ),
    "samsvar_network.Seat": HoldsNone("which organisation belongs to which network"),
}  # fmt: skip

# Tables without a model.
HOLDS_NONE_TABLES: dict[str, str] = {
    "django_migrations": "which changes of the tables have been made",
    "sqlite_sequence": "SQLite's own numbers",
    # `run_retention` takes out what has run out
    "samsvar_cache": "how often something was tried lately, by account or network address, for minutes to an hour",
}
