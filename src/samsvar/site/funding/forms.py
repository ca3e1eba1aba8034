"""What somebody says who keeps the facts about money: an activity, money, a result, a link, a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from samsvar.dates import PartialDate, UnreadableDate, partial_date
from samsvar.errors import SamsvarError
from samsvar.funding import loading, programmes, projects
from samsvar.funding.amounts import FundingError, amount_in
from samsvar.funding.programmes import Contradiction, Form, Kind
from samsvar.funding.projects import LinkKind, Step
from samsvar.funding.tables import MAPPED, Days, Numbers, Reading, headings
from samsvar.interchange.tables import MOST_TABLE_BYTES
from samsvar.network.loading import Confidence
from samsvar.site.funding import labels as words
from samsvar.site.funding.import_state import FIXED, Carried, carried_from
from samsvar.site.funding.queries import parents
from samsvar.site.shell.labels import CONFIDENCES, word

DATE = _("A day, a month or a year: 2019-06-04, 2019-06 or 2019.")
LONG = forms.Textarea(attrs={"rows": 3})


def _chosen(values: Iterable[str], names: Mapping[str, words.Label], *, empty: bool = False) -> list[tuple[str, Any]]:
    return [*([("", "—")] if empty else []), *((value, word(dict(names), value)) for value in values)]


def _confidence() -> forms.ChoiceField:
    return forms.ChoiceField(label=words.COLUMNS["confidence"], choices=_chosen(list(Confidence), CONFIDENCES))


def _source(*, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=words.COLUMNS["source"],
        required=required,
        max_length=1000,
        help_text=_("The address of the page that says so, or the name of the document. Without one it is unverified."),
    )


class ActivityForm(forms.Form):
    """One activity: the columns of a table, as a form."""

    kind = forms.ChoiceField(label=words.COLUMNS["kind"], choices=lambda: _chosen(list(Kind), words.KINDS))
    title = forms.CharField(label=words.COLUMNS["title"], max_length=300)
    language = forms.CharField(label=words.COLUMNS["language"], max_length=8, required=False, initial="en")
    code = forms.CharField(
        label=words.COLUMNS["code"], max_length=60, required=False, help_text=_("As the funds print it.")
    )
    form = forms.ChoiceField(
        label=words.COLUMNS["form"], required=False, choices=lambda: _chosen(list(Form), words.FORMS, empty=True)
    )
    period = forms.CharField(label=words.COLUMNS["period"], max_length=20, required=False, help_text="2014-2021")
    part_of = forms.ChoiceField(label=words.COLUMNS["part_of"], required=False)
    donors = forms.CharField(
        label=words.COLUMNS["donors"],
        max_length=120,
        required=False,
        help_text=_("Codes with blanks between: IS LI NO"),
    )
    beneficiaries = forms.CharField(
        label=words.COLUMNS["beneficiaries"],
        max_length=120,
        required=False,
        help_text=_("Codes with blanks between: RO BG"),
    )
    areas = forms.MultipleChoiceField(label=words.COLUMNS["areas"], required=False, widget=forms.CheckboxSelectMultiple)
    currency = forms.CharField(label=words.COLUMNS["currency"], max_length=3, required=False, initial="EUR")
    grant = forms.CharField(label=words.COLUMNS["grant"], max_length=24, required=False)
    grant_eea = forms.CharField(label=words.COLUMNS["grant_eea"], max_length=24, required=False)
    grant_norway = forms.CharField(label=words.COLUMNS["grant_norway"], max_length=24, required=False)
    cofinancing = forms.CharField(label=words.COLUMNS["cofinancing"], max_length=24, required=False)
    gbv_share = forms.CharField(label=words.COLUMNS["gbv_share"], max_length=24, required=False)
    begins = forms.CharField(label=words.COLUMNS["begins"], max_length=10, required=False, help_text=DATE)
    ends = forms.CharField(label=words.COLUMNS["ends"], max_length=10, required=False, help_text=DATE)
    partners = forms.CharField(
        label=words.COLUMNS["partners"],
        required=False,
        widget=LONG,
        help_text=_("One a line, as role/side/state: name, for example promoter/beneficiary/RO: a ministry."),
    )
    about = forms.CharField(label=words.COLUMNS["about"], required=False, max_length=4000, widget=LONG)
    note = forms.CharField(label=words.COLUMNS["note"], required=False, max_length=4000, widget=LONG)
    source = _source()
    second_source = forms.CharField(label=words.COLUMNS["second_source"], required=False, max_length=1000)
    confidence = _confidence()
    read_on = forms.CharField(label=words.COLUMNS["read_on"], max_length=10, required=False, help_text="2026-11-24")
    invented = forms.BooleanField(label=words.COLUMNS["invented"], required=False)

    def __init__(self, *args: Any, before: programmes.Activity | None = None, **kwargs: Any) -> None:
        if before is not None:
            kwargs["initial"] = _initial(before)
        super().__init__(*args, **kwargs)
        self.before = before
        self.activity: programmes.Activity | None = None
        above, areas = self.fields["part_of"], self.fields["areas"]
        assert isinstance(above, forms.ChoiceField)
        assert isinstance(areas, forms.MultipleChoiceField)
        above.choices = [("", "—"), *parents()]
        areas.choices = [(key, one.name) for key, one in loading.areas().items()]
        if before is not None:
            self.fields["kind"].disabled = True

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        row = {name: value for name, value in said.items() if isinstance(value, str)}
        row["areas"] = " ".join(said.get("areas", ()))
        row["partners"] = " | ".join(line.strip() for line in said.get("partners", "").splitlines() if line.strip())
        row["invented"] = "yes" if said.get("invented") else ""
        row["id"] = self.before.slug if self.before else ""
        if not self.errors:
            self.activity, wrong = loading.read_row(row)
            for cell in wrong:
                self.add_error(cell.column if cell.column in self.fields else None, str(words.problem(cell)))
        return said


def _initial(one: programmes.Activity) -> dict[str, Any]:
    row: dict[str, Any] = dict(loading.row_of(one))
    row["areas"] = list(one.areas)
    row["partners"] = "\n".join(map(loading.partner_written, one.partners))
    row["invented"] = one.invented
    return row


class _Part(forms.Form):
    """Something that hangs on an activity: it becomes a value of the library, or the field says why not."""

    value: Any = None

    def __init__(self, *args: Any, before: Any = None, **kwargs: Any) -> None:
        if before is not None:
            kwargs["initial"] = self.told(before)
        super().__init__(*args, **kwargs)
        self.before = before

    @staticmethod
    def told(before: Any) -> dict[str, Any]:
        """What the fields say of a value that stands here."""
        names = [name for name in type(before).__dataclass_fields__ if name not in {"amount", "id"}]
        said = {name: getattr(before, name) for name in names}
        return {name: str(one) if isinstance(one, PartialDate | StrEnum) else one for name, one in said.items()}

    def kept(self) -> dict[str, str]:
        """What of the value no field asks for: its identity, a second source, a note."""
        before = self.before
        if before is None:
            return {"id": ""}
        return {"id": before.id, "second_source": before.second_source, "note": before.note}

    def clean_source(self) -> str:
        """A web address or the name of a document; "" where there is none."""
        source = str(self.cleaned_data["source"]).strip()
        if source and not loading.is_source(source):
            raise forms.ValidationError(str(words.PROBLEMS["no_real_source"]))
        return source

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors:
            try:
                self.value = self.made(said)
            except Contradiction as error:
                self.add_error(error.column if error.column in self.fields else None, str(words.trouble(error)[0]))
            except (FundingError, UnreadableDate) as error:
                self.add_error(None, str(words.trouble(error)[0]))
            except ValueError:
                self.add_error("source", str(words.PROBLEMS["no_source"]))
        return said

    def made(self, said: dict[str, Any]) -> Any:
        raise NotImplementedError


class TransactionForm(_Part):
    """Money that was planned, promised, paid out or spent."""

    step = forms.ChoiceField(label=_("Step"), choices=lambda: _chosen(list(Step), words.STEPS))
    amount = forms.CharField(label=_("Amount"), max_length=24)
    currency = forms.CharField(label=words.COLUMNS["currency"], max_length=3, initial="EUR")
    on = forms.CharField(label=_("Day"), max_length=10, required=False, help_text=DATE)
    payer = forms.CharField(label=_("Who pays"), max_length=200, required=False, help_text=_("A body, not a person."))
    receiver = forms.CharField(
        label=_("Who receives"), max_length=200, required=False, help_text=_("A body, not a person.")
    )
    source = _source()
    confidence = _confidence()

    @staticmethod
    def told(before: Any) -> dict[str, Any]:
        return {**_Part.told(before), "amount": before.amount.written, "currency": before.amount.currency}

    def made(self, said: dict[str, Any]) -> projects.Transaction:
        amount = amount_in(said["amount"], said["currency"].upper())
        assert amount is not None  # the field is required
        return projects.Transaction(
            **self.kept(),
            step=Step(said["step"]),
            amount=amount,
            on=partial_date(said["on"]),
            payer=said["payer"],
            receiver=said["receiver"],
            source=said["source"],
            confidence=Confidence(said["confidence"]),
        )


class ResultForm(_Part):
    """What was promised and what came."""

    what = forms.CharField(label=_("What it is about"), max_length=300)
    promised = forms.CharField(label=_("What was promised"), required=False, max_length=2000, widget=LONG)
    promised_number = forms.DecimalField(
        label=_("As a number"), required=False, max_digits=15, decimal_places=2, help_text=_("Where there is one.")
    )
    came = forms.CharField(label=_("What came"), required=False, max_length=2000, widget=LONG)
    came_number = forms.DecimalField(label=_("What came, as a number"), required=False, max_digits=15, decimal_places=2)
    unit = forms.CharField(label=_("Unit"), required=False, max_length=60, help_text=_("What the numbers count."))
    begins = forms.CharField(label=words.COLUMNS["begins"], max_length=10, required=False, help_text=DATE)
    ends = forms.CharField(label=words.COLUMNS["ends"], max_length=10, required=False, help_text=DATE)
    source = _source()
    confidence = _confidence()

    def made(self, said: dict[str, Any]) -> projects.Result:
        return projects.Result(
            **self.kept(),
            what=said["what"],
            promised=said["promised"],
            came=said["came"],
            unit=said["unit"],
            promised_number=said["promised_number"],
            came_number=said["came_number"],
            begins=partial_date(said["begins"]),
            ends=partial_date(said["ends"]),
            source=said["source"],
            confidence=Confidence(said["confidence"]),
        )


ROOMS = {"meetings": LinkKind.MEETING, "findings": LinkKind.FINDING, "reports": LinkKind.REPORT}


class LinkForm(_Part):
    """What the money led to."""

    kind = forms.ChoiceField(label=words.COLUMNS["kind"], choices=lambda: _chosen(list(LinkKind), words.LINKS))
    key = forms.CharField(
        label=_("Key or address"),
        max_length=400,
        help_text=_("The thing’s address, or the last part of it, for example bucharest-2019."),
        widget=forms.TextInput(attrs={"list": "known-keys"}),
    )
    note = forms.CharField(label=_("How"), required=False, max_length=300)
    source = forms.CharField(label=words.COLUMNS["source"], required=False, max_length=1000)

    def made(self, said: dict[str, Any]) -> projects.Link:
        return projects.Link(LinkKind(said["kind"]), said["key"], said["note"], said["source"])

    def clean_key(self) -> str:
        """The key in an address of a page here, or the key itself."""
        said = str(self.cleaned_data["key"]).strip()
        path = re.sub(r"^[a-z]+://[^/]*", "", said.split("?")[0].split("#")[0])
        found = re.search(r"/(meetings|findings|reports)/([^/]+)(?:/|$)", path)
        if found and ROOMS[found[1]] != self.cleaned_data.get("kind"):
            raise forms.ValidationError(_("This is the address of a thing of another kind."))
        key = found[2] if found else said
        if "/" in key or len(key) > 120:
            raise forms.ValidationError(_("This is no address of a thing here. Name the last part of its address."))
        return key


class TableForm(forms.Form):
    """A published table."""

    file = forms.FileField(
        label=_("Table"),
        help_text=_("CSV, XLSX, XLS or ODS; at most 2 MB. How it is read you say on the next page."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.ods"}),
    )

    carried: Carried | None = None

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_TABLE_BYTES:
            raise forms.ValidationError(str(words.TROUBLES["table_too_large"]))
        try:
            self.carried = carried_from(file.read())
        except SamsvarError as refused:
            message, kept, advice = words.trouble(refused)
            raise forms.ValidationError(" ".join(filter(None, (str(message), kept, advice)))) from refused
        return file


class ReadingForm(forms.Form):
    """How a table is read, as the page shows it: what came back is read by `carried_back`, which is never at a loss."""

    use_required_attribute = False

    cells = forms.CharField(widget=forms.HiddenInput, strip=False)
    shown_for = forms.CharField(widget=forms.HiddenInput)
    sheet = forms.ChoiceField(label=_("Sheet"))
    heading = forms.IntegerField(
        label=_("Row with the headings"), min_value=1, help_text=_("Counted from 1; what stands above it is left out.")
    )
    numbers = forms.ChoiceField(label=_("Numbers"), choices=lambda: _chosen(list(Numbers), words.NUMBERS))
    days = forms.ChoiceField(label=_("Days"), choices=lambda: _chosen(list(Days), words.DAYS))
    clears = forms.BooleanField(
        label=_("An empty cell empties what is there"),
        required=False,
        help_text=_("Otherwise it leaves it alone. What the table has no column for is always left alone."),
    )

    def __init__(self, carried: Carried) -> None:
        reading = carried.reading
        initial = {
            "cells": carried.written, "shown_for": carried.shown_for, "sheet": str(carried.sheet),
            "heading": reading.heading, "numbers": reading.numbers, "days": reading.days, "clears": reading.clears,
        }  # fmt: skip
        super().__init__(initial=initial)
        sheet = self.fields["sheet"]
        assert isinstance(sheet, forms.ChoiceField)
        sheet.choices = [(str(place), one.name or str(place + 1)) for place, one in enumerate(carried.sheets)]
        if len(carried.sheets) == 1:
            sheet.widget = forms.HiddenInput()
        self._columns(carried)
        self._fixed(reading)

    def _columns(self, carried: Carried) -> None:
        """What each column of the table is, with what stands in its first row."""
        reading = carried.reading
        first = next((row for row in carried.rows[reading.heading :] if any(cell.strip() for cell in row)), ())
        choices = [("", _("left out")), *((name, words.MAPPED[name]) for name in MAPPED)]
        for place, title in enumerate(headings(carried.rows, reading)):
            said = first[place] if place < len(first) else ""
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=title or _("Column %(number)d") % {"number": place + 1},
                choices=choices,
                required=False,
                help_text=f"“{said[:60]}”" if said.strip() else "",
            )
            self.initial[f"column-{place}"] = reading.columns.get(place, "")

    def _fixed(self, reading: Reading) -> None:
        """What holds for every row."""
        for name in FIXED:
            if name in reading.columns.values():
                continue
            if name in FIXED_WORDS:
                values, names = FIXED_WORDS[name]
                field: forms.Field = forms.ChoiceField(choices=_chosen(values, names, empty=True), required=False)
            else:
                field = forms.CharField(max_length=1000, required=False, help_text=words.FIXED_HELP.get(name, ""))
            field.label = words.MAPPED[name]
            self.fields[f"fixed-{name}"] = field
            self.initial[f"fixed-{name}"] = reading.fixed.get(name, "")

    @property
    def columns(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("column-")]

    @property
    def fixed(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("fixed-")]


FIXED_WORDS: dict[str, tuple[list[str], Mapping[str, words.Label]]] = {
    "kind": (list(Kind), words.KINDS),
    "confidence": (list(Confidence), CONFIDENCES),
}
