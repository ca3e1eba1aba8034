"""The command `samsvar schedule`, which shows or converts a programme exported by another system."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from samsvar.cli.harvest import read_file
from samsvar.interchange.imported_programme import ImportedProgramme, SourceSystem
from samsvar.interchange.programmes import EXPORT_FORMATS, read_programme
from samsvar.interchange.tables import render_table
from samsvar.interchange.text_cleanup import select_text

_SYSTEM_LABELS = {
    SourceSystem.PRETALX: "schedule.json of pretalx",
    SourceSystem.PRETALX_WIDGET: "data of pretalx’s schedule widget",
    SourceSystem.INDICO: "Indico’s export of an event",
    SourceSystem.INDICO_TIMETABLE: "Indico’s timetable of an event",
    SourceSystem.SCHEDULE_XML: "schedule.xml",
    SourceSystem.SCHEDULE_JSON: "schedule.json",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options to the parser."""
    parser = subparsers.add_parser("schedule", help="show or convert a programme from pretalx, Indico or frab")
    parser.add_argument("file", metavar="FILE", type=Path, help="the file; - for standard input")
    parser.add_argument("--to", choices=sorted(EXPORT_FORMATS), help="convert it to this format instead of showing it")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the sessions or the converted file; print a summary of the import on standard error."""
    imported = read_programme(read_file(options.file))
    if options.to:
        sys.stdout.buffer.write(EXPORT_FORMATS[options.to](imported.programme))
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(render_table(_session_rows(imported), _HEADINGS))
    print(summarise_import(imported), file=sys.stderr)
    return 0


_HEADINGS = {"starts": "Begins", "ends": "Ends", "room": "Room", "kind": "Kind", "title": "Title", "people": "People"}


def _session_rows(imported: ImportedProgramme) -> list[dict[str, object]]:
    programme = imported.programme
    rooms = {room.key: room.name for room in programme.rooms}
    return [
        {
            "starts": f"{session.starts.astimezone(programme.timezone):%Y-%m-%d %H:%M}" if session.starts else "–",
            "ends": f"{session.ends.astimezone(programme.timezone):%H:%M}" if session.ends else "–",
            "room": rooms.get(session.room, ""),
            "kind": session.kind.value,
            "title": select_text(session.title),
            "people": [person.name for person in session.people if person.name],
        }
        for session in programme.sessions
    ]


def summarise_import(imported: ImportedProgramme) -> str:
    """Return a summary of the import: format, size, what was left out and what is doubtful."""
    programme = imported.programme
    people = {one.person for session in programme.sessions for one in session.people}
    lines = [
        f"This is {_SYSTEM_LABELS[imported.system]}: {select_text(programme.title) or 'no title'}.",
        (
            f"{programme.begins} to {programme.ends}, {programme.zone}: {len(programme.sessions):,} sessions,"
            f" {len(programme.rooms):,} rooms, {len(programme.tracks):,} tracks, {len(people):,} people."
        ),
    ]
    if imported.left_out:
        lines.append("Left out:")
        lines += [f"  {count:>5,} × {item}" for item, count in imported.left_out]
    if imported.doubts:
        lines.append("Doubtful:")
        lines += [
            f"  {count:>5,} × {item.value}{f' ({detail})' if detail else ''}" for item, detail, count in imported.doubts
        ]
    return "\n".join(lines)
