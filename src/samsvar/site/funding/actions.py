"""Actions that save funding data: edits, imported tables, and the data files of this release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from samsvar.funding import loading, programmes, projects, tables
from samsvar.funding.amounts import FundingError
from samsvar.funding.programmes import Contradiction, GrantScheme, PartnerSide
from samsvar.ids import random_id
from samsvar.site.audit.actions import record
from samsvar.site.convention.actions import sync_rows
from samsvar.site.funding import import_plan, links, models, queries
from samsvar.site.funding.permissions import can_edit_funding
from samsvar.site.network.access.permissions import Account

Maintainer = models.Activity.Keeper


class InvalidRows(FundingError):
    """Raised when a table has rows that cannot be imported; no row is imported in that case."""

    advice = "Correct the rows listed and upload the table again."


class RecordChanged(FundingError):
    """Raised when data that the import affects have changed between preview and confirmation."""

    advice = "Check what the import would now do with each row, and confirm again."


# --- Activities -------------------------------------------------------------------------------------------------------


def save_activity(
    *, by: Account | None, activity: programmes.Activity, existing: models.Activity | None = None
) -> models.Activity:
    """Add or change an activity; newer data files do not overwrite it afterwards."""
    before = queries.to_library_activity(existing) if existing else None
    if by is not None and not can_edit_funding(by, (before or activity).beneficiaries):
        raise PermissionDenied
    _check_sources(activity.sources)
    with transaction.atomic():
        kinds = queries.kind_mapping_for_slug(activity.part_of)
        conflicting = before or _find_existing_activity(activity.slug)
        if existing is None and conflicting is not None:
            raise Contradiction("id", "This short name is already in use.", "other_thing")
        for problem in queries.find_problems(by, activity, before, kinds):
            raise Contradiction(problem.column, problem.problem, problem.code)
        saved = _write_activity(activity, Maintainer.PERSON)
        verb = "changed an activity" if existing else "added an activity"
        columns = _list_changed_columns(before, activity)
        record(by=by, verb=verb, subject=f"activity {saved.slug}"[:120], details={"columns": columns})
    return saved


def _find_existing_activity(slug: str) -> programmes.Activity | None:
    activity = queries.activity_by_slug(slug)
    return queries.to_library_activity(activity) if activity else None


def _list_changed_columns(before: programmes.Activity | None, after: programmes.Activity) -> list[str]:
    old, new = loading.row_from_activity(before) if before else {}, loading.row_from_activity(after)
    return [column for column in loading.COLUMNS if old.get(column, "") != new[column]]


def _write_activity(activity: programmes.Activity, maintainer: str) -> models.Activity:
    """Write an activity with its states, areas and partners; its transactions, results and links are kept."""
    parent = models.Activity.objects.get(slug=activity.part_of) if activity.part_of else None
    saved, _made = models.Activity.objects.update_or_create(
        slug=activity.slug,
        defaults={
            **queries.pick_values(activity, "code title language period currency about read_on fictional"),
            "kind": activity.kind.value,
            "form": activity.form.value if activity.form else "",
            "part_of": parent,
            "grant": _amount_value(activity.grant),
            "grant_eea": _amount_value(activity.get_scheme_amount(GrantScheme.EEA)),
            "grant_norway": _amount_value(activity.get_scheme_amount(GrantScheme.NORWAY)),
            "cofinancing": _amount_value(activity.cofinancing),
            "gbv_share": _amount_value(activity.gbv),
            "valued_on": activity.grant.value_date if activity.grant else None,
            "begins": str(activity.begins or ""),
            "ends": str(activity.ends or ""),
            "from_memory": " ".join(activity.from_memory),
            "keeper": maintainer,
            **_get_provenance(activity),
        },
    )
    saved.states.all().delete()
    saved.areas.all().delete()
    saved.partners.all().delete()
    models.ActivityState.objects.bulk_create(
        models.ActivityState(activity=saved, state_id=code, side=side, place=place)
        for side, codes in ((PartnerSide.DONOR, activity.donors), (PartnerSide.BENEFICIARY, activity.beneficiaries))
        for place, code in enumerate(codes)
    )
    models.ActivityArea.objects.bulk_create(
        models.ActivityArea(activity=saved, area=key, place=place) for place, key in enumerate(activity.areas)
    )
    models.Partner.objects.bulk_create(
        models.Partner(
            activity=saved,
            place=place,
            state_id=partner.state or None,
            **queries.pick_values(partner, "name role side organisation"),
        )
        for place, partner in enumerate(activity.partners)
    )
    return saved


def _amount_value(amount: Any) -> Decimal | None:
    return amount.value if amount else None


def _get_provenance(fact: Any) -> dict[str, str]:
    return {**queries.pick_values(fact, "note source second_source"), "confidence": fact.confidence.value}


# --- Transactions, results and links ----------------------------------------------------------------------------------


def save_transaction(
    *, by: Account | None, activity: models.Activity, money: projects.Transaction
) -> models.Transaction:
    """Add or change a transaction: money planned, committed, paid out or spent."""
    _check_can_edit(by, activity)
    _check_sources(money.sources)
    with transaction.atomic():
        saved = _write_transaction(activity, money)
        details = {"step": money.step.value, "amount": money.amount.plain_number, "currency": money.amount.currency}
        _record_activity_change(by, activity, "recorded funding", details)
    return saved


def save_result(*, by: Account | None, activity: models.Activity, result: projects.Result) -> models.Result:
    """Add or change a result: what was promised and what was achieved."""
    _check_can_edit(by, activity)
    _check_sources(result.sources)
    with transaction.atomic():
        saved = _write_result(activity, result)
        _record_activity_change(by, activity, "recorded a result", {"what": result.what})
    return saved


def add_link(*, by: Account | None, activity: models.Activity, link: projects.FundingLink) -> models.Link:
    """Link an activity to something that it funded.

    If an app can resolve links of this kind, users can link only to objects that exist. A management command can link
    to an object that is created later.
    """
    _check_can_edit(by, activity)
    checks_target = by is not None and links.has_resolver(link.kind)
    if checks_target and link.key not in links.resolve_targets(link.kind, {link.key}):
        raise Contradiction("key", "No item of this kind has this key.", "no_such_thing")
    _check_sources((link.source,) if link.source else ())
    with transaction.atomic():
        if activity.links.filter(kind=link.kind, key=link.key).exists():
            raise Contradiction("key", "This link already exists.", "linked_already")
        saved = models.Link.objects.create(
            activity=activity, kind=link.kind, key=link.key, note=link.note, source=link.source
        )
        _record_activity_change(by, activity, "linked funding", {"kind": link.kind.value, "key": link.key})
    return saved


def remove_activity_item(*, by: Account | None, item: models.Transaction | models.Result | models.Link) -> None:
    """Delete a transaction, result or link that was added by mistake."""
    activity = item.activity
    _check_can_edit(by, activity)
    with transaction.atomic():
        kind = type(item).__name__.lower()
        item.delete()
        _record_activity_change(by, activity, f"removed a {kind}", {})


def _check_can_edit(by: Account | None, activity: models.Activity) -> None:
    states = activity.states.filter(side=PartnerSide.BENEFICIARY).values_list("state_id", flat=True)
    if by is not None and not can_edit_funding(by, states):
        raise PermissionDenied


def _check_sources(sources: Iterable[str]) -> None:
    if not all(map(loading.is_source, sources)):
        raise Contradiction("source", "Enter a web address or the name of a document as the source.", "no_real_source")


def _record_activity_change(by: Account | None, activity: models.Activity, verb: str, details: dict[str, Any]) -> None:
    """Save the time of the change, which IATI reports, and prevent data files from overwriting a user's edit."""
    activity.keeper = activity.keeper if by is None else Maintainer.PERSON
    activity.save(update_fields=["keeper", "updated_at"])
    record(by=by, verb=verb, subject=f"activity {activity.slug}"[:120], details=details)


def _write_transaction(activity: models.Activity, money: projects.Transaction) -> models.Transaction:
    saved, _made = models.Transaction.objects.update_or_create(
        public_id=money.id or random_id(), defaults={"activity": activity, **_get_transaction_values(money)}
    )
    return saved


def _write_result(activity: models.Activity, result: projects.Result) -> models.Result:
    saved, _made = models.Result.objects.update_or_create(
        public_id=result.id or random_id(), defaults={"activity": activity, **_get_result_values(result)}
    )
    return saved


def _get_result_values(result: projects.Result) -> dict[str, Any]:
    return {
        **queries.pick_values(result, "what promised came unit promised_number came_number"),
        "begins": str(result.begins or ""),
        "ends": str(result.ends or ""),
        **_get_provenance(result),
    }


def _get_transaction_values(money: projects.Transaction) -> dict[str, Any]:
    return {
        "step": money.step.value,
        "day": str(money.on or ""),
        **queries.pick_values(money.amount, "value currency"),
        **queries.pick_values(money, "payer receiver"),
        **_get_provenance(money),
    }


# --- Tables -----------------------------------------------------------------------------------------------------------


def import_table(
    *,
    by: Account | None,
    rows: Sequence[Sequence[str]],
    options: tables.ImportOptions,
    decisions: import_plan.RowDecisions | None = None,
    fingerprint: str = "",
) -> import_plan.ImportPlan:
    """Import all rows that the user did not exclude, or none if any is invalid; importing again changes nothing.

    `fingerprint` is that of the preview shown to the user. Raises RecordChanged if the plan has changed since.
    """
    with transaction.atomic():
        plan = import_plan.plan_import(by, rows, options, decisions)
        if fingerprint and plan.fingerprint != fingerprint:
            raise RecordChanged("The effect of importing this table has changed since the preview.")
        if not plan.is_clean:
            raise InvalidRows(f"{plan.counts['wrong'] + plan.counts['doubt']} rows cannot be imported.")
        for planned in _sort_parents_first(plan.rows_to_write):
            _save_row(planned)
        if plan.rows_to_write:
            slugs = [planned.activity.slug for planned in plan.rows_to_write if planned.activity]
            excluded = [planned.number for planned in plan.excluded_rows]
            details = {"activities": slugs, **({"rows left out": excluded} if excluded else {})}
            record(by=by, verb="imported activities", subject="funding", details=details)
    return plan


def _save_row(planned: import_plan.PlannedRow) -> None:
    """Save one row of a table: the activity if it changes, and its transactions and results."""
    if planned.activity is None:
        return
    if planned.writes_activity:
        saved = _write_activity(planned.activity, Maintainer.PERSON)
    else:
        saved = models.Activity.objects.get(slug=planned.activity.slug)
        saved.keeper = Maintainer.PERSON
        saved.save(update_fields=["keeper", "updated_at"])
    for money in planned.money:
        _write_transaction(saved, money)
    for result in planned.results:
        _write_result(saved, result)


def _sort_parents_first(planned_rows: Sequence[import_plan.PlannedRow]) -> list[import_plan.PlannedRow]:
    order = list(programmes.ActivityKind)  # a programme before its calls, a call before its projects
    return sorted(
        planned_rows,
        key=lambda planned: (order.index(planned.activity.kind) if planned.activity else 0, planned.number),
    )


# --- Data files of this release ---------------------------------------------------------------------------------------


def load_funding(*, by: Account | None = None) -> dict[str, int]:
    """Load this release's public facts, keeping what users have changed; return the number of rows. Idempotent."""
    with transaction.atomic():
        count = load_activities(loading.load_activities(), Maintainer.FACTS)
        count += _load_activity_items()
        count += sync_rows(models.FactsheetTotal, "slug", _iter_factsheet_total_values(), delete_missing=True)
        if count:
            record(by=by, verb="loaded", subject="funding", details={"rows": count})
    return {"funding": count}


def load_activities(activities: Iterable[programmes.Activity], maintainer: str) -> int:
    """Write the activities that differ from the saved ones and that no user has edited; return their number."""
    existing = {current.slug: current for current in queries.prefetch_activity_data(models.Activity.objects.all())}
    count = 0
    order = list(programmes.ActivityKind)
    for activity in sorted(activities, key=lambda activity: order.index(activity.kind)):
        current = existing.get(activity.slug)
        if current is None or (current.keeper == maintainer and queries.to_library_activity(current) != activity):
            _write_activity(activity, maintainer)
            count += 1
    return count


def _load_activity_items() -> int:
    activity_ids = {row.slug: row.pk for row in models.Activity.objects.filter(keeper=Maintainer.FACTS)}
    count = 0
    for slug, money in loading.load_transactions():
        if slug in activity_ids:
            values = {"activity_id": activity_ids[slug], **_get_transaction_values(money)}
            count += _write_if_different(models.Transaction, {"public_id": money.id}, values)
    for slug, result in loading.load_results():
        if slug in activity_ids:
            values = {"activity_id": activity_ids[slug], **_get_result_values(result)}
            count += _write_if_different(models.Result, {"public_id": result.id}, values)
    for slug, link in loading.load_links():
        if slug in activity_ids:
            key = {"activity_id": activity_ids[slug], "kind": link.kind.value, "key": link.key}
            count += _write_if_different(models.Link, key, {"note": link.note, "source": link.source})
    return count


def _write_if_different(model: Any, key: dict[str, Any], values: dict[str, Any]) -> int:
    """Create or update one row if it differs; return 1 if it was written, otherwise 0."""
    existing = model.objects.filter(**key).first()
    if existing is not None and all(getattr(existing, name) == value for name, value in values.items()):
        return 0
    model.objects.update_or_create(**key, defaults=values)
    return 1


def _iter_factsheet_total_values() -> Iterable[dict[str, Any]]:
    for figure in loading.load_factsheet_totals():
        yield {
            **queries.pick_values(figure, "slug kind code name period read_on"),
            **queries.pick_values(figure.amount, "value currency"),
            "day": str(figure.on or ""),
            **_get_provenance(figure),
        }
