"""Tests of `samsvar status`, as used at a terminal or in a script."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from samsvar.cli import main

KEYS = ["state", "name", "status", "signed", "ratified", "in_force", "left", "reservations", "sources", "confidence"]


def run_status(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["status", *arguments]) == 0
    return capsys.readouterr().out


def test_the_json_for_4_june_2019_has_33_parties_and_these_keys(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(run_status(capsys, "--on", "2019-06-04", "--format", "json"))
    assert sum(row["status"] == "party" for row in rows) == 33
    assert {tuple(row) for row in rows} == {tuple(KEYS)}
    assert {row["status"] for row in rows} <= {"party", "signatory", "none", "former_party"}


def test_one_state_is_shown_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = json.loads(run_status(capsys, "--on", "2024-05-01", "--state", "ie", "--format", "json"))
    sources = row.pop("sources")
    assert row == {
        "state": "IE",
        "name": "Ireland",
        "status": "party",
        "signed": "2015-11-05",
        "ratified": "2019-03-08",
        "in_force": "2019-07-01",
        "left": None,
        "reservations": [
            {
                "provision": "44(3)",
                "stage": "in_force",
                "made": "2019-03-08",
                "until": "2029-07-01",
                "renewed": ["2024-03-28"],
                "confidence": "confirmed",
            }
        ],
        "confidence": "confirmed",
    }
    assert all(source.startswith("http") for source in sources)


def test_states_keep_the_requested_order_and_language(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(run_status(capsys, "--state", "TR", "NO", "--state", "DE", "--lang", "nb", "--format", "json"))
    assert [row["name"] for row in rows] == ["Tyrkia", "Norge", "Tyskland"]


def test_a_state_without_a_source_has_status_none_and_is_unverified(capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = json.loads(run_status(capsys, "--state", "BR", "--format", "json"))
    assert (row["status"], row["confidence"], row["sources"]) == ("none", "from-memory", [])


def test_the_table_ends_with_the_counts_for_that_day(capsys: pytest.CaptureFixture[str]) -> None:
    lines = run_status(capsys, "--on", "2019-06-04").splitlines()
    assert lines[0].split() == "Code State Status Signed Ratified In force Left Reservations Confidence".split()
    assert lines[-1] == (
        "On 4 June 2019: 33 Parties, 13 signatories, 0 former Parties, 10 none; ratified and not yet bound: IE."
    )


def test_the_csv_can_be_read_by_a_standard_csv_reader(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(run_status(capsys, "--on", "2019-06-04", "--format", "csv"))))
    assert list(rows[0]) == KEYS
    assert sum(row["status"] == "party" for row in rows) == 33


def test_the_day_defaults_to_today(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Türkiye" in run_status(capsys, "--state", "TR")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--on", "2019-6-04"], "samsvar: “2019-6-04” is not a date."),
        (["--on", "2019-02-30"], "samsvar: “2019-02-30” is not a date."),
        (["--on", "2019-06"], "samsvar: “2019-06” is not a date. Enter a full date, for example 2019-06-04."),
        (["--state", "QQ"], "samsvar: “QQ” is not a country code."),
        (["--state", "XA"], "samsvar: “XA” is not a country code."),
    ],
)
def test_wrong_arguments_exit_with_2_and_explain_the_error(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["status", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(said)
    assert "Traceback" not in err


HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "list-parties-on-a-day.md"


def test_the_how_to_shows_the_real_output_and_its_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    console, python = re.findall(r"```(?:console|python)\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    command, *shown = console.splitlines()
    assert run_status(capsys, *command.removeprefix("$ samsvar status ").split()).splitlines()[: len(shown)] == shown
    exec(compile(python, str(HOW_TO), "exec"), {})
