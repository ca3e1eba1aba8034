"""Detection and import of every supported programme format, and the list of export formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from samsvar.interchange.calendars import export_ical
from samsvar.interchange.imported_programme import ImportedProgramme, UnreadableProgramme, load_json_object
from samsvar.interchange.indico import read_indico
from samsvar.interchange.indico_export import export_indico, export_indico_csv
from samsvar.interchange.pretalx import export_pretalx, read_pretalx
from samsvar.interchange.schedule_import import read_schedule_json, read_schedule_xml
from samsvar.interchange.schedules import export_json, export_xml
from samsvar.meetings.programme import Programme

EXPORT_FORMATS: Mapping[str, Callable[[Programme], bytes]] = {
    "schedule.xml": export_xml,
    "schedule.json": export_json,
    "schedule.ics": export_ical,
    "pretalx.json": export_pretalx,
    "indico.json": export_indico,
    "indico.csv": export_indico_csv,
}


def read_programme(content: bytes) -> ImportedProgramme:
    """Read a programme exported by pretalx, Indico or any system that writes schedule.xml or schedule.json."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return read_schedule_xml(content.lstrip(b"\xef\xbb\xbf \t\r\n"))
    file = load_json_object(content)
    if "schedule" in file:
        return read_schedule_json(content)
    if "talks" in file:
        return read_pretalx(content)
    if "results" in file:
        return read_indico(content)
    raise UnreadableProgramme("it has no schedule, no talks and no results.")
