"""Personal data in the audit log: what people did, and what others did with their data."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis
from samsvar.network.rights import Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.audit.queries import expired_entries
from samsvar.site.network import models
from samsvar.site.network.access.permissions import in_force_filter
from samsvar.site.network.data_inventory import (
    INTERNAL_ID,
    OTHER_PERSON,
    DataSubject,
    NoPersonalData,
    RetentionRule,
    SubjectOfRequest,
    data_category,
    keep,
)
from samsvar.site.network.messages.personal_data import forwarded_questions

audit_category = partial(
    data_category,
    AuditEntry,
    exported="at verb details saw why",
    not_personal="keep_until",
    legal_bases=(LegalBasis.LEGAL_OBLIGATION, LegalBasis.LEGITIMATE_INTERESTS),
    recipients=_("auditors"),
    retention="audit_log",
)


def _actions_by_others(subject: SubjectOfRequest) -> QuerySet[Any]:
    """Return the audit log entries in which others changed or accessed the person's data."""
    condition = Q(person__in=[subject.person.public_id] if subject.person else [])
    if subject.account:
        condition |= Q(subject=f"account {subject.account.public_id}")
    entries = AuditEntry.objects.filter(condition)
    return entries.exclude(actor=subject.account) if subject.account else entries


def _exportable_actions_by_others(subject: SubjectOfRequest) -> QuerySet[Any]:
    """Return the actions by others, except those on questions that were never forwarded to the person.

    The person must not learn that such a question was ever asked.
    """
    questions = forwarded_questions(subject) if subject.person else models.MemberQuestion.objects.none()
    subjects = [f"ask {public_id}" for public_id in questions.values_list("public_id", flat=True)]
    return _actions_by_others(subject).exclude(~Q(subject__in=subjects), subject__startswith="ask ", saw=False)


def _actor_role(entry: AuditEntry, subject: SubjectOfRequest) -> str:
    """Return the staff role of the actor at that time, "member" if none, or "site"; never the actor's identity."""
    if entry.actor_id is None:
        return "site"
    grants = models.RoleGrant.objects.filter(in_force_filter(entry.at), account_id=entry.actor_id)
    roles = grants.values_list("role", flat=True)
    order = (Role.SECRETARIAT, Role.ADMINISTRATOR, Role.AUDITOR)
    staff = [role for role in order if role in set(roles)]
    return str(staff[0]) if entry.staff_session and staff else "member"


def _entry_subject(entry: AuditEntry, subject: SubjectOfRequest) -> str:
    """Return the subject of the entry, or an empty string if it would identify another person."""
    kind = entry.subject.partition(" ")[0]
    own = any(public_id in entry.subject for public_id in subject.public_ids)
    return entry.subject if own or not (entry.person or kind in {"account", "person"}) else ""


DATA_CATEGORIES = (
    audit_category(
        "done", _("Audit log: what the account did, when and why"),
        through="actor",
        withheld={
            "person": OTHER_PERSON, "subject": _("shown under “about”, unless it identifies another person"),
            "staff_session": INTERNAL_ID,
        },
        erasure=keep(_(
            "kept until the retention period ends: the account is identified only by a number that can no longer "
            "be linked to a name"
        )),
        computed={"about": _entry_subject},
    ),
    audit_category(
        "seen", _("Audit log: who acted on or accessed the person’s data, in what role, on which day and why"),
        withheld={
            "actor": _("only the role of the person who acted is shown, under “acting as”"), "person": INTERNAL_ID,
            "subject": INTERNAL_ID, "staff_session": INTERNAL_ID,
        },
        data_subject=DataSubject.PEOPLE,
        erasure=keep(_(
            "kept until the retention period ends: the person is identified only by a number that can no longer be "
            "linked to a name"
        )),
        computed={"by": _actor_role},
        find_rows=_actions_by_others, find_exported_rows=_exportable_actions_by_others,
    ),
)  # fmt: skip

RETENTION_RULES = (
    RetentionRule(
        AuditEntry, "keep_until", "audit_log", _("Audit log entries"),
        days=5 * 365, after=_("after they were written"),
        why=_(
            "for five years, it must be possible to find out who accessed whose data; the database does not "
"allow any entry to be deleted sooner"
        ),
        find_rows=lambda limit: expired_entries(), fixed=True,
    ),
)  # fmt: skip

NO_PERSONAL_DATA = {
    "samsvar_audit.ChangeNumber": NoPersonalData("one number"),
    "samsvar_audit.RetentionRun": NoPersonalData("one time"),
    "samsvar_shell.RateLimitCounter": NoPersonalData(
        "how often something was done recently, by a keyed hash of the account or network address"
    ),
}
