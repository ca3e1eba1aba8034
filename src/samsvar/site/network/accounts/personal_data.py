"""Personal data in accounts: sign-in, roles, emails and background tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from samsvar.network.consent import Purpose
from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.network.access.permissions import in_force_filter
from samsvar.site.network.data_inventory import (
    CONTRACT,
    CREDENTIAL,
    FINISHED_TASKS,
    INTERNAL_ID,
    DataSubject,
    NoPersonalData,
    RetentionRule,
    SubjectOfRequest,
    anonymised,
    data_category,
    deleted,
    queued_tasks,
    staff_category,
    task_category,
    withhold,
)

ADMINISTRATORS = _("administrators assigning roles in a staff session")
INVITERS = _("the secretariat of the network, and administrators, in a staff session")
SIGNED_OUT = deleted(_("deleted: every browser is signed out immediately"))
WHILE_ACCOUNT_EXISTS = _("for as long as the account exists")


def _find_emails_to_subject(subject: SubjectOfRequest) -> QuerySet[Any]:
    condition = Q(to__in=subject.addresses)
    if subject.account:
        condition |= Q(account=subject.account)
    return models.OutgoingEmail.objects.filter(condition)


def _find_emails_mentioning_subject(subject: SubjectOfRequest) -> QuerySet[Any]:
    """Return emails to the person, and emails to others that contain a link with their public id.

    Names and addresses are not searched for: a person called “Samsvar” would match everyone's emails, and emails to
    others contain neither (samsvar.site.network.emails.email_templates).
    """
    mentions = Q(pk__in=())
    for public_id in subject.public_ids:
        mentions |= Q(subject__contains=public_id) | Q(body__contains=public_id) | Q(html__contains=public_id)
    return models.OutgoingEmail.objects.filter(Q(pk__in=_find_emails_to_subject(subject)) | mentions)


def _find_browser_sessions(subject: SubjectOfRequest) -> QuerySet[Any]:
    """Return the browser sessions of an account, including those that have not passed the second factor.

    The contents of a session are encoded, so every session has to be decoded; a few thousand take a second.
    """
    identifiers = set(subject.addresses) | ({subject.account.public_id} if subject.account else set())
    account_pk = str(subject.account.pk) if subject.account else None
    session_keys = []
    for session in Session.objects.iterator():
        session_data = session.get_decoded()
        if (account_pk and session_data.get("_auth_user_id") == account_pk) or identifiers & set(
            _iter_strings(session_data)
        ):
            session_keys.append(session.pk)
    return Session.objects.filter(pk__in=session_keys)


def _iter_strings(value: Any) -> Iterator[str]:
    """Yield every string in a JSON value, in lower case."""
    match value:
        case str():
            yield value.lower()
        case dict():
            for item in value.values():
                yield from _iter_strings(item)
        case list():
            for item in value:
                yield from _iter_strings(item)


def _find_email_tasks(subject: SubjectOfRequest) -> QuerySet[Any]:
    """Return the queued tasks that send a person's emails."""
    return queued_tasks("samsvar.site.network.", _find_emails_to_subject(subject))


def _find_finished_tasks(subject: SubjectOfRequest) -> QuerySet[Any]:
    """Return finished tasks that sent a person's emails, or whose traceback contains their address.

    Waiting and running tasks refer to an email only by its number.
    """
    mentions = Q(pk__in=_find_email_tasks(subject))
    for address in subject.addresses:
        mentions |= Q(traceback__icontains=address)
    return DBTaskResult.objects.filter(mentions, status__in=FINISHED_TASKS)


def _anonymise_account(subject: SubjectOfRequest, accounts: QuerySet[Any], now: datetime) -> int:
    for account in accounts:
        account.email = f"erased-{account.public_id}@erased.invalid"
        account.password = make_password(None)
        account.language, account.last_login = "", None
        account.is_active, account.erased_at = False, now
        account.save()
    models.Person.objects.filter(account__in=accounts).update(account=None)
    return len(accounts)


def unused_accounts(limit: datetime) -> QuerySet[Any]:
    """Return the accounts that have not been used since `limit`.

    Accounts with access to other people's data are left out, because they are reviewed by hand instead.
    """
    recent_sessions = UserSession.objects.filter(user=OuterRef("pk"), last_seen_at__gte=limit)
    staff = models.RoleGrant.objects.filter(
        in_force_filter(timezone.now()),
        account=OuterRef("pk"),
        role__in=(Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR),
    )
    return models.Account.objects.annotate(used_at=Greatest(Coalesce("last_login", "joined_at"), "joined_at")).filter(
        ~Exists(recent_sessions), ~Exists(staff), used_at__lt=limit, erased_at__isnull=True
    )


DATA_CATEGORIES = (
    data_category(
        models.Account, "account", _("The account: its email address, its language and when it was last used"),
        exported="public_id email is_active language joined_at last_login",
        withheld={"password": CREDENTIAL},
        not_personal="erased_at",
        legal_bases=CONTRACT, recipients=ADMINISTRATORS, retention="unused_accounts",
        erasure=anonymised(
            _(
                "the address, password and language are deleted; an empty record is kept so that the list of "
"accounts remains complete"
            ),
            function=_anonymise_account,
        ),
        find_rows=lambda subject: models.Account.objects.filter(pk__in=[subject.account.pk] if subject.account else []),
    ),
    data_category(
        EmailAddress, "addresses", _("The account’s email addresses, and whether they have been confirmed"),
        exported="email verified primary",
        legal_bases=CONTRACT, retention=WHILE_ACCOUNT_EXISTS,
    ),
    data_category(
        EmailConfirmation, "address_confirmations", _("Emails asking for an address to be confirmed"),
        exported="created sent", through="email_address__user",
        withheld={"key": CREDENTIAL},
        legal_bases=CONTRACT,
    ),
    data_category(
        Authenticator, "second_factors", _("Second factors: passkeys, codes from an authenticator app, recovery codes"),
        exported="type created_at last_used_at",
        withheld={"data": CREDENTIAL},
        retention=WHILE_ACCOUNT_EXISTS,
    ),
    data_category(
        SocialAccount, "sign_in_elsewhere",
        _("Connections to external sign-in providers, and the data each supplied about the person"),
        exported="provider uid last_login date_joined extra_data",
        legal_bases=CONTRACT,
        recipients=_("the external sign-in provider, which learns that the person signed in here"),
        retention=WHILE_ACCOUNT_EXISTS,
    ),
    data_category(
        SocialToken, "sign_in_elsewhere_tokens", _("Access keys that an external sign-in provider issued to this site"),
        exported="expires_at", through="account__user",
        withheld={"token": CREDENTIAL, "token_secret": CREDENTIAL, "app": INTERNAL_ID},
        legal_bases=CONTRACT, retention=WHILE_ACCOUNT_EXISTS,
    ),
    data_category(
        UserSession, "sessions", _("Where the account is signed in: IP address and browser, first and last seen"),
        exported="created_at ip last_seen_at user_agent data",
        withheld={"session_key": CREDENTIAL},
        retention="sessions_seen",
        erasure=SIGNED_OUT,
    ),
    data_category(
        Session, "browser_sessions", _("Session data that the site remembers between pages while someone is signed in"),
        exported="expire_date",
        withheld={"session_key": CREDENTIAL, "session_data": CREDENTIAL},
        legal_bases=CONTRACT,
        erasure=SIGNED_OUT,
        find_rows=_find_browser_sessions,
    ),
    task_category(
        "tasks", _("Tasks in the queue that sends emails"),
        find_rows=_find_email_tasks, find_erased_rows=_find_finished_tasks,
    ),
    data_category(
        models.OutgoingEmail, "letters", _("Emails that the site sent, or tried to send, to the person"),
        exported="to subject body at sent_at attempts refusal",
        withheld=dict.fromkeys(("html", "end_url"), _("repeats the plain-text version of the email")),
        purposes=(Purpose.SECURITY, Purpose.MEMBERSHIP, Purpose.CONTACT), legal_bases=CONTRACT,
        recipients=_("the email service that delivers the email"),
        erasure=deleted(_("deleted, along with any email to other people that contains a link to the person")),
        find_rows=_find_emails_to_subject, find_erased_rows=_find_emails_mentioning_subject,
    ),
    data_category(
        models.Invitation, "invitations",
        _("Invitations to create an account, including invitations to addresses that never had an account"),
        exported="public_id email language network organisation office at expires_at accepted_at withdrawn_at",
        withheld={"token_hash": CREDENTIAL},
        data_subject=DataSubject.INVITED, purposes=(Purpose.MEMBERSHIP,), recipients=INVITERS,
        by_address="email",
    ),
    staff_category(
        models.Invitation, "invitations_made", _("Invitations that the person sent for a network"),
        exported="at network office expires_at accepted_at withdrawn_at", through="invited_by",
        withheld=withhold("public_id")
        | {"token_hash": CREDENTIAL}
        | withhold("email language organisation account person"),
        recipients=INVITERS, retention="invitations",
    ),
    data_category(
        models.RoleGrant, "roles", _("Roles assigned to the account, with their scope, end date and reason"),
        exported="role state network meeting since until reason",
        recipients=ADMINISTRATORS, retention="ended_roles",
        erasure=deleted(_("deleted; the audit log still shows that the roles were assigned")),
    ),
    staff_category(
        models.RoleGrant, "roles_given", _("Roles that the person assigned to others"),
        exported="role since until", through="given_by",
        withheld=withhold("account state network meeting reason"),
        recipients=ADMINISTRATORS, retention="ended_roles",
    ),
    data_category(
        models.Refusal, "refusals", _("Permissions that were blocked for the account, and why"),
        exported="claim state network meeting since until reason",
        recipients=ADMINISTRATORS, retention="ended_refusals",
        erasure=deleted(_("deleted; an anonymised account has no permissions that could be blocked")),
    ),
    staff_category(
        models.Refusal, "refusals_made", _("Other people’s permissions that the person blocked"),
        exported="claim since until", through="made_by",
        withheld=withhold("account state network meeting reason"),
        recipients=ADMINISTRATORS, retention="ended_refusals",
    ),
    data_category(
        models.StaffSession, "staff_sessions", _("Staff sessions that the person opened, and the reason given"),
        exported="reason opened_at ends_at closed_at",
        withheld={"browser": CREDENTIAL},
        data_subject=DataSubject.STAFF, recipients=_("auditors"),
        erasure=deleted(_("deleted; each audit log entry keeps the reason for the access")),
    ),
)  # fmt: skip

RETENTION_RULES = (
    RetentionRule(
        models.OutgoingEmail, "at", "letters", _("Emails"),
        days=30, after=_("after they were written"),
        why=_("long enough to find out why someone did not receive an email"),
    ),
    RetentionRule(
        models.Invitation, "expires_at", "invitations",
        _("Invitations that were accepted or withdrawn, or have expired"),
        days=30, after=_("afterwards"), why=_("an address for which no account was created is no longer needed"),
        find_rows=lambda limit: models.Invitation.objects.filter(
            Q(accepted_at__lt=limit) | Q(withdrawn_at__lt=limit) | Q(expires_at__lt=limit, accepted_at__isnull=True)
        ),
    ),
    RetentionRule(
        EmailConfirmation, "created", "address_confirmations", _("Emails asking for an address to be confirmed"),
        days=14, after=_("after they were sent"), why=_("the links in these emails have expired by then"),
    ),
    RetentionRule(
        models.StaffSession, "ends_at", "staff_sessions", _("Ended staff sessions"),
        days=365, after=_("after they ended"),
        why=_("the audit log shows what was accessed and why; this list is kept long enough for one annual review"),
    ),
    RetentionRule(
        models.RoleGrant, "until", "ended_roles", _("Roles that have ended"),
        days=2 * 365, after=_("after they ended"),
        why=_("the audit log still shows that the roles were assigned; this period covers two audit reports"),
    ),
    RetentionRule(
        models.Refusal, "until", "ended_refusals", _("Permission blocks that have ended"),
        days=2 * 365, after=_("after they ended"),
        why=_("the audit log still shows that the permissions were blocked; this period covers two audit reports"),
    ),
    RetentionRule(
        DBTaskResult, "finished_at", "tasks", _("Completed tasks in the queue"),
        days=7, after=_("after they finished"), why=_("long enough to see what failed"),
        condition=Q(status__in=FINISHED_TASKS),
    ),
    RetentionRule(
        Session, "expire_date", "browser_sessions", _("Expired browser sessions"),
        days=1, after=_("after they expired"), why=_("expired sessions no longer keep anyone signed in"),
    ),
    RetentionRule(
        UserSession, "last_seen_at", "sessions_seen", _("IP addresses and browsers used for sessions"),
        days=30, after=_("after the session was last active"),
        why=_("long enough for someone to notice a sign-in that was not theirs"),
    ),
    RetentionRule(
        models.Account, "used_at", "unused_accounts", _("Unused accounts"),
        days=2 * 365, after=_("after the last sign-in, and at least 30 days after a warning email"),
        why=_("no one would notice if an unused account were hijacked"),
        find_rows=unused_accounts,
    ),
)  # fmt: skip

NO_PERSONAL_DATA = {
    "auth.Permission": NoPersonalData(
        "part of Django; not used here", {"name": "a permission's", "codename": "a permission's"}
    ),
    "auth.Group": NoPersonalData("part of Django; not used here", {"name": "a group's"}),
    "auth.Group_permissions": NoPersonalData("part of Django; not used here"),
    "contenttypes.ContentType": NoPersonalData("names of tables"),
    "socialaccount.SocialApp": NoPersonalData(
        "an external sign-in provider", {"name": "the provider's name", "settings": "the provider's addresses"}
    ),
}  # fmt: skip
