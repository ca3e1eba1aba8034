"""Actions on plans, measures, answers to findings, and the desk's decisions about findings.

Every change of a measure raises its version and writes a line of history in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from samsvar.implementation.measures import (
    AnswerScope,
    ChangeCause,
    ReasonRequired,
    Stage,
    TriageDecision,
    check_transition,
)
from samsvar.network.rights import Role
from samsvar.site.audit.actions import lock_change_number, record
from samsvar.site.implementation.measures import models
from samsvar.site.implementation.measures.queries import measure_values
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Account, Organisation
from samsvar.site.shell.errors import SiteError


class MeasureChanged(SiteError):
    """Someone has changed the measure since it was shown."""

    message = _("Someone has changed this measure in the meantime.")
    advice = _("Reload the page, check what has changed, and make your change again.")


class AnswerExists(SiteError):
    """The measure already answers this finding, or this part of it."""

    message = _("This measure already answers this finding, or this part of it.")
    advice = _("Edit the existing link instead.")


class NothingToUndo(SiteError):
    """No decision of this user about findings can be undone."""

    message = _("There is nothing to undo.")
    advice = _("Only your own decisions about findings can be undone here.")


class DecisionChanged(SiteError):
    """Someone has decided again about a finding since the decision that is to be undone."""

    message = _("Someone has decided again about one of these findings in the meantime.")
    advice = _("Open the finding and decide about it there.")


class AlreadyUndone(SiteError):
    """The bulk edit or the import was undone before."""

    message = _("This was undone before.")


MAX_LISTED = 10  # measures named in a message


def _name_measures(titles: Collection[str]) -> str:
    listed = "; ".join(f"“{title}”" for title in sorted(titles)[:MAX_LISTED])
    return f"{listed} … ({len(titles)})" if len(titles) > MAX_LISTED else listed


class MeasuresChangedSince(SiteError):
    """Some measures were changed afterwards, so that undoing would lose these changes."""

    advice = _("Correct these measures one by one instead.")

    def __init__(self, titles: Collection[str]) -> None:
        super().__init__(_now("These measures have changed since: %(measures)s") % {"measures": _name_measures(titles)})
        self.titles = tuple(sorted(titles))


class EarlierValuesGone(SiteError):
    """A plan, chapter or region that measures had earlier no longer exists, or is not the only one of its name."""

    advice = _("Add it again or give it a name of its own, or correct these measures one by one.")

    def __init__(self, names: Collection[str], titles: Collection[str]) -> None:
        text = _now("“%(name)s” no longer exists or has a namesake, so these measures cannot get it back: %(measures)s")
        super().__init__(text % {"name": "”, “".join(sorted(names)), "measures": _name_measures(titles)})
        self.titles = tuple(sorted(titles))


class OtherState(SiteError):
    """The measure, region, plan or finding belongs to another state."""

    message = _("These belong to different states.")
    advice = _("Choose from the lists on the page.")


# --- Measures ---------------------------------------------------------------------------------------------------------

# the columns that a form, an import or a bulk edit may set; stages go through `check_transition`
EDITABLE = (
    "region", "reference", "title", "text", "language", "kind", "lead", "lead_name", "plan", "chapter", "begins", "due",
    "budget", "paid", "currency", "visibility",
)  # fmt: skip


def save_measure(
    *,
    by: Account | None,
    state: str,
    values: Mapping[str, Any],
    existing: models.Measure | None = None,
    bodies: Sequence[Organisation | str] | None = None,
    stage: Stage | None = None,
    reason: str = "",
    seen: int | None = None,
    cause: ChangeCause = ChangeCause.EDIT,
    batch: UUID | None = None,
    commitment: str = "",
) -> models.Measure:
    """Add a measure or change one, and write its history.

    `values` may contain any of `EDITABLE`; `bodies` are the other bodies, left as they are if None. `reason` is needed
    for steps that need one. `seen` is the version that the user saw; if it is an older one, `MeasureChanged`
    is raised. `by` is None for the demonstration. A change that changes nothing writes nothing.
    """
    if by is not None and not can_manage_country(by, state):
        raise PermissionDenied
    if unknown := set(values) - set(EDITABLE):
        raise ValueError(f"not editable: {sorted(unknown)}")
    with transaction.atomic():
        if existing is None:
            measure = models.Measure(state_id=state, commitment=commitment, version=0)
            before: dict[str, Any] = {}
        else:
            measure = _with_related(models.Measure.objects.select_for_update(of=("self",))).get(
                pk=existing.pk, state_id=state
            )
            if seen is not None and measure.version != seen:
                raise MeasureChanged
            before = measure_values(measure)
        for name, value in values.items():
            setattr(measure, name, value)
        _check_same_state(measure)
        _set_stage(measure, stage, reason, is_checked=cause is not ChangeCause.UNDO)
        measure.updated_at = timezone.now()
        measure.version += 1
        measure.save()
        if bodies is not None:
            _write_bodies(measure, bodies)
        after = measure_values(_with_related(models.Measure.objects).get(pk=measure.pk))
        changed = {name for name in after if before.get(name) != after[name]}
        if existing is not None and not changed:
            transaction.set_rollback(True)
            return existing
        _write_change(
            measure, before=before, after=after, changed=changed, by=by, reason=reason, cause=cause, batch=batch
        )
        record(
            by=by,
            verb="changed a measure" if existing else "added a measure",
            subject=f"measure {measure.public_id}",
            details={"columns": sorted(changed), "cause": cause.value},
        )
    return measure


def _with_related(measures: Any) -> Any:
    """Return the measures with what `measure_values` reads."""
    return measures.select_related("lead", "plan", "chapter", "region")


def change_measures(
    *,
    by: Account,
    state: str,
    measures: Iterable[models.Measure],
    values: Mapping[str, Any],
    stage: Stage | None = None,
    reason: str = "",
    seen: Mapping[str, int] | None = None,
    batch: UUID | None = None,
) -> int:
    """Change several measures of a state in the same way, all or none; return how many changed.

    `seen` are the versions that the user saw, by public ID; if one is older, `MeasureChanged` is raised. `batch` is the
    ID by which the bulk edit can be undone.
    """
    batch = batch or uuid4()
    with transaction.atomic():
        versions = [
            (
                measure.version,
                save_measure(
                    by=by, state=state, values=values, existing=measure, stage=stage, reason=reason,
                    seen=seen.get(measure.public_id) if seen else None, cause=ChangeCause.BULK, batch=batch,
                ).version,
            )
            for measure in measures
        ]  # fmt: skip
    return sum(before != after for before, after in versions)


def _set_stage(measure: models.Measure, stage: Stage | None, reason: str, *, is_checked: bool) -> None:
    if stage is None or (measure.pk and stage == measure.stage):
        return
    if measure.pk and is_checked:
        check_transition(Stage(measure.stage), stage, reason)
    elif not measure.pk and stage is Stage.STOPPED and not reason.strip():
        raise ReasonRequired
    measure.stage = stage
    measure.stage_since = timezone.now().date()
    measure.stop_reason = reason.strip() if stage is Stage.STOPPED else ""


def _check_same_state(measure: models.Measure) -> None:
    chapter_of_other_plan = measure.chapter is not None and measure.chapter.plan_id != measure.plan_id
    related = (measure.region, measure.plan)
    if chapter_of_other_plan or any(one is not None and one.state_id != measure.state_id for one in related):
        raise OtherState


def _write_bodies(measure: models.Measure, bodies: Sequence[Organisation | str]) -> None:
    measure.bodies.all().delete()
    models.MeasureBody.objects.bulk_create(
        models.MeasureBody(measure=measure, order=order, name=body)
        if isinstance(body, str)
        else models.MeasureBody(measure=measure, order=order, organisation=body)
        for order, body in enumerate(bodies)
    )


def _write_change(
    measure: models.Measure,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    changed: Iterable[str],
    by: Account | None,
    reason: str,
    cause: ChangeCause,
    batch: UUID | None,
) -> None:
    names = sorted(changed)
    models.Change.objects.create(
        state_id=measure.state_id,
        kind=models.Change.Kind.MEASURE,
        measure=measure,
        version=measure.version,
        cause=cause,
        batch=batch,
        before={name: before[name] for name in names if name in before},
        after={name: after[name] for name in names},
        reason=reason.strip(),
        role=acting_role(by),
        by=by,
    )


def acting_role(by: Account | None) -> str:
    """Return the role in which someone acts for a state, as the history shows it; "" for the demonstration."""
    return Role.NATIONAL_DESK.value if by is not None else ""


# --- Undo of changes made together ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UndoneChanges:
    """What an undo did: the numbers of measures deleted, because the changes had added them, and of those restored."""

    deleted: int
    restored: int


def undo_bulk_edit(*, by: Account, state: str, batch: UUID) -> UndoneChanges:
    """Undo a bulk edit of measures, all or nothing. Raises the errors of `undo_changes`."""
    with transaction.atomic():
        reason = _now("The change of several measures was undone.")
        undone = undo_changes(by=by, state=state, batch=batch, reason=reason)
        record(
            by=by, verb="undid a bulk edit of measures", subject=f"state {state}", details={"restored": undone.restored}
        )
    return undone


def undo_changes(*, by: Account, state: str, batch: UUID, reason: str) -> UndoneChanges:
    """Undo what a bulk edit or an import did to measures and their links to findings, all or nothing.

    Measures that it added are deleted, others get their old values, the links that it made end, and findings that it
    alone had put in hand are open again. The lines of history that this writes have the same batch. Raises
    `AlreadyUndone`; `MeasuresChangedSince` with the titles of measures that were changed afterwards; and
    `EarlierValuesGone` if a plan, chapter or region that measures had before cannot be identified.
    """
    if not can_manage_country(by, state):
        raise PermissionDenied
    with transaction.atomic():
        lock_change_number()
        lines = models.Change.objects.filter(state_id=state, batch=batch)
        measures = {
            measure.pk: measure
            for measure in models.Measure.objects.select_for_update().filter(pk__in=lines.values("measure"))
        }
        if lines.filter(cause=ChangeCause.UNDO).exists():
            raise AlreadyUndone
        changes = list(lines.order_by("id"))
        own = [change for change in changes if change.kind == models.Change.Kind.MEASURE]
        added = {change.measure_id for change in own if change.measure_id and not change.before}
        _check_unchanged(measures, added, changes)
        earlier = _EarlierValues(state)
        restored = [
            (change, measures[change.measure_id], earlier.columns(measures[change.measure_id], change.before))
            for change in reversed(own)
            if change.measure_id and change.measure_id not in added
        ]
        if earlier.missing:
            raise EarlierValuesGone(earlier.missing, {title for one in earlier.missing.values() for title in one})
        for change in changes:
            if change.kind == models.Change.Kind.ANSWER and change.measure_id not in added:
                if answer := _linked_answer(change):
                    end_answer(by=by, answer=answer, reason=reason, cause=ChangeCause.UNDO, batch=batch)
        for change, measure, columns in restored:
            _restore(change, measure, columns, by=by, reason=reason, bodies=earlier.bodies(change.before))
        models.Measure.objects.filter(pk__in=added).delete()
        _restore_triages([change for change in changes if change.kind == models.Change.Kind.TRIAGE], by)
    return UndoneChanges(deleted=len(added), restored=len(measures) - len(added))


def _check_unchanged(
    measures: Mapping[int, models.Measure], added: Collection[int], changes: Sequence[models.Change]
) -> None:
    """Raise MeasuresChangedSince for measures with later changes, and for added ones that others refer to."""
    later: dict[int, list[models.Change]] = {}
    if changes:
        batch, first = changes[0].batch, changes[0].pk
        for change in (
            models.Change.objects.filter(measure__in=measures, id__gt=first).exclude(batch=batch).order_by("id")
        ):
            assert change.measure_id
            later.setdefault(change.measure_id, []).append(change)
    changed = {pk for pk, lines in later.items() if _differs_after(measures[pk], lines)}
    for relation in models.Measure._meta.related_objects:
        if relation.related_model not in {models.MeasureBody, models.Answer, models.Change}:
            name = relation.field.name
            changed |= set(
                relation.related_model._base_manager.filter(**{f"{name}__in": added}).values_list(name, flat=True)
            )
    if changed:
        raise MeasuresChangedSince([measures[pk].title for pk in changed])


def _differs_after(measure: models.Measure, changes: Iterable[models.Change]) -> bool:
    """Return whether a measure differs from what it was before these changes: one that was undone leaves no trace."""
    before: dict[str, Any] = {}
    for change in changes:
        if change.kind != models.Change.Kind.MEASURE:
            return True
        for name, value in change.before.items():
            before.setdefault(name, value)
    current = measure_values(measure)
    return any(current[name] != value for name, value in before.items())


class _EarlierValues:
    """Finds the columns that measures had from the plain values of their history.

    `missing` are the names of plans, chapters and regions that were not found or have a namesake, each with the titles
    of the measures that had them.
    """

    def __init__(self, state: str) -> None:
        self.organisations = {body.name: body for body in Organisation.objects.filter(state_id=state)}
        self.plans = _by_name(models.Plan.objects.filter(state_id=state), "title")
        self.regions = _by_name(models.Region.objects.filter(state_id=state), "name")
        self.chapters = {
            (chapter.plan_id, chapter.title): chapter
            for chapter in models.PlanChapter.objects.filter(plan__state_id=state)
        }
        self.missing: dict[str, set[str]] = {}

    def columns(self, measure: models.Measure, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns of a measure from values as `measure_values` writes them; the stage is none of them."""
        columns = {name: value for name, value in before.items() if name in _PLAIN_COLUMNS}
        columns |= {name: Decimal(before[name]) if before[name] else None for name in _AMOUNTS if name in before}
        if "lead" in before:
            listed = self.organisations.get(before["lead"])
            columns |= {"lead": listed, "lead_name": "" if listed else before["lead"]}
        if "region" in before:
            columns["region"] = self._only(self.regions.get(before["region"], ()), before["region"], measure)
        if "plan" in before:
            columns["plan"] = self._only(self.plans.get(before["plan"], ()), before["plan"], measure)
        if "chapter" in before:
            plan = columns.get("plan", measure.plan)
            chapter = self.chapters.get((plan.pk, before["chapter"])) if plan else None
            columns["chapter"] = self._only((chapter,) if chapter else (), before["chapter"], measure)
        return columns

    def _only(self, objects: Sequence[Any], name: str, measure: models.Measure) -> Any:
        """Return the only object of a name; None for "", and for one that is missing or has a namesake."""
        if name and len(objects) != 1:
            self.missing.setdefault(name, set()).add(measure.title)
        return objects[0] if name and len(objects) == 1 else None

    def bodies(self, before: Mapping[str, Any]) -> list[Organisation | str] | None:
        """Return the other bodies of a measure; None if they did not change."""
        if "bodies" not in before:
            return None
        return [self.organisations.get(name, name) for name in before["bodies"]]


_AMOUNTS = ("budget", "paid")
_PLAIN_COLUMNS = frozenset({
    "reference", "title", "text", "language", "kind", "begins", "due", "currency", "visibility",
})  # fmt: skip


def _by_name(rows: Iterable[Any], name: str) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for thing in rows:
        groups.setdefault(getattr(thing, name), []).append(thing)
    return groups


def _restore(
    change: models.Change,
    measure: models.Measure,
    columns: Mapping[str, Any],
    *,
    by: Account,
    reason: str,
    bodies: Sequence[Organisation | str] | None,
) -> None:
    """Give a measure the columns that it had before a change, with the day since which it had had its stage."""
    save_measure(
        by=by,
        state=change.state_id,
        values=columns,
        existing=measure,
        bodies=bodies,
        stage=Stage(change.before["stage"]) if "stage" in change.before else None,
        reason=change.before.get("stop_reason", "") or reason,
        cause=ChangeCause.UNDO,
        batch=change.batch,
    )
    if "stage" in change.before:
        models.Measure.objects.filter(pk=measure.pk).update(stage_since=_stage_since(measure, change))


def _stage_since(measure: models.Measure, change: models.Change) -> date | None:
    """Return the day on which a measure had reached the stage that it had before a change."""
    earlier = models.Change.objects.filter(measure=measure, id__lt=change.pk, after__has_key="stage")
    last = earlier.order_by("-id").first()
    return last.at.date() if last else None


def _restore_triages(lines: Iterable[models.Change], by: Account) -> None:
    """Reopen findings that only these changes had put in hand, unless someone decided about them since."""
    for line in lines:
        is_answered = models.Answer.objects.filter(finding_id=line.finding, ended_at=None).exists()
        later = models.Change.objects.filter(kind=models.Change.Kind.TRIAGE, finding=line.finding, id__gt=line.pk)
        if not is_answered and not later.exists():
            restore_triage(line, by)


# --- Plans ------------------------------------------------------------------------------------------------------------


def save_plan(
    *,
    by: Account | None,
    state: str,
    values: Mapping[str, Any],
    chapters: Sequence[str],
    existing: models.Plan | None = None,
) -> models.Plan:
    """Add a plan or change one.

    A chapter whose place in the list has another title is renamed. Chapters that measures belong to are kept even if
    they are no longer listed.
    """
    if by is not None and not can_manage_country(by, state):
        raise PermissionDenied
    with transaction.atomic():
        plan = existing or models.Plan(state_id=state)
        if plan.state_id != state:
            raise OtherState
        for name, value in values.items():
            setattr(plan, name, value)
        plan.save()
        for chapter, title in zip(plan.chapters.all(), chapters, strict=False):
            if chapter.title not in chapters and not plan.chapters.filter(title=title).exists():
                chapter.title = title
                chapter.save(update_fields=["title"])
        plan.chapters.filter(measures=None).exclude(title__in=chapters).delete()
        for order, title in enumerate(chapters):
            models.PlanChapter.objects.update_or_create(plan=plan, title=title, defaults={"order": order})
        record(by=by, verb="changed a plan" if existing else "added a plan", subject=f"plan {plan.public_id}")
    return plan


def save_region(*, by: Account | None, state: str, values: Mapping[str, Any]) -> models.Region:
    """Add a region or municipality of a state, which measures and figures are about."""
    if by is not None and not can_manage_country(by, state):
        raise PermissionDenied
    with transaction.atomic():
        region = models.Region(state_id=state, **values)
        if region.part_of is not None and region.part_of.state_id != state:
            raise OtherState
        region.save()
        record(by=by, verb="added a region", subject=f"state {state}", details={"kind": region.kind})
    return region


# --- Answers to findings ----------------------------------------------------------------------------------------------


def link_answer(
    *,
    by: Account | None,
    measure: models.Measure,
    finding: Finding,
    scope: AnswerScope = AnswerScope.WHOLE,
    part: int | None = None,
    part_text: str = "",
    reason: str = "",
    cause: ChangeCause = ChangeCause.EDIT,
    batch: UUID | None = None,
) -> models.Answer:
    """Record that a measure answers a finding, as a whole or in part. The finding is then in hand."""
    if by is not None and not can_manage_country(by, measure.state_id):
        raise PermissionDenied
    if finding.state_id != measure.state_id:
        raise OtherState
    with transaction.atomic():
        triage = lock_triage(finding)
        current = measure.answers.filter(finding_id=finding.public_id, ended_at=None)
        if current.filter(part=part).exists():
            raise AnswerExists
        is_part = scope is AnswerScope.PART
        answer = models.Answer.objects.create(
            measure=measure,
            finding=finding,
            scope=scope,
            part=part if is_part else None,
            part_text=part_text.strip() if is_part else "",
            reason=reason.strip(),
            role=acting_role(by),
            by=by,
        )
        if triage.decision != TriageDecision.IN_HAND:
            _change_triage(triage, {"decision": TriageDecision.IN_HAND, "reason": ""}, by, cause, batch)
        _write_answer_change(answer, by, cause, batch, reason)
        record(by=by, verb="linked a measure to a finding", subject=f"measure {measure.public_id}")
    return answer


def link_answers(
    *,
    by: Account | None,
    measure: models.Measure,
    findings: Iterable[Finding],
    scope: AnswerScope = AnswerScope.WHOLE,
    part_text: str = "",
    reason: str = "",
) -> int:
    """Record that a measure answers several findings; those that it answers already in this way are left as they are.

    Return how many links were added. They can be undone together.
    """
    batch, added = uuid4(), 0
    with transaction.atomic():
        current = measure.answers.filter(ended_at=None, part=None)
        answered = set(current.values_list("finding__public_id", flat=True))
        for finding in findings:
            if finding.public_id not in answered:
                link_answer(
                    by=by,
                    measure=measure,
                    finding=finding,
                    scope=scope,
                    part_text=part_text,
                    reason=reason,
                    batch=batch,
                )
                added += 1
    return added


def end_answer(
    *,
    by: Account,
    answer: models.Answer,
    reason: str,
    cause: ChangeCause = ChangeCause.EDIT,
    batch: UUID | None = None,
) -> models.Answer:
    """Record that a measure no longer answers a finding; the link stays in the history."""
    if not can_manage_country(by, answer.measure.state_id):
        raise PermissionDenied
    with transaction.atomic():
        answer = models.Answer.objects.select_for_update(of=("self",)).select_related("measure").get(pk=answer.pk)
        if answer.ended_at is None:
            answer.ended_at = timezone.now()
            answer.save(update_fields=["ended_at"])
            _write_answer_change(answer, by, cause, batch, reason)
            record(by=by, verb="ended a link to a finding", subject=f"measure {answer.measure.public_id}")
    return answer


def change_answer(
    *, by: Account, answer: models.Answer, scope: AnswerScope, part: int | None, part_text: str, reason: str
) -> models.Answer:
    """Record that a measure answers a finding in another way: the link ends and another one begins."""
    with transaction.atomic():
        end_answer(by=by, answer=answer, reason=reason)
        return link_answer(
            by=by, measure=answer.measure, finding=answer.finding, scope=scope, part=part, part_text=part_text,
            reason=reason,
        )  # fmt: skip


def _write_answer_change(
    answer: models.Answer, by: Account | None, cause: ChangeCause, batch: UUID | None, reason: str
) -> None:
    link = {"scope": str(answer.scope), "part": answer.part, "part_text": answer.part_text}
    has_ended = answer.ended_at is not None
    models.Change.objects.create(
        state_id=answer.measure.state_id,
        kind=models.Change.Kind.ANSWER,
        measure=answer.measure,
        finding=answer.finding_id,
        version=answer.measure.version,
        cause=cause,
        batch=batch,
        before=link if has_ended else {},
        after={} if has_ended else link,
        reason=reason.strip(),
        role=acting_role(by),
        by=by,
    )


# --- The desk's decisions about findings ------------------------------------------------------------------------------


def triage_findings(
    *,
    by: Account | None,
    state: str,
    findings: Iterable[Finding],
    decision: TriageDecision | None = None,
    reason: str = "",
    body: Organisation | str | None = None,
    cluster: models.Cluster | None = None,
    note: str | None = None,
    parts: int | None = None,
) -> int:
    """Store what a desk decides about findings: who deals with them, or why no one does. Return how many changed.

    What is None stays as it is; a `body` of "" removes the body. Findings in a cluster are handled together: what is
    decided about one of them is decided about all, and stored with each, so that breaking up the cluster loses nothing.
    Notes and parts belong to a finding of its own.
    """
    if by is not None and not can_manage_country(by, state):
        raise PermissionDenied
    if decision is not None and decision.needs_reason and not reason.strip():
        raise ReasonRequired
    values: dict[str, Any] = {}
    if decision is not None:
        values |= {"decision": decision, "reason": reason.strip() if decision.needs_reason else ""}
    if body is not None:
        is_name = isinstance(body, str)
        values |= {"body": None if is_name else body, "body_name": body if is_name else ""}
        if body and decision is None:
            values |= {"decision": TriageDecision.IN_HAND, "reason": ""}
    if cluster is not None:
        values["cluster"] = cluster
    if note is not None:
        values["note"] = note.strip()
    if parts is not None:
        values["parts"] = max(parts, 1)
    batch = uuid4()
    with transaction.atomic():
        triages = [lock_triage(finding) for finding in findings]
        if any(triage.state_id != state for triage in triages) or (cluster is not None and cluster.state_id != state):
            raise OtherState
        if "decision" in values and cluster is None:  # a decision applies to the whole cluster
            clusters = {triage.cluster_id for triage in triages if triage.cluster_id}
            chosen = {triage.pk for triage in triages}
            triages += models.Triage.objects.select_for_update().filter(cluster__in=clusters).exclude(pk__in=chosen)
        changed = sum(_change_triage(triage, values, by, ChangeCause.EDIT, batch) for triage in triages)
        if changed:
            record(by=by, verb="decided about findings", subject=f"state {state}", details={"findings": changed})
    return changed


def make_cluster(*, by: Account | None, state: str, title: str, findings: Iterable[Finding]) -> models.Cluster:
    """Put findings that ask for the same into a cluster; those that are in another cluster leave it."""
    if by is not None and not can_manage_country(by, state):
        raise PermissionDenied
    with transaction.atomic():
        cluster = models.Cluster.objects.create(state_id=state, title=title.strip())
        triage_findings(by=by, state=state, findings=findings, cluster=cluster)
        models.Cluster.objects.filter(state_id=state, triages=None).delete()  # one that everything has left
    return cluster


def break_up_cluster(*, by: Account, cluster: models.Cluster) -> int:
    """Break up a cluster. Its findings keep what was decided about them. Return how many there were."""
    if not can_manage_country(by, cluster.state_id):
        raise PermissionDenied
    batch = uuid4()
    with transaction.atomic():
        triages = list(models.Triage.objects.select_for_update().filter(cluster=cluster))
        for triage in triages:
            _change_triage(triage, {"cluster": None}, by, ChangeCause.EDIT, batch)
        cluster.delete()
        record(
            by=by, verb="broke up a cluster", subject=f"state {cluster.state_id}", details={"findings": len(triages)}
        )
    return len(triages)


def undo_triage(*, by: Account, state: str) -> int:
    """Undo a user's last decision about findings of a state, with everything that it changed; return how many findings.

    The decision before that one can be undone next. Raises `NothingToUndo` or, if someone has decided again since,
    `DecisionChanged`.
    """
    if not can_manage_country(by, state):
        raise PermissionDenied
    own = models.Change.objects.filter(state_id=state, by=by, batch__isnull=False).exclude(finding="")
    undone = own.filter(cause=ChangeCause.UNDO).values("batch")
    last = own.filter(cause=ChangeCause.EDIT).exclude(batch__in=undone).order_by("id").last()
    if last is None:
        raise NothingToUndo
    with transaction.atomic():
        lines = list(own.filter(batch=last.batch, cause=ChangeCause.EDIT).order_by("-id"))
        for line in lines:
            if line.kind == models.Change.Kind.TRIAGE:
                restore_triage(line, by)
            elif answer := _linked_answer(line):
                end_answer(by=by, answer=answer, reason="", cause=ChangeCause.UNDO, batch=last.batch)
        findings = {line.finding for line in lines}
        record(by=by, verb="undid a decision", subject=f"state {state}", details={"findings": len(findings)})
    return len(findings)


def restore_triage(line: models.Change, by: Account) -> None:
    """Undo a decision about a finding. Raises `DecisionChanged` if someone has decided again since."""
    triage = models.Triage.objects.select_for_update(of=("self",)).get(finding_id=line.finding)
    current = _triage_values(triage)
    if any(current[name] != value for name, value in line.after.items()):
        raise DecisionChanged
    values = dict(line.before)
    if "body" in values:
        name = values.pop("body")
        listed = Organisation.objects.filter(state_id=triage.state_id, name=name).first() if name else None
        values |= {"body": listed, "body_name": "" if listed else name}
    if "cluster" in values:
        values["cluster"] = _find_or_make_cluster(triage.state_id, values["cluster"])
    _change_triage(triage, values, by, ChangeCause.UNDO, line.batch)


def _find_or_make_cluster(state: str, title: str) -> models.Cluster | None:
    """Return the cluster with a title, made again if it was broken up; None for ""."""
    if not title:
        return None
    return models.Cluster.objects.filter(state_id=state, title=title).first() or models.Cluster.objects.create(
        state_id=state, title=title
    )


def _linked_answer(line: models.Change) -> models.Answer | None:
    """Return the link that a line of history records, if it still applies; None for a line that ends one."""
    if not line.after or line.measure is None:
        return None
    current = line.measure.answers.filter(finding_id=line.finding, ended_at=None, part=line.after["part"])
    return current.select_related("measure").first()


def lock_triage(finding: Finding) -> models.Triage:
    """Return the desk's record about a finding, locked; it is created with as many parts as the finding asks for."""
    assert finding.state_id
    triage, _is_new = models.Triage.objects.select_for_update(of=("self",)).get_or_create(
        finding_id=finding.public_id,
        defaults={"state_id": finding.state_id, "parts": max(len(finding.actions), 1)},
    )
    return triage


def _change_triage(
    triage: models.Triage, values: Mapping[str, Any], by: Account | None, cause: ChangeCause, batch: UUID | None
) -> bool:
    before = _triage_values(triage)
    for name, value in values.items():
        setattr(triage, name, value)
    after = _triage_values(triage)
    changed = sorted(name for name in after if before[name] != after[name])
    if not changed:
        return False
    triage.role, triage.by, triage.at = acting_role(by), by, timezone.now()
    triage.save()
    models.Change.objects.create(
        state_id=triage.state_id,
        kind=models.Change.Kind.TRIAGE,
        finding=triage.finding_id,
        cause=cause,
        batch=batch,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        reason=triage.reason,
        role=triage.role,
        by=by,
    )
    return True


def _triage_values(triage: models.Triage) -> dict[str, Any]:
    return {
        "decision": str(triage.decision),
        "reason": triage.reason,
        "body": triage.body_text,
        "cluster": triage.cluster.title if triage.cluster else "",
        "note": triage.note,
        "parts": triage.parts,
    }
