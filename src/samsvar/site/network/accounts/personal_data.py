"""What accounts hold: how somebody signs in, what they may do, and the letters and tasks of the site to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.account.models import EmailConfirmation
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from samsvar.network.consent import Ground, Purpose
from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.network.access.permissions import in_force
from samsvar.site.network.data_inventory import (
    INSIDE,
    INTEREST,
    ITSELF,
    LIVES,
    OPENS,
    OTHER,
    OTHERS_RIGHT,
    SECURITY,
    Fate,
    Holding,
    HoldsNone,
    Kind,
    Subject,
    Whose,
)


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
    Letters hold neither (samsvar.site.network.emails.email_templates).
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


def _erase_account(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    for account in rows:
        account.email = f"erased-{account.public_id}@erased.invalid"
        account.password = make_password(None)
        account.language, account.last_login = "", None
        account.is_active, account.erased_at = False, now
        account.save()
    models.Person.objects.filter(account__in=rows).update(account=None)
    return len(rows)


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
            "priority",
            "task_path",
            "worker_ids",
            "queue_name",
            "backend_name",
            "run_after",
            "exception_class_path",
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
            "public_id",
            "email",
            "language",
            "network",
            "organisation",
            "office",
            "at",
            "expires_at",
            "accepted_at",
            "withdrawn_at",
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
            "id": INSIDE,
            "public_id": OTHER,
            "token_hash": OPENS,
            "email": OTHER,
            "language": OTHER,
            "organisation": OTHER,
            "account": OTHER,
            "person": OTHER,
            "invited_by": INSIDE,
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
            "id": INSIDE,
            "account": OTHER,
            "given_by": INSIDE,
            "state": OTHER,
            "network": OTHER,
            "meeting": OTHER,
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
            "id": INSIDE,
            "account": OTHER,
            "made_by": INSIDE,
            "state": OTHER,
            "network": OTHER,
            "meeting": OTHER,
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
        key="unused_accounts",
        what=_("Accounts that nobody signs in to"),
        days=2 * 365,
        after=_("after the last sign-in, and not before 30 days after a letter that says so"),
        why=_("an account that nobody watches is one that nobody misses when it is taken"),
        rows=unused_accounts,
        age="used_at",
    ),
)

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
}  # fmt: skip
