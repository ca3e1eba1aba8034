"""Factories for reports back: a draft with an edited file and a note, and a published one."""

from __future__ import annotations

from typing import Any

from samsvar.implementation.drafts import Block, FieldContent
from samsvar.implementation.forms import Variant, find_form
from samsvar.site.implementation import models
from samsvar.site.implementation.reports import actions, queries


def make_draft(report: Any = None, by: Any = None, *, state: str = "XA", **how: Any) -> models.Draft:
    """Create a draft through the site's own action: a report back on a monitoring report, or else annexes."""
    form = find_form("report-back" if report else "state-report-annexes")
    defaults = {"form": form, "title": "Report on measures taken", "language": "en", "variant": Variant.FULL}
    return actions.create_draft(by=by, state=state, report=report, **{**defaults, **how})


def write(draft: models.Draft, by: Any = None, text: str = "In force.", section_id: str = "s1") -> actions.SavedText:
    """Save a text in a section's own field: the remaining work of a recommendation, or under the table of an annex."""
    stored = draft.sections.get(section_id=section_id)
    field_id = "remains" if stored.part_id == "finding" else "initial"
    fields = queries.to_library_section(stored).fields
    rows = next((one.rows for one in fields if one.field_id == field_id), ())
    others = [one for one in fields if one.field_id != field_id]
    written = FieldContent(field_id, (Block(text),), rows)
    return actions.save_section(
        by=by, draft=draft, section_id=section_id, fields=[*others, written], seen=stored.version
    )


def make_edited_file(draft: models.Draft, by: Any = None) -> models.EditedFile:
    """Create an edited file that waits, with a changed section and a comment."""
    return models.EditedFile.objects.create(
        draft=draft, by=by, filename="edited.docx",
        sections=[{"section": "s1", "version": 1, "fields": [
            {"field": "remains", "blocks": [{"text": "From Word.", "record": None}], "rows": []},
        ]}],
        notes=[{"kind": "comment", "section": "s1", "text": "Which day?", "author": "Someone"}],
    )  # fmt: skip


def make_submission(draft: models.Draft, *, publish: bool = True) -> models.Submission:
    """Write, clear and submit a draft, and publish it unless told otherwise."""
    write(draft)
    actions.mark_written(by=None, draft=draft)
    actions.clear_draft(by=None, draft=draft, name="A. Name", office="Ministry of Justice")
    submission = actions.submit_draft(by=None, draft=draft, on_behalf_of="Government of Nordmark")
    return actions.publish_submission(by=None, draft=draft) if publish else submission
