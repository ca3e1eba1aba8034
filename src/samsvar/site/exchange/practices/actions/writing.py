"""Actions of a practice's owner: writing its texts, submitting, confirming, revising and retiring it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.exchange.practices import (
    PracticeAct,
    PracticeActNotPossible,
    PracticeActor,
    PracticeIncomplete,
    PracticeOrigin,
    PracticeStatus,
    next_practice_status,
)
from samsvar.site.audit.actions import record
from samsvar.site.exchange.permissions import Contributor, can_write_for
from samsvar.site.exchange.practices import models
from samsvar.site.exchange.practices.labels import PRACTICE_FIELDS
from samsvar.site.exchange.practices.permissions import can_decide_practice, can_edit_practice
from samsvar.site.exchange.practices.queries.content import TEXT_FIELDS, find_missing, frozen_content
from samsvar.site.exchange.practices.queries.own import is_editable, owner_accounts
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.emails.actions import notify
from samsvar.site.shell.errors import SiteError


class PracticeChanged(SiteError):
    """Someone has changed the practice since it was shown."""

    message = _("Someone has changed this practice in the meantime.")
    advice = _("Open the practice in another window, check what has changed, and make your change again.")


class PraiseOfOtherState(SiteError):
    """The finding does not praise the state on whose behalf the practice is written."""

    message = _("This finding is about another state.")
    advice = _("Write the practice on behalf of the state that the report praises, or without this finding.")


class LanguageExists(SiteError):
    """The practice already has a text in this language."""

    message = _("There is already a text in this language.")
    advice = _("Edit the existing text instead.")


# the columns of a practice that its form sets
EDITABLE = (
    "place", "since", "articles", "concepts", "evidence_level", "cost", "currency", "cost_year", "results", "links",
    "language",
)  # fmt: skip


def save_practice(
    *,
    by: Account | None,
    contributor: Contributor,
    values: Mapping[str, Any],
    text: Mapping[str, Any],
    existing: models.Practice | None = None,
    seen: int | None = None,
    praise: Finding | None = None,
) -> models.Practice:
    """Add a practice or change one, with its text in the original language.

    `values` may contain any of `EDITABLE`, `text` any of `TEXT_FIELDS` and "blocks". `seen` is the revision that the
    user saw; if it is an older one, `PracticeChanged` is raised. `by` is None for the demonstration.
    """
    organisation = contributor.organisation
    if by is not None and not can_write_for(by, contributor.state, organisation.pk if organisation else None):
        raise PermissionDenied
    if unknown := {*values, *text} - {*EDITABLE, *TEXT_FIELDS, "blocks"}:
        raise ValueError(f"not editable: {sorted(unknown)}")
    if praise is not None and praise.state_id != contributor.state:
        raise PraiseOfOtherState
    with transaction.atomic():
        if existing is None:
            practice = models.Practice(state_id=contributor.state, organisation=organisation)
            if praise is not None:
                practice.praise, practice.origin = praise.public_id, PracticeOrigin.PRAISE
        else:
            practice = _lock_for_editing(existing, seen)
        original = practice.language
        for name, value in values.items():
            setattr(practice, name, value)
        practice.updated_at = timezone.now()
        practice.save()
        _move_original(practice, original)
        models.PracticeText.objects.update_or_create(
            practice=practice, language=practice.language, defaults={**text, "is_draft_translation": False}
        )
        act = "edited" if existing else "created"
        _write_event(practice, act, by=by)
        record(by=by, verb=f"{act} a practice", subject=f"practice {practice.public_id}")
    return practice


def _lock_for_editing(practice: models.Practice, seen: int | None) -> models.Practice:
    locked = lock_practice(practice, seen)
    if not is_editable(locked):
        raise PracticeActNotPossible
    return locked


def lock_practice(practice: models.Practice, seen: int | None) -> models.Practice:
    """Return the practice locked for the transaction, with its revision raised; the caller saves it."""
    locked = models.Practice.objects.select_for_update().get(pk=practice.pk)
    if seen is not None and locked.revision != seen:
        raise PracticeChanged
    locked.revision += 1
    return locked


def _move_original(practice: models.Practice, before: str) -> None:
    """Move the original text to another language, if its owner has corrected the language in which they write."""
    if practice.language == before:
        return
    if practice.texts.filter(language=practice.language).exists():
        raise LanguageExists
    practice.texts.filter(language=before).update(language=practice.language)


def _write_event(
    practice: models.Practice,
    act: str,
    *,
    by: Account | None,
    role: PracticeActor = PracticeActor.OWNER,
    reason: str = "",
) -> None:
    models.PracticeEvent.objects.create(
        practice=practice, act=act, version=practice.version, reason=reason, role=role, by=by
    )


# --- Other languages --------------------------------------------------------------------------------------------------


def save_translation(
    *,
    by: Account | None,
    practice: models.Practice,
    language: str,
    text: Mapping[str, Any],
    is_draft: bool,
    is_new: bool = False,
    seen: int | None = None,
) -> models.PracticeText:
    """Add or change the text of a practice in a language other than the original. Raise `LanguageExists`."""
    _check_owner(by, practice)
    if language == practice.language:
        raise LanguageExists
    with transaction.atomic():
        locked = _lock_for_editing(practice, seen)
        locked.save(update_fields=["revision"])
        if is_new and locked.texts.filter(language=language).exists():
            raise LanguageExists
        saved, _is_created = models.PracticeText.objects.update_or_create(
            practice=locked, language=language, defaults={**text, "is_draft_translation": is_draft}
        )
        _write_event(locked, "edited", by=by)
        record(
            by=by,
            verb="edited a practice",
            subject=f"practice {locked.public_id}",
            details={"language": language},
        )
    return saved


def delete_translation(*, by: Account, practice: models.Practice, language: str) -> None:
    """Delete the text of a practice in a language other than the original. Published versions keep theirs."""
    _check_owner(by, practice)
    with transaction.atomic():
        locked = _lock_for_editing(practice, None)
        locked.save(update_fields=["revision"])
        locked.texts.filter(language=language).exclude(language=locked.language).delete()
        _write_event(locked, "edited", by=by)
        record(
            by=by,
            verb="deleted a text of a practice",
            subject=f"practice {locked.public_id}",
            details={"language": language},
        )


def _check_owner(by: Account | None, practice: models.Practice) -> None:
    if by is not None and not can_edit_practice(by, practice):
        raise PermissionDenied


# --- Acts -------------------------------------------------------------------------------------------------------------


def submit_practice(*, by: Account | None, practice: models.Practice, seen: int | None = None) -> models.Practice:
    """Submit a practice for review. Raise `PracticeIncomplete` with the names of the fields that are missing.

    A text that was sent back becomes a new version, so that two peers read it again.
    """
    _check_owner(by, practice)
    missing = find_missing(frozen_content(practice))
    if missing:
        raise PracticeIncomplete([str(PRACTICE_FIELDS[name]) for name in missing])
    return act_on_practice(PracticeAct.SUBMIT, by=by, practice=practice, seen=seen)


def revise_practice(*, by: Account | None, practice: models.Practice, seen: int | None = None) -> models.Practice:
    """Begin a new version of a published practice. The published one stays public until the new one is."""
    _check_owner(by, practice)
    return act_on_practice(PracticeAct.REVISE, by=by, practice=practice, seen=seen)


def confirm_practice(*, by: Account | None, practice: models.Practice, seen: int | None = None) -> models.Practice:
    """Record that a published practice is still done as described."""
    _check_owner(by, practice)
    return act_on_practice(PracticeAct.CONFIRM, by=by, practice=practice, seen=seen)


def retire_practice(
    *, by: Account | None, practice: models.Practice, reason: str, seen: int | None = None
) -> models.Practice:
    """Retire a published practice with a reason that everyone can read, as its owner or as the secretariat."""
    is_owner = by is None or can_edit_practice(by, practice)
    if by is not None and not is_owner and not can_decide_practice(by, practice):
        raise PermissionDenied
    if practice.published_version is None:
        raise PracticeActNotPossible
    role = PracticeActor.OWNER if is_owner else PracticeActor.SECRETARIAT
    return act_on_practice(PracticeAct.RETIRE, by=by, practice=practice, reason=reason, role=role, seen=seen)


def take_up_practice(*, by: Account | None, practice: models.Practice, seen: int | None = None) -> models.Practice:
    """Begin a new version of a retired practice, which stays retired for readers until it is published again."""
    _check_owner(by, practice)
    return act_on_practice(PracticeAct.TAKE_UP_AGAIN, by=by, practice=practice, seen=seen)


def delete_practice(*, by: Account, practice: models.Practice, seen: int | None = None) -> None:
    """Delete a draft that was never published, with its reviews and history. The audit log keeps that it existed."""
    _check_owner(by, practice)
    with transaction.atomic():
        locked = _lock_for_editing(practice, seen)
        if locked.published_version is not None:
            raise PracticeActNotPossible
        record(by=by, verb="deleted a practice", subject=f"practice {locked.public_id}")
        locked.delete()


_VERBS = {  # of the audit log
    PracticeAct.SUBMIT: "submitted a practice",
    PracticeAct.SEND_BACK: "sent a practice back",
    PracticeAct.PUBLISH: "published a practice",
    PracticeAct.REVISE: "began to revise a practice",
    PracticeAct.CONFIRM: "confirmed a practice",
    PracticeAct.RETIRE: "retired a practice",
    PracticeAct.TAKE_UP_AGAIN: "took up a practice again",
}
# The new text is a new version, which two peers have to read
_ACTS_OF_A_NEW_VERSION = frozenset({PracticeAct.REVISE, PracticeAct.TAKE_UP_AGAIN})


def act_on_practice(
    act: PracticeAct,
    *,
    by: Account | None,
    practice: models.Practice,
    role: PracticeActor = PracticeActor.OWNER,
    reason: str = "",
    seen: int | None = None,
    freeze: Callable[[models.Practice], None] | None = None,
) -> models.Practice:
    """Carry out an act that the caller has permitted, by the library's table, and write it into the history.

    `freeze` changes the locked row before it is saved: it publishes a version.
    """
    with transaction.atomic():
        locked = lock_practice(practice, seen)
        before = PracticeStatus(locked.status)
        locked.status = next_practice_status(act, before, role)
        if act in _ACTS_OF_A_NEW_VERSION or (act is PracticeAct.SUBMIT and before is PracticeStatus.SENT_BACK):
            locked.version += 1
        if act is PracticeAct.CONFIRM:
            locked.confirmed_on, locked.reminded_on = timezone.localdate(), None
        locked.status_reason = reason.strip()
        if act is PracticeAct.RETIRE:
            locked.retired_reason = reason.strip()
        if freeze is not None:
            freeze(locked)
        locked.updated_at = timezone.now()
        locked.save()
        _write_event(locked, act.value, by=by, role=role, reason=reason.strip())
        record(
            by=by,
            verb=_VERBS[act],
            subject=f"practice {locked.public_id}",
            details={"version": locked.version, "role": role.value},
            reason=reason.strip()[:300],
        )
    return locked


def email_owner(practice: models.Practice, template: str) -> None:
    """Email everyone who can write on behalf of a practice's owner that something waits for them."""
    for account in owner_accounts(practice):
        notify(account, template, page="exchange:own-practice", args=[practice.public_id])
