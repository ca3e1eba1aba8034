"""A report back of a fictional state, from reports_back.toml: submitted, published, and then overtaken by a decision.

Other measures of the state that answer the recommendations are in the report too.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from samsvar.ids import stable_id
from samsvar.implementation.drafts import Block, FieldContent
from samsvar.implementation.forms import find_form
from samsvar.implementation.measures import MeasureVisibility, Stage
from samsvar.site.demo.helpers import load_demo_file, record_demo_data
from samsvar.site.implementation import models
from samsvar.site.implementation.duties.actions import record_duty
from samsvar.site.implementation.duties.queries import parse_step_key
from samsvar.site.implementation.measures.actions import link_answer, save_measure
from samsvar.site.implementation.reports import actions, queries
from samsvar.site.monitoring.models import Report


def make_demo_reports_back() -> None:
    """Create the report back and a draft of annexes, unless the state already has one."""
    data = load_demo_file("reports_back.toml")
    report = queries.reports_with_recommendations(data["state"]).filter(document__body=data["body"]).first()
    if report is None or models.Draft.objects.filter(state_id=data["state"]).exists():
        return
    with transaction.atomic():
        measure = _add_measure(data, report)
        draft = actions.create_draft(
            by=None, state=data["state"], form=find_form("report-back"), title=data["title"],
            language=data["language"], report=report, duty=data["duty"],
        )  # fmt: skip
        draft.public_id = stable_id("demo", "report back", data["state"])
        draft.created_at = _at_noon(data["created"])
        draft.save(update_fields=["public_id", "created_at"])
        _write(draft, data["text"])
        actions.mark_written(by=None, draft=draft)
        actions.clear_draft(by=None, draft=draft, name=data["name"], office=data["office"])
        submission = actions.submit_draft(by=None, draft=draft, on_behalf_of=data["on_behalf_of"])
        actions.publish_submission(by=None, draft=draft)
        models.Submission.objects.filter(pk=submission.pk).update(
            submitted_at=_at_noon(data["submitted"]), published_at=_at_noon(data["published"])
        )
        _set_dates(draft, _at_noon(data["submitted"]))
        procedure, kind = parse_step_key(data["duty"])
        record_duty(by=None, state=data["state"], procedure=procedure, kind=kind, values={"done": data["submitted"]})
        _stop(measure, date.fromisoformat(data["stopped"]), data["stop_reason"])
        actions.create_draft(
            by=None, state=data["state"], form=find_form("state-report-annexes"), title=data["annex"]["title"],
            language=data["language"],
        )  # fmt: skip
        record_demo_data(f"report {draft.public_id}", state=data["state"])


def _add_measure(data: dict[str, Any], report: Report) -> models.Measure:
    """Add the measure that is stopped after the submission; it answers the first recommendation of the report."""
    values = {**data["measure"], "visibility": MeasureVisibility.PUBLIC, "language": data["language"]}
    measure = save_measure(by=None, state=data["state"], values=values, stage=Stage.UNDER_WAY)
    began = date.fromisoformat(data["created"])
    models.Measure.objects.filter(pk=measure.pk).update(stage_since=began, created_at=_at_noon(data["created"]))
    measure.changes.update(at=_at_noon(data["created"]))
    link_answer(by=None, measure=measure, finding=queries.recommendations_of(report)[0])
    return measure


def _write(draft: models.Draft, texts: dict[str, str]) -> None:
    """Add the texts to the introduction and to the first recommendation; the others only say who was consulted."""
    for stored in draft.sections.exclude(part_id="closing"):
        fields = queries.to_library_section(stored).fields
        names = {0: ("process",), 1: ("effect", "remains", "consulted")}.get(stored.order, ("consulted",))
        written = tuple(FieldContent(name, (Block(texts[name]),)) for name in names)
        others = tuple(content for content in fields if content.field_id not in names)
        actions.save_section(
            by=None, draft=draft, section_id=stored.section_id, fields=(*others, *written), seen=stored.version
        )


def _set_dates(draft: models.Draft, moment: datetime) -> None:
    models.Clearance.objects.filter(draft=draft).update(at=moment)
    models.SectionVersion.objects.filter(section__draft=draft).update(at=moment)
    models.Draft.objects.filter(pk=draft.pk).update(written_at=moment)


def _stop(measure: models.Measure, day: date, reason: str) -> None:
    stopped = save_measure(
        by=None, state=measure.state_id, values={}, existing=measure, stage=Stage.STOPPED, reason=reason
    )
    models.Measure.objects.filter(pk=stopped.pk).update(stage_since=day)
    stopped.changes.filter(version=stopped.version).update(at=_at_noon(day.isoformat()))


def _at_noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
