"""What the trail holds: what somebody did, and what others did to and saw of them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import Ground
from samsvar.network.rights import Role
from samsvar.site.audit.models import Entry
from samsvar.site.audit.queries import old_lines
from samsvar.site.network import models
from samsvar.site.network.access.permissions import in_force
from samsvar.site.network.data_inventory import INSIDE, OTHER, SECURITY, Fate, Holding, HoldsNone, Kind, Subject, Whose
from samsvar.site.network.messages.personal_data import forwarded


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
    reached = forwarded(subject) if subject.person else models.Ask.objects.none()
    told = [f"ask {public_id}" for public_id in reached.values_list("public_id", flat=True)]
    return _seen(subject).exclude(~Q(subject__in=told), subject__startswith="ask ", saw=False)


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


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        key="done",
        model="samsvar_audit.Entry",
        what=_("The trail: what the account did, when and why"),
        whose=Whose.ACCOUNTS,
        through=("actor",),
        rows=_done,
        given=("at", "verb", "details", "saw", "why"),
        extra={"about": _about_what},
        withheld={
            "id": INSIDE,
            "actor": INSIDE,
            "person": OTHER,
            "staff_session": INSIDE,
            "subject": _("handed out as “about”, unless it names another person"),
        },
        plain=("keep_until",),
        purposes=SECURITY,
        grounds=(Ground.LEGAL_OBLIGATION, Ground.LEGITIMATE_INTERESTS),
        recipients=_("auditors"),
        stays="audit_log",
        fate=Fate.KEPT,
        erasure=_("kept until its time is over: it names the account by a number that leads to no name any more"),
    ),
    Holding(
        key="seen",
        model="samsvar_audit.Entry",
        what=_("The trail: who did something with the person’s data or saw them, as what, on which day and why"),
        whose=Whose.PEOPLE,
        through=(),
        rows=_seen,
        handed=_seen_of_what_reached,
        given=("at", "verb", "details", "saw", "why"),
        extra={"by": _who},
        withheld={
            "id": INSIDE,
            "actor": _("who it was is handed out as the role, “by”"),
            "person": INSIDE,
            "subject": INSIDE,
            "staff_session": INSIDE,
        },
        plain=("keep_until",),
        purposes=SECURITY,
        grounds=(Ground.LEGAL_OBLIGATION, Ground.LEGITIMATE_INTERESTS),
        recipients=_("auditors"),
        stays="audit_log",
        fate=Fate.KEPT,
        erasure=_("kept until its time is over: it names the person by a number that leads to no name any more"),
    ),
)

KINDS: tuple[Kind, ...] = (
    Kind(
        key="audit_log",
        what=_("Lines of the trail"),
        days=5 * 365,
        after=_("after they were written"),
        why=_("who saw whom can be asked for five years; the database lets nobody remove a line before"),
        rows=lambda limit: old_lines(),
        age="keep_until",
        fixed=True,
    ),
)

HOLDS_NONE: dict[str, HoldsNone] = {
    "samsvar_audit.Change": HoldsNone("one number"),
}  # fmt: skip
