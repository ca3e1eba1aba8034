"""Actions on evidence: offer it, release it, set it aside, withdraw it, and replace it by a new revision.

Files are private until the evidence is accepted, and again once it is set aside. Their names are content hashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.ids import hash_content
from samsvar.implementation.evidence import (
    NEEDS_REASON,
    EvidenceKind,
    EvidenceStatus,
    EvidenceStep,
    EvidenceStepNotPossible,
    FormFault,
    Side,
    next_status,
)
from samsvar.implementation.measures import ReasonRequired
from samsvar.network.rights import Role
from samsvar.site.audit.actions import record
from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.evidence.permissions import (
    Giver,
    can_act_for_giver,
    can_check_form,
    possible_givers,
)
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.antivirus import scan_for_viruses
from samsvar.site.shell.errors import SiteError
from samsvar.site.shell.office_documents import reject_active_content
from samsvar.site.shell.uploads import (
    OFFICE_TYPES,
    FileType,
    Readable,
    check_file_type,
    delete_private_file,
    read_private_file,
    read_with_limit,
    safe_filename,
    store_private_file,
)

MAX_EVIDENCE_BYTES = 20 * 1024 * 1024  # as for documents of a meeting
EVIDENCE_TYPES = (FileType.PDF, *OFFICE_TYPES, FileType.TEXT, FileType.PNG, FileType.JPEG, FileType.WEBP)
# Private files are stored by kind and hash. This prefix prevents a file of another model from having the same path.
EVIDENCE_PREFIX = b"samsvar evidence\n"
# the columns that a form may set
EDITABLE = ("kind", "supports", "title", "text", "language", "begins", "ends", "valid_until", "link")


class LinkOrFileMissing(SiteError):
    """Evidence other than a statement has neither a link nor a file, or it has both."""

    message = _("Evidence is either a link or a file. Only a statement can be a text without either.")
    advice = _("Enter a link, or choose a file.")


class FormToCorrect(SiteError):
    """A reviewer has set this revision aside for its form, so it cannot be released again as it is."""

    message = _("A reviewer has set this evidence aside for its form.")
    advice = _("Correct what the reviewer names in a new revision, and release that.")


class NewerRevisionExists(SiteError):
    """A newer revision of the evidence exists."""

    message = _("There is already a newer revision of this evidence.")
    advice = _("Open the newest revision, and make your change there.")


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """An uploaded file, with the name that the sender gave it."""

    content: Readable
    name: str


# --- Offering ---------------------------------------------------------------------------------------------------------


def offer_evidence(
    *,
    by: Account | None,
    giver: Giver,
    about: Measure | Finding,
    values: Mapping[str, Any],
    file: EvidenceFile | None = None,
    body: Any = None,
    revises: Evidence | None = None,
) -> Evidence:
    """Offer evidence for a measure or a finding; only its own side sees it until that side releases it.

    `values` may contain any of `EDITABLE`. `body` is the body of the state that the desk gives the evidence for. With
    `revises`, this is the next revision of that evidence, with the same giver and subject. A revision without a new
    file or link keeps the file. `by` is None for the demonstration.
    """
    if unknown := set(values) - set(EDITABLE):
        raise ValueError(f"not editable: {sorted(unknown)}")
    if by is not None and giver not in possible_givers(by, giver.state):
        raise PermissionDenied
    if about.state_id != giver.state or (revises is not None and by is not None and not can_act_for_giver(by, revises)):
        raise PermissionDenied
    columns = _file_columns(file) if file else {}
    with transaction.atomic():
        evidence = Evidence(
            state_id=giver.state,
            side=giver.side,
            organisation=giver.organisation or body,
            received=timezone.localdate(),
            given_by=by,
            **({"measure": about} if isinstance(about, Measure) else {"finding": about}),
            **values,
            **columns,
        )
        if revises is not None:
            _continue_series(evidence, revises)
        has_file = bool(evidence.content_hash)
        if has_file == bool(evidence.link) and (has_file or evidence.kind != EvidenceKind.STATEMENT):
            raise LinkOrFileMissing
        evidence.save()
        record(
            by=by,
            verb="offered a revision of evidence" if revises else "offered evidence",
            subject=f"evidence {evidence.public_id}",
            details={"side": str(evidence.side), "revision": evidence.revision},
        )
    return evidence


def _continue_series(evidence: Evidence, revises: Evidence) -> None:
    before = Evidence.objects.select_for_update(of=("self",)).get(pk=revises.pk)
    if Evidence.objects.filter(revision_of=before).exists():
        raise NewerRevisionExists
    if before.status == EvidenceStatus.WITHDRAWN:
        raise EvidenceStepNotPossible
    same = (before.side, before.organisation_id) == (evidence.side, evidence.organisation_id)
    if not same and before.side != Side.STATE:
        raise PermissionDenied
    evidence.series, evidence.revision, evidence.revision_of = before.series, before.revision + 1, before
    if not evidence.content_hash and not evidence.link and before.stored_hash and not before.form_fault:
        for name in ("content_hash", "stored_hash", "format", "filename", "size"):
            setattr(evidence, name, getattr(before, name))


def _file_columns(file: EvidenceFile) -> dict[str, Any]:
    """Store a file privately, after checking its size and type and scanning it for viruses and macros."""
    content = read_with_limit(file.content, limit=MAX_EVIDENCE_BYTES)
    file_type = check_file_type(content, *EVIDENCE_TYPES)
    scan_for_viruses(content)
    if file_type in OFFICE_TYPES:
        reject_active_content(content)
    return {
        "content_hash": hash_content(content),
        "stored_hash": store_private_file(EVIDENCE_PREFIX + content),
        "format": file_type.value,
        "filename": safe_filename(file.name),
        "size": len(content),
    }


def read_evidence_file(evidence: Evidence) -> bytes | None:
    """Return the file as it was uploaded; None if there is none, or if it is missing or altered."""
    content = read_private_file(evidence.stored_hash) if evidence.stored_hash else None
    if content is None:
        return None
    content = content.removeprefix(EVIDENCE_PREFIX)
    return content if hash_content(content) == evidence.content_hash else None


# --- Decisions of its own side ----------------------------------------------------------------------------------------


def accept_evidence(*, by: Account | None, evidence: Evidence) -> Evidence:
    """Release evidence of one's own side: from now on, everyone can see it and it counts."""
    with transaction.atomic():
        evidence = _lock_own(by, evidence)
        if evidence.form_fault:
            raise FormToCorrect
        return _take_step(by, evidence, EvidenceStep.ACCEPT)


def set_evidence_aside(*, by: Account | None, evidence: Evidence, reason: str) -> Evidence:
    """Set evidence of one's own side aside, with its earlier revisions: it no longer counts, and only its side sees it.

    The earlier revisions must not count again in its place.
    """
    with transaction.atomic():
        return _set_aside(by, _lock_own(by, evidence), EvidenceStep.SET_ASIDE, reason)


def withdraw_evidence(*, by: Account | None, evidence: Evidence) -> Evidence:
    """Withdraw evidence of one's own side, with all its revisions, for good. Its files are deleted."""
    with transaction.atomic():
        evidence = _lock_own(by, evidence)
        hashes = set()
        for revision in Evidence.objects.select_for_update(of=("self",)).filter(series=evidence.series):
            if revision.status != EvidenceStatus.WITHDRAWN or revision.pk == evidence.pk:
                hashes.add(revision.stored_hash)
                revision.stored_hash = ""
                evidence_after = _take_step(by, revision, EvidenceStep.WITHDRAW)
                if revision.pk == evidence.pk:
                    evidence = evidence_after
        for stored_hash in hashes - {""}:
            transaction.on_commit(partial(delete_evidence_file, stored_hash))
    return evidence


def set_aside_for_form(*, by: Account, evidence: Evidence, fault: FormFault, reason: str) -> Evidence:
    """Set evidence of any side aside for its form, as an independent reviewer; never for what it says."""
    if not can_check_form(by, evidence):
        raise PermissionDenied
    with transaction.atomic():
        evidence = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
        evidence.form_fault = fault
        return _set_aside(by, evidence, EvidenceStep.SET_ASIDE_FOR_FORM, reason, role=Role.REVIEWER)


def delete_evidence_file(stored_hash: str) -> None:
    """Delete a stored file, unless other evidence with the same content still uses it."""
    if not Evidence.objects.filter(stored_hash=stored_hash).exists():
        delete_private_file(stored_hash)


def _lock_own(by: Account | None, evidence: Evidence) -> Evidence:
    if by is not None and not can_act_for_giver(by, evidence):
        raise PermissionDenied
    return Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)


def _set_aside(
    by: Account | None, evidence: Evidence, step: EvidenceStep, reason: str, *, role: Role | None = None
) -> Evidence:
    earlier = Evidence.objects.select_for_update(of=("self",)).filter(
        series=evidence.series, revision__lt=evidence.revision, status=EvidenceStatus.ACCEPTED
    )
    for revision in earlier:
        revision.form_fault = evidence.form_fault
        _take_step(by, revision, step, reason, role=role)
    return _take_step(by, evidence, step, reason, role=role)


def _take_step(
    by: Account | None, evidence: Evidence, step: EvidenceStep, reason: str = "", *, role: Role | None = None
) -> Evidence:
    if step in NEEDS_REASON and not reason.strip():
        raise ReasonRequired
    evidence.status = next_status(step, EvidenceStatus(evidence.status))
    evidence.status_reason = reason.strip()
    evidence.decided_by, evidence.decided_at = by, timezone.now()
    own_role = Role.NATIONAL_DESK if evidence.side == Side.STATE else Role.CONTRIBUTOR
    evidence.decided_role = "" if by is None else (role or own_role).value
    evidence.save()
    record(
        by=by,
        verb=AUDIT_VERBS[step],
        subject=f"evidence {evidence.public_id}",
        details={"fault": str(evidence.form_fault)} if step is EvidenceStep.SET_ASIDE_FOR_FORM else {},
    )
    return evidence


AUDIT_VERBS = {
    EvidenceStep.ACCEPT: "released evidence",
    EvidenceStep.SET_ASIDE: "set evidence aside",
    EvidenceStep.SET_ASIDE_FOR_FORM: "set evidence aside for its form",
    EvidenceStep.WITHDRAW: "withdrew evidence",
}
