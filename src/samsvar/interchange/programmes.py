"""Detection and import of every supported programme format, and the list of export formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from samsvar.interchange.calendars import as_ical
from samsvar.interchange.imported_programme import ImportedProgramme, UnreadableProgramme, load_json_object
from samsvar.interchange.indico import read_indico
from samsvar.interchange.indico_out import as_indico, as_indico_csv
from samsvar.interchange.pretalx import as_pretalx, read_pretalx
from samsvar.interchange.schedules import as_json, as_xml
from samsvar.interchange.schedules_in import read_json, read_xml
from samsvar.meetings.programme import Programme

EXPORT_FORMATS: Mapping[str, Callable[[Programme], bytes]] = {
    "schedule.xml": as_xml,
    "schedule.json": as_json,
    "schedule.ics": as_ical,
    "pretalx.json": as_pretalx,
    "indico.json": as_indico,
    "indico.csv": as_indico_csv,
}


def read_programme(content: bytes) -> ImportedProgramme:
    """Read a programme exported by pretalx, Indico or any system that writes schedule.xml or schedule.json."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return read_xml(content.lstrip(b"\xef\xbb\xbf \t\r\n"))
    file = load_json_object(content)
    if "schedule" in file:
        return read_json(content)
    if "talks" in file:
        return read_pretalx(content)
    if "results" in file:
        return read_indico(content)
    raise UnreadableProgramme("it has no schedule, no talks and no results.")
