"""Drafts of a report back: their status, their sections and text, and the copy that is frozen on submission.

A draft answers a form (`forms`), section by section. Its text consists of blocks: the authors' own words, or a sentence
taken from a record, which it cites with the record's version. A frozen copy is compared with the records of today, so
that a later change is shown and the submitted text stays as it was.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from samsvar.errors import SamsvarError
from samsvar.implementation.forms import Form, FormField, FormPart, Variant
from samsvar.text import choose_text, remove_invalid_xml_characters


class DraftError(SamsvarError):
    """Base class of errors in drafts."""


class DraftActNotPossible(DraftError):
    """Raised when the status of a draft does not allow an act."""

    effect = "Nothing was changed."

    def __init__(self, status: DraftStatus, act: DraftAct) -> None:
        super().__init__(f"A draft with the status “{status.value}” does not allow “{act.value}”.")
        self.status, self.act = status, act
        if status in FROZEN:
            self.advice = "Start a new version of the draft and change that."


class InvalidDraft(DraftError):
    """Raised when stored JSON is not a draft."""


# --- Status -----------------------------------------------------------------------------------------------------------


class DraftStatus(StrEnum):
    """The status of a draft, from an empty one to a published report."""

    OPEN = "open"  # created, nothing written
    COLLECTING = "collecting"
    WRITTEN = "written"  # ready to be cleared
    CLEARED = "cleared"  # by a second person, on behalf of an office
    SUBMITTED = "submitted"  # frozen
    PUBLISHED = "published"  # frozen and public


class DraftAct(StrEnum):
    """An act on a draft that may change its status."""

    CHANGE = "change"
    MARK_WRITTEN = "mark_written"
    RETURN = "return"  # to collecting, because something is missing
    CLEAR = "clear"
    SUBMIT = "submit"
    PUBLISH = "publish"
    START_NEW_VERSION = "start_new_version"


FROZEN: Final = frozenset({DraftStatus.SUBMITTED, DraftStatus.PUBLISHED})

# The only table of transitions; an act that is not listed is not possible. A change to a cleared draft removes its
# clearance, because the person who cleared it has not seen the new text. A new version leaves the old one as it is.
TRANSITIONS: Final[dict[tuple[DraftStatus, DraftAct], DraftStatus]] = {
    (DraftStatus.OPEN, DraftAct.CHANGE): DraftStatus.COLLECTING,
    (DraftStatus.COLLECTING, DraftAct.CHANGE): DraftStatus.COLLECTING,
    (DraftStatus.COLLECTING, DraftAct.MARK_WRITTEN): DraftStatus.WRITTEN,
    (DraftStatus.WRITTEN, DraftAct.CHANGE): DraftStatus.WRITTEN,
    (DraftStatus.WRITTEN, DraftAct.RETURN): DraftStatus.COLLECTING,
    (DraftStatus.WRITTEN, DraftAct.CLEAR): DraftStatus.CLEARED,
    (DraftStatus.CLEARED, DraftAct.CHANGE): DraftStatus.WRITTEN,
    (DraftStatus.CLEARED, DraftAct.RETURN): DraftStatus.COLLECTING,
    (DraftStatus.CLEARED, DraftAct.SUBMIT): DraftStatus.SUBMITTED,
    (DraftStatus.SUBMITTED, DraftAct.PUBLISH): DraftStatus.PUBLISHED,
    (DraftStatus.SUBMITTED, DraftAct.START_NEW_VERSION): DraftStatus.SUBMITTED,
    (DraftStatus.PUBLISHED, DraftAct.START_NEW_VERSION): DraftStatus.PUBLISHED,
}


def next_status(status: DraftStatus, act: DraftAct) -> DraftStatus:
    """Return the status after an act. Raises DraftActNotPossible."""
    try:
        return TRANSITIONS[status, act]
    except KeyError:
        raise DraftActNotPossible(status, act) from None


def removes_clearance(status: DraftStatus, act: DraftAct) -> bool:
    """Return whether the act ends a clearance, which must be said to the person who acts."""
    return status is DraftStatus.CLEARED and next_status(status, act) not in FROZEN


# --- Text -------------------------------------------------------------------------------------------------------------


class RecordKind(StrEnum):
    """The kind of a record that a block of text is taken from."""

    MEASURE = "measure"
    EVIDENCE = "evidence"
    FIGURE = "figure"  # a value of an indicator


@dataclass(frozen=True, slots=True, order=True)
class RecordKey:
    """A record: its kind and its public id."""

    kind: RecordKind
    public_id: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it is now, or was when a block was taken from it: the sentence it gives, and its citation.

    `version` rises whenever the record is changed.
    """

    key: RecordKey
    version: str
    text: str
    citation: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text))
        object.__setattr__(self, "citation", clean_text(self.citation))

    def says_otherwise(self, now: Record) -> bool:
        """Return whether a newer version gives another sentence.

        A new version may leave the sentence as it is, and a new wording of the site is not a change of the record.
        """
        return self.version != now.version and self.text != now.text


def clean_text(text: str) -> str:
    """Return a text as drafts keep it: "\\n" between lines, without characters that XML does not allow.

    Blank lines at the beginning and end are removed, and nothing else.
    """
    text = remove_invalid_xml_characters(text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"\A(?:[ \t]*\n)+|(?:\n[ \t]*)+\Z", "", text)


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the text: the authors' own words, or a record's sentence.

    `record` is None for their own words. `text` may differ from the record's sentence: then someone has edited it, and
    the block still cites the record.
    """

    text: str
    record: Record | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text))

    @property
    def is_edited(self) -> bool:
        """Whether the sentence of a record was edited after it was taken over."""
        return self.record is not None and self.record.text != self.text


@dataclass(frozen=True, slots=True)
class FieldContent:
    """The content of one field of the form: blocks of text and, in a table, the cells of each row."""

    field_id: str
    blocks: tuple[Block, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", join_blocks(self.blocks))
        object.__setattr__(self, "rows", tuple(tuple(map(_clean_cell, cells)) for cells in self.rows))

    @property
    def text(self) -> str:
        """The text of the blocks, one after the other."""
        return "\n".join(block.text for block in self.blocks)


def _clean_cell(text: str) -> str:
    """Return the text of a cell without spaces and tabs at the ends of its lines: LibreOffice drops them."""
    return re.sub(r"[ \t]+$", "", clean_text(text), flags=re.MULTILINE)


def join_blocks(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return the blocks without empty ones, and with neighbouring own words joined into one block."""
    joined: list[Block] = []
    for block in blocks:
        if block.record is None and not block.text.strip():
            continue
        if joined and block.record is None and joined[-1].record is None:
            joined[-1] = Block(f"{joined[-1].text}\n{block.text}")
        else:
            joined.append(block)
    return tuple(joined)


@dataclass(frozen=True, slots=True)
class Quotation:
    """A recommendation as it was printed, with its citation, public id and language."""

    finding: str
    text: str
    citation: str
    language: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text))
        object.__setattr__(self, "citation", clean_text(self.citation))


@dataclass(frozen=True, slots=True)
class DraftSection:
    """A section of a draft: a part of the form, for one recommendation or for the whole report.

    `section_id` is stable within the draft; `version` grows by one whenever the section is saved.
    """

    section_id: str
    part_id: str
    heading: str
    version: int = 1
    quotation: Quotation | None = None
    fields: tuple[FieldContent, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "heading", clean_text(self.heading))
        object.__setattr__(self, "fields", tuple(one for one in self.fields if one.blocks or one.rows))

    def field(self, field_id: str) -> FieldContent:
        """Return the content of a field; an empty one if nothing was written."""
        return next((one for one in self.fields if one.field_id == field_id), FieldContent(field_id))

    def iter_records(self) -> Iterable[Record]:
        """Yield the records that the section cites, in the order of the text."""
        return (block.record for one in self.fields for block in one.blocks if block.record is not None)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft of a report: a form filled for one state, in one language.

    `number` is the version of the draft, from 1; a submitted draft is only changed in a new version.
    """

    draft_id: str
    number: int
    state: str
    title: str
    language: str
    form_id: str
    form_version: str
    variant: Variant
    sections: tuple[DraftSection, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", clean_text(self.title))


# --- Gaps -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gap:
    """A field that the form expects and that is empty, with a sentence about what is missing."""

    section_id: str
    field_id: str
    text: str


def find_gaps(draft: Draft, form: Form) -> tuple[Gap, ...]:
    """Return what is missing, in the order of the draft and in its language."""
    return tuple(
        Gap(section.section_id, form_field.field_id, choose_text(form_field.gap, draft.language))
        for section in draft.sections
        for form_field in form.part(section.part_id).fields_of(draft.variant)
        if form_field.gap and _is_empty(section.field(form_field.field_id), form_field)
    )


def _is_empty(content: FieldContent, form_field: FormField) -> bool:
    """Return whether nothing was written. A table whose cells repeat the form's prepared ones is empty."""
    if content.text.strip():
        return False
    prepared = {cell for heading in form_field.row_headings for cell in heading.values()}
    return not any(cell.strip() and cell not in prepared for cells in content.rows for cell in cells)


def start_section(
    part: FormPart, *, section_id: str, language: str, heading: str = "", quotation: Quotation | None = None
) -> DraftSection:
    """Return an empty section of a form, with the prepared rows of its tables."""
    fields = tuple(FieldContent(one.field_id, rows=_prepare_rows(one, language)) for one in part.fields if one.columns)
    return DraftSection(
        section_id, part.part_id, heading or choose_text(part.title, language), quotation=quotation, fields=fields
    )


def _prepare_rows(table: FormField, language: str) -> tuple[tuple[str, ...], ...]:
    empty_cells = [""] * (len(table.columns) - 1)
    return tuple((choose_text(heading, language), *empty_cells) for heading in table.row_headings)


# --- Frozen copies ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FrozenDraft:
    """The copy of a draft that was submitted: canonical JSON and its SHA-256, 64 hexadecimal digits."""

    json: str
    sha256: str

    @property
    def is_intact(self) -> bool:
        """Whether the hash is that of the text."""
        return hashlib.sha256(self.json.encode()).hexdigest() == self.sha256

    def thaw(self) -> Draft:
        """Return the draft as it was submitted. Raises InvalidDraft."""
        return parse_draft(self.json)


def freeze(draft: Draft, form: Form) -> FrozenDraft:
    """Return the copy to submit. Fields that the form keeps internal, or that the variant leaves out, are not in it."""
    text = serialise_draft(
        Draft(
            draft.draft_id, draft.number, draft.state, draft.title, draft.language, draft.form_id, draft.form_version,
            draft.variant, tuple(_without_internal_fields(section, form, draft.variant) for section in draft.sections),
        )
    )  # fmt: skip
    return FrozenDraft(text, hashlib.sha256(text.encode()).hexdigest())


def _without_internal_fields(section: DraftSection, form: Form, variant: Variant) -> DraftSection:
    printed = {one.field_id for one in form.part(section.part_id).fields_of(variant) if not one.internal}
    return DraftSection(
        section.section_id, section.part_id, section.heading, section.version, section.quotation,
        tuple(one for one in section.fields if one.field_id in printed),
    )  # fmt: skip


def serialise_draft(draft: Draft) -> str:
    """Return a draft as canonical JSON: sorted keys, no spaces, every character as itself.

    The same draft always gives the same text, and therefore the same hash.
    """
    return json.dumps(draft_to_dict(draft), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def draft_to_dict(draft: Draft) -> dict[str, Any]:
    """Return a draft as built-in types, ready for JSON."""
    return {
        "draft": draft.draft_id,
        "number": draft.number,
        "state": draft.state,
        "title": draft.title,
        "language": draft.language,
        "form": draft.form_id,
        "form_version": draft.form_version,
        "variant": draft.variant.value,
        "sections": [section_to_dict(section) for section in draft.sections],
    }


def section_to_dict(section: DraftSection) -> dict[str, Any]:
    """Return a section as built-in types."""
    quotation = section.quotation
    return {
        "section": section.section_id,
        "part": section.part_id,
        "heading": section.heading,
        "version": section.version,
        "quotation": quotation
        and {
            "finding": quotation.finding,
            "text": quotation.text,
            "citation": quotation.citation,
            "language": quotation.language,
        },
        "fields": fields_to_list(section.fields),
    }


def fields_to_list(fields: Iterable[FieldContent]) -> list[dict[str, Any]]:
    """Return the contents of fields as built-in types."""
    return [
        {
            "field": content.field_id,
            "blocks": [
                {
                    "text": block.text,
                    "record": block.record
                    and {
                        "kind": block.record.key.kind.value,
                        "id": block.record.key.public_id,
                        "version": block.record.version,
                        "text": block.record.text,
                        "citation": block.record.citation,
                    },
                }
                for block in content.blocks
            ],
            "rows": [list(cells) for cells in content.rows],
        }
        for content in fields
    ]


def parse_draft(text: str) -> Draft:
    """Return the draft that `serialise_draft` wrote. Raises InvalidDraft."""
    try:
        data = json.loads(text)
        return Draft(
            data["draft"], data["number"], data["state"], data["title"], data["language"], data["form"],
            data["form_version"], Variant(data["variant"]), tuple(map(_parse_section, data["sections"])),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidDraft("The stored copy is not a draft.") from error


def _parse_section(data: dict[str, Any]) -> DraftSection:
    quotation = data["quotation"]
    return DraftSection(
        data["section"], data["part"], data["heading"], data["version"], quotation and Quotation(**quotation),
        parse_fields(data["fields"]),
    )  # fmt: skip


def parse_fields(data: Iterable[dict[str, Any]]) -> tuple[FieldContent, ...]:
    """Return the contents that `fields_to_list` wrote. Raises InvalidDraft."""
    try:
        return tuple(
            FieldContent(
                content["field"],
                tuple(
                    Block(block["text"], block["record"] and _parse_record(block["record"]))
                    for block in content["blocks"]
                ),
                tuple(tuple(cells) for cells in content["rows"]),
            )
            for content in data
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidDraft("The stored text is not that of a section.") from error


def _parse_record(data: dict[str, Any]) -> Record:
    return Record(RecordKey(RecordKind(data["kind"]), data["id"]), data["version"], data["text"], data["citation"])


# --- Changes since ----------------------------------------------------------------------------------------------------


class RecordChangeKind(StrEnum):
    """What happened to a record after it was cited."""

    CHANGED = "changed"
    WITHDRAWN = "withdrawn"  # it no longer exists, or is no longer public
    ADDED = "added"  # a record about the same recommendation that the text does not cite


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A difference between a text and the records of today: the sentence cited, and the one that the record gives now.

    `before` is None for an added record, `now` for a withdrawn one.
    """

    kind: RecordChangeKind
    section_id: str
    before: Record | None
    now: Record | None


def changed_since(
    draft: Draft, current: Mapping[RecordKey, Record], answering: Mapping[str, Iterable[Record]] | None = None
) -> tuple[RecordChange, ...]:
    """Return how the records that a draft cites differ today, in the order of the text, each once per section.

    `current` has every cited record that can still be read. `answering` has the records about each recommendation, by
    the finding's public id; with it, those that the section does not cite are listed as added.
    """
    changes: list[RecordChange] = []
    for section in draft.sections:
        cited: set[RecordKey] = set()
        for record in dict.fromkeys(section.iter_records()):
            cited.add(record.key)
            now = current.get(record.key)
            if now is None:
                changes.append(RecordChange(RecordChangeKind.WITHDRAWN, section.section_id, record, None))
            elif record.says_otherwise(now):
                changes.append(RecordChange(RecordChangeKind.CHANGED, section.section_id, record, now))
        if answering is not None and section.quotation is not None:
            changes.extend(
                RecordChange(RecordChangeKind.ADDED, section.section_id, None, record)
                for record in answering.get(section.quotation.finding, ())
                if record.key not in cited
            )
    return tuple(changes)


# --- Differences ------------------------------------------------------------------------------------------------------


class DifferenceKind(StrEnum):
    """The kind of a piece of text in a comparison."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A piece of text in a comparison of two versions."""

    kind: DifferenceKind
    text: str


_WORDS = re.compile(r"\s+|[^\s]+")
MAX_WORDS: Final = 20_000  # of each text; above that, whole lines are compared, which is faster


def compare_texts(before: str, now: str) -> tuple[TextPiece, ...]:
    """Return the pieces of two texts, word by word: same and removed ones give `before`, same and added ones `now`."""
    import difflib

    old, new = _WORDS.findall(before), _WORDS.findall(now)
    if max(len(old), len(new)) > MAX_WORDS:
        old, new = before.splitlines(keepends=True), now.splitlines(keepends=True)
    pieces: list[TextPiece] = []
    for operation, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            pieces.append(TextPiece(DifferenceKind.SAME, "".join(old[a:b])))
            continue
        if a < b:
            pieces.append(TextPiece(DifferenceKind.REMOVED, "".join(old[a:b])))
        if c < d:
            pieces.append(TextPiece(DifferenceKind.ADDED, "".join(new[c:d])))
    return tuple(pieces)


def describe_content(content: FieldContent) -> str:
    """Return a field as one text to compare: its blocks with their citations, then its table row by row."""
    lines = [f"{block.text} [{block.record.citation}]" if block.record else block.text for block in content.blocks]
    return "\n".join([*lines, *(" | ".join(cells) for cells in content.rows)])


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field of a section whose text differs between two versions."""

    field_id: str
    pieces: tuple[TextPiece, ...]


def compare_fields(before: Iterable[FieldContent], now: Iterable[FieldContent]) -> tuple[FieldDifference, ...]:
    """Return the fields that differ, in the order of the later version and then of the earlier one."""
    old, new = {one.field_id: one for one in before}, {one.field_id: one for one in now}
    return tuple(
        FieldDifference(
            field_id,
            compare_texts(
                describe_content(old.get(field_id, FieldContent(field_id))),
                describe_content(new.get(field_id, FieldContent(field_id))),
            ),
        )
        for field_id in {**new, **old}
        if old.get(field_id, FieldContent(field_id)) != new.get(field_id, FieldContent(field_id))
    )
