"""`samsvar schedule FILE`: a programme of another system, what stands in it, and the same in another form."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from samsvar.cli.harvest import UnreadableFile
from samsvar.interchange.imported_programme import System, Taken
from samsvar.interchange.programmes import FORMS, read_programme
from samsvar.interchange.tables import table_text
from samsvar.interchange.text_cleanup import said

_CALLED = {
    System.PRETALX: "schedule.json of pretalx",
    System.PRETALX_WIDGET: "data of pretalx’s schedule widget",
    System.INDICO: "Indico’s export of an event",
    System.INDICO_TIMETABLE: "Indico’s timetable of an event",
    System.SCHEDULE_XML: "schedule.xml",
    System.SCHEDULE_JSON: "schedule.json",
}


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The words and options of the command."""
    parser = subparsers.add_parser("schedule", help="a programme of pretalx, Indico or frab: show it, or convert it")
    parser.add_argument("file", metavar="FILE", type=Path, help="the file; - for standard input")
    parser.add_argument("--to", choices=sorted(FORMS), help="give it out in this form instead of showing it")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the sessions or the converted file, and on standard error what the file is and what was not understood."""
    try:
        content = sys.stdin.buffer.read() if str(options.file) == "-" else options.file.read_bytes()
    except OSError as refused:
        raise UnreadableFile(options.file, refused.strerror or "it cannot be read") from refused
    taken = read_programme(content)
    if options.to:
        sys.stdout.buffer.write(FORMS[options.to](taken.programme))
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(table_text(_rows(taken), _HEADINGS))
    print(summary(taken), file=sys.stderr)
    return 0


_HEADINGS = {"starts": "Begins", "ends": "Ends", "room": "Room", "kind": "Kind", "title": "Title", "people": "People"}


def _rows(taken: Taken) -> list[dict[str, object]]:
    programme = taken.programme
    rooms = {room.key: room.name for room in programme.rooms}
    return [
        {
            "starts": f"{one.starts.astimezone(programme.timezone):%Y-%m-%d %H:%M}" if one.starts else "–",
            "ends": f"{one.ends.astimezone(programme.timezone):%H:%M}" if one.ends else "–",
            "room": rooms.get(one.room, ""),
            "kind": one.kind.value,
            "title": said(one.title),
            "people": [person.name for person in one.people if person.name],
        }
        for one in programme.sessions
    ]


def summary(taken: Taken) -> str:
    """What the file is, how much stands in it, and what was left out or is doubtful."""
    programme = taken.programme
    people = {one.person for session in programme.sessions for one in session.people}
    lines = [
        f"This is {_CALLED[taken.system]}: {said(programme.title) or 'no title'}.",
        (
            f"{programme.begins} to {programme.ends}, {programme.zone}: {len(programme.sessions):,} sessions,"
            f" {len(programme.rooms):,} rooms, {len(programme.tracks):,} tracks, {len(people):,} people."
        ),
    ]
    if taken.left_out:
        lines.append("Left out:")
        lines += [f"  {count:>5,} × {what}" for what, count in taken.left_out]
    if taken.doubts:
        lines.append("Doubtful:")
        lines += [f"  {count:>5,} × {what.value}{f' ({word})' if word else ''}" for what, word, count in taken.doubts]
    return "\n".join(lines)
