"""Tests that the record of processing in the documentation matches the code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference/processing.md"


def test_the_record_of_processing_is_up_to_date(tmp_path):
    environment = {**os.environ, "SAMSVAR_DATA": str(tmp_path), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "tools/processing.py", "check"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_states_the_purpose_and_retention_period_of_each_table():
    text = PAGE.read_text(encoding="utf-8")
    held = text.split("## Categories of data")[1].split("## Automatic deletion")[0].split("\n### ")[1:]
    assert len(held) > 25
    for one in held:
        assert [line.partition(":")[0] for line in one.splitlines() if line.startswith("- ")] == [
            "- data subjects", "- what", "- used for", "- recipients", "- retention period", "- on erasure",
            "- in `my-data.json`", "- table",
        ]  # fmt: skip
