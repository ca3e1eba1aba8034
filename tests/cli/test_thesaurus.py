"""Tests of `samsvar thesaurus`: check, export and import."""

from __future__ import annotations

from pathlib import Path

import pytest

from samsvar.cli import main
from samsvar.thesaurus.concepts import concepts


def test_check_is_silent_about_our_data_and_names_faults_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["thesaurus", "check"]) == 0
    assert capsys.readouterr() == ("", "The thesaurus has no faults.\n")
    assert main(["thesaurus", "check", str(tmp_path)]) == 1
    assert "concepts.csv: there is no such file" in capsys.readouterr().out.splitlines()


def test_an_export_is_imported_without_a_difference(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]):
    assert main(["thesaurus", "export", "--format", "csv"]) == 0
    path = tmp_path / "ours.csv"
    path.write_bytes(capfdbinary.readouterr().out)
    assert main(["thesaurus", "import", str(path)]) == 0
    assert capfdbinary.readouterr().out.decode() == f"{len(concepts()):,} concepts, {len(concepts()):,} of them ours.\n"


def test_import_prints_differences_and_writes_labels_without_overwriting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "theirs.csv"
    path.write_text("key,preferred_en,other_en\nshelters,safe places,helplines\nnovel,something else,\n")
    output = tmp_path / "labels"
    assert main(["thesaurus", "import", str(path), "--output", str(output)]) == 0
    out = capsys.readouterr().out
    assert "shelters (en): label of another concept: “helplines” is a label of helplines" in out
    assert "novel: unknown concept: “something else”" in out
    assert "2 concepts, 1 of them ours." in out
    written = output / "en.csv"
    assert written.read_text() == "key,preferred,other\nshelters,safe places,helplines\n"

    written.write_text("mine")
    assert main(["thesaurus", "import", str(path), "--output", str(output)]) == 2
    assert "en.csv exists. No file was written." in capsys.readouterr().err
    assert written.read_text() == "mine"
    assert main(["thesaurus", "import", str(path), "--output", str(output), "--overwrite"]) == 0
    assert written.read_text() != "mine"
