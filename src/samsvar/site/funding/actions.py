"""Every write of facts about money: by somebody who keeps them, from a table, or from the files of this version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from samsvar.funding import loading, programmes, projects, tables
from samsvar.funding.amounts import FundingError
from samsvar.funding.programmes import Contradiction, Scheme, Side
from samsvar.ids import random_id
from samsvar.site.audit.actions import record
from samsvar.site.convention.actions import bring
from samsvar.site.funding import import_plan as brought
from samsvar.site.funding import links, models, queries
from samsvar.site.funding.permissions import can_keep
from samsvar.site.network.access.permissions import Account

Keeper = models.Activity.Keeper


class RowsAreWrong(FundingError):
    """A table has rows that cannot be taken; all of it is left out, so that half a table is never there."""

    code = "rows_are_wrong"
    advice = "Mend the rows that are named, and bring the table again."


class RecordHasMoved(FundingError):
    """Between looking and confirming somebody changed what the table would change."""

    code = "record_has_moved"
    advice = "Look at what each row becomes now, and confirm again."


# --- One activity -----------------------------------------------------------------------------------------------------


def save_activity(
    *, by: Account | None, activity: programmes.Activity, row: models.Activity | None = None
) -> models.Activity:
    """Add an activity, or say anew what it is. From then on no newer file of facts overwrites it."""
    before = queries.value_of(row) if row else None
    if by is not None and not can_keep(by, (before or activity).beneficiaries):
        raise PermissionDenied
    _must_name_a_source(activity.sources)
    with transaction.atomic():
        kinds = queries.kind_of(activity.part_of)
        there = before or _there(activity.slug)
        if row is None and there is not None:
            raise Contradiction("id", "Something else has this short name.", "other_thing")
        for wrong in queries.problems_of(by, activity, before, kinds):
            raise Contradiction(wrong.column, wrong.problem, wrong.code)
        saved = _write(activity, Keeper.PERSON)
        verb = "changed an activity" if row else "added an activity"
        changed = _changed(before, activity)
        record(by=by, verb=verb, subject=f"activity {saved.slug}"[:120], details={"columns": changed})
    return saved


def _there(slug: str) -> programmes.Activity | None:
    row = queries.activity_row(slug)
    return queries.value_of(row) if row else None


def _changed(before: programmes.Activity | None, after: programmes.Activity) -> list[str]:
    old, new = loading.row_of(before) if before else {}, loading.row_of(after)
    return [column for column in loading.COLUMNS if old.get(column, "") != new[column]]


def _write(one: programmes.Activity, keeper: str) -> models.Activity:
    """The rows of one activity; what hangs on it (money, results, links) stays."""
    above = models.Activity.objects.get(slug=one.part_of) if one.part_of else None
    saved, _made = models.Activity.objects.update_or_create(
        slug=one.slug,
        defaults={
            "kind": one.kind.value,
            "code": one.code,
            "title": one.title,
            "language": one.language,
            "form": one.form.value if one.form else "",
            "period": one.period,
            "part_of": above,
            "currency": one.currency,
            "grant": _number(one.grant),
            "grant_eea": _number(one.part(Scheme.EEA)),
            "grant_norway": _number(one.part(Scheme.NORWAY)),
            "cofinancing": _number(one.cofinancing),
            "gbv_share": _number(one.gbv),
            "valued_on": one.grant.on if one.grant else None,
            "begins": str(one.begins or ""),
            "ends": str(one.ends or ""),
            "about": one.about,
            "from_memory": " ".join(one.from_memory),
            "read_on": one.read_on,
            "invented": one.invented,
            "keeper": keeper,
            **_sourced(one),
        },
    )
    saved.states.all().delete()
    saved.areas.all().delete()
    saved.partners.all().delete()
    models.ActivityState.objects.bulk_create(
        models.ActivityState(activity=saved, state_id=code, side=side, place=place)
        for side, codes in ((Side.DONOR, one.donors), (Side.BENEFICIARY, one.beneficiaries))
        for place, code in enumerate(codes)
    )
    models.ActivityArea.objects.bulk_create(
        models.ActivityArea(activity=saved, area=key, place=place) for place, key in enumerate(one.areas)
    )
    models.Partner.objects.bulk_create(
        models.Partner(
            activity=saved,
            place=place,
            name=partner.name,
            role=partner.role,
            side=partner.side,
            state_id=partner.state or None,
            organisation=partner.organisation,
        )
        for place, partner in enumerate(one.partners)
    )
    return saved


def _number(amount: Any) -> Decimal | None:
    return amount.value if amount else None


def _sourced(one: Any) -> dict[str, str]:
    return {
        "note": one.note,
        "source": one.source,
        "second_source": one.second_source,
        "confidence": one.confidence.value,
    }


# --- What hangs on it -------------------------------------------------------------------------------------------------


def save_transaction(
    *, by: Account | None, activity: models.Activity, money: projects.Transaction
) -> models.Transaction:
    """Write down money that was planned, promised, paid out or spent."""
    _must_keep(by, activity)
    _must_name_a_source(money.sources)
    with transaction.atomic():
        saved = _write_transaction(activity, money)
        details = {"step": money.step.value, "amount": money.amount.written, "currency": money.amount.currency}
        _touched(by, activity, "recorded money", details)
    return saved


def save_result(*, by: Account | None, activity: models.Activity, result: projects.Result) -> models.Result:
    """Write down what was promised and what came."""
    _must_keep(by, activity)
    _must_name_a_source(result.sources)
    with transaction.atomic():
        saved = _write_result(activity, result)
        _touched(by, activity, "recorded a result", {"what": result.what})
    return saved


def link_to(*, by: Account | None, activity: models.Activity, link: projects.Link) -> models.Link:
    """Say what the money led to. Where a room speaks for the kind, a person names a thing that is there.

    A command may name what is made after it.
    """
    _must_keep(by, activity)
    if by is not None and links.speaks_for(link.kind) and link.key not in links.resolved(link.kind, {link.key}):
        raise Contradiction("key", "There is nothing of this kind with this key.", "no_such_thing")
    _must_name_a_source((link.source,) if link.source else ())
    with transaction.atomic():
        if activity.links.filter(kind=link.kind, key=link.key).exists():
            raise Contradiction("key", "This link is here already.", "linked_already")
        saved = models.Link.objects.create(
            activity=activity, kind=link.kind, key=link.key, note=link.note, source=link.source
        )
        _touched(by, activity, "linked money", {"kind": link.kind.value, "key": link.key})
    return saved


def remove_part(*, by: Account | None, part: models.Transaction | models.Result | models.Link) -> None:
    """Take away money, a result or a link that was written down by mistake."""
    activity = part.activity
    _must_keep(by, activity)
    with transaction.atomic():
        what = type(part).__name__.lower()
        part.delete()
        _touched(by, activity, f"removed a {what}", {})


def _must_keep(by: Account | None, activity: models.Activity) -> None:
    states = activity.states.filter(side=Side.BENEFICIARY).values_list("state_id", flat=True)
    if by is not None and not can_keep(by, states):
        raise PermissionDenied


def _must_name_a_source(sources: Iterable[str]) -> None:
    if not all(map(loading.is_source, sources)):
        raise Contradiction("source", "A source is a web address or the name of a document.", "no_real_source")


def _touched(by: Account | None, activity: models.Activity, verb: str, details: dict[str, Any]) -> None:
    """The activity has changed with what hangs on it: its time is told to IATI, and the facts' files leave it alone."""
    activity.keeper = activity.keeper if by is None else Keeper.PERSON
    activity.save(update_fields=["keeper", "updated_at"])
    record(by=by, verb=verb, subject=f"activity {activity.slug}"[:120], details=details)


def _write_transaction(activity: models.Activity, money: projects.Transaction) -> models.Transaction:
    saved, _made = models.Transaction.objects.update_or_create(
        public_id=money.id or random_id(), defaults={"activity": activity, **_transaction(money)}
    )
    return saved


def _write_result(activity: models.Activity, result: projects.Result) -> models.Result:
    saved, _made = models.Result.objects.update_or_create(
        public_id=result.id or random_id(), defaults={"activity": activity, **_result(result)}
    )
    return saved


def _result(result: projects.Result) -> dict[str, Any]:
    return {
        "what": result.what,
        "promised": result.promised,
        "came": result.came,
        "unit": result.unit,
        "promised_number": result.promised_number,
        "came_number": result.came_number,
        "begins": str(result.begins or ""),
        "ends": str(result.ends or ""),
        **_sourced(result),
    }


def _transaction(money: projects.Transaction) -> dict[str, Any]:
    return {
        "step": money.step.value,
        "value": money.amount.value,
        "currency": money.amount.currency,
        "day": str(money.on or ""),
        "payer": money.payer,
        "receiver": money.receiver,
        **_sourced(money),
    }


# --- Tables -----------------------------------------------------------------------------------------------------------


def import_table(
    *,
    by: Account | None,
    rows: Sequence[Sequence[str]],
    reading: tables.Reading,
    choices: brought.Choices | None = None,
    mark: str = "",
) -> brought.Plan:
    """Store what a table says, all that was not left out or nothing; the same table again changes nothing.

    `mark` is that of the plan which a person looked at: what would be done must still be that.
    """
    with transaction.atomic():
        plan = brought.plan_of(by, rows, reading, choices)
        if mark and plan.mark != mark:
            raise RecordHasMoved("What this table would do has changed since you looked.")
        if not plan.is_clean:
            raise RowsAreWrong(f"{plan.counts['wrong'] + plan.counts['doubt']} rows cannot be taken.")
        for line in _parents_first(plan.writes):
            _store(line)
        if plan.writes:
            slugs = [line.activity.slug for line in plan.writes if line.activity]
            left = [line.number for line in plan.left]
            details = {"activities": slugs, **({"rows left out": left} if left else {})}
            record(by=by, verb="imported activities", subject="funding", details=details)
    return plan


def _store(line: brought.PlannedLine) -> None:
    """One row of a table: the activity where it changes, the money and the results that it tells of."""
    if line.activity is None:
        return
    if line.writes_activity:
        saved = _write(line.activity, Keeper.PERSON)
    else:
        saved = models.Activity.objects.get(slug=line.activity.slug)
        saved.keeper = Keeper.PERSON
        saved.save(update_fields=["keeper", "updated_at"])
    for money in line.money:
        _write_transaction(saved, money)
    for result in line.results:
        _write_result(saved, result)


def _parents_first(some: Sequence[brought.PlannedLine]) -> list[brought.PlannedLine]:
    order = list(programmes.Kind)  # a programme before its calls, a call before its projects
    return sorted(some, key=lambda line: (order.index(line.activity.kind) if line.activity else 0, line.number))


# --- Facts that come with this version --------------------------------------------------------------------------------


def load_funding(*, by: Account | None = None) -> dict[str, int]:
    """The public facts as this version knows them; what a person has changed stays. Twice is as good as once."""
    with transaction.atomic():
        written = load_activities(loading.activities(), Keeper.FACTS)
        written += _load_parts()
        written += bring(models.Figure, "slug", _figure_rows(), forget=True)
        if written:
            record(by=by, verb="loaded", subject="funding", details={"rows": written})
    return {"funding": written}


def load_activities(activities: Iterable[programmes.Activity], keeper: str) -> int:
    """Write those that are not as they should be and that no person keeps; how many."""
    rows = {row.slug: row for row in queries.with_everything(models.Activity.objects.all())}
    count = 0
    order = list(programmes.Kind)
    for one in sorted(activities, key=lambda one: order.index(one.kind)):
        row = rows.get(one.slug)
        if row is None or (row.keeper == keeper and queries.value_of(row) != one):
            _write(one, keeper)
            count += 1
    return count


def _load_parts() -> int:
    kept = {row.slug: row.pk for row in models.Activity.objects.filter(keeper=Keeper.FACTS)}
    count = 0
    for slug, money in loading.transactions():
        if slug in kept:
            count += _bring(
                models.Transaction, {"public_id": money.id}, {"activity_id": kept[slug], **_transaction(money)}
            )
    for slug, result in loading.results():
        if slug in kept:
            values = {"activity_id": kept[slug], **_result(result)}
            count += _bring(models.Result, {"public_id": result.id}, values)
    for slug, link in loading.links():
        if slug in kept:
            key = {"activity_id": kept[slug], "kind": link.kind.value, "key": link.key}
            count += _bring(models.Link, key, {"note": link.note, "source": link.source})
    return count


def _bring(model: Any, key: dict[str, Any], values: dict[str, Any]) -> int:
    """Write one row where it differs from what is there; 1 where it was written."""
    there = model.objects.filter(**key).first()
    if there is not None and all(getattr(there, name) == value for name, value in values.items()):
        return 0
    model.objects.update_or_create(**key, defaults=values)
    return 1


def _figure_rows() -> Iterable[dict[str, Any]]:
    for one in loading.figures():
        yield {
            "slug": one.slug,
            "kind": one.kind,
            "code": one.code,
            "name": one.name,
            "period": one.period,
            "currency": one.amount.currency,
            "value": one.amount.value,
            "day": str(one.on or ""),
            "read_on": one.read_on,
            **_sourced(one),
        }
