"""Charts of signatures and ratifications: in the forms that were seen, and those that only may exist."""

from __future__ import annotations

from datetime import date

import pytest

from samsvar.convention.status import Event, EventKind, SourceConfidence
from samsvar.dates import parse_partial_date
from samsvar.interchange.treaty_charts import (
    ChartColumn,
    UnreadableChart,
    compare_chart,
    difference_row,
    read_chart,
)

# In the structure of the treaty database of the Netherlands, as stored pages of other treaties show it
NETHERLANDS = """<!doctype html><html><body><table><tr><td>Title</td><td>Convention</td></tr></table>
<table id="partijtabel"><thead><tr><th>Party</th><th>Signature</th><th>Provisional application</th>
<th>Ratification<span>S=Signature without reservation or requirement of ratification R=Ratification
A=Accession</span></th>
<th>Entry into force</th><th>Renunciation</th><th>Termination</th></tr></thead>
<tr><td>Norway</td><td>07-07-2011</td><td></td><td>05-07-2017 (R)</td><td>01-11-2017</td><td></td><td></td></tr>
<tr><td>Netherlands, the Kingdom of the</td><td>14-11-2012</td><td></td><td>18-11-2015 (R)</td><td>01-03-2016</td></tr>
<tr><td>Türkiye</td><td>11-05-2011</td><td></td><td>14-03-2012 (R)</td><td>01-08-2014</td><td>22-03-2021</td>
<td>01-07-2021</td></tr>
<tr><td>Bulgaria</td><td>21-04-2016</td><td></td><td></td><td></td><td></td><td></td></tr>
<tr><td>Atlantis</td><td>01-01-2020</td><td></td><td></td><td></td><td></td><td></td></tr>
</table></body></html>"""
CSV = "State,Signature,Ratification,Entry into force,Notes,R.\nNorway*,07/07/2011,05/07/2017,01/11/2017,,\n"


def make_event(state: str, kind: EventKind, day: str) -> Event:
    return Event(state, kind, parse_partial_date(day), confidence=SourceConfidence.CONFIRMED, source="ours")


def test_the_dutch_table_is_read_by_its_headings() -> None:
    chart = read_chart(NETHERLANDS.encode())
    assert sorted(chart.days) == ["BG", "NL", "NO", "TR"]
    assert chart.unknown_names == ("Atlantis",)
    assert chart.columns == set(ChartColumn)
    assert chart.days["NL"][ChartColumn.CONSENT] == date(2015, 11, 18)
    assert list(chart.days["TR"].values()) == [
        date(2011, 5, 11), date(2012, 3, 14), date(2014, 8, 1), date(2021, 3, 22), date(2021, 7, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        CSV, CSV.replace(",", ";"), CSV.replace("07/07/2011", "2011-07-07"), CSV.replace("State", ""),
        CSV.replace("Signature,Ratification,Entry into force", "Ondertekening,Ratificatie,Inwerkingtreding"),
    ],
)  # fmt: skip
def test_a_table_in_a_file_is_read(content: str) -> None:
    chart = read_chart(content.encode())
    assert list(chart.days["NO"].values()) == [date(2011, 7, 7), date(2017, 7, 5), date(2017, 11, 1)]


@pytest.mark.parametrize("content", ["<html><p>No table</p></html>", "a,b\n1,2\n", "x", "<html><table></table></html>"])
def test_another_file_is_named(content: str) -> None:
    with pytest.raises(UnreadableChart):
        read_chart(content.encode())


def test_differences_are_shown_for_a_person_to_confirm() -> None:
    events = [
        make_event("NO", EventKind.SIGNATURE, "2011-07-07"), make_event("NO", EventKind.RATIFICATION, "2017-07-06"),
        make_event("NO", EventKind.ENTRY_INTO_FORCE, "2017-11"), make_event("SE", EventKind.SIGNATURE, "2011-05-11"),
        make_event("NO", EventKind.DECLARATION, "2017-07-05"),
    ]  # fmt: skip
    differences = compare_chart(read_chart(CSV.encode()), events)
    rows = [
        (row["state"], row["event"], row["difference"], row["ours"], row["chart"])
        for row in map(difference_row, differences)
    ]
    assert rows == [
        ("NO", "ratification", "differs", "2017-07-06", "2017-07-05"),
        ("NO", "entry into force", "more precise", "2017-11", "2017-11-01"),
        ("SE", "signature", "only ours", "2011-05-11", ""),
    ]
    (row,) = [difference_row(one) for one in compare_chart(read_chart(CSV.encode()), events[1:3]) if one.event is None]
    assert (row["difference"], row["ours"], row["chart"]) == ("only the chart", "", "2011-07-07")
