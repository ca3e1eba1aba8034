"""The command that shows and converts programmes of other systems."""

from __future__ import annotations

from pathlib import Path

import pytest

from samsvar.cli import main
from samsvar.interchange.pretalx import as_pretalx
from samsvar.interchange.programmes import read_programme
from tests.factories.programmes import EVERYTHING


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "schedule.json"
    path.write_bytes(as_pretalx(EVERYTHING))
    return path


def test_the_command_says_what_a_file_is_and_what_stands_in_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedule", str(file)]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1].split() == (
        "2031-06-04 09:30 10:30 Great hall opening Opening & welcome Ana Zmeu".split()
    )
    assert err.splitlines()[:2] == [
        "This is schedule.json: Shelters that hold.",
        "2031-06-04 to 2031-06-05, Europe/Bucharest: 2 sessions, 2 rooms, 1 tracks, 2 people.",
    ]


def test_the_command_gives_a_programme_out_in_another_form(
    file: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["schedule", str(file), "--to", "indico.json"]) == 0
    converted = read_programme(capfdbinary.readouterr().out)
    assert len(converted.programme.sessions) == 2


def test_a_file_that_is_no_programme_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "notes.json"
    path.write_text("{}")
    assert main(["schedule", str(path)]) == 2
    assert "it has no schedule, no talks and no results." in capsys.readouterr().err
