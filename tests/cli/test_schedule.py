"""Tests of `samsvar schedule`, which shows and converts programmes of other systems."""

from __future__ import annotations

from pathlib import Path

import pytest

from samsvar.cli import main
from samsvar.interchange.pretalx import export_pretalx
from samsvar.interchange.programmes import read_programme
from tests.factories.programmes import FULL_PROGRAMME


@pytest.fixture
def schedule_file(tmp_path: Path) -> Path:
    path = tmp_path / "schedule.json"
    path.write_bytes(export_pretalx(FULL_PROGRAMME))
    return path


def test_the_command_shows_the_format_and_contents_of_a_file(
    schedule_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schedule", str(schedule_file)]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1].split() == (
        "2031-06-04 09:30 10:30 Great hall opening Opening & welcome Ana Zmeu".split()
    )
    assert err.splitlines()[:2] == [
        "This is schedule.json: Shelters that hold.",
        "2031-06-04 to 2031-06-05, Europe/Bucharest: 2 sessions, 2 rooms, 1 tracks, 2 people.",
    ]


def test_the_command_converts_a_programme_to_another_format(
    schedule_file: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["schedule", str(schedule_file), "--to", "indico.json"]) == 0
    converted = read_programme(capfdbinary.readouterr().out)
    assert len(converted.programme.sessions) == 2


def test_a_file_that_is_not_a_programme_is_rejected_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "notes.json"
    path.write_text("{}")
    assert main(["schedule", str(path)]) == 2
    assert "it has no schedule, no talks and no results." in capsys.readouterr().err
