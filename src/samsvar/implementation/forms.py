"""The forms of reports to a monitoring body, as data with a version: parts, fields, tables, and sentences about gaps.

A form is one file in `data/forms`. It is replaced, without a change to the code, when the printed form is known or a
new one is adopted. Drafts keep the version of the form that they were written for, so older files stay.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

from samsvar.errors import SamsvarError

LANGUAGES: Final = ("en", "fr", "nb", "ro")
_ID = re.compile(r"[a-z]{1,12}")  # also part of bookmark names in DOCX, which have at most 40 characters


class InvalidForm(SamsvarError):
    """Raised when the file of a form is invalid: what is wrong, and where."""

    effect = "No form was loaded."
    advice = "Correct the file in data/forms."

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}.")
        self.file, self.problem = file, problem


class UnknownForm(SamsvarError):
    """Raised when there is no form with this id and version."""

    effect = ""

    def __init__(self, form_id: str, version: str) -> None:
        super().__init__(f"There is no form “{form_id}” of version “{version}”.")
        self.form_id, self.version = form_id, version


class Variant(StrEnum):
    """How much of a form is printed: only the fields that it asks for, or all of them."""

    SHORT = "short"
    FULL = "full"


class FormUse(StrEnum):
    """The purpose of a form: who writes it to whom."""

    REPORT_BACK = "report_back"  # a state to the Committee of the Parties
    STATE_REPORT_ANNEX = "state_report_annex"  # a state to GREVIO
    SHADOW_REPORT = "shadow_report"  # an organisation to GREVIO


type Text = Mapping[str, str]  # by language


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form. One with columns is a table, whose first column has the row headings.

    `takes` names the kinds of records whose sentences fill it ("measure", "evidence", "figure"). `gap` says what is
    missing when it is empty; without a gap, it may stay empty. An internal field is never submitted or published.
    """

    field_id: str
    label: Text
    help: Text
    gap: Text
    takes: tuple[str, ...]
    variants: frozenset[Variant]
    internal: bool
    columns: tuple[Text, ...]
    row_headings: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class FormPart:
    """A part of a form: once in a report, or repeated for each recommendation (`for_each_finding`)."""

    part_id: str
    title: Text
    for_each_finding: bool
    fields: tuple[FormField, ...]

    def fields_of(self, variant: Variant) -> tuple[FormField, ...]:
        """Return the fields that a variant prints, in order."""
        return tuple(one for one in self.fields if variant in one.variants)


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its version, purpose, source, and whether the printed form was seen when the file was written."""

    form_id: str
    version: str
    use: FormUse
    title: Text
    source: str
    read_on: str
    printed_form_seen: bool
    note: Text
    parts: tuple[FormPart, ...]

    def part(self, part_id: str) -> FormPart:
        """Return a part. Raises UnknownForm if this version has none with this id."""
        for part in self.parts:
            if part.part_id == part_id:
                return part
        raise UnknownForm(f"{self.form_id}/{part_id}", self.version)


@cache
def load_forms() -> tuple[Form, ...]:
    """Return all forms, of each id the newest version first. Raises InvalidForm."""
    folder = files("samsvar.implementation").joinpath("data", "forms")
    forms = [
        parse_form(file.read_text(encoding="utf-8"), file.name)
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    ]
    keys = [(form.form_id, form.version) for form in forms]
    for form in forms:
        if keys.count((form.form_id, form.version)) > 1:
            raise InvalidForm(form.form_id, f"two files have the version {form.version}")
    return tuple(sorted(sorted(forms, key=lambda form: form.version, reverse=True), key=lambda form: form.form_id))


def find_form(form_id: str, version: str = "") -> Form:
    """Return a form; without a version, the newest. Raises UnknownForm."""
    for form in load_forms():
        if form.form_id == form_id and version in ("", form.version):
            return form
    raise UnknownForm(form_id, version)


# --- Parsing ----------------------------------------------------------------------------------------------------------

_FORM_KEYS = {"id", "version", "use", "title", "source", "read_on", "printed_form_seen", "note", "parts"}
_PART_KEYS = {"id", "title", "for_each_finding", "fields"}
_FIELD_KEYS = {"id", "label", "help", "gap", "takes", "variants", "internal", "columns", "rows"}
_TAKES = {"measure", "evidence", "figure"}


def parse_form(text: str, file: str) -> Form:
    """Return the form in a TOML text. Raises InvalidForm, which names the file and the part or field."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidForm(file, f"not valid TOML ({error})") from error
    return _FormParser(file).parse(data)


@dataclass(frozen=True, slots=True)
class _FormParser:
    """Parser of one file, which names it in errors."""

    file: str

    def parse(self, data: dict[str, Any]) -> Form:
        self.check_keys(data, _FORM_KEYS, "the form")
        for key in sorted(_FORM_KEYS - set(data)):
            raise InvalidForm(self.file, f"the form has no “{key}”")
        parts = tuple(map(self.parse_part, self.list_of(data["parts"], "parts")))
        self.check_ids([part.part_id for part in parts], "parts")
        if not parts:
            raise InvalidForm(self.file, "the form has no parts")
        if data["use"] not in set(FormUse):
            raise InvalidForm(self.file, f"“{data['use']}” is not a use of a form")
        if not isinstance(data["printed_form_seen"], bool):
            raise InvalidForm(self.file, "“printed_form_seen” is neither true nor false")
        for key in ("id", "version", "source", "read_on"):
            if not isinstance(data[key], str) or not data[key].strip():
                raise InvalidForm(self.file, f"“{key}” is empty")
        return Form(
            data["id"], data["version"], FormUse(data["use"]), self.parse_text(data["title"], "title"), data["source"],
            data["read_on"], data["printed_form_seen"], self.parse_text(data["note"], "note"), parts,
        )  # fmt: skip

    def parse_part(self, data: dict[str, Any]) -> FormPart:
        where = f"part “{data.get('id', '')}”"
        self.check_keys(data, _PART_KEYS, where)
        fields = tuple(self.parse_field(one, where) for one in self.list_of(data.get("fields", []), where))
        if not fields:
            raise InvalidForm(self.file, f"{where} has no fields")
        self.check_ids([one.field_id for one in fields], where)
        return FormPart(
            self.parse_id(data, where), self.parse_text(data.get("title"), where),
            data.get("for_each_finding") is True, fields,
        )  # fmt: skip

    def parse_field(self, data: dict[str, Any], part: str) -> FormField:
        where = f"{part}, field “{data.get('id', '')}”"
        self.check_keys(data, _FIELD_KEYS, where)
        takes = tuple(data.get("takes", ()))
        if unknown := sorted(set(takes) - _TAKES):
            raise InvalidForm(self.file, f"{where} takes “{unknown[0]}”, which is not a kind of record")
        variants = data.get("variants", ["short", "full"])
        if not variants or set(variants) - set(Variant):
            raise InvalidForm(self.file, f"{where} has an unknown variant, or none")
        columns = tuple(self.parse_text(one, f"{where}, columns") for one in data.get("columns", ()))
        rows = tuple(self.parse_text(one, f"{where}, rows") for one in data.get("rows", ()))
        if rows and not columns:
            raise InvalidForm(self.file, f"{where} has rows and no columns")
        return FormField(
            self.parse_id(data, where), self.parse_text(data.get("label"), where),
            self.parse_text(data["help"], where) if "help" in data else {},
            self.parse_text(data["gap"], where) if "gap" in data else {},
            takes, frozenset(map(Variant, variants)), data.get("internal") is True, columns, rows,
        )  # fmt: skip

    def parse_id(self, data: dict[str, Any], where: str) -> str:
        value = data.get("id")
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise InvalidForm(self.file, f"{where} needs an id of 1 to 12 letters a to z")
        return value

    def parse_text(self, data: object, where: str) -> Text:
        if not isinstance(data, dict) or not all(isinstance(data.get(one), str) and data[one] for one in LANGUAGES):
            raise InvalidForm(self.file, f"{where} lacks a text in one of: {', '.join(LANGUAGES)}")
        return dict(data)

    def list_of(self, data: object, where: str) -> list[dict[str, Any]]:
        if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
            raise InvalidForm(self.file, f"{where} is not a list of tables")
        return data

    def check_keys(self, data: dict[str, Any], known: set[str], where: str) -> None:
        if unknown := sorted(set(data) - known):
            raise InvalidForm(self.file, f"{where} has an unknown key “{unknown[0]}”")

    def check_ids(self, ids: list[str], where: str) -> None:
        for value in ids:
            if ids.count(value) > 1:
                raise InvalidForm(self.file, f"{where}: the id “{value}” occurs twice")
